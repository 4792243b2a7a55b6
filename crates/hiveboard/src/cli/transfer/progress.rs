//! How far it is, on standard error: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::{IsTerminal, Read, Write},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// Between two lines where no terminal draws a bar.
const LINE_EVERY: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    verb: &'static str,
    is_drawn: bool,
    started: Instant,
    told_at: Instant,
}

impl Progress {
    /// `total` in bytes, where it is known.
    pub(super) fn new(verb: &'static str, total: Option<u64>) -> Self {
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let style = match total {
            Some(_) => "{prefix} [{bar:30}] {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left  {msg}",
            None => "{prefix} {spinner} {bytes}, {bytes_per_sec}  {msg}",
        };
        bar.set_style(ProgressStyle::with_template(style).expect("the template is valid").progress_chars("=> "));
        bar.set_prefix(verb);
        let now = Instant::now();
        Self { bar, verb, is_drawn: std::io::stderr().is_terminal(), started: now, told_at: now }
    }

    pub(super) fn add_bytes(&mut self, bytes: usize) {
        self.bar.inc(bytes as u64);
        if !self.is_drawn && self.told_at.elapsed() >= LINE_EVERY {
            self.told_at = Instant::now();
            eprintln!("{} {} so far", self.verb, megabytes(self.bar.position()));
        }
    }

    pub(super) fn say(&self, message: String) {
        self.bar.set_message(message);
    }

    /// Bytes so far, and how long it took.
    pub(super) fn end(&self) -> String {
        self.bar.finish_and_clear();
        format!("{} in {:.1} s", megabytes(self.bar.position()), self.started.elapsed().as_secs_f64())
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// Counts what passes through.
pub(super) struct Counted<T> {
    pub(super) inner: T,
    pub(super) progress: Progress,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let bytes = self.inner.read(into)?;
        self.progress.add_bytes(bytes);
        Ok(bytes)
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.progress.add_bytes(written);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}
