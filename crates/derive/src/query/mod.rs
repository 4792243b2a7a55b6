//! Reading the projections: one file a noun.

mod agents;
mod failures;
mod kept;
mod matcher;
mod metrics;
mod pipelines;
mod projects;
mod run_view;
mod runs;
mod watch;

pub use agents::{AgentFilter, AgentSort};
pub use failures::{ErrorFilter, ErrorSort};
pub(crate) use matcher::run_holds;
pub use metrics::{Bucketing, GroupBy, MetricsQuery};
pub use projects::ProjectStatsQuery;
pub use runs::{InvalidCursor, RunFilter, RunPage, RunQuery, RunSort};
pub use watch::{AgentWatch, RunWatch};
