//! What SQLite's failures mean to the store.

use std::path::Path;

use rusqlite::{Error, ErrorCode, ffi};

use crate::StoreError;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let Error::SqliteFailure(inner, _) = &error else { return Self::Failed(error.to_string()) };
        match inner.code {
            ErrorCode::DiskFull => Self::Full("the disk has no room left".to_owned()),
            // SQLite says disk full for writes by itself, but not where it makes room for the log's index.
            ErrorCode::SystemIoFailure if inner.extended_code == ffi::SQLITE_IOERR_SHMSIZE => {
                Self::Full(format!("there is no room for the log's index ({error})"))
            }
            ErrorCode::OperationInterrupted => Self::TimedOut,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                Self::Unusable(format!("a database file is damaged ({error})"))
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// Says which file it was, and what to do about it.
pub(crate) fn in_file(path: &Path, error: impl Into<StoreError>) -> StoreError {
    match error.into() {
        // Said already, closer to the fault.
        StoreError::Unusable(what) if what.starts_with(&path.display().to_string()) => StoreError::Unusable(what),
        StoreError::Unusable(what) => damaged(path, &what),
        StoreError::Failed(what) => StoreError::Failed(format!("{}: {what}", path.display())),
        other => other,
    }
}

pub(crate) fn damaged(path: &Path, what: &str) -> StoreError {
    StoreError::Unusable(format!(
        "{} cannot be used: {what}. Stop the server, keep a copy of the file, and put the file of a backup in its place; \
         or move it away to go on without what it holds.",
        path.display()
    ))
}
