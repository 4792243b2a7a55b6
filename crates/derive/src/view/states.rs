//! In which state agents were, and for how long.

use hiveboard_wire::Timestamp;
use serde::{Deserialize, Serialize};

/// What an agent was, as far as people who keep a fleet alive care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateKind {
    /// At work or idle.
    Up,
    /// The last task to end failed.
    Error,
    /// A task waits for a person's approval.
    Waiting,
    /// Silent for longer than its threshold: dead, for all that is known.
    Stuck,
    /// It said goodbye.
    Gone,
    /// The server itself was away.
    Unwatched,
}

impl StateKind {
    pub const ALL: [Self; 6] = [Self::Up, Self::Error, Self::Waiting, Self::Stuck, Self::Gone, Self::Unwatched];
}

/// A stretch in one state.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StateSpanView {
    pub agent_id: String,
    pub state: StateKind,
    /// By the server's clock, like `ended_at`.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// `null` while it lasts.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Until now while it lasts.
    pub duration_seconds: f64,
}

/// What the stretches in one state come to within the time asked for.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StateTotal {
    pub state: StateKind,
    pub seconds: f64,
    pub times: u64,
}

/// The states of one agent.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AgentStateView {
    pub agent_id: String,
    /// Before this nothing is known.
    #[schema(value_type = String, format = DateTime)]
    pub known_since: Timestamp,
    /// Of the time in which it was expected to be alive, the share in which it was, 0 to 1; `null` where there was none.
    pub uptime: Option<f64>,
    /// The oldest first.
    pub states: Vec<StateSpanView>,
    pub totals: Vec<StateTotal>,
}
