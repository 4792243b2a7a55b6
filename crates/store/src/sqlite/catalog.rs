//! The day files that are open, and what all of them share.

use std::{
    path::PathBuf,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use hiveboard_wire::Timestamp;

use super::{
    day::Day,
    keys::StoreKey,
    reader::{Deadline, Readers},
};
use crate::StoreOptions;

pub(super) struct Catalog {
    pub(super) dir: PathBuf,
    pub(super) options: StoreOptions,
    pub(super) readers: Arc<Readers>,
    days: RwLock<Vec<Arc<Day>>>,
    key: RwLock<Option<StoreKey>>,
    head_seq: AtomicU64,
}

/// What a commit added to a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    pub(super) events: u64,
    pub(super) least_timestamp: i64,
    pub(super) greatest_timestamp: i64,
}

impl Catalog {
    pub(super) fn new(dir: PathBuf, options: StoreOptions) -> Self {
        let readers = Arc::new(Readers::new(options.idle_readers));
        Self { dir, options, readers, days: RwLock::default(), key: RwLock::default(), head_seq: AtomicU64::new(0) }
    }

    /// The day files, oldest first.
    pub(super) fn days(&self) -> Vec<Arc<Day>> {
        self.days.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Those that may hold events of that time, oldest first.
    pub(super) fn days_within(&self, since: Option<Timestamp>, until: Option<Timestamp>) -> Vec<Arc<Day>> {
        let mut days = self.days();
        days.retain(|day| {
            let range = day.range();
            range.events > 0
                && since.is_none_or(|since| range.greatest_timestamp >= since.0)
                && until.is_none_or(|until| range.least_timestamp < until.0)
        });
        days
    }

    pub(super) fn day_of_seq(&self, seq: u64) -> Option<Arc<Day>> {
        let days = self.days.read().unwrap_or_else(PoisonError::into_inner);
        days.iter().rfind(|day| day.range().first_seq <= seq).cloned()
    }

    /// The first day whose ids are known on the given one.
    pub(super) fn oldest_known(&self, day: i64) -> i64 {
        day - i64::from(self.options.dedup_days)
    }

    /// `None` while nothing was ever stored.
    pub(super) fn key(&self) -> Option<StoreKey> {
        *self.key.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the newest day.
    pub(super) fn add_day(&self, day: Arc<Day>, key: StoreKey) {
        self.head_seq.fetch_max(day.range().last_seq, Ordering::AcqRel);
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
        self.days.write().unwrap_or_else(PoisonError::into_inner).push(day);
    }

    /// Takes a day out of the list, unless it is the newest.
    pub(super) fn remove_day(&self, day: i64) -> Option<Arc<Day>> {
        let mut days = self.days.write().unwrap_or_else(PoisonError::into_inner);
        let place = days.iter().position(|other| other.number == day)?;
        (place + 1 < days.len()).then(|| days.remove(place))
    }

    pub(super) fn head_seq(&self) -> u64 {
        self.head_seq.load(Ordering::Acquire)
    }

    /// Counts in a commit.
    pub(super) fn committed(&self, day: &Day, last_seq: u64, written: Written) {
        day.grow(|range| {
            range.events += written.events;
            range.last_seq = last_seq;
            range.least_timestamp = range.least_timestamp.min(written.least_timestamp);
            range.greatest_timestamp = range.greatest_timestamp.max(written.greatest_timestamp);
        });
        self.head_seq.store(last_seq, Ordering::Release);
    }

    /// When a query that begins now has to be done, however many days it reads.
    pub(super) fn deadline(&self) -> Deadline {
        Deadline::after(self.options.query_time_limit)
    }
}
