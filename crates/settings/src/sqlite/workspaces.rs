//! Workspaces in `settings.db`.

use hiveboard_wire::{Mode, Scope, WorkspaceId};
use rusqlite::{OptionalExtension, params};

use super::{SqliteSettings, begin, projects};
use crate::{Result, Workspace, Workspaces};

impl Workspaces for SqliteSettings {
    fn workspace(&self, id: WorkspaceId) -> Result<Option<Workspace>> {
        let found = self
            .reading()
            .query_row("SELECT name, auto_create_projects FROM workspaces WHERE id = ?1", [id.0], |row| {
                Ok(Workspace { id, name: row.get(0)?, auto_create_projects: row.get(1)? })
            })
            .optional()?;
        Ok(found)
    }

    fn workspaces(&self) -> Result<Vec<Workspace>> {
        let connection = self.reading();
        let mut statement =
            connection.prepare_cached("SELECT id, name, auto_create_projects FROM workspaces ORDER BY id")?;
        let rows = statement.query_map([], |row| {
            Ok(Workspace { id: WorkspaceId(row.get(0)?), name: row.get(1)?, auto_create_projects: row.get(2)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn create_workspace(&self, name: &str) -> Result<Workspace> {
        let mut connection = self.writing();
        let transaction = begin(&mut connection)?;
        let id = transaction.query_row("INSERT INTO workspaces(name) VALUES (?1) RETURNING id", [name], |row| {
            row.get(0).map(WorkspaceId)
        })?;
        for mode in Mode::ALL {
            projects::insert_default(&transaction, Scope { workspace: id, mode })?;
        }
        transaction.commit()?;
        self.changed();
        Ok(Workspace { id, name: name.to_owned(), auto_create_projects: true })
    }

    fn set_auto_create_projects(&self, id: WorkspaceId, auto_create: bool) -> Result<bool> {
        let changed = self
            .writing()
            .execute("UPDATE workspaces SET auto_create_projects = ?2 WHERE id = ?1", params![id.0, auto_create])?;
        self.changed();
        Ok(changed == 1)
    }

    fn rename_workspace(&self, id: WorkspaceId, name: &str) -> Result<bool> {
        let changed = self.writing().execute("UPDATE workspaces SET name = ?2 WHERE id = ?1", params![id.0, name])?;
        self.changed();
        Ok(changed == 1)
    }
}
