//! Days of retention in `settings.db`.

use hiveboard_wire::{Mode, Scope, WorkspaceId};
use rusqlite::params;

use super::SqliteSettings;
use crate::{Result, Retentions};

impl Retentions for SqliteSettings {
    fn retentions(&self) -> Result<Vec<(Scope, u16)>> {
        let connection = self.reading();
        let mut statement =
            connection.prepare_cached("SELECT workspace, mode, days FROM retention ORDER BY workspace, mode")?;
        let rows = statement.query_map([], |row| {
            let mode: String = row.get(1)?;
            Ok((WorkspaceId(row.get(0)?), Mode::parse(&mode), row.get(2)?))
        })?;
        let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(rows
            .into_iter()
            .filter_map(|(workspace, mode, days)| Some((Scope { workspace, mode: mode? }, days)))
            .collect())
    }

    fn set_retention(&self, scope: Scope, days: Option<u16>) -> Result<()> {
        let (workspace, mode) = (scope.workspace.0, scope.mode.as_str());
        self.write(|writing| match days {
            Some(days) => writing.execute(
                "INSERT OR REPLACE INTO retention(workspace, mode, days) VALUES (?1, ?2, ?3)",
                params![workspace, mode, days],
            ),
            None => {
                writing.execute("DELETE FROM retention WHERE workspace = ?1 AND mode = ?2", params![workspace, mode])
            }
        })?;
        self.changed();
        Ok(())
    }
}
