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
mod replica;
mod retention;
mod sessions;
mod views;
mod workspaces;
mod writing;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use hiveboard_wire::{Mode, Scope};
use rusqlite::{Connection, OptionalExtension, params};

use self::replica::Replica;
pub use self::replica::{kept_file_name, kept_file_number};
use crate::{DEFAULT_WORKSPACE, ReplicaState, Replicate, Result, Settings, SettingsError, Workspaces};

/// The settings database of a data directory.
pub struct SqliteSettings {
    writer: Arc<Mutex<Connection>>,
    /// Apart, so that who asks does not wait for another's commit to reach the disk.
    reader: Mutex<Connection>,
    own_changes: Arc<AtomicU64>,
    /// In a cluster alone.
    replica: Option<Replica>,
}

const FILE: &str = "settings.db";

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
", replica::MIGRATION, alerts::LABELS_MIGRATION];

impl SqliteSettings {
    /// Copies the settings of a data directory, as they are now, into another that has none; whole or not at all.
    ///
    /// # Errors
    /// When one of the files cannot be read or written.
    pub fn copy(from: &Path, into: &Path) -> Result<()> {
        let failed = |error: std::io::Error| SettingsError::Failed(format!("{}: {error}", into.display()));
        std::fs::create_dir_all(into).map_err(failed)?;
        let making = into.join("settings.making");
        replica::remove(&making)?;
        file::open(&from.join(FILE))?.execute("VACUUM INTO ?1", [making.to_string_lossy()])?;
        std::fs::File::open(&making).and_then(|file| file.sync_all()).map_err(failed)?;
        std::fs::rename(&making, into.join(FILE)).map_err(failed)?;
        std::fs::File::open(into).and_then(|dir| dir.sync_all()).map_err(failed)
    }

    /// Opens or makes `settings.db` in `dir`. The first open makes the workspace `default` with its projects.
    pub fn open(dir: &Path) -> Result<Self> {
        let (path, connection) = open_file(dir)?;
        let cluster: Option<String> =
            connection.query_row("SELECT cluster FROM replica", [], |row| row.get(0)).optional()?;
        if let Some(cluster) = cluster {
            return Err(SettingsError::Unusable(format!(
                "{} is a node's copy of the settings of cluster {cluster}, which are changed on all nodes or none: \
                 run this with the configuration of the cluster",
                path.display()
            )));
        }
        Self::of(&path, connection, Arc::default(), None)
    }

    /// Opens or makes a node's copy of a cluster's settings, and brings it up to date. Settings that are there from before the cluster are
    /// what it begins with.
    ///
    /// # Errors
    /// [`SettingsError::Unavailable`] when the log is away; [`SettingsError::Unusable`] when the file is not of this cluster.
    pub fn open_in_cluster(dir: &Path, log: Arc<dyn Replicate>) -> Result<Self> {
        let (path, mut connection) = open_file(dir)?;
        let own_changes = Arc::default();
        let replica = Replica::join(&mut connection, path.clone(), log, Arc::clone(&own_changes))?;
        Self::of(&path, connection, own_changes, Some(replica))
    }

    fn of(path: &Path, connection: Connection, own_changes: Arc<AtomicU64>, replica: Option<Replica>) -> Result<Self> {
        let writer = Arc::new(Mutex::new(connection));
        let mut settings = Self { writer, reader: Mutex::new(file::open(path)?), own_changes, replica };
        if settings.workspace(DEFAULT_WORKSPACE)?.is_none() {
            settings.make_first_workspace()?;
        }
        if let Some(replica) = &mut settings.replica {
            replica.follow(Arc::clone(&settings.writer))?;
        }
        Ok(settings)
    }

    fn make_first_workspace(&self) -> Result<()> {
        self.write(|writing| {
            // Two processes may open a new directory at once.
            writing.execute(
                "INSERT OR IGNORE INTO workspaces(id, name) VALUES (?1, 'default')",
                params![DEFAULT_WORKSPACE.0],
            )?;
            for mode in Mode::ALL {
                projects::insert_default(writing, Scope { workspace: DEFAULT_WORKSPACE, mode })?;
            }
            Ok(())
        })
    }

    /// How this node keeps up with the others; `None` without others.
    pub fn replica_state(&self) -> Option<ReplicaState> {
        self.replica.as_ref().map(Replica::state)
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

fn open_file(dir: &Path) -> Result<(PathBuf, Connection)> {
    std::fs::create_dir_all(dir)
        .map_err(|error| SettingsError::Failed(format!("cannot make {}: {error}", dir.display())))?;
    let path = dir.join(FILE);
    let mut connection = file::open(&path)?;
    file::migrate(&mut connection, &path, MIGRATIONS)?;
    Ok((path, connection))
}

fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    // A panic elsewhere leaves no half-done work here: transactions roll back when dropped.
    connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Settings for SqliteSettings {
    fn change_mark(&self) -> Result<(i64, u64)> {
        if self.is_shared() {
            // Whoever changes something waits for the log meanwhile; and all changes pass by here.
            return Ok((0, self.own_changes.load(Ordering::Acquire)));
        }
        // data_version moves with the commits of other connections only.
        let others = self.writing().query_row("PRAGMA data_version", [], |row| row.get(0))?;
        Ok((others, self.own_changes.load(Ordering::Acquire)))
    }

    fn is_shared(&self) -> bool {
        self.replica.is_some()
    }

    fn catch_up(&self) -> Result<()> {
        self.replica.as_ref().map_or(Ok(()), |replica| replica.catch_up(&self.writer))
    }
}

fn begin(connection: &mut Connection) -> Result<rusqlite::Transaction<'_>> {
    Ok(connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?)
}
