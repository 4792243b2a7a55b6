//! One thing a rule found, from firing to resolved.

use hiveboard_wire::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{rule::Severity, subject::Subject};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    Firing,
    Resolved,
}

impl AlertState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

/// What is known of it, by name.
pub type Evidence = serde_json::Map<String, serde_json::Value>;

/// By what lists find an alert: what it is about, else what its rule is narrowed to, else (where a failed run is what it tells of) that run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AlertLabels {
    pub agent_id: Option<String>,
    pub task_id: Option<String>,
    pub project_id: Option<String>,
    pub environment: Option<String>,
    pub group: Option<String>,
}

/// What an alert says: when it fired, or by now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertWords)]
pub struct Words {
    pub value: f64,
    pub summary: String,
    #[schema(value_type = Object)]
    pub evidence: Evidence,
}

/// One thing a rule found, from firing to resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = FoundAlert)]
pub struct Alert {
    pub alert_id: String,
    pub rule_id: String,
    pub rule_name: String,
    /// The condition's type.
    pub condition: String,
    pub severity: Severity,
    pub state: AlertState,
    pub subject: Subject,
    #[serde(default)]
    pub labels: AlertLabels,
    /// The figure (of one that fires as it is now, where it is counted), what it is compared with, and the unit of both.
    pub value: f64,
    pub threshold: f64,
    pub unit: String,
    /// One sentence a person can act on.
    pub summary: String,
    /// Why it matters, and what to do first.
    pub advice: String,
    /// What is known, by name.
    #[schema(value_type = Object)]
    pub evidence: Evidence,
    /// The page of the board that shows it: a path here, an address in answers and messages.
    pub link: String,
    /// Since when it has been so.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When the rule fired.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    /// How it ended.
    #[serde(default)]
    pub resolution: Option<String>,
    /// It fired while its rule was muted: no channel heard of it.
    #[serde(default)]
    pub muted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransitionKind {
    Fired,
    Resolved,
    /// It fired while the rule was muted, still does, and the rule is not muted any more.
    Unmuted,
}

/// What became of an alert, and who is to hear of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    pub kind: TransitionKind,
    pub alert: Alert,
    /// Ids of channels.
    pub channels: Vec<String>,
}
