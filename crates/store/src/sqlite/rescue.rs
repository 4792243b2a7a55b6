//! Days that turn out to be damaged: at start, or while they are read.

use std::sync::Arc;

use rusqlite::Connection;

use super::{
    catalog::Catalog,
    day::{Day, read_key},
    dedup::Dedup,
    files,
    keys::StoreKey,
    log_check,
    salvage::salvage,
    schema,
    writer::{WriterSlot, load_ids},
};
use crate::{Result, StoreError};

/// Opens a day of the directory, with its ids unless it is older than `oldest`; one that is damaged is saved first.
pub(super) fn open_day(
    catalog: &Catalog,
    number: i64,
    oldest: i64,
    dedup: &mut Dedup,
) -> Result<(Arc<Day>, Connection)> {
    let path = files::day_path(&catalog.dir, number);
    let first_seq = catalog.head_seq() + 1;
    if let Some(what) = log_check::damage_in_log(&files::beside(&path, "-wal")) {
        salvage(&catalog.damages, &path, &what, key_of_store(catalog), first_seq)?;
    }
    // A file that lost all it had is one; the newest may have been made just before a kill.
    let is_empty = std::fs::metadata(&path).is_ok_and(|file| file.len() == 0) && files::log_bytes(&path) == 0;
    if is_empty && files::days_in(&catalog.dir)?.last().is_some_and(|newest| *newest > number) {
        salvage(&catalog.damages, &path, "it is empty", key_of_store(catalog), first_seq)?;
    }
    let mut open = || -> Result<_> {
        let (day, connection, key) =
            Day::open(&catalog.dir, number, catalog.key(), first_seq, &catalog.options, catalog.shared())?;
        let day = Arc::new(day);
        if number >= oldest {
            load_ids(&connection, &day, dedup, oldest)?;
        }
        Ok((day, connection, key))
    };
    let (day, connection, key) = match open() {
        Err(StoreError::Damaged(what)) => {
            catalog.readers.close(number);
            salvage(&catalog.damages, &path, &what, key_of_store(catalog), first_seq)?;
            open()?
        }
        other => other?,
    };
    catalog.add_day(Arc::clone(&day), key);
    Ok((day, connection))
}

/// Saves the days that queries found damaged; answers how many. The writer is held meanwhile: a day must not change while it is saved.
pub(super) fn rescue(catalog: &Catalog, writer: &WriterSlot) -> Result<usize> {
    let mut saved_days = 0;
    for day in catalog.damaged_days() {
        let _nobody_else = catalog.rewriting();
        let mut held = writer.lock();
        let Some(writer) = held.as_mut() else { break };
        let is_open = writer.let_go_of(day.number);
        day.close_readers();
        salvage(&catalog.damages, &day.path, "a part of it could not be read", catalog.key(), day.range().first_seq)?;
        let (saved, connection, _) = Day::open(
            &catalog.dir,
            day.number,
            catalog.key(),
            day.range().first_seq,
            &catalog.options,
            catalog.shared(),
        )?;
        let saved = Arc::new(saved);
        writer.take(catalog, &saved, connection, is_open)?;
        catalog.search.forget(&saved);
        catalog.replace_day(saved);
        saved_days += 1;
    }
    Ok(saved_days)
}

/// The key that all files of a store share, from whichever can be read.
fn key_of_store(catalog: &Catalog) -> Option<StoreKey> {
    let of_file = |number| {
        let connection = schema::open_reader(&files::day_path(&catalog.dir, number)).ok()?;
        read_key(&connection).ok().flatten()
    };
    catalog.key().or_else(|| files::days_in(&catalog.dir).ok()?.into_iter().rev().find_map(of_file))
}
