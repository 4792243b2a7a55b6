//! Copies the write-ahead log of the current day back into its file, beside the writer.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use super::{files, schema, store::Shared};

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
        let thread = std::thread::Builder::new().name("store-maintain".to_owned()).spawn(move || run(&shared, &told, interval)).ok();
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
    let mut current: Option<(i64, rusqlite::Connection, u64)> = None;
    loop {
        let stopped = stop.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (stopped, _) =
            stop.1.wait_timeout_while(stopped, interval, |stopped| !*stopped).unwrap_or_else(PoisonError::into_inner);
        if *stopped {
            return;
        }
        drop(stopped);
        let Some(day) = shared.days().pop() else { continue };
        if current.as_ref().is_none_or(|(open, ..)| *open != day.day) {
            // A connection of its own, which gives way at once rather than hold up a commit.
            current = schema::open_file(&day.path, "FULL", Duration::ZERO).ok().map(|connection| (day.day, connection, 0));
        }
        let Some((_, connection, copied_seq)) = &mut current else { continue };
        let head = day.range().last_seq;
        if *copied_seq == head {
            continue;
        }
        // A failure here costs nothing but a longer log; the next round tries again.
        if connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).is_ok() {
            *copied_seq = head;
        }
        if files::log_bytes(&day.path) > shared.options.log_limit_bytes {
            // Little is left to copy by now. With the writer held off, the log can start from its beginning again.
            let _writer = shared.writer();
            let _busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
    }
}
