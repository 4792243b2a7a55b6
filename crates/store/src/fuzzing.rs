//! Ways in for `fuzz/`: parsers that have no door of their own.

use std::sync::Arc;

use hiveboard_wire::{CallCost, CostSource, Decoded, StoredEvent, Timestamp};

use crate::{Fresh, sqlite};

/// Reads bytes as a block, all of it.
pub fn open_block(raw: &[u8]) {
    let _broken = sqlite::fuzzing::events_of_block(raw);
}

/// Packs a batch into a block and compares what comes out.
pub fn round_trip(decoded: Decoded, received_at: Timestamp) {
    let fresh: Vec<Fresh> = decoded
        .events
        .into_iter()
        .enumerate()
        .map(|(place, accepted)| {
            let call_cost = match &accepted.body {
                hiveboard_wire::Body::LlmCall(call) => {
                    call.cost.map(|amount| CallCost { amount, source: CostSource::Reported })
                }
                _ => None,
            };
            let stored = StoredEvent {
                seq: 1 + place as u64,
                received_at,
                envelope: Arc::clone(&decoded.envelope),
                event: accepted.event,
            };
            Fresh { stored, body: accepted.body, call_cost }
        })
        .collect();
    if fresh.is_empty() {
        return;
    }
    let read =
        sqlite::fuzzing::events_of_block(&sqlite::fuzzing::block_of(&fresh)).expect("what was packed reads as a block");
    assert_eq!(read.len(), fresh.len());
    for (fresh, (stored, call_cost)) in fresh.iter().zip(read) {
        // Payloads are compared as written: a raw value has no equality.
        assert_eq!(format!("{:?}", fresh.stored), format!("{stored:?}"));
        assert_eq!(fresh.call_cost, call_cost);
    }
}

/// Whether the search index would look at an event with this payload for a folded text.
pub fn index_may_hold(payload: &[u8], folded: &str) -> bool {
    sqlite::fuzzing::index_may_hold(payload, folded)
}
