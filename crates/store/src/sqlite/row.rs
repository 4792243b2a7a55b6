//! What stands beside a block so that it need not be opened: its row, and the references that lead to it.

use hiveboard_wire::{Body, Kind, Scope};

use super::{
    keys::{Reference, StoreKey, is_rare_kind, is_rare_severity, is_rare_type},
    varint::{Broken, Cursor, put},
};
use crate::Fresh;

/// Bit of [`BlockRow::kinds`] for events without a kind.
pub(super) const NO_KIND: u8 = 31;

/// The row of a block. Masks tell what may be inside.
#[derive(Debug, Clone)]
pub(super) struct BlockRow {
    pub(super) scope: Scope,
    pub(super) first_seq: u64,
    pub(super) last_seq: u64,
    pub(super) count: u64,
    /// True least and greatest timestamp, µs.
    pub(super) least_timestamp: i64,
    pub(super) greatest_timestamp: i64,
    pub(super) types: i64,
    pub(super) severities: i64,
    pub(super) kinds: i64,
    pub(super) projects: i64,
    pub(super) environments: i64,
    pub(super) groups: i64,
    /// Of the model calls inside; `None` without any.
    pub(super) greatest_cost: Option<i64>,
    pub(super) greatest_tokens: Option<i64>,
    /// Sorted, each once.
    pub(super) references: Vec<i64>,
    /// Whether it is listed under every label it holds.
    pub(super) all_labels: bool,
}

impl BlockRow {
    pub(super) fn new(scope: Scope, first_seq: u64) -> Self {
        Self {
            scope,
            first_seq,
            last_seq: first_seq,
            count: 0,
            least_timestamp: i64::MAX,
            greatest_timestamp: i64::MIN,
            types: 0,
            severities: 0,
            kinds: 0,
            projects: 0,
            environments: 0,
            groups: 0,
            greatest_cost: None,
            greatest_tokens: None,
            references: Vec::new(),
            all_labels: true,
        }
    }

    /// Counts in a segment: events of one batch.
    pub(super) fn add(&mut self, key: &StoreKey, events: &[Fresh]) {
        let Some(first) = events.first() else { return };
        let envelope = &*first.stored.envelope;
        self.environments |= key.mask_bit(&envelope.environment);
        self.groups |= key.mask_bit(&envelope.group);
        self.list(key, Reference::Agent(&envelope.agent_id));
        self.list(key, Reference::Environment(&envelope.environment));
        self.list(key, Reference::Group(&envelope.group));
        // Neighbours mostly share their labels: hash a text only when it changes.
        let (mut project, mut task, mut task_type, mut correlation, mut model) = (None, None, None, None, None);
        for fresh in events {
            let event = &fresh.stored.event;
            self.last_seq = fresh.stored.seq;
            self.count += 1;
            self.least_timestamp = self.least_timestamp.min(event.timestamp.0);
            self.greatest_timestamp = self.greatest_timestamp.max(event.timestamp.0);
            self.types |= 1 << event.event_type.number();
            self.severities |= 1 << event.severity.number();
            self.kinds |= 1 << event.kind.map_or(NO_KIND, Kind::number);
            if event.project_id.as_deref() != project {
                project = event.project_id.as_deref();
                self.projects |= project.map_or(0, |id| key.mask_bit(id));
                if let Some(id) = project {
                    self.list(key, Reference::Project(id));
                }
            }
            if event.task_type.as_deref() != task_type {
                task_type = event.task_type.as_deref();
                if let Some(text) = task_type {
                    self.list(key, Reference::TaskType(text));
                }
            }
            if event.task_id.as_deref() != task {
                task = event.task_id.as_deref();
                if let Some(id) = task {
                    self.list(key, Reference::Task(id));
                }
            }
            if event.correlation_id.as_deref() != correlation {
                correlation = event.correlation_id.as_deref();
                if let Some(id) = correlation {
                    self.list(key, Reference::Correlation(id));
                }
            }
            if let Body::LlmCall(call) = &fresh.body {
                let cost = fresh.call_cost.map_or(0, |cost| cost.amount.0);
                self.greatest_cost = self.greatest_cost.max(Some(cost));
                let tokens = call.tokens_in.unwrap_or(0).saturating_add(call.tokens_out.unwrap_or(0));
                self.greatest_tokens = self.greatest_tokens.max(Some(clamp(tokens)));
                if call.model.as_deref() != model {
                    model = call.model.as_deref();
                    if let Some(name) = model {
                        self.list(key, Reference::Model(name));
                    }
                }
            }
        }
    }

    fn list(&mut self, key: &StoreKey, reference: Reference<'_>) {
        if !self.all_labels && reference.is_of_all_labels() {
            return;
        }
        self.references.push(key.reference(self.scope, reference));
    }

    /// Counts in a whole block that follows on this one.
    pub(super) fn add_block(&mut self, next: &Self) {
        self.last_seq = next.last_seq;
        self.count += next.count;
        self.least_timestamp = self.least_timestamp.min(next.least_timestamp);
        self.greatest_timestamp = self.greatest_timestamp.max(next.greatest_timestamp);
        self.types |= next.types;
        self.severities |= next.severities;
        self.kinds |= next.kinds;
        self.projects |= next.projects;
        self.environments |= next.environments;
        self.groups |= next.groups;
        self.greatest_cost = self.greatest_cost.max(next.greatest_cost);
        self.greatest_tokens = self.greatest_tokens.max(next.greatest_tokens);
        self.references.extend_from_slice(&next.references);
    }

    /// To be called once, when the block is complete.
    pub(super) fn finish(&mut self, key: &StoreKey) {
        use hiveboard_wire::{EventType, Severity};
        let has = |mask: i64, number: u8| mask & (1 << number) != 0;
        let types = EventType::ALL.iter().copied().filter(|one| is_rare_type(*one) && has(self.types, one.number()));
        let kinds = Kind::ALL.iter().copied().filter(|one| is_rare_kind(*one) && has(self.kinds, one.number()));
        let severities =
            Severity::ALL.iter().copied().filter(|one| is_rare_severity(*one) && has(self.severities, one.number()));
        let rare: Vec<i64> = types
            .map(Reference::Type)
            .chain(kinds.map(Reference::Kind))
            .chain(severities.map(Reference::Severity))
            .map(|reference| key.reference(self.scope, reference))
            .collect();
        self.references.extend(rare);
        self.references.sort_unstable();
        self.references.dedup();
    }
}

/// As they stand beside a block: differences of ascending numbers.
pub(super) fn write_references(references: &[i64], out: &mut Vec<u8>) {
    out.clear();
    let mut previous = 0;
    for reference in references {
        put(out, (reference - previous) as u64);
        previous = *reference;
    }
}

pub(super) fn read_references(bytes: &[u8]) -> Result<Vec<i64>, Broken> {
    let (mut cursor, mut references, mut last) = (Cursor(bytes), Vec::new(), 0_i64);
    while !cursor.0.is_empty() {
        last = last.checked_add_unsigned(cursor.number()?).ok_or(Broken)?;
        references.push(last);
    }
    Ok(references)
}

/// Figures of agents may be absurd; sums stay in range.
pub(super) fn clamp(figure: u64) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX).min(1 << 53)
}
