//! Opening the file, and what SQLite's failures mean.

use std::{path::Path, time::Duration};

use hiveboard_sqlite::{MigrationError, Synchronous};
use rusqlite::{Connection, Error, ErrorCode};

use crate::{Result, SettingsError};

/// The command line writes beside the server.
const BUSY_PATIENCE: Duration = Duration::from_secs(10);

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

impl From<MigrationError> for SettingsError {
    fn from(error: MigrationError) -> Self {
        match error {
            MigrationError::Newer { .. } => Self::Unusable(error.to_string()),
            MigrationError::Sqlite(error) => error.into(),
        }
    }
}

/// A connection whose every commit is durable.
pub(super) fn open(path: &Path) -> Result<Connection> {
    hiveboard_sqlite::open(path, Synchronous::Full, BUSY_PATIENCE).map_err(|error| in_file(path, error.into()))
}

/// Brings the file to the newest version.
///
/// # Errors
/// [`SettingsError::Unusable`] when the file was written by a newer program.
pub(super) fn migrate(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<()> {
    hiveboard_sqlite::migrate(connection, steps).map_err(|error| in_file(path, error.into()))
}

/// Says which file it was, and what to do about it.
fn in_file(path: &Path, error: SettingsError) -> SettingsError {
    match error {
        SettingsError::Unusable(what) => SettingsError::Unusable(format!(
            "{} cannot be used: {what}. Stop the server, keep a copy of the file, and put the file of a backup in its place.",
            path.display()
        )),
        SettingsError::Failed(what) => SettingsError::Failed(format!("{}: {what}", path.display())),
        other @ (SettingsError::Full(_) | SettingsError::Unavailable(_)) => other,
    }
}
