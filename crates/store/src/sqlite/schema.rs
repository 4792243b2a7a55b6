//! Opening database files; a failure says which file it was.

use std::{path::Path, time::Duration};

use hiveboard_sqlite::MigrationError;
pub(crate) use hiveboard_sqlite::{Synchronous, empty_log, uri};
use rusqlite::Connection;

use super::error::in_file;
use crate::{Result, StoreError};

impl From<MigrationError> for StoreError {
    fn from(error: MigrationError) -> Self {
        match error {
            MigrationError::Newer { .. } => Self::Unusable(error.to_string()),
            MigrationError::Sqlite(error) => error.into(),
        }
    }
}

/// A connection that may write.
pub(crate) fn open_file(path: &Path, synchronous: Synchronous, busy_timeout: Duration) -> Result<Connection> {
    hiveboard_sqlite::open(path, synchronous, busy_timeout).map_err(|error| in_file(path, error))
}

/// A connection that only reads, beside a writer.
pub(crate) fn open_reader(path: &Path) -> Result<Connection> {
    hiveboard_sqlite::open_reader(path).map_err(|error| in_file(path, error))
}

/// Brings a file to the newest version.
///
/// # Errors
/// [`StoreError::Unusable`] when the file was written by a newer program.
pub(crate) fn migrate(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<()> {
    hiveboard_sqlite::migrate(connection, steps).map_err(|error| in_file(path, error))
}
