//! Changing the settings: the one way in, alone and in a cluster.

use std::{cell::RefCell, ops::Deref};

use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use super::{SqliteSettings, begin, replica::Statement};
use crate::{Result, SettingsError};

/// A change under way. What reads goes to the connection; whatever changes something goes through [`Writing::execute`] and [`Writing::returning`], which note it
/// down for the other nodes where there are any.
pub(super) struct Writing<'a> {
    connection: &'a Connection,
    noted: Option<RefCell<Noted>>,
}

#[derive(Default)]
struct Noted {
    statements: Vec<Statement>,
    /// Rows that they changed.
    rows: u64,
}

impl<'a> Writing<'a> {
    pub(super) fn alone(connection: &'a Connection) -> Self {
        Self { connection, noted: None }
    }

    pub(super) fn noting(connection: &'a Connection) -> Self {
        Self { connection, noted: Some(RefCell::default()) }
    }

    /// Runs a statement; answers how many rows it changed.
    pub(super) fn execute(&self, sql: &str, parameters: &[&dyn ToSql]) -> Result<usize> {
        self.noted(sql, parameters, || Ok(self.connection.prepare_cached(sql)?.execute(parameters)?))
    }

    /// Runs a statement that changes one row at most and answers it.
    pub(super) fn returning<T>(
        &self,
        sql: &str,
        parameters: &[&dyn ToSql],
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        self.noted(sql, parameters, || {
            Ok(self.connection.prepare_cached(sql)?.query_row(parameters, read).optional()?)
        })
    }

    fn noted<T>(&self, sql: &str, parameters: &[&dyn ToSql], run: impl FnOnce() -> Result<T>) -> Result<T> {
        let Some(noted) = &self.noted else { return run() };
        let before = self.connection.total_changes();
        let done = run()?;
        let rows = self.connection.total_changes() - before;
        if rows > 0 {
            let mut noted = noted.borrow_mut();
            noted.statements.push(Statement::record(sql, parameters)?);
            noted.rows += rows;
        }
        Ok(done)
    }

    /// What was noted, after all of it. `rows_before` is what the connection had changed when the change began.
    pub(super) fn into_statements(self, rows_before: u64) -> Result<Vec<Statement>> {
        let noted = self.noted.map(RefCell::into_inner).unwrap_or_default();
        if self.connection.total_changes() - rows_before != noted.rows {
            // Rather refuse than let nodes drift apart.
            return Err(SettingsError::Failed(
                "something was changed that the other nodes would not learn of".to_owned(),
            ));
        }
        Ok(noted.statements)
    }
}

impl Deref for Writing<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl SqliteSettings {
    /// Carries out a change in one transaction; in a cluster, on all nodes or none. There it may run more than once: when another
    /// node's change came first, on what that one left.
    pub(super) fn write<T>(&self, change: impl Fn(&Writing<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.writing();
        if let Some(replica) = &self.replica {
            return replica.write(&mut connection, change);
        }
        let transaction = begin(&mut connection)?;
        let value = change(&Writing::alone(&transaction))?;
        transaction.commit()?;
        Ok(value)
    }
}
