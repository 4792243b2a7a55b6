//! Retention: what has served its time leaves in small steps that no commit waits for.
//!
//! A day goes by unlinking its file. Where the scopes of a day are kept for different times, the rows of those whose time is over are deleted from
//! it, some thousand a transaction, and the file is packed. Nobody writes to a day but the newest; when that is over, too, a new one is begun first.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hiveboard_wire::{Scope, Timestamp};
use rusqlite::Connection;

use super::{catalog::Catalog, day::Day, error::in_file, files, reader::Deadline, schema, writer::WriterSlot};
use crate::{Result, Retired, StoreError};

const LOOK_AGAIN: Duration = Duration::from_millis(5);
const ROWS_AT_ONCE: u32 = 2_000;
/// Between two steps, so that the disk serves others, too.
const REST: Duration = Duration::from_millis(2);

/// Tables with rows of a scope, and what names a row. Calls and failures first: figures lead to blocks.
pub(super) const OF_SCOPES: &[(&str, &str)] = &[
    ("failure", "seq"),
    ("call", "seq"),
    ("call_total", "scope, grain, bucket, agent, project, task_type, model, environment, grp, version"),
    ("label_total", "scope, label, grain, bucket, value"),
    ("block", "id"),
];
/// Tables with rows of a block: which column names it.
pub(super) const OF_BLOCKS: &[(&str, &str, &str)] = &[("block_data", "id", "id"), ("reference", "block", "key, block")];
/// What stays as long as the day does. Ids of events that are gone take the room of ids that nobody asks for any more.
#[cfg(test)]
pub(super) const OF_DAYS: &[&str] = &["about", "dictionary", "seen", "sealed", "sealed_page", "zstd_dictionary"];

/// Deletes what `expired` says of a scope and the end of a day of arrival. Days whose ids are still known stay whole.
pub(super) fn retire(
    catalog: &Catalog,
    writer: &WriterSlot,
    expired: &dyn Fn(Scope, Timestamp) -> bool,
) -> Result<Retired> {
    let mut retired = Retired::default();
    let today = Timestamp::now().day();
    for day in catalog.days() {
        if day.number >= catalog.within_window(today) {
            break;
        }
        let until = day.span().until;
        let parted = scopes_in(&day)?.into_iter().partition(|scope| expired(*scope, until));
        retired += let_go(catalog, writer, day, parted, Ids::Forgotten)?;
    }
    Ok(retired)
}

/// Deletes all events of scopes, whatever their age. The day that is being written keeps them until it is over.
pub(super) fn erase(catalog: &Catalog, writer: &WriterSlot, is_erased: &dyn Fn(Scope) -> bool) -> Result<Retired> {
    let mut retired = Retired::default();
    let today = Timestamp::now().day();
    for day in catalog.days() {
        let parted: (Vec<Scope>, Vec<Scope>) = scopes_in(&day)?.into_iter().partition(|scope| is_erased(*scope));
        if parted.0.is_empty() || catalog.is_newest(&day) && day.number >= today {
            continue;
        }
        if let Some(writer) = writer.lock().as_mut() {
            writer.leave_day(catalog, day.number, today)?;
        }
        let ids = if day.number < catalog.within_window(today) { Ids::Forgotten } else { Ids::Known };
        retired += let_go(catalog, writer, day, parted, ids)?;
    }
    Ok(retired)
}

/// Whether the ids of a day still tell repeated events.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ids {
    Known,
    Forgotten,
}

fn let_go(
    catalog: &Catalog,
    writer: &WriterSlot,
    day: Arc<Day>,
    (gone, kept): (Vec<Scope>, Vec<Scope>),
    ids: Ids,
) -> Result<Retired> {
    let span = day.span();
    if gone.is_empty() && (!kept.is_empty() || catalog.is_newest(&day)) {
        return Ok(Retired::default());
    }
    if kept.is_empty() {
        let number = day.number;
        drop(day);
        if let Some(writer) = writer.lock().as_mut() {
            writer.leave_day(catalog, number, Timestamp::now().day())?;
        }
        let _nobody_else = catalog.rewriting();
        let Some(day) = catalog.remove_day(number) else { return Ok(Retired::default()) };
        unlink(catalog, writer, &day)?;
        return Ok(Retired { spans: 1, events: span.events, bytes: span.bytes });
    }
    if catalog.is_newest(&day) {
        return Ok(Retired::default());
    }
    {
        let _nobody_else = catalog.rewriting();
        remove_scopes(catalog, &day, &gone, ids)?;
    }
    let left = day.span();
    Ok(Retired {
        spans: 0,
        events: span.events.saturating_sub(left.events),
        bytes: span.bytes.saturating_sub(left.bytes),
    })
}

fn scopes_in(day: &Day) -> Result<Vec<Scope>> {
    day.read(Deadline::NONE, |reader| {
        let mut statement = reader.connection.prepare_cached(
            // Steps from scope to scope through the index.
            "WITH RECURSIVE s(scope) AS (SELECT min(scope) FROM block
                UNION ALL SELECT (SELECT min(scope) FROM block WHERE scope > s.scope) FROM s WHERE s.scope IS NOT NULL)
             SELECT scope FROM s WHERE scope IS NOT NULL",
        )?;
        let scopes = statement.query_map([], |row| row.get(0).map(Scope::from_number))?;
        Ok(scopes.collect::<rusqlite::Result<_>>()?)
    })
}

fn unlink(catalog: &Catalog, writer: &WriterSlot, day: &Arc<Day>) -> Result<()> {
    if let Some(writer) = writer.lock().as_mut() {
        writer.dedup.forget(day.number);
    }
    // Whoever still reads the day holds it, and is done within the time limit. Unlinking does not take from them what they opened.
    let until = Instant::now() + catalog.options.query_time_limit;
    while Arc::strong_count(day) > 1 && Instant::now() < until {
        std::thread::sleep(LOOK_AGAIN);
    }
    day.close_readers();
    catalog.search.forget(day);
    files::remove_day(&day.path, Arc::strong_count(day) == 1)?;
    files::sync_dir(&catalog.dir)
}

fn remove_scopes(catalog: &Catalog, day: &Day, gone: &[Scope], ids: Ids) -> Result<()> {
    let removed = (|| -> Result<()> {
        // What is lost of this by a power cut is done again.
        let mut connection = schema::open_file(&day.path, schema::Synchronous::Normal, Duration::from_secs(5))?;
        for scope in gone {
            for (table, key) in OF_SCOPES {
                in_steps(
                    &connection,
                    &format!(
                        "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE scope = {} LIMIT {ROWS_AT_ONCE})",
                        scope.number()
                    ),
                )?;
            }
        }
        for (table, block, key) in OF_BLOCKS {
            remove_orphans(&mut connection, table, block, key)?;
        }
        // The ids of this day are asked for no more.
        if ids == Ids::Forgotten {
            for table in ["seen", "sealed", "sealed_page"] {
                connection.execute(&format!("DELETE FROM {table}"), [])?;
            }
        }
        day.look_again(&connection)?;
        // What is gone must not be told by the index either.
        catalog.search.forget(day);
        pack(catalog, day, &connection)
    })();
    removed.map_err(|error| in_file(&day.path, error))
}

fn in_steps(connection: &Connection, delete: &str) -> Result<()> {
    while connection.execute(delete, [])? > 0 {
        std::thread::sleep(REST);
    }
    Ok(())
}

/// Deletes rows whose block is gone, wherever in the table they lie.
fn remove_orphans(connection: &mut Connection, table: &str, block: &str, key: &str) -> Result<()> {
    let columns: Vec<&str> = key.split(", ").collect();
    let places: Vec<String> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
    let find = format!(
        "SELECT {key} FROM {table} t WHERE ({key}) > ({}) AND NOT EXISTS (SELECT 1 FROM block b WHERE b.id = t.{block})
         ORDER BY {key} LIMIT {ROWS_AT_ONCE}",
        places.join(", ")
    );
    let delete = format!("DELETE FROM {table} WHERE ({key}) = ({})", places.join(", "));
    let mut last = vec![i64::MIN; columns.len()];
    loop {
        let transaction = connection.transaction()?;
        let orphans: Vec<Vec<i64>> = {
            let mut statement = transaction.prepare_cached(&find)?;
            let rows = statement.query_map(rusqlite::params_from_iter(&last), |row| {
                (0..columns.len()).map(|place| row.get(place)).collect::<rusqlite::Result<Vec<i64>>>()
            })?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        let Some(end) = orphans.last().cloned() else { return Ok(()) };
        for orphan in &orphans {
            transaction.prepare_cached(&delete)?.execute(rusqlite::params_from_iter(orphan))?;
        }
        transaction.commit()?;
        last = end;
        std::thread::sleep(REST);
    }
}

/// Gives the room of deleted rows back to the disk, where there is enough for the copy that it takes.
fn pack(catalog: &Catalog, day: &Day, connection: &Connection) -> Result<()> {
    day.close_readers();
    let needed = files::database_bytes(&day.path).saturating_mul(2);
    match files::check_room(&catalog.dir, catalog.options.free_space_floor_bytes.saturating_add(needed)) {
        Err(StoreError::Full(_)) => {
            tracing::warn!(file = %day.path.display(), "too little room to pack a day file; its free pages stay in it");
            return Ok(());
        }
        other => other?,
    }
    connection.execute_batch("VACUUM")?;
    Ok(schema::empty_log(connection)?)
}
