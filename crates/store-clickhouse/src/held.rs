//! What a database tells of the cluster whose events it holds, for whoever has lost all else that said so.

use std::collections::BTreeMap;

use clickhouse::Row;
use hiveboard_store::Result;
use hiveboard_wire::Scope;
use serde::Deserialize;

use crate::{ClickHouseOptions, schema, server::Limit, sql::Sql};

#[derive(Row, Deserialize)]
struct Name {
    name: String,
}

#[derive(Row, Deserialize)]
struct Held {
    scope: u32,
    partition: u16,
}

/// The newest epoch of each partition that ever had an owner. Empty for a database that no cluster has used.
///
/// # Errors
/// As [`ping`](crate::ping).
pub fn epochs(options: &ClickHouseOptions) -> Result<BTreeMap<u16, u64>> {
    let Some(server) = schema::reach(options)? else { return Ok(BTreeMap::new()) };
    let sql = "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'projections_')";
    let mut newest = BTreeMap::new();
    for Name { name } in server.rows::<Name>(&Sql::new(sql), Limit::Keys)? {
        let numbers = name.strip_prefix("projections_").and_then(|rest| rest.split_once('_'));
        let Some((Ok(partition), Ok(epoch))) = numbers.map(|(one, other)| (one.parse::<u16>(), other.parse::<u64>()))
        else {
            continue;
        };
        newest.entry(partition).and_modify(|known| *known = epoch.max(*known)).or_insert(epoch);
    }
    Ok(newest)
}

/// Whether a cluster has used the database.
///
/// # Errors
/// As [`ping`](crate::ping).
pub fn is_used(options: &ClickHouseOptions) -> Result<bool> {
    if !epochs(options)?.is_empty() {
        return Ok(true);
    }
    let Some(server) = schema::reach(options)? else { return Ok(false) };
    if !schema::has_events(&server)? {
        return Ok(false);
    }
    // Those who fold everything anew drop the tables that tell it.
    let first = Sql::new("SELECT scope, partition FROM events LIMIT 1");
    Ok(server.first::<Held>(&first, Limit::Keys)?.is_some())
}

/// Whose events lie in which partition. Reads two columns of all events.
///
/// # Errors
/// As [`ping`](crate::ping).
pub fn scopes(options: &ClickHouseOptions) -> Result<Vec<(Scope, u16)>> {
    let Some(server) = schema::reach(options)? else { return Ok(Vec::new()) };
    if !schema::has_events(&server)? {
        return Ok(Vec::new());
    }
    let held: Vec<Held> = server.rows(&Sql::new("SELECT DISTINCT scope, partition FROM events"), Limit::Long)?;
    Ok(held.into_iter().map(|row| (Scope::from_number(row.scope), row.partition)).collect())
}
