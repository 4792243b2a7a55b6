//! Events by filter, and those of a task.

mod matcher;
mod text;

use hiveboard_wire::{Scope, StoredEvent};
use rusqlite::{Row, ToSql};

use self::matcher::Matcher;
use super::{block::BlockView, plan::Plan, reader::Reader, store::Shared};
use crate::{EventFilter, EventPage, Result, query::SeqOrder};

/// Collects what a query found.
struct Found {
    events: Vec<StoredEvent>,
    limit: usize,
}

impl Found {
    fn is_full(&self) -> bool {
        self.events.len() >= self.limit
    }
}

pub(super) fn events(shared: &Shared, scope: Scope, filter: &EventFilter, page: EventPage) -> Result<Vec<StoredEvent>> {
    let Some(key) = shared.key() else { return Ok(Vec::new()) };
    let plan = Plan::new(&key, scope, filter);
    let matcher = Matcher::new(filter);
    let mut found = Found { events: Vec::new(), limit: page.limit };
    if plan.since >= plan.until || page.limit == 0 {
        return Ok(Vec::new());
    }
    let mut days = shared.days();
    if matches!(page.order, SeqOrder::Newest { .. }) {
        days.reverse();
    }
    for day in days {
        let range = day.range();
        let out_of_page = match page.order {
            SeqOrder::Newest { before } => before.is_some_and(|before| before <= range.first_seq),
            SeqOrder::Oldest { after } => after >= range.last_seq,
        };
        let out_of_time = range.greatest_timestamp < plan.since || range.least_timestamp >= plan.until;
        if out_of_page || out_of_time || range.events == 0 {
            continue;
        }
        day.read(|reader| in_day(reader, &plan, &matcher, page.order, &mut found))?;
        if found.is_full() {
            break;
        }
    }
    Ok(found.events)
}

/// All of a task of one agent, in order of `seq`.
pub(super) fn task_events(
    shared: &Shared,
    scope: Scope,
    agent_id: &str,
    task_id: &str,
    task_run_id: Option<&str>,
    limit: usize,
) -> Result<Vec<StoredEvent>> {
    let filter = EventFilter {
        agent_id: Some(agent_id.to_owned()),
        task_id: Some(task_id.to_owned()),
        task_run_id: task_run_id.map(str::to_owned),
        ..EventFilter::default()
    };
    events(shared, scope, &filter, EventPage { order: SeqOrder::Oldest { after: 0 }, limit })
}

const MASKS: &str = "(b.types & ?2) != 0 AND (b.severities & ?3) != 0 AND (b.kinds & ?4) != 0
    AND (b.projects & ?5 != 0 OR ?5 = -1) AND (b.environments & ?6) != 0 AND (b.groups & ?7) != 0
    AND b.greatest_timestamp >= ?8 AND b.least_timestamp < ?9";

/// The statement for so many references, and the direction.
pub(super) fn statement(references: usize, newest_first: bool) -> String {
    let (from, id) = match references {
        0 => ("block b JOIN block_data d ON d.id = b.id WHERE b.scope = ?1", "b.id"),
        // The second one is asked for each block of the first.
        1 => ("reference r CROSS JOIN block b ON b.id = r.block JOIN block_data d ON d.id = b.id WHERE b.scope = ?1 AND r.key = ?11", "r.block"),
        _ => (
            "reference r CROSS JOIN block b ON b.id = r.block JOIN block_data d ON d.id = b.id WHERE b.scope = ?1 AND r.key = ?11
                AND EXISTS (SELECT 1 FROM reference s WHERE s.key = ?12 AND s.block = r.block)",
            "r.block",
        ),
    };
    let (bound, order) = if newest_first { ("<", "DESC") } else { (">=", "ASC") };
    format!("SELECT d.raw_bytes, d.data FROM {from} AND {id} {bound} ?10 AND {MASKS} ORDER BY {id} {order}")
}

fn in_day(reader: &mut Reader, plan: &Plan, matcher: &Matcher<'_>, order: SeqOrder, found: &mut Found) -> Result<()> {
    let bound = match order {
        SeqOrder::Newest { before } => before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX)),
        SeqOrder::Oldest { after } => first_block(reader, plan.scope, after)?,
    };
    let newest_first = matches!(order, SeqOrder::Newest { .. });
    let Reader { connection, opener, clock } = reader;
    let mut statement = connection.prepare_cached(&statement(plan.references.len(), newest_first))?;
    let scope = plan.scope.number();
    let mut parameters: Vec<&dyn ToSql> = vec![
        &scope,
        &plan.types,
        &plan.severities,
        &plan.kinds,
        &plan.projects,
        &plan.environments,
        &plan.groups,
        &plan.since,
        &plan.until,
        &bound,
    ];
    parameters.extend(plan.references.iter().map(|reference| reference as &dyn ToSql));
    let mut rows = statement.query(parameters.as_slice())?;
    while let Some(row) = rows.next()? {
        clock.check()?;
        let (raw_bytes, data) = block_of(row, 0)?;
        let raw = opener.open(raw_bytes, data)?;
        collect(raw, matcher, order, found)?;
        if found.is_full() {
            break;
        }
    }
    Ok(())
}

/// Size and compressed bytes, from two columns.
pub(super) fn block_of<'r>(row: &'r Row<'_>, at: usize) -> Result<(usize, &'r [u8])> {
    let raw_bytes: u32 = row.get(at)?;
    let data = row.get_ref(at + 1)?.as_blob().map_err(rusqlite::Error::from)?;
    Ok((raw_bytes as usize, data))
}

/// The block that may hold the event after `after`.
fn first_block(reader: &Reader, scope: Scope, after: u64) -> Result<i64> {
    let mut statement = reader.connection.prepare_cached(
        "SELECT coalesce((SELECT id FROM block WHERE scope = ?1 AND id <= ?2 ORDER BY id DESC LIMIT 1), 0)",
    )?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    Ok(statement.query_row(rusqlite::params![scope.number(), after], |row| row.get(0))?)
}

fn collect(raw: &[u8], matcher: &Matcher<'_>, order: SeqOrder, found: &mut Found) -> Result<()> {
    let mut segments = BlockView::new(raw)?.segments()?;
    let newest_first = matches!(order, SeqOrder::Newest { .. });
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
            let in_page = match order {
                SeqOrder::Newest { before } => before.is_none_or(|before| event.seq() < before),
                SeqOrder::Oldest { after } => event.seq() > after,
            };
            if in_page && matcher.matches(event) {
                found.events.push(event.to_stored()?);
                if found.is_full() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// The stored event with this `seq`, and what it cost; for rows of calls.
pub(super) fn with_event<T>(
    reader: &mut Reader,
    scope: Scope,
    seq: u64,
    read: impl FnOnce(super::block::EventView<'_, '_>) -> Result<T>,
) -> Result<Option<T>> {
    let Reader { connection, opener, .. } = reader;
    let mut statement = connection.prepare_cached(
        "SELECT raw_bytes, data FROM block_data WHERE id = (SELECT id FROM block WHERE scope = ?1 AND id <= ?2 ORDER BY id DESC LIMIT 1)",
    )?;
    let mut rows = statement.query(rusqlite::params![scope.number(), seq])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (raw_bytes, data) = block_of(row, 0)?;
    let raw = opener.open(raw_bytes, data)?;
    for segment in BlockView::new(raw)?.segments()? {
        if (segment.first_seq()..=segment.last_seq()).contains(&seq) {
            return read(segment.event((seq - segment.first_seq()) as usize)).map(Some);
        }
    }
    Ok(None)
}
