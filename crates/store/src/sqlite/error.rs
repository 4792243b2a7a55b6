//! What SQLite's failures mean to the store.

use std::path::Path;

use rusqlite::{Error, ErrorCode, ffi};

use crate::StoreError;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let Error::SqliteFailure(inner, _) = &error else {
            return match error {
                Error::FromSqlConversionFailure(..)
                | Error::IntegralValueOutOfRange(..)
                | Error::InvalidColumnType(..)
                | Error::Utf8Error(..)
                | Error::QueryReturnedNoRows => Self::Damaged(format!("a row does not read as one ({error})")),
                other => Self::Failed(other.to_string()),
            };
        };
        match inner.code {
            ErrorCode::DiskFull => Self::Full("the disk has no room left".to_owned()),
            // SQLite says disk full for writes by itself, but not where it makes room for the log's index.
            ErrorCode::SystemIoFailure if inner.extended_code == ffi::SQLITE_IOERR_SHMSIZE => {
                Self::Full(format!("there is no room for the log's index ({error})"))
            }
            ErrorCode::OperationInterrupted => Self::TimedOut,
            // Statements are fixed: one that does not fit has met a schema that is not ours.
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown => {
                Self::Damaged(format!("SQLite cannot read it ({error})"))
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
        StoreError::Unusable(what) => StoreError::Unusable(format!("{} cannot be used: {what}", path.display())),
        StoreError::Damaged(what) if what.starts_with(&path.display().to_string()) => StoreError::Damaged(what),
        StoreError::Damaged(what) => damaged(path, &what),
        StoreError::Failed(what) => StoreError::Failed(format!("{}: {what}", path.display())),
        other => other,
    }
}

pub(crate) fn damaged(path: &Path, what: &str) -> StoreError {
    StoreError::Damaged(format!("{}: {what}", path.display()))
}
