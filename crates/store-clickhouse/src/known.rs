//! Which ids are known: those that arrived lately, in memory. Older ones are looked up.

use std::{collections::VecDeque, hash::Hasher};

use hashbrown::HashTable;
use hiveboard_wire::{EventId, Scope};
use siphasher::sip::SipHasher13;

const DAY_MICROS: i64 = 86_400_000_000;
/// Ids are let go of by stretches of this length.
const STRETCH_MICROS: i64 = DAY_MICROS / 4;

/// Of an id in its scope. The same on every node and for ever, since it is stored; a hit is always verified by the id itself.
pub(crate) fn id_hash(scope: Scope, id: &EventId) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write_u32(scope.number());
    id.with_str(|text| hasher.write(text.as_bytes()));
    hasher.finish()
}

struct Stretch {
    /// Since when, by arrival.
    from_us: i64,
    ids: HashTable<(u64, u64)>,
}

/// Hashes of ids with the places of their events.
pub(crate) struct Known {
    /// Oldest first.
    stretches: VecDeque<Stretch>,
    /// Everything that arrived since then is here.
    complete_from_us: i64,
    most: usize,
    days: u16,
}

impl Known {
    /// `complete_from_us`: everything that arrived since then will be added.
    pub(crate) const fn new(complete_from_us: i64, days: u16, most: usize) -> Self {
        Self { stretches: VecDeque::new(), complete_from_us, most, days }
    }

    pub(crate) const fn complete_from_us(&self) -> i64 {
        self.complete_from_us
    }

    pub(crate) fn len(&self) -> usize {
        self.stretches.iter().map(|stretch| stretch.ids.len()).sum()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.stretches.iter().map(|stretch| stretch.ids.capacity() * (size_of::<(u64, u64)>() + 1)).sum()
    }

    /// Since when memory reaches back on a day.
    pub(crate) fn memory_from_us(day: i64, days: u16) -> i64 {
        (day - i64::from(days)) * DAY_MICROS
    }

    /// Takes in an id that is stored.
    pub(crate) fn add(&mut self, received_us: i64, hash: u64, seq: u64) {
        let from_us = received_us.div_euclid(STRETCH_MICROS) * STRETCH_MICROS;
        let place = match self.stretches.binary_search_by_key(&from_us, |stretch| stretch.from_us) {
            Ok(place) => place,
            Err(place) => {
                self.stretches.insert(place, Stretch { from_us, ids: HashTable::new() });
                place
            }
        };
        self.stretches[place].ids.insert_unique(hash, (hash, seq), |(hash, _)| *hash);
    }

    /// Places of events whose ids have this hash, since some time of arrival.
    pub(crate) fn candidates(&self, hash: u64, since_us: i64, into: &mut Vec<u64>) {
        into.clear();
        for stretch in self.stretches.iter().filter(|stretch| stretch.from_us + STRETCH_MICROS > since_us) {
            into.extend(stretch.ids.iter_hash(hash).filter(|(other, _)| *other == hash).map(|(_, seq)| *seq));
        }
    }

    /// Lets go of what is too old on a day, and of the oldest where there is too much.
    pub(crate) fn shrink(&mut self, day: i64) {
        let from_us = Self::memory_from_us(day, self.days);
        while self.stretches.len() > 1
            && (self.stretches[0].from_us + STRETCH_MICROS <= from_us || self.len() > self.most)
        {
            let gone = self.stretches.pop_front().expect("there is more than one");
            self.complete_from_us = self.complete_from_us.max(gone.from_us + STRETCH_MICROS);
        }
    }
}
