//! Work items that an agent keeps for itself.

use hiveboard_wire::{OrderKey, Timestamp, body::Todo as TodoBody};
use serde::{Deserialize, Serialize};

use crate::{
    issue::normalised,
    last_write_wins::{LastWrite, LastWriteRow, offer},
    packed::{Given, Keys, KeysBuilder, Pack},
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

/// What counts and orders of to-dos go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TodoGlance {
    pub(crate) last: Timestamp,
    pub(crate) is_active: bool,
    pub(crate) is_completed: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TodoForm<'a> {
    span: (i64, i64),
    #[serde(borrow)]
    keys: Keys<'a>,
    action: Given<Option<&'a str>>,
    texts: [Given<&'a str>; 5],
}

impl Pack for Todo {
    type Form<'a> = TodoForm<'a>;
    type Glance = TodoGlance;

    fn form(&self) -> TodoForm<'_> {
        let mut keys = KeysBuilder::default();
        let action = keys.give(self.action.as_ref(), Option::as_deref);
        let texts = [&self.summary, &self.priority, &self.source, &self.context, &self.due_by];
        let texts = texts.map(|text| keys.give(text.as_ref(), |text| &**text));
        TodoForm { span: (self.first.micros(), self.last.micros()), keys: keys.keys(), action, texts }
    }

    fn from_form(TodoForm { span: (first, last), keys, action, texts }: TodoForm<'_>) -> Self {
        let [summary, priority, source, context, due_by] = texts.map(|text| keys.take(text, Box::from));
        let action = keys.take(action, |action| action.map(Box::from));
        Self { first: Timestamp(first), last: Timestamp(last), action, summary, priority, source, context, due_by }
    }

    fn glance(&self) -> TodoGlance {
        let action = self.action();
        let is_active = !matches!(action, "completed" | "dismissed");
        TodoGlance { last: self.last, is_active, is_completed: action == "completed" }
    }
}
