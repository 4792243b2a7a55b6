//! Texts as numbers, in rows of calls and failures. Each day file has its own table.

use hashbrown::HashMap;
use rusqlite::{Connection, OptionalExtension};

use crate::Result;

/// Entries kept in memory; the table itself has no bound.
const MOST_ENTRIES: usize = 50_000;

/// The writer's side: finds or makes numbers, inside of the transaction that uses them.
#[derive(Default)]
pub(super) struct Dictionary {
    known: HashMap<Box<str>, i64>,
    /// Made by the transaction under way.
    uncommitted: Vec<Box<str>>,
}

impl Dictionary {
    pub(super) fn number(&mut self, connection: &Connection, text: &str) -> Result<i64> {
        if let Some(number) = self.known.get(text) {
            return Ok(*number);
        }
        let found = connection
            .prepare_cached("SELECT id FROM dictionary WHERE text = ?1")?
            .query_row([text], |row| row.get(0))
            .optional()?;
        let number = if let Some(number) = found {
            number
        } else {
            connection.prepare_cached("INSERT INTO dictionary(text) VALUES (?1)")?.execute([text])?;
            self.uncommitted.push(text.into());
            connection.last_insert_rowid()
        };
        if self.known.len() >= MOST_ENTRIES {
            self.known.clear();
        }
        self.known.insert(text.into(), number);
        Ok(number)
    }

    /// Zero, which no text has, for none.
    pub(super) fn or_zero(&mut self, connection: &Connection, text: Option<&str>) -> Result<i64> {
        text.map_or(Ok(0), |text| self.number(connection, text))
    }

    pub(super) fn committed(&mut self) {
        self.uncommitted.clear();
    }

    pub(super) fn rolled_back(&mut self) {
        for text in self.uncommitted.drain(..) {
            self.known.remove(&text);
        }
    }
}

/// The readers' side: the number of a text in this file, when it has one.
pub(super) fn find(connection: &Connection, text: &str) -> Result<Option<i64>> {
    Ok(connection
        .prepare_cached("SELECT id FROM dictionary WHERE text = ?1")?
        .query_row([text], |row| row.get(0))
        .optional()?)
}

/// Above so many look-ups, reading the whole table in its order is faster.
const FEW_LOOK_UPS: usize = 2_000;

/// The texts of numbers.
pub(super) struct Texts<'c> {
    connection: &'c Connection,
    all: Option<HashMap<i64, String>>,
}

impl<'c> Texts<'c> {
    /// For about so many look-ups.
    pub(super) fn new(connection: &'c Connection, look_ups: usize) -> Result<Self> {
        if look_ups < FEW_LOOK_UPS {
            return Ok(Self { connection, all: None });
        }
        let mut statement = connection.prepare_cached("SELECT id, text FROM dictionary")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self { connection, all: Some(rows.collect::<rusqlite::Result<_>>()?) })
    }

    pub(super) fn get(&self, number: i64) -> Result<String> {
        if let Some(text) = self.all.as_ref().and_then(|all| all.get(&number)) {
            return Ok(text.clone());
        }
        let mut statement = self.connection.prepare_cached("SELECT text FROM dictionary WHERE id = ?1")?;
        Ok(statement.query_row([number], |row| row.get(0))?)
    }
}
