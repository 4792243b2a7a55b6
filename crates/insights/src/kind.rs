//! What may be found.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! kinds {
    ($($(#[$meta:meta])* $variant:ident => $text:literal),+ $(,)?) => {
        /// What an insight is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind { $($(#[$meta])* $variant),+ }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// `None` for a text that is not one of these.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

kinds! {
    /// A dear model on a type of task that ends as well with a cheaper one.
    DearModelCheapTask => "dear_model_cheap_task",
    /// Cost far above its own past.
    CostSpike => "cost_spike",
    /// Tokens in far above tokens out, and growing over a run.
    PromptBloat => "prompt_bloat",
    /// An agent that costs a multiple of its peers.
    CostOutlier => "cost_outlier",
    /// Runs that started and never ended.
    DroppedTasks => "dropped_tasks",
    /// A queue that grows while its agent idles.
    QueueGrowingIdle => "queue_growing_idle",
    /// An action that fails for its credentials again and again.
    SilentAuthFailures => "silent_auth_failures",
    /// A heartbeat payload that lost fields, or whose figures froze.
    HeartbeatDrift => "heartbeat_drift",
    /// Approvals that wait longer or are more than before.
    ApprovalsBackingUp => "approvals_backing_up",
    /// An action whose failure rate stands out.
    FailingAction => "failing_action",
    /// An issue that came back, or stays for days.
    RecurringIssue => "recurring_issue",
    /// The success rate against the period before.
    SuccessChange => "success_change",
    /// Durations against the period before.
    DurationChange => "duration_change",
    /// The agent whose failures stand out from its peers.
    WorstAgent => "worst_agent",
    /// A version against the one before.
    DeployRegression => "deploy_regression",
    /// Cost per task up or down over the period.
    CostPerTaskTrend => "cost_per_task_trend",
    /// The same call with the same input again and again.
    Loop => "loop",
    /// Runs that completed although their last error was never made good.
    UnrecoveredError => "unrecovered_error",
    /// Rate limits, and what retries cost.
    RateLimited => "rate_limited",
    /// One summary of the fleet.
    FleetHealth => "fleet_health",
    /// Whether more work can be given to the fleet.
    ReadyToScale => "ready_to_scale",
}

/// Ordered by how much it asks for attention, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Warning,
    Critical,
}
