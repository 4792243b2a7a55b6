//! Which runs changed their place in the order of first timestamps, and when.
//!
//! A late event can move a run back in time. A reader that pages through the list must neither see it twice nor miss it, so each page
//! looks at the places as they were when its first page was read.

use std::collections::{HashMap, VecDeque};

use hiveboard_wire::Timestamp;

/// Moves remembered; a reader that lags behind more than these may see a moved run twice.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct OrderLog {
    /// `(seq of the event that moved it, hash of the run, its place before)`.
    log: VecDeque<(u64, u64, Timestamp)>,
    /// The greatest `seq` folded in.
    head: u64,
}

impl OrderLog {
    pub(crate) fn note(&mut self, seq: u64, run: u64, from: Timestamp) {
        if self.log.len() == MOST {
            self.log.pop_front();
        }
        self.log.push_back((seq, run, from));
    }

    pub(crate) fn saw(&mut self, seq: u64) {
        self.head = self.head.max(seq);
    }

    pub(crate) const fn head(&self) -> u64 {
        self.head
    }

    /// Where runs that moved after `seq` were before: their first move counts.
    pub(crate) fn since(&self, seq: u64) -> HashMap<u64, Timestamp> {
        let mut places = HashMap::new();
        for (_, run, from) in self.log.iter().filter(|(at, ..)| *at > seq) {
            places.entry(*run).or_insert(*from);
        }
        places
    }
}
