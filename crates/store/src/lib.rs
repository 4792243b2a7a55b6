//! Where events live.
//!
//! [`EventStore`] is the whole of what the server asks of a storage engine, in four parts: append durably and replay ([`EventLog`]), read by
//! typed queries ([`EventReader`]), keep the projections' rows behind a watermark ([`ProjectionStore`]), and look after it ([`StoreAdmin`]).
//! [`SqliteStore`] is the embedded implementation; one for another engine passes the same conformance suite (`hiveboard-store-conformance`).

#[doc(hidden)]
pub mod fuzzing;
mod options;
mod position;
pub mod query;
mod sqlite;
mod traits;

use std::sync::Arc;

use hiveboard_wire::{Body, CallCost, Envelope, Event, Scope, StoredEvent, Timestamp};

pub use options::StoreOptions;
pub use position::Position;
pub use query::{
    CallFilter, CallGroup, CallGroups, CallRow, CallSort, CallTotals, Dimension, EventFilter, EventPage, FailureBucket,
};
pub use sqlite::{
    BackedUp, Backup, Checked, EventsBeside, Repriced, Repricing, SqliteStore, backup, check, damages, free_bytes,
    reprice, restore, user_of,
};
pub use traits::{EventLog, EventReader, EventStore, ProjectionStore, StoreAdmin};

/// One batch to append: events of one agent that arrived together.
#[derive(Debug, Clone)]
pub struct Batch {
    pub scope: Scope,
    pub envelope: Arc<Envelope>,
    pub received_at: Timestamp,
    /// The place of its first event, those that follow it take the next ones: where a log has numbered them before they are stored. `None`: the
    /// store numbers what is new by itself, without a gap.
    pub position: Option<Position>,
    pub events: Vec<Incoming>,
}

#[derive(Debug, Clone)]
pub struct Incoming {
    pub event: Event,
    pub body: Body,
    /// Set exactly when `body` is a model call.
    pub call_cost: Option<CallCost>,
}

/// What was new in a [`Batch`], in order. Repeated events (within the batch, too) are left out and counted.
#[derive(Debug, Clone, Default)]
pub struct Appended {
    pub fresh: Vec<Fresh>,
    pub duplicates: usize,
    /// Places in the batch of those repeated events that say something else than the stored one of the same id.
    pub differing: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct Fresh {
    pub stored: StoredEvent,
    pub body: Body,
    pub call_cost: Option<CallCost>,
}

/// A row of a projection, opaque to the store. `value: None` deletes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionRow {
    pub scope: Scope,
    /// Which projection; numbers belong to the caller. Rows of those from [`FIRST_COLD_TABLE`] on are not loaded at start.
    pub table: u8,
    pub key: Vec<u8>,
    pub value: Option<Vec<u8>>,
}

/// Rows of projection tables from this number on are read one by one, by [`EventStore::projection_row`].
pub const FIRST_COLD_TABLE: u8 = 64;

/// What the projections on disk know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// All events up to and including this one are folded into the rows.
    pub watermark: Position,
    /// The last time the server was known to run, by its own clock.
    pub alive_at: Timestamp,
    /// Version of the rows' encoding, given by the caller; another one means: rebuild.
    pub version: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreStats {
    pub events: u64,
    pub head: Position,
    /// How many stretches of arrival are kept apart: see [`StoreAdmin::usage`].
    pub spans: u32,
    /// Of all files of the store, write-ahead logs included.
    pub disk_bytes: u64,
    /// What the disk has left.
    pub free_bytes: u64,
    pub dedup_ids: u64,
    pub dedup_bytes: u64,
    /// Connections kept for the next query.
    pub idle_readers: u32,
}

/// A stretch of arrival that is kept apart from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// By arrival, inclusive.
    pub from: Timestamp,
    /// By arrival, exclusive.
    pub until: Timestamp,
    pub events: u64,
    /// On disk, write-ahead log included.
    pub bytes: u64,
}

/// Who takes how much room in a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanUsage {
    pub span: Span,
    pub scopes: Vec<ScopeUsage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeUsage {
    pub scope: Scope,
    pub events: u64,
    /// The events themselves, as they lie on disk.
    pub event_bytes: u64,
    /// Its share of everything that finds events and sums figures.
    pub index_bytes: u64,
}

/// A file that is damaged, or was, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Damage {
    pub file: String,
    pub what: String,
}

/// What went with a [`StoreAdmin::retire`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retired {
    pub spans: u32,
    pub events: u64,
    pub bytes: u64,
}

impl std::ops::AddAssign for Retired {
    fn add_assign(&mut self, more: Self) {
        self.spans += more.spans;
        self.events += more.events;
        self.bytes += more.bytes;
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full, or below the free-space floor. Nothing was stored.
    #[error("storage is full: {0}")]
    Full(String),
    /// The data directory or a file cannot be used: another server has it, it is of a newer version. Says what to do.
    #[error("{0}")]
    Unusable(String),
    /// A file is damaged. What can be read of it is saved, and the rest served.
    #[error("damaged: {0}")]
    Damaged(String),
    /// The projections' rows were damaged and are gone; they are folded anew from the events at the next start. Events are not concerned.
    #[error("the derived state on disk was damaged, and is folded anew from the events at the next start")]
    ProjectionsLost,
    /// The query took longer than allowed and was cancelled.
    #[error("the query took too long and was cancelled")]
    TimedOut,
    /// The engine cannot be reached, or does not serve now. It is not known whether what was to be stored is; to be tried again.
    #[error("storage is away: {0}")]
    Away(String),
    #[error("storage failed: {0}")]
    Failed(String),
}

pub type Result<T, E = StoreError> = std::result::Result<T, E>;
