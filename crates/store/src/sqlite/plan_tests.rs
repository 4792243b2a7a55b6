//! How SQLite means to answer: by an index, in its order, never by sorting a large table.

use rusqlite::Connection;

use super::{calls, day::Day, events, keys::StoreKey, reader::Readers};
use crate::StoreOptions;

fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let lines =
        statement.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<rusqlite::Result<Vec<_>>>().unwrap();
    lines.join("\n")
}

#[test]
fn no_query_sorts_or_scans() {
    let readers = std::sync::Arc::new(Readers::new(1));
    let dir = tempfile::tempdir().unwrap();
    let damages = std::sync::Arc::new(super::damage::Damages::open(dir.path()));
    let (_day, connection, _) =
        Day::open(dir.path(), 20_000, Some(StoreKey([1; 16])), 1, &StoreOptions::default(), (&readers, &damages))
            .unwrap();
    let mut wanted: Vec<(String, &str)> = Vec::new();
    for newest_first in [true, false] {
        wanted.push((events::scan_statement(newest_first), "SEARCH b USING INDEX block_by_scope (scope=? AND rowid"));
        for sizes in [&[1][..], &[3], &[1, 1], &[2, 3]] {
            wanted.push((events::page_statement(sizes, newest_first), "SEARCH r USING PRIMARY KEY (key=? AND block"));
        }
    }
    wanted.push((events::block_statement(), "SEARCH b USING INTEGER PRIMARY KEY (rowid=?)"));
    for of_agent in [true, false] {
        wanted.push((calls::blocks_statement("greatest_cost", of_agent), "USING INDEX block_by_cost (scope=?"));
        wanted.push((calls::blocks_statement("greatest_tokens", of_agent), "USING INDEX block_by_tokens (scope=?"));
    }
    for table in ["call", "failure"] {
        let sql = format!(
            "SELECT timestamp, seq FROM {table} WHERE seq BETWEEN ?4 AND ?5 AND scope = ?1 AND timestamp >= ?2 AND timestamp < ?3 AND agent = ?6"
        );
        wanted.push((sql, "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"));
    }
    for (sql, by) in wanted {
        let plan = plan(&connection, &sql);
        assert!(plan.contains(by), "{sql}\n{plan}");
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{sql}\n{plan}");
    }
}

#[test]
fn retention_knows_every_table_of_a_day() {
    let readers = std::sync::Arc::new(Readers::new(1));
    let dir = tempfile::tempdir().unwrap();
    let damages = std::sync::Arc::new(super::damage::Damages::open(dir.path()));
    let (_day, connection, _) =
        Day::open(dir.path(), 20_000, Some(StoreKey([1; 16])), 1, &StoreOptions::default(), (&readers, &damages))
            .unwrap();
    let mut statement = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
    let tables: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let known = |name: &str| {
        super::retire::OF_SCOPES.iter().any(|(table, _)| *table == name)
            || super::retire::OF_BLOCKS.iter().any(|(table, ..)| *table == name)
            || super::retire::OF_DAYS.contains(&name)
    };
    let unknown: Vec<&String> = tables.iter().filter(|name| !known(name)).collect();
    assert!(unknown.is_empty(), "say in retire.rs how rows of {unknown:?} go when their scope does");
}
