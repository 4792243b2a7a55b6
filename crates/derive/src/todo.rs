//! Work items that an agent keeps for itself.

use hiveboard_wire::{OrderKey, Timestamp, body::Todo as TodoBody};
use serde::{Deserialize, Serialize};

use crate::{
    issue::normalised,
    last_write_wins::{LastWrite, LastWriteRow, offer},
    view::TodoView,
};

const CONTEXT_BYTES: usize = 8 * 1024;

/// Identity of a to-do: its id, else its summary, normalised.
pub(crate) fn todo_id(todo: &TodoBody) -> Box<str> {
    match todo.todo_id.as_deref() {
        Some(id) if !id.is_empty() => id.into(),
        _ => normalised(todo.summary.as_deref().unwrap_or_default()),
    }
}

type Text = Option<LastWrite<Box<str>>>;
type TextRow = Option<LastWriteRow<Box<str>>>;

/// Each text is that of the latest event which gives it: a `completed` need not repeat what `created` said.
#[derive(Debug, Clone)]
pub(crate) struct Todo {
    first: Timestamp,
    last: Timestamp,
    action: Option<LastWrite<Option<Box<str>>>>,
    summary: Text,
    priority: Text,
    source: Text,
    /// JSON.
    context: Text,
    due_by: Text,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TodoRow {
    span: (i64, i64),
    action: Option<LastWriteRow<Option<Box<str>>>>,
    texts: [TextRow; 5],
}

fn offer_text(slot: &mut Text, key: &OrderKey, given: Option<&str>) {
    if let Some(text) = given {
        offer(slot, key, || text.into());
    }
}

impl Todo {
    pub(crate) fn new() -> Self {
        Self {
            first: Timestamp::MAX,
            last: Timestamp::MIN,
            action: None,
            summary: None,
            priority: None,
            source: None,
            context: None,
            due_by: None,
        }
    }

    pub(crate) fn fold(&mut self, key: &OrderKey, body: &TodoBody) {
        self.first = self.first.min(key.timestamp);
        self.last = self.last.max(key.timestamp);
        offer(&mut self.action, key, || body.action.clone());
        offer_text(&mut self.summary, key, body.summary.as_deref());
        offer_text(&mut self.priority, key, body.priority.as_deref());
        offer_text(&mut self.source, key, body.source.as_deref());
        offer_text(&mut self.context, key, body.context.as_deref().filter(|context| context.len() <= CONTEXT_BYTES));
        offer_text(&mut self.due_by, key, body.due_by.as_deref());
    }

    fn action(&self) -> &str {
        self.action.as_ref().and_then(|latest| latest.value.as_deref()).unwrap_or("created")
    }

    pub(crate) fn is_active(&self) -> bool {
        !matches!(self.action(), "completed" | "dismissed")
    }

    pub(crate) fn is_completed(&self) -> bool {
        self.action() == "completed"
    }

    pub(crate) const fn last(&self) -> Timestamp {
        self.last
    }

    pub(crate) fn view(&self, todo_id: &str) -> TodoView {
        let text = |text: &Text| text.as_ref().map(|latest| latest.value.to_string());
        TodoView {
            todo_id: todo_id.to_owned(),
            action: self.action().to_owned(),
            summary: text(&self.summary),
            priority: text(&self.priority),
            source: text(&self.source),
            context: self.context.as_ref().and_then(|latest| serde_json::from_str(&latest.value).ok()),
            due_by: text(&self.due_by),
            created_at: self.first,
            updated_at: self.last,
        }
    }

    pub(crate) fn to_row(&self) -> TodoRow {
        let text = |text: &Text| text.as_ref().map(|latest| latest.to_row(Clone::clone));
        TodoRow {
            span: (self.first.micros(), self.last.micros()),
            action: self.action.as_ref().map(|latest| latest.to_row(Clone::clone)),
            texts: [&self.summary, &self.priority, &self.source, &self.context, &self.due_by].map(text),
        }
    }

    pub(crate) fn from_row(row: TodoRow) -> Self {
        let [summary, priority, source, context, due_by] =
            row.texts.map(|text| text.map(|row| LastWrite::from_row(row, |value| value)));
        Self {
            first: Timestamp(row.span.0),
            last: Timestamp(row.span.1),
            action: row.action.map(|row| LastWrite::from_row(row, |value| value)),
            summary,
            priority,
            source,
            context,
            due_by,
        }
    }
}
