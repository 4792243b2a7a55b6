//! What goes on beside the writer: copying the write-ahead log back into its file, taking old ids out of memory.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use metrics::counter;

use super::{catalog::Catalog, dedup::seal, files, rescue::rescue, schema, writer::WriterSlot};
use crate::Result;

/// A thread that does something now and then; stops when dropped.
pub(super) struct Worker {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

/// What a worker is told between its rounds: that there is much to do before its time, or that it has to stop.
#[derive(Default)]
pub(super) struct Bell {
    told: Mutex<Told>,
    changed: Condvar,
}

#[derive(Default)]
struct Told {
    hurry: bool,
    stop: bool,
}

impl Bell {
    /// Waits for an interval, or until there is much to do; `true` when it is time to stop.
    fn wait(&self, interval: Duration) -> bool {
        let told = self.lock();
        let (mut told, _) = self
            .changed
            .wait_timeout_while(told, interval, |told| !told.stop && !told.hurry)
            .unwrap_or_else(PoisonError::into_inner);
        told.hurry = false;
        told.stop
    }

    /// Begins the next round at once.
    pub(super) fn hurry(&self) {
        self.lock().hurry = true;
        self.changed.notify_all();
    }

    fn stop(&self) {
        self.lock().stop = true;
        self.changed.notify_all();
    }

    pub(super) fn is_to_stop(&self) -> bool {
        self.lock().stop
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Runs `round` after each interval, and when the bell says so; `None` when the interval is zero.
    pub(super) fn start(
        name: &str,
        interval: Duration,
        bell: Arc<Bell>,
        mut round: impl FnMut(&Bell) + Send + 'static,
    ) -> Option<Self> {
        if interval.is_zero() {
            return None;
        }
        let heard = Arc::clone(&bell);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while !heard.wait(interval) {
                    round(&heard);
                }
            })
            .inspect_err(|error| tracing::error!(%error, thread = name, "the store goes without maintenance"))
            .ok();
        Some(Self { bell, thread })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.bell.stop();
        if let Some(thread) = self.thread.take() {
            let _told_when_it_happened = thread.join();
        }
    }
}

/// Copies the log, takes ids out of memory and saves damaged days, now and then.
pub(super) fn start(catalog: Arc<Catalog>, writer: Arc<WriterSlot>) -> Option<Worker> {
    let (mut checkpointing, mut sealing, mut rescuing) =
        (Chore::new("checkpoint"), Chore::new("seal"), Chore::new("rescue"));
    let mut checkpointer = Checkpointer::default();
    Worker::start("store-maintain", catalog.options.checkpoint_interval, Arc::default(), move |_| {
        checkpointing.run(|| checkpointer.checkpoint(&catalog, &writer));
        // Until it works, the ids stay in memory.
        sealing.run(|| seal_old_ids(&catalog, &writer));
        rescuing.run(|| {
            if rescue(&catalog, &writer)? > 0 {
                // Its connection is to the file that was put aside.
                checkpointer = Checkpointer::default();
            }
            Ok(())
        });
    })
}

/// What is done now and then; a failure is told when it begins, counted each time, and tried again.
pub(super) struct Chore {
    name: &'static str,
    failing: bool,
}

impl Chore {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, failing: false }
    }

    pub(super) fn run(&mut self, work: impl FnOnce() -> Result<()>) {
        let outcome = match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(())) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!(chore = self.name, "the store's maintenance works again");
                }
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it panicked".to_owned(),
        };
        counter!("hiveboard_store_maintenance_failures_total", "chore" => self.name).increment(1);
        // Tried five times a second: told once, not each time.
        if !std::mem::replace(&mut self.failing, true) {
            tracing::warn!(chore = self.name, error = outcome, "the store's maintenance failed and is tried again");
        }
    }
}

/// Takes sets of ids out of memory whose time has come.
pub(super) fn seal_old_ids(catalog: &Catalog, writer: &WriterSlot) -> Result<()> {
    loop {
        let Some(set) = writer.lock().as_ref().and_then(|writer| writer.dedup.to_seal()) else { return Ok(()) };
        let Some(day) = catalog.day(set.day()) else { return Ok(()) };
        let sealed = {
            let _nobody_else = catalog.rewriting();
            seal(&day, &set)?
        };
        if let Some(writer) = writer.lock().as_mut() {
            writer.dedup.sealed(&set, sealed);
        }
    }
}

/// Empties the logs of all days but the newest, which nobody writes any more.
pub(super) fn empty_old_logs(catalog: &Catalog) -> Result<()> {
    let mut days = catalog.days();
    days.pop();
    let _nobody_else = catalog.rewriting();
    for day in days {
        if files::log_bytes(&day.path) > 0 {
            let connection = schema::open_file(&day.path, schema::Synchronous::Full, Duration::from_secs(1))?;
            schema::empty_log(&connection)?;
        }
    }
    Ok(())
}

/// SQLite's own choice, which is the file system's as well.
const PAGE_BYTES: u64 = 4096;

/// Copies the log of the current day, on a connection of its own.
#[derive(Default)]
pub(super) struct Checkpointer {
    current: Option<(i64, rusqlite::Connection)>,
    old_logs_wait: bool,
    checkpointed_seq: u64,
}

impl Checkpointer {
    pub(super) fn checkpoint(&mut self, catalog: &Catalog, writer: &WriterSlot) -> Result<()> {
        let Some(day) = catalog.days().pop() else { return Ok(()) };
        if self.current.as_ref().is_none_or(|(open, _)| *open != day.number) {
            // Gives way at once rather than hold up a commit.
            self.current = Some((day.number, schema::open_file(&day.path, schema::Synchronous::Full, Duration::ZERO)?));
            self.old_logs_wait = true;
        }
        let Some((_, connection)) = &self.current else { return Ok(()) };
        let head = day.range().last_seq;
        if self.checkpointed_seq != head {
            // Copies what it can without waiting for anybody.
            let log_pages: i64 = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))?;
            self.checkpointed_seq = head;
            if log_pages.unsigned_abs() * PAGE_BYTES > catalog.options.log_limit_bytes {
                // Little is left to copy by now. With the writer held off, the log can start from its beginning again. The file keeps its
                // length: writing over what is there costs the file system less than making it longer again.
                let _writer = writer.lock();
                // Readers may keep it busy: that is no failure, the next round comes soon.
                connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))?;
            }
        }
        if self.old_logs_wait {
            // The log of the day before has been copied only in part.
            empty_old_logs(catalog)?;
            self.old_logs_wait = false;
        }
        Ok(())
    }
}
