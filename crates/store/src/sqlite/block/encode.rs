//! Writing segments.

use hashbrown::HashMap;
use hiveboard_wire::{CostSource, Event, Kind};

use super::{
    super::varint::{put, put_signed},
    LABELS, mark,
};
use crate::Fresh;

/// Encodes segments; keeps its buffers from one to the next.
#[derive(Default)]
pub(in crate::sqlite) struct SegmentEncoder {
    body: Vec<u8>,
    columns: Vec<u8>,
    column: Vec<u64>,
}

/// Texts that a segment usually has no more of.
const USUAL_TEXTS: usize = 28;

/// The table of texts of one segment.
struct Texts<'a> {
    places: HashMap<&'a str, u64>,
    list: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    fn new() -> Self {
        Self { places: HashMap::with_capacity(USUAL_TEXTS), list: Vec::with_capacity(USUAL_TEXTS) }
    }

    /// Place plus one.
    fn reference(&mut self, text: &'a str) -> u64 {
        let next = self.list.len() as u64 + 1;
        *self.places.entry(text).or_insert_with(|| {
            self.list.push(text);
            next
        })
    }

    fn optional(&mut self, text: Option<&'a str>) -> u64 {
        text.map_or(0, |text| self.reference(text))
    }
}

/// In the order of [`super::Label`].
const LABEL_OF: [fn(&Event) -> Option<&str>; LABELS] = [
    |event| event.project_id.as_deref(),
    |event| event.task_id.as_deref(),
    |event| event.task_type.as_deref(),
    |event| event.task_run_id.as_deref(),
    |event| event.correlation_id.as_deref(),
    |event| event.action_id.as_deref(),
    |event| event.parent_action_id.as_deref(),
    |event| event.parent_event_id.as_deref(),
    |event| event.status.as_deref(),
];

impl SegmentEncoder {
    /// Appends to `out` what one batch brought: at least one event, of one envelope and arrival, with sequence numbers in a row.
    pub(in crate::sqlite) fn append(&mut self, events: &[Fresh], out: &mut Vec<u8>) {
        let head = &events[0].stored;
        let mut texts = Texts::new();
        self.write_columns(events, &mut texts);
        let envelope = &*head.envelope;
        let names = [
            texts.reference(&envelope.agent_id),
            texts.reference(&envelope.agent_type),
            texts.optional(envelope.agent_version.as_deref()),
            texts.reference(&envelope.framework),
            texts.optional(envelope.runtime.as_deref()),
            texts.optional(envelope.sdk_version.as_deref()),
            texts.optional(envelope.instance_id.as_deref()),
            texts.reference(&envelope.environment),
            texts.reference(&envelope.group),
        ];

        let body = &mut self.body;
        body.clear();
        put(body, head.seq);
        put_signed(body, head.received_at.0);
        body.push(envelope.source.number());
        put(body, events.len() as u64);
        put(body, texts.list.len() as u64);
        for text in &texts.list {
            put(body, text.len() as u64);
        }
        for text in &texts.list {
            body.extend_from_slice(text.as_bytes());
        }
        for reference in names {
            put(body, reference);
        }

        let payloads: usize = events.iter().map(|fresh| payload(&fresh.stored.event).len()).sum();
        put(out, (body.len() + self.columns.len() + payloads) as u64);
        out.extend_from_slice(body);
        out.extend_from_slice(&self.columns);
        for fresh in events {
            out.extend_from_slice(payload(&fresh.stored.event));
        }
    }

    fn write_columns<'a>(&mut self, events: &'a [Fresh], texts: &mut Texts<'a>) {
        let columns = &mut self.columns;
        columns.clear();
        columns.extend(events.iter().map(|fresh| fresh.stored.event.event_type.number()));
        columns.extend(events.iter().map(|fresh| mark_of(&fresh.stored.event)));
        let mut previous = events[0].stored.received_at.0;
        for fresh in events {
            let at = fresh.stored.event.timestamp.0;
            put_signed(columns, at.wrapping_sub(previous));
            previous = at;
        }
        for label_of in LABEL_OF {
            self.column.clear();
            let (mut last, mut last_reference) = (None, 0);
            for fresh in events {
                let text = label_of(&fresh.stored.event);
                if text != last {
                    (last, last_reference) = (text, texts.optional(text));
                }
                self.column.push(last_reference);
            }
            write_label(columns, &self.column);
        }
        for fresh in events {
            let id = &fresh.stored.event.event_id;
            match id.as_uuid() {
                Some(bytes) => columns.extend_from_slice(bytes),
                // Not in the table: ids hardly ever repeat.
                None => id.with_str(|text| {
                    put(columns, text.len() as u64);
                    columns.extend_from_slice(text.as_bytes());
                }),
            }
        }
        for duration in events.iter().filter_map(|fresh| fresh.stored.event.duration_ms) {
            columns.extend_from_slice(&duration.to_le_bytes());
        }
        for fresh in events.iter().filter(|fresh| fresh.stored.event.kind == Some(Kind::LlmCall)) {
            let cost = fresh.call_cost;
            columns.push(cost.map_or(0, |cost| 1 + cost.source as u8));
            if let Some(cost) = cost.filter(|cost| cost.source != CostSource::Unknown) {
                put_signed(columns, cost.amount.0);
            }
        }
        for fresh in events {
            put(columns, payload(&fresh.stored.event).len() as u64);
        }
    }
}

/// Empty when there is none; a payload is never empty itself.
fn payload(event: &Event) -> &[u8] {
    event.payload.as_ref().map_or(&[], |raw| raw.get().as_bytes())
}

fn mark_of(event: &Event) -> u8 {
    let mut bits = event.severity.number() & mark::SEVERITY;
    bits |= event.kind.map_or(0, |kind| kind.number() + 1) << mark::KIND_SHIFT;
    if event.duration_ms.is_some() {
        bits |= mark::HAS_DURATION;
    }
    if event.event_id.as_uuid().is_none() {
        bits |= mark::ID_IS_TEXT;
    }
    bits
}

fn write_label(out: &mut Vec<u8>, column: &[u64]) {
    let first = column[0];
    if column.iter().any(|reference| *reference != first) {
        out.push(2);
        for reference in column {
            put(out, *reference);
        }
    } else if first == 0 {
        out.push(0);
    } else {
        out.push(1);
        put(out, first);
    }
}
