//! Failures grouped by exception and place, as the API shows them.

use hiveboard_wire::Timestamp;
use serde::Serialize;

use crate::failures::PlaceKind;

/// A failure that happened again and again, or once.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ErrorView {
    /// The same for the same exception at the same place.
    pub error_id: String,
    /// `null` where agents named none.
    pub exception_type: Option<String>,
    /// Of the latest failure.
    pub message: Option<String>,
    pub place_kind: PlaceKind,
    /// Name of the action, or type of the task; `null` where it has none.
    pub place: Option<String>,
    /// Failures in all, each cause once: an action that only passed on what failed inside of it is not counted.
    pub occurrences: u64,
    /// Those in the time asked for, to the hour; to the day where that is longer than a week.
    pub in_period: u64,
    /// The same, parted into equal stretches, the oldest first.
    pub trend: Vec<u64>,
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// How many agents it happened to.
    pub agent_count: u64,
    /// Those it happened to most, at most 20.
    pub agents: Vec<ErrorAgent>,
    /// The latest first, at most 20.
    pub versions: Vec<ErrorVersion>,
    pub projects: Vec<String>,
    pub environments: Vec<String>,
    /// The newest first, at most 10.
    pub examples: Vec<ErrorExample>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ErrorAgent {
    pub agent_id: String,
    pub occurrences: u64,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ErrorVersion {
    /// `null` where the client named none.
    pub version: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
}

/// One of the failures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ErrorExample {
    pub event_id: String,
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    pub agent_id: String,
    pub agent_version: Option<String>,
    /// `null` for what an agent did outside of any task.
    pub task_id: Option<String>,
    pub task_run_id: Option<String>,
    pub message: Option<String>,
}
