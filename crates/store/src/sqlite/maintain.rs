//! What goes on beside the writer: copying the write-ahead log back into its file, taking old ids out of memory.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use super::{dedup::seal, files, schema, store::Shared};
use crate::Result;

/// The thread that does it; stops when dropped.
pub(super) struct Maintainer {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Maintainer {
    pub(super) fn start(shared: Arc<Shared>, interval: Duration) -> Option<Self> {
        if interval.is_zero() {
            return None;
        }
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let told = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("store-maintain".to_owned())
            .spawn(move || run(&shared, &told, interval))
            .ok();
        Some(Self { stop, thread })
    }
}

impl Drop for Maintainer {
    fn drop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

fn run(shared: &Shared, stop: &(Mutex<bool>, Condvar), interval: Duration) {
    let mut copier = Copier::default();
    loop {
        let stopped = stop.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (stopped, _) =
            stop.1.wait_timeout_while(stopped, interval, |stopped| !*stopped).unwrap_or_else(PoisonError::into_inner);
        if *stopped {
            return;
        }
        drop(stopped);
        copier.copy(shared);
        // What fails here is tried again next time; until then the ids stay in memory.
        let _tried = seal_old_ids(shared);
    }
}

/// Takes sets of ids out of memory whose time has come.
pub(super) fn seal_old_ids(shared: &Shared) -> Result<()> {
    loop {
        let most = shared.options.dedup_ids_in_memory;
        let Some(set) = shared.writer().as_ref().and_then(|writer| writer.dedup.to_seal(most)) else { return Ok(()) };
        let Some(day) = shared.days().into_iter().find(|day| day.number == set.day()) else { return Ok(()) };
        let sealed = seal(&day, &set)?;
        if let Some(writer) = shared.writer().as_mut() {
            writer.dedup.sealed(&set, sealed);
        }
    }
}

/// Empties the logs of all days but the newest, which nobody writes any more.
pub(super) fn empty_old_logs(shared: &Shared) -> Result<()> {
    let mut days = shared.days();
    days.pop();
    for day in days {
        if files::log_bytes(&day.path) > 0 {
            let connection = schema::open_file(&day.path, "FULL", Duration::from_secs(1))?;
            schema::empty_log(&connection)?;
        }
    }
    Ok(())
}

/// Copies the log of the current day, on a connection of its own.
#[derive(Default)]
pub(super) struct Copier {
    current: Option<(i64, rusqlite::Connection)>,
    copied_seq: u64,
}

impl Copier {
    pub(super) fn copy(&mut self, shared: &Shared) {
        let Some(day) = shared.days().pop() else { return };
        if self.current.as_ref().is_none_or(|(open, _)| *open != day.number) {
            // The log of the day before has been copied only in part, and stands in no one's way: tried again tomorrow if it fails.
            let _tried = empty_old_logs(shared);
            // Gives way at once rather than hold up a commit.
            self.current =
                schema::open_file(&day.path, "FULL", Duration::ZERO).ok().map(|connection| (day.number, connection));
        }
        let Some((_, connection)) = &self.current else { return };
        let head = day.range().last_seq;
        if self.copied_seq == head {
            return;
        }
        // A failure here costs nothing but a longer log; the next round tries again.
        if connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).is_ok() {
            self.copied_seq = head;
        }
        if files::log_bytes(&day.path) > shared.options.log_limit_bytes {
            // Little is left to copy by now. With the writer held off, the log can start from its beginning again.
            let _writer = shared.writer();
            let _busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
    }
}
