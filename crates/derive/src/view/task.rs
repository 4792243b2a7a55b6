//! A run of a task, as lists show it.

use hiveboard_wire::Timestamp;
use serde::Serialize;

use super::{PlanProgress, TaskStatus};

/// An approval that was asked for and is not given yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WaitingView {
    /// What is to be approved, in the agent's words.
    pub summary: Option<String>,
    /// Who was asked.
    pub approver: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Of the request.
    pub event_id: String,
}

/// One run of a task.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TaskView {
    pub task_id: String,
    /// `""` when the client sent none.
    pub task_run_id: String,
    pub task_type: Option<String>,
    pub agent_id: String,
    pub agent_version: Option<String>,
    pub environment: String,
    pub group: String,
    pub project_id: Option<String>,
    pub correlation_id: Option<String>,
    pub derived_status: TaskStatus,
    /// By the agent's clock; of a stuck run by the server's.
    #[schema(value_type = String, format = DateTime)]
    pub status_since: Timestamp,
    /// Of the failure that ended it.
    pub exception_type: Option<String>,
    pub exception_message: Option<String>,
    /// What an open run waits for a person to decide.
    pub waiting: Option<WaitingView>,
    /// Of the run's first event.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// Of the latest end; `null` while the run is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub last_event_at: Timestamp,
    pub duration_ms: f64,
    pub action_count: u32,
    /// Failed actions, plan steps and the failed task itself.
    pub error_count: u32,
    /// What of them went wrong by itself, each cause once, as `GET /v1/errors` counts: what failed because something inside of it did is left out. Failed plan steps count
    /// where nothing else failed.
    pub cause_count: u32,
    pub retry_count: Option<u32>,
    pub llm_call_count: Option<u32>,
    pub total_tokens_in: Option<u64>,
    pub total_tokens_out: Option<u64>,
    /// Reported plus estimated, US dollars.
    pub total_cost: Option<f64>,
    /// The estimated part of `total_cost`.
    pub estimated_cost: Option<f64>,
    pub has_escalation: bool,
    pub has_human_intervention: bool,
    pub plan_progress: Option<PlanProgress>,
}
