//! Which runs may be archived: told from memory, for an event of a run that is not there asks for each of them.

use fastbloom::BloomFilter;

/// Of the filters of segments: about one in a hundred strangers is taken for known, and then looked for in vain.
const BITS_PER_ITEM: usize = 10;
/// Of the filter over all: one in ten thousand, for that search goes through all segments.
const BITS_PER_RUN: usize = 20;
const LEAST_RUNS: usize = 64 * 1024;
/// Hashes come in hashed.
const SEED: u128 = 0;

/// A filter over `items` 64-bit hashes.
pub(super) fn filter_for(items: usize) -> BloomFilter {
    with_bits(items, BITS_PER_ITEM)
}

fn with_bits(items: usize, bits_per_item: usize) -> BloomFilter {
    BloomFilter::with_num_bits(items.max(8) * bits_per_item).seed(&SEED).expected_items(items.max(8))
}

pub(super) fn filter_from(words: Vec<u64>, hashes: u32) -> BloomFilter {
    BloomFilter::from_vec(words).seed(&SEED).hashes(hashes)
}

/// Filters, each twice as large as the one before it.
#[derive(Debug, Default)]
pub(super) struct KnownRuns(Vec<Generation>);

#[derive(Debug)]
struct Generation {
    filter: BloomFilter,
    room: usize,
}

impl KnownRuns {
    /// Makes room for so many at once, as at start, when their number is known.
    pub(super) fn reserve(&mut self, runs: usize) {
        let runs = runs.max(LEAST_RUNS);
        self.0.push(Generation { filter: with_bits(runs, BITS_PER_RUN), room: runs });
    }

    pub(super) fn insert(&mut self, hash: u64) {
        if self.0.last().is_none_or(|newest| newest.room == 0) {
            self.reserve(LEAST_RUNS << self.0.len().min(10));
        }
        let newest = self.0.last_mut().expect("there is one with room");
        newest.filter.insert_hash(hash);
        newest.room -= 1;
    }

    /// Never wrong when it says no.
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        self.0.iter().any(|generation| generation.filter.contains_hash(hash))
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|generation| generation.filter.num_bits() / 8).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_all_that_was_put_in_and_little_else() {
        let mut known = KnownRuns::default();
        let hash = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (number << 40);
        for number in 0..300_000 {
            known.insert(hash(number));
        }
        assert!((0..300_000).all(|number| known.may_hold(hash(number))));
        let wrong = (300_000..400_000).filter(|number| known.may_hold(hash(*number))).count();
        assert!(wrong < 60, "{wrong} of 100,000 strangers are held for known");
        assert!(known.bytes() < 4_000_000);
    }
}
