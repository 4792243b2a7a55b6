//! One event in the making.

use hiveboard_wire::{
    EventType, Severity, Timestamp,
    kind::limits::{EVENT_ID_CHARS, LABEL_CHARS},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// An event as it travels. Times are kept to the microsecond.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Draft {
    pub(crate) event_id: String,
    pub(crate) timestamp: Timestamp,
    pub(crate) event_type: EventType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) project_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) task_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) task_run_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) task_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) correlation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent_action_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) severity: Option<Severity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration_ms: Option<f64>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) payload: Map<String, Value>,
}

impl Draft {
    pub(crate) fn new(event_id: String, event_type: EventType, timestamp: Timestamp) -> Self {
        Self {
            event_id: bounded_id(event_id),
            timestamp,
            event_type,
            project_id: None,
            task_id: None,
            task_run_id: None,
            task_type: None,
            correlation_id: None,
            action_id: None,
            parent_action_id: None,
            severity: None,
            status: None,
            duration_ms: None,
            payload: Map::new(),
        }
    }

    /// Of a task, whose only run it is.
    pub(crate) fn of_task(mut self, task: &str) -> Self {
        let task = label(task);
        self.task_run_id = Some(task.clone());
        self.task_id = Some(task);
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

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.payload.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(crate) const fn severe(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}

/// A model call, as all emitters come to tell it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) model: Option<String>,
    pub(crate) tokens_in: Option<u64>,
    pub(crate) tokens_out: Option<u64>,
    pub(crate) cost_dollars: Option<f64>,
    pub(crate) duration_ms: Option<f64>,
    pub(crate) prompt_preview: Option<String>,
    pub(crate) response_preview: Option<String>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) error: Option<String>,
}

impl Call {
    pub(crate) fn note(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.metadata.insert(name.to_owned(), value.into());
        }
    }

    pub(crate) fn draft(self, event_id: String, at: Timestamp) -> Draft {
        let mut data = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                data.insert(name.to_owned(), value);
            }
        };
        put("name", Some(self.name.clone().into()));
        put("model", self.model.map(Value::from));
        put("tokens_in", self.tokens_in.map(Value::from));
        put("tokens_out", self.tokens_out.map(Value::from));
        put("cost", self.cost_dollars.map(Value::from));
        put("duration_ms", self.duration_ms.map(Value::from));
        put("prompt_preview", self.prompt_preview.map(Value::from));
        put("response_preview", self.response_preview.map(Value::from));
        let mut metadata = self.metadata;
        if let Some(error) = &self.error {
            metadata.insert("error".to_owned(), error.as_str().into());
        }
        put("metadata", (!metadata.is_empty()).then_some(Value::Object(metadata)));
        let failed = self.error.is_some();
        let summary = match self.error {
            Some(error) => format!("{}: {error}", self.name),
            None => self.name,
        };
        let draft = Draft::new(event_id, EventType::Custom, at)
            .lasted(self.duration_ms)
            .with("kind", "llm_call")
            .with("summary", summary)
            .with("data", data);
        if failed { draft.severe(Severity::Error) } else { draft }
    }
}

/// The exception of a failed end.
pub(crate) fn failed(draft: Draft, exception_type: &str, message: &str) -> Draft {
    draft.with("exception_type", exception_type).with("exception_message", message)
}

/// Something that fits nowhere else, in its own words.
pub(crate) fn note(event_id: String, at: Timestamp, kind: &str, summary: String, data: Map<String, Value>) -> Draft {
    Draft::new(event_id, EventType::Custom, at)
        .with("kind", kind)
        .with("summary", summary)
        .with("data", json!(data))
        .severe(Severity::Debug)
}

/// Cut to what an identifier may have.
pub(crate) fn label(text: &str) -> String {
    text.chars().take(LABEL_CHARS).collect()
}

/// A longer one keeps its start and its end, where such ids differ.
fn bounded_id(id: String) -> String {
    let count = id.chars().count();
    if count <= EVENT_ID_CHARS {
        return id;
    }
    let half = (EVENT_ID_CHARS - 1) / 2;
    let start: String = id.chars().take(half).collect();
    let end: String = id.chars().skip(count - half).collect();
    format!("{start}~{end}")
}
