//! The whole of the settings as one file: made for others, and taken in.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use super::super::{MIGRATIONS, begin, file};
use crate::{Result, SettingsError};

/// Copies the settings as they are now into a new file; answers the last entry that is in it.
pub(super) fn write_to(settings: &Path, target: &Path) -> Result<u64> {
    remove(target)?;
    let source = file::open(settings)?;
    source.execute("VACUUM INTO ?1", [target.to_string_lossy()])?;
    let copy = file::open(target)?;
    Ok(copy.query_row("SELECT last FROM replica", [], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// Puts what a file holds in the place of all that is there, in one transaction; `last` as well, where it is given.
pub(super) fn take_in(connection: &mut Connection, source: &Path, last: Option<u64>) -> Result<()> {
    {
        let mut kept = file::open(source)?;
        file::migrate(&mut kept, source, MIGRATIONS)?;
    }
    connection.execute("ATTACH ?1 AS kept", [source.to_string_lossy()])?;
    let done = replace_all(connection, last);
    let detached = connection.execute_batch("DETACH kept");
    done?;
    Ok(detached?)
}

fn replace_all(connection: &mut Connection, last: Option<u64>) -> Result<()> {
    let transaction = begin(connection)?;
    // Tables are filled one after another.
    transaction.pragma_update(None, "defer_foreign_keys", true)?;
    let tables: Vec<String> = {
        let mut statement = transaction.prepare(
            "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        )?;
        let names = statement.query_map([], |row| row.get(0))?;
        names.collect::<rusqlite::Result<_>>()?
    };
    // All first: what is deleted may take rows of others with it.
    for table in &tables {
        transaction.execute_batch(&format!("DELETE FROM main.\"{table}\""))?;
    }
    for table in &tables {
        let columns: String = transaction.query_row(
            "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info(?1, 'main')",
            [table],
            |row| row.get(0),
        )?;
        transaction.execute_batch(&format!(
            "INSERT INTO main.\"{table}\"({columns}) SELECT {columns} FROM kept.\"{table}\""
        ))?;
    }
    // Numbers that were given away are not given again.
    transaction.execute_batch(
        "DELETE FROM main.sqlite_sequence; INSERT INTO main.sqlite_sequence SELECT * FROM kept.sqlite_sequence",
    )?;
    if let Some(last) = last {
        transaction.execute("UPDATE replica SET last = ?1, base = NULL", params![last])?;
    }
    transaction.commit()?;
    Ok(())
}

/// Removes a file of ours, with what SQLite keeps beside it.
pub(in crate::sqlite) fn remove(path: &Path) -> Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let path = Path::new(&name).display().to_string();
                return Err(SettingsError::Failed(format!("cannot remove {path}: {error}")));
            }
            _ => {}
        }
    }
    Ok(())
}
