//! What the API answers, as far as commands look at it. Times are RFC 3339 in UTC, durations milliseconds, money US dollars; `None` where
//! nothing was reported.

use hiveboard_wire::Timestamp;
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Clone, Deserialize)]
pub struct Agent {
    pub agent_id: String,
    pub agent_type: String,
    pub agent_version: Option<String>,
    pub framework: String,
    pub environment: String,
    pub group: String,
    pub derived_status: String,
    pub status_since: Timestamp,
    pub liveness: String,
    pub current_task_id: Option<String>,
    pub current_task_run_id: Option<String>,
    pub heartbeat_age_seconds: Option<f64>,
    pub stuck_threshold_seconds: f64,
    pub last_seen: Timestamp,
    pub heartbeat_summary: Option<String>,
    pub sparkline_1h: Vec<u32>,
    pub stats_1h: AgentHour,
}

impl Agent {
    /// It said goodbye: nothing is expected of it.
    pub fn is_gone(&self) -> bool {
        self.liveness == "gone"
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct AgentHour {
    pub tasks_completed: u64,
    pub tasks_failed: u64,
    /// 0 to 1.
    pub success_rate: Option<f64>,
    pub avg_duration_ms: Option<f64>,
    pub p95_duration_ms: Option<f64>,
    pub total_cost: Option<f64>,
    pub llm_call_count: u64,
    pub queue_depth: Option<u64>,
    pub active_issues: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Task {
    pub task_id: String,
    pub task_run_id: String,
    pub task_type: Option<String>,
    pub agent_id: String,
    pub agent_version: Option<String>,
    pub environment: String,
    pub project_id: Option<String>,
    pub derived_status: String,
    pub status_since: Timestamp,
    pub exception_type: Option<String>,
    pub exception_message: Option<String>,
    pub waiting: Option<Waiting>,
    pub started_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub last_event_at: Timestamp,
    pub duration_ms: f64,
    pub action_count: u32,
    /// What failed, whatever of it only passed a failure on; lists are sorted by it.
    pub error_count: u32,
    /// Each cause once.
    pub cause_count: u32,
    pub retry_count: Option<u32>,
    pub llm_call_count: Option<u32>,
    pub total_tokens_in: Option<u64>,
    pub total_tokens_out: Option<u64>,
    pub total_cost: Option<f64>,
    pub estimated_cost: Option<f64>,
    pub plan_progress: Option<Progress>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Waiting {
    pub summary: Option<String>,
    pub approver: Option<String>,
    pub since: Timestamp,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Progress {
    pub completed: u32,
    pub total: u32,
}

/// The story of a run, without its events.
#[derive(Debug, Clone, Deserialize)]
pub struct Timeline {
    #[serde(flatten)]
    pub task: Task,
    pub runs: Vec<Task>,
    pub runs_total: u64,
    /// Depth first, siblings by when they began: the order of the waterfall.
    pub spans: Vec<Span>,
    pub error_chains: Vec<ErrorChain>,
    pub plan: Option<Plan>,
    pub time_breakdown: TimeBreakdown,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Span {
    pub span_id: String,
    pub depth: u32,
    pub kind: String,
    pub name: String,
    pub outcome: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub duration_ms: Option<f64>,
    pub summary: Option<String>,
    pub attempt: Option<u64>,
    pub llm: Option<LlmSpan>,
    pub human: Option<HumanSpan>,
    pub exception: Option<Exception>,
    pub backoff_ms: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct LlmSpan {
    pub model: Option<String>,
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    pub cost: Option<f64>,
    pub cost_source: Option<String>,
    pub prompt_preview: Option<String>,
    pub response_preview: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct HumanSpan {
    pub asked_of: Option<String>,
    pub answered_by: Option<String>,
    pub decision: Option<String>,
    pub answer: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Exception {
    pub exception_type: Option<String>,
    pub exception_message: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct ErrorChain {
    pub name: Option<String>,
    pub recovered: bool,
    pub links: Vec<ChainLink>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct ChainLink {
    pub event_type: String,
    pub timestamp: Timestamp,
    pub name: Option<String>,
    pub exception_type: Option<String>,
    pub message: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Plan {
    pub goal: Option<String>,
    pub revision: u32,
    pub steps: Vec<PlanStep>,
    pub progress: Progress,
}

#[derive(Debug, Clone, Deserialize)]
pub struct PlanStep {
    pub step_index: u32,
    pub description: Option<String>,
    pub action: String,
    pub summary: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct TimeBreakdown {
    pub llm_ms: f64,
    pub actions_ms: f64,
    pub waiting_ms: f64,
    pub backoff_ms: f64,
    pub other_ms: f64,
    pub total_ms: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    pub event_id: String,
    pub seq: u64,
    pub agent_id: String,
    pub event_type: String,
    pub timestamp: Timestamp,
    pub severity: String,
    pub project_id: Option<String>,
    pub task_id: Option<String>,
    pub task_run_id: Option<String>,
    pub duration_ms: Option<f64>,
    pub payload: Option<Value>,
    pub render_hint: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct CostTotals {
    pub cost: f64,
    pub estimated_cost: f64,
    pub call_count: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Cost {
    pub totals: CostTotals,
    pub groups: Vec<CostGroup>,
    pub other: Option<OtherCost>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct CostGroup {
    pub agent: Option<String>,
    pub model: Option<String>,
    pub project: Option<String>,
    pub task_type: Option<String>,
    pub version: Option<String>,
    pub environment: Option<String>,
    #[serde(flatten)]
    pub totals: CostTotals,
    pub avg_cost_per_call: Option<f64>,
}

impl CostGroup {
    /// What it is the cost of; several parts where it was grouped by several.
    pub fn name(&self) -> String {
        let parts = [&self.agent, &self.model, &self.project, &self.task_type, &self.version, &self.environment];
        let parts: Vec<&str> =
            parts.into_iter().flatten().map(|part| if part.is_empty() { "(none)" } else { part }).collect();
        parts.join(" · ")
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OtherCost {
    pub group_count: u64,
    #[serde(flatten)]
    pub totals: CostTotals,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Insights {
    pub data: Vec<Insight>,
    pub checked: Vec<CheckedKind>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Insight {
    pub kind: String,
    pub severity: String,
    pub title: String,
    pub agent_id: Option<String>,
    pub evidence: Vec<Evidence>,
    pub task_ids: Vec<String>,
    pub suggestion: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Evidence {
    pub label: String,
    pub value: f64,
    pub unit: Option<String>,
    /// On the board, from its root.
    pub link: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct CheckedKind {
    pub kind: String,
    pub result: String,
    pub looked_at: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Alert {
    pub alert_id: String,
    pub rule_name: String,
    pub severity: String,
    pub state: String,
    pub summary: String,
    pub advice: String,
    pub link: String,
    pub started_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub acknowledged_by: Option<String>,
}

/// Who a key belongs to.
#[derive(Debug, Clone, Deserialize)]
pub struct Session {
    pub workspace: Workspace,
    pub mode_default: String,
    pub server_version: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Workspace {
    pub name: String,
}
