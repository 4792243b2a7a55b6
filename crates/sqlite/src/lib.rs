//! Opening SQLite files and bringing them up to date, the same for all files of a data directory.
//!
//! What a failure means, and to whom, is for the owner of the file to say.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

/// Statements that a connection keeps prepared.
const PREPARED_STATEMENTS: usize = 64;
/// How long a reader waits for a writer that rebuilds the log's index.
const READER_PATIENCE: Duration = Duration::from_secs(5);
/// SQLite's own unit: negative is KiB.
const READER_CACHE: i32 = -1024;

/// When a commit counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// When it is on the disk.
    Full,
    /// The last ones may be lost with the power.
    Normal,
    /// Nothing is promised: for files that are made anew from others.
    Off,
}

impl Synchronous {
    const fn word(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
            Self::Off => "OFF",
        }
    }
}

/// Why a file could not be brought to the newest version.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    #[error(
        "version {version} of the file is newer than this program knows ({known}); use the program that wrote it, or a newer one"
    )]
    Newer { version: usize, known: usize },
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// A connection that may write; makes the file.
pub fn open(path: &Path, synchronous: Synchronous, busy_timeout: Duration) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous.word())?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// A connection that only reads, beside a writer.
pub fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(READER_PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    connection.pragma_update(None, "cache_size", READER_CACHE)?;
    Ok(connection)
}

/// Brings a file to the newest version, a step a transaction; killed between two, it goes on from there.
pub fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), MigrationError> {
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = transaction.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))? as usize;
        if version > steps.len() {
            return Err(MigrationError::Newer { version, known: steps.len() });
        }
        let Some(step) = steps.get(version) else { return Ok(()) };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version as u32 + 1)?;
        transaction.commit()?;
    }
}

/// Copies the write-ahead log back and cuts it to nothing, as far as readers let it.
pub fn empty_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// A path as SQLite reads it in a URI.
pub fn uri(path: &Path) -> String {
    let name = path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE first(a) STRICT";
    const STEPS: &[&str] = &["CREATE TABLE first(a INTEGER) STRICT", "CREATE TABLE second(b INTEGER) STRICT"];

    fn file() -> (tempfile::TempDir, Connection) {
        let dir = tempfile::tempdir().expect("a directory");
        let connection = open(&dir.path().join("a.db"), Synchronous::Full, Duration::ZERO).expect("it opens");
        (dir, connection)
    }

    #[test]
    fn a_file_goes_on_from_the_step_it_has_reached() {
        let (_dir, mut connection) = file();
        migrate(&mut connection, &STEPS[..1]).expect("the first step");
        migrate(&mut connection, STEPS).expect("the second alone: the first would fail now");
        let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a version");
        assert_eq!(version, 2);
        connection.execute("INSERT INTO second VALUES (1)", []).expect("its table is there");
    }

    #[test]
    fn a_newer_file_is_left_alone() {
        let (_dir, mut connection) = file();
        migrate(&mut connection, STEPS).expect("both steps");
        let refused = migrate(&mut connection, &STEPS[..1]).expect_err("it knows one of two");
        assert!(matches!(refused, MigrationError::Newer { version: 2, known: 1 }), "{refused}");
    }

    #[test]
    fn a_step_that_fails_leaves_nothing_behind() {
        let (_dir, mut connection) = file();
        migrate(&mut connection, &["CREATE TABLE half(a INTEGER) STRICT; CREATE TABLE first(a) STRICT"])
            .expect_err("a column without a type in a strict table");
        assert!(migrate(&mut connection, &[FIRST]).is_err(), "the same fault");
        connection.execute("SELECT 1 FROM half", []).expect_err("it was rolled back");
        migrate(&mut connection, STEPS).expect("from the beginning");
    }
}
