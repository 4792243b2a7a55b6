//! What the server asks of a storage engine, in four parts.

use std::ops::ControlFlow;

use hiveboard_wire::{CallCost, EventId, Scope, StoredEvent, Timestamp};

use crate::{
    Appended, Batch, CallFilter, CallGroups, CallRow, CallSort, Checkpoint, Damage, Dimension, EventFilter, EventPage,
    FailureBucket, Position, ProjectionRow, Result, Retired, SpanUsage, StoreStats,
};

/// The way in, and all of it again.
///
/// `append` has one caller at a time (the writer), everything else may be called from many threads beside it. All methods block; callers on an
/// async runtime use a blocking pool.
pub trait EventLog: Send + Sync + 'static {
    /// Appends all batches in one durable commit: when it returns `Ok`, a power cut loses nothing of them.
    /// Answers one [`Appended`] a batch, in order. On error nothing was stored, and nothing counts as seen.
    fn append(&self, batches: Vec<Batch>) -> Result<Vec<Appended>>;

    /// Visits every event after a place, in order, with what a model call cost as it was appended. An error is an error: what was
    /// visited before it is not all.
    fn replay(&self, after: Position, visit: &mut dyn FnMut(Scope, StoredEvent, Option<CallCost>)) -> Result<()>;

    /// The place of the last event stored; the start when empty.
    fn head(&self) -> Position;
}

/// Typed queries. Each is cancelled as a whole when it takes longer than the engine allows; the scans are not, for whom they serve waits.
pub trait EventReader: Send + Sync + 'static {
    /// Events in or against the order of commits, at most `page.limit`.
    fn events(&self, scope: Scope, filter: &EventFilter, page: EventPage) -> Result<Vec<StoredEvent>>;

    /// Visits all events that meet the filter with what calls cost, oldest first, holding a block of them in memory at a time. Ends early when the visitor breaks.
    fn scan_events(
        &self,
        scope: Scope,
        filter: &EventFilter,
        after: Position,
        visit: &mut dyn FnMut(StoredEvent, Option<CallCost>) -> ControlFlow<()>,
    ) -> Result<()>;

    /// Tells whether a page may have left something out: while a damaged part of what is stored after a place waits to be saved (`None`), and
    /// when the number is another after reading than it was before.
    fn whole_after(&self, after: Position) -> Option<u64>;

    /// A page of the events of a task's runs of one agent, or of one run when `task_run_id` is given. A page costs what it holds, wherever in
    /// the run it begins.
    fn task_events(
        &self,
        scope: Scope,
        agent_id: &str,
        task_id: &str,
        task_run_id: Option<&str>,
        page: EventPage,
    ) -> Result<Vec<StoredEvent>>;

    /// The event of an id, with what it cost as it was appended where it is a model call. The latest to arrive, where ids were forgotten between two.
    fn event(&self, scope: Scope, event_id: &EventId) -> Result<Option<(StoredEvent, Option<CallCost>)>>;

    /// Model calls, sorted; where to go on stands in `sort`.
    fn calls(&self, scope: Scope, filter: &CallFilter, sort: CallSort, limit: usize) -> Result<Vec<CallRow>>;

    /// Totals of the model calls, grouped by the dimensions and, when given, by time bucket of that many microseconds.
    /// Without dimensions and bucket: exactly one group. Of more combinations of values than `most`, those that cost most (over all buckets) stay
    /// apart, and the others are one total.
    fn call_groups(
        &self,
        scope: Scope,
        filter: &CallFilter,
        by: &[Dimension],
        bucket_micros: Option<i64>,
        most: usize,
    ) -> Result<CallGroups>;

    /// Failures (`task_failed`, `action_failed`, failed plan steps) a time bucket.
    fn failures(&self, scope: Scope, filter: &CallFilter, bucket_micros: i64) -> Result<Vec<FailureBucket>>;
}

/// The projections' rows behind a watermark. Nothing in it is the only copy of anything.
pub trait ProjectionStore: Send + Sync + 'static {
    /// `None` when there is no projection yet.
    fn checkpoint(&self) -> Result<Option<Checkpoint>>;

    /// Visits all rows of tables below [`FIRST_COLD_TABLE`](crate::FIRST_COLD_TABLE).
    fn load_projections(&self, visit: &mut dyn FnMut(ProjectionRow)) -> Result<()>;

    /// The value of one row, as last saved. May be called from many threads, also while rows are being saved.
    fn projection_row(&self, scope: Scope, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>>;

    /// Writes rows and checkpoint in one transaction. Not fsynced: events are the truth, and what is lost is replayed.
    fn save_projections(&self, rows: &[ProjectionRow], checkpoint: Checkpoint) -> Result<()>;

    /// Drops all projection rows and the checkpoint.
    fn clear_projections(&self) -> Result<()>;
}

/// Looking after it.
pub trait StoreAdmin: Send + Sync + 'static {
    fn stats(&self) -> Result<StoreStats>;

    /// The stretches of arrival that the engine keeps apart and can let go as a whole, oldest first, with who takes how much room in them.
    fn usage(&self) -> Result<Vec<SpanUsage>>;

    /// Deletes what `expired` says of a scope and the end of a span, and gives the disk its space back, in steps that no append waits for. Queries
    /// under way finish first, or on what they hold. Spans whose event ids are still known stay, whatever it says.
    fn retire(&self, expired: &dyn Fn(Scope, Timestamp) -> bool) -> Result<Retired>;

    /// Deletes all events of scopes, whatever their age, and their projections' rows: what nobody may see any more. The span that takes what arrives
    /// keeps them until it is over. To be called again until nothing is left.
    fn erase(&self, is_erased: &dyn Fn(Scope) -> bool) -> Result<Retired>;

    /// What was found damaged since the store was made, and is not tidied up yet. The rest is served.
    fn damages(&self) -> Vec<Damage>;

    /// Reads everything and verifies it; the list of what is wrong, empty when sound.
    fn check(&self) -> Result<Vec<String>>;

    /// Checkpoints and closes files for a graceful stop.
    fn close(&self) -> Result<()>;
}

/// A storage engine: all four parts.
pub trait EventStore: EventLog + EventReader + ProjectionStore + StoreAdmin {}

impl<T: EventLog + EventReader + ProjectionStore + StoreAdmin> EventStore for T {}
