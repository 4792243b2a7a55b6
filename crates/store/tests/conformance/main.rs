//! The conformance suite on the embedded store, and what it alone has: files, damage, backups, indexes.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod backup;
mod beside;
mod compact;
mod damage;
mod dedup;
mod disk;
mod earlier;
mod lifecycle;
mod projections;
mod reprice;
mod retention;
mod search;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use hiveboard_store::{SqliteStore, StoreOptions};
use hiveboard_store_conformance::{Engine, Options, random};

/// Without background work and floor, so that tests see what they do.
fn options() -> StoreOptions {
    StoreOptions {
        free_space_floor_bytes: 0,
        checkpoint_interval: Duration::ZERO,
        compaction_interval: Duration::ZERO,
        ..StoreOptions::default()
    }
}

fn open(dir: &Path) -> SqliteStore {
    SqliteStore::open(dir, options()).expect("the store opens")
}

/// The embedded store in a directory of its own.
struct Embedded {
    root: tempfile::TempDir,
    dir: PathBuf,
    crashes: u32,
    options: StoreOptions,
}

impl Engine for Embedded {
    type Store = SqliteStore;

    fn new(wanted: Options) -> Self {
        let Options { dedup_days, query_time_limit, variant } = wanted;
        let mut options = StoreOptions { dedup_days, query_time_limit, ..options() };
        if let Some(variant) = variant {
            let recent = [1, 100, 1_000_000][variant as usize / 2 % 3];
            options = StoreOptions {
                few_blocks: [0, 300][variant as usize % 2],
                recent_references: recent,
                recent_sums: recent,
                // Small pieces, so that few events make many.
                search_stretch_events: 4,
                search_segment_stretches: 8,
                ..options
            };
            if variant / 6 % 2 == 1 {
                // The log goes into the file all the while.
                options.checkpoint_interval = Duration::from_millis(1);
                // And days that are over are written anew.
                options.compaction_interval = Duration::from_millis(1);
                options.log_limit_bytes = 256 << 10;
            }
        }
        let root = tempfile::tempdir().expect("a directory");
        let dir = root.path().join("0");
        Self { root, dir, crashes: 0, options }
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.dir, self.options.clone()).expect("the store opens")
    }

    fn crash(&mut self, store: SqliteStore) -> SqliteStore {
        self.crashes += 1;
        let next = self.root.path().join(self.crashes.to_string());
        copy(&self.dir, &next);
        drop(store);
        self.dir = next;
        self.open()
    }

    fn maintain(&self, store: &SqliteStore) {
        store.maintain().expect("there is room");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a new directory");
    for entry in std::fs::read_dir(from).expect("lists") {
        let entry = entry.expect("an entry");
        // The shared-memory index is rebuilt from the log after a crash.
        if !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copies");
        }
    }
}

mod suite {
    hiveboard_store_conformance::conformance!(crate::Embedded, []);
}
