//! Events that may have an id already: those whose hashes are equal, and those too old for memory.

use std::collections::HashMap;

use hiveboard_store::Result;
use hiveboard_wire::{Event, EventId, Scope, StoredEvent};
use serde_json::value::RawValue;

use crate::{
    rows::{Reader, StoredRow},
    server::{Limit, Server},
    sql::{Sql, numbers},
};

/// How many are asked for at once: a statement has a greatest length.
const AT_ONCE: usize = 1_000;

/// A late event: where, when, and by which id.
pub(crate) struct Late {
    pub(crate) scope: Scope,
    pub(crate) timestamp_us: i64,
    pub(crate) id: String,
}

/// Stored events that a batch may repeat.
#[derive(Default)]
pub(crate) struct Found {
    by_seq: HashMap<(Scope, u64), StoredEvent>,
    by_id: HashMap<(Scope, EventId), u64>,
}

impl Found {
    /// The stored event of an id, among those at these places and those that were looked up by their time.
    pub(crate) fn event(&self, scope: Scope, id: &EventId, places: &[u64]) -> Option<&StoredEvent> {
        let known = places.iter().filter_map(|seq| self.by_seq.get(&(scope, *seq)));
        known.into_iter().find(|stored| stored.event.event_id == *id).or_else(|| {
            let seq = self.by_id.get(&(scope, id.clone()))?;
            self.by_seq.get(&(scope, *seq))
        })
    }

    fn visit(&mut self, server: &Server, sql: &Sql, is_late: bool) -> Result<()> {
        let mut reader = Reader::default();
        for row in server.rows::<StoredRow>(sql, Limit::Keys)? {
            let (scope, stored, _) = reader.event(row)?;
            if is_late {
                let newest = self.by_id.entry((scope, stored.event.event_id.clone())).or_default();
                *newest = stored.seq.max(*newest);
            }
            self.by_seq.insert((scope, stored.seq), stored);
        }
        Ok(())
    }
}

/// Looks up events by their places, and late ones by their time among those that arrived since `since_us`.
pub(crate) fn look_up(
    server: &Server,
    partition: u16,
    places: &[(Scope, u64)],
    late: &[Late],
    since_us: i64,
) -> Result<Found> {
    let mut found = Found::default();
    for some in places.chunks(AT_ONCE) {
        let pairs = numbers(some.iter().map(|(scope, seq)| format!("({},{seq})", scope.number())));
        let sql =
            Sql::new(format!("SELECT ?fields FROM events WHERE partition = {partition} AND (scope, seq) IN ({pairs})"));
        found.visit(server, &sql, false)?;
    }
    let mut scopes: Vec<Scope> = late.iter().map(|one| one.scope).collect();
    scopes.sort_unstable();
    scopes.dedup();
    for scope in scopes {
        let of_scope: Vec<&Late> = late.iter().filter(|one| one.scope == scope).collect();
        for some in of_scope.chunks(AT_ONCE) {
            let times = numbers(some.iter().map(|one| one.timestamp_us));
            let ids: Vec<String> = some.iter().map(|one| one.id.clone()).collect();
            let sql = Sql::new(format!(
                "SELECT ?fields FROM events WHERE partition = {partition} AND scope = {} AND received_us >= {since_us} AND timestamp_us IN ({times})",
                scope.number()
            ))
            .with(" AND event_id IN ?", ids);
            found.visit(server, &sql, true)?;
        }
    }
    Ok(found)
}

/// Whether a repeated event says what the stored one says.
pub(crate) fn says_the_same(agent_id: &str, event: &Event, stored_agent_id: &str, stored: &Event) -> bool {
    let text = |event: &Event| event.payload.as_deref().map(RawValue::get).map(str::to_owned);
    agent_id == stored_agent_id
        && event.timestamp == stored.timestamp
        && event.event_type == stored.event_type
        && event.task_id == stored.task_id
        && event.task_run_id == stored.task_run_id
        && event.action_id == stored.action_id
        && text(event) == text(stored)
}
