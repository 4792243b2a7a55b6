//! Figures over calls and failures, summed up when they are asked for: exact integers, whatever came twice.

use clickhouse::Row;
use hiveboard_store::{CallFilter, CallGroup, CallGroups, CallTotals, Dimension, FailureBucket, Result};
use hiveboard_wire::{NanoDollars, Scope, Timestamp};
use serde::Deserialize;

use crate::{
    calls::conditions,
    server::{Limit, Server},
    sql::Sql,
};

#[derive(Row, Deserialize)]
struct Group {
    bucket: i64,
    keys: Vec<String>,
    is_apart: u8,
    calls: u64,
    total: i64,
    estimated: i64,
    tokens_in: u64,
    tokens_out: u64,
}

#[derive(Row, Deserialize)]
struct Count {
    count: u64,
}

#[derive(Row, Deserialize)]
struct Failures {
    bucket: i64,
    count: u64,
}

/// The value of a dimension as a text; what may be absent is `''`, and a model, which may be `''`, has a sign before it.
const fn key(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Agent => "agent_id",
        Dimension::Model => "ifNull(concat('=', model), '')",
        Dimension::Project => "project_id",
        Dimension::TaskType => "task_type",
        Dimension::Version => "toString(agent_version)",
        Dimension::Environment => "toString(environment)",
    }
}

fn value(dimension: Dimension, text: String) -> Option<String> {
    match dimension {
        Dimension::Agent | Dimension::Environment => Some(text),
        Dimension::Model => text.strip_prefix('=').map(str::to_owned),
        Dimension::Project | Dimension::TaskType | Dimension::Version => (!text.is_empty()).then_some(text),
    }
}

fn bucket(width: Option<i64>) -> String {
    width.map_or_else(
        || "toInt64(0)".to_owned(),
        |width| format!("timestamp_us - positiveModulo(timestamp_us, {})", width.max(1)),
    )
}

/// Sums saturate.
fn sum(of: &str, most: &str) -> String {
    format!("least(sum({of}), {most})")
}

pub(crate) fn groups(
    server: &Server,
    partition: u16,
    scope: Scope,
    filter: &CallFilter,
    by: &[Dimension],
    bucket_micros: Option<i64>,
    most: usize,
) -> Result<CallGroups> {
    let keys: Vec<&str> = by.iter().map(|dimension| key(*dimension)).collect();
    let keys = if keys.is_empty() { "emptyArrayString()".to_owned() } else { format!("[{}]", keys.join(", ")) };
    let from = Sql::new(format!(
        " FROM events FINAL WHERE partition = {partition} AND scope = {} AND cost_source != ''",
        scope.number()
    ))
    .then(conditions(filter, true));
    let count = Sql::new(format!("SELECT uniqExact({keys}) AS count")).then(from.clone());
    let is_cut = most != usize::MAX && !by.is_empty();
    let all = if is_cut { server.first::<Count>(&count, Limit::Query)?.map_or(0, |row| row.count) } else { 0 };
    let other_count = all.saturating_sub(most as u64);
    let mut sql = Sql::default();
    let (mut apart, mut shown) = ("1".to_owned(), keys.clone());
    if other_count > 0 {
        // Those that cost most; of equals those with more calls, then by name.
        sql = Sql::new(format!("WITH most AS (SELECT {keys} AS of_most"))
            .then(from.clone())
            .add(format!(" GROUP BY of_most ORDER BY sum(toInt128(cost)) DESC, count() DESC, of_most LIMIT {most}) "));
        apart = format!("{keys} IN (SELECT of_most FROM most)");
        shown = format!("if(is_apart, {keys}, emptyArrayString())");
    }
    let largest = format!("toInt128({})", i64::MAX);
    let sql = sql
        .add(format!(
            "SELECT {} AS bucket, toUInt8({apart}) AS is_apart, {shown} AS keys, count() AS calls,
                toInt64({}) AS total, toInt64({}) AS estimated, toUInt64({}) AS tokens_in, toUInt64({}) AS tokens_out",
            bucket(bucket_micros),
            sum("toInt128(cost)", &largest),
            sum("if(cost_source = 'estimated', toInt128(cost), 0)", &largest),
            sum("toInt128(events.tokens_in)", &largest),
            sum("toInt128(events.tokens_out)", &largest),
        ))
        .then(from)
        .add(" GROUP BY bucket, is_apart, keys");
    let mut found = CallGroups { other_count, ..CallGroups::default() };
    for row in server.rows::<Group>(&sql, Limit::Query)? {
        let totals = CallTotals {
            call_count: row.calls,
            cost: NanoDollars(row.total),
            estimated_cost: NanoDollars(row.estimated),
            tokens_in: row.tokens_in,
            tokens_out: row.tokens_out,
        };
        let keys = row.keys.into_iter().zip(by).map(|(text, dimension)| value(*dimension, text)).collect();
        let group = CallGroup { keys, bucket: bucket_micros.map(|_| Timestamp(row.bucket)), totals };
        if row.is_apart == 1 { &mut found.groups } else { &mut found.other }.push(group);
    }
    if by.is_empty() && bucket_micros.is_none() && found.groups.is_empty() {
        found.groups.push(CallGroup { keys: Vec::new(), bucket: None, totals: CallTotals::default() });
    }
    found.groups.sort_by(|one, other| (one.bucket, &one.keys).cmp(&(other.bucket, &other.keys)));
    found.other.sort_by_key(|group| group.bucket);
    Ok(found)
}

/// `filter.model` does not narrow: failures have no model.
pub(crate) fn failures(
    server: &Server,
    partition: u16,
    scope: Scope,
    filter: &CallFilter,
    bucket_micros: i64,
) -> Result<Vec<FailureBucket>> {
    let sql = Sql::new(format!(
        "SELECT {} AS bucket, count() AS count FROM events FINAL WHERE partition = {partition} AND scope = {} AND is_failure = 1",
        bucket(Some(bucket_micros)),
        scope.number()
    ))
    .then(conditions(filter, false))
    .add(" GROUP BY bucket ORDER BY bucket");
    let rows = server.rows::<Failures>(&sql, Limit::Query)?;
    Ok(rows.into_iter().map(|row| FailureBucket { bucket: Timestamp(row.bucket), count: row.count }).collect())
}
