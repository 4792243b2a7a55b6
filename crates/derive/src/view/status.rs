//! Derived states of agents and tasks.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($name:ident { $($variant:ident => $text:literal),+ $(,)? }) => {
        impl $name {
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

/// State of an agent. Ordered by how much it asks for attention, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    Stuck,
    Error,
    WaitingApproval,
    Processing,
    Idle,
}

words!(AgentStatus {
    Stuck => "stuck",
    Error => "error",
    WaitingApproval => "waiting_approval",
    Processing => "processing",
    Idle => "idle",
});

/// State of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    Completed,
    Failed,
    /// Called off: neither a success nor a failure.
    Cancelled,
    Stuck,
    Waiting,
    Escalated,
    Processing,
}

words!(TaskStatus {
    Completed => "completed",
    Failed => "failed",
    Cancelled => "cancelled",
    Stuck => "stuck",
    Waiting => "waiting",
    Escalated => "escalated",
    Processing => "processing",
});

impl TaskStatus {
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// What tells that an agent is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Liveness {
    /// Heartbeats, and any other event.
    Heartbeat,
    /// Metrics that are sent again and again, also while idle.
    Metrics,
    /// Nothing is expected while it is idle: it arrives by traces alone, or is a coding agent, which is closed without a word.
    None,
    /// It said goodbye and left nothing open: nothing is expected of it.
    Gone,
}
