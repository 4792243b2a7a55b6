//! How far it is, on standard error: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

use hiveboard_store::Position;
use indicatif::{ProgressBar, ProgressStyle};

/// Between two lines where no terminal draws a bar.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Between two strokes of a bar, in events.
const STROKE: u64 = 1_000;

pub(super) struct Progress {
    bar: ProgressBar,
    verb: &'static str,
    until: u64,
    is_drawn: bool,
    told_at: Instant,
}

impl Progress {
    /// Of what is done to all events up to a place.
    pub(super) fn new(verb: &'static str, until: Position) -> Self {
        let bar = ProgressBar::new(until.seq());
        let style = ProgressStyle::with_template("{prefix} [{bar:30}] {pos} of {len} events, {eta} left  {msg}");
        bar.set_style(style.expect("the template is valid").progress_chars("=> "));
        bar.set_prefix(verb);
        Self { bar, verb, until: until.seq(), is_drawn: std::io::stderr().is_terminal(), told_at: Instant::now() }
    }

    pub(super) fn at(&mut self, seq: u64) {
        if !seq.is_multiple_of(STROKE) {
            return;
        }
        self.bar.set_position(seq);
        if !self.is_drawn && self.told_at.elapsed() >= LINE_EVERY {
            self.told_at = Instant::now();
            eprintln!("{} {seq} of {} events", self.verb, self.until);
        }
    }

    pub(super) fn say(&self, what: &str) {
        self.bar.suspend(|| eprintln!("{what}"));
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
