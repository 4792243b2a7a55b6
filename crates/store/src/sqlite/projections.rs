//! The projections' rows and their checkpoint, in `meta.db`. Nothing in it is the only copy of anything.

use std::{
    hash::Hasher,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hiveboard_wire::{Scope, Timestamp};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use siphasher::sip::SipHasher13;

use super::{error::in_file, files, schema};
use crate::{Checkpoint, FIRST_COLD_TABLE, Position, ProjectionRow, Result, StoreError};

const MIGRATIONS: &[&str] = &["
    CREATE TABLE projection(
        scope INTEGER, tab INTEGER, key BLOB, value BLOB NOT NULL, PRIMARY KEY(scope, tab, key)
    ) WITHOUT ROWID;
    CREATE TABLE checkpoint(id INTEGER PRIMARY KEY CHECK (id = 0), watermark INTEGER NOT NULL, alive_at INTEGER NOT NULL, version INTEGER NOT NULL);
    ", "
    -- From here on, every value ends with a checksum. Rows from before have none, and are folded anew.
    DELETE FROM projection;
    DELETE FROM checkpoint;
    ", "
    CREATE TABLE cold_projection(
        scope INTEGER, tab INTEGER, key BLOB, value BLOB NOT NULL, PRIMARY KEY(scope, tab, key)
    ) WITHOUT ROWID;
    ", "
    -- Where keys and large values lie in one tree, each step of a look-up reads a whole value: keys have a tree of their own.
    CREATE TABLE cold_row(
        id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, tab INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,
        UNIQUE(scope, tab, key)
    );
    INSERT INTO cold_row(scope, tab, key, value) SELECT scope, tab, key, value FROM cold_projection;
    DROP TABLE cold_projection;
"];

/// Bytes of the checksum behind each value.
const SUM_BYTES: usize = 8;

/// The log is copied back by SQLite itself, after so many pages: nobody waits for this file.
const CHECKPOINT_PAGES: u32 = 2_000;

/// Readers kept open; more are opened and closed as they are needed.
const IDLE_READERS: usize = 4;

pub(super) struct MetaFile {
    path: PathBuf,
    connection: Mutex<Option<Connection>>,
    /// Beside the one that writes, so that nobody waits for it. `None` once closed.
    readers: Mutex<Option<Vec<Connection>>>,
    /// Set when the file turned out to be damaged while it was open: what is folded in memory is not all in it any more, so nothing is written until
    /// all is written anew.
    is_lost: AtomicBool,
}

impl MetaFile {
    /// Opens or makes the file. One that is damaged is made anew: its rows are folded again from the events.
    pub(super) fn open(dir: &Path) -> Result<Self> {
        let path = dir.join("meta.db");
        let connection = match Self::connect(&path) {
            Err(StoreError::Damaged(what)) => {
                tracing::error!(what, "the derived state is damaged and is folded anew from the events");
                files::remove_database(&path)?;
                Self::connect(&path)?
            }
            other => other?,
        };
        Ok(Self {
            path,
            connection: Mutex::new(Some(connection)),
            readers: Mutex::new(Some(Vec::new())),
            is_lost: AtomicBool::new(false),
        })
    }

    fn connect(path: &Path) -> Result<Connection> {
        let mut connection = schema::open_file(path, schema::Synchronous::Normal, Duration::from_secs(5))?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).map_err(|error| in_file(path, error))?;
        schema::migrate(&mut connection, path, MIGRATIONS)?;
        Ok(connection)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let mut held = self.lock();
        let connection = held.as_mut().ok_or_else(|| StoreError::Failed("the store is closed".to_owned()))?;
        let done = work(connection).map_err(|error| in_file(&self.path, error));
        if let Err(StoreError::Damaged(what)) = &done {
            tracing::error!(
                what,
                "the derived state on disk is damaged; it is folded anew from the events at the next start"
            );
            metrics::counter!("hiveboard_damage_total").increment(1);
            self.is_lost.store(true, Ordering::Release);
            drop(held.take());
            files::remove_database(&self.path)?;
            *held = Some(Self::connect(&self.path)?);
        }
        done
    }

    /// Whether its rows are gone until the next start.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Connection>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn checkpoint(&self) -> Result<Option<Checkpoint>> {
        self.with(|connection| {
            let found = connection
                .query_row("SELECT watermark, alive_at, version FROM checkpoint", [], |row| {
                    Ok(Checkpoint {
                        watermark: Position::of_seq(row.get::<_, i64>(0)? as u64),
                        alive_at: Timestamp(row.get(1)?),
                        version: row.get(2)?,
                    })
                })
                .optional()?;
            Ok(found)
        })
    }

    pub(super) fn load(&self, visit: &mut dyn FnMut(ProjectionRow)) -> Result<()> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached("SELECT scope, tab, key, value FROM projection")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (scope, table, key): (u32, u8, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let value = checked(scope, table, &key, row.get(3)?)?;
                visit(ProjectionRow { scope: Scope::from_number(scope), table, key, value: Some(value) });
            }
            Ok(())
        })
    }

    pub(super) fn row(&self, scope: Scope, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let idle = self.readers().as_mut().and_then(Vec::pop);
        let reader = idle.map_or_else(|| schema::open_reader(&self.path), Ok)?;
        let read = || -> rusqlite::Result<Option<Vec<u8>>> {
            let sql = if table < FIRST_COLD_TABLE {
                "SELECT value FROM projection WHERE scope = ?1 AND tab = ?2 AND key = ?3"
            } else {
                "SELECT value FROM cold_row WHERE scope = ?1 AND tab = ?2 AND key = ?3"
            };
            reader.prepare_cached(sql)?.query_row(params![scope.number(), table, key], |row| row.get(0)).optional()
        };
        let value = read().map_err(|error| in_file(&self.path, error))?;
        let value = value.map(|value| checked(scope.number(), table, key, value)).transpose();
        let value = value.map_err(|error| in_file(&self.path, error))?;
        if let Some(idle) = self.readers().as_mut().filter(|idle| idle.len() < IDLE_READERS) {
            idle.push(reader);
        }
        Ok(value)
    }

    fn readers(&self) -> MutexGuard<'_, Option<Vec<Connection>>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn save(&self, rows: &[ProjectionRow], checkpoint: Checkpoint) -> Result<()> {
        if self.is_lost.load(Ordering::Acquire) {
            // Who hears that rows are saved lets go of them.
            return Err(StoreError::ProjectionsLost);
        }
        self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut summed = Vec::new();
                let mut put =
                    transaction.prepare_cached("INSERT OR REPLACE INTO projection VALUES (?1, ?2, ?3, ?4)")?;
                let mut delete =
                    transaction.prepare_cached("DELETE FROM projection WHERE scope = ?1 AND tab = ?2 AND key = ?3")?;
                let mut put_cold = transaction.prepare_cached(
                    "INSERT OR REPLACE INTO cold_row(scope, tab, key, value) VALUES (?1, ?2, ?3, ?4)",
                )?;
                let mut delete_cold =
                    transaction.prepare_cached("DELETE FROM cold_row WHERE scope = ?1 AND tab = ?2 AND key = ?3")?;
                for row in rows {
                    let (scope, is_cold) = (row.scope.number(), row.table >= FIRST_COLD_TABLE);
                    let put = if is_cold { &mut put_cold } else { &mut put };
                    let delete = if is_cold { &mut delete_cold } else { &mut delete };
                    match &row.value {
                        Some(value) => {
                            summed.clear();
                            summed.extend_from_slice(value);
                            summed.extend_from_slice(&checksum(scope, row.table, &row.key, value));
                            put.execute(params![scope, row.table, row.key, summed])?
                        }
                        None => delete.execute(params![scope, row.table, row.key])?,
                    };
                }
            }
            transaction
                .prepare_cached("INSERT OR REPLACE INTO checkpoint VALUES (0, ?1, ?2, ?3)")?
                .execute(params![checkpoint.watermark.seq(), checkpoint.alive_at.0, checkpoint.version])?;
            transaction.commit()?;
            Ok(())
        })
    }

    /// Deletes all rows of scopes.
    pub(super) fn erase(&self, is_erased: &dyn Fn(Scope) -> bool) -> Result<()> {
        self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for table in ["projection", "cold_row"] {
                let scopes: Vec<u32> = {
                    let mut statement = transaction.prepare_cached(&format!("SELECT DISTINCT scope FROM {table}"))?;
                    let scopes = statement.query_map([], |row| row.get(0))?;
                    scopes.collect::<rusqlite::Result<_>>()?
                };
                for scope in scopes.into_iter().filter(|scope| is_erased(Scope::from_number(*scope))) {
                    transaction.execute(&format!("DELETE FROM {table} WHERE scope = ?1"), [scope])?;
                }
            }
            transaction.commit()?;
            Ok(())
        })
    }

    pub(super) fn clear(&self) -> Result<()> {
        self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute_batch("DELETE FROM projection; DELETE FROM cold_row; DELETE FROM checkpoint")?;
            transaction.commit()?;
            Ok(())
        })?;
        self.is_lost.store(false, Ordering::Release);
        Ok(())
    }

    pub(super) fn close(&self) -> Result<()> {
        let Some(connection) = self.lock().take() else { return Ok(()) };
        self.readers().take();
        schema::empty_log(&connection).map_err(|error| in_file(&self.path, error))
    }
}

/// Of a row, wherever it lies: not secret, only unlikely to be right by chance.
/// The value without its checksum.
fn checked(scope: u32, table: u8, key: &[u8], mut value: Vec<u8>) -> Result<Vec<u8>> {
    let length = value.len().saturating_sub(SUM_BYTES);
    if checksum(scope, table, key, &value[..length]) != value[length..] {
        return Err(StoreError::Damaged("a row is not as it was written".to_owned()));
    }
    value.truncate(length);
    Ok(value)
}

fn checksum(scope: u32, table: u8, key: &[u8], value: &[u8]) -> [u8; SUM_BYTES] {
    let mut hasher = SipHasher13::new();
    hasher.write_u32(scope);
    hasher.write_u8(table);
    hasher.write_usize(key.len());
    hasher.write(key);
    hasher.write(value);
    hasher.finish().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use hiveboard_wire::{Mode, WorkspaceId};

    use super::*;

    fn cold(scope: Scope, key: &[u8], value: Option<&[u8]>) -> ProjectionRow {
        ProjectionRow { scope, table: FIRST_COLD_TABLE, key: key.to_vec(), value: value.map(<[u8]>::to_vec) }
    }

    #[test]
    fn archived_rows_of_earlier_files_are_read_and_go_like_others() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
        let path = dir.path().join("meta.db");
        let mut earlier = Connection::open(&path).expect("a new file opens");
        schema::migrate(&mut earlier, &path, &MIGRATIONS[..3]).expect("it is as it was");
        for key in [b"a", b"b"] {
            let large = vec![key[0]; 20_000];
            let sum = checksum(scope.number(), FIRST_COLD_TABLE, key, &large);
            let row = params![scope.number(), FIRST_COLD_TABLE, key, [&large[..], &sum].concat()];
            earlier.execute("INSERT INTO cold_projection VALUES (?1, ?2, ?3, ?4)", row).expect("there is room");
        }
        drop(earlier);
        let meta = MetaFile::open(dir.path()).expect("an earlier file opens");
        let row = |key: &[u8]| meta.row(scope, FIRST_COLD_TABLE, key).expect("a sound file");
        assert_eq!((row(b"a"), row(b"b")), (Some(vec![b'a'; 20_000]), Some(vec![b'b'; 20_000])));
        let checkpoint = Checkpoint { watermark: Position::of_seq(1), alive_at: Timestamp(0), version: 1 };
        let changed = [cold(scope, b"a", None), cold(scope, b"b", Some(b"another")), cold(scope, b"c", Some(b"new"))];
        meta.save(&changed, checkpoint).expect("there is room");
        assert_eq!((row(b"a"), row(b"b"), row(b"c")), (None, Some(b"another".to_vec()), Some(b"new".to_vec())));
        meta.erase(&|erased| erased == scope).expect("there is room");
        assert_eq!((row(b"b"), row(b"c")), (None, None));
    }

    #[test]
    fn nothing_counts_as_saved_once_the_file_was_lost() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let meta = MetaFile::open(dir.path()).expect("a new file opens");
        let scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
        let rows = [ProjectionRow { scope, table: 1, key: b"k".to_vec(), value: Some(b"v".to_vec()) }];
        let checkpoint = Checkpoint { watermark: Position::of_seq(1), alive_at: Timestamp(0), version: 1 };
        meta.save(&rows, checkpoint).expect("there is room");
        let raw = Connection::open(dir.path().join("meta.db")).expect("the file opens twice");
        raw.execute("UPDATE projection SET value = x'00'", []).expect("a row is spoilt");
        drop(raw);
        assert!(matches!(meta.load(&mut |_| {}), Err(StoreError::Damaged(_))));
        for _ in 0..2 {
            assert!(
                matches!(meta.save(&rows, checkpoint), Err(StoreError::ProjectionsLost)),
                "the rest of the rows is gone"
            );
        }
        meta.clear().expect("the new file is writable");
        meta.save(&rows, checkpoint).expect("all is written anew");
        assert_eq!(meta.row(scope, 1, b"k").expect("a sound file"), Some(b"v".to_vec()));
    }
}
