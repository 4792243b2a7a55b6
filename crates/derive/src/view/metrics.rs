//! Figures over many runs.

use hiveboard_wire::Timestamp;
use serde::Serialize;

use super::DurationFigures;

/// Figures of the runs in a window. A run that ended counts where its end lies; one that has not ended counts while it is open, and
/// where its last event lies once it is stuck.
#[derive(Debug, Clone, PartialEq, Default, Serialize, utoipa::ToSchema)]
pub struct TaskMetrics {
    pub summary: MetricsSummary,
    pub timeseries: Vec<MetricsBucket>,
    /// Present when a grouping was asked for.
    pub groups: Vec<MetricsGroup>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, utoipa::ToSchema)]
pub struct MetricsSummary {
    pub total_tasks: u64,
    pub completed: u64,
    pub failed: u64,
    /// Called off: neither completed nor failed, not in `success_rate`.
    pub cancelled: u64,
    /// Runs that were escalated, ended or not.
    pub escalated: u64,
    pub stuck: u64,
    pub processing: u64,
    pub waiting: u64,
    pub success_rate: Option<f64>,
    #[serde(flatten)]
    pub durations: DurationFigures,
    pub total_cost: Option<f64>,
    pub estimated_cost: Option<f64>,
    pub avg_cost_per_task: Option<f64>,
    pub llm_call_count: u64,
    pub total_tokens_in: u64,
    pub total_tokens_out: u64,
    pub error_count: u64,
}

/// Runs that ended between `timestamp` and the next bucket.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MetricsBucket {
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    pub tasks_completed: u64,
    pub tasks_failed: u64,
    #[serde(flatten)]
    pub durations: DurationFigures,
    pub success_rate: Option<f64>,
    pub cost: Option<f64>,
    pub llm_call_count: u64,
    pub error_count: u64,
    /// Runs ended.
    pub throughput: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MetricsGroup {
    /// The value of the dimension; `null` where runs have none.
    pub key: Option<String>,
    #[serde(flatten)]
    pub summary: MetricsSummary,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct ProjectStatsView {
    pub project_id: String,
    pub event_count: u64,
    pub agent_count: u64,
    pub tasks_completed_24h: u64,
    pub tasks_failed_24h: u64,
}
