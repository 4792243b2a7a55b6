//! Opening database files: pragmas, and migrations by `user_version`.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::in_file;
use crate::{Result, StoreError};

/// A connection that may write. `synchronous` is SQLite's word: FULL makes every commit durable, NORMAL leaves the last ones to luck.
pub(crate) fn open_file(path: &Path, synchronous: &str, busy_timeout: Duration) -> Result<Connection> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(busy_timeout)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(connection)
    };
    open().map_err(|error| in_file(path, error))
}

/// A connection that only reads, beside a writer.
pub(crate) fn open_reader(path: &Path) -> Result<Connection> {
    let open = || -> rusqlite::Result<Connection> {
        let connection =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.pragma_update(None, "cache_size", -2048)?;
        Ok(connection)
    };
    open().map_err(|error| in_file(path, error))
}

/// Brings a file to the newest version, a step a transaction; killed between two, it goes on from there.
///
/// # Errors
/// [`StoreError::Unusable`] when the file was written by a newer program.
pub(crate) fn migrate(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<()> {
    let mut run = || -> Result<()> {
        loop {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let version: usize = transaction.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))? as usize;
            if version > steps.len() {
                return Err(StoreError::Unusable(format!(
                    "version {version} of the file is newer than this program knows ({}); use the program that wrote it, or a newer one",
                    steps.len()
                )));
            }
            let Some(step) = steps.get(version) else { return Ok(()) };
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", version as u32 + 1)?;
            transaction.commit()?;
        }
    };
    run().map_err(|error| in_file(path, error))
}

/// Copies the write-ahead log back and cuts it to nothing, as far as readers let it.
pub(crate) fn empty_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// A path as SQLite reads it in a URI.
pub(crate) fn uri(path: &Path) -> String {
    let name = path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{name}")
}
