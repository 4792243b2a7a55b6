//! A run as a story: one tree of spans that every view draws, and the steps in which it is told.
//!
//! Nothing here depends on the time of reading: what is open has no end, and whoever draws it lets it grow.

use hiveboard_wire::{CostSource, Timestamp};
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// The run itself: the root, and the only one of its kind.
    Task,
    Action,
    LlmCall,
    /// From asking a person to the answer.
    Approval,
    Escalation,
    /// A retry with its pause.
    Retry,
    Plan,
    /// Anything else that was said.
    Note,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpanOutcome {
    Done,
    /// Of an approval: rejected.
    Failed,
    /// Not ended, and neither is the run.
    Open,
    /// The run ended without it.
    Unknown,
}

/// A stretch of a run, or a moment.
///
/// Spans are listed depth first, siblings by `(started_at, span_id)`: that is the order of every view, and who adds spans to a list
/// finds their place by it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SpanView {
    /// Stable while the run grows: `run` for the root, an action's `action_id`, else the id of the event that opened it.
    pub span_id: String,
    /// `null` for the root alone.
    pub parent_id: Option<String>,
    /// Levels below the root.
    pub depth: u32,
    pub kind: SpanKind,
    pub name: String,
    pub outcome: SpanOutcome,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// `null` while open or when it never ended. Of a retry: the end of its pause.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Of the end event; else from start to end.
    pub duration_ms: Option<f64>,
    /// What the agent said about it, in its own words.
    pub summary: Option<String>,
    /// Which try this is of something that was tried again, from 1.
    pub attempt: Option<u64>,
    /// The events that made it, in order.
    pub event_ids: Vec<String>,
    /// Of a model call.
    pub llm: Option<LlmSpan>,
    /// Of an approval or an escalation.
    pub human: Option<HumanSpan>,
    pub exception: Option<ExceptionSpan>,
    /// Of a retry: the pause it announced.
    pub backoff_ms: Option<f64>,
    /// `seq` of the newest event known when the span was last found changed.
    pub changed_seq: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct LlmSpan {
    pub model: Option<String>,
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    /// US dollars; `null` when neither reported nor to be estimated.
    pub cost: Option<f64>,
    /// reported, estimated or unknown
    #[schema(value_type = Option<String>)]
    pub cost_source: Option<CostSource>,
    pub prompt_preview: Option<String>,
    pub response_preview: Option<String>,
    /// Names of fields that were not understood, as a text where a number is due: stored as sent, and absent here.
    pub malformed: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct HumanSpan {
    pub asked_of: Option<String>,
    pub answered_by: Option<String>,
    pub decision: Option<String>,
    /// The answer, in the person's own words.
    pub answer: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ExceptionSpan {
    pub exception_type: Option<String>,
    pub exception_message: Option<String>,
    /// The error that it is one failure of.
    pub error_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepShape {
    Start,
    Action,
    LlmCall,
    ApprovalAsked,
    ApprovalAnswered,
    Escalated,
    Plan,
    Note,
    /// The last step of a run that has not ended.
    Running,
    Completed,
    Failed,
}

/// What a step is about, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepTone {
    Work,
    Llm,
    Human,
    Failure,
    Plain,
}

/// How the story gets to a step from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepArrival {
    /// Straight on.
    Rail,
    /// By a retry, down a lane.
    Backoff,
    /// Back up, after retries.
    Home,
}

/// A node of the story: first `start`, then what happened in order of time, last `end`.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StepView {
    /// `start`, `end`, a span's id, or that with `:answered`.
    pub step_id: String,
    pub span_id: String,
    pub shape: StepShape,
    pub tone: StepTone,
    pub failed: bool,
    pub name: String,
    /// `null` for the last step of a run that has not ended: it is now.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    /// Until when its own work lasted; `at` for a moment, `null` while open.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub work_ended_at: Option<Timestamp>,
    /// 0 is the main line; each retry drops one further, at most to 3.
    pub lane: u8,
    pub arrives: StepArrival,
    pub backoff_ms: Option<f64>,
    /// The approval that the step asked for or answered.
    pub approval_span_id: Option<String>,
    /// Nested work that hangs from the step, the first few of it.
    pub stem: Vec<StemView>,
    /// How many nested spans the stem leaves out.
    pub stem_hidden: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StemView {
    pub span_id: String,
    pub indent: u32,
}

/// A stretch of steps in which something was tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RetryStretch {
    /// What was tried again.
    pub span_id: String,
    pub from_step_id: String,
    pub to_step_id: String,
    pub attempts: u32,
}
