//! Writing messages.

use std::{cell::RefCell, collections::HashMap};

use hiveboard_store::{Batch, Incoming};
use hiveboard_wire::Event;

use super::{COMPRESSED, PLAIN, VERSION, mark};

/// Below that, compression gains nothing.
const SMALL_BYTES: usize = 256;
const LEVEL: i32 = 1;

thread_local! {
    /// Its tables are large: made once a thread.
    static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

/// A batch's events (all of it, or some in a row) as a message.
pub fn encode(batch: &Batch, events: &[Incoming]) -> Vec<u8> {
    let mut writer = Writer { out: Vec::with_capacity(256 + events.len() * 128), texts: HashMap::new() };
    writer.envelope(batch);
    writer.number(events.len() as u64);
    let mut previous = batch.received_at.0;
    for incoming in events {
        writer.event(incoming, previous);
        previous = incoming.event.timestamp.0;
    }
    let body = writer.out;
    let mut message = vec![VERSION, PLAIN];
    if body.len() >= SMALL_BYTES
        && let Some(compressed) = compress(&body)
        && compressed.len() < body.len()
    {
        message[1] = COMPRESSED;
        put(&mut message, body.len() as u64);
        message.extend_from_slice(&compressed);
    } else {
        message.extend_from_slice(&body);
    }
    message
}

fn compress(body: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|compressor| {
        if compressor.is_none() {
            *compressor = zstd::bulk::Compressor::new(LEVEL).ok();
        }
        compressor.as_mut()?.compress(body).ok()
    })
}

/// Seven bits a byte, lowest first.
pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

struct Writer<'a> {
    out: Vec<u8>,
    texts: HashMap<&'a str, u64>,
}

impl<'a> Writer<'a> {
    fn number(&mut self, value: u64) {
        put(&mut self.out, value);
    }

    /// Small for numbers near zero of either sign.
    fn signed(&mut self, value: i64) {
        self.number(((value << 1) ^ (value >> 63)) as u64);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }

    /// Zero for none; the number of a text that was there before; or the next number, and the text.
    fn text(&mut self, text: Option<&'a str>) {
        let Some(text) = text else { return self.number(0) };
        let next = self.texts.len() as u64 + 1;
        let number = *self.texts.entry(text).or_insert(next);
        self.number(number);
        if number == next {
            self.bytes(text.as_bytes());
        }
    }

    fn envelope(&mut self, batch: &'a Batch) {
        let envelope = &*batch.envelope;
        self.number(u64::from(batch.scope.number()));
        self.signed(batch.received_at.0);
        self.out.push(envelope.source.number());
        self.text(Some(&envelope.agent_id));
        self.text(Some(&envelope.agent_type));
        self.text(envelope.agent_version.as_deref());
        self.text(Some(&envelope.framework));
        self.text(envelope.runtime.as_deref());
        self.text(envelope.sdk_version.as_deref());
        self.text(envelope.instance_id.as_deref());
        self.text(Some(&envelope.environment));
        self.text(Some(&envelope.group));
    }

    fn event(&mut self, incoming: &'a Incoming, previous: i64) {
        let event = &incoming.event;
        self.out.push(event.event_type.number());
        self.out.push(mark_of(incoming));
        if let Some(kind) = event.kind {
            self.out.push(kind.number());
        }
        self.signed(event.timestamp.0.wrapping_sub(previous));
        match event.event_id.as_uuid() {
            Some(bytes) => self.out.extend_from_slice(bytes),
            None => event.event_id.with_str(|text| self.bytes(text.as_bytes())),
        }
        for label in labels(event) {
            self.text(label);
        }
        if let Some(duration) = event.duration_ms {
            self.out.extend_from_slice(&duration.to_le_bytes());
        }
        if let Some(cost) = incoming.call_cost {
            self.out.push(cost.source as u8);
            self.signed(cost.amount.0);
        }
        if let Some(payload) = &event.payload {
            self.bytes(payload.get().as_bytes());
        }
    }
}

fn labels(event: &Event) -> [Option<&str>; 9] {
    [
        event.project_id.as_deref(),
        event.task_id.as_deref(),
        event.task_type.as_deref(),
        event.task_run_id.as_deref(),
        event.correlation_id.as_deref(),
        event.action_id.as_deref(),
        event.parent_action_id.as_deref(),
        event.parent_event_id.as_deref(),
        event.status.as_deref(),
    ]
}

fn mark_of(incoming: &Incoming) -> u8 {
    let event = &incoming.event;
    let bit = |is_there: bool, bit: u8| if is_there { bit } else { 0 };
    event.severity.number() & mark::SEVERITY
        | bit(event.duration_ms.is_some(), mark::DURATION)
        | bit(event.event_id.as_uuid().is_none(), mark::TEXT_ID)
        | bit(event.payload.is_some(), mark::PAYLOAD)
        | bit(incoming.call_cost.is_some(), mark::COST)
        | bit(event.kind.is_some(), mark::KIND)
}
