//! Opening the file, its migrations by `user_version`, and what SQLite's failures mean.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, Error, ErrorCode, OpenFlags, TransactionBehavior};

use crate::{Result, SettingsError};

impl From<Error> for SettingsError {
    fn from(error: Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full("the disk has no room left".to_owned()),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Unusable(format!("the settings database is damaged ({error})"))
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// A connection whose every commit is durable.
pub(super) fn open(path: &Path) -> Result<Connection> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(connection)
    };
    open().map_err(|error| in_file(path, error.into()))
}

/// Brings a file to the newest version, a step a transaction; killed between two, it goes on from there.
///
/// # Errors
/// [`SettingsError::Unusable`] when the file was written by a newer program.
pub(super) fn migrate(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<()> {
    let mut run = || -> Result<()> {
        loop {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let version: usize = transaction.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))? as usize;
            if version > steps.len() {
                return Err(SettingsError::Unusable(format!(
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

/// Says which file it was, and what to do about it.
fn in_file(path: &Path, error: SettingsError) -> SettingsError {
    match error {
        SettingsError::Unusable(what) => SettingsError::Unusable(format!(
            "{} cannot be used: {what}. Stop the server, keep a copy of the file, and put the file of a backup in its place.",
            path.display()
        )),
        SettingsError::Failed(what) => SettingsError::Failed(format!("{}: {what}", path.display())),
        full @ SettingsError::Full(_) => full,
    }
}
