//! Totals of calls, grouped.

use std::collections::HashMap;

use hiveboard_wire::{CostSource, NanoDollars, Scope, Timestamp};

use super::narrow::Narrow;
use crate::{
    CallFilter, CallGroup, CallTotals, Dimension, Result,
    sqlite::{dictionary, keys::StoreKey, reader::Reader, store::Shared},
};

/// Rows between two looks at the clock.
const ROWS_BETWEEN_LOOKS: usize = 4096;

type Key = (Vec<Option<String>>, Option<Timestamp>);
/// The same with the numbers of one file; zero for none.
type NumberKey = ([i64; 6], Option<i64>);

pub(in crate::sqlite) fn groups(
    shared: &Shared,
    scope: Scope,
    filter: &CallFilter,
    by: &[Dimension],
    bucket_micros: Option<i64>,
) -> Result<Vec<CallGroup>> {
    let mut totals: HashMap<Key, CallTotals> = HashMap::new();
    if let Some(key) = shared.key() {
        for day in shared.days_within(filter.since, filter.until) {
            day.read(|reader| in_day(reader, &key, scope, filter, by, bucket_micros.map(|width| width.max(1)), &mut totals))?;
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

fn in_day(
    reader: &mut Reader,
    key: &StoreKey,
    scope: Scope,
    filter: &CallFilter,
    by: &[Dimension],
    bucket_micros: Option<i64>,
    totals: &mut HashMap<Key, CallTotals>,
) -> Result<()> {
    let Some(narrow) = Narrow::new(&reader.connection, key, scope, filter)? else { return Ok(()) };
    let dimensions: String = by.iter().map(|dimension| format!(", coalesce({}, 0)", column(*dimension))).collect();
    let sql = format!(
        "SELECT timestamp, coalesce(tokens_in, 0), coalesce(tokens_out, 0), cost, source{dimensions} FROM call WHERE {}",
        narrow.conditions()
    );
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let mut rows = statement.query(narrow.parameters().as_slice())?;
    // Added up here rather than by GROUP BY: no sort, and sums that saturate instead of failing.
    let mut numbered: HashMap<NumberKey, CallTotals> = HashMap::new();
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += 1;
        if count % ROWS_BETWEEN_LOOKS == 0 {
            reader.clock.check()?;
        }
        let mut numbers = [0; 6];
        for (place, number) in numbers.iter_mut().take(by.len()).enumerate() {
            *number = row.get(5 + place)?;
        }
        let bucket = match bucket_micros {
            Some(width) => Some(Timestamp(row.get(0)?).bucket(width).0),
            None => None,
        };
        let cost = NanoDollars(row.get(3)?);
        let estimated = row.get::<_, u8>(4)? == CostSource::Estimated as u8;
        add(
            numbered.entry((numbers, bucket)).or_default(),
            &CallTotals {
                call_count: 1,
                cost,
                estimated_cost: if estimated { cost } else { NanoDollars(0) },
                tokens_in: row.get::<_, i64>(1)? as u64,
                tokens_out: row.get::<_, i64>(2)? as u64,
            },
        );
    }
    for ((numbers, bucket), sums) in numbered {
        let mut keys = Vec::with_capacity(by.len());
        for number in &numbers[..by.len()] {
            keys.push(match number {
                0 => None,
                number => Some(dictionary::text(&reader.connection, *number)?),
            });
        }
        add(totals.entry((keys, bucket.map(Timestamp))).or_default(), &sums);
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
