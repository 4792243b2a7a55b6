//! Queries over segments: lists by time or figure, sums, and single runs.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
};

use hiveboard_text::Needle;
use hiveboard_wire::Timestamp;

use super::{
    ENDED, Entry, Snapshot,
    cold::{ColdRowError, ColdRows},
    columns::{Column, Columns, flag},
    segment::{ColumnBytes, Segment, correlation_hash, label_hash},
};
use crate::{
    aliases::Aliases,
    hash::{run_hash, task_hash},
    interner::Interner,
    query::{GroupBy, RunFilter, RunSort, run_holds},
    run::Run,
    run_sum::RunFigures,
    view::TaskStatus,
};

/// Place in a list: the greater comes first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rank {
    figure: f64,
    at: i64,
    hash: u64,
}

impl Rank {
    pub(crate) const fn new(sort: RunSort, figure: f64, first: Timestamp, hash: u64) -> Self {
        match sort {
            RunSort::Newest => Self { figure: 0.0, at: first.micros(), hash },
            RunSort::Oldest => Self { figure: 0.0, at: !first.micros(), hash: !hash },
            _ => Self { figure, at: first.micros(), hash },
        }
    }

    /// First timestamp and hash of the run.
    pub(crate) const fn place(&self, sort: RunSort) -> (Timestamp, u64) {
        match sort {
            RunSort::Oldest => (Timestamp(!self.at), !self.hash),
            _ => (Timestamp(self.at), self.hash),
        }
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.figure.total_cmp(&other.figure).then_with(|| (self.at, self.hash).cmp(&(other.at, other.hash)))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Rank {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Rank {}

/// A run in a segment: place of the segment in the snapshot, row in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub(crate) rank: Rank,
    entry: u32,
    row: u32,
}

/// A [`RunFilter`] made ready for segments.
pub(crate) struct ColdFilter {
    filter: RunFilter,
    /// Labels and the texts that they may have.
    labels: Vec<(Column, Vec<String>)>,
    needle: Option<Needle>,
    /// Hashes of runs that hold its text elsewhere.
    also: HashSet<u64>,
}

fn is_sorted_by_figure(sort: RunSort) -> bool {
    !matches!(sort, RunSort::Newest | RunSort::Oldest)
}

/// What a list by `sort` sorts by, from what columns hold. The same as for runs in memory.
pub(crate) fn cold_figure(
    sort: RunSort,
    duration_micros: i64,
    cost: Option<i64>,
    tokens: Option<u64>,
    errors: i64,
) -> f64 {
    match sort {
        RunSort::Newest | RunSort::Oldest => 0.0,
        RunSort::Duration => duration_micros as f64 / 1000.0,
        RunSort::Cost => cost.map_or(-1.0, |cost| cost as f64),
        RunSort::Tokens => tokens.map_or(-1.0, |tokens| tokens as f64),
        RunSort::Errors => errors as f64,
    }
}

pub(super) fn rows_of_hash(entry: &Entry, cold: &dyn ColdRows, hash: u64) -> Result<Vec<u32>, ColdRowError> {
    if !entry.segment.may_hold(hash) {
        return Ok(Vec::new());
    }
    let hashes = entry.segment.columns(cold)?.integers(Column::Hash)?;
    let is_it = |(row, other): (usize, i64)| (other as u64 == hash && !entry.is_dead(row as u32)).then_some(row as u32);
    Ok(hashes.into_iter().enumerate().filter_map(is_it).collect())
}

impl ColdFilter {
    pub(crate) fn new(filter: &RunFilter, aliases: &Aliases) -> Self {
        let one = |text: &Option<String>| text.iter().cloned().collect::<Vec<_>>();
        let wanted = [
            (Column::Agent, one(&filter.agent_id)),
            (Column::Project, filter.project_id.as_deref().map_or_else(Vec::new, |project| aliases.all_of(project))),
            (Column::TaskType, one(&filter.task_type)),
            (Column::Version, one(&filter.agent_version)),
            (Column::Environment, one(&filter.environment)),
            (Column::Group, one(&filter.group)),
        ];
        Self {
            labels: wanted.into_iter().filter(|(_, texts)| !texts.is_empty()).collect(),
            needle: filter.q.as_deref().map(Needle::new),
            also: filter
                .q_in_events
                .iter()
                .map(|key| run_hash(&key.agent_id, &key.task_id, &key.task_run_id))
                .collect(),
            filter: filter.clone(),
        }
    }

    fn takes_status(&self, status: TaskStatus) -> bool {
        self.filter.status.is_empty() || self.filter.status.contains(&status)
    }

    fn may_match(&self, segment: &Segment) -> bool {
        let zone = &segment.zone;
        ENDED.iter().zip(zone.statuses).any(|(status, runs)| runs > 0 && self.takes_status(*status))
            && self.filter.since.is_none_or(|since| zone.end.1 >= since.micros())
            && self.filter.until.is_none_or(|until| zone.end.0 < until.micros())
            && self.filter.task_id.as_deref().is_none_or(|task| segment.may_hold(task_hash(task)))
            && self.filter.correlation_id.as_deref().is_none_or(|id| segment.may_hold(correlation_hash(id)))
            && self
                .labels
                .iter()
                .all(|(column, texts)| texts.iter().any(|text| segment.may_hold(label_hash(*column, text))))
    }

    /// Whether every run of the segment matches for certain.
    fn matches_all(&self, entry: &Entry) -> bool {
        let zone = &entry.segment.zone;
        entry.dead.is_none()
            && self.labels.is_empty()
            && self.needle.is_none()
            && self.filter.task_id.is_none()
            && self.filter.correlation_id.is_none()
            && ENDED.iter().zip(zone.statuses).all(|(status, runs)| runs == 0 || self.takes_status(*status))
            && self.filter.since.is_none_or(|since| zone.end.0 >= since.micros())
            && self.filter.until.is_none_or(|until| zone.end.1 < until.micros())
    }

    /// Rows that match, in order.
    fn rows(
        &self,
        entry: &Entry,
        columns: &Columns<ColumnBytes>,
        cold: &dyn ColdRows,
    ) -> Result<Vec<u32>, ColdRowError> {
        let mut rows: Vec<u32> = (0..columns.rows() as u32).filter(|row| !entry.is_dead(*row)).collect();
        let zone = &entry.segment.zone;
        for (column, texts) in &self.labels {
            let known = columns.texts(*column)?;
            let wanted: Vec<i64> = (1..)
                .zip(known)
                .filter(|(_, text)| texts.iter().any(|wanted| wanted == text))
                .map(|(number, _)| number)
                .collect();
            retain(&mut rows, &columns.integers(*column)?, |number| wanted.contains(&number));
        }
        let (since, until) = (self.filter.since, self.filter.until);
        if since.is_some_and(|since| zone.end.0 < since.micros())
            || until.is_some_and(|until| zone.end.1 >= until.micros())
        {
            let (since, until) = (since.map_or(i64::MIN, Timestamp::micros), until.map_or(i64::MAX, Timestamp::micros));
            retain(&mut rows, &columns.integers(Column::End)?, |end| {
                end >= since && (end < until || until == i64::MAX)
            });
        }
        if !self.filter.status.is_empty() {
            let wanted = ENDED.map(|status| self.takes_status(status));
            retain(&mut rows, &columns.integers(Column::Status)?, |place| wanted.get(place as usize) == Some(&true));
        }
        if let Some(task) = self.filter.task_id.as_deref() {
            let hash = task_hash(task) as i64;
            retain(&mut rows, &columns.integers(Column::TaskHash)?, |other| other == hash);
        }
        if let Some(id) = self.filter.correlation_id.as_deref() {
            let hash = correlation_hash(id) as i64;
            retain(&mut rows, &columns.integers(Column::CorrelationHash)?, |other| other == hash);
        }
        if let Some(needle) = &self.needle {
            self.retain_holding(&mut rows, entry, columns, cold, needle)?;
        }
        let looks_at_texts =
            self.needle.is_some() || self.filter.task_id.is_some() || self.filter.correlation_id.is_some();
        if looks_at_texts && !rows.is_empty() {
            let mut matching = Vec::new();
            entry.segment.rows(cold, &rows, |row, found| {
                let (agent_id, mut names) = (found.agent_id(), Interner::default());
                let run = found.into_run(0, &mut names);
                let is = |wanted: &Option<String>, is: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(is);
                if is(&self.filter.task_id, &|wanted| *run.task_id == *wanted)
                    && is(&self.filter.correlation_id, &|wanted| {
                        run.correlation.value.as_ref().is_some_and(|id| id.is(wanted))
                    })
                    && self.needle.as_ref().is_none_or(|needle| {
                        run_holds(&run, agent_id, &names, needle) || self.is_found_elsewhere(&run, agent_id)
                    })
                {
                    matching.push(row);
                }
            })?;
            rows = matching;
        }
        Ok(rows)
    }
}

impl ColdFilter {
    /// Leaves out rows that cannot hold the text: their ids don't, nor do their agents and types, nor was it found in their events.
    fn retain_holding(
        &self,
        rows: &mut Vec<u32>,
        entry: &Entry,
        columns: &Columns<ColumnBytes>,
        cold: &dyn ColdRows,
        needle: &Needle,
    ) -> Result<(), ColdRowError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut holds = vec![false; columns.rows()];
        for row in entry.segment.rows_whose_ids_hold(cold, needle)? {
            *holds.get_mut(row as usize).ok_or_else(|| ColdRowError::damaged("the texts of archived runs"))? = true;
        }
        for label in [Column::Agent, Column::TaskType] {
            let texts = columns.texts(label)?;
            let wanted: Vec<bool> = texts.iter().map(|text| needle.is_in_text(text)).collect();
            if wanted.contains(&true) {
                for (row, number) in columns.integers(label)?.into_iter().enumerate() {
                    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
                    holds[row] |= place.is_some_and(|place| wanted.get(place) == Some(&true));
                }
            }
        }
        if self.also.iter().any(|hash| entry.segment.may_hold(*hash)) {
            for (row, hash) in columns.integers(Column::Hash)?.into_iter().enumerate() {
                holds[row] |= self.also.contains(&(hash as u64));
            }
        }
        rows.retain(|row| holds[*row as usize]);
        Ok(())
    }

    fn is_found_elsewhere(&self, run: &Run, agent_id: &str) -> bool {
        !self.also.is_empty()
            && self.also.contains(&run.task_run_id.with_str(|id| run_hash(agent_id, &run.task_id, id)))
    }
}

fn retain(rows: &mut Vec<u32>, values: &[i64], wanted: impl Fn(i64) -> bool) {
    rows.retain(|row| wanted(values[*row as usize]));
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
            let columns = entry.segment.columns(&*self.cold)?;
            count += filter.rows(entry, &columns, &*self.cold)?.len() as u64;
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
            if best.len() == most && best.peek().is_none_or(|Reverse(least)| least.rank >= bound) {
                break;
            }
            let entry = &self.entries[place as usize];
            let columns = entry.segment.columns(&*self.cold)?;
            let rows = filter.rows(entry, &columns, &*self.cold)?;
            if rows.is_empty() {
                continue;
            }
            let (hashes, firsts) = (columns.integers(Column::Hash)?, columns.integers(Column::First)?);
            let figures = figures(&columns, sort)?;
            for row in rows {
                let hash = hashes[row as usize] as u64;
                if !moved.contains_key(&hash) {
                    let figure = figures.as_ref().map_or(0.0, |figures| figures[row as usize]);
                    let rank = Rank::new(sort, figure, Timestamp(firsts[row as usize]), hash);
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
                let matching = filter.rows(entry, &entry.segment.columns(&*self.cold)?, &*self.cold)?;
                for row in of_hash.into_iter().filter(|row| matching.contains(row)) {
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
            let columns = segment.columns(&*self.cold)?;
            let rows = filter.rows(entry, &columns, &*self.cold)?;
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
                let group = groups.as_ref().map_or(0, |groups| groups[at] as usize);
                sums.run(&figures, end, group, &texts);
            }
        }
        Ok(())
    }
}

/// The columns that a run's figures are made of.
struct FigureColumns {
    ends: Vec<i64>,
    durations: Vec<i64>,
    buckets: Vec<i64>,
    costs: Vec<i64>,
    estimated: Vec<i64>,
    tokens_in: Vec<i64>,
    tokens_out: Vec<i64>,
    errors: Vec<i64>,
    calls: Vec<i64>,
    statuses: Vec<i64>,
    flags: Vec<i64>,
}

impl FigureColumns {
    fn of(columns: &Columns<ColumnBytes>) -> Result<Self, ColdRowError> {
        Ok(Self {
            ends: columns.integers(Column::End)?,
            durations: columns.integers(Column::Duration)?,
            buckets: columns.integers(Column::DurationBucket)?,
            costs: columns.integers(Column::Cost)?,
            estimated: columns.integers(Column::EstimatedCost)?,
            tokens_in: columns.integers(Column::TokensIn)?,
            tokens_out: columns.integers(Column::TokensOut)?,
            errors: columns.integers(Column::Errors)?,
            calls: columns.integers(Column::Calls)?,
            statuses: columns.integers(Column::Status)?,
            flags: columns.integers(Column::Flags)?,
        })
    }

    fn run(&self, at: usize) -> (RunFigures, Timestamp) {
        let figures = RunFigures {
            status: ENDED.get(self.statuses[at] as usize).copied().unwrap_or(TaskStatus::Completed),
            escalated: self.flags[at] & flag::ESCALATED != 0,
            errors: self.errors[at] as u32,
            llm_calls: self.calls[at] as u32,
            tokens_in: self.tokens_in[at] as u64,
            tokens_out: self.tokens_out[at] as u64,
            cost: (self.flags[at] & flag::HAS_COST != 0).then(|| (self.costs[at], self.estimated[at])),
            duration: Some((self.durations[at], self.buckets[at] as i16)),
        };
        (figures, Timestamp(self.ends[at]))
    }
}

/// A run of a segment, without its ids.
pub(crate) struct ColdRun<'a> {
    pub(crate) figures: RunFigures,
    pub(crate) end: Timestamp,
    /// Project, type, version, environment, group.
    pub(crate) labels: [Option<&'a str>; 5],
}

/// Calls `visit` with the runs of a segment that are not dead.
pub(super) fn each_run(
    entry: &Entry,
    cold: &dyn ColdRows,
    visit: &mut impl FnMut(ColdRun<'_>),
) -> Result<(), ColdRowError> {
    let columns = entry.segment.columns(cold)?;
    let figures = FigureColumns::of(&columns)?;
    let labels = [Column::Project, Column::TaskType, Column::Version, Column::Environment, Column::Group];
    let (mut texts, mut numbers) = (Vec::new(), Vec::new());
    for label in labels {
        texts.push(columns.texts(label)?);
        numbers.push(columns.integers(label)?);
    }
    for row in (0..columns.rows()).filter(|row| !entry.is_dead(*row as u32)) {
        let label = |place: usize| {
            let number = usize::try_from(numbers[place][row]).ok()?.checked_sub(1)?;
            texts[place].get(number).copied()
        };
        let (figures, end) = figures.run(row);
        visit(ColdRun { figures, end, labels: std::array::from_fn(label) });
    }
    Ok(())
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

/// By row; `None` for lists by time.
fn figures(columns: &Columns<ColumnBytes>, sort: RunSort) -> Result<Option<Vec<f64>>, ColdRowError> {
    let flags = |flag: i64| Ok(columns.integers(Column::Flags)?.into_iter().map(move |flags| flags & flag != 0));
    let figure = |duration: i64, cost, tokens, errors| cold_figure(sort, duration, cost, tokens, errors);
    Ok(Some(match sort {
        RunSort::Newest | RunSort::Oldest => return Ok(None),
        RunSort::Duration => {
            columns.integers(Column::Duration)?.into_iter().map(|micros| figure(micros, None, None, 0)).collect()
        }
        RunSort::Cost => {
            let costs = columns.integers(Column::Cost)?.into_iter().zip(flags(flag::HAS_COST)?);
            costs.map(|(cost, has)| figure(0, has.then_some(cost), None, 0)).collect()
        }
        RunSort::Tokens => {
            let sums = columns.integers(Column::TokensIn)?.into_iter().zip(columns.integers(Column::TokensOut)?);
            let tokens = sums.map(|(tokens_in, tokens_out)| (tokens_in as u64).saturating_add(tokens_out as u64));
            tokens
                .zip(flags(flag::HAS_TOKENS)?)
                .map(|(tokens, has)| figure(0, None, has.then_some(tokens), 0))
                .collect()
        }
        RunSort::Errors => {
            columns.integers(Column::Errors)?.into_iter().map(|errors| figure(0, None, None, errors)).collect()
        }
    }))
}
