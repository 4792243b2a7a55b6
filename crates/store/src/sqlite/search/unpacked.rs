//! Blocks that were written a moment ago, as they were before they were compressed: the indexer need not read them back.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Bytes kept at most: what some ten thousand events bring. What is older than that is read from its file.
const MOST_BYTES: usize = 6 << 20;
/// From so many on, the indexer is called before its time.
const MANY_BYTES: usize = MOST_BYTES / 3;

/// A block, and what is told of it beside.
pub(in crate::sqlite) struct Unpacked {
    pub(in crate::sqlite) first_seq: u64,
    pub(in crate::sqlite) last_seq: u64,
    pub(in crate::sqlite) events: u64,
    pub(in crate::sqlite) raw: Vec<u8>,
}

#[derive(Default)]
pub(super) struct LastWritten(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// Ascending. All are committed.
    blocks: VecDeque<Arc<Unpacked>>,
    bytes: usize,
}

impl Kept {
    fn drop_first(&mut self) {
        if let Some(first) = self.blocks.pop_front() {
            self.bytes -= first.raw.capacity();
        }
    }
}

impl LastWritten {
    /// Keeps what a commit has written; `true` when it has become so much that the indexer should come.
    pub(super) fn add(&self, blocks: impl Iterator<Item = Unpacked>) -> bool {
        let mut kept = self.lock();
        let before = kept.bytes;
        for block in blocks {
            kept.bytes += block.raw.capacity();
            kept.blocks.push_back(Arc::new(block));
        }
        let has_become_much = before < MANY_BYTES && kept.bytes >= MANY_BYTES;
        while kept.bytes > MOST_BYTES {
            kept.drop_first();
        }
        has_become_much
    }

    /// The blocks that follow on `seq`, some of them; none where the first of these is not there any more. What lies before is let go.
    pub(super) fn after(&self, seq: u64, most: usize) -> Vec<Arc<Unpacked>> {
        let mut kept = self.lock();
        while kept.blocks.front().is_some_and(|first| first.last_seq <= seq) {
            kept.drop_first();
        }
        if kept.blocks.front().is_none_or(|first| first.first_seq != seq + 1) {
            return Vec::new();
        }
        kept.blocks.iter().take(most).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(first_seq: u64, bytes: usize) -> Unpacked {
        Unpacked { first_seq, last_seq: first_seq + 9, events: 10, raw: vec![0; bytes] }
    }

    fn firsts(blocks: &[Arc<Unpacked>]) -> Vec<u64> {
        blocks.iter().map(|block| block.first_seq).collect()
    }

    #[test]
    fn what_follows_without_a_gap_is_given_and_what_lies_before_let_go() {
        let last = LastWritten::default();
        last.add([1, 11, 21].map(|first| block(first, 8)).into_iter());
        assert_eq!(firsts(&last.after(0, 2)), [1, 11]);
        assert_eq!(firsts(&last.after(10, 9)), [11, 21]);
        assert!(last.after(0, 9).is_empty(), "the first is gone: all is to be read from the file");
        assert!(last.after(25, 9).is_empty(), "it begins within a block");
        assert!(last.after(30, 9).is_empty());
        assert_eq!(last.lock().bytes, 0);
    }

    #[test]
    fn the_indexer_is_called_once_when_there_is_much() {
        let last = LastWritten::default();
        let told = [1, 11, 21, 31].map(|first| last.add(std::iter::once(block(first, MANY_BYTES / 2 + 1))));
        assert_eq!(told, [false, true, false, false]);
        last.after(30, 9);
        assert!(last.add(std::iter::once(block(41, MANY_BYTES))));
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let last = LastWritten::default();
        last.add((0..5).map(|number| block(1 + number * 10, MOST_BYTES / 3)));
        assert_eq!(firsts(&last.after(20, 9)), [21, 31, 41]);
        assert!(last.lock().bytes <= MOST_BYTES);
    }
}
