//! Plans, their revisions and their steps.

use hiveboard_wire::Timestamp;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PlanProgress {
    pub completed: u32,
    pub total: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanStepState {
    Pending,
    Started,
    Completed,
    Failed,
    Skipped,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PlanStepView {
    pub step_index: u32,
    pub description: Option<String>,
    /// Where the step stands: its latest action.
    pub action: PlanStepState,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it completed, failed or was skipped, if that is where it stands.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Timestamp>,
    /// Sum over the step's events.
    pub turns: Option<u64>,
    /// Sum over the step's events.
    pub tokens: Option<u64>,
    /// What the latest event of the step says.
    pub summary: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PlanRevisionView {
    pub goal: Option<String>,
    pub revision: u32,
    /// `null` when only steps of it are known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created_at: Option<Timestamp>,
    pub steps: Vec<PlanStepView>,
    pub progress: PlanProgress,
}

/// The latest revision, and all of them, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PlanView {
    #[serde(flatten)]
    pub latest: PlanRevisionView,
    pub revisions: Vec<PlanRevisionView>,
}
