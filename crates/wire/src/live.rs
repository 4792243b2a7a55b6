//! Stream frames: what a client of `GET /v1/stream` says, and the types of what it hears.

use serde::{Deserialize, Serialize};

/// What a client may say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Replaces an earlier subscription.
    Subscribe {
        channels: Vec<Channel>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filters: Option<StreamFilters>,
        /// Exclusive: events after it are sent first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since_seq: Option<u64>,
    },
    /// Without `channels`: from all.
    Unsubscribe {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channels: Option<Vec<Channel>>,
    },
    Ping,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Events,
    Agents,
    Tasks,
    Alerts,
}

/// All given filters must match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamFilters {
    pub project_id: Option<String>,
    pub environment: Option<String>,
    pub group: Option<String>,
    pub agent_id: Option<String>,
    pub event_types: Option<Vec<crate::EventType>>,
    pub min_severity: Option<crate::Severity>,
}

/// Types of the server's frames `{"type", "data"}`.
pub mod frame {
    pub const SUBSCRIBED: &str = "subscribed";
    pub const UNSUBSCRIBED: &str = "unsubscribed";
    pub const PONG: &str = "pong";
    pub const ERROR: &str = "error";
    pub const LAGGED: &str = "lagged";
    pub const EVENT_NEW: &str = "event.new";
    pub const AGENT_STATUS_CHANGED: &str = "agent.status_changed";
    pub const AGENT_STUCK: &str = "agent.stuck";
    pub const AGENT_HEARTBEAT: &str = "agent.heartbeat";
    pub const TASK_UPDATED: &str = "task.updated";
    /// An alert fired, was resolved or acknowledged, or was delivered.
    pub const ALERT_UPDATED: &str = "alert.updated";
}
