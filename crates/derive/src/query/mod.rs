//! Reading the projections: one file a noun.

mod agents;
mod metrics;
mod pipelines;
mod projects;
mod runs;

pub use agents::{AgentFilter, AgentSort};
pub use metrics::GroupBy;
pub use runs::{InvalidCursor, RunFilter, RunPage, RunSort};
