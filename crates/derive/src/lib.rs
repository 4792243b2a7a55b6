//! Pure folds from events to what the board shows. No clock (`now` is always given), no async; the disk is read through
//! [`ColdRows`] alone.
//!
//! How the server uses it, one [`Projections`] a scope:
//!
//! - at start: [`Projections::restored`] from the rows on disk (written with [`Projections::VERSION`]), [`Projections::apply`] for every event above
//!   the watermark, then [`Projections::start`] once;
//! - for each event made durable, in order of `seq`, duplicates left out: [`Projections::apply`]; after a group
//!   [`Projections::settle`] for the agents touched; every 250 ms [`Projections::liveness_sweep`];
//! - now and then: [`Projections::archive_some`] moves runs that ended out of memory, [`Projections::forget_some_beyond`] bounds what is left,
//!   [`Projections::take_changes`] gives the rows to write behind the watermark;
//! - reading: [`Projections::agents`], [`Projections::agent`], [`Projections::agent_status`], [`Projections::runs`], [`Projections::run`],
//!   [`Projections::runs_of_task`], [`Projections::pipeline`], [`Projections::pipelines`],
//!   [`Projections::task_metrics`], [`Projections::project_stats`], [`Projections::errors`], [`Projections::agent_states`]; [`timeline::build`] for one run from its events.
//!
//! Everything derived is the same whatever the order of arrival; only liveness, `received_at` and `seq` are about arrival. Each
//! fold is a minimum, a maximum, a sum, a set, or the last by the order of events.

mod agenda;
mod agent;
mod aliases;
mod archive;
mod bounds;
mod clock_skew;
mod failures;
mod forgetting;
mod hash;
mod heartbeat;
mod interner;
mod issue;
mod last_write_wins;
mod liveness;
mod order_log;
mod packed;
mod persist;
mod plan;
mod projections;
mod query;
mod queue;
mod rows;
mod run;
mod run_sum;
mod sketch;
mod states;
mod status;
mod tally;
mod time_buckets;
pub mod timeline;
mod todo;
mod totals;
pub mod view;

pub use archive::{ArchiveLimits, ColdRowError, ColdRows, FIRST_COLD_TABLE};
pub use bounds::{Forgotten, MemoryLimits};
pub use failures::error_id;
pub use liveness::{Settled, StatusChange};
pub use persist::{Change, Changes, Restoring, UnreadableRow};
pub use projections::Projections;
pub use query::{
    AgentFilter, AgentSort, AgentWatch, Bucketing, ErrorFilter, ErrorSort, GroupBy, InvalidCursor, MetricsQuery,
    ProjectStatsQuery, RunFilter, RunPage, RunQuery, RunSort, RunWatch,
};
