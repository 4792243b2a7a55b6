//! Which event ids were seen lately.
//!
//! Ids of today are in memory with their places. Older ones, and more than memory is meant for, lie sorted in their day's file behind a filter
//! in memory: see [`sealed`].

mod filter;
mod sealed;
mod set;

use std::sync::Arc;

use super::keys::IdHash;
use crate::Result;
pub(super) use sealed::{Sealed, ends_of_sealed, find_in_file, load_sealed, seal};
pub(super) use set::DaySet;

/// The ids of the days within the window.
#[derive(Default)]
pub(super) struct Dedup {
    /// Takes new ids.
    newest: Option<DaySet>,
    /// Complete, to be sealed; oldest first.
    complete: Vec<Arc<DaySet>>,
    sealed: Vec<Sealed>,
}

impl Dedup {
    /// Starts a set of ids, whose first `seq` is given, and forgets days before `oldest`.
    pub(super) fn start(&mut self, day: i64, first_seq: u64, oldest: i64) {
        self.complete.extend(self.newest.take().filter(|set| set.len() > 0).map(Arc::new));
        self.complete.retain(|set| set.day() >= oldest);
        self.sealed.retain(|sealed| sealed.day() >= oldest);
        self.newest = Some(DaySet::new(day, first_seq));
    }

    pub(super) fn newest(&mut self) -> Option<&mut DaySet> {
        self.newest.as_mut()
    }

    /// Which of them may be known, in their order; never wrong when it says no. Set by set for all of them: nearly each look is one into
    /// memory that no cache holds, and those that do not wait for one another are made together.
    pub(super) fn may_hold(&self, hashes: &[IdHash]) -> Vec<bool> {
        let mut known = vec![false; hashes.len()];
        let mut mark = |holds: &dyn Fn(IdHash) -> bool| {
            for (known, hash) in known.iter_mut().zip(hashes) {
                *known |= holds(*hash);
            }
        };
        for set in self.sets() {
            mark(&|hash| set.holds(hash));
        }
        for sealed in &self.sealed {
            mark(&|hash| sealed.may_hold(hash));
        }
        known
    }

    /// Sequence numbers of events whose ids hash alike, to be compared.
    pub(super) fn candidates(&self, hash: IdHash, into: &mut Vec<u64>) -> Result<()> {
        into.clear();
        self.sets().for_each(|set| set.find(hash, into));
        for sealed in &self.sealed {
            sealed.find(hash, into)?;
        }
        Ok(())
    }

    fn sets(&self) -> impl Iterator<Item = &DaySet> {
        self.newest.iter().chain(self.complete.iter().map(|set| &**set))
    }

    /// The set that should leave memory next.
    pub(super) fn to_seal(&self) -> Option<Arc<DaySet>> {
        self.complete.first().cloned()
    }

    /// Whether ids of a day are to be sealed.
    pub(super) fn is_to_seal(&self, day: i64) -> bool {
        self.complete.iter().any(|set| set.day() == day)
    }

    /// Exchanges a set for its sealed form.
    pub(super) fn sealed(&mut self, set: &Arc<DaySet>, sealed: Sealed) {
        let before = self.complete.len();
        self.complete.retain(|other| !Arc::ptr_eq(other, set));
        // Otherwise its day was forgotten meanwhile.
        if self.complete.len() < before {
            self.sealed.push(sealed);
        }
    }

    pub(super) fn add_sealed(&mut self, sealed: Vec<Sealed>) {
        self.sealed.extend(sealed);
    }

    /// Drops what is known of a day.
    pub(super) fn forget(&mut self, day: i64) {
        self.complete.retain(|set| set.day() != day);
        self.sealed.retain(|sealed| sealed.day() != day);
    }

    pub(super) fn ids(&self) -> u64 {
        self.sets().map(DaySet::len).sum::<u64>() + self.sealed.iter().map(Sealed::len).sum::<u64>()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.sets().map(DaySet::bytes).sum::<u64>() + self.sealed.iter().map(Sealed::bytes).sum::<u64>()
    }
}
