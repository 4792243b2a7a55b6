//! The story of one run.

use hiveboard_wire::Timestamp;
use serde::Serialize;

use super::{EventRow, EventView, PlanView, TaskView};

/// The run's figures, its events in order, and what they add up to.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TimelineView {
    #[serde(flatten)]
    pub task: TaskView,
    /// All runs of this agent's task, newest first.
    pub runs: Vec<TaskView>,
    #[schema(value_type = Vec<EventView>)]
    pub events: Vec<EventRow>,
    pub action_tree: Vec<ActionNode>,
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
