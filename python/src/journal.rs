//! The client's lines on their way to Python's `logging`.
//!
//! The client's threads never run Python, so lines wait here until a thread of the agent's passes by.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};

use hiveloop::{Journal, Level};

/// Lines that wait at most; beyond, the oldest goes.
const MAX_LINES: usize = 200;

#[derive(Default)]
pub(crate) struct PythonJournal {
    lines: Mutex<VecDeque<(Level, String)>>,
    waiting: AtomicBool,
    debug: bool,
}

impl PythonJournal {
    pub(crate) fn new(debug: bool) -> Self {
        Self { debug, ..Self::default() }
    }

    /// The lock, unless it cannot be had soon: a fork may have copied it while it was held.
    fn lock(&self) -> Option<MutexGuard<'_, VecDeque<(Level, String)>>> {
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

    /// Takes the lines that wait.
    pub(crate) fn take(&self) -> Vec<(Level, String)> {
        self.waiting.store(false, Ordering::Relaxed);
        self.lock().map(|mut lines| lines.drain(..).collect()).unwrap_or_default()
    }
}

impl Journal for PythonJournal {
    fn write(&self, level: Level, line: &str) {
        if self.debug {
            to_stderr(&format!("hiveloop: {line}\n"));
        }
        if let Some(mut lines) = self.lock() {
            if lines.len() >= MAX_LINES {
                lines.pop_front();
            }
            lines.push_back((level, line.to_owned()));
            self.waiting.store(true, Ordering::Relaxed);
        }
    }

    fn alarm(&self, line: &str) {
        // With `debug` the line is there already.
        if !self.debug {
            to_stderr(&format!("hiveloop: {line}\n"));
        }
    }
}

/// Writes to the file descriptor itself: the standard library's lock might have been copied by a fork while held.
#[cfg(unix)]
fn to_stderr(line: &str) {
    use std::io::Write;
    use std::os::fd::FromRawFd;
    // SAFETY: descriptor 2 is not closed here (`ManuallyDrop`), and a write to one closed elsewhere fails cleanly.
    let mut stderr = std::mem::ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(2) });
    // Nobody is there to tell when standard error is gone.
    let _ = stderr.write_all(line.as_bytes());
}

#[cfg(not(unix))]
fn to_stderr(line: &str) {
    eprint!("{line}");
}
