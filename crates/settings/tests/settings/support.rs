//! Settings to try things with.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use hiveboard_settings::{NewPerson, PasswordHash, SqliteSettings};
use rusqlite::{Connection, types::Value};
use tempfile::TempDir;

use crate::shared_log::SharedLog;

pub(crate) fn person(email: &str) -> NewPerson<'_> {
    NewPerson { email, name: "Ada", password: PasswordHash("hash".to_owned()) }
}

/// Settings, and what watches over them.
pub(crate) struct Opened {
    settings: Option<SqliteSettings>,
    watched: Option<(PathBuf, Arc<SharedLog>, Node)>,
}

/// In a file of their own.
pub(crate) fn alone() -> (TempDir, Opened) {
    let dir = tempfile::tempdir().unwrap();
    let settings = SqliteSettings::open(dir.path()).unwrap();
    (dir, Opened { settings: Some(settings), watched: None })
}

/// On one node of two.
pub(crate) fn in_a_cluster() -> (TempDir, Opened) {
    let log = Arc::<SharedLog>::default();
    let (dir, settings) = Node::new(&log).into_parts();
    let other = Node::new(&log);
    let path = dir.path().to_owned();
    (dir, Opened { settings: Some(settings), watched: Some((path, log, other)) })
}

impl Opened {
    pub(crate) fn reopened(mut self, dir: &Path) -> SqliteSettings {
        drop(self.settings.take());
        match &self.watched {
            None => SqliteSettings::open(dir).unwrap(),
            Some((_, log, _)) => SqliteSettings::open_in_cluster(dir, Arc::<SharedLog>::clone(log)).unwrap(),
        }
    }
}

impl Deref for Opened {
    type Target = SqliteSettings;

    fn deref(&self) -> &SqliteSettings {
        self.settings.as_ref().unwrap()
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let Some((dir, log, other)) = self.watched.take() else { return };
        if std::thread::panicking() {
            return;
        }
        let own = dump(&dir);
        other.catch_up(&log);
        assert_eq!(own, dump(other.dir.path()), "a node that watched");
        assert_eq!(own, dump(Node::new(&log).dir.path()), "a node that comes later");
    }
}

/// A node of a cluster.
pub(crate) struct Node {
    pub(crate) dir: TempDir,
    pub(crate) settings: SqliteSettings,
}

impl Node {
    pub(crate) fn new(log: &Arc<SharedLog>) -> Self {
        Self::in_dir(tempfile::tempdir().unwrap(), log)
    }

    pub(crate) fn in_dir(dir: TempDir, log: &Arc<SharedLog>) -> Self {
        let settings = SqliteSettings::open_in_cluster(dir.path(), Arc::<SharedLog>::clone(log)).unwrap();
        Self { dir, settings }
    }

    fn into_parts(self) -> (TempDir, SqliteSettings) {
        (self.dir, self.settings)
    }

    /// Waits until the node has all that is in the log.
    pub(crate) fn catch_up(&self, log: &SharedLog) {
        let last = log.state().entries.len() as u64;
        eventually(|| self.settings.replica_state().unwrap().last >= last);
    }

    pub(crate) fn dump(&self) -> Vec<String> {
        dump(self.dir.path())
    }
}

/// Waits, longer than it takes on a busy machine.
pub(crate) fn eventually(holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < until, "it does not come to hold");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Every row of every table.
pub(crate) fn dump(dir: &Path) -> Vec<String> {
    let file = Connection::open(dir.join("settings.db")).unwrap();
    let mut tables = file.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(tables.len() > 15, "{tables:?}");
    let mut rows = Vec::new();
    for table in tables {
        let mut statement = file.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = statement.column_count();
        let found = statement
            .query_map([], |row| (0..columns).map(|column| row.get::<_, Value>(column)).collect::<Result<Vec<_>, _>>());
        let mut found: Vec<String> = found.unwrap().map(|row| format!("{table} {:?}", row.unwrap())).collect();
        found.sort();
        rows.append(&mut found);
    }
    rows
}
