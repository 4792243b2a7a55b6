//! One event in the making.

use std::{borrow::Cow, sync::Arc};

use crate::fields::{Fields, Members, Written};
use hiveboard_wire::{
    EventType, Severity, Timestamp,
    kind::limits::{EVENT_ID_CHARS, LABEL_CHARS},
};

/// An event as it travels. Times are kept to the microsecond.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) event_id: String,
    pub(crate) timestamp: Timestamp,
    pub(crate) event_type: EventType,
    pub(crate) project_id: Option<Arc<str>>,
    /// The task, whose only run it is.
    pub(crate) task: Option<Arc<str>>,
    pub(crate) task_type: Option<String>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) action_id: Option<String>,
    pub(crate) parent_action_id: Option<String>,
    pub(crate) severity: Option<Severity>,
    pub(crate) status: Option<&'static str>,
    pub(crate) duration_ms: Option<f64>,
    pub(crate) payload: Fields,
}

impl Draft {
    pub(crate) fn new(event_id: String, event_type: EventType, timestamp: Timestamp) -> Self {
        Self {
            event_id: bounded_id(event_id),
            timestamp,
            event_type,
            project_id: None,
            task: None,
            task_type: None,
            correlation_id: None,
            action_id: None,
            parent_action_id: None,
            severity: None,
            status: None,
            duration_ms: None,
            payload: Fields::default(),
        }
    }

    pub(crate) fn of_task(self, task: &str) -> Self {
        self.of(label(task).into())
    }

    /// The same, of one whose name is short enough.
    pub(crate) fn of(mut self, task: Arc<str>) -> Self {
        self.task = Some(task);
        self
    }

    pub(crate) fn correlated(mut self, correlation: Option<&str>) -> Self {
        self.correlation_id = correlation.map(label);
        self
    }

    pub(crate) fn action(mut self, action: &str, parent: Option<&str>) -> Self {
        self.action_id = Some(label(action));
        self.parent_action_id = parent.map(label);
        self
    }

    pub(crate) fn below(mut self, parent: Option<&str>) -> Self {
        self.parent_action_id = parent.map(label);
        self
    }

    pub(crate) fn lasted(mut self, milliseconds: Option<f64>) -> Self {
        self.duration_ms = milliseconds.filter(|duration| *duration >= 0.0);
        self
    }

    pub(crate) fn with(mut self, name: &str, value: impl Written) -> Self {
        self.payload.put(name, value);
        self
    }

    pub(crate) fn with_some(mut self, name: &str, value: Option<impl Written>) -> Self {
        self.payload.put_some(name, value);
        self
    }

    fn with_fields(mut self, name: &str, fields: &Fields) -> Self {
        self.payload.put_fields(name, fields);
        self
    }

    /// Writes it as it travels, with that payload.
    pub(crate) fn write(&self, payload: &Fields, to: &mut Vec<u8>) {
        let mut event = Members::open(to);
        event.put("event_id", &self.event_id);
        event.put("timestamp", self.timestamp);
        event.put("event_type", self.event_type.as_str());
        event.put_some("project_id", self.project_id.as_deref());
        event.put_some("task_id", self.task.as_deref());
        event.put_some("task_run_id", self.task.as_deref());
        event.put_some("task_type", self.task_type.as_deref());
        event.put_some("correlation_id", self.correlation_id.as_deref());
        event.put_some("action_id", self.action_id.as_deref());
        event.put_some("parent_action_id", self.parent_action_id.as_deref());
        event.put_some("severity", self.severity.map(Severity::as_str));
        event.put_some("status", self.status);
        event.put_some("duration_ms", self.duration_ms);
        if !payload.is_empty() {
            event.put_fields("payload", payload);
        }
        event.close();
    }

    pub(crate) const fn severe(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}

/// A model call, as all emitters come to tell it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call<'a> {
    pub(crate) name: String,
    pub(crate) model: Option<String>,
    pub(crate) tokens_in: Option<u64>,
    pub(crate) tokens_out: Option<u64>,
    pub(crate) cost_dollars: Option<f64>,
    pub(crate) duration_ms: Option<f64>,
    pub(crate) prompt_preview: Option<Cow<'a, str>>,
    pub(crate) response_preview: Option<Cow<'a, str>>,
    pub(crate) metadata: Fields,
    pub(crate) error: Option<String>,
}

impl Call<'_> {
    pub(crate) fn note(&mut self, name: &str, value: Option<impl Written>) {
        self.metadata.put_some(name, value);
    }

    pub(crate) fn draft(mut self, event_id: String, at: Timestamp) -> Draft {
        let mut data = Fields::default();
        data.put("name", &self.name);
        data.put_some("model", self.model);
        data.put_some("tokens_in", self.tokens_in);
        data.put_some("tokens_out", self.tokens_out);
        data.put_some("cost", self.cost_dollars);
        data.put_some("duration_ms", self.duration_ms);
        data.put_some("prompt_preview", self.prompt_preview);
        data.put_some("response_preview", self.response_preview);
        self.metadata.put_some("error", self.error.as_deref());
        if !self.metadata.is_empty() {
            data.put_fields("metadata", &self.metadata);
        }
        let failed = self.error.is_some();
        let summary = match self.error {
            Some(error) => format!("{}: {error}", self.name),
            None => self.name,
        };
        let draft = Draft::new(event_id, EventType::Custom, at)
            .lasted(self.duration_ms)
            .with("kind", "llm_call")
            .with("summary", summary)
            .with_fields("data", &data);
        if failed { draft.severe(Severity::Error) } else { draft }
    }
}

/// The exception of a failed end.
pub(crate) fn failed(draft: Draft, exception_type: &str, message: &str) -> Draft {
    draft.with("exception_type", exception_type).with("exception_message", message)
}

/// Something that fits nowhere else, in its own words.
pub(crate) fn note(event_id: String, at: Timestamp, kind: &str, summary: impl Written, data: impl Written) -> Draft {
    Draft::new(event_id, EventType::Custom, at)
        .with("kind", kind)
        .with("summary", summary)
        .with("data", data)
        .severe(Severity::Debug)
}

/// Cut to what an identifier may have.
pub(crate) fn label(text: &str) -> String {
    // No more bytes are no more letters.
    if text.len() <= LABEL_CHARS {
        return text.to_owned();
    }
    text.chars().take(LABEL_CHARS).collect()
}

/// A longer one keeps its start and its end, where such ids differ.
fn bounded_id(id: String) -> String {
    if id.len() <= EVENT_ID_CHARS {
        return id;
    }
    let count = id.chars().count();
    if count <= EVENT_ID_CHARS {
        return id;
    }
    let half = (EVENT_ID_CHARS - 1) / 2;
    let start: String = id.chars().take(half).collect();
    let end: String = id.chars().skip(count - half).collect();
    format!("{start}~{end}")
}
