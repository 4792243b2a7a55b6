//! Who takes how much room, by day of arrival.

use hiveboard_wire::Scope;

use super::{catalog::Catalog, day::Day, reader::Deadline};
use crate::{Result, ScopeUsage, SpanUsage};

pub(super) fn usage(catalog: &Catalog) -> Result<Vec<SpanUsage>> {
    catalog.days().iter().map(|day| of_day(day)).collect()
}

fn of_day(day: &Day) -> Result<SpanUsage> {
    let range = day.range();
    let known = day.usage.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    let scopes = match known {
        Some((events, last_seq, scopes)) if (events, last_seq) == (range.events, range.last_seq) => scopes,
        _ => {
            let scopes = day.read(Deadline::NONE, |reader| {
                let mut statement = reader.connection.prepare_cached(
                    "SELECT b.scope, sum(b.count), sum(length(d.data)) FROM block b JOIN block_data d ON d.id = b.id GROUP BY b.scope",
                )?;
                let rows = statement.query_map([], |row| {
                    Ok(ScopeUsage {
                        scope: Scope::from_number(row.get(0)?),
                        events: row.get(1)?,
                        event_bytes: row.get(2)?,
                        index_bytes: 0,
                    })
                })?;
                Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?)
            })?;
            *day.usage.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
                Some((range.events, range.last_seq, scopes.clone()));
            scopes
        }
    };
    let span = day.span();
    Ok(SpanUsage { span, scopes: share(span.bytes, scopes) })
}

/// Everything in the file that is no event is there to find events: each scope's part of it by its events.
fn share(bytes: u64, mut scopes: Vec<ScopeUsage>) -> Vec<ScopeUsage> {
    let events: u64 = scopes.iter().map(|scope| scope.events).sum();
    let mut rest = bytes.saturating_sub(scopes.iter().map(|scope| scope.event_bytes).sum());
    let mut left = events;
    for scope in &mut scopes {
        let part = if left == 0 { 0 } else { (u128::from(rest) * u128::from(scope.events) / u128::from(left)) as u64 };
        scope.index_bytes = part;
        rest -= part;
        left -= scope.events;
    }
    scopes
}
