//! Saved views in `settings.db`.

use hiveboard_wire::{Timestamp, WorkspaceId};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::SqliteSettings;
use crate::{Result, Saved, SavedView, SavedViews};

const COLUMNS: &str = "id, name, page, query, changed_by, changed_at";

fn read(row: &Row<'_>) -> rusqlite::Result<SavedView> {
    Ok(SavedView {
        id: Uuid::from_bytes(row.get(0)?),
        name: row.get(1)?,
        page: row.get(2)?,
        query: row.get(3)?,
        changed_by: row.get(4)?,
        changed_at: Timestamp(row.get(5)?),
    })
}

impl SavedViews for SqliteSettings {
    fn list_views(&self, workspace: WorkspaceId) -> Result<Vec<SavedView>> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM saved_views WHERE workspace = ?1 ORDER BY name"))?;
        let rows = statement.query_map([workspace.0], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn save_view(
        &self,
        workspace: WorkspaceId,
        name: &str,
        page: &str,
        query: &str,
        by: &str,
        most: usize,
    ) -> Result<Saved> {
        self.write(|writing| {
            let named = format!("SELECT {COLUMNS} FROM saved_views WHERE workspace = ?1 AND name = ?2");
            let before = writing.query_row(&named, params![workspace.0, name], read).optional()?;
            let count = "SELECT count(*) FROM saved_views WHERE workspace = ?1";
            let there: usize = writing.query_row(count, [workspace.0], |row| row.get(0))?;
            if before.is_none() && there >= most {
                return Ok(Saved::TooMany);
            }
            let id = before.as_ref().map_or_else(Uuid::new_v4, |view| view.id);
            let after = writing.returning(
                &format!(
                    "INSERT INTO saved_views(workspace, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                     ON CONFLICT(id) DO UPDATE SET page = excluded.page, query = excluded.query,
                        changed_by = excluded.changed_by, changed_at = excluded.changed_at RETURNING {COLUMNS}"
                ),
                params![workspace.0, id.as_bytes(), name, page, query, by, Timestamp::now().0],
                read,
            )?;
            let after = after.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
            Ok(Saved::Done { before, after: Box::new(after) })
        })
    }

    fn delete_view(&self, workspace: WorkspaceId, id: Uuid) -> Result<Option<SavedView>> {
        let sql = format!("DELETE FROM saved_views WHERE workspace = ?1 AND id = ?2 RETURNING {COLUMNS}");
        self.write(|writing| writing.returning(&sql, params![workspace.0, id.as_bytes()], read))
    }
}
