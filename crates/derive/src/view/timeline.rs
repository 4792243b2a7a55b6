//! The story of one run.

use hiveboard_wire::Timestamp;
use serde::Serialize;

use super::{EventRow, EventView, PlanView, RetryStretch, SpanView, StepView, TaskView};

/// The run's figures, its events in order, and what they add up to.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TimelineView {
    #[serde(flatten)]
    pub task: TaskView,
    /// The newest runs of this agent's task, newest first; `/v1/tasks?task_id=` lists all.
    pub runs: Vec<TaskView>,
    /// How many runs there are.
    pub runs_total: u64,
    /// `seq` of the newest event of the run that this answer knows: what `after_seq` goes on from.
    pub seq: u64,
    /// In order. With `after_seq`: those that arrived after it, by `seq`.
    #[schema(value_type = Vec<EventView>)]
    pub events: Vec<EventRow>,
    /// Like all that follows about the whole run, on the first page alone; with `after_seq` where anything changed.
    pub action_tree: Vec<ActionNode>,
    /// The run as one tree, depth first. With `after_seq`: those that changed, unless `spans_complete`.
    pub spans: Vec<SpanView>,
    /// `spans` is all of them; otherwise those given replace or join the ones known.
    pub spans_complete: bool,
    /// With `after_seq`: spans that are no more.
    pub removed_span_ids: Vec<String>,
    /// The run told in order of time.
    pub steps: Vec<StepView>,
    pub retry_stretches: Vec<RetryStretch>,
    pub error_chains: Vec<ErrorChain>,
    pub plan: Option<PlanView>,
    pub time_breakdown: TimeBreakdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionStatus {
    /// Started, not ended, and its run is open.
    Running,
    Completed,
    Failed,
    /// Started, and its run ended or went silent without it.
    Unfinished,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ActionNode {
    pub action_id: String,
    pub name: Option<String>,
    pub status: ActionStatus,
    /// Of the start; worked out from the end when only that is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Of the end event; else the time between start and end; `null` while unfinished.
    pub duration_ms: Option<f64>,
    pub exception_type: Option<String>,
    pub exception_message: Option<String>,
    #[schema(no_recursion)]
    pub children: Vec<ActionNode>,
}

/// A failure with what led to it: earlier attempts and the retries between them, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ErrorChain {
    /// The last event of the chain.
    pub event_id: String,
    /// Of the failed action, step or task.
    pub name: Option<String>,
    /// Whether a later attempt of the same thing succeeded.
    pub recovered: bool,
    pub links: Vec<ChainLink>,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ChainLink {
    pub event_id: String,
    #[schema(value_type = String)]
    pub event_type: hiveboard_wire::EventType,
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    pub action_id: Option<String>,
    pub name: Option<String>,
    pub exception_type: Option<String>,
    /// The exception's message, or the event's summary.
    pub message: Option<String>,
}

/// Where the time of a run went, milliseconds. Each instant counts once: waiting for people before back-off before model calls before
/// actions; what is left is `other_ms`. The parts add up to `total_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, utoipa::ToSchema)]
pub struct TimeBreakdown {
    pub llm_ms: f64,
    pub actions_ms: f64,
    pub waiting_ms: f64,
    pub backoff_ms: f64,
    pub other_ms: f64,
    pub total_ms: f64,
}
