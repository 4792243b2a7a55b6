//! The settings in `settings.db`, fully durable.

mod alerts;
mod audit;
mod file;
mod invitations;
mod keys;
mod members;
mod people;
mod prices;
mod projects;
mod retention;
mod sessions;
mod views;
mod workspaces;

use std::{
    path::Path,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use hiveboard_wire::{Mode, Scope};
use rusqlite::Connection;

use crate::{DEFAULT_WORKSPACE, Result, Settings, SettingsError, Workspaces};

/// The settings database of a data directory.
pub struct SqliteSettings {
    writer: Mutex<Connection>,
    /// Apart, so that who asks does not wait for another's commit to reach the disk.
    reader: Mutex<Connection>,
    own_changes: AtomicU64,
}

const MIGRATIONS: &[&str] = &["
    CREATE TABLE workspaces(
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        auto_create_projects INTEGER NOT NULL DEFAULT 1
    ) STRICT;
    CREATE TABLE api_keys(
        id BLOB PRIMARY KEY,
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        kind TEXT NOT NULL,
        mode TEXT NOT NULL,
        name TEXT NOT NULL,
        hash BLOB NOT NULL UNIQUE,
        prefix TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER,
        last_used_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE projects(
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        mode TEXT NOT NULL,
        project_id TEXT NOT NULL,
        name TEXT NOT NULL,
        description TEXT,
        environment TEXT,
        is_archived INTEGER NOT NULL DEFAULT 0,
        auto_created INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        PRIMARY KEY(workspace, mode, project_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE login_tokens(hash BLOB PRIMARY KEY, workspace INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER) STRICT, WITHOUT ROWID;
    CREATE TABLE sessions(hash BLOB PRIMARY KEY, workspace INTEGER NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
", "
    CREATE TABLE retention(
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        mode TEXT NOT NULL,
        days INTEGER NOT NULL CHECK (days > 0),
        PRIMARY KEY(workspace, mode)
    ) STRICT, WITHOUT ROWID;
", "
    CREATE TABLE people(
        id BLOB PRIMARY KEY,
        email TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        password TEXT NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE members(
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        person BLOB NOT NULL REFERENCES people(id) ON DELETE CASCADE,
        role TEXT NOT NULL,
        joined_at INTEGER NOT NULL,
        PRIMARY KEY(workspace, person)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE invitations(
        id BLOB PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE,
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        email TEXT NOT NULL,
        role TEXT NOT NULL,
        invited_by TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE password_resets(
        hash BLOB PRIMARY KEY,
        person BLOB NOT NULL REFERENCES people(id) ON DELETE CASCADE,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE project_aliases(
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        mode TEXT NOT NULL,
        alias TEXT NOT NULL,
        project_id TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY(workspace, mode, alias)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workspace INTEGER NOT NULL,
        at INTEGER NOT NULL,
        actor_kind TEXT NOT NULL,
        actor_id TEXT,
        actor_name TEXT NOT NULL,
        action TEXT NOT NULL,
        target TEXT,
        address TEXT,
        before TEXT,
        after TEXT
    ) STRICT;
    CREATE INDEX audit_of_workspace ON audit(workspace, id);
    CREATE INDEX audit_by_time ON audit(at);
    CREATE TABLE saved_views(
        id BLOB PRIMARY KEY,
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        name TEXT NOT NULL,
        page TEXT NOT NULL,
        query TEXT NOT NULL,
        changed_by TEXT NOT NULL,
        changed_at INTEGER NOT NULL,
        UNIQUE(workspace, name)
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE sessions ADD COLUMN person BLOB REFERENCES people(id) ON DELETE CASCADE;
    ALTER TABLE sessions ADD COLUMN last_seen_at INTEGER;
    ALTER TABLE sessions ADD COLUMN address TEXT;
    ALTER TABLE sessions ADD COLUMN user_agent TEXT;
    ALTER TABLE api_keys ADD COLUMN scopes TEXT;
    ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;
    ALTER TABLE api_keys ADD COLUMN replaced_by BLOB;
", alerts::MIGRATION, "
    CREATE TABLE own_prices(
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        pattern TEXT NOT NULL,
        rates TEXT NOT NULL,
        changed_at INTEGER NOT NULL,
        PRIMARY KEY(workspace, pattern)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE price_table(only_one INTEGER PRIMARY KEY CHECK (only_one = 1), text TEXT NOT NULL) STRICT;
", "
    ALTER TABLE workspaces ADD COLUMN deleted_at INTEGER;
    CREATE TABLE project_agents(
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        mode TEXT NOT NULL,
        project_id TEXT NOT NULL,
        agent_id TEXT NOT NULL,
        added_at INTEGER NOT NULL,
        PRIMARY KEY(workspace, mode, project_id, agent_id)
    ) STRICT, WITHOUT ROWID;
"];

impl SqliteSettings {
    /// Opens or makes `settings.db` in `dir`. The first open makes the workspace `default` with its projects.
    pub fn open(dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir)
            .map_err(|error| SettingsError::Failed(format!("cannot make {}: {error}", dir.display())))?;
        let path = dir.join("settings.db");
        let mut connection = file::open(&path)?;
        file::migrate(&mut connection, &path, MIGRATIONS)?;
        let settings = Self {
            writer: Mutex::new(connection),
            reader: Mutex::new(file::open(&path)?),
            own_changes: AtomicU64::new(0),
        };
        if settings.workspace(DEFAULT_WORKSPACE)?.is_none() {
            settings.make_first_workspace()?;
        }
        Ok(settings)
    }

    fn make_first_workspace(&self) -> Result<()> {
        let mut connection = self.writing();
        let transaction = begin(&mut connection)?;
        // Two processes may open a new directory at once.
        transaction
            .execute("INSERT OR IGNORE INTO workspaces(id, name) VALUES (?1, 'default')", [DEFAULT_WORKSPACE.0])?;
        for mode in Mode::ALL {
            projects::insert_default(&transaction, Scope { workspace: DEFAULT_WORKSPACE, mode })?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn changed(&self) {
        self.own_changes.fetch_add(1, Ordering::AcqRel);
    }

    fn reading(&self) -> MutexGuard<'_, Connection> {
        lock(&self.reader)
    }

    fn writing(&self) -> MutexGuard<'_, Connection> {
        lock(&self.writer)
    }
}

fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    // A panic elsewhere leaves no half-done work here: transactions roll back when dropped.
    connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Settings for SqliteSettings {
    fn change_mark(&self) -> Result<(i64, u64)> {
        // data_version moves with the commits of other connections only.
        let others = self.writing().query_row("PRAGMA data_version", [], |row| row.get(0))?;
        Ok((others, self.own_changes.load(Ordering::Acquire)))
    }
}

fn begin(connection: &mut Connection) -> Result<rusqlite::Transaction<'_>> {
    Ok(connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?)
}
