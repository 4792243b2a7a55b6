//! Where events live.
//!
//! [`EventStore`] is the whole of what the server asks of a storage engine: append durably, read by typed queries, replay, and keep
//! the projections' rows behind a watermark. [`SqliteStore`] is the embedded implementation; one for
//! another engine passes the same conformance suite.

mod options;
pub mod query;
mod sqlite;

use std::sync::Arc;

use hiveboard_wire::{Body, CallCost, Envelope, Event, Scope, StoredEvent, Timestamp};

pub use options::StoreOptions;
pub use query::{
    CallFilter, CallGroup, CallRow, CallSort, CallTotals, Dimension, EventFilter, EventPage, FailureBucket,
};
pub use sqlite::SqliteStore;

/// One batch to append: events of one agent that arrived together.
#[derive(Debug, Clone)]
pub struct Group {
    pub scope: Scope,
    pub envelope: Arc<Envelope>,
    pub received_at: Timestamp,
    pub events: Vec<Incoming>,
}

#[derive(Debug, Clone)]
pub struct Incoming {
    pub event: Event,
    pub body: Body,
    /// Set exactly when `body` is a model call.
    pub call_cost: Option<CallCost>,
}

/// What was new in a [`Group`], in order. Repeated events (within the batch, too) are left out and counted.
#[derive(Debug, Clone, Default)]
pub struct Appended {
    pub fresh: Vec<Fresh>,
    pub duplicates: usize,
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
    /// Which projection; numbers belong to the caller.
    pub table: u8,
    pub key: Vec<u8>,
    pub value: Option<Vec<u8>>,
}

/// What the projections on disk know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// All events up to and including this `seq` are folded into the rows.
    pub watermark: u64,
    /// The last time the server was known to run, by its own clock.
    pub alive_at: Timestamp,
    /// Version of the rows' encoding, given by the caller; another one means: rebuild.
    pub version: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreStats {
    pub events: u64,
    pub head_seq: u64,
    pub day_files: u32,
    /// Of all files of the store, write-ahead logs included.
    pub disk_bytes: u64,
    pub dedup_ids: u64,
    pub dedup_bytes: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full, or below the free-space floor. Nothing was stored.
    #[error("storage is full: {0}")]
    Full(String),
    /// A file is damaged or of a newer version; says what to do.
    #[error("{0}")]
    Unusable(String),
    /// The query took longer than allowed and was cancelled.
    #[error("the query took too long and was cancelled")]
    TimedOut,
    #[error("storage failed: {0}")]
    Failed(String),
}

pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// The storage engine of events.
///
/// All methods block; callers on an async runtime use a blocking pool. `append` has one caller at a time (the pipeline's writer), everything
/// else may be called from many threads beside it.
pub trait EventStore: Send + Sync + 'static {
    /// Appends all groups in one durable commit: when it returns `Ok`, a power cut loses nothing of them.
    /// Answers one [`Appended`] a group, in order. On error nothing was stored, and nothing counts as seen.
    fn append(&self, groups: Vec<Group>) -> Result<Vec<Appended>>;

    /// Events by descending or ascending `seq`, at most `page.limit`.
    fn events(&self, scope: Scope, filter: &EventFilter, page: EventPage) -> Result<Vec<StoredEvent>>;

    /// All events of a task's runs of one agent (or of one run when `task_run_id` is given), by `seq`, at most `limit`.
    fn task_events(
        &self,
        scope: Scope,
        agent_id: &str,
        task_id: &str,
        task_run_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>>;

    /// Model calls, sorted; `offset` for sorts by figure, `before`/`after` cursors for those by time live in `filter`.
    fn calls(&self, scope: Scope, filter: &CallFilter, sort: CallSort, limit: usize) -> Result<Vec<CallRow>>;

    /// Totals of the model calls, grouped by the dimensions and, when given, by time bucket of that many microseconds.
    /// Without dimensions and bucket: exactly one group.
    fn call_groups(
        &self,
        scope: Scope,
        filter: &CallFilter,
        by: &[Dimension],
        bucket_micros: Option<i64>,
    ) -> Result<Vec<CallGroup>>;

    /// Failures (`task_failed`, `action_failed`, failed plan steps) a time bucket.
    fn failures(&self, scope: Scope, filter: &CallFilter, bucket_micros: i64) -> Result<Vec<FailureBucket>>;

    /// Visits every event with `seq > after` in order of `seq`, with what a model call cost as it was appended.
    fn replay(&self, after: u64, visit: &mut dyn FnMut(Scope, StoredEvent, Option<CallCost>)) -> Result<()>;

    /// Greatest `seq` stored; 0 when empty.
    fn head_seq(&self) -> u64;

    /// `None` when there is no projection yet.
    fn checkpoint(&self) -> Result<Option<Checkpoint>>;

    fn load_projections(&self, visit: &mut dyn FnMut(ProjectionRow)) -> Result<()>;

    /// Writes rows and checkpoint in one transaction. Not fsynced: events are the truth, and what is lost is replayed.
    fn save_projections(&self, rows: Vec<ProjectionRow>, checkpoint: Checkpoint) -> Result<()>;

    /// Drops all projection rows and the checkpoint.
    fn clear_projections(&self) -> Result<()>;

    /// The days of arrival (since the epoch, UTC) that are kept, oldest first.
    fn days(&self) -> Vec<i64>;

    /// Deletes all events that arrived on a day and gives the disk its space back. Queries under way finish first, or on what they hold.
    /// `false` when there is no such day, or it is the newest, which always stays.
    fn retire_day(&self, day: i64) -> Result<bool>;

    fn stats(&self) -> Result<StoreStats>;

    /// Reads everything and verifies it; the list of what is wrong, empty when sound.
    fn check(&self) -> Result<Vec<String>>;

    /// Checkpoints and closes files for a graceful stop.
    fn close(&self) -> Result<()>;
}
