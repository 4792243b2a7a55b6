//! How often something happened, by the hour and by the day.

use hiveboard_wire::{MICROS_PER_SECOND, Timestamp};
use serde::{Deserialize, Serialize};

const HOUR: i64 = 3_600 * MICROS_PER_SECOND;
const DAY: i64 = 24 * HOUR;
/// Hours and days kept, from the newest back.
const MOST_HOURS: i32 = 8 * 24;
const MOST_DAYS: i32 = 92;

/// Counts by slot, the oldest first; slots too far behind the newest are left out, whenever they arrive.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Slots(Vec<(i32, u32)>);

/// The number of the slot of that width, as narrow as it is kept: any year that a clock may tell fits.
fn slot_of(at: Timestamp, width: i64) -> i32 {
    let slot = at.micros().div_euclid(width);
    i32::try_from(slot).unwrap_or(if slot < 0 { i32::MIN / 2 } else { i32::MAX / 2 })
}

impl Slots {
    fn change(&mut self, slot: i32, by: i32, most: i32) {
        let newest = self.0.last().map_or(slot, |(newest, _)| slot.max(*newest));
        if newest - slot >= most {
            return;
        }
        match self.0.binary_search_by_key(&slot, |(slot, _)| *slot) {
            Ok(place) => self.0[place].1 = self.0[place].1.saturating_add_signed(by),
            // A slot that came to nothing stays: it says how far the newest one reaches.
            Err(place) => {
                self.0.insert(place, (slot, u32::try_from(by).unwrap_or_default()));
                self.0.retain(|(slot, _)| newest - slot < most);
            }
        }
    }

    fn within(&self, from: i32, until: i32) -> impl Iterator<Item = (i32, u32)> {
        let start = self.0.partition_point(|(slot, _)| *slot < from);
        self.0[start..].iter().copied().take_while(move |(slot, _)| *slot < until)
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    total: u64,
    hours: Slots,
    days: Slots,
}

impl Counts {
    pub(crate) fn add(&mut self, at: Timestamp) {
        self.total += 1;
        self.change(at, 1);
    }

    pub(crate) fn take(&mut self, at: Timestamp) {
        self.total = self.total.saturating_sub(1);
        self.change(at, -1);
    }

    fn change(&mut self, at: Timestamp, by: i32) {
        self.hours.change(slot_of(at, HOUR), by, MOST_HOURS);
        self.days.change(slot_of(at, DAY), by, MOST_DAYS);
    }

    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// Adds what happened in each of the slots that `since` to `until` are parted into: to the hour where they begin within the last eight
    /// days before the newest, else to the day.
    pub(crate) fn spread(&self, since: Timestamp, until: Timestamp, slots: &mut [u64]) {
        if until <= since {
            return;
        }
        let length = until.micros().saturating_sub(since.micros()).max(1);
        let by_hour = length <= i64::from(MOST_HOURS - 24) * HOUR;
        let (width, counts) = if by_hour { (HOUR, &self.hours) } else { (DAY, &self.days) };
        let range = (slot_of(since, width), slot_of(until, width) + 1);
        let (since, until) = (since.micros(), until.micros());
        for (slot, count) in counts.within(range.0, range.1) {
            let middle = (i64::from(slot) * width + width / 2).clamp(since, until - 1);
            let place = (i128::from(middle - since) * slots.len() as i128 / i128::from(length)) as usize;
            slots[place.min(slots.len() - 1)] += u64::from(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hour: i64) -> Timestamp {
        Timestamp(hour * HOUR)
    }

    #[test]
    fn counts_do_not_depend_on_the_order_of_arrival() {
        let hours = [1_000, 1_000, 700, 1_191, 1_192, 999];
        let mut forth = Counts::default();
        for at in hours {
            forth.add(hour(at));
        }
        let mut back = Counts::default();
        for at in hours.into_iter().rev() {
            back.add(hour(at));
        }
        assert_eq!(forth, back);
        assert_eq!(forth.total(), 6);
    }

    #[test]
    fn a_window_finds_what_happened_in_it() {
        let mut counts = Counts::default();
        for at in [100, 100, 103, 107] {
            counts.add(hour(at));
        }
        counts.take(hour(103));
        let mut slots = [0; 8];
        counts.spread(hour(100), hour(108), &mut slots);
        assert_eq!(slots, [2, 0, 0, 0, 0, 0, 0, 1]);
        let mut none = [0; 4];
        counts.spread(hour(108), hour(112), &mut none);
        assert_eq!(none, [0; 4]);
        // A window that begins in the future ends before it begins.
        counts.spread(hour(101), hour(100), &mut none);
        assert_eq!(none, [0; 4]);
        let mut days = [0; 1];
        counts.spread(hour(0), hour(24 * 60), &mut days);
        assert_eq!(days, [3]);
    }
}
