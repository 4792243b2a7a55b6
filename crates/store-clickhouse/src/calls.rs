//! Model calls, sorted.

use std::ops::ControlFlow;

use clickhouse::Row;
use hiveboard_store::{CallFilter, CallRow, CallSort, Position, Result};
use hiveboard_text::Needle;
use hiveboard_wire::{Body, CallCost, CostSource, NanoDollars, Scope, StoredEvent, body::LlmCall};
use serde::Deserialize;

use crate::{
    rows::{Reader, StoredRow},
    server::{Limit, Server},
    sql::{Sql, anywhere, numbers},
};

/// Calls looked at in one statement, where their texts are looked at, too.
const ROWS_WITH_TEXT: usize = 500;

/// ` AND …` of a filter; texts are looked at elsewhere. `model` and `version` narrow calls alone.
pub(crate) fn conditions(filter: &CallFilter, is_of_calls: bool) -> Sql {
    let mut sql = Sql::default()
        .equal("agent_id", filter.agent_id.as_deref())
        .equal("project_id", filter.project_id.as_deref())
        .equal("environment", filter.environment.as_deref())
        .equal("agent_group", filter.group.as_deref())
        .equal("task_id", filter.task_id.as_deref())
        .equal("task_type", filter.task_type.as_deref());
    if is_of_calls {
        sql = sql.equal("model", filter.model.as_deref()).equal("agent_version", filter.version.as_deref());
    }
    if let Some(since) = filter.since {
        sql = sql.with(" AND timestamp_us >= ?", since.0);
    }
    if let Some(until) = filter.until {
        sql = sql.with(" AND timestamp_us < ?", until.0);
    }
    sql
}

#[derive(Row, Deserialize)]
struct Figure {
    figure: i64,
    seq: u64,
}

pub(crate) fn calls(
    server: &Server,
    partition: u16,
    scope: Scope,
    filter: &CallFilter,
    sort: CallSort,
    limit: usize,
) -> Result<Vec<CallRow>> {
    let (figure, is_descending) = match sort {
        CallSort::Newest { .. } => ("timestamp_us", true),
        CallSort::Oldest { .. } => ("timestamp_us", false),
        CallSort::Cost { .. } => ("cost", true),
        CallSort::Tokens { .. } => ("toInt64(tokens_in + tokens_out)", true),
    };
    let mut after = match sort {
        CallSort::Newest { after } | CallSort::Oldest { after } => after.map(|(at, place)| (at.0, place.seq())),
        CallSort::Cost { after } | CallSort::Tokens { after } => after.map(|(figure, place)| (figure, place.seq())),
    };
    let (beyond, direction) = if is_descending { ("<", "DESC") } else { (">", "ASC") };
    let needle = filter.text.as_deref().filter(|text| !text.is_empty()).map(Needle::new);
    let mut conditions = conditions(filter, true);
    if let Some(needle) = &needle {
        conditions = conditions.with(" AND folded LIKE ?", anywhere(needle.folded()).as_str());
    }
    let mut found = Vec::new();
    while found.len() < limit {
        let most = if needle.is_some() { ROWS_WITH_TEXT.min(limit.max(50)) } else { limit - found.len() };
        let mut sql = Sql::new(format!(
            "SELECT {figure} AS figure, seq FROM events FINAL WHERE partition = {partition} AND scope = {} AND cost_source != ''",
            scope.number()
        ))
        .then(conditions.clone());
        if let Some((last, seq)) = after {
            sql = sql.with(format!(" AND ({figure}, seq) {beyond} (?"), last).with(", ?)", seq);
        }
        let sql = sql.add(format!(" ORDER BY figure {direction}, seq {direction} LIMIT {most}"));
        let page: Vec<Figure> = server.rows(&sql, Limit::Query)?;
        let Some(last) = page.last() else { break };
        after = Some((last.figure, last.seq));
        let mut rows = rows_of(server, partition, scope, &page, needle.as_ref())?;
        rows.truncate(limit - found.len());
        found.append(&mut rows);
        if page.len() < most {
            break;
        }
    }
    Ok(found)
}

/// The calls at these places, in this order; of those with a text, where one is looked for.
fn rows_of(
    server: &Server,
    partition: u16,
    scope: Scope,
    page: &[Figure],
    needle: Option<&Needle>,
) -> Result<Vec<CallRow>> {
    let mut rows: Vec<Option<CallRow>> = page.iter().map(|_| None).collect();
    let place: std::collections::HashMap<u64, usize> = page.iter().enumerate().map(|(at, row)| (row.seq, at)).collect();
    let mut reader = Reader::default();
    for some in page.chunks(2_000) {
        let sql = format!(
            "SELECT ?fields FROM events WHERE partition = {partition} AND scope = {} AND seq IN ({})",
            scope.number(),
            numbers(some.iter().map(|row| row.seq))
        );
        server.visit(&Sql::new(sql), Limit::Query, |row: StoredRow| {
            let (_, stored, cost) = reader.event(row)?;
            if let (Some(at), Some(row)) = (place.get(&stored.seq), call_row(&stored, cost, needle)) {
                rows[*at] = Some(row);
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(rows.into_iter().flatten().collect())
}

fn says(call: &LlmCall, needle: &Needle) -> bool {
    let texts = [&call.name, &call.model, &call.prompt_preview, &call.response_preview];
    texts.into_iter().flatten().any(|text| needle.is_in_text(text))
}

fn call_row(stored: &StoredEvent, cost: Option<CallCost>, needle: Option<&Needle>) -> Option<CallRow> {
    let call = match stored.event.body() {
        Body::LlmCall(call) => call,
        // A row of a call that is none: the figures stay absent.
        _ => LlmCall::default(),
    };
    if needle.is_some_and(|needle| !says(&call, needle)) {
        return None;
    }
    let cost = cost.unwrap_or(CallCost { amount: NanoDollars(0), source: CostSource::Unknown });
    let owned = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    Some(CallRow {
        position: Position::from(stored),
        event_id: stored.event.event_id.to_string(),
        timestamp: stored.event.timestamp,
        agent_id: stored.envelope.agent_id.to_string(),
        project_id: owned(&stored.event.project_id),
        task_id: owned(&stored.event.task_id),
        task_run_id: owned(&stored.event.task_run_id),
        call_name: call.name.map(String::from),
        model: call.model.map(String::from),
        tokens_in: call.tokens_in,
        tokens_out: call.tokens_out,
        cost: (cost.source != CostSource::Unknown).then_some(cost.amount),
        cost_source: cost.source,
        duration_ms: call.duration_ms.or(stored.event.duration_ms),
        prompt_preview: call.prompt_preview.map(String::from),
        response_preview: call.response_preview.map(String::from),
    })
}
