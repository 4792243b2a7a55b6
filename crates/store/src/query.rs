//! Typed queries. What is `None` or empty does not narrow.

use hiveboard_wire::{CostSource, EventType, Kind, NanoDollars, Severity, Timestamp};

use crate::Position;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventFilter {
    pub agent_id: Option<String>,
    pub project_id: Option<String>,
    pub environment: Option<String>,
    pub group: Option<String>,
    pub task_id: Option<String>,
    pub task_run_id: Option<String>,
    pub correlation_id: Option<String>,
    pub event_types: Vec<EventType>,
    /// Leaves heartbeats out (and queue snapshots stay).
    pub exclude_heartbeats: bool,
    pub severities: Vec<Severity>,
    /// Well-known payload kinds; an event passes when it has one of these or one of `own_kinds`.
    pub kinds: Vec<Kind>,
    /// Kinds that agents chose for themselves (`payload.kind` of custom events).
    pub own_kinds: Vec<String>,
    /// By the event's timestamp, inclusive.
    pub since: Option<Timestamp>,
    /// By the event's timestamp, exclusive.
    pub until: Option<Timestamp>,
    /// Text in the values of the payload, its summary included; folded alike ([`hiveboard_text`]).
    pub text: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventPage {
    pub order: SeqOrder,
    pub limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeqOrder {
    /// The last committed first, from before a place when given.
    Newest { before: Option<Position> },
    /// In the order of commits, from after a place.
    Oldest { after: Position },
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallFilter {
    pub agent_id: Option<String>,
    pub project_id: Option<String>,
    pub environment: Option<String>,
    pub group: Option<String>,
    pub task_id: Option<String>,
    pub task_type: Option<String>,
    pub model: Option<String>,
    /// Of the agent, as it gave it. Failures know none.
    pub version: Option<String>,
    /// By the event's timestamp, inclusive.
    pub since: Option<Timestamp>,
    /// By the event's timestamp, exclusive.
    pub until: Option<Timestamp>,
    /// Text in the name, the model or the previews, folded alike. Lists alone look at it.
    pub text: Option<String>,
}

/// With the place after which to go on (exclusive): the last row's sort figure and place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallSort {
    /// By timestamp, then place, descending.
    Newest { after: Option<(Timestamp, Position)> },
    /// By timestamp, then place, ascending.
    Oldest { after: Option<(Timestamp, Position)> },
    /// Descending cost in hundredths of nano-dollars, then descending place.
    Cost { after: Option<(i64, Position)> },
    /// Descending tokens in + out, then descending place.
    Tokens { after: Option<(i64, Position)> },
}

/// A model call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRow {
    pub position: Position,
    pub event_id: String,
    pub timestamp: Timestamp,
    pub agent_id: String,
    pub project_id: Option<String>,
    pub task_id: Option<String>,
    pub task_run_id: Option<String>,
    pub call_name: Option<String>,
    pub model: Option<String>,
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    /// `None` when the source is unknown.
    pub cost: Option<NanoDollars>,
    pub cost_source: CostSource,
    pub duration_ms: Option<f64>,
    pub prompt_preview: Option<String>,
    pub response_preview: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    Agent,
    Model,
    Project,
    TaskType,
    Version,
    Environment,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CallGroup {
    /// Values in the order of the dimensions asked for; `None` where the event had none.
    pub keys: Vec<Option<String>>,
    /// Start of the bucket, when buckets were asked for.
    pub bucket: Option<Timestamp>,
    pub totals: CallTotals,
}

/// Totals by group: those that cost most, and what is left.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallGroups {
    /// By bucket, then by keys.
    pub groups: Vec<CallGroup>,
    /// How many more combinations of values there are than were asked for.
    pub other_count: u64,
    /// The totals of those, without keys: one a bucket, by bucket.
    pub other: Vec<CallGroup>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallTotals {
    pub call_count: u64,
    /// Reported plus estimated.
    pub cost: NanoDollars,
    pub estimated_cost: NanoDollars,
    pub tokens_in: u64,
    pub tokens_out: u64,
}

impl CallTotals {
    /// Adds figures, which saturate.
    pub fn add(&mut self, more: &Self) {
        self.call_count = self.call_count.saturating_add(more.call_count);
        self.cost += more.cost;
        self.estimated_cost += more.estimated_cost;
        self.tokens_in = self.tokens_in.saturating_add(more.tokens_in);
        self.tokens_out = self.tokens_out.saturating_add(more.tokens_out);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureBucket {
    pub bucket: Timestamp,
    pub count: u64,
}
