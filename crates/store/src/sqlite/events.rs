//! Events by filter, and those of a task.

mod listed;
mod matcher;

use std::ops::ControlFlow;

use hiveboard_wire::{CallCost, Scope, StoredEvent};
use rusqlite::{Connection, OptionalExtension, Row};

#[cfg(test)]
pub(super) use self::listed::page_statement;
use self::{listed::ListedBlocks, matcher::Matcher};
use super::{
    block::BlockView,
    catalog::Catalog,
    day::Day,
    plan::Plan,
    reader::{Deadline, Reader},
    search::{Candidates, SeqRange},
};
use crate::{EventFilter, EventPage, Result, query::SeqOrder};

/// Takes what is found, in order, until it breaks.
type Visit<'a> = &'a mut dyn FnMut(StoredEvent, Option<CallCost>) -> ControlFlow<()>;

pub(super) fn events(
    catalog: &Catalog,
    scope: Scope,
    filter: &EventFilter,
    page: EventPage,
) -> Result<Vec<StoredEvent>> {
    let mut found = Vec::new();
    if page.limit > 0 {
        visit(catalog, scope, filter, page.order, catalog.deadline(), &mut |event, _cost| {
            found.push(event);
            if found.len() < page.limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
    }
    Ok(found)
}

/// Visits what meets the filter, block by block.
pub(super) fn visit(
    catalog: &Catalog,
    scope: Scope,
    filter: &EventFilter,
    order: SeqOrder,
    deadline: Deadline,
    visit: Visit<'_>,
) -> Result<()> {
    let Some(key) = catalog.key() else { return Ok(()) };
    let matcher = Matcher::new(filter);
    let (since, until) = (filter.since.map_or(i64::MIN, |at| at.0), filter.until.map_or(i64::MAX, |at| at.0));
    if since >= until {
        return Ok(());
    }
    let mut days = catalog.days();
    if matches!(order, SeqOrder::Newest { .. }) {
        days.reverse();
    }
    for day in days {
        let range = day.range();
        let out_of_page = match order {
            SeqOrder::Newest { before } => before.is_some_and(|before| before.seq() <= range.first_seq),
            SeqOrder::Oldest { after } => after.seq() >= range.last_seq,
        };
        let out_of_time = range.greatest_timestamp < since || range.least_timestamp >= until;
        if out_of_page || out_of_time || range.events == 0 {
            continue;
        }
        let plan = Plan::new(&key, scope, filter, day.lists_all_labels());
        if !plan.listed.is_empty() {
            let ranges = matcher.text().is_some().then(|| ranges(catalog, &day, &matcher, order));
            let mut ranges: Option<Vec<SeqRange>> = ranges.map(Iterator::collect);
            if let Some(ranges) = &mut ranges {
                ranges.sort_unstable();
            }
            let wanted = Listed { ranges: ranges.as_deref(), order };
            if day.read(deadline, |reader| in_listed(reader, &day, &plan, &matcher, &wanted, visit))?.is_break() {
                break;
            }
            continue;
        }
        let is_cut = since > range.least_timestamp || until <= range.greatest_timestamp;
        for range in ranges(catalog, &day, &matcher, order) {
            let look = |reader: &mut Reader| {
                let mut parts =
                    if is_cut { day.zones.within(&reader.connection, range, since..until)? } else { vec![range] };
                if matches!(order, SeqOrder::Newest { .. }) {
                    parts.reverse();
                }
                for part in parts {
                    if in_range(reader, &plan, &matcher, order, part, visit)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(ControlFlow::Continue(()))
            };
            if day.read(deadline, look)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

const MASKS: &str = "(b.types & ?2) != 0 AND (b.severities & ?3) != 0 AND (b.kinds & ?4) != 0
    AND (b.projects & ?5 != 0 OR ?5 = -1) AND (b.environments & ?6) != 0 AND (b.groups & ?7) != 0
    AND b.greatest_timestamp >= ?8 AND b.least_timestamp < ?9";

/// Where in a day to look, in order.
fn ranges(catalog: &Catalog, day: &Day, matcher: &Matcher<'_>, order: SeqOrder) -> Candidates {
    let (page, newest_first) = (page_of(order), matches!(order, SeqOrder::Newest { .. }));
    match matcher.text() {
        Some(folded) => catalog.search.candidates(day, folded, newest_first, page),
        None => Candidates::all(page),
    }
}

fn page_of(order: SeqOrder) -> SeqRange {
    match order {
        SeqOrder::Newest { before } => (0, before.map_or(u64::MAX, |before| before.seq().saturating_sub(1))),
        SeqOrder::Oldest { after } => (after.seq().saturating_add(1), u64::MAX),
    }
}

/// Blocks that may match, in one direction.
pub(super) fn scan_statement(newest_first: bool) -> String {
    let order = if newest_first { "DESC" } else { "ASC" };
    format!(
        "SELECT d.raw_bytes, d.data FROM block b JOIN block_data d ON d.id = b.id
         WHERE b.scope = ?1 AND b.id BETWEEN ?10 AND ?11 AND {MASKS} ORDER BY b.id {order}"
    )
}

/// One block, if it may match.
pub(super) fn block_statement() -> String {
    format!(
        "SELECT d.raw_bytes, d.data FROM block b JOIN block_data d ON d.id = b.id
         WHERE b.id = ?10 AND b.scope = ?1 AND {MASKS}"
    )
}

fn in_range(
    reader: &mut Reader,
    plan: &Plan,
    matcher: &Matcher<'_>,
    order: SeqOrder,
    range: SeqRange,
    visit: Visit<'_>,
) -> Result<ControlFlow<()>> {
    let (first_id, last_id) = (first_block(reader, plan.scope, range.0)?, id_of(range.1));
    let newest_first = matches!(order, SeqOrder::Newest { .. });
    let Reader { connection, opener, deadline, .. } = reader;
    let scope = plan.scope.number();
    let mut parameters = plan.parameters(&scope, &first_id).to_vec();
    parameters.push(&last_id);
    let mut statement = connection.prepare_cached(&scan_statement(newest_first))?;
    let mut rows = statement.query(parameters.as_slice())?;
    while let Some(row) = rows.next()? {
        deadline.check()?;
        let (raw_bytes, data) = block_of(row, 0)?;
        if in_block(opener.open(raw_bytes, data)?, matcher, newest_first, range, visit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// What is asked of listed blocks.
struct Listed<'a> {
    /// Where the text may stand, ascending; `None`: anywhere.
    ranges: Option<&'a [SeqRange]>,
    order: SeqOrder,
}

impl Listed<'_> {
    /// A page, or a stretch of the index, may begin inside of a block.
    fn may_hold(&self, connection: &Connection, block: i64) -> Result<bool> {
        let Some(ranges) = self.ranges else { return Ok(true) };
        let next = ranges.partition_point(|(_, last)| *last < block as u64);
        let Some((first, _)) = ranges.get(next) else { return Ok(false) };
        let mut last_seq = connection.prepare_cached("SELECT last_seq FROM block WHERE id = ?1")?;
        let last_seq = last_seq.query_row([block], |row| row.get::<_, i64>(0)).optional()?;
        Ok(last_seq.is_some_and(|last_seq| *first <= last_seq as u64))
    }
}

fn in_listed(
    reader: &mut Reader,
    day: &Day,
    plan: &Plan,
    matcher: &Matcher<'_>,
    wanted: &Listed<'_>,
    visit: Visit<'_>,
) -> Result<ControlFlow<()>> {
    let mut bound = match wanted.order {
        SeqOrder::Newest { before } => before.map_or(i64::MAX, |before| id_of(before.seq())),
        SeqOrder::Oldest { after } => first_block(reader, plan.scope, after.seq())?,
    };
    let newest_first = matches!(wanted.order, SeqOrder::Newest { .. });
    let Reader { connection, opener, deadline, .. } = reader;
    let scope = plan.scope.number();
    let mut listed = ListedBlocks::new(day, &plan.listed, newest_first, bound);
    let mut statement = connection.prepare_cached(&block_statement())?;
    while let Some(block) = listed.next(connection)? {
        deadline.check()?;
        if !wanted.may_hold(connection, block)? {
            continue;
        }
        bound = block;
        let mut rows = statement.query(plan.parameters(&scope, &bound).as_slice())?;
        let Some(row) = rows.next()? else { continue };
        let (raw_bytes, data) = block_of(row, 0)?;
        let page = page_of(wanted.order);
        if in_block(opener.open(raw_bytes, data)?, matcher, newest_first, page, visit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Size and compressed bytes, from two columns.
pub(super) fn block_of<'r>(row: &'r Row<'_>, at: usize) -> Result<(usize, &'r [u8])> {
    let raw_bytes: u32 = row.get(at)?;
    let data = row.get_ref(at + 1)?.as_blob().map_err(rusqlite::Error::from)?;
    Ok((raw_bytes as usize, data))
}

fn id_of(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// The block that may hold an event.
fn first_block(reader: &Reader, scope: Scope, seq: u64) -> Result<i64> {
    let mut statement = reader.connection.prepare_cached(
        "SELECT coalesce((SELECT id FROM block WHERE scope = ?1 AND id <= ?2 ORDER BY id DESC LIMIT 1), 0)",
    )?;
    Ok(statement.query_row(rusqlite::params![scope.number(), id_of(seq)], |row| row.get(0))?)
}

fn in_block(
    raw: &[u8],
    matcher: &Matcher<'_>,
    newest_first: bool,
    (first, last): SeqRange,
    visit: Visit<'_>,
) -> Result<ControlFlow<()>> {
    let mut segments = BlockView::new(raw)?.segments()?;
    if newest_first {
        segments.reverse();
    }
    for segment in &segments {
        if !matcher.may_hold(segment) {
            continue;
        }
        let count = segment.len();
        for place in 0..count {
            let event = segment.event(if newest_first { count - 1 - place } else { place });
            let in_page = (first..=last).contains(&event.seq());
            if in_page && matcher.matches(event) && visit(event.to_stored()?, event.call_cost()).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The stored event with this `seq`.
pub(super) fn with_event<T>(
    reader: &mut Reader,
    scope: Scope,
    seq: u64,
    read: impl FnOnce(super::block::EventView<'_, '_>) -> Result<T>,
) -> Result<Option<T>> {
    let (mut read, mut answer) = (Some(read), None);
    each_event(reader, scope, &[seq], |event| {
        answer = read.take().map(|read| read(event)).transpose()?;
        Ok(())
    })?;
    Ok(answer)
}

/// Visits the stored events with these numbers, which are ascending: each block is opened once for all that are wanted of it. What is not there is
/// left out.
pub(super) fn each_event(
    reader: &mut Reader,
    scope: Scope,
    seqs: &[u64],
    mut visit: impl FnMut(super::block::EventView<'_, '_>) -> Result<()>,
) -> Result<()> {
    let Reader { connection, opener, deadline, .. } = reader;
    let mut statement = connection.prepare_cached(
        "SELECT raw_bytes, data FROM block_data WHERE id = (SELECT id FROM block WHERE scope = ?1 AND id <= ?2 ORDER BY id DESC LIMIT 1)",
    )?;
    let mut left = seqs;
    while let Some((first, after)) = left.split_first() {
        deadline.check()?;
        let mut rows = statement.query(rusqlite::params![scope.number(), first])?;
        let Some(row) = rows.next()? else {
            left = after;
            continue;
        };
        let (raw_bytes, data) = block_of(row, 0)?;
        let mut is_there = false;
        for segment in BlockView::new(opener.open(raw_bytes, data)?)?.segments()? {
            while let Some((seq, after)) = left.split_first()
                && (segment.first_seq()..=segment.last_seq()).contains(seq)
            {
                visit(segment.event((seq - segment.first_seq()) as usize))?;
                (left, is_there) = (after, true);
            }
        }
        if !is_there {
            left = after;
        }
    }
    Ok(())
}
