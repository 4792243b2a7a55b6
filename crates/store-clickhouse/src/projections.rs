//! The projections' rows of a partition: a table for each of its owners.
//!
//! A new owner attaches the parts of the table before to its own, whatever their size at once, and drops the tables before: who owned the partition
//! until then, and does not know yet, cannot write any more. A save is one insert, and so one part: rows and checkpoint come together or not at all.

use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicU64, Ordering},
};

use clickhouse::Row;
use hiveboard_store::{Checkpoint, FIRST_COLD_TABLE, Position, ProjectionRow, Result, StoreError};
use hiveboard_wire::{Scope, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    ClickHouseOptions,
    error::is_unknown_table,
    rows::Bytes,
    schema,
    server::{Limit, Rows, Server},
    sql::{Sql, numbers},
};

/// The checkpoint's row.
const CHECKPOINT: i16 = -1;

#[derive(Row, Serialize)]
struct Saved {
    scope: u32,
    tab: i16,
    key: Bytes,
    value: Bytes,
    save: u64,
    is_deleted: u8,
}

#[derive(Row, Deserialize)]
struct Loaded {
    scope: u32,
    tab: i16,
    key: Bytes,
    value: Bytes,
}

#[derive(Row, Deserialize)]
struct Value {
    value: Bytes,
    is_deleted: u8,
}

#[derive(Row, Deserialize)]
struct Name {
    name: String,
}

#[derive(Row, Deserialize)]
struct Number {
    number: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredCheckpoint {
    watermark: u64,
    alive_at_us: i64,
    version: u32,
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) struct Projections {
    table: String,
    /// The number of the last save.
    saves: AtomicU64,
    /// Tells saves of this process from those of others that had the same number, and were cleared away.
    opened_at: Timestamp,
}

impl Projections {
    /// Takes over what the owner before has saved.
    pub(crate) fn take_over(server: &Server, options: &ClickHouseOptions) -> Result<Self> {
        let prefix = format!("projections_{}_", options.partition);
        let table = format!("{prefix}{}", options.epoch);
        let sql = Sql::default().with(
            "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, ?)",
            prefix.as_str(),
        );
        let mut epochs: Vec<u64> = server
            .rows::<Name>(&sql, Limit::Keys)?
            .iter()
            .filter_map(|row| row.name.strip_prefix(&prefix)?.parse().ok())
            .collect();
        epochs.sort_unstable();
        if let Some(newest) = epochs.last().filter(|newest| **newest > options.epoch) {
            return Err(StoreError::Unusable(format!(
                "partition {} has an owner of epoch {newest}; this one, of epoch {}, is over",
                options.partition, options.epoch
            )));
        }
        let opened_at = Timestamp::now();
        let mut projections = Self { table, saves: AtomicU64::new(0), opened_at };
        let is_new = epochs.pop_if(|epoch| *epoch == options.epoch).is_none();
        schema::projections(server, options, &projections.table)?;
        if is_new || projections.checkpoint(server)?.is_none() {
            // One without a checkpoint was left before it had taken over.
            for epoch in epochs.iter().rev() {
                let before = Self { table: format!("{prefix}{epoch}"), saves: AtomicU64::new(0), opened_at };
                if before.checkpoint(server)?.is_some() {
                    server.execute(&Sql::new(format!(
                        "ALTER TABLE {} ATTACH PARTITION tuple() FROM {}",
                        projections.table, before.table
                    )))?;
                    break;
                }
            }
        }
        for epoch in epochs {
            schema::drop_table(server, options, &format!("{prefix}{epoch}"))?;
        }
        let last = format!("SELECT max(save) AS number FROM {}", projections.table);
        let last = server.first::<Number>(&Sql::new(last), Limit::Long)?.map_or(0, |row| row.number);
        *projections.saves.get_mut() = last;
        Ok(projections)
    }

    /// Says what it means that the table is gone.
    fn owned<T>(&self, done: Result<T>) -> Result<T> {
        done.map_err(|error| {
            if is_unknown_table(&error) {
                StoreError::Unusable(format!("another node has taken this partition over ({} is gone)", self.table))
            } else {
                error
            }
        })
    }

    pub(crate) fn checkpoint(&self, server: &Server) -> Result<Option<Checkpoint>> {
        let Some(value) = self.value(server, 0, CHECKPOINT, b"")? else { return Ok(None) };
        let stored: StoredCheckpoint = serde_json::from_slice(&value).map_err(|error| {
            StoreError::Damaged(format!("the checkpoint of {} does not read as one ({error})", self.table))
        })?;
        Ok(Some(Checkpoint {
            watermark: Position::of_seq(stored.watermark),
            alive_at: Timestamp(stored.alive_at_us),
            version: stored.version,
        }))
    }

    pub(crate) fn load(&self, server: &Server, visit: &mut dyn FnMut(ProjectionRow)) -> Result<()> {
        let sql = format!(
            "SELECT ?fields FROM {} FINAL WHERE tab >= 0 AND tab < {FIRST_COLD_TABLE} AND is_deleted = 0",
            self.table
        );
        let done = server.visit(&Sql::new(sql), Limit::Long, |row: Loaded| {
            visit(ProjectionRow {
                scope: Scope::from_number(row.scope),
                table: row.tab as u8,
                key: row.key.0,
                value: Some(row.value.0),
            });
            Ok(ControlFlow::Continue(()))
        });
        self.owned(done)
    }

    pub(crate) fn row(&self, server: &Server, scope: Scope, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.value(server, scope.number(), i16::from(table), key)
    }

    fn value(&self, server: &Server, scope: u32, tab: i16, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let key = hex(key);
        let sql = Sql::new(format!("SELECT ?fields FROM {} WHERE scope = {scope} AND tab = {tab}", self.table))
            .with(" AND key = unhex(?) ORDER BY save DESC LIMIT 1", key.as_str());
        let newest = self.owned(server.first::<Value>(&sql, Limit::Keys))?;
        Ok(newest.filter(|row| row.is_deleted == 0).map(|row| row.value.0))
    }

    pub(crate) fn save(&self, server: &Server, rows: &[ProjectionRow], checkpoint: Checkpoint) -> Result<()> {
        let save = self.saves.fetch_add(1, Ordering::AcqRel) + 1;
        let stored = StoredCheckpoint {
            watermark: checkpoint.watermark.seq(),
            alive_at_us: checkpoint.alive_at.0,
            version: checkpoint.version,
        };
        let stored = serde_json::to_vec(&stored).expect("numbers are written as JSON");
        let row = |place: usize| match rows.get(place) {
            Some(row) => Saved {
                scope: row.scope.number(),
                tab: i16::from(row.table),
                key: Bytes(row.key.clone()),
                value: Bytes(row.value.clone().unwrap_or_default()),
                save,
                is_deleted: u8::from(row.value.is_none()),
            },
            None => Saved {
                scope: 0,
                tab: CHECKPOINT,
                key: Bytes::default(),
                value: Bytes(stored.clone()),
                save,
                is_deleted: 0,
            },
        };
        let rows = Rows::<Saved> { count: rows.len() + 1, row: &row };
        self.owned(server.insert(&self.table, &format!("save {save} {}", self.opened_at.0), &rows))
    }

    pub(crate) fn clear(&self, server: &Server) -> Result<()> {
        self.owned(server.execute(&Sql::new(format!("TRUNCATE TABLE {}", self.table))))
    }

    /// Deletes all rows of scopes.
    pub(crate) fn erase(&self, server: &Server, is_erased: &dyn Fn(Scope) -> bool) -> Result<()> {
        let sql = format!("SELECT DISTINCT toUInt64(scope) AS number FROM {} WHERE tab >= 0", self.table);
        let scopes = self.owned(server.rows::<Number>(&Sql::new(sql), Limit::Long))?;
        let gone: Vec<u64> = scopes
            .iter()
            .map(|row| row.number)
            .filter(|number| is_erased(Scope::from_number(*number as u32)))
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "ALTER TABLE {} DELETE WHERE tab >= 0 AND scope IN ({}) SETTINGS mutations_sync = 2",
            self.table,
            numbers(gone)
        );
        self.owned(server.execute(&Sql::new(sql)))
    }
}
