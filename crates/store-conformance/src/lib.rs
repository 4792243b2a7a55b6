//! What every storage engine has to do, run on each: an engine implements [`Engine`] in its tests and calls [`conformance!`].
//!
//! [`model`] answers every query by looking at a plain list; [`random`] makes events that collide, repeat, come late and mix scopes;
//! [`versus_model`] holds an engine to the list. What an engine does in its own way (files, damage, backups) is tested beside it.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

pub mod compare;
pub mod dedup;
pub mod lifecycle;
mod list;
pub mod model;
pub mod pages;
pub mod projections;
pub mod random;
pub mod retention;
pub mod search;
pub mod versus_model;

use std::time::Duration;

use hiveboard_store::EventStore;

/// A storage engine under test, with a place of its own for what it stores.
pub trait Engine: Sized {
    type Store: EventStore;

    /// Nothing is stored yet.
    fn new(options: Options) -> Self;

    /// Opens what is stored. The one opened before is gone.
    fn open(&self) -> Self::Store;

    /// Leaves a store as a crash would, and opens what that left.
    fn crash(&mut self, store: Self::Store) -> Self::Store;

    /// Does now what is done in the background.
    fn maintain(&self, store: &Self::Store);
}

/// What tests set of an engine.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many days after its day of arrival an event id is known.
    pub dedup_days: u16,
    /// A query that runs longer is cancelled.
    pub query_time_limit: Duration,
    /// Where an engine can do its work in more than one way, by how much there is of something: which of the ways, by any number. `None` leaves
    /// it to the engine.
    pub variant: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self { dedup_days: 7, query_time_limit: Duration::from_secs(20), variant: None }
    }
}
