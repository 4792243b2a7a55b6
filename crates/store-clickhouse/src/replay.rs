//! All events again, in order, some at a time.

use std::ops::ControlFlow;

use clickhouse::Row;
use hiveboard_store::Result;
use hiveboard_wire::{CallCost, Scope, StoredEvent};
use serde::Deserialize;

use crate::{
    rows::{Reader, StoredRow},
    server::{Limit, Server},
    sql::Sql,
};

/// Events sorted at once, about.
const AT_ONCE: u64 = 50_000;

#[derive(Row, Deserialize)]
struct Next {
    count: u64,
    first: u64,
}

/// Visits all events after a place up to another. They lie by scope: so a window of places is read at a time, as wide as it may be.
pub(crate) fn replay(
    server: &Server,
    partition: u16,
    after: u64,
    until: u64,
    visit: &mut dyn FnMut(Scope, StoredEvent, Option<CallCost>),
) -> Result<()> {
    let (mut after, mut width) = (after, AT_ONCE);
    let mut reader = Reader::default();
    while after < until {
        let end = after.saturating_add(width).min(until);
        let inside = count(server, partition, after, end)?;
        if inside.count > 2 * AT_ONCE && width > 1 {
            width = (width / 2).max(1);
            continue;
        }
        if inside.count == 0 {
            let rest = count(server, partition, end, until)?;
            if rest.count == 0 {
                break;
            }
            after = rest.first - 1;
            continue;
        }
        let sql = format!(
            "SELECT ?fields FROM events WHERE partition = {partition} AND seq > {after} AND seq <= {end} ORDER BY seq"
        );
        let mut last = after;
        server.visit(&Sql::new(sql), Limit::Long, |row: StoredRow| {
            let (scope, stored, cost) = reader.event(row)?;
            if stored.seq > last {
                last = stored.seq;
                visit(scope, stored, cost);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        after = end;
        if inside.count < AT_ONCE / 2 {
            width = width.saturating_mul(2);
        }
    }
    Ok(())
}

fn count(server: &Server, partition: u16, after: u64, until: u64) -> Result<Next> {
    let sql = format!(
        "SELECT count() AS count, min(seq) AS first FROM events WHERE partition = {partition} AND seq > {after} AND seq <= {until}"
    );
    Ok(server.first(&Sql::new(sql), Limit::Long)?.unwrap_or(Next { count: 0, first: 0 }))
}
