//! What `crate::fuzzing` reaches.

use hiveboard_wire::{CallCost, StoredEvent};

use super::block::{self, BlockView, SegmentEncoder};
use crate::{Fresh, Result};

pub(crate) use super::search::may_hold as index_may_hold;

pub(crate) fn block_of(fresh: &[Fresh]) -> Vec<u8> {
    let mut raw = Vec::new();
    block::begin(&mut raw);
    SegmentEncoder::default().append(fresh, &mut raw);
    raw
}

pub(crate) fn events_of_block(raw: &[u8]) -> Result<Vec<(StoredEvent, Option<CallCost>)>> {
    let mut events = Vec::new();
    for segment in BlockView::new(raw)?.segments()? {
        for place in 0..segment.len() {
            let event = segment.event(place);
            events.push((event.to_stored()?, event.call_cost()));
        }
    }
    Ok(events)
}
