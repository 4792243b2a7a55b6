//! The well-known payloads of `custom` events: their fields, summaries and tags.
//!
//! Each is generic over what a value is, so that Rust values and Python objects are written by the same code.

use super::value::ToJson;
use super::writer::JsonWriter;

/// Writes `"name": value` unless the value is absent.
fn field<V: ToJson>(out: &mut JsonWriter, name: &str, value: Option<&V>) {
    if let Some(value) = value
        && !value.is_absent()
    {
        out.key(name);
        value.write_json(out);
    }
}

/// The same, with a figure for when it is absent.
fn field_or<V: ToJson>(out: &mut JsonWriter, name: &str, value: Option<&V>, otherwise: Option<i64>) {
    match (value.filter(|value| !value.is_absent()), otherwise) {
        (None, Some(number)) => {
            out.key(name);
            out.integer(number);
        }
        (value, _) => field(out, name, value),
    }
}

/// The JSON text of a value as it would stand inside of a string: quotes dropped, escapes kept.
fn text_of<V: ToJson>(value: Option<&V>) -> Option<String> {
    let value = value.filter(|value| !value.is_absent())?;
    let mut scratch = JsonWriter::new();
    value.write_json(&mut scratch);
    let text = String::from_utf8(scratch.bytes).ok()?;
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match inner {
        Some(inner) => Some(inner.to_owned()),
        // A figure stands as it is; anything nested has no place in a summary.
        None => (!text.starts_with(['{', '['])).then_some(text),
    }
}

/// Opens `{"kind": …, "data": {`.
fn open(out: &mut JsonWriter, kind: &str) {
    out.raw("{\"kind\":\"");
    out.raw(kind);
    out.raw("\",\"data\":{");
}

/// Closes the data with the summary (escaped already) and the tags (written already).
fn close(out: &mut JsonWriter, summary: &[&str], tags: &str) {
    out.raw("},\"summary\":\"");
    for part in summary {
        out.raw(part);
    }
    out.raw("\",\"tags\":[");
    out.raw(tags);
    out.raw("]}");
}

/// A call of a language model.
#[derive(Debug, Clone)]
pub struct LlmCall<V> {
    /// What the call is for.
    pub name: Option<V>,
    /// The model's name.
    pub model: Option<V>,
    /// Tokens read, cached ones included.
    pub tokens_in: Option<V>,
    /// Tokens written.
    pub tokens_out: Option<V>,
    /// US dollars.
    pub cost: Option<V>,
    /// Milliseconds until the answer was complete.
    pub duration_ms: Option<V>,
    /// The beginning of the prompt.
    pub prompt_preview: Option<V>,
    /// The beginning of the answer.
    pub response_preview: Option<V>,
    /// Anything else.
    pub metadata: Option<V>,
}

impl<V> Default for LlmCall<V> {
    fn default() -> Self {
        Self {
            name: None,
            model: None,
            tokens_in: None,
            tokens_out: None,
            cost: None,
            duration_ms: None,
            prompt_preview: None,
            response_preview: None,
            metadata: None,
        }
    }
}

impl<V: ToJson> LlmCall<V> {
    /// Writes the payload; without previews when they are not to be captured.
    pub fn write(&self, out: &mut JsonWriter, previews: bool) {
        open(out, "llm_call");
        // The summary repeats what was just written: remember where, rather than write it twice.
        let name = remembered(out, "name", self.name.as_ref());
        let model = remembered(out, "model", self.model.as_ref());
        let tokens_in = remembered(out, "tokens_in", self.tokens_in.as_ref());
        let tokens_out = remembered(out, "tokens_out", self.tokens_out.as_ref());
        let cost = remembered(out, "cost", self.cost.as_ref());
        field(out, "duration_ms", self.duration_ms.as_ref());
        if previews {
            field(out, "prompt_preview", self.prompt_preview.as_ref());
            field(out, "response_preview", self.response_preview.as_ref());
        }
        field(out, "metadata", self.metadata.as_ref());
        out.raw("},\"summary\":\"");
        repeat(out, name.as_ref(), "llm call");
        if model.is_some() {
            out.raw(" → ");
            repeat(out, model.as_ref(), "");
        }
        if tokens_in.is_some() || tokens_out.is_some() || cost.is_some() {
            out.raw(" (");
            if tokens_in.is_some() || tokens_out.is_some() {
                repeat(out, tokens_in.as_ref(), "?");
                out.raw(" in / ");
                repeat(out, tokens_out.as_ref(), "?");
                out.raw(" out");
            }
            if cost.is_some() {
                out.raw(if tokens_in.is_some() || tokens_out.is_some() { ", $" } else { "$" });
                repeat(out, cost.as_ref(), "");
            }
            out.raw(")");
        }
        out.raw("\",\"tags\":[\"llm\"]}");
    }
}

/// Writes a field and returns where its text stands, quotes excluded; nested values have none.
fn remembered<V: ToJson>(out: &mut JsonWriter, name: &str, value: Option<&V>) -> Option<std::ops::Range<usize>> {
    let value = value.filter(|value| !value.is_absent())?;
    out.key(name);
    let start = out.len();
    value.write_json(out);
    match out.bytes[start] {
        b'"' => Some(start + 1..out.len() - 1),
        b'{' | b'[' => None,
        _ => Some(start..out.len()),
    }
}

/// Summaries repeat at most this many bytes of one field.
const MAX_REPEATED_BYTES: usize = 256;

fn repeat(out: &mut JsonWriter, range: Option<&std::ops::Range<usize>>, otherwise: &str) {
    match range {
        Some(range) if range.len() <= MAX_REPEATED_BYTES => out.bytes.extend_from_within(range.clone()),
        Some(_) => out.raw("…"),
        None => out.raw(otherwise),
    }
}

/// Progress of one step of a plan.
#[derive(Debug, Clone)]
pub struct PlanStep<V> {
    /// Which step, from 0.
    pub step_index: Option<V>,
    /// How many steps the plan has.
    pub total_steps: Option<V>,
    /// `started`, `completed`, `failed` or `skipped`.
    pub action: Option<V>,
    /// What happened.
    pub summary: Option<V>,
    /// Turns of the conversation used.
    pub turns: Option<V>,
    /// Tokens used.
    pub tokens: Option<V>,
    /// Which revision of the plan the step belongs to, from 0.
    pub plan_revision: Option<V>,
}

impl<V: ToJson> PlanStep<V> {
    /// Writes the payload.
    pub fn write(&self, out: &mut JsonWriter) {
        self.write_within(out, None);
    }

    /// Writes the payload; what the step does not say of its plan is taken from the plan's number of steps and revision.
    pub(crate) fn write_within(&self, out: &mut JsonWriter, plan: Option<(i64, i64)>) {
        open(out, "plan_step");
        field(out, "step_index", self.step_index.as_ref());
        field_or(out, "total_steps", self.total_steps.as_ref(), plan.map(|(steps, _)| steps));
        field(out, "action", self.action.as_ref());
        field(out, "turns", self.turns.as_ref());
        field(out, "tokens", self.tokens.as_ref());
        field_or(out, "plan_revision", self.plan_revision.as_ref(), plan.map(|(_, revision)| revision));
        let step = text_of(self.step_index.as_ref()).unwrap_or_else(|| "?".to_owned());
        let action = text_of(self.action.as_ref()).unwrap_or_else(|| "reported".to_owned());
        let summary = text_of(self.summary.as_ref()).map_or_else(String::new, |text| format!(": {text}"));
        close(out, &["Step ", &step, " ", &action, &summary], &format!("\"plan\",\"step_{action}\""));
    }
}

/// Writes a plan: a goal and its steps, each given as the JSON of its description.
pub(crate) fn write_plan<V: ToJson>(out: &mut JsonWriter, goal: Option<&V>, steps: &[V], revision: i64) {
    open(out, "plan_created");
    field(out, "goal", goal);
    out.key("steps");
    out.raw("[");
    for (index, step) in steps.iter().enumerate() {
        if index > 0 {
            out.raw(",");
        }
        out.raw("{\"index\":");
        out.integer(index as i64);
        out.raw(",\"description\":");
        step.write_json(out);
        out.raw("}");
    }
    out.raw("]");
    out.key("revision");
    out.integer(revision);
    let goal = text_of(goal).unwrap_or_else(|| "Plan".to_owned());
    close(out, &[&goal], "\"plan\",\"created\"");
}

/// The state of an agent's work queue.
#[derive(Debug, Clone)]
pub struct QueueSnapshot<V> {
    /// How many items wait.
    pub depth: Option<V>,
    /// How long the oldest has waited, in seconds.
    pub oldest_age_seconds: Option<V>,
    /// Some of the items: `{id, priority, source, summary, queued_at}`.
    pub items: Option<V>,
    /// What is being worked on: `{id, summary, started_at, elapsed_ms}`.
    pub processing: Option<V>,
}

impl<V: ToJson> QueueSnapshot<V> {
    /// Writes the payload.
    pub fn write(&self, out: &mut JsonWriter) {
        open(out, "queue_snapshot");
        field(out, "depth", self.depth.as_ref());
        field(out, "oldest_age_seconds", self.oldest_age_seconds.as_ref());
        field(out, "items", self.items.as_ref());
        field(out, "processing", self.processing.as_ref());
        let depth = text_of(self.depth.as_ref()).unwrap_or_else(|| "?".to_owned());
        let oldest =
            text_of(self.oldest_age_seconds.as_ref()).map_or_else(String::new, |age| format!(", oldest {age}s"));
        close(out, &["Queue: ", &depth, " items", &oldest], "\"queue\"");
    }
}

/// An item of work that an agent keeps for itself.
#[derive(Debug, Clone)]
pub struct Todo<V> {
    /// Its identity.
    pub todo_id: Option<V>,
    /// `created`, `completed`, `failed`, `dismissed` or `deferred`.
    pub action: Option<V>,
    /// What it is.
    pub summary: Option<V>,
    /// How urgent.
    pub priority: Option<V>,
    /// Where it comes from.
    pub source: Option<V>,
    /// What belongs to it.
    pub context: Option<V>,
    /// When it is due.
    pub due_by: Option<V>,
}

impl<V: ToJson> Todo<V> {
    /// Writes the payload.
    pub fn write(&self, out: &mut JsonWriter) {
        open(out, "todo");
        field(out, "todo_id", self.todo_id.as_ref());
        field(out, "action", self.action.as_ref());
        field(out, "priority", self.priority.as_ref());
        field(out, "source", self.source.as_ref());
        field(out, "context", self.context.as_ref());
        field(out, "due_by", self.due_by.as_ref());
        let action = text_of(self.action.as_ref()).unwrap_or_else(|| "reported".to_owned());
        let summary = text_of(self.summary.as_ref()).or_else(|| text_of(self.todo_id.as_ref())).unwrap_or_default();
        close(out, &[&summary], &format!("\"todo\",\"{action}\""));
    }
}

/// A problem that is not of one task.
#[derive(Debug, Clone)]
pub struct Issue<V> {
    /// What is wrong, or what is right again.
    pub summary: Option<V>,
    /// `reported`, `resolved` or `dismissed`.
    pub action: &'static str,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: Option<V>,
    /// Groups reports of the same issue.
    pub issue_id: Option<V>,
    /// Its kind, as in `connectivity`.
    pub category: Option<V>,
    /// What belongs to it.
    pub context: Option<V>,
    /// How often the agent itself has counted it.
    pub occurrence_count: Option<V>,
}

impl<V: ToJson> Issue<V> {
    /// Writes the payload.
    pub fn write(&self, out: &mut JsonWriter) {
        open(out, "issue");
        field(out, "issue_id", self.issue_id.as_ref());
        field(out, "severity", self.severity.as_ref());
        out.key("action");
        out.string(self.action);
        field(out, "category", self.category.as_ref());
        field(out, "context", self.context.as_ref());
        field(out, "occurrence_count", self.occurrence_count.as_ref());
        let summary = text_of(self.summary.as_ref()).unwrap_or_default();
        let mut tags = "\"issue\"".to_owned();
        if self.action != "reported" {
            tags.extend([",\"", self.action, "\""]);
        }
        if let Some(category) = text_of(self.category.as_ref()) {
            tags.extend([",\"", &category, "\""]);
        }
        close(out, &[&summary], &tags);
    }
}

/// Writes a schedule: its items, and how many there are.
pub(crate) fn write_scheduled<V: ToJson>(out: &mut JsonWriter, items: &V, count: usize) {
    open(out, "scheduled");
    out.key("items");
    items.write_json(out);
    close(out, &[&count.to_string(), if count == 1 { " scheduled item" } else { " scheduled items" }], "\"scheduled\"");
}
