//! Failures a time bucket.

use std::{collections::BTreeMap, fmt::Write, ops::Range};

use hiveboard_wire::{Scope, Timestamp};
use rusqlite::{Connection, ToSql};

use super::{
    block::{EventView, Label},
    calls::{CallPredicate, KeptSums, one_view},
    catalog::Catalog,
    day::Day,
    dictionary,
    events::with_event,
    keys::StoreKey,
    reader::Reader,
};
use crate::{CallFilter, FailureBucket, Result};

/// No text has it.
const UNKNOWN: i64 = -1;

/// `filter.model` does not narrow: failures have no model.
pub(super) fn failures(
    catalog: &Catalog,
    scope: Scope,
    filter: &CallFilter,
    bucket_micros: i64,
) -> Result<Vec<FailureBucket>> {
    let Some(key) = catalog.key() else { return Ok(Vec::new()) };
    let (deadline, bucket_micros) = (catalog.deadline(), bucket_micros.max(1));
    let mut counts: BTreeMap<Timestamp, u64> = BTreeMap::new();
    for day in catalog.days_within(filter.since, filter.until) {
        day.read(deadline, |reader| in_day(reader, &day, &key, scope, filter, bucket_micros, &mut counts))?;
    }
    Ok(counts.into_iter().map(|(bucket, count)| FailureBucket { bucket, count }).collect())
}

fn in_day(
    reader: &mut Reader,
    day: &Day,
    key: &StoreKey,
    scope: Scope,
    filter: &CallFilter,
    bucket_micros: i64,
    counts: &mut BTreeMap<Timestamp, u64>,
) -> Result<()> {
    let window = filter.since.map_or(i64::MIN, |at| at.0)..filter.until.map_or(i64::MAX, |at| at.0);
    if !day.lists_all_labels() || filter.task_id.is_some() {
        return add_rows(reader, day, key, scope, filter, &window, bucket_micros, counts);
    }
    let mut rows = Vec::new();
    {
        let (connection, recent) = one_view(reader, day)?;
        let of_failures = CallFilter { model: None, version: None, ..filter.clone() };
        let Some(mut predicate) = CallPredicate::new(&connection, day, key, scope, &of_failures, 0)? else {
            return Ok(());
        };
        let sums = predicate.sums(day, &[]);
        for (grain, part) in predicate.parts(&day.range(), Some(bucket_micros), sums) {
            let Some(kept) = grain.zip(sums) else {
                rows.push(part);
                continue;
            };
            (predicate.since, predicate.until) = (part.start, part.end);
            let of_recent = recent.by.iter().filter(|(key, _)| predicate.admits(key));
            for (key, sum) in of_recent.filter(|(_, sum)| sum.failures > 0) {
                *counts.entry(Timestamp(key.bucket).bucket(bucket_micros)).or_default() += sum.failures;
            }
            add_sums(&connection, &predicate, kept, bucket_micros, counts)?;
        }
    }
    for part in rows {
        add_rows(reader, day, key, scope, filter, &part, bucket_micros, counts)?;
    }
    Ok(())
}

fn add_sums(
    connection: &Connection,
    predicate: &CallPredicate,
    (grain, sums): (i64, KeptSums),
    bucket_micros: i64,
    counts: &mut BTreeMap<Timestamp, u64>,
) -> Result<()> {
    let mut parameters = predicate.parameters();
    parameters.push(&grain);
    let sql = predicate.select_sums(sums, "failures", &[]) + " AND failures > 0";
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(parameters.as_slice())?;
    while let Some(row) = rows.next()? {
        *counts.entry(Timestamp(row.get(0)?).bucket(bucket_micros)).or_default() += row.get::<_, i64>(1)? as u64;
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "one query's parts, passed on once")]
fn add_rows(
    reader: &mut Reader,
    day: &Day,
    key: &StoreKey,
    scope: Scope,
    filter: &CallFilter,
    window: &Range<i64>,
    bucket_micros: i64,
    counts: &mut BTreeMap<Timestamp, u64>,
) -> Result<()> {
    let mut wanted = Vec::new();
    for (column, text) in [
        ("agent", &filter.agent_id),
        ("project", &filter.project_id),
        ("environment", &filter.environment),
        ("grp", &filter.group),
    ] {
        let Some(text) = text else { continue };
        let Some(number) = dictionary::find(&reader.connection, text)? else { return Ok(()) };
        wanted.push((column, number));
    }
    wanted.extend(filter.task_id.as_deref().map(|id| ("task", key.task(scope, id))));
    let task_type = match &filter.task_type {
        // A type that the file does not know may still be among rows that have none noted.
        Some(text) => Some(dictionary::find(&reader.connection, text)?.unwrap_or(UNKNOWN)),
        None => None,
    };

    let stretches = day.zones.stretches(&reader.connection, scope.number(), window)?;
    let mut sql = "SELECT timestamp, seq, task_type FROM failure
        WHERE seq BETWEEN ?1 AND ?2 AND scope = ?3 AND timestamp >= ?4 AND timestamp < ?5"
        .to_owned();
    let scope_number = scope.number();
    let mut narrowed: Vec<&dyn ToSql> = vec![&scope_number, &window.start, &window.end];
    for (column, number) in &wanted {
        narrowed.push(number);
        let _infallible = write!(sql, " AND {column} = ?{}", narrowed.len() + 2);
    }
    if let Some(number) = &task_type {
        narrowed.push(number);
        let _infallible = write!(sql, " AND (task_type = ?{} OR task_type IS NULL)", narrowed.len() + 2);
    }
    // Those of which the row does not know the type: the block does.
    let mut unclear = Vec::new();
    {
        let mut statement = reader.connection.prepare_cached(&sql)?;
        for stretch in &stretches {
            reader.deadline.check()?;
            let mut parameters: Vec<&dyn ToSql> = vec![&stretch.first_seq, &stretch.last_seq];
            parameters.extend(&narrowed);
            let mut rows = statement.query(parameters.as_slice())?;
            while let Some(row) = rows.next()? {
                let at = Timestamp(row.get(0)?);
                if task_type.is_some() && row.get::<_, Option<i64>>(2)?.is_none() {
                    unclear.push((at, row.get::<_, i64>(1)? as u64));
                } else {
                    // Added up here: GROUP BY would sort.
                    *counts.entry(at.bucket(bucket_micros)).or_default() += 1;
                }
            }
        }
    }
    for (at, seq) in unclear {
        reader.deadline.check()?;
        let of_type = |event: EventView<'_, '_>| Ok(event.label(Label::TaskType) == filter.task_type.as_deref());
        if with_event(reader, scope, seq, of_type)?.unwrap_or(false) {
            *counts.entry(at.bucket(bucket_micros)).or_default() += 1;
        }
    }
    Ok(())
}
