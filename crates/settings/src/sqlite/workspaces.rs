//! Workspaces in `settings.db`.

use hiveboard_wire::{Mode, Scope, Timestamp, WorkspaceId};
use rusqlite::{OptionalExtension, params};

use super::{SqliteSettings, projects};
use crate::{DEFAULT_WORKSPACE, Result, Workspace, Workspaces};

/// Tables with rows of a workspace. The audit log goes by time.
const OF_WORKSPACES: [&str; 16] = [
    "alert_deliveries",
    "alerts",
    "alert_channels",
    "alert_rules",
    "alert_rules_begun",
    "api_keys",
    "invitations",
    "login_tokens",
    "members",
    "own_prices",
    "project_agents",
    "project_aliases",
    "projects",
    "retention",
    "saved_views",
    "sessions",
];

impl Workspaces for SqliteSettings {
    fn workspace(&self, id: WorkspaceId) -> Result<Option<Workspace>> {
        let found = self
            .reading()
            .query_row(
                "SELECT name, auto_create_projects FROM workspaces WHERE id = ?1 AND deleted_at IS NULL",
                [id.0],
                |row| Ok(Workspace { id, name: row.get(0)?, auto_create_projects: row.get(1)? }),
            )
            .optional()?;
        Ok(found)
    }

    fn workspaces(&self) -> Result<Vec<Workspace>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT id, name, auto_create_projects FROM workspaces WHERE deleted_at IS NULL ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(Workspace { id: WorkspaceId(row.get(0)?), name: row.get(1)?, auto_create_projects: row.get(2)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn create_workspace(&self, name: &str) -> Result<Workspace> {
        let id = self.write(|writing| {
            let sql = "INSERT INTO workspaces(name) VALUES (?1) RETURNING id";
            let id = writing.returning(sql, params![name], |row| row.get(0).map(WorkspaceId))?;
            let id = id.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
            for mode in Mode::ALL {
                projects::insert_default(writing, Scope { workspace: id, mode })?;
            }
            Ok(id)
        })?;
        self.changed();
        Ok(Workspace { id, name: name.to_owned(), auto_create_projects: true })
    }

    fn delete_workspace(&self, id: WorkspaceId) -> Result<bool> {
        if id == DEFAULT_WORKSPACE {
            return Ok(false);
        }
        let deleted = self.write(|writing| {
            // Its row stays, so that no later workspace gets the number that stored events have.
            let deleted = writing.execute(
                "UPDATE workspaces SET deleted_at = ?2, name = '' WHERE id = ?1 AND deleted_at IS NULL",
                params![id.0, Timestamp::now().0],
            )?;
            for table in OF_WORKSPACES {
                writing.execute(&format!("DELETE FROM {table} WHERE workspace = ?1"), params![id.0])?;
            }
            Ok(deleted)
        })?;
        self.changed();
        Ok(deleted == 1)
    }

    fn deleted_workspaces(&self) -> Result<Vec<WorkspaceId>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached("SELECT id FROM workspaces WHERE deleted_at IS NOT NULL")?;
        let rows = statement.query_map([], |row| row.get(0).map(WorkspaceId))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn set_auto_create_projects(&self, id: WorkspaceId, auto_create: bool) -> Result<bool> {
        let sql = "UPDATE workspaces SET auto_create_projects = ?2 WHERE id = ?1";
        let changed = self.write(|writing| writing.execute(sql, params![id.0, auto_create]))?;
        self.changed();
        Ok(changed == 1)
    }

    fn rename_workspace(&self, id: WorkspaceId, name: &str) -> Result<bool> {
        let sql = "UPDATE workspaces SET name = ?2 WHERE id = ?1";
        let changed = self.write(|writing| writing.execute(sql, params![id.0, name]))?;
        self.changed();
        Ok(changed == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::MIGRATIONS;

    #[test]
    fn nothing_of_a_workspace_is_forgotten_when_it_goes() {
        let dir = tempfile::tempdir().expect("a directory");
        let settings = SqliteSettings::open(dir.path()).expect("it opens");
        let connection = settings.reading();
        let mut statement = connection
            .prepare("SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'workspace'")
            .expect("valid");
        let mut with_rows: Vec<String> =
            statement.query_map([], |row| row.get(0)).expect("rows").collect::<rusqlite::Result<_>>().expect("texts");
        with_rows.retain(|table| table != "audit");
        with_rows.sort();
        let mut known = OF_WORKSPACES;
        known.sort_unstable();
        assert_eq!(with_rows, known, "left: tables of {} migrations with a workspace", MIGRATIONS.len());
    }
}
