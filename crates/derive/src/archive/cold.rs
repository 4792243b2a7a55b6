//! Rows that stay on disk until they are asked for.

use std::sync::Arc;

/// Reads single rows of the tables that [`crate::Projections::restored`] is not given: those from [`FIRST_COLD_TABLE`] on.
///
/// May be asked while a lock is held, so it answers from the local disk or not at all.
pub trait ColdRows: Send + Sync {
    /// The value of a row; `None` where there is none.
    fn row(&self, table: u8, key: &[u8]) -> Result<Option<Arc<Vec<u8>>>, ColdRowError>;
}

/// Tables from this number on are read row by row.
pub const FIRST_COLD_TABLE: u8 = 64;

/// A row on disk that cannot be read, or is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an archived row cannot be read: {0}")]
pub struct ColdRowError(pub String);

impl ColdRowError {
    pub(super) fn damaged(what: &str) -> Self {
        Self(format!("{what} is damaged; `hiveboard rebuild` makes it anew"))
    }
}
