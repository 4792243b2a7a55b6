//! The client's lines on their way to Python's `logging`.
//!
//! The client's threads never run Python, so lines wait here until a thread of the agent's passes by. With `debug`, those
//! that `logging` would not show anybody are written to standard error at once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};

use hiveloop::{Level, Logger};

use crate::client::level_number;

/// Lines that wait at most; beyond, the oldest goes.
const MAX_LINES: usize = 200;
const NOBODY_LISTENS: u8 = u8::MAX;

/// A line that waits for a thread of the agent's.
pub(crate) struct Waiting {
    pub(crate) level: Level,
    pub(crate) line: String,
    /// It stands on standard error already.
    pub(crate) is_said: bool,
}

pub(crate) struct PythonLogger {
    lines: Mutex<VecDeque<Waiting>>,
    waiting: AtomicBool,
    debug: bool,
    /// From which level on somebody listens to the logger, as far as known.
    heard_from: AtomicU8,
    /// What standard error was when the client was made: its device and file number.
    stderr: Option<(u64, u64)>,
}

impl PythonLogger {
    pub(crate) fn new(debug: bool) -> Self {
        Self {
            lines: Mutex::default(),
            waiting: AtomicBool::new(false),
            debug,
            heard_from: AtomicU8::new(NOBODY_LISTENS),
            stderr: file_of_stderr(),
        }
    }

    /// The lock, unless it cannot be had soon: a fork may have copied it while it was held.
    fn lock(&self) -> Option<MutexGuard<'_, VecDeque<Waiting>>> {
        for _ in 0..1000 {
            match self.lines.try_lock() {
                Ok(lines) => return Some(lines),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => std::thread::yield_now(),
            }
        }
        None
    }

    #[inline]
    pub(crate) fn has_lines(&self) -> bool {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Notes from which level on somebody listens to the logger.
    pub(crate) fn is_heard_from(&self, level: u8) {
        self.heard_from.store(level, Ordering::Relaxed);
    }

    /// Takes the lines that wait.
    pub(crate) fn take(&self) -> Vec<Waiting> {
        self.waiting.store(false, Ordering::Relaxed);
        self.lock().map(|mut lines| lines.drain(..).collect()).unwrap_or_default()
    }

    /// Writes to standard error, if that is still what it was: the descriptor may be a file of the program's by now.
    fn say(&self, line: &str) -> bool {
        let is_same = self.stderr.is_some() && self.stderr == file_of_stderr();
        if is_same {
            to_stderr(&format!("hiveloop: {line}\n"));
        }
        is_same
    }
}

impl Logger for PythonLogger {
    fn write(&self, level: Level, line: &str) {
        let is_heard = level_number(level) >= self.heard_from.load(Ordering::Relaxed);
        let is_said = self.debug && !is_heard && self.say(line);
        if let Some(mut lines) = self.lock() {
            if lines.len() >= MAX_LINES {
                lines.pop_front();
            }
            lines.push_back(Waiting { level, line: line.to_owned(), is_said });
            self.waiting.store(true, Ordering::Relaxed);
        }
    }

    fn alarm(&self, line: &str) {
        // With `debug` the line is there already.
        if !self.debug {
            self.say(line);
        }
    }
}

/// Writes to the file descriptor itself: the standard library's lock might have been copied by a fork while held.
#[cfg(unix)]
fn to_stderr(line: &str) {
    use std::io::Write;
    // Nobody is there to tell when standard error is gone.
    let _ = stderr_file().write_all(line.as_bytes());
}

#[cfg(unix)]
fn stderr_file() -> std::mem::ManuallyDrop<std::fs::File> {
    use std::os::fd::FromRawFd;
    // SAFETY: descriptor 2 is not closed here (`ManuallyDrop`), and using one closed elsewhere fails cleanly.
    std::mem::ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(2) })
}

#[cfg(unix)]
fn file_of_stderr() -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    stderr_file().metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn to_stderr(line: &str) {
    eprint!("{line}");
}

#[cfg(not(unix))]
fn file_of_stderr() -> Option<(u64, u64)> {
    Some((0, 0))
}
