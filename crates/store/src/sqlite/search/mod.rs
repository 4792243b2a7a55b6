//! Text search: beside each day a file that says where a text may stand.
//!
//! ```text
//! ev-YYYYMMDD.search    segments (see [`segment`]), each of up to 1,024 stretches of some hundred events
//! ```
//! Events are cut into stretches; of each it is remembered which short runs of characters stand in its payloads ([`grams`]), folded as
//! `hiveboard-text` folds. A query looks only into stretches that have all runs of what it looks for, and looks at every event there: so the
//! index decides how long a search takes, and never what it finds. It is made behind the acknowledgement, by a thread of its own
//! ([`indexer`]); what it has not reached is read through. All of it can be told from the events: a file that is missing, damaged, or of other
//! events is made anew.

mod day;
mod grams;
mod indexer;
mod postings;
mod segment;
mod unpacked;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub(super) use self::{
    day::check,
    indexer::{catch_up, start},
    unpacked::Unpacked,
};
use self::{
    day::{DayIndex, Part},
    grams::{Collector, rows_of_needle},
    unpacked::LastWritten,
};
use super::{day::Day, maintain::Bell};

/// The indices of all days.
#[derive(Default)]
pub(super) struct Search {
    days: Mutex<HashMap<i64, Arc<DayIndex>>>,
    last_written: LastWritten,
    /// Calls the indexer.
    bell: Arc<Bell>,
}

/// A stretch of `seq`, both ends included.
pub(super) type SeqRange = (u64, u64);

impl Search {
    /// Where in a day the text of a needle may stand, in the order asked for, as far as it lies within a range.
    pub(super) fn candidates(&self, day: &Day, folded: &str, newest_first: bool, within: SeqRange) -> Candidates {
        let rows = rows_of_needle(folded);
        if rows.is_empty() {
            return Candidates::all(within);
        }
        let index = self.of(day);
        let parts = index.parts(&rows, newest_first);
        let ready = Vec::new().into_iter();
        Candidates { index: Some(index), rows, parts: parts.into_iter(), ready, newest_first, within }
    }

    /// Tells of blocks that were just committed.
    pub(super) fn written(&self, blocks: impl Iterator<Item = Unpacked>) {
        if self.last_written.add(blocks) {
            self.bell.hurry();
        }
    }

    /// Removes the index of a day that is retired, or that lost some of its events: what remains of them is indexed anew.
    pub(super) fn forget(&self, day: &Day) {
        // Whoever holds it still finds nothing in it, and writes nothing any more.
        if let Some(index) = self.lock().remove(&day.number) {
            index.end();
        }
        let _absent = std::fs::remove_file(day::path_of(day));
    }

    fn of(&self, day: &Day) -> Arc<DayIndex> {
        if let Some(index) = self.lock().get(&day.number) {
            return Arc::clone(index);
        }
        let opened = Arc::new(DayIndex::open(day));
        // Whoever was first: both would be the same.
        Arc::clone(self.lock().entry(day.number).or_insert(opened))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Arc<DayIndex>>> {
        self.days.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ranges of `seq` to look into, one after the other; segments are asked when it is their turn.
pub(super) struct Candidates {
    index: Option<Arc<DayIndex>>,
    rows: Vec<u32>,
    parts: std::vec::IntoIter<Part>,
    ready: std::vec::IntoIter<SeqRange>,
    newest_first: bool,
    within: SeqRange,
}

impl Candidates {
    /// All of it at once.
    pub(super) fn all(within: SeqRange) -> Self {
        let parts = Vec::new().into_iter();
        Self { index: None, rows: Vec::new(), parts, ready: vec![within].into_iter(), newest_first: true, within }
    }
}

impl Iterator for Candidates {
    type Item = SeqRange;

    fn next(&mut self) -> Option<SeqRange> {
        loop {
            for (first, last) in self.ready.by_ref() {
                let (first, last) = (first.max(self.within.0), last.min(self.within.1));
                if first <= last {
                    return Some((first, last));
                }
            }
            let (part, index) = (self.parts.next()?, self.index.as_ref()?);
            let (first, last) = part.range();
            if first > self.within.1 || last < self.within.0 {
                continue;
            }
            let mut found = index.find(part, &self.rows);
            if self.newest_first {
                found.reverse();
            }
            self.ready = found.into_iter();
        }
    }
}

/// Whether the index of an event with this payload leads to it, for a folded text.
pub(crate) fn may_hold(payload: &[u8], folded: &str) -> bool {
    let mut collector = Collector::default();
    collector.add(payload);
    collector.finish().has_all(&rows_of_needle(folded))
}
