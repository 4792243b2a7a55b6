//! Totals of calls, grouped.
//!
//! The window is covered by kept sums, and by rows of calls where it begins and ends between two grains.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
    hash::Hash,
};

use hiveboard_wire::{CostSource, NanoDollars, Scope, Timestamp};
use rusqlite::{Connection, Row};

use super::predicate::{CallPredicate, KeptSums, one_view};
use crate::{
    CallFilter, CallGroup, CallGroups, CallTotals, Dimension, Result,
    sqlite::{catalog::Catalog, day::Day, dictionary, keys::StoreKey, reader::Deadline, recent::Sums},
};

/// Sums between two looks at the clock.
const SUMS_BETWEEN_LOOKS: usize = 4096;

type Key = (Vec<Option<String>>, Option<i64>);

/// What is asked for.
struct Wanted<'a> {
    scope: Scope,
    filter: &'a CallFilter,
    by: &'a [Dimension],
    bucket_micros: Option<i64>,
}

impl Wanted<'_> {
    fn bucket(&self, at: i64) -> Option<i64> {
        self.bucket_micros.map(|width| Timestamp(at).bucket(width).0)
    }
}

/// Sums by the numbers of one file; zero for no text.
type Numbered = HashMap<([i64; 6], Option<i64>), CallTotals>;

pub(in crate::sqlite) fn groups(
    catalog: &Catalog,
    scope: Scope,
    filter: &CallFilter,
    by: &[Dimension],
    bucket_micros: Option<i64>,
    most: usize,
) -> Result<CallGroups> {
    let wanted =
        Wanted { scope, filter, by: &by[..by.len().min(6)], bucket_micros: bucket_micros.map(|width| width.max(1)) };
    let mut totals: HashMap<Key, CallTotals> = HashMap::new();
    let mut other = Others::default();
    if let Some(key) = catalog.key() {
        let deadline = catalog.deadline();
        let days = catalog.days_within(filter.since, filter.until);
        for day in &days {
            let mut numbered = Numbered::new();
            day.read(deadline, |reader| {
                let (connection, recent) = one_view(reader, day)?;
                in_day(&connection, deadline, catalog, day, &key, &wanted, &recent, &mut numbered)?;
                if days.len() == 1 {
                    // Only what stays apart needs its texts looked up.
                    other = keep_most(&mut numbered, most);
                }
                with_texts(&connection, numbered, &wanted, &mut totals)
            })?;
        }
        if days.len() > 1 {
            other = keep_most(&mut totals, most);
        }
    }
    if by.is_empty() && bucket_micros.is_none() {
        totals.entry((Vec::new(), None)).or_default();
    }
    let mut groups: Vec<CallGroup> = totals
        .into_iter()
        .map(|((keys, bucket), totals)| CallGroup { keys, bucket: bucket.map(Timestamp), totals })
        .collect();
    groups.sort_by(|a, b| (a.bucket, &a.keys).cmp(&(b.bucket, &b.keys)));
    let left = other.by_bucket.into_iter();
    let left = left.map(|(bucket, totals)| CallGroup { keys: Vec::new(), bucket: bucket.map(Timestamp), totals });
    Ok(CallGroups { groups, other_count: other.count, other: left.collect() })
}

/// What does not stay apart.
#[derive(Default)]
struct Others {
    count: u64,
    by_bucket: BTreeMap<Option<i64>, CallTotals>,
}

/// Keeps the keys that cost most, over all buckets.
fn keep_most<K: Clone + Hash + Ord>(totals: &mut HashMap<(K, Option<i64>), CallTotals>, most: usize) -> Others {
    let mut others = Others::default();
    if totals.len() <= most {
        return others;
    }
    let mut weights: HashMap<K, (NanoDollars, u64)> = HashMap::new();
    for ((key, _), sums) in &*totals {
        let (cost, calls) = weights.entry(key.clone()).or_default();
        *cost += sums.cost;
        *calls += sums.call_count;
    }
    if weights.len() <= most {
        return others;
    }
    let mut ranked: Vec<(Reverse<(NanoDollars, u64)>, K)> =
        weights.into_iter().map(|(key, weight)| (Reverse(weight), key)).collect();
    ranked.select_nth_unstable(most);
    let left: HashSet<K> = ranked.drain(most..).map(|(_, key)| key).collect();
    others.count = left.len() as u64;
    totals.retain(|(key, bucket), sums| {
        let stays = !left.contains(key);
        if !stays {
            others.by_bucket.entry(*bucket).or_default().add(sums);
        }
        stays
    });
    others
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

fn columns(by: &[Dimension]) -> Vec<&'static str> {
    by.iter().map(|dimension| column(*dimension)).collect()
}

#[expect(clippy::too_many_arguments, reason = "one query's parts, passed on once")]
fn in_day(
    connection: &Connection,
    deadline: Deadline,
    catalog: &Catalog,
    day: &Day,
    key: &StoreKey,
    wanted: &Wanted<'_>,
    recent: &Sums,
    numbered: &mut Numbered,
) -> Result<()> {
    let Some(mut predicate) =
        CallPredicate::new(connection, day, key, wanted.scope, wanted.filter, catalog.options.few_blocks)?
    else {
        return Ok(());
    };
    let sums = predicate.sums(day, &columns(wanted.by));
    for (grain, part) in predicate.parts(&day.range(), wanted.bucket_micros, sums) {
        (predicate.since, predicate.until) = (part.start, part.end);
        match grain.zip(sums) {
            Some(kept) => {
                add_sums(connection, deadline, &predicate, kept, wanted, numbered)?;
                add_recent(recent, &predicate, wanted, numbered);
            }
            None => add_rows(connection, deadline, day, &predicate, wanted, numbered)?,
        }
    }
    Ok(())
}

/// Adds the sums of one file to those of all.
fn with_texts(
    connection: &Connection,
    numbered: Numbered,
    wanted: &Wanted<'_>,
    totals: &mut HashMap<Key, CallTotals>,
) -> Result<()> {
    let texts = dictionary::Texts::new(connection, numbered.len() * wanted.by.len())?;
    for ((numbers, bucket), sums) in numbered {
        let mut keys = Vec::with_capacity(wanted.by.len());
        for number in &numbers[..wanted.by.len()] {
            keys.push(match number {
                0 => None,
                number => Some(texts.get(*number)?),
            });
        }
        totals.entry((keys, bucket)).or_default().add(&sums);
    }
    Ok(())
}

fn add_sums(
    connection: &Connection,
    deadline: Deadline,
    predicate: &CallPredicate,
    (grain, sums): (i64, KeptSums),
    wanted: &Wanted<'_>,
    numbered: &mut Numbered,
) -> Result<()> {
    let figures = "tokens_in, tokens_out, cost, estimated_cost, calls";
    let sql = predicate.select_sums(sums, figures, &columns(wanted.by)) + " AND calls > 0";
    let mut parameters = predicate.parameters();
    parameters.push(&grain);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(parameters.as_slice())?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += 1;
        if count % SUMS_BETWEEN_LOOKS == 0 {
            deadline.check()?;
        }
        let sums = CallTotals {
            call_count: row.get::<_, i64>(5)? as u64,
            cost: NanoDollars(row.get(3)?),
            estimated_cost: NanoDollars(row.get(4)?),
            tokens_in: row.get::<_, i64>(1)? as u64,
            tokens_out: row.get::<_, i64>(2)? as u64,
        };
        numbered.entry(key_of(row, wanted)?).or_default().add(&sums);
    }
    Ok(())
}

fn add_recent(recent: &Sums, predicate: &CallPredicate, wanted: &Wanted<'_>, numbered: &mut Numbered) {
    let calls = recent.by.iter().filter(|(key, sum)| sum.calls.call_count > 0 && predicate.admits(key));
    for (key, sum) in calls {
        let mut numbers = [0; 6];
        for (number, dimension) in numbers.iter_mut().zip(wanted.by) {
            *number = key.texts.number(column(*dimension));
        }
        numbered.entry((numbers, wanted.bucket(key.bucket))).or_default().add(&sum.calls);
    }
}

fn add_rows(
    connection: &Connection,
    deadline: Deadline,
    day: &Day,
    predicate: &CallPredicate,
    wanted: &Wanted<'_>,
    numbered: &mut Numbered,
) -> Result<()> {
    let mut selected = "timestamp, tokens_in, tokens_out, cost, source, 1".to_owned();
    for column in columns(wanted.by) {
        selected.extend([", ", column]);
    }
    predicate.visit_rows(connection, day, deadline, &selected, |row| {
        let cost = NanoDollars(row.get(3)?);
        let estimated = row.get::<_, u8>(4)? == CostSource::Estimated as u8;
        let sums = CallTotals {
            call_count: 1,
            cost,
            estimated_cost: if estimated { cost } else { NanoDollars(0) },
            tokens_in: row.get::<_, i64>(1)? as u64,
            tokens_out: row.get::<_, i64>(2)? as u64,
        };
        // Added up here rather than by GROUP BY: no sort, and sums that saturate instead of failing.
        numbered.entry(key_of(row, wanted)?).or_default().add(&sums);
        Ok(())
    })
}

/// The time stands in column 0, the dimensions from column 6.
fn key_of(row: &Row<'_>, wanted: &Wanted<'_>) -> rusqlite::Result<([i64; 6], Option<i64>)> {
    let mut numbers = [0; 6];
    for (place, number) in numbers.iter_mut().take(wanted.by.len()).enumerate() {
        *number = row.get(6 + place)?;
    }
    Ok((numbers, wanted.bucket(row.get(0)?)))
}
