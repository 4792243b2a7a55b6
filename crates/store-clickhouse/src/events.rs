//! Events by filter.

use std::ops::ControlFlow;

use clickhouse::Row;
use hiveboard_store::{EventFilter, EventPage, Position, Result, query::SeqOrder};
use hiveboard_wire::{CallCost, EventId, EventType, Kind, Scope, Severity, StoredEvent};
use serde::Deserialize;

use crate::{
    rows::{Reader, StoredRow},
    server::{Limit, Server},
    sql::{Sql, anywhere},
};

/// Rows of one statement of a scan.
const ROWS_OF_SCAN: usize = 20_000;

#[derive(Row, Deserialize)]
struct Newest {
    seq: u64,
}

/// What narrows: ` AND …`.
fn conditions(filter: &EventFilter) -> Sql {
    let texts = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut sql = Sql::default()
        .equal("agent_id", filter.agent_id.as_deref())
        .equal("project_id", filter.project_id.as_deref())
        .equal("environment", filter.environment.as_deref())
        .equal("agent_group", filter.group.as_deref())
        .equal("task_id", filter.task_id.as_deref())
        // Without a run of its own, an event belongs to run "".
        .equal("task_run_id", filter.task_run_id.as_deref())
        .equal("correlation_id", filter.correlation_id.as_deref());
    if !filter.event_types.is_empty() {
        sql = sql.with(
            " AND event_type IN ?",
            texts(filter.event_types.iter().map(|one| EventType::as_str(*one)).collect()),
        );
    }
    if filter.exclude_heartbeats {
        sql = sql.with(" AND event_type != ?", EventType::Heartbeat.as_str());
    }
    if !filter.severities.is_empty() {
        sql =
            sql.with(" AND severity IN ?", texts(filter.severities.iter().map(|one| Severity::as_str(*one)).collect()));
    }
    let kinds = texts(filter.kinds.iter().map(|one| Kind::as_str(*one)).collect());
    sql = match (kinds.is_empty(), filter.own_kinds.is_empty()) {
        (true, true) => sql,
        (false, true) => sql.with(" AND kind IN ?", kinds),
        (true, false) => sql.with(" AND kind = '' AND own_kind IN ?", filter.own_kinds.clone()),
        (false, false) => {
            sql.with(" AND (kind IN ?", kinds).with(" OR (kind = '' AND own_kind IN ?))", filter.own_kinds.clone())
        }
    };
    if let Some(since) = filter.since {
        sql = sql.with(" AND timestamp_us >= ?", since.0);
    }
    if let Some(until) = filter.until {
        sql = sql.with(" AND timestamp_us < ?", until.0);
    }
    if let Some(text) = filter.text.as_deref().filter(|text| !text.is_empty()) {
        sql = sql.with(" AND folded LIKE ?", anywhere(&hiveboard_text::fold(text)).as_str());
    }
    sql
}

/// Events in one direction, as many statements as it takes: rows that a replay stored twice are left out here, not by the engine, which would read
/// all for it.
pub(crate) fn visit(
    server: &Server,
    partition: u16,
    scope: Scope,
    filter: &EventFilter,
    page: EventPage,
    limit: Limit,
    visit: &mut dyn FnMut(StoredEvent, Option<CallCost>) -> ControlFlow<()>,
) -> Result<()> {
    let conditions = conditions(filter);
    let (mut last, newest_first) = match page.order {
        SeqOrder::Newest { before } => (before, true),
        SeqOrder::Oldest { after } => (Some(after), false),
    };
    let (beyond, direction) = if newest_first { ("<", "DESC") } else { (">", "ASC") };
    let (mut reader, mut left) = (Reader::default(), page.limit);
    while left > 0 {
        let mut sql = Sql::new(format!(
            "SELECT ?fields FROM events WHERE partition = {partition} AND scope = {}",
            scope.number()
        ));
        if let Some(last) = last {
            sql = sql.with(format!(" AND seq {beyond} ?"), last.seq());
        }
        let most = left.min(ROWS_OF_SCAN);
        let sql = sql.then(conditions.clone()).add(format!(" ORDER BY seq {direction} LIMIT {most}"));
        let (mut rows, mut is_over) = (0, false);
        server.visit(&sql, limit, |row: StoredRow| {
            rows += 1;
            let (_, stored, cost) = reader.event(row)?;
            let place = Position::of_seq(stored.seq);
            if rows > 1 && last == Some(place) {
                return Ok(ControlFlow::Continue(()));
            }
            last = Some(place);
            left -= 1;
            is_over = visit(stored, cost).is_break();
            Ok(if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        if is_over || rows < most {
            break;
        }
    }
    Ok(())
}

/// The latest event of an id.
pub(crate) fn by_id(
    server: &Server,
    partition: u16,
    scope: Scope,
    id: &EventId,
) -> Result<Option<(StoredEvent, Option<CallCost>)>> {
    let id = id.to_string();
    // The narrow columns first: a granule of whole events is dear.
    let sql = Sql::new(format!("SELECT seq FROM events WHERE partition = {partition} AND scope = {}", scope.number()))
        .with(" AND event_id = ?", id.as_str())
        .add(" ORDER BY seq DESC LIMIT 1");
    let Some(newest) = server.first::<Newest>(&sql, Limit::Query)? else { return Ok(None) };
    let sql = format!(
        "SELECT ?fields FROM events WHERE partition = {partition} AND scope = {} AND seq = {} LIMIT 1",
        scope.number(),
        newest.seq
    );
    let Some(row) = server.first::<StoredRow>(&Sql::new(sql), Limit::Query)? else { return Ok(None) };
    let (_, stored, cost) = Reader::default().event(row)?;
    Ok(Some((stored, cost)))
}
