//! How events lie in a block.
//!
//! A block is a version byte and segments, compressed with zstd. A segment holds what one batch brought: its envelope, when it arrived, and its
//! events column by column, payloads last and verbatim. Texts that repeat (tasks, actions, labels) stand once in the segment's table
//! and are named by their place in it. Segments stand on their own, so blocks join by putting their segments one after another.
//!
//! ```text
//! block    = version, segment…
//! segment  = length, first_seq, received_at, source, n, texts, envelope (9 references), columns
//! texts    = count, lengths, bytes
//! columns  = types n×1, marks n×1, timestamps (differences), 9 labels, event ids, durations, costs, payload lengths, payloads
//! label    = 0 (absent everywhere) | 1 reference (the same everywhere) | 2 n references
//! ```
//! All lengths, counts and references are varints; a reference is the place in the table plus one, zero for absent.
//!
//! Version 1 had no source: what came by OpenTelemetry is told by its ids there. And its costs are whole nano-dollars.

mod decode;
mod encode;

use hiveboard_wire::Kind;

pub(super) use decode::{BlockView, EventView, SegmentView};
pub(super) use encode::SegmentEncoder;

/// First byte of every block.
const VERSION: u8 = 2;
/// The first one: segments did not say by which way their batch came in.
const WITHOUT_SOURCE: u8 = 1;
/// Of a nano-dollar.
const HUNDREDTHS: i64 = 100;

/// Bits of an event's mark: severity in 0–1, kind plus one in 2–5.
mod mark {
    pub(super) const SEVERITY: u8 = 0b11;
    pub(super) const KIND_SHIFT: u8 = 2;
    pub(super) const KIND: u8 = 0b1111;
    pub(super) const HAS_DURATION: u8 = 1 << 6;
    pub(super) const ID_IS_TEXT: u8 = 1 << 7;
}

const _: () = assert!(Kind::ALL.len() < 15, "kinds fill four bits of the mark, zero standing for none");

/// Optional texts of an event, in the order of their columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Label {
    Project,
    Task,
    TaskType,
    TaskRun,
    Correlation,
    Action,
    ParentAction,
    ParentEvent,
    Status,
}

const LABELS: usize = 9;
const ENVELOPE_TEXTS: usize = 9;

/// An empty block, to which segments are appended.
pub(super) fn begin(raw: &mut Vec<u8>) {
    raw.clear();
    raw.push(VERSION);
}

/// Whether two blocks are of one version, so that they can be joined.
pub(super) fn are_alike(one: &[u8], other: &[u8]) -> bool {
    one.first().is_some_and(|version| other.first() == Some(version))
}

/// Puts a block behind another one like it.
pub(super) fn join(raw: &mut Vec<u8>, next: &[u8]) {
    raw.extend_from_slice(next.get(1..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use hiveboard_wire::{CallCost, CostSource, Decoded, NanoDollars, Source, StoredEvent, Timestamp, decode_batch};

    use super::{super::varint::put, *};
    use crate::Fresh;

    fn fresh(event_id: &str, source: Source) -> Fresh {
        let payload = serde_json::json!({"kind": "llm_call", "data": {"name": "n", "model": "m"}});
        let body = serde_json::json!({
            "envelope": {"agent_id": "a"},
            "events": [{
                "event_id": event_id, "timestamp": "2026-11-26T10:00:00Z", "event_type": "custom", "payload": payload,
            }],
        });
        let at = Timestamp::parse("2026-11-26T10:00:01Z").unwrap();
        let Decoded { envelope, mut events, .. } =
            decode_batch(body.to_string().as_bytes(), at).unwrap().came_by(source);
        let one = events.remove(0);
        Fresh {
            stored: StoredEvent { seq: 7, received_at: at, envelope, event: one.event },
            body: one.body,
            call_cost: Some(CallCost { amount: NanoDollars(37), source: CostSource::Reported }),
        }
    }

    fn block(fresh: Fresh) -> Vec<u8> {
        let mut raw = Vec::new();
        begin(&mut raw);
        SegmentEncoder::default().append(&[fresh], &mut raw);
        raw
    }

    /// The same as version 1 wrote it: without the byte after the first number and the time.
    fn without_source(raw: &[u8]) -> Vec<u8> {
        let mut cursor = super::super::varint::Cursor(&raw[1..]);
        let length = cursor.size().unwrap();
        let segment = cursor.0;
        let (_, _) = (cursor.number().unwrap(), cursor.signed().unwrap());
        let place = segment.len() - cursor.0.len();
        let mut earlier = vec![WITHOUT_SOURCE];
        put(&mut earlier, length as u64 - 1);
        earlier.extend_from_slice(&segment[..place]);
        earlier.extend_from_slice(&segment[place + 1..]);
        earlier
    }

    fn read(raw: &[u8]) -> StoredEvent {
        BlockView::new(raw).unwrap().segments().unwrap()[0].event(0).to_stored().unwrap()
    }

    fn cost(raw: &[u8]) -> Option<i64> {
        BlockView::new(raw).unwrap().segments().unwrap()[0].event(0).call_cost().map(|cost| cost.amount.0)
    }

    #[test]
    fn costs_of_version_1_are_whole_nano_dollars() {
        let now = block(fresh("one", Source::Ingest));
        assert_eq!((cost(&now), cost(&without_source(&now))), (Some(37), Some(3_700)));
    }

    #[test]
    fn a_block_says_by_which_way_its_batches_came_in() {
        for source in Source::ALL {
            assert_eq!(read(&block(fresh("otlp:1:2:start", source))).envelope.source, source);
        }
    }

    #[test]
    fn a_block_of_version_1_is_read_and_its_ids_say_by_which_way_it_came_in() {
        for (event_id, source) in [("otlp:1:2:start", Source::Otlp), ("one", Source::Ingest)] {
            let stored = read(&without_source(&block(fresh(event_id, Source::Ingest))));
            assert_eq!((stored.envelope.source, stored.event.event_id.to_string()), (source, event_id.to_owned()));
            assert_eq!((stored.seq, stored.received_at.to_string().as_str()), (7, "2026-11-26T10:00:01.000000Z"));
        }
    }
}
