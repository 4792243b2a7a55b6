//! Failures a time bucket.

use std::{collections::BTreeMap, fmt::Write};

use hiveboard_wire::{Scope, Timestamp};
use rusqlite::ToSql;

use super::{catalog::Catalog, dictionary, reader::Reader};
use crate::{CallFilter, FailureBucket, Result};

/// `filter.model` does not narrow: failures have no model.
pub(super) fn failures(
    catalog: &Catalog,
    scope: Scope,
    filter: &CallFilter,
    bucket_micros: i64,
) -> Result<Vec<FailureBucket>> {
    let Some(key) = catalog.key() else { return Ok(Vec::new()) };
    let (deadline, bucket_micros) = (catalog.deadline(), bucket_micros.max(1));
    let task = filter.task_id.as_deref().map(|id| key.task(scope, id));
    let (since, until) = (filter.since.map_or(i64::MIN, |at| at.0), filter.until.map_or(i64::MAX, |at| at.0));
    let mut counts: BTreeMap<Timestamp, u64> = BTreeMap::new();
    for day in catalog.days() {
        let range = day.range();
        if range.events == 0 || range.greatest_timestamp < since || range.least_timestamp >= until {
            continue;
        }
        day.read(deadline, |reader| in_day(reader, scope, filter, task, (since, until), bucket_micros, &mut counts))?;
    }
    Ok(counts.into_iter().map(|(bucket, count)| FailureBucket { bucket, count }).collect())
}

fn in_day(
    reader: &mut Reader,
    scope: Scope,
    filter: &CallFilter,
    task: Option<i64>,
    (since, until): (i64, i64),
    bucket_micros: i64,
    counts: &mut BTreeMap<Timestamp, u64>,
) -> Result<()> {
    let connection = &reader.connection;
    let mut wanted = Vec::new();
    for (column, text) in [
        ("agent", &filter.agent_id),
        ("project", &filter.project_id),
        ("environment", &filter.environment),
        ("grp", &filter.group),
    ] {
        let Some(text) = text else { continue };
        let Some(number) = dictionary::find(connection, text)? else { return Ok(()) };
        wanted.push((column, number));
    }
    wanted.extend(task.map(|task| ("task", task)));

    // Groups by difference from the epoch rounded down; times before it, too.
    let mut sql = "SELECT timestamp - ((timestamp % ?4) + ?4) % ?4 AS bucket, count(*) FROM failure
        WHERE scope = ?1 AND timestamp >= ?2 AND timestamp < ?3"
        .to_owned();
    let scope = scope.number();
    let mut parameters: Vec<&dyn ToSql> = vec![&scope, &since, &until, &bucket_micros];
    for (column, number) in &wanted {
        parameters.push(number);
        let _infallible = write!(sql, " AND {column} = ?{}", parameters.len());
    }
    sql.push_str(" GROUP BY bucket");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(parameters.as_slice())?;
    while let Some(row) = rows.next()? {
        *counts.entry(Timestamp(row.get(0)?)).or_default() += row.get::<_, i64>(1)? as u64;
    }
    Ok(())
}
