//! Columns of tables: names as in the JSON, and what stands in them.

use std::{borrow::Cow, collections::HashMap, io};

use serde::Serialize;
use serde_json::value::RawValue;

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

/// A cell as JSON writes it, so that what agents sent keeps its digits and keys, also those that no type here holds; `None` for `null`.
pub(super) struct Cell(Box<str>);

impl Cell {
    /// The cells of a row, in the order of the columns.
    pub(super) fn of_row(columns: &[Column], row: &impl Serialize) -> io::Result<Vec<Option<Self>>> {
        let text = serde_json::to_string(row)?;
        let cells: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(&text)?;
        let cell = |name: &str| cells.get(name).map(|raw| raw.get()).filter(|raw| *raw != "null");
        Ok(columns.iter().map(|(name, _)| cell(name).map(|raw| Self(raw.into()))).collect())
    }

    pub(super) const fn json(&self) -> &str {
        &self.0
    }

    /// Texts without their quotes, all else as JSON.
    pub(super) fn text(&self) -> Cow<'_, str> {
        if self.0.starts_with('"')
            && let Ok(text) = serde_json::from_str::<String>(&self.0)
        {
            return Cow::Owned(text);
        }
        Cow::Borrowed(&self.0)
    }
}

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
    ("cause_count", Whole),
    ("retry_count", Whole),
    ("llm_call_count", Whole),
    ("total_tokens_in", Whole),
    ("total_tokens_out", Whole),
    ("total_cost", Number),
    ("estimated_cost", Number),
    ("has_escalation", Flag),
    ("has_human_intervention", Flag),
];
