//! Saves what can be read of a damaged day file.
//!
//! Blocks are fetched one by one, by numbers gathered from wherever they stand, once through the log and once without it: what the log has torn
//! may be whole in the file. All that stands beside the blocks is made anew from them.

use std::{collections::BTreeMap, path::Path, time::Duration};

use hiveboard_wire::Scope;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::{
    compression,
    damage::Damages,
    day,
    error::in_file,
    files,
    keys::StoreKey,
    reader::BlockOpener,
    schema,
    writer::{Lying, Refill},
};
use crate::{Result, StoreError};

/// How many events were saved, and how many the damaged file is known to have held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Saved {
    events: u64,
    of: u64,
}

/// Puts a sound file in the place of a damaged one, which is kept aside. Killed in the middle, it is done again at the next start.
pub(super) fn salvage(damages: &Damages, path: &Path, what: &str, key: Option<StoreKey>, first_seq: u64) -> Result<()> {
    let making = files::beside(path, ".salvaging");
    files::remove_database(&making)?;
    let saved = refill(path, &making, key, first_seq).map_err(|error| in_file(&making, error))?;
    let made = files::beside(path, ".salvaged");
    std::fs::rename(&making, &made)
        .map_err(|error| StoreError::Failed(format!("cannot rename {}: {error}", making.display())))?;
    let note = format!(
        "{what}. {} of {} events in it could be read and are served; for the others, restore a backup. \
         Delete this file and its note when it is needed no more.",
        saved.events, saved.of
    );
    damages.put_aside(path, &note)?;
    files::take_salvaged(path)
}

fn refill(path: &Path, making: &Path, key: Option<StoreKey>, first_seq: u64) -> Result<Saved> {
    let sources: Vec<Connection> = [false, true].into_iter().filter_map(|alone| open_damaged(path, alone)).collect();
    let own_key = sources.iter().find_map(|source| day::read_key(source).ok().flatten());
    let own_first = sources.iter().find_map(|source| day::read_first_seq(source).ok());
    let key = own_key.or(key).map_or_else(StoreKey::make, Ok)?;
    let mut connection = schema::open_file(making, schema::Synchronous::Off, Duration::ZERO)?;
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    schema::migrate(&mut connection, making, day::MIGRATIONS)?;
    let dictionary = sources.iter().find_map(|source| compression::dictionary_of(source, "main").ok().flatten());
    let mut opener = BlockOpener::new(making, dictionary.as_deref())?;
    let (mut saved, mut taken, mut known_last) = (0, BTreeMap::new(), 0);
    let transaction = connection.transaction()?;
    {
        let mut refill = Refill::into(&transaction, key, day::Marks::NEW);
        for source in &sources {
            for (first, scope) in numbers(source) {
                known_last = known_last.max(first);
                let Some(scope) = scope else { continue };
                if taken.contains_key(&first) {
                    continue;
                }
                let Some((raw_bytes, data)) = fetch(source, first) else { continue };
                let Ok(raw) = opener.open(raw_bytes, &data) else { continue };
                // Half of a block's rows must not stay when the other half fails.
                transaction.execute_batch("SAVEPOINT block")?;
                match refill.block(&Lying { scope, first_seq: first, raw, data: &data }) {
                    Ok(events) => {
                        saved += events;
                        known_last = known_last.max(first + events - 1);
                        taken.insert(first, events);
                        transaction.execute_batch("RELEASE block")?;
                    }
                    Err(StoreError::Damaged(_)) => {
                        transaction.execute_batch("ROLLBACK TO block; RELEASE block")?;
                    }
                    Err(other) => return Err(other),
                }
            }
        }
        if let Some(dictionary) = &dictionary {
            compression::keep_dictionary(&transaction, dictionary)?;
        }
        // By what was taken, not by numbers that may themselves be damaged: what is stored later must not count as indexed.
        refill.finish(taken.last_key_value().map_or(first_seq, |(first, events)| first + events))?;
    }
    // Never a number that was given away already: what comes next begins behind all that was ever known.
    let lowest = taken.keys().next().copied().unwrap_or(u64::MAX);
    let first = own_first.filter(|own| (first_seq..=lowest).contains(own)).unwrap_or(first_seq);
    day::set_up(&transaction, first, key)?;
    transaction.commit()?;
    drop(connection);
    files::sync_file(making)?;
    Ok(Saved { events: saved, of: (known_last + 1).saturating_sub(first).max(saved) })
}

/// Opens without changing anything; `alone`: as if it had no log.
fn open_damaged(path: &Path, alone: bool) -> Option<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let name = path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let connection =
        Connection::open_with_flags(format!("file:{name}{}", if alone { "?immutable=1" } else { "" }), flags).ok()?;
    connection.execute_batch("PRAGMA cell_size_check = 1").ok()?;
    Some(connection)
}

/// Numbers and scopes of blocks from wherever they can be read: up to the first broken page from either end. Where table and index name different
/// scopes, nobody gets the block.
fn numbers(source: &Connection) -> BTreeMap<u64, Option<Scope>> {
    let mut found = BTreeMap::new();
    for from in ["block NOT INDEXED", "block INDEXED BY block_by_scope"] {
        for order in ["id", "id DESC", "scope, id", "scope DESC, id DESC"] {
            let Ok(mut statement) = source.prepare(&format!("SELECT id, scope FROM {from} ORDER BY {order}")) else {
                continue;
            };
            let Ok(mut rows) = statement.query([]) else { continue };
            while let Ok(Some(row)) = rows.next() {
                if let (Ok(id), Ok(scope)) = (row.get::<_, u64>(0), row.get::<_, u32>(1)) {
                    let scope = Some(Scope::from_number(scope));
                    let known = found.entry(id).or_insert(scope);
                    if *known != scope {
                        *known = None;
                    }
                }
            }
        }
    }
    found
}

fn fetch(source: &Connection, first_seq: u64) -> Option<(usize, Vec<u8>)> {
    let mut statement = source.prepare_cached("SELECT raw_bytes, data FROM block_data WHERE id = ?1").ok()?;
    let found = statement.query_row(params![first_seq], |row| Ok((row.get::<_, u32>(0)?, row.get(1)?)));
    found.optional().ok()?.map(|(raw_bytes, data)| (raw_bytes as usize, data))
}
