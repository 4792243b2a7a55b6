//! Looking after it: how much there is, and letting go of what is over.

use clickhouse::Row;
use hiveboard_store::{Result, Retired, ScopeUsage, Span, SpanUsage};
use hiveboard_wire::{Scope, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    days::{DAY_MICROS, Day, Days},
    server::{Limit, Rows, Server},
    sql::{Sql, numbers},
};

#[derive(Row, Deserialize)]
struct OfScope {
    scope: u32,
    events: u64,
}

#[derive(Row, Serialize)]
struct Head {
    partition: u16,
    seq: u64,
}

#[derive(Row, Deserialize)]
struct Checked {
    part_path: String,
    is_passed: u8,
    message: String,
}

#[derive(Row, Deserialize)]
struct Strange {
    count: u64,
}

fn end_of(day: &Day) -> Timestamp {
    Timestamp((day.number + 1) * DAY_MICROS)
}

fn span(day: &Day, events: u64) -> Span {
    Span { from: Timestamp(day.number * DAY_MICROS), until: end_of(day), events, bytes: day.bytes }
}

/// How many events of each scope a day holds.
fn scopes_of(server: &Server, partition: u16, day: &Day) -> Result<Vec<OfScope>> {
    let (from, until) = (day.number * DAY_MICROS, end_of(day).0);
    let sql = format!(
        "SELECT scope, count() AS events FROM events FINAL
         WHERE partition = {partition} AND received_us >= {from} AND received_us < {until} GROUP BY scope ORDER BY scope"
    );
    server.rows(&Sql::new(sql), Limit::Long)
}

/// A scope's part of something, so that all parts add up.
struct Shares {
    left: u64,
    events_left: u64,
}

impl Shares {
    fn next(&mut self, events: u64) -> u64 {
        let part =
            (u128::from(self.left) * u128::from(events)).checked_div(u128::from(self.events_left)).unwrap_or(0) as u64;
        self.left -= part;
        self.events_left -= events;
        part
    }
}

pub(crate) fn usage(server: &Server, partition: u16) -> Result<Vec<SpanUsage>> {
    let mut spans = Vec::new();
    for day in Days::read(server, partition)?.0 {
        let scopes = scopes_of(server, partition, &day)?;
        let events = scopes.iter().map(|scope| scope.events).sum();
        let mut data = Shares { left: day.data_bytes.min(day.bytes), events_left: events };
        let mut index = Shares { left: day.bytes.saturating_sub(day.data_bytes), events_left: events };
        let scopes = scopes.into_iter().map(|row| ScopeUsage {
            scope: Scope::from_number(row.scope),
            events: row.events,
            event_bytes: data.next(row.events),
            index_bytes: index.next(row.events),
        });
        spans.push(SpanUsage { scopes: scopes.collect(), span: span(&day, events) });
    }
    Ok(spans)
}

/// Writes down that a place was given away, also where no event that is stored has it.
pub(crate) fn write_head(server: &Server, partition: u16, seq: u64) -> Result<()> {
    let rows = Rows::<Head> { count: 1, row: &|_| Head { partition, seq } };
    server.insert("heads", &format!("{partition} {seq}"), &rows)
}

/// Deletes what is over of all days before one.
pub(crate) fn let_go(
    server: &Server,
    partition: u16,
    head: u64,
    before: i64,
    is_over: &dyn Fn(Scope, Timestamp) -> bool,
) -> Result<Retired> {
    let mut retired = Retired::default();
    for day in Days::read(server, partition)?.0 {
        if day.number >= before {
            break;
        }
        let scopes = scopes_of(server, partition, &day)?;
        let (gone, kept): (Vec<&OfScope>, Vec<&OfScope>) =
            scopes.iter().partition(|row| is_over(Scope::from_number(row.scope), end_of(&day)));
        if gone.is_empty() {
            continue;
        }
        // The last place may be among them, and must not be given away again.
        write_head(server, partition, head)?;
        if kept.is_empty() {
            server.execute(&Sql::new(format!("ALTER TABLE events DROP PARTITION ({partition}, {})", day.number)))?;
            retired += Retired { spans: 1, events: gone.iter().map(|row| row.events).sum(), bytes: day.bytes };
            continue;
        }
        server.execute(&Sql::new(format!(
            "ALTER TABLE events DELETE IN PARTITION ({partition}, {}) WHERE scope IN ({}) SETTINGS mutations_sync = 2",
            day.number,
            numbers(gone.iter().map(|row| row.scope))
        )))?;
        let left = Days::read(server, partition)?.0.into_iter().find(|other| other.number == day.number);
        retired += Retired {
            spans: 0,
            events: gone.iter().map(|row| row.events).sum(),
            bytes: day.bytes.saturating_sub(left.map_or(0, |left| left.bytes)),
        };
    }
    Ok(retired)
}

/// What the engine says of the parts of a partition, and rows that no version can have written.
pub(crate) fn check(server: &Server, partition: u16) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for day in Days::read(server, partition)?.0 {
        let sql = format!(
            "CHECK TABLE events PARTITION ({partition}, {}) SETTINGS check_query_single_value_result = 0",
            day.number
        );
        let parts: Vec<Checked> = server.rows(&Sql::new(sql), Limit::Long)?;
        faults.extend(
            parts.iter().filter(|part| part.is_passed == 0).map(|part| format!("{}: {}", part.part_path, part.message)),
        );
    }
    let sql = format!(
        "SELECT count() AS count FROM events WHERE partition = {partition} AND (seq = 0 OR event_id = '' OR event_type = '' OR agent_id = '')"
    );
    let strange = server.first::<Strange>(&Sql::new(sql), Limit::Long)?.map_or(0, |row| row.count);
    if strange > 0 {
        faults.push(format!("{strange} rows of events have no place, id, type or agent"));
    }
    Ok(faults)
}

#[derive(Row, Deserialize)]
struct Free {
    bytes: u64,
}

/// What the fullest disk of the server at hand has left.
pub(crate) fn free_bytes(server: &Server) -> Result<Option<u64>> {
    let sql = "SELECT min(unreserved_space) AS bytes FROM system.disks";
    Ok(server.first::<Free>(&Sql::new(sql), Limit::Keys)?.map(|row| row.bytes))
}
