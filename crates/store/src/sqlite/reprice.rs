//! Costs of stored calls worked out anew. Each day that it changes is written afresh, with all that stands beside its blocks, and put in the
//! place of the old file; killed in the middle, some days are done and some are not.

use std::{path::Path, time::Duration};

use hiveboard_wire::{Body, CallCost, CostSource, NanoDollars, Scope, Timestamp};
use rusqlite::Connection;

use super::{
    block, compression, day,
    error::in_file,
    files,
    projections::MetaFile,
    reader::BlockOpener,
    schema,
    writer::{Lying, Refill, read_block},
};
use crate::{Result, StoreError};

/// What working out costs anew came to; of calls whose cost no agent reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Repriced {
    pub looked_at: u64,
    pub changed: u64,
    /// Of those that changed: what they cost, and what they cost now. Unknown costs count as nothing.
    pub before: NanoDollars,
    pub after: NanoDollars,
}

/// Which calls, and what they cost.
pub struct Repricing<'a> {
    /// By the event's timestamp, inclusive.
    pub since: Timestamp,
    pub is_meant: &'a dyn Fn(Scope) -> bool,
    pub price: &'a dyn Fn(Scope, &Body) -> Option<CallCost>,
    /// Otherwise it is only counted.
    pub write: bool,
}

/// Works out anew what calls cost that nobody reported a cost of. What was derived from the old costs is dropped, and folded anew by the next start.
///
/// # Errors
/// When a server uses the directory, there is no room for a second copy of a day, or a file cannot be read.
pub fn reprice(dir: &Path, repricing: &Repricing<'_>) -> Result<Repriced> {
    let _lock = files::lock(dir)?;
    files::finish_what_was_begun(dir)?;
    let mut all = Repriced::default();
    for number in files::days_in(dir)? {
        let path = files::day_path(dir, number);
        let of_day = in_day(dir, &path, repricing, all.changed == 0).map_err(|error| in_file(&path, error))?;
        all.looked_at += of_day.looked_at;
        all.changed += of_day.changed;
        all.before += of_day.before;
        all.after += of_day.after;
    }
    Ok(all)
}

fn in_day(dir: &Path, path: &Path, repricing: &Repricing<'_>, is_first_to_change: bool) -> Result<Repriced> {
    let mut source = schema::open_file(path, schema::Synchronous::Full, Duration::from_secs(5))?;
    schema::migrate(&mut source, path, day::MIGRATIONS)?;
    schema::empty_log(&source)?;
    let latest: Option<i64> = source.query_row("SELECT max(greatest_timestamp) FROM block", [], |row| row.get(0))?;
    if latest.is_none_or(|latest| latest < repricing.since.0) {
        return Ok(Repriced::default());
    }
    if !repricing.write {
        return through(&source, path, repricing, &mut |_, _, _| Ok(()));
    }
    files::check_room(dir, files::database_bytes(path))?;
    let making = files::beside(path, ".salvaging");
    files::remove_database(&making)?;
    let repriced = refill(&source, path, &making, repricing)?;
    drop(source);
    if repriced.changed == 0 {
        files::remove_database(&making)?;
        return Ok(repriced);
    }
    if is_first_to_change {
        // Before any cost is another: what was derived must never be older than the events.
        let meta = MetaFile::open(dir)?;
        meta.clear()?;
        meta.close()?;
    }
    // Its log is in the file by now; beside the new one it would be applied to what it does not belong to.
    for ending in ["-wal", "-shm"] {
        match std::fs::remove_file(files::beside(path, ending)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::Failed(format!("its log cannot be removed: {error}")));
            }
            _ => {}
        }
    }
    std::fs::rename(&making, path)
        .map_err(|error| StoreError::Failed(format!("cannot be put in its place: {error}")))?;
    files::sync_dir(dir)?;
    Ok(repriced)
}

fn refill(source: &Connection, path: &Path, making: &Path, repricing: &Repricing<'_>) -> Result<Repriced> {
    let key = day::read_key(source)?.ok_or_else(|| StoreError::Damaged("it has no key".to_owned()))?;
    let first_seq = day::read_first_seq(source)?;
    let mut connection = schema::open_file(making, schema::Synchronous::Off, Duration::ZERO)?;
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    schema::migrate(&mut connection, making, day::MIGRATIONS)?;
    let transaction = connection.transaction()?;
    let mut next_seq = first_seq;
    let mut refill = Refill::into(&transaction, key, day::Marks::NEW);
    let repriced = through(source, path, repricing, &mut |scope, block, last_seq| {
        next_seq = last_seq + 1;
        refill.block(&Lying { scope, ..*block }).map(|_| ())
    })?;
    refill.finish(next_seq)?;
    if let Some(dictionary) = compression::dictionary_of(source, "main")? {
        compression::keep_dictionary(&transaction, &dictionary)?;
    }
    day::set_up(&transaction, first_seq, key)?;
    transaction.commit()?;
    drop(connection);
    files::sync_file(making)?;
    Ok(repriced)
}

/// Takes a block, as it is or as it became, and the number of its last event.
type Take<'a> = &'a mut dyn FnMut(Scope, &Lying<'_>, u64) -> Result<()>;

fn through(source: &Connection, path: &Path, repricing: &Repricing<'_>, take: Take<'_>) -> Result<Repriced> {
    let mut repriced = Repriced::default();
    let dictionary = compression::dictionary_of(source, "main")?;
    let (mut opener, mut encoder) = (BlockOpener::new(path, dictionary.as_deref())?, block::SegmentEncoder::default());
    let (mut compressor, mut raw, mut compressed) = (compression::compressor()?, Vec::new(), Vec::new());
    let mut statement = source.prepare(
        "SELECT b.id, b.scope, b.last_seq, d.raw_bytes, d.data FROM block b JOIN block_data d ON d.id = b.id ORDER BY b.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (first_seq, scope) = (row.get::<_, i64>(0)? as u64, Scope::from_number(row.get(1)?));
        let (last_seq, raw_bytes) = (row.get::<_, i64>(2)? as u64, row.get::<_, u32>(3)? as usize);
        let data = row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
        let lying = Lying { scope, first_seq, raw: opener.open(raw_bytes, data)?, data };
        let mut segments = if (repricing.is_meant)(scope) { read_block(&lying)? } else { Vec::new() };
        let changed_before = repriced.changed;
        for one in segments.iter_mut().flatten().filter(|one| one.stored.event.timestamp >= repricing.since) {
            let Some(old) = one.call_cost.filter(|cost| cost.source != CostSource::Reported) else { continue };
            repriced.looked_at += 1;
            let new = (repricing.price)(scope, &one.body).unwrap_or(old);
            if new != old {
                repriced.changed += 1;
                repriced.before += old.amount;
                repriced.after += new.amount;
                one.call_cost = Some(new);
            }
        }
        if repriced.changed == changed_before {
            take(scope, &lying, last_seq)?;
            continue;
        }
        block::begin(&mut raw);
        for segment in &segments {
            encoder.append(segment, &mut raw);
        }
        compression::compress(&mut compressor, &raw, &mut compressed)?;
        take(scope, &Lying { scope, first_seq, raw: &raw, data: &compressed }, last_seq)?;
    }
    Ok(repriced)
}
