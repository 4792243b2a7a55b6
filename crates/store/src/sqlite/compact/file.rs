//! The file that takes the place of a day's.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, types::ToSqlOutput};

use super::{Pace, blocks::Blocks};
use crate::{
    Result,
    sqlite::{day, schema},
};

/// What lies beside blocks and names events by their `seq` stays as it is.
const COPIED: [&str; 9] =
    ["about", "dictionary", "call", "call_total", "label_total", "failure", "seen", "sealed", "sealed_page"];
const ROWS_BETWEEN_LOOKS: usize = 200;

/// The new file of a day.
pub(super) struct NewFile<'a> {
    pub(super) of: &'a Path,
    pub(super) at: &'a Path,
    pub(super) pace: &'a Pace<'a>,
}

impl NewFile<'_> {
    /// `false` when it is time to stop.
    pub(super) fn write(&self) -> Result<bool> {
        let mut connection = schema::open_file(self.at, schema::Synchronous::Off, Duration::ZERO)?;
        schema::migrate(&mut connection, self.at, day::MIGRATIONS)?;
        // Until it is done it is worth nothing.
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.execute("ATTACH ?1 AS stored", [format!("{}?mode=ro", schema::uri(self.of))])?;
        // One view of the day, whatever happens to it meanwhile.
        connection.execute_batch("BEGIN")?;
        let mut blocks = Blocks::new(&connection, self.of)?;
        for table in COPIED {
            connection.execute(&format!("DELETE FROM main.{table}"), [])?;
            if !self.copy(&connection, table)? {
                return Ok(false);
            }
        }
        if !blocks.join(&connection, self.pace)? {
            return Ok(false);
        }
        day::set_about(&connection, "references_from", blocks.end_seq)?;
        day::set_about(&connection, day::COMPACTED, 1)?;
        connection.execute_batch("COMMIT; DETACH stored")?;
        // As all day files are; nothing is written from here on.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        drop(connection);
        Ok(true)
    }

    fn copy(&self, connection: &Connection, table: &str) -> Result<bool> {
        let columns = columns_of(connection, table)?;
        let mut from = connection.prepare(&format!("SELECT {columns} FROM stored.{table}"))?;
        let places = vec!["?"; from.column_count()].join(", ");
        let mut into = connection.prepare(&format!("INSERT INTO main.{table}({columns}) VALUES ({places})"))?;
        let count = from.column_count();
        let mut rows = from.query([])?;
        let (mut since, mut copied) = (Instant::now(), 0_usize);
        while let Some(row) = rows.next()? {
            for place in 0..count {
                into.raw_bind_parameter(place + 1, ToSqlOutput::Borrowed(row.get_ref(place)?))?;
            }
            into.raw_execute()?;
            copied += 1;
            if copied.is_multiple_of(ROWS_BETWEEN_LOOKS) && self.pace.look(&mut since) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn columns_of(connection: &Connection, table: &str) -> Result<String> {
    let mut statement = connection.prepare("SELECT group_concat(name) FROM pragma_table_info(?1, 'main')")?;
    Ok(statement.query_row([table], |row| row.get(0))?)
}
