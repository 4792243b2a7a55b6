//! Sums of ended runs by slot of time and label, kept by the fold: what figures over a window are made of, so that nothing grows with the
//! runs inside.
//!
//! Each run counts once a [`Grain`], in the slot that holds its end: under all, and under each of its labels.

use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};
use hiveboard_wire::Timestamp;

use crate::{
    agent::{DAY, HOUR, MINUTE, QUARTER},
    interner::Symbol,
    query::{Bucketing, GroupBy},
    run::Run,
    run_sum::{RunFigures, RunSum},
};

/// A width of slots, and how far back they are kept: further than any window that begins at such a slot.
struct Grain {
    width_micros: i64,
    kept_micros: i64,
}

/// Widths at which the ranges of the board begin, the widest first.
const GRAINS: [Grain; 6] = [
    Grain { width_micros: DAY, kept_micros: 92 * DAY },
    Grain { width_micros: 6 * HOUR, kept_micros: 32 * DAY },
    Grain { width_micros: HOUR, kept_micros: 8 * DAY },
    Grain { width_micros: QUARTER, kept_micros: 26 * HOUR },
    Grain { width_micros: 5 * MINUTE, kept_micros: 7 * HOUR },
    Grain { width_micros: MINUTE, kept_micros: 2 * HOUR },
];

/// Labels that a run counts under.
const LABELS: [GroupBy; 5] =
    [GroupBy::Project, GroupBy::TaskType, GroupBy::Version, GroupBy::Environment, GroupBy::Group];

/// Values of one label told apart in a slot; with more the slot's sums by that label are not complete, and say so.
const MOST_VALUES: usize = 500;

/// What an ended run counts for, and where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Entry {
    figures: RunFigures,
    end_micros: i64,
    labels: Labels,
}

impl Entry {
    /// `None` for a run without an end.
    pub(crate) fn of(run: &Run) -> Option<Self> {
        let ended = run.standing().ended?;
        Some(Self {
            figures: RunFigures::of(run, ended.status()),
            end_micros: ended.at.micros(),
            labels: [run.project.value, run.task_type.value, run.version.value, run.environment.value, run.group.value],
        })
    }

    /// The same, from what the archive kept of it.
    pub(crate) const fn new(figures: RunFigures, end: Timestamp, labels: Labels) -> Self {
        Self { figures, end_micros: end.micros(), labels }
    }
}

/// One row: grain, slot, and what it counts.
pub(crate) type SlotKey = (u8, i64);

/// The sums of one slot.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Slot {
    all: RunSum,
    by: [HashMap<Option<Symbol>, RunSum>; LABELS.len()],
    /// Which labels had more values than are told apart.
    beyond: [bool; LABELS.len()],
}

/// What came to runs of the same labels that ended in the same minute, since it was last put into the slots: many at once, for each
/// run counts in three dozen sums.
#[derive(Debug, Default)]
struct Lately {
    joined: RunSum,
    /// Runs that count otherwise now; they are in the slots, or among those that joined.
    left: RunSum,
}

type Labels = [Option<Symbol>; LABELS.len()];

#[derive(Debug, Default)]
pub(crate) struct Totals {
    slots: [BTreeMap<i64, Slot>; GRAINS.len()],
    /// By the start of the minute, in microseconds.
    lately: HashMap<(i64, Labels), Lately>,
    /// Slots before these are not kept.
    horizons: Option<[i64; GRAINS.len()]>,
    /// The minute that they were reckoned for, which all widths are multiples of.
    minute: i64,
    /// Since the rows were last taken.
    dirty: HashSet<SlotKey>,
}

/// The sums of a window.
pub(crate) struct Window<'a> {
    /// With where each begins.
    pub(crate) slots: Vec<(Timestamp, &'a Slot)>,
    pub(crate) lately: Vec<Recent<'a>>,
}

/// What is not in the slots yet.
#[derive(Clone, Copy)]
pub(crate) struct Recent<'a> {
    pub(crate) at: Timestamp,
    pub(crate) labels: &'a Labels,
    pub(crate) joined: &'a RunSum,
    pub(crate) left: &'a RunSum,
}

impl Totals {
    /// Follows a change of one run.
    pub(crate) fn follow(&mut self, before: Option<Entry>, after: Option<Entry>) {
        if before == after {
            return;
        }
        if let Some(entry) = before {
            self.lately(&entry).left.add(&entry.figures);
        }
        if let Some(entry) = after {
            self.lately(&entry).joined.add(&entry.figures);
        }
    }

    fn lately(&mut self, entry: &Entry) -> &mut Lately {
        let minute = entry.end_micros.div_euclid(MINUTE) * MINUTE;
        self.lately.entry((minute, entry.labels)).or_default()
    }

    /// Puts what came lately into the slots. To be called now and then.
    pub(crate) fn settle(&mut self) {
        for ((minute, labels), Lately { joined, left }) in std::mem::take(&mut self.lately) {
            for (at, grain) in GRAINS.iter().enumerate() {
                let number = minute.div_euclid(grain.width_micros);
                if self.horizons.is_some_and(|horizons| number < horizons[at]) {
                    continue;
                }
                let slot = self.slots[at].entry(number).or_default();
                slot.change(&labels, &joined, &left);
                if slot.all.runs == 0 {
                    self.slots[at].remove(&number);
                }
                self.dirty.insert((at as u8, number));
            }
        }
    }

    /// Forgets what no window reaches any more, now that it is `now`.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        let minute = now.micros().div_euclid(MINUTE);
        if self.horizons.is_some() && minute <= self.minute {
            return;
        }
        self.minute = minute;
        let horizons: [i64; GRAINS.len()] = std::array::from_fn(|at| {
            now.micros().saturating_sub(GRAINS[at].kept_micros).div_euclid(GRAINS[at].width_micros)
        });
        let before = self.horizons.unwrap_or([i64::MIN; GRAINS.len()]);
        if horizons.iter().zip(before).all(|(now, before)| *now <= before) {
            return;
        }
        let horizons: [i64; GRAINS.len()] = std::array::from_fn(|at| horizons[at].max(before[at]));
        for (at, slots) in self.slots.iter_mut().enumerate() {
            let kept = slots.split_off(&horizons[at]);
            let gone = std::mem::replace(slots, kept);
            self.dirty.extend(gone.into_keys().map(|number| (at as u8, number)));
        }
        self.horizons = Some(horizons);
    }

    pub(crate) fn take_dirty(&mut self) -> HashSet<SlotKey> {
        self.settle();
        std::mem::take(&mut self.dirty)
    }

    pub(crate) fn get(&self, (grain, number): SlotKey) -> Option<&Slot> {
        self.slots.get(usize::from(grain))?.get(&number)
    }

    pub(crate) fn put(&mut self, (grain, number): SlotKey, slot: Slot) -> Result<(), String> {
        let slots = self.slots.get_mut(usize::from(grain)).ok_or("there is no such grain")?;
        slots.insert(number, slot);
        Ok(())
    }

    /// The slots that make up a window exactly, with where each begins, when there are such: the window begins with a slot, ends with one (or
    /// never), and so does each of its buckets.
    pub(crate) fn window(
        &self,
        since: Timestamp,
        until: Option<Timestamp>,
        bucketing: Option<&Bucketing>,
    ) -> Option<Window<'_>> {
        let fits = |at: usize| {
            let width = GRAINS[at].width_micros;
            let is_start = |moment: &Timestamp| moment.micros().rem_euclid(width) == 0;
            let from = since.micros().div_euclid(width);
            is_start(&since)
                && until.as_ref().is_none_or(is_start)
                && self.horizons.is_none_or(|horizons| horizons[at] <= from)
                && bucketing.is_none_or(|buckets| buckets.is_made_of(width))
        };
        let at = (0..GRAINS.len()).find(|at| fits(*at))?;
        let width = GRAINS[at].width_micros;
        let from = since.micros().div_euclid(width);
        let end = until.map_or(i64::MAX, |until| until.micros().div_euclid(width)).max(from);
        let slots = self.slots[at].range(from..end).map(|(number, slot)| (Timestamp(number * width), slot)).collect();
        let inside = |at: Timestamp| at >= since && until.is_none_or(|until| at < until);
        let lately = self.lately.iter().filter(|((minute, _), _)| inside(Timestamp(*minute)));
        let lately = lately
            .map(|((minute, labels), Lately { joined, left })| Recent { at: Timestamp(*minute), labels, joined, left })
            .collect();
        Some(Window { slots, lately })
    }
}

/// Which of the labels it is; `None` for one by which nothing is summed up here.
pub(crate) fn label_place(label: GroupBy) -> Option<usize> {
    LABELS.iter().position(|other| *other == label)
}

impl Slot {
    fn change(&mut self, labels: &Labels, joined: &RunSum, left: &RunSum) {
        let change = |sum: &mut RunSum| {
            sum.merge(joined);
            sum.subtract(left);
        };
        change(&mut self.all);
        for (place, label) in labels.iter().enumerate() {
            let by = &mut self.by[place];
            let has_room = by.len() < MOST_VALUES && !self.beyond[place];
            if let Some(sum) = by.get_mut(label) {
                change(sum);
                if sum.runs == 0 {
                    by.remove(label);
                }
            } else if !has_room {
                self.beyond[place] = true;
            } else if joined.runs > left.runs {
                change(by.entry(*label).or_default());
            }
        }
    }

    pub(crate) const fn all(&self) -> &RunSum {
        &self.all
    }

    /// By the value of a label; `None` where not all of them are told apart.
    pub(crate) fn by(&self, place: usize) -> Option<&HashMap<Option<Symbol>, RunSum>> {
        (!self.beyond[place]).then_some(&self.by[place])
    }

    /// As it is written: the values of each label by their text.
    pub(crate) fn to_row<'a>(&'a self, text: impl Fn(Symbol) -> &'a str) -> SlotRow<'a> {
        let values = |by: &'a HashMap<Option<Symbol>, RunSum>| {
            by.iter().map(|(label, sum)| (label.map(&text), std::borrow::Cow::Borrowed(sum))).collect()
        };
        SlotRow { all: std::borrow::Cow::Borrowed(&self.all), by: self.by.each_ref().map(values), beyond: self.beyond }
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct SlotRow<'a> {
    all: std::borrow::Cow<'a, RunSum>,
    #[serde(borrow)]
    by: [Vec<(Option<&'a str>, std::borrow::Cow<'a, RunSum>)>; LABELS.len()],
    beyond: [bool; LABELS.len()],
}

impl SlotRow<'_> {
    pub(crate) fn into_slot(self, mut symbol: impl FnMut(&str) -> Symbol) -> Slot {
        let Self { all, by, beyond } = self;
        let by = by
            .map(|values| values.into_iter().map(|(label, sum)| (label.map(&mut symbol), sum.into_owned())).collect());
        Slot { all: all.into_owned(), by, beyond }
    }
}
