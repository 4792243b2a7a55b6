//! Settings of a cluster: every node has all of them in its own file, and carries out the same changes in the same order.
//!
//! A change is carried out in a transaction that notes its statements down. Before it is committed they go to the log, on condition that the node has carried out
//! all that is there; if another node's change came first, the transaction is undone, that change carried out, and the own one decided anew. So who has an
//! address or a name first has it on all nodes. A thread carries out what the others did.

mod entry;
mod file;
mod join;
mod restore;

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::{Connection, params};
use uuid::Uuid;

use self::entry::{Change, Entry};
use super::{MIGRATIONS, begin, lock, writing::Writing};
use crate::{Entries, Published, ReplicaState, Replicate, Result, SettingsError};

pub(super) use self::{entry::Statement, file::remove};

pub(super) const MIGRATION: &str = "
    CREATE TABLE replica(
        only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
        cluster TEXT NOT NULL,
        last INTEGER NOT NULL,
        base TEXT
    ) STRICT;
";

/// How often the node looks whether there is something, should no sign of it come.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After so many entries all of it is kept as a file, and nodes that join begin there.
const ENTRIES_A_FILE: u64 = 1_000;
/// Entries that stay all the same, for nodes that are a little behind.
const ENTRIES_KEPT: u64 = 200;
/// Kept files that stay: somebody may be reading the one before.
const FILES_KEPT: usize = 2;
const KEPT_PREFIX: &str = "settings-";
const BASE_PREFIX: &str = "base-";
/// How often another node may come first.
const ATTEMPTS: usize = 100;

/// The name of a kept file that has all changes up to one. By names the newest is the last.
pub fn kept_file_name(last: u64) -> String {
    format!("{KEPT_PREFIX}{last:020}")
}

/// Up to which change a kept file has all; `None` for another file.
pub fn kept_file_number(name: &str) -> Option<u64> {
    name.strip_prefix(KEPT_PREFIX)?.parse().ok()
}

/// A node's part in it.
pub(super) struct Replica {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    log: Arc<dyn Replicate>,
    path: PathBuf,
    own_changes: Arc<AtomicU64>,
    /// The last entry in the file, as this process knows.
    seen: AtomicU64,
    problem: Mutex<Option<String>>,
    file_is_due: AtomicBool,
    stops: AtomicBool,
}

impl Replica {
    /// Takes part with an open file, and brings it up to date.
    pub(super) fn join(
        connection: &mut Connection,
        path: PathBuf,
        log: Arc<dyn Replicate>,
        own_changes: Arc<AtomicU64>,
    ) -> Result<Self> {
        let shared = Arc::new(Shared {
            log,
            path,
            own_changes,
            seen: AtomicU64::new(0),
            problem: Mutex::default(),
            file_is_due: AtomicBool::new(false),
            stops: AtomicBool::new(false),
        });
        shared.join(connection)?;
        shared.catch_up(connection, None)?;
        Ok(Self { shared, thread: None })
    }

    /// Begins to carry out what the others do.
    pub(super) fn follow(&mut self, writer: Arc<Mutex<Connection>>) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new()
            .name("settings".to_owned())
            .spawn(move || shared.follow(&writer))
            .map_err(|error| SettingsError::Failed(format!("no thread can be started: {error}")))?;
        self.thread = Some(thread);
        Ok(())
    }

    /// Carries out what the others did before now.
    pub(super) fn catch_up(&self, writer: &Mutex<Connection>) -> Result<()> {
        self.shared.look(writer)
    }

    pub(super) fn state(&self) -> ReplicaState {
        ReplicaState { last: self.shared.seen.load(Ordering::Acquire), problem: self.shared.problem().clone() }
    }

    pub(super) fn write<T>(
        &self,
        connection: &mut Connection,
        change: impl Fn(&Writing<'_>) -> Result<T>,
    ) -> Result<T> {
        for _ in 0..ATTEMPTS {
            let transaction = begin(connection)?;
            let last = last_of(&transaction)?;
            let rows_before = transaction.total_changes();
            let writing = Writing::noting(&transaction);
            let value = change(&writing)?;
            let statements = writing.into_statements(rows_before)?;
            if statements.is_empty() {
                transaction.commit()?;
                return Ok(value);
            }
            let id = Uuid::new_v4();
            let change = Change::Statements(statements);
            let entry = Entry { id: id.into_bytes(), schema: MIGRATIONS.len() as u32, change };
            match self.shared.log.publish(last, &id.simple().to_string(), &entry.encode())? {
                Published::At(place) if place == last + 1 => {
                    set_last(&transaction, place)?;
                    transaction.commit()?;
                    self.shared.committed(place);
                    return Ok(value);
                }
                Published::At(_) | Published::Conflict => {}
            }
            drop(transaction);
            if self.shared.catch_up(connection, Some(entry.id))? {
                return Ok(value);
            }
        }
        Err(SettingsError::Unavailable("other nodes change them faster than this one can".to_owned()))
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.shared.stops.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

impl Shared {
    fn follow(&self, writer: &Mutex<Connection>) {
        while !self.stops.load(Ordering::Acquire) {
            self.log.wait_after(self.seen.load(Ordering::Acquire), LOOK_EVERY);
            if self.stops.load(Ordering::Acquire) {
                return;
            }
            let done = self.look(writer).and_then(|()| self.keep_file_when_due());
            let failed = done.is_err();
            let problem = done.err().map(|error| error.to_string());
            let before = std::mem::replace(&mut *self.problem(), problem.clone());
            if before != problem {
                if let Some(problem) = problem {
                    tracing::error!(problem, "the cluster's settings cannot be followed");
                } else {
                    tracing::info!("the cluster's settings are followed again");
                }
            }
            if failed {
                std::thread::sleep(LOOK_EVERY);
            }
        }
    }

    /// Carries out what is there. The log is asked without holding up anybody who writes.
    fn look(&self, writer: &Mutex<Connection>) -> Result<()> {
        match self.log.entries_after(self.seen.load(Ordering::Acquire))? {
            Entries::Some(entries) if entries.is_empty() => Ok(()),
            Entries::Some(entries) => {
                let mut connection = lock(writer);
                self.carry_out(&mut connection, &entries, None)?;
                self.tell(&connection)
            }
            Entries::Trimmed => self.catch_up(&mut lock(writer), None).map(|_| ()),
        }
    }

    /// Carries out all that is there; answers whether an entry of that id was among it.
    fn catch_up(&self, connection: &mut Connection, own: Option<[u8; 16]>) -> Result<bool> {
        let mut found = false;
        loop {
            match self.log.entries_after(last_of(connection)?)? {
                Entries::Some(entries) if entries.is_empty() => break,
                Entries::Some(entries) => found |= self.carry_out(connection, &entries, own)?,
                Entries::Trimmed => self.take_in_newest(connection)?,
            }
        }
        self.tell(connection)?;
        Ok(found)
    }

    fn carry_out(
        &self,
        connection: &mut Connection,
        entries: &[(u64, Vec<u8>)],
        own: Option<[u8; 16]>,
    ) -> Result<bool> {
        let mut found = false;
        let mut transaction = begin(connection)?;
        let mut last = last_of(&transaction)?;
        for (place, bytes) in entries {
            // Another process of the same node may have been here.
            if *place <= last {
                continue;
            }
            if *place != last + 1 {
                return Err(SettingsError::Failed(format!(
                    "change {} of the settings is missing in the log",
                    last + 1
                )));
            }
            let entry = Entry::decode(bytes)?;
            if entry.schema as usize > MIGRATIONS.len() {
                return Err(SettingsError::Unusable(
                    "the cluster's settings are changed by a newer program: bring this node to its version".to_owned(),
                ));
            }
            found |= own == Some(entry.id);
            match entry.change {
                Change::Statements(statements) => {
                    for statement in statements {
                        transaction
                            .prepare_cached(&statement.sql)?
                            .query(rusqlite::params_from_iter(&statement.values))
                            .and_then(|mut rows| {
                                while rows.next()?.is_some() {}
                                Ok(())
                            })
                            .map_err(|error| {
                                SettingsError::Unusable(format!(
                                    "change {place} of the cluster's settings cannot be carried out here ({error}): \
                                     move {} away and start again; the node fetches the cluster's settings then",
                                    self.path.display()
                                ))
                            })?;
                    }
                    set_last(&transaction, *place)?;
                }
                Change::Base(name) => {
                    transaction.commit()?;
                    self.take_in(connection, &name, Some(*place))?;
                    transaction = begin(connection)?;
                }
            }
            last = *place;
        }
        transaction.commit()?;
        Ok(found)
    }

    /// Lets those know who read, if anything came.
    fn tell(&self, connection: &Connection) -> Result<()> {
        let last = last_of(connection)?;
        if self.seen.swap(last, Ordering::AcqRel) != last {
            self.own_changes.fetch_add(1, Ordering::AcqRel);
        }
        Ok(())
    }

    fn committed(&self, place: u64) {
        self.seen.store(place, Ordering::Release);
        if place.is_multiple_of(ENTRIES_A_FILE) {
            self.file_is_due.store(true, Ordering::Release);
        }
    }

    fn take_in_newest(&self, connection: &mut Connection) -> Result<()> {
        let last = last_of(connection)?;
        if self.log.restored()?.is_some_and(|restored| restored.lacks_some_of(last)) {
            return Err(SettingsError::Unusable(format!(
                "{} has changes of the settings (up to number {last}) that are not in the copy from which the cluster's settings were restored: \
                 move it away, and the node fetches the cluster's; make those changes again that are missed",
                self.path.display()
            )));
        }
        let names = self.log.file_names()?;
        let newest = names.iter().filter(|name| name.starts_with(KEPT_PREFIX)).max();
        let Some(newest) = newest else {
            return Err(SettingsError::Unusable(
                "the beginning of the cluster's settings is gone from the log (NATS), and no file of them is kept there: \
                 restore the streams of NATS from a backup"
                    .to_owned(),
            ));
        };
        self.take_in(connection, newest, None)
    }

    fn take_in(&self, connection: &mut Connection, name: &str, last: Option<u64>) -> Result<()> {
        let path = self.path.with_extension("fetched");
        file::remove(&path)?;
        if !self.log.fetch_file(name, &path)? {
            return Err(SettingsError::Unavailable(format!("file {name} of the settings is not there any more")));
        }
        let done = file::take_in(connection, &path, last);
        file::remove(&path)?;
        done
    }

    fn keep_file_when_due(&self) -> Result<()> {
        if !self.file_is_due.load(Ordering::Acquire) {
            return Ok(());
        }
        let path = self.path.with_extension("kept");
        let last = file::write_to(&self.path, &path)?;
        self.log.keep_file(&kept_file_name(last), &path)?;
        file::remove(&path)?;
        self.log.trim(last.saturating_sub(ENTRIES_KEPT))?;
        let mut names = self.log.file_names()?;
        names.sort_unstable();
        let (kept, others): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| name.starts_with(KEPT_PREFIX));
        let base = others.into_iter().filter(|name| name.starts_with(BASE_PREFIX));
        for name in kept.into_iter().rev().skip(FILES_KEPT).chain(base) {
            self.log.forget_file(&name)?;
        }
        self.file_is_due.store(false, Ordering::Release);
        Ok(())
    }

    fn problem(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn last_of(connection: &Connection) -> Result<u64> {
    Ok(connection.prepare_cached("SELECT last FROM replica")?.query_row([], |row| row.get(0))?)
}

fn set_last(connection: &Connection, last: u64) -> Result<()> {
    connection.prepare_cached("UPDATE replica SET last = ?1")?.execute(params![last])?;
    Ok(())
}
