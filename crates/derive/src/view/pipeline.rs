//! What waits for an agent and what it worries about.

use hiveboard_wire::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Queue, to-dos, schedule and issues of one agent.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PipelineView {
    pub agent_id: String,
    /// `null` when the agent never sent a snapshot.
    pub queue: Option<QueueView>,
    pub todos: TodosView,
    /// `null` when the agent never reported a schedule.
    pub scheduled: Option<ScheduledView>,
    pub issues: IssuesView,
}

/// The latest snapshot of the queue.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct QueueView {
    pub depth: u64,
    pub oldest_age_seconds: Option<f64>,
    /// As sent.
    #[schema(value_type = Vec<Object>)]
    pub items: Vec<Value>,
    /// As sent.
    #[schema(value_type = Option<Object>)]
    pub processing: Option<Value>,
    #[schema(value_type = String, format = DateTime)]
    pub snapshot_at: Timestamp,
    /// How old the snapshot is.
    pub snapshot_age_seconds: f64,
}

/// Active ones first, then by time, newest first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, utoipa::ToSchema)]
pub struct TodosView {
    pub active_count: u64,
    pub completed_count: u64,
    pub items: Vec<TodoView>,
    /// Those that had to go because the agent has too many: closed ones first, the oldest first.
    pub dropped_count: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TodoView {
    pub todo_id: String,
    /// The latest action; `created` when none was named.
    pub action: String,
    pub summary: Option<String>,
    pub priority: Option<String>,
    pub source: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub context: Option<Value>,
    pub due_by: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// The latest report of the schedule.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ScheduledView {
    /// As sent.
    #[schema(value_type = Vec<Object>)]
    pub items: Vec<Value>,
    #[schema(value_type = String, format = DateTime)]
    pub reported_at: Timestamp,
}

/// Open ones first, then by severity, then newest first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, utoipa::ToSchema)]
pub struct IssuesView {
    pub items: Vec<IssueView>,
    /// Those that had to go because the agent has too many: closed ones first, the oldest first.
    pub dropped_count: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssueStatus {
    Open,
    Resolved,
    Dismissed,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct IssueView {
    pub issue_id: String,
    pub summary: Option<String>,
    /// As reported; `medium` when the report names none.
    pub severity: String,
    pub category: Option<String>,
    pub status: IssueStatus,
    pub occurrences: u64,
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    #[schema(value_type = Option<Object>)]
    pub context: Option<Value>,
}
