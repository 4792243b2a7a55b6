//! Sums by label and time: hours, and days for what is older.

use std::hash::Hash;

use hashbrown::DefaultHashBuilder;
use hiveboard_wire::{MICROS_PER_SECOND, Timestamp};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{
    HashMap,
    cell::Sums,
    names::{Names, ShareNames},
};

pub(crate) const HOUR: i64 = 3_600 * MICROS_PER_SECOND;
pub(crate) const DAY: i64 = 24 * HOUR;
/// Hours that are kept apart.
pub(crate) const HOURS_KEPT: i64 = 72;
/// Days that are kept: a quarter and the one before.
const DAYS_KEPT: i64 = 190;
/// Labels that are told apart; beyond them nothing is added.
const MOST_SERIES: usize = 50_000;
/// Cells at most.
const MOST_CELLS: usize = 400_000;

/// Start in hours since the epoch, twice, and one more where it is a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Slot(i32);

impl Slot {
    fn of(at: Timestamp, latest: Timestamp) -> Self {
        let is_day = at.bucket(HOUR) < hours_from(latest);
        let start = at.bucket(if is_day { DAY } else { HOUR });
        Self((start.micros() / HOUR) as i32 * 2 + i32::from(is_day))
    }

    const fn is_day(self) -> bool {
        self.0 % 2 != 0
    }

    fn start(self) -> Timestamp {
        Timestamp(i64::from(self.0.div_euclid(2)) * HOUR)
    }

    const fn width_micros(self) -> i64 {
        if self.is_day() { DAY } else { HOUR }
    }
}

/// From when on hours are apart: the start of a day, so that no day is half of both.
pub(crate) fn hours_from(latest: Timestamp) -> Timestamp {
    latest.plus_micros(-HOURS_KEPT * HOUR).bucket(DAY)
}

type Cells<T> = IndexMap<(Slot, u32), T, DefaultHashBuilder>;

#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(
    serialize = "L: Serialize, T::Cell: Serialize",
    deserialize = "L: Deserialize<'de>, T::Cell: Deserialize<'de>"
))]
pub(crate) struct Table<L: Eq + Hash, T: Sums> {
    labels: Vec<L>,
    #[serde(skip, default = "HashMap::default")]
    numbers: HashMap<L, u32>,
    /// By the number of the labels. Cells are large and many: side by side they take half the room that they would in a table with free places.
    cells: Cells<T::Cell>,
    first_seen: Vec<Timestamp>,
}

impl<L: Eq + Hash, T: Sums> Default for Table<L, T> {
    fn default() -> Self {
        Self { labels: Vec::new(), numbers: HashMap::default(), cells: Cells::default(), first_seen: Vec::new() }
    }
}

impl<L: Eq + Hash + Clone + ShareNames, T: Sums> Table<L, T> {
    pub(crate) fn change(&mut self, latest: Timestamp, at: Timestamp, labels: L, change: impl FnOnce(&mut T)) {
        // Of a clock that is ahead: as if it were now.
        let at = at.min(latest);
        if at < latest.plus_micros(-DAYS_KEPT * DAY) {
            return;
        }
        let number = match self.numbers.get(&labels) {
            Some(number) => *number,
            None if self.labels.len() >= MOST_SERIES => return,
            None => {
                let number = self.labels.len() as u32;
                self.labels.push(labels.clone());
                self.first_seen.push(at);
                self.numbers.insert(labels, number);
                number
            }
        };
        let first = &mut self.first_seen[number as usize];
        *first = (*first).min(at);
        let key = (Slot::of(at, latest), number);
        if self.cells.len() < MOST_CELLS || self.cells.contains_key(&key) {
            change_cell(self.cells.entry(key).or_default(), change);
        }
    }

    /// Makes days of old hours, and forgets old days.
    pub(crate) fn compact(&mut self, latest: Timestamp) {
        let (hours_from, days_from) = (hours_from(latest), latest.plus_micros(-DAYS_KEPT * DAY));
        let old: Vec<(Slot, u32)> =
            self.cells.keys().filter(|(slot, _)| !slot.is_day() && slot.start() < hours_from).copied().collect();
        for key in old {
            if let Some(sums) = self.cells.swap_remove(&key) {
                let day = self.cells.entry((Slot::of(key.0.start(), latest), key.1)).or_default();
                change_cell(day, |day: &mut T| day.merge(&T::of_cell(&sums)));
            }
        }
        self.cells.retain(|(slot, _), _| slot.start() >= days_from);
        self.cells.shrink_to_fit();
    }

    /// Forgets what is over by then.
    pub(crate) fn forget_before(&mut self, before: Timestamp) {
        self.cells.retain(|(slot, _), _| slot.start().plus_micros(slot.width_micros()) > before);
    }

    /// After it was read back.
    pub(crate) fn index(&mut self, names: &mut Names) {
        self.labels.iter_mut().for_each(|labels| labels.share_names(names));
        self.cells.values_mut().for_each(|cell| cell.share_names(names));
        self.cells.shrink_to_fit();
        self.numbers = self.labels.iter().cloned().zip(0..).collect();
    }

    /// Every cell that begins in the stretch.
    pub(crate) fn cells(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = (&L, Timestamp, Timestamp, T)> {
        self.cells.iter().filter_map(move |((slot, number), sums)| {
            let (start, number) = (slot.start(), *number as usize);
            let within = start >= since && start < until;
            within.then(|| (&self.labels[number], self.first_seen[number], start, T::of_cell(sums)))
        })
    }
}

fn change_cell<T: Sums>(cell: &mut T::Cell, change: impl FnOnce(&mut T)) {
    let mut sums = T::of_cell(cell);
    change(&mut sums);
    *cell = sums.to_cell();
}
