//! Reads everything and says what is wrong. Changes nothing, and works beside a running server.

use std::path::Path;

use hiveboard_wire::Scope;
use rusqlite::{Connection, OpenFlags, params};

use super::{
    compression, day, files,
    keys::StoreKey,
    log_check,
    reader::BlockOpener,
    schema, search,
    writer::{Lying, Refill},
};
use crate::{Result, StoreError};

/// What a data directory was found to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// One line a fault: the file, and what is wrong with it.
    pub faults: Vec<String>,
    pub events: u64,
    pub day_files: u64,
}

/// Tables that are made from the events alone, and must be what the events say.
const DERIVED: [&str; 6] = ["block", "reference", "call", "call_total", "label_total", "failure"];

/// Reads all files of a data directory.
pub fn check(dir: &Path) -> Result<Checked> {
    let mut checked = Checked::default();
    // Before the events: beside a running server, they may only be ahead of it.
    let mut derived = 0;
    for name in ["settings.db", "meta.db"] {
        let path = dir.join(name);
        if !path.exists() {
            continue;
        }
        let found = of_database(&path, &mut checked.faults);
        match found.and_then(|stored| if name == "meta.db" { derived_up_to(&stored) } else { Ok(0) }) {
            Ok(up_to) => derived = up_to,
            Err(error) => checked.faults.push(format!("{}: {error}", path.display())),
        }
    }
    let mut previous = 0;
    for number in files::days_in(dir)? {
        let path = files::day_path(dir, number);
        checked.day_files += 1;
        let found = of_database(&path, &mut checked.faults)
            .and_then(|stored| in_day(&stored, &path, &mut previous, &mut checked.faults));
        match found {
            Ok(events) => {
                checked.events += events;
                checked.faults.extend(search::check(&path));
            }
            // Retention may have taken it away meanwhile.
            Err(_) if !path.exists() => checked.day_files -= 1,
            Err(error) => checked.faults.push(format!("{}: {error}", path.display())),
        }
    }
    if derived > previous {
        checked.faults.push(format!(
            "{}: events up to {derived} were stored, but only those up to {previous} are there",
            dir.display()
        ));
    }
    Ok(checked)
}

fn derived_up_to(stored: &Connection) -> Result<u64> {
    Ok(stored.query_row("SELECT coalesce(max(watermark), 0) FROM stored.checkpoint", [], |row| row.get(0))?)
}

/// What is true of any database; answers a connection whose own database is empty, with the file attached as `stored`.
fn of_database(path: &Path, faults: &mut Vec<String>) -> Result<Connection> {
    let name = path.display();
    // A log that is being written looks broken where it is being written.
    if path.parent().is_none_or(|dir| files::user_of(dir).is_none()) {
        faults.extend(log_check::damage_in_log(&files::beside(path, "-wal")).map(|what| format!("{name}: {what}")));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags("", flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.execute("ATTACH ?1 AS stored", [format!("{}?mode=ro", schema::uri(path))])?;
    let mut statement = connection.prepare("PRAGMA stored.integrity_check(20)")?;
    for line in statement.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            faults.push(format!("{name}: {line}"));
        }
    }
    drop(statement);
    Ok(connection)
}

fn in_day(stored: &Connection, path: &Path, previous: &mut u64, faults: &mut Vec<String>) -> Result<u64> {
    let name = path.display();
    let version: usize = stored.query_row("PRAGMA stored.user_version", [], |row| row.get::<_, u32>(0))? as usize;
    if version != day::MIGRATIONS.len() {
        faults.extend((version > day::MIGRATIONS.len()).then(|| format!("{name}: it was written by a newer program")));
        *previous =
            stored.query_row("SELECT coalesce(max(last_seq), ?1) FROM stored.block", [*previous], |row| row.get(0))?;
        return Ok(stored.query_row("SELECT coalesce(sum(count), 0) FROM stored.block", [], |row| row.get(0))?);
    }
    // One view of the file, whatever is written meanwhile.
    stored.execute_batch("PRAGMA main.journal_mode = OFF; BEGIN")?;
    day::MIGRATIONS.iter().try_for_each(|step| stored.execute_batch(step))?;
    let key: StoreKey =
        stored.query_row("SELECT value FROM stored.about WHERE name = 'key'", [], |row| row.get(0)).map(StoreKey)?;
    let first: i64 =
        stored.query_row("SELECT value FROM stored.about WHERE name = 'first_seq'", [], |row| row.get(0))?;
    *previous = (*previous).max((first as u64).saturating_sub(1));
    // With the same numbers for the same texts, rows can be compared as they are.
    stored.execute_batch("INSERT INTO main.dictionary SELECT id, text FROM stored.dictionary")?;
    let marks = day::Marks::read(stored, "stored")?;
    let mut refill = Refill::into(stored, key, marks);
    let mut opener = BlockOpener::new(path, compression::dictionary_of(stored, "stored")?.as_deref())?;
    let mut events = 0;
    let mut statement = stored.prepare(
        "SELECT b.id, b.scope, d.raw_bytes, d.data FROM stored.block b LEFT JOIN stored.block_data d ON d.id = b.id ORDER BY b.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (first_seq, scope) = (row.get::<_, i64>(0)? as u64, Scope::from_number(row.get(1)?));
        if first_seq <= *previous {
            faults.push(format!("{name}: block {first_seq} begins before the one before it ends"));
        }
        let (Some(raw_bytes), Some(data)) = (row.get::<_, Option<u32>>(2)?, row.get::<_, Option<Vec<u8>>>(3)?) else {
            faults.push(format!("{name}: block {first_seq} has no data"));
            continue;
        };
        let taken = opener
            .open(raw_bytes as usize, &data)
            .and_then(|raw| refill.block(&Lying { scope, first_seq, raw, data: &data }));
        match taken {
            Ok(count) => {
                events += count;
                *previous = first_seq + count - 1;
            }
            Err(StoreError::Damaged(what)) => faults.push(format!("{name}: block {first_seq}: {what}")),
            Err(other) => return Err(other),
        }
    }
    drop(rows);
    drop(statement);
    // Rows of a block that cannot be read differ because of it; that has been said.
    if !faults.iter().any(|fault| fault.starts_with(&format!("{name}: block"))) {
        compare(stored, path, marks, faults)?;
    }
    Ok(events)
}

fn compare(stored: &Connection, path: &Path, marks: day::Marks, faults: &mut Vec<String>) -> Result<()> {
    for table in DERIVED {
        // Of the newest blocks, the index may hold some already.
        let complete =
            if table == "reference" { format!("WHERE block < {}", marks.references_from) } else { String::new() };
        let differing: i64 = stored.query_row(
            &format!(
                "SELECT (SELECT count(*) FROM (SELECT * FROM main.{table} EXCEPT SELECT * FROM stored.{table} {complete}))
                      + (SELECT count(*) FROM (SELECT * FROM stored.{table} {complete} EXCEPT SELECT * FROM main.{table}))"
            ),
            params![],
            |row| row.get(0),
        )?;
        if differing > 0 {
            faults.push(format!("{}: {differing} rows of {table} are not what the events say", path.display()));
        }
    }
    Ok(())
}
