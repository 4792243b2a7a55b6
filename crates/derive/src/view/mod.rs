//! What the API answers: every shape once, with the contract's field names.
//!
//! Times are RFC 3339 in UTC with six digits, durations milliseconds, money US dollars; `null` where nothing was reported.

mod agent;
mod event;
mod failure;
mod metrics;
mod pipeline;
mod plan;
mod states;
mod status;
mod story;
mod task;
mod timeline;

pub use agent::{
    AgentDetailView, AgentStatsDay, AgentStatsHour, AgentView, HeartbeatView, InstanceView, SeriesPoint, StatusView,
    VersionView,
};
pub use event::{EventRow, EventView};
pub use failure::{ErrorAgent, ErrorExample, ErrorVersion, ErrorView};
pub use metrics::{MetricsBucket, MetricsGroup, MetricsSummary, ProjectStatsView, TaskMetrics};
pub use pipeline::{IssueStatus, IssueView, IssuesView, PipelineView, QueueView, ScheduledView, TodoView, TodosView};
pub use plan::{PlanProgress, PlanRevisionView, PlanStepState, PlanStepView, PlanView};
pub use states::{AgentStateView, StateKind, StateSpanView, StateTotal};
pub use status::{AgentStatus, Liveness, TaskStatus};
pub use story::{
    ExceptionSpan, HumanSpan, LlmSpan, RetryStretch, SpanKind, SpanOutcome, SpanView, StemView, StepArrival, StepShape,
    StepTone, StepView,
};
pub use task::{TaskView, WaitingView};
pub use timeline::{ActionNode, ActionStatus, ChainLink, ErrorChain, TimeBreakdown, TimelineView};

/// Percentiles and mean of durations; all `null` when there were none.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, utoipa::ToSchema)]
pub struct DurationFigures {
    pub avg_duration_ms: Option<f64>,
    pub p50_duration_ms: Option<f64>,
    pub p95_duration_ms: Option<f64>,
    pub p99_duration_ms: Option<f64>,
}

/// Completed over ended, 0–1; `None` when nothing ended.
pub(crate) fn success_rate(completed: u64, failed: u64) -> Option<f64> {
    ratio(completed, completed + failed)
}

pub(crate) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
