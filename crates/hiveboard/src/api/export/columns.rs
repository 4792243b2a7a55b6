//! Columns of tables: names as in the JSON, and what stands in them.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    /// RFC 3339 in the JSON.
    Time,
    Whole,
    Number,
    Flag,
}

pub(super) type Column = (&'static str, Holds);

use Holds::{Flag, Number, Text, Time, Whole};

pub(super) const EVENTS: &[Column] = &[
    ("event_id", Text),
    ("seq", Whole),
    ("timestamp", Time),
    ("received_at", Time),
    ("event_type", Text),
    ("severity", Text),
    ("agent_id", Text),
    ("agent_type", Text),
    ("agent_version", Text),
    ("framework", Text),
    ("runtime", Text),
    ("sdk_version", Text),
    ("instance_id", Text),
    ("environment", Text),
    ("group", Text),
    ("source", Text),
    ("project_id", Text),
    ("task_id", Text),
    ("task_type", Text),
    ("task_run_id", Text),
    ("correlation_id", Text),
    ("action_id", Text),
    ("parent_action_id", Text),
    ("parent_event_id", Text),
    ("status", Text),
    ("duration_ms", Number),
    ("render_hint", Text),
    ("estimated_cost", Number),
    ("payload", Text),
];

pub(super) const CALLS: &[Column] = &[
    ("event_id", Text),
    ("timestamp", Time),
    ("agent_id", Text),
    ("project_id", Text),
    ("task_id", Text),
    ("task_run_id", Text),
    ("call_name", Text),
    ("model", Text),
    ("tokens_in", Whole),
    ("tokens_out", Whole),
    ("cost", Number),
    ("cost_source", Text),
    ("duration_ms", Number),
    ("prompt_preview", Text),
    ("response_preview", Text),
];

pub(super) const TASKS: &[Column] = &[
    ("task_id", Text),
    ("task_run_id", Text),
    ("task_type", Text),
    ("agent_id", Text),
    ("agent_version", Text),
    ("environment", Text),
    ("group", Text),
    ("project_id", Text),
    ("correlation_id", Text),
    ("derived_status", Text),
    ("started_at", Time),
    ("completed_at", Time),
    ("last_event_at", Time),
    ("duration_ms", Number),
    ("action_count", Whole),
    ("error_count", Whole),
    ("retry_count", Whole),
    ("llm_call_count", Whole),
    ("total_tokens_in", Whole),
    ("total_tokens_out", Whole),
    ("total_cost", Number),
    ("estimated_cost", Number),
    ("has_escalation", Flag),
    ("has_human_intervention", Flag),
];
