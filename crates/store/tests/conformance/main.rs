//! What every storage engine has to do, run on each: today the embedded one.
//!
//! [`model`] answers every query by looking at a plain list; [`random`] makes events that collide, repeat, come late and mix scopes.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod backup;
mod damage;
mod dedup;
mod disk;
mod earlier;
mod lifecycle;
mod model;
mod pages;
mod projections;
mod random;
mod reprice;
mod retention;
mod search;
mod versus_model;

use std::path::Path;

use hiveboard_store::{SqliteStore, StoreOptions};

/// Without background work and floor, so that tests see what they do.
fn options() -> StoreOptions {
    StoreOptions {
        free_space_floor_bytes: 0,
        checkpoint_interval: std::time::Duration::ZERO,
        ..StoreOptions::default()
    }
}

fn open(dir: &Path) -> SqliteStore {
    SqliteStore::open(dir, options()).expect("the store opens")
}
