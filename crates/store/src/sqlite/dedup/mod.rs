//! Which event ids were seen lately.

mod set;

use super::keys::IdHash;
pub(super) use set::DaySet;

/// The ids of the days within the window, newest last.
#[derive(Default)]
pub(super) struct Dedup {
    days: Vec<DaySet>,
}

impl Dedup {
    /// Starts a day, whose first `seq` is given, and forgets days before `oldest`.
    pub(super) fn start_day(&mut self, day: i64, first_seq: u64, oldest: i64) {
        self.days.retain(|set| set.day() >= oldest);
        self.days.push(DaySet::new(day, first_seq));
    }

    pub(super) fn newest(&mut self) -> Option<&mut DaySet> {
        self.days.last_mut()
    }

    /// Sequence numbers of events whose ids hash alike, to be compared.
    pub(super) fn candidates(&self, hash: IdHash, into: &mut Vec<u64>) {
        into.clear();
        for set in self.days.iter().rev() {
            set.find(hash, into);
        }
    }

    pub(super) fn ids(&self) -> u64 {
        self.days.iter().map(DaySet::len).sum()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.days.iter().map(DaySet::bytes).sum()
    }
}
