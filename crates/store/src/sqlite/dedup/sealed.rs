//! Sets of ids that left memory: sorted in pages in their day's file, behind a filter.
//!
//! They are written beside the writer in small transactions, and count once the last one is in.

use std::{sync::Arc, time::Duration};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{
    super::{day::Day, keys::IdHash, reader::Deadline, schema},
    DaySet,
    filter::Filter,
};
use crate::Result;

/// Ids of a page, about: as many as SQLite keeps within its own page, four rows to each. A row that is longer than 1,002 bytes takes a whole page
/// beside it.
const PAGE_IDS: usize = 96;
/// Bytes of an id on a page: its hash, and its place in the set.
const ENTRY_BYTES: usize = IdHash::BYTES + 4;
/// Of a row without its ids: its header and two numbers, at most.
const ROW_BYTES: usize = 24;
const _: () = assert!(PAGE_IDS * ENTRY_BYTES + ROW_BYTES <= 1_002, "SQLite gives such a row a page of its own");
/// Pages of a transaction: the writer waits for one at most.
const PAGES_AT_ONCE: usize = 400;

pub(in crate::sqlite) struct Sealed {
    day: Arc<Day>,
    first_seq: u64,
    len: u64,
    filter: Filter,
}

impl Sealed {
    pub(super) fn day(&self) -> i64 {
        self.day.number
    }

    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn bytes(&self) -> u64 {
        self.filter.bytes()
    }

    /// Never wrong when it says no.
    pub(super) fn may_hold(&self, hash: IdHash) -> bool {
        self.filter.may_hold(hash)
    }

    pub(super) fn find(&self, hash: IdHash, into: &mut Vec<u64>) -> Result<()> {
        if !self.filter.may_hold(hash) {
            return Ok(());
        }
        self.day.read(Deadline::NONE, |reader| find_in_run(&reader.connection, self.first_seq, hash, into))
    }
}

/// Looks through all runs of a file; answers whether there are any.
pub(in crate::sqlite) fn find_in_file(connection: &Connection, hash: IdHash, into: &mut Vec<u64>) -> Result<bool> {
    let mut runs = connection.prepare_cached("SELECT run FROM sealed")?;
    let runs = runs.query_map([], |row| Ok(row.get::<_, i64>(0)? as u64))?.collect::<rusqlite::Result<Vec<_>>>()?;
    for run in &runs {
        find_in_run(connection, *run, hash, into)?;
    }
    Ok(!runs.is_empty())
}

fn find_in_run(connection: &Connection, run: u64, hash: IdHash, into: &mut Vec<u64>) -> Result<()> {
    let mut statement = connection
        .prepare_cached("SELECT ids FROM sealed_page WHERE run = ?1 AND least <= ?2 ORDER BY least DESC LIMIT 1")?;
    let page: Option<Vec<u8>> = statement.query_row(params![run, hash.0], |row| row.get(0)).optional()?;
    let entries = page.as_deref().unwrap_or_default().chunks_exact(ENTRY_BYTES);
    into.extend(entries.map(read_entry).filter(|(found, _)| *found == hash).map(|(_, place)| run + place));
    Ok(())
}

fn read_entry(bytes: &[u8]) -> (IdHash, u64) {
    let (hash, place) = bytes.split_at(IdHash::BYTES);
    let place = u32::from_le_bytes(place.try_into().expect("an entry ends with four bytes"));
    (IdHash::from_bytes(hash), u64::from(place))
}

/// Writes a set into its day's file, and answers what stands for it from now on.
pub(in crate::sqlite) fn seal(day: &Arc<Day>, set: &DaySet) -> Result<Sealed> {
    let run = set.first_seq();
    let mut filter = Filter::new(set.len());
    let mut connection = schema::open_file(&day.path, schema::Synchronous::Full, Duration::from_secs(5))?;
    let mut pages: Vec<(IdHash, Vec<u8>)> = Vec::new();
    for (hash, seq) in set.sorted() {
        filter.insert(hash);
        let full = pages.last().is_none_or(|(_, page)| page.len() >= PAGE_IDS * ENTRY_BYTES);
        // Equal hashes stay together, since only one page is looked at.
        let same = pages.last().is_some_and(|(_, page)| read_entry(&page[page.len() - ENTRY_BYTES..]).0 == hash);
        if full && !same {
            if pages.len() >= PAGES_AT_ONCE {
                write_pages(&mut connection, run, &pages)?;
                pages.clear();
            }
            pages.push((hash, Vec::with_capacity(PAGE_IDS * ENTRY_BYTES)));
        }
        let (_, page) = pages.last_mut().expect("a page was begun");
        page.extend_from_slice(&hash.to_bytes());
        page.extend_from_slice(&((seq - run) as u32).to_le_bytes());
    }
    write_pages(&mut connection, run, &pages)?;
    connection.execute(
        "INSERT OR REPLACE INTO sealed(run, end_seq, ids, filter) VALUES (?1, ?2, ?3, ?4)",
        params![run, set.end_seq(), set.len(), filter.to_bytes()],
    )?;
    // The log of commits has served; in small steps, too.
    while connection.execute(
        "DELETE FROM seen WHERE first_seq IN (SELECT first_seq FROM seen WHERE first_seq >= ?1 AND first_seq < ?2 LIMIT 2000)",
        params![run, set.end_seq()],
    )? > 0
    {}
    Ok(Sealed { day: Arc::clone(day), first_seq: run, len: set.len(), filter })
}

fn write_pages(connection: &mut Connection, run: u64, pages: &[(IdHash, Vec<u8>)]) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut statement =
            transaction.prepare_cached("INSERT OR REPLACE INTO sealed_page(run, least, ids) VALUES (?1, ?2, ?3)")?;
        for (least, page) in pages {
            statement.execute(params![run, least.0, page])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Where the sealed sets of a file end: log entries below are in them.
pub(in crate::sqlite) fn ends_of_sealed(connection: &Connection) -> Result<u64> {
    let end: i64 = connection.query_row("SELECT coalesce(max(end_seq), 0) FROM sealed", [], |row| row.get(0))?;
    Ok(end as u64)
}

/// The sealed sets of a file; a filter that is not there, or damaged, is made anew.
pub(in crate::sqlite) fn load_sealed(day: &Arc<Day>, connection: &Connection) -> Result<Vec<Sealed>> {
    let mut runs = connection.prepare("SELECT run, ids, filter FROM sealed ORDER BY run")?;
    let mut runs = runs.query([])?;
    let mut sealed = Vec::new();
    while let Some(row) = runs.next()? {
        let (run, len) = (row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64);
        let kept = row.get_ref(2)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        let filter = match kept.and_then(|bytes| Filter::from_bytes(bytes, len)) {
            Some(filter) => filter,
            None => filter_of_pages(connection, run, len)?,
        };
        sealed.push(Sealed { day: Arc::clone(day), first_seq: run, len, filter });
    }
    Ok(sealed)
}

fn filter_of_pages(connection: &Connection, run: u64, len: u64) -> Result<Filter> {
    let mut filter = Filter::new(len);
    let mut statement = connection.prepare("SELECT ids FROM sealed_page WHERE run = ?1")?;
    let mut rows = statement.query([run])?;
    while let Some(row) = rows.next()? {
        let page = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        page.chunks_exact(ENTRY_BYTES).for_each(|entry| filter.insert(read_entry(entry).0));
    }
    Ok(filter)
}
