//! Queries over segments: lists by time or figure, sums, and single runs.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use hiveboard_wire::Timestamp;

use super::{
    Entry, Snapshot,
    cold::{ColdRowError, ColdRows},
    columns::Column,
    figures::{FigureColumns, Ranked},
    filter::ColdFilter,
    rank::{Rank, cold_figure, is_sorted_by_figure},
    segment::Segment,
};
use crate::{
    interner::Interner,
    query::{GroupBy, RunSort},
    run::Run,
    run_sum::RunFigures,
};

/// A run in a segment: place of the segment in the snapshot, row in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub(crate) rank: Rank,
    entry: u32,
    row: u32,
}

pub(super) fn rows_of_hash(entry: &Entry, cold: &dyn ColdRows, hash: u64) -> Result<Vec<u32>, ColdRowError> {
    if !entry.segment.may_hold(hash) {
        return Ok(Vec::new());
    }
    let columns = entry.segment.columns(cold);
    let hashes = columns.integers(Column::Hash)?;
    let is_it = |(row, other): (usize, i64)| (other as u64 == hash && !entry.is_dead(row as u32)).then_some(row as u32);
    Ok(hashes.iter().enumerate().filter_map(is_it).collect())
}

impl Snapshot {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The least end there is.
    pub(crate) fn first_end(&self) -> Option<Timestamp> {
        self.entries.iter().map(|entry| Timestamp(entry.segment.zone.end.0)).min()
    }

    /// How many runs match.
    pub(crate) fn count(&self, filter: &ColdFilter) -> Result<u64, ColdRowError> {
        let mut count = 0;
        for entry in self.entries.iter().filter(|entry| filter.may_match(&entry.segment)) {
            let columns = entry.segment.columns(&*self.cold);
            let all = (0..columns.rows() as u32).collect();
            count += filter.rows(entry, &columns, &*self.cold, all)?.len() as u64;
        }
        Ok(count)
    }

    /// The first `most` runs by `sort` that come after `beyond`. Those in `moved` stand where they stood before.
    pub(crate) fn top(
        &self,
        filter: &ColdFilter,
        sort: RunSort,
        beyond: Option<Rank>,
        moved: &HashMap<u64, Timestamp>,
        most: usize,
    ) -> Result<Vec<Found>, ColdRowError> {
        // No rank in a segment is above its bound: the best first, until what was found beats all that is left.
        let bound = |segment: &Segment| {
            let zone = &segment.zone;
            let (at, hash) = match sort {
                RunSort::Oldest => (zone.first.0, 0),
                _ => (zone.first.1, u64::MAX),
            };
            let tokens = u64::try_from(zone.greatest_tokens).ok();
            let figure =
                cold_figure(sort, zone.greatest_duration, Some(zone.greatest_cost), tokens, zone.greatest_errors);
            Rank::new(sort, figure, Timestamp(at), hash)
        };
        let ends_before = |segment: &Segment| {
            // All of it was on the pages before.
            let (at, hash) = match sort {
                RunSort::Oldest => (segment.zone.first.1, u64::MAX),
                _ => (segment.zone.first.0, 0),
            };
            !is_sorted_by_figure(sort)
                && beyond.is_some_and(|beyond| Rank::new(sort, 0.0, Timestamp(at), hash) >= beyond)
        };
        let mut order: Vec<(Rank, u32)> = (0..)
            .zip(self.entries.iter())
            .filter(|(_, entry)| !ends_before(&entry.segment) && filter.may_match(&entry.segment))
            .map(|(place, entry)| (bound(&entry.segment), place))
            .collect();
        order.sort_unstable_by(|a, b| b.cmp(a));
        let mut best: BinaryHeap<Reverse<Found>> = BinaryHeap::new();
        let offer = |best: &mut BinaryHeap<Reverse<Found>>, found: Found| {
            if beyond.is_some_and(|beyond| found.rank >= beyond) {
                return;
            }
            if best.len() < most {
                best.push(Reverse(found));
            } else if best.peek().is_some_and(|Reverse(least)| found.rank > least.rank) {
                best.pop();
                best.push(Reverse(found));
            }
        };
        for (bound, place) in order {
            let floor = (best.len() == most).then(|| best.peek().map(|Reverse(least)| least.rank)).flatten();
            if best.len() == most && floor.is_none_or(|floor| floor >= bound) {
                break;
            }
            let entry = &self.entries[place as usize];
            let columns = entry.segment.columns(&*self.cold);
            let ranked = Ranked::new(&columns, sort)?;
            let candidates = ranked.rows_from(columns.rows(), floor.map(|floor| floor.figure()));
            let rows = filter.rows(entry, &columns, &*self.cold, candidates)?;
            if rows.is_empty() {
                continue;
            }
            let (hashes, firsts) = (columns.integers(Column::Hash)?, columns.integers(Column::First)?);
            for row in rows {
                let at = row as usize;
                let hash = hashes.get(at) as u64;
                if !moved.contains_key(&hash) {
                    let rank = Rank::new(sort, ranked.figure(at), Timestamp(firsts.get(at)), hash);
                    offer(&mut best, Found { rank, entry: place, row });
                }
            }
        }
        for (hash, from) in moved {
            for (place, entry) in (0..).zip(self.entries.iter()) {
                let of_hash = rows_of_hash(entry, &*self.cold, *hash)?;
                if of_hash.is_empty() || !filter.may_match(&entry.segment) {
                    continue;
                }
                for row in filter.rows(entry, &entry.segment.columns(&*self.cold), &*self.cold, of_hash)? {
                    offer(&mut best, Found { rank: Rank::new(sort, 0.0, *from, *hash), entry: place, row });
                }
            }
        }
        let mut found: Vec<Found> = best.into_iter().map(|Reverse(found)| found).collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        Ok(found)
    }

    /// Calls `visit` with each run found, its agent and its labels, in no particular order; numbers are places in `found`.
    pub(crate) fn read(
        &self,
        found: &[Found],
        mut visit: impl FnMut(usize, &Run, &str, &Interner),
    ) -> Result<(), ColdRowError> {
        let mut order: Vec<(u32, u32, usize)> =
            (0..).zip(found).map(|(place, found)| (found.entry, found.row, place)).collect();
        order.sort_unstable();
        for of_entry in order.chunk_by(|a, b| a.0 == b.0) {
            let entry = &self.entries[of_entry[0].0 as usize];
            let rows: Vec<u32> = of_entry.iter().map(|(_, row, _)| *row).collect();
            let mut places = of_entry.iter().map(|(.., place)| *place);
            entry.segment.rows(&*self.cold, &rows, |_, row| {
                let (agent_id, mut names) = (row.agent_id(), Interner::default());
                let run = row.into_run(0, &mut names);
                if let Some(place) = places.next() {
                    visit(place, &run, agent_id, &names);
                }
            })?;
        }
        Ok(())
    }

    /// The run with that hash for which `is_it`.
    pub(crate) fn find<T>(
        &self,
        hash: u64,
        mut is_it: impl FnMut(&Run, &str, &Interner) -> Option<T>,
    ) -> Result<Option<T>, ColdRowError> {
        for entry in self.entries.iter().rev() {
            for row in rows_of_hash(entry, &*self.cold, hash)? {
                let mut result = None;
                entry.segment.rows(&*self.cold, &[row], |_, found| {
                    let (agent_id, mut names) = (found.agent_id(), Interner::default());
                    let run = found.into_run(0, &mut names);
                    result = is_it(&run, agent_id, &names);
                })?;
                if result.is_some() {
                    return Ok(result);
                }
            }
        }
        Ok(None)
    }

    /// Gives the runs that match to `sums`: whole segments where their sum will do, else run by run with its end and group.
    pub(crate) fn sum(
        &self,
        filter: &ColdFilter,
        group_by: Option<GroupBy>,
        sums: &mut impl ColdSums,
    ) -> Result<(), ColdRowError> {
        for entry in self.entries.iter().filter(|entry| filter.may_match(&entry.segment)) {
            let segment = &entry.segment;
            if group_by.is_none() && filter.matches_all(entry) && sums.whole(segment) {
                continue;
            }
            let columns = segment.columns(&*self.cold);
            let rows = filter.rows(entry, &columns, &*self.cold, (0..columns.rows() as u32).collect())?;
            if rows.is_empty() {
                continue;
            }
            let label = group_by.map(label_of);
            let texts = label.map(|label| columns.texts(label)).transpose()?.unwrap_or_default();
            let texts: Vec<&str> = match group_by {
                Some(GroupBy::Project) => texts.into_iter().map(|text| self.aliases.canonical(text)).collect(),
                _ => texts,
            };
            let groups = label.map(|label| columns.integers(label)).transpose()?;
            let figures = FigureColumns::of(&columns)?;
            sums.begin_segment();
            for row in rows {
                let at = row as usize;
                let (figures, end) = figures.run(at);
                let group = groups.as_ref().map_or(0, |groups| groups.get(at) as usize);
                sums.run(&figures, end, group, &texts);
            }
        }
        Ok(())
    }
}

/// Takes in what [`Snapshot::sum`] finds.
pub(crate) trait ColdSums {
    /// A segment all of whose runs match; false when they are wanted one by one.
    fn whole(&mut self, segment: &Segment) -> bool;
    /// Numbers of groups mean something else from here on.
    fn begin_segment(&mut self);
    /// `group` is the number of a text, counted from 1; 0 without one.
    fn run(&mut self, figures: &RunFigures, end: Timestamp, group: usize, texts: &[&str]);
}

const fn label_of(group_by: GroupBy) -> Column {
    match group_by {
        GroupBy::Agent => Column::Agent,
        GroupBy::Project => Column::Project,
        GroupBy::TaskType => Column::TaskType,
        GroupBy::Version => Column::Version,
        GroupBy::Environment => Column::Environment,
        GroupBy::Group => Column::Group,
    }
}
