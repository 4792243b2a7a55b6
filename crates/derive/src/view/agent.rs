//! An agent, as the Hive and its own page show it.

use hiveboard_wire::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{AgentStatus, DurationFigures, Liveness};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AgentView {
    pub agent_id: String,
    pub agent_type: String,
    pub agent_version: Option<String>,
    pub framework: String,
    pub runtime: Option<String>,
    pub sdk_version: Option<String>,
    pub environment: String,
    pub group: String,
    pub derived_status: AgentStatus,
    /// By the server's clock.
    #[schema(value_type = String, format = DateTime)]
    pub status_since: Timestamp,
    pub liveness: Liveness,
    /// How far its clock is off: arrival minus timestamp, the median of the latest arrivals; negative when it is ahead, `null` while small.
    pub clock_skew_ms: Option<i64>,
    pub current_task_id: Option<String>,
    pub current_task_run_id: Option<String>,
    pub current_project_id: Option<String>,
    /// Arrival of the latest heartbeat, by the server's clock.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_heartbeat: Option<Timestamp>,
    pub heartbeat_age_seconds: Option<f64>,
    pub heartbeat_interval_seconds: Option<f64>,
    pub is_stuck: bool,
    pub stuck_threshold_seconds: f64,
    /// Arrival of the first event, by the server's clock.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// Arrival of the latest event, by the server's clock.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    pub projects: Vec<String>,
    pub heartbeat_summary: Option<String>,
    /// Events in twelve five-minute slots, heartbeats included, oldest first.
    #[schema(value_type = Vec<u32>)]
    pub sparkline_1h: [u32; 12],
    pub stats_1h: AgentStatsHour,
}

/// What an agent did in the last hour.
#[derive(Debug, Clone, PartialEq, Default, Serialize, utoipa::ToSchema)]
pub struct AgentStatsHour {
    pub tasks_completed: u64,
    pub tasks_failed: u64,
    pub success_rate: Option<f64>,
    #[serde(flatten)]
    pub durations: DurationFigures,
    pub total_cost: Option<f64>,
    pub estimated_cost: Option<f64>,
    pub llm_call_count: u64,
    /// `null` where none were reported.
    pub total_tokens_in: Option<u64>,
    pub total_tokens_out: Option<u64>,
    pub error_count: u64,
    /// Runs ended.
    pub throughput: u64,
    /// Of the latest snapshot.
    pub queue_depth: Option<u64>,
    pub active_issues: u64,
    /// The most pressing severity among them; `null` without any.
    pub worst_issue: Option<String>,
}

/// What an agent did in the last 24 hours.
#[derive(Debug, Clone, PartialEq, Default, Serialize, utoipa::ToSchema)]
pub struct AgentStatsDay {
    #[serde(flatten)]
    pub base: AgentStatsHour,
    /// Runs that were escalated, of those that ended.
    pub escalation_rate: Option<f64>,
    /// Runs with an error in them, of those that ended.
    pub error_rate: Option<f64>,
    /// Runs that completed in spite of errors, of those with errors.
    pub recovery_rate: Option<f64>,
    pub actions_per_task: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SeriesPoint {
    /// Start of the slot.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    pub tasks_completed: u64,
    pub tasks_failed: u64,
    #[serde(flatten)]
    pub durations: DurationFigures,
    pub cost: Option<f64>,
    pub llm_call_count: u64,
    pub error_count: u64,
    pub event_count: u64,
    /// Runs ended.
    pub throughput: u64,
}

#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HeartbeatView {
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    pub summary: Option<String>,
    /// `null` when it had none, or was too large to keep at hand (then the event has it).
    #[schema(value_type = Option<Object>)]
    pub payload: Option<Box<RawValue>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct InstanceView {
    pub instance_id: String,
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// Silent for longer than the agent's threshold.
    pub is_silent: bool,
    pub open_runs: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct VersionView {
    /// `null` for runs whose client named none.
    pub version: Option<String>,
    /// Of the first run's first event.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    pub tasks_completed: u64,
    pub tasks_failed: u64,
    pub success_rate: Option<f64>,
    #[serde(flatten)]
    pub durations: DurationFigures,
    pub total_cost: Option<f64>,
    pub avg_cost_per_task: Option<f64>,
    pub error_count: u64,
    pub escalation_rate: Option<f64>,
}

#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AgentDetailView {
    #[serde(flatten)]
    pub agent: AgentView,
    pub stats_24h: AgentStatsDay,
    /// The last 24 hours by the hour, oldest first; the first hour is there in part, so that all add up to `stats_24h`.
    pub timeseries: Vec<SeriesPoint>,
    /// Newest first, at most 20.
    pub recent_heartbeats: Vec<HeartbeatView>,
    pub instances: Vec<InstanceView>,
    /// Newest first.
    pub versions: Vec<VersionView>,
}

/// The cheap part of an agent: what changes with its status.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StatusView {
    pub agent_id: String,
    pub derived_status: AgentStatus,
    /// By the server's clock.
    #[schema(value_type = String, format = DateTime)]
    pub status_since: Timestamp,
    pub liveness: Liveness,
    pub clock_skew_ms: Option<i64>,
    pub is_stuck: bool,
    pub current_task_id: Option<String>,
    pub current_task_run_id: Option<String>,
    pub current_project_id: Option<String>,
    pub environment: String,
    pub group: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_heartbeat: Option<Timestamp>,
    pub heartbeat_age_seconds: Option<f64>,
    pub heartbeat_summary: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    pub stuck_threshold_seconds: f64,
}
