//! Calls in which a text stands: in their name, model, or previews.
//!
//! No row of a call knows its texts, so blocks are opened: those to which the search index leads, from the one that may hold the best call by
//! the sort down, until no other can hold a better one.

use std::collections::BinaryHeap;

use hiveboard_text::Needle;
use hiveboard_wire::{Body, Kind, body::LlmCall};

use super::list::{Order, Wanted};
use crate::{
    CallFilter, Result,
    sqlite::{
        block::{BlockView, EventView, Label, SegmentView},
        catalog::Catalog,
        day::Day,
        events::block_of,
        keys::StoreKey,
        reader::Reader,
        row::clamp,
        search::SeqRange,
    },
};

/// The figure and `seq` of calls in a day, at most `limit`, in no order.
pub(super) fn in_day(
    reader: &mut Reader,
    catalog: &Catalog,
    day: &Day,
    key: &StoreKey,
    wanted: &Wanted<'_>,
    needle: &Needle,
) -> Result<Vec<(i64, u64)>> {
    let Wanted { filter, order, limit, .. } = *wanted;
    let mut blocks = Vec::new();
    for range in catalog.search.candidates(day, needle.folded(), false, (0, u64::MAX)) {
        list_blocks(reader, key, wanted, range, &mut blocks)?;
    }
    blocks.sort_unstable();
    // Two ranges may lie in one block.
    blocks.dedup();
    let mut best: BinaryHeap<((i128, i128), i64, u64)> = BinaryHeap::new();
    let Reader { connection, opener, deadline, .. } = reader;
    let mut statement = connection.prepare_cached("SELECT raw_bytes, data FROM block_data WHERE id = ?1")?;
    for (bound, id) in blocks {
        deadline.check()?;
        if best.len() >= limit && best.peek().is_none_or(|(worst, ..)| worst.0 < i128::from(bound)) {
            break;
        }
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else { continue };
        let (raw_bytes, data) = block_of(row, 0)?;
        for segment in BlockView::new(opener.open(raw_bytes, data)?)?.segments()? {
            if !may_hold(&segment, filter) {
                continue;
            }
            for place in 0..segment.len() {
                let event = segment.event(place);
                let Some(figure) = figure_of(event, filter, needle, order)? else { continue };
                if order.is_beyond(figure, event.seq()) {
                    best.push((order.rank(figure, event.seq()), figure, event.seq()));
                    if best.len() > limit {
                        best.pop();
                    }
                }
            }
        }
    }
    Ok(best.into_iter().map(|(_, figure, seq)| (figure, seq)).collect())
}

/// Adds blocks that may hold such calls, with the least rank that one of them may have.
fn list_blocks(
    reader: &Reader,
    key: &StoreKey,
    wanted: &Wanted<'_>,
    range: SeqRange,
    blocks: &mut Vec<(i64, i64)>,
) -> Result<()> {
    let Wanted { scope, filter, order, .. } = *wanted;
    let sql = format!(
        "SELECT id, {} FROM block WHERE scope = ?1 AND id <= ?3 AND last_seq >= ?2 AND (kinds & ?4) != 0
            AND id >= coalesce((SELECT id FROM block WHERE scope = ?1 AND id <= ?2 ORDER BY id DESC LIMIT 1), 0)
            AND greatest_timestamp >= ?5 AND least_timestamp < ?6 AND (projects & ?7 != 0 OR ?7 = -1) AND (environments & ?8) != 0",
        order.least_rank_of_block()
    );
    let bit = |text: &Option<String>| text.as_deref().map_or(-1, |text| key.mask_bit(text));
    let id = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let rows = statement.query_map(
        rusqlite::params![
            scope.number(),
            id(range.0),
            id(range.1),
            1_i64 << Kind::LlmCall.number(),
            filter.since.map_or(i64::MIN, |at| at.0),
            filter.until.map_or(i64::MAX, |at| at.0),
            bit(&filter.project_id),
            bit(&filter.environment),
        ],
        |row| Ok((row.get(1)?, row.get(0)?)),
    )?;
    for row in rows {
        blocks.push(row?);
    }
    Ok(())
}

fn is(wanted: Option<&String>, actual: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| actual == Some(wanted))
}

fn may_hold(segment: &SegmentView<'_>, filter: &CallFilter) -> bool {
    is(filter.agent_id.as_ref(), Some(segment.agent_id()))
        && is(filter.environment.as_ref(), Some(segment.environment()))
        && is(filter.group.as_ref(), Some(segment.group()))
        && is(filter.version.as_ref(), segment.version())
}

/// What the sort looks at, of a call that matches.
fn figure_of(event: EventView<'_, '_>, filter: &CallFilter, needle: &Needle, order: Order) -> Result<Option<i64>> {
    let fits = event.kind() == Some(Kind::LlmCall)
        && is(filter.project_id.as_ref(), event.label(Label::Project))
        && is(filter.task_id.as_ref(), event.label(Label::Task))
        && is(filter.task_type.as_ref(), event.label(Label::TaskType))
        && filter.since.is_none_or(|since| event.timestamp() >= since)
        && filter.until.is_none_or(|until| event.timestamp() < until)
        && needle.is_in_payload(event.payload());
    if !fits {
        return Ok(None);
    }
    let Body::LlmCall(call) = event.to_stored()?.event.body() else { return Ok(None) };
    if !is(filter.model.as_ref(), call.model.as_deref()) || !says(&call, needle) {
        return Ok(None);
    }
    let tokens = call.tokens_in.map_or(0, clamp) + call.tokens_out.map_or(0, clamp);
    let cost = event.call_cost().map_or(0, |cost| cost.amount.0);
    Ok(Some(order.pick(event.timestamp().0, cost, tokens)))
}

fn says(call: &LlmCall, needle: &Needle) -> bool {
    [&call.name, &call.model, &call.prompt_preview, &call.response_preview]
        .into_iter()
        .flatten()
        .any(|text| needle.is_in_text(text))
}
