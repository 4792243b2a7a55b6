//! Runs that ended and are quiet leave memory for segments on disk: written once, found by heads that stay in memory.
//!
//! A segment never changes. A run in it that an event reaches after all is taken back into memory, and its row is dead from then on.
//! So all that is known is the runs in memory and the rows that are not dead.

mod cold;
mod columns;
mod figures;
mod filter;
mod known;
mod rank;
mod scan;
mod segment;
mod texts;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

pub use cold::{ColdRowError, ColdRows, FIRST_COLD_TABLE};
pub(crate) use figures::ColdRun;
pub(crate) use filter::ColdFilter;
use known::KnownRuns;
pub(crate) use rank::Rank;
pub(crate) use scan::ColdSums;
pub(crate) use segment::{Segment, SegmentBuilder};

use crate::{
    aliases::Aliases,
    persist::{Change, table},
    rows::RunRow,
    view::TaskStatus,
};

/// Statuses that archived runs may have, by the numbers that segments keep; new ones go to the end.
pub(crate) const ENDED: [TaskStatus; 3] = [TaskStatus::Completed, TaskStatus::Failed, TaskStatus::Cancelled];

/// How much stays in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Ended runs that stay in memory, those that ended last.
    pub ended_runs: usize,
    /// Runs of a segment.
    pub segment_runs: usize,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self { ended_runs: 4 * 1024, segment_runs: 2 * 1024 }
    }
}

/// A segment and which of its rows are dead.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) segment: Arc<Segment>,
    /// A bit a row; `None` while all live.
    dead: Option<Arc<Vec<u8>>>,
}

impl Entry {
    pub(crate) fn is_dead(&self, row: u32) -> bool {
        self.dead.as_ref().is_some_and(|dead| dead[row as usize / 8] & (1 << (row % 8)) != 0)
    }
}

/// All segments of a scope.
pub(crate) struct Archive {
    pub(crate) limits: ArchiveLimits,
    cold: Arc<dyn ColdRows>,
    /// By id: the order in which they were made.
    entries: Arc<Vec<Entry>>,
    known: KnownRuns,
    next_id: u32,
    unsaved: Vec<Arc<Segment>>,
    dead_changed: BTreeSet<u32>,
    removals: Vec<Change>,
    /// What could not be read while an event was folded in.
    pub(crate) failure: Option<ColdRowError>,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").field("segments", &self.entries.len()).finish_non_exhaustive()
    }
}

/// The segments as they are at one moment, to be read without a lock.
#[derive(Clone)]
pub(crate) struct Snapshot {
    entries: Arc<Vec<Entry>>,
    cold: Arc<dyn ColdRows>,
    pub(crate) aliases: Arc<Aliases>,
}

impl Archive {
    pub(crate) fn new(cold: Arc<dyn ColdRows>, limits: ArchiveLimits) -> Self {
        Self {
            limits,
            cold,
            entries: Arc::default(),
            known: KnownRuns::default(),
            next_id: 0,
            unsaved: Vec::new(),
            dead_changed: BTreeSet::new(),
            removals: Vec::new(),
            failure: None,
        }
    }

    pub(crate) fn snapshot(&self, aliases: &Arc<Aliases>) -> Snapshot {
        Snapshot { entries: Arc::clone(&self.entries), cold: Arc::clone(&self.cold), aliases: Arc::clone(aliases) }
    }

    pub(crate) fn add(&mut self, builder: SegmentBuilder) {
        builder.hashes().iter().for_each(|hash| self.known.insert(*hash));
        let segment = Arc::new(builder.finish(self.next_id));
        self.next_id += 1;
        self.unsaved.push(Arc::clone(&segment));
        Arc::make_mut(&mut self.entries).push(Entry { segment, dead: None });
    }

    /// Whether a run may be here. Never wrong when it says no.
    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        !self.entries.is_empty() && self.known.may_hold(hash)
    }

    /// Takes a run out: its row is dead from now on. `take` answers whether a row with its hash is it, and keeps what it needs of it.
    pub(crate) fn take(&mut self, hash: u64, mut take: impl FnMut(RunRow<'_>) -> bool) -> Result<bool, ColdRowError> {
        for place in (0..self.entries.len()).rev() {
            let entry = &self.entries[place];
            for row in scan::rows_of_hash(entry, &*self.cold, hash)? {
                let mut is_it = false;
                entry.segment.rows(&*self.cold, &[row], |_, found| is_it |= take(found))?;
                if is_it {
                    self.kill(place, row);
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn kill(&mut self, place: usize, row: u32) {
        let entry = &mut Arc::make_mut(&mut self.entries)[place];
        let bytes = (entry.segment.zone.rows as usize).div_ceil(8);
        let dead = Arc::make_mut(entry.dead.get_or_insert_with(|| Arc::new(vec![0; bytes])));
        dead[row as usize / 8] |= 1 << (row % 8);
        self.dead_changed.insert(entry.segment.id);
    }

    /// Calls `visit` with each run that [`Self::forget_before`] will forget: its figures, its end, and its labels.
    pub(crate) fn old_runs(&self, micros: i64, mut visit: impl FnMut(ColdRun<'_>)) -> Result<(), ColdRowError> {
        for entry in self.entries.iter().filter(|entry| entry.segment.zone.greatest_last_sign < micros) {
            figures::each_run(entry, &*self.cold, &mut visit)?;
        }
        Ok(())
    }

    /// Forgets segments all of whose runs gave their last sign before `micros`.
    pub(crate) fn forget_before(&mut self, micros: i64) -> usize {
        let old = |entry: &Entry| entry.segment.zone.greatest_last_sign < micros;
        if !self.entries.iter().any(old) {
            return 0;
        }
        let mut forgotten = 0;
        for entry in self.entries.iter().filter(|entry| old(entry)) {
            forgotten += (0..entry.segment.zone.rows).filter(|row| !entry.is_dead(*row)).count();
            self.removals.extend(entry.segment.removal());
            self.unsaved.retain(|segment| segment.id != entry.segment.id);
            self.dead_changed.remove(&entry.segment.id);
        }
        Arc::make_mut(&mut self.entries).retain(|entry| !old(entry));
        forgotten
    }

    /// Forgets what can be read from the disk alone, and of the rest all but the last segments with about `runs` runs; answers how many runs.
    pub(crate) fn forget_beyond(&mut self, runs: usize) -> usize {
        let before = self.runs();
        let mut left = runs;
        let mut kept: Vec<Entry> = Vec::new();
        for entry in self.entries.iter().rev().filter(|entry| entry.segment.is_in_memory()) {
            let Some(less) = left.checked_sub(entry.segment.zone.rows as usize) else { break };
            left = less;
            kept.push(entry.clone());
        }
        kept.reverse();
        self.entries = Arc::new(kept);
        before - self.runs()
    }

    /// Rows to write for what changed, and the segments to be told when all is on disk.
    pub(crate) fn take_changes(&mut self) -> (Vec<Change>, Vec<Arc<Segment>>) {
        let mut changes = std::mem::take(&mut self.removals);
        let by_id: HashMap<u32, &Entry> = if self.dead_changed.is_empty() {
            HashMap::new()
        } else {
            self.entries.iter().map(|entry| (entry.segment.id, entry)).collect()
        };
        for id in std::mem::take(&mut self.dead_changed) {
            let dead = by_id.get(&id).and_then(|entry| entry.dead.as_deref().cloned());
            changes.push(Change { table: table::DEAD_ROWS, key: Segment::key(id), value: dead });
        }
        (changes, std::mem::take(&mut self.unsaved))
    }

    /// Takes segments and dead rows in as they were written, in any order of rows.
    pub(crate) fn restore(&mut self, heads: Vec<(u32, Vec<u8>)>, dead: Vec<(u32, Vec<u8>)>) -> Result<(), String> {
        let mut heads = heads;
        heads.sort_unstable_by_key(|(id, _)| *id);
        let mut dead: HashMap<u32, Vec<u8>> = dead.into_iter().collect();
        self.known.reserve(heads.len() * self.limits.segment_runs);
        let mut entries = Vec::with_capacity(heads.len());
        for (id, head) in heads {
            let (segment, hashes) = Segment::from_head(id, &head)?;
            hashes.for_each(|hash| self.known.insert(hash));
            let dead = dead.remove(&id).filter(|dead| dead.len() == (segment.zone.rows as usize).div_ceil(8));
            entries.push(Entry { segment: Arc::new(segment), dead: dead.map(Arc::new) });
            self.next_id = self.next_id.max(id + 1);
        }
        self.entries = Arc::new(entries);
        Ok(())
    }

    /// Runs kept here.
    pub(crate) fn runs(&self) -> usize {
        let dead = |entry: &Entry| {
            entry.dead.as_ref().map_or(0, |dead| dead.iter().map(|byte| byte.count_ones() as usize).sum())
        };
        self.entries.iter().map(|entry| entry.segment.zone.rows as usize - dead(entry)).sum()
    }

    /// About what it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.known.bytes() + self.entries.iter().map(|entry| entry.segment.bytes()).sum::<usize>()
    }
}
