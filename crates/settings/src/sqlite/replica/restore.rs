//! A node's copy, as what the settings go on from when the log has lost them.

use std::path::Path;

use hiveboard_wire::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::super::{FILE, MIGRATIONS, SqliteSettings, file};
use crate::{Restored, Result, SettingsCopy, SettingsError};

impl SqliteSettings {
    /// What the copy in a node's directory holds, without changing it. `None` where there is none, or only the settings of a server alone.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn copy_in(dir: &Path) -> Result<Option<SettingsCopy>> {
        let path = dir.join(FILE);
        if path.exists() { look(&file::open(&path)?) } else { Ok(None) }
    }

    /// Writes what a node's copy holds into a new file, numbered as the log goes on.
    ///
    /// # Errors
    /// When one of the files cannot be read or written, and [`SettingsError::Unusable`] for one that is no copy.
    pub fn write_restored(dir: &Path, target: &Path) -> Result<SettingsCopy> {
        let source = dir.join(FILE);
        super::remove(target)?;
        file::open(&source)?.execute("VACUUM INTO ?1", [target.to_string_lossy()])?;
        let mut restored = file::open(target)?;
        file::migrate(&mut restored, target, MIGRATIONS)?;
        let copy = look(&restored)?;
        let copy = copy.ok_or_else(|| {
            SettingsError::Unusable(format!("{} is no copy of a cluster's settings", source.display()))
        })?;
        let behind = Restored { from: copy.last }.behind();
        restored.execute("UPDATE replica SET last = ?1, base = NULL", params![behind])?;
        // All of it in the one file that is read.
        restored.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(copy)
    }
}

fn look(connection: &Connection) -> Result<Option<SettingsCopy>> {
    let is_there = "SELECT EXISTS(SELECT 1 FROM sqlite_master WHERE name = 'replica')";
    if !connection.query_row(is_there, [], |row| row.get::<_, bool>(0))? {
        return Ok(None);
    }
    let sql = "SELECT cluster, last, (SELECT max(at) FROM audit), (SELECT count(*) FROM workspaces WHERE deleted_at IS NULL), \
               (SELECT count(*) FROM people), (SELECT count(*) FROM api_keys WHERE revoked_at IS NULL) FROM replica";
    let copy = connection.query_row(sql, [], |row| {
        Ok(SettingsCopy {
            cluster: row.get(0)?,
            last: row.get(1)?,
            changed_at: row.get::<_, Option<i64>>(2)?.map(Timestamp),
            workspaces: row.get(3)?,
            people: row.get(4)?,
            keys: row.get(5)?,
        })
    });
    Ok(copy.optional()?)
}
