//! The day files that are open, and what all of them share.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use hiveboard_wire::Timestamp;

use super::{
    compact::Compaction,
    damage::Damages,
    day::Day,
    keys::StoreKey,
    reader::{Deadline, Readers},
    search::Search,
};
use crate::StoreOptions;

pub(super) struct Catalog {
    pub(super) dir: PathBuf,
    pub(super) options: StoreOptions,
    pub(super) readers: Arc<Readers>,
    pub(super) damages: Arc<Damages>,
    pub(super) search: Search,
    days: RwLock<Vec<Arc<Day>>>,
    key: RwLock<Option<StoreKey>>,
    head_seq: AtomicU64,
    rewriting: Mutex<()>,
    pub(super) compaction: Compaction,
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
        let damages = Arc::new(Damages::open(&dir));
        Self {
            dir,
            options,
            readers,
            damages,
            search: Search::default(),
            days: RwLock::default(),
            key: RwLock::default(),
            head_seq: AtomicU64::new(0),
            rewriting: Mutex::new(()),
            compaction: Compaction::default(),
        }
    }

    /// The day files that can be read, oldest first.
    pub(super) fn days(&self) -> Vec<Arc<Day>> {
        let mut days = self.days.read().unwrap_or_else(PoisonError::into_inner).clone();
        days.retain(|day| !day.is_damaged());
        days
    }

    /// One that can be read.
    pub(super) fn day(&self, number: i64) -> Option<Arc<Day>> {
        self.days().into_iter().find(|day| day.number == number)
    }

    /// Those that have to be saved.
    pub(super) fn damaged_days(&self) -> Vec<Arc<Day>> {
        let mut days = self.days.read().unwrap_or_else(PoisonError::into_inner).clone();
        days.retain(|day| day.is_damaged());
        days
    }

    pub(super) fn is_newest(&self, day: &Day) -> bool {
        let days = self.days.read().unwrap_or_else(PoisonError::into_inner);
        days.last().is_some_and(|newest| newest.number == day.number)
    }

    /// Puts a day in the place of the one of the same number.
    pub(super) fn replace_day(&self, day: Arc<Day>) {
        let mut days = self.days.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = days.iter().position(|other| other.number == day.number) {
            days[place] = day;
        }
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

    /// The first day whose ids are known on the given one: those of so many days back, and as many files. A clock that jumps a year ahead for a
    /// moment would otherwise forget all.
    pub(super) fn oldest_known(&self, day: i64) -> i64 {
        let days = self.days.read().unwrap_or_else(PoisonError::into_inner);
        let numbers: Vec<i64> = days.iter().map(|day| day.number).collect();
        oldest_known(&numbers, day, self.options.dedup_days)
    }

    /// The first day within the time that ids are promised to be known.
    pub(super) fn within_window(&self, day: i64) -> i64 {
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

    /// For whoever changes a day that is over, or puts another file in its place; taken before the writer is.
    pub(super) fn rewriting(&self) -> MutexGuard<'_, ()> {
        self.rewriting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What all days share.
    pub(super) const fn shared(&self) -> (&Arc<Readers>, &Arc<Damages>) {
        (&self.readers, &self.damages)
    }

    /// When a query that begins now has to be done, however many days it reads.
    pub(super) fn deadline(&self) -> Deadline {
        Deadline::after(self.options.query_time_limit)
    }
}

/// The same of day files that are not open yet, oldest first.
pub(super) fn oldest_known(files: &[i64], day: i64, dedup_days: u16) -> i64 {
    let before = files.partition_point(|other| *other < day);
    let by_files = before.checked_sub(usize::from(dedup_days)).and_then(|place| files.get(place)).copied();
    (day - i64::from(dedup_days)).min(by_files.unwrap_or(i64::MIN))
}
