//! Totals of calls, grouped.
//!
//! The window is covered by kept sums, the coarsest grain that fits first, and by rows of calls where it begins and ends between two grains.

use std::{collections::HashMap, ops::Range};

use hiveboard_wire::{CostSource, NanoDollars, Scope, Timestamp};
use rusqlite::{Row, ToSql};

use super::{GRAINS, predicate::CallPredicate};
use crate::{
    CallFilter, CallGroup, CallTotals, Dimension, Result,
    sqlite::{catalog::Catalog, day::Day, dictionary, keys::StoreKey, reader::Reader},
};

/// Rows between two looks at the clock.
const ROWS_BETWEEN_LOOKS: usize = 4096;

type Key = (Vec<Option<String>>, Option<Timestamp>);

/// What is asked for.
struct Wanted<'a> {
    scope: Scope,
    filter: &'a CallFilter,
    by: &'a [Dimension],
    bucket_micros: Option<i64>,
}

/// Sums by the numbers of one file; zero for no text.
type Numbered = HashMap<([i64; 6], Option<i64>), CallTotals>;

pub(in crate::sqlite) fn groups(
    catalog: &Catalog,
    scope: Scope,
    filter: &CallFilter,
    by: &[Dimension],
    bucket_micros: Option<i64>,
) -> Result<Vec<CallGroup>> {
    let wanted =
        Wanted { scope, filter, by: &by[..by.len().min(6)], bucket_micros: bucket_micros.map(|width| width.max(1)) };
    let mut totals: HashMap<Key, CallTotals> = HashMap::new();
    if let Some(key) = catalog.key() {
        let deadline = catalog.deadline();
        for day in catalog.days_within(filter.since, filter.until) {
            day.read(deadline, |reader| in_day(reader, catalog, &day, &key, &wanted, &mut totals))?;
        }
    }
    if by.is_empty() && bucket_micros.is_none() {
        totals.entry((Vec::new(), None)).or_default();
    }
    let mut groups: Vec<CallGroup> =
        totals.into_iter().map(|((keys, bucket), totals)| CallGroup { keys, bucket, totals }).collect();
    groups.sort_by(|a, b| (a.bucket, &a.keys).cmp(&(b.bucket, &b.keys)));
    Ok(groups)
}

const fn column(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Agent => "agent",
        Dimension::Model => "model",
        Dimension::Project => "project",
        Dimension::TaskType => "task_type",
        Dimension::Version => "version",
        Dimension::Environment => "environment",
    }
}

fn columns(by: &[Dimension], prefix: &str) -> String {
    by.iter().flat_map(|dimension| [", ", prefix, column(*dimension)]).collect()
}

fn in_day(
    reader: &mut Reader,
    catalog: &Catalog,
    day: &Day,
    key: &StoreKey,
    wanted: &Wanted<'_>,
    totals: &mut HashMap<Key, CallTotals>,
) -> Result<()> {
    // One view of the file for all parts of the window.
    let connection = reader.connection.unchecked_transaction()?;
    let Some(mut predicate) =
        CallPredicate::new(&connection, key, wanted.scope, wanted.filter, catalog.options.few_blocks)?
    else {
        return Ok(());
    };
    let range = day.range();
    let window =
        predicate.since.max(range.least_timestamp)..predicate.until.min(range.greatest_timestamp.saturating_add(1));
    let grains: Vec<i64> = if predicate.has_sums() && !predicate.is_few() {
        GRAINS.into_iter().filter(|grain| wanted.bucket_micros.is_none_or(|width| width % grain == 0)).collect()
    } else {
        Vec::new()
    };
    // Where the file ends, a bucket that juts out holds nothing more.
    let reach = (predicate.since <= range.least_timestamp, predicate.until > range.greatest_timestamp);
    let mut numbered = Numbered::new();
    for (grain, part) in cover(window, reach, &grains) {
        (predicate.since, predicate.until) = (part.start, part.end);
        match grain {
            Some(grain) => add_sums(&connection, reader, &predicate, grain, wanted, &mut numbered)?,
            None => add_rows(&connection, reader, &predicate, wanted, &mut numbered)?,
        }
    }
    for ((numbers, bucket), sums) in numbered {
        let mut keys = Vec::with_capacity(wanted.by.len());
        for number in &numbers[..wanted.by.len()] {
            keys.push(match number {
                0 => None,
                number => Some(dictionary::text(&connection, *number)?),
            });
        }
        add(totals.entry((keys, bucket.map(Timestamp))).or_default(), &sums);
    }
    Ok(())
}

/// Parts a window into runs of whole buckets, coarsest first, and what is left at the ends (`None`). `reach` says on which sides
/// the window may be widened.
fn cover(window: Range<i64>, reach: (bool, bool), grains: &[i64]) -> Vec<(Option<i64>, Range<i64>)> {
    if window.is_empty() {
        return Vec::new();
    }
    let Some((grain, finer)) = grains.split_first() else { return vec![(None, window)] };
    let down = |at: i64| at.saturating_sub(at.rem_euclid(*grain));
    let up = |at: i64| down(at.saturating_add(grain - 1));
    let start = if reach.0 { down(window.start) } else { up(window.start) };
    let end = if reach.1 { up(window.end) } else { down(window.end) };
    if start >= end {
        return cover(window, reach, finer);
    }
    let mut parts = vec![(Some(*grain), start..end)];
    if window.start < start {
        parts.extend(cover(window.start..start, (reach.0, false), finer));
    }
    if end < window.end {
        parts.extend(cover(end..window.end, (false, reach.1), finer));
    }
    parts
}

fn add_sums(
    connection: &rusqlite::Connection,
    reader: &Reader,
    predicate: &CallPredicate,
    grain: i64,
    wanted: &Wanted<'_>,
    numbered: &mut Numbered,
) -> Result<()> {
    let dimensions = columns(wanted.by, "");
    let sql = format!(
        "SELECT bucket, tokens_in, tokens_out, cost, estimated_cost, calls{dimensions} FROM call_total
         WHERE scope = ?1 AND grain = ?4 AND bucket >= ?2 AND bucket < ?3{}",
        predicate.equalities("", 5)
    );
    let mut parameters: Vec<&dyn ToSql> = vec![predicate.scope(), &predicate.since, &predicate.until, &grain];
    parameters.extend(predicate.values());
    add_up(connection, reader, &sql, &parameters, wanted, numbered, |row| {
        Ok(CallTotals {
            call_count: row.get::<_, i64>(5)? as u64,
            cost: NanoDollars(row.get(3)?),
            estimated_cost: NanoDollars(row.get(4)?),
            tokens_in: row.get::<_, i64>(1)? as u64,
            tokens_out: row.get::<_, i64>(2)? as u64,
        })
    })
}

fn add_rows(
    connection: &rusqlite::Connection,
    reader: &Reader,
    predicate: &CallPredicate,
    wanted: &Wanted<'_>,
    numbered: &mut Numbered,
) -> Result<()> {
    let dimensions = columns(wanted.by, "call.");
    let sql = format!(
        "SELECT call.timestamp, call.tokens_in, call.tokens_out, call.cost, call.source, 1{dimensions} {}",
        predicate.rows()
    );
    add_up(connection, reader, &sql, &predicate.parameters(), wanted, numbered, |row| {
        let cost = NanoDollars(row.get(3)?);
        let estimated = row.get::<_, u8>(4)? == CostSource::Estimated as u8;
        Ok(CallTotals {
            call_count: 1,
            cost,
            estimated_cost: if estimated { cost } else { NanoDollars(0) },
            tokens_in: row.get::<_, i64>(1)? as u64,
            tokens_out: row.get::<_, i64>(2)? as u64,
        })
    })
}

/// Adds up here rather than by GROUP BY: no sort, and sums that saturate instead of failing. The dimensions stand from column 6.
fn add_up(
    connection: &rusqlite::Connection,
    reader: &Reader,
    sql: &str,
    parameters: &[&dyn ToSql],
    wanted: &Wanted<'_>,
    numbered: &mut Numbered,
    figures: impl Fn(&Row<'_>) -> rusqlite::Result<CallTotals>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += 1;
        if count % ROWS_BETWEEN_LOOKS == 0 {
            reader.deadline.check()?;
        }
        let mut numbers = [0; 6];
        for (place, number) in numbers.iter_mut().take(wanted.by.len()).enumerate() {
            *number = row.get(6 + place)?;
        }
        let bucket = match wanted.bucket_micros {
            Some(width) => Some(Timestamp(row.get(0)?).bucket(width).0),
            None => None,
        };
        add(numbered.entry((numbers, bucket)).or_default(), &figures(row)?);
    }
    Ok(())
}

fn add(totals: &mut CallTotals, more: &CallTotals) {
    totals.call_count += more.call_count;
    totals.cost += more.cost;
    totals.estimated_cost += more.estimated_cost;
    totals.tokens_in = totals.tokens_in.saturating_add(more.tokens_in);
    totals.tokens_out = totals.tokens_out.saturating_add(more.tokens_out);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_cover_the_window_once(start in -500_i64..500, length in 0_i64..500, reach in any::<(bool, bool)>(), grains in proptest::sample::subsequence(vec![96_i64, 24, 6], 0..=3)) {
            let window = start..start + length;
            let parts = cover(window.clone(), reach, &grains);
            for at in -700..1200 {
                let covered = parts.iter().filter(|(_, part)| part.contains(&at)).count();
                let may_jut = (at < window.start && reach.0) || (at >= window.end && reach.1);
                prop_assert!(covered == usize::from(window.contains(&at)) || (covered == 1 && may_jut), "{at} {covered} {parts:?}");
            }
            for (grain, part) in parts {
                let width = grain.unwrap_or(1);
                prop_assert!(part.start.rem_euclid(width) == 0 && part.end.rem_euclid(width) == 0);
            }
        }
    }
}
