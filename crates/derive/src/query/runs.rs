//! Runs: lists with cursors, one, and all of a task.

use std::collections::HashMap;

use hiveboard_wire::{RunKey, Timestamp};

use super::{matcher::Matcher, run_view::ended_view};
use crate::{
    archive::{ColdFilter, ColdRowError, Rank, Snapshot},
    hash::run_hash,
    projections::Projections,
    view::{TaskStatus, TaskView},
};

/// All given parts must match; what is empty does not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunFilter {
    pub status: Vec<TaskStatus>,
    pub task_id: Option<String>,
    pub task_type: Option<String>,
    pub correlation_id: Option<String>,
    pub project_id: Option<String>,
    pub agent_id: Option<String>,
    pub environment: Option<String>,
    pub group: Option<String>,
    pub agent_version: Option<String>,
    /// Inclusive. A run counts where its end lies; while it is open at any time since its start; once it is stuck until its last event.
    pub since: Option<Timestamp>,
    /// Exclusive.
    pub until: Option<Timestamp>,
    /// Text, folded alike, in task id, run id, task type, agent, correlation id, or the failure that ended it.
    pub q: Option<String>,
    /// Runs that hold the text of `q` in their events: they match as well.
    pub q_in_events: Vec<RunKey>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunSort {
    /// By the run's first event, like `Oldest`.
    #[default]
    Newest,
    Oldest,
    /// The greatest first, like those below.
    Duration,
    Cost,
    Tokens,
    Errors,
}

/// One page of runs. `cursor` leads on and is `None` on the last page.
#[derive(Debug, Clone, PartialEq)]
pub struct RunPage {
    pub data: Vec<TaskView>,
    pub cursor: Option<String>,
}

/// The cursor was not given by a list of this sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that this list gave; leave it out to begin anew")]
pub struct InvalidCursor;

/// Runs gathered before those that cannot be on the page are left out, at least.
const LEAST_KEPT: usize = 256;

/// Where a page by time ended, and what was known when the first one was read.
struct Place {
    at: Timestamp,
    hash: u64,
    /// `seq` of the last event folded in when the first page was read.
    as_of: u64,
}

impl Place {
    fn write(&self, letter: char) -> String {
        format!("{letter}{}.{:x}.{}", self.at.micros(), self.hash, self.as_of)
    }

    fn read(cursor: &str, letter: char) -> Result<Self, InvalidCursor> {
        let mut parts = cursor.strip_prefix(letter).ok_or(InvalidCursor)?.split('.');
        let mut part = || parts.next().ok_or(InvalidCursor);
        let at = part()?.parse().map_err(|_| InvalidCursor)?;
        let hash = u64::from_str_radix(part()?, 16).map_err(|_| InvalidCursor)?;
        let as_of = part()?.parse().map_err(|_| InvalidCursor)?;
        if parts.next().is_some() {
            return Err(InvalidCursor);
        }
        Ok(Self { at: Timestamp(at), hash, as_of })
    }
}

/// Of what a list has more than a page.
enum Pages {
    ByTime { letter: char, as_of: u64 },
    ByFigure { letter: char, skip: usize },
}

/// A page of runs, half done: what is in memory was looked at, what is in the archive is looked at by [`RunQuery::finish`].
#[must_use]
pub struct RunQuery {
    /// In order, as many as the page may need.
    hot: Vec<(Rank, TaskView)>,
    cold: Option<(Snapshot, ColdFilter)>,
    sort: RunSort,
    beyond: Option<Rank>,
    moved: HashMap<u64, Timestamp>,
    pages: Pages,
    limit: usize,
}

impl RunQuery {
    /// Reads the archive; the projections need not be held any more.
    ///
    /// # Errors
    /// [`ColdRowError`] when the disk cannot be read.
    pub fn finish(self) -> Result<RunPage, ColdRowError> {
        let skip = match self.pages {
            Pages::ByTime { .. } => 0,
            Pages::ByFigure { skip, .. } => skip,
        };
        let end = skip.saturating_add(self.limit);
        let mut found = Vec::new();
        if let Some((snapshot, filter)) = &self.cold {
            found = snapshot.top(filter, self.sort, self.beyond, &self.moved, end.saturating_add(1))?;
        }
        let mut order: Vec<(Rank, bool, usize)> =
            (0..).zip(&self.hot).map(|(at, (rank, _))| (*rank, true, at)).collect();
        order.extend((0..).zip(&found).map(|(at, found)| (found.rank, false, at)));
        order.sort_unstable_by(|a, b| b.cmp(a));
        let more = order.len() > end;
        let page = order.get(skip..end.min(order.len())).unwrap_or_default();
        let cursor = more.then(|| match self.pages {
            Pages::ByTime { letter, as_of } => page.last().map(|(rank, ..)| {
                let (at, hash) = rank.place(self.sort);
                Place { at, hash, as_of }.write(letter)
            }),
            Pages::ByFigure { letter, .. } => Some(format!("{letter}{end}")),
        });
        let mut views: Vec<Option<TaskView>> = vec![None; page.len()];
        let (mut wanted, mut places) = (Vec::new(), Vec::new());
        let mut hot: Vec<Option<TaskView>> = self.hot.into_iter().map(|(_, view)| Some(view)).collect();
        for (place, (_, is_hot, at)) in page.iter().enumerate() {
            if *is_hot {
                views[place] = hot[*at].take();
            } else {
                wanted.push(found[*at]);
                places.push(place);
            }
        }
        if let Some((snapshot, _)) = &self.cold {
            snapshot.read(&wanted, |at, run, agent_id, interner| {
                views[places[at]] = Some(ended_view(run, agent_id, interner, &snapshot.aliases));
            })?;
        }
        Ok(RunPage { data: views.into_iter().flatten().collect(), cursor: cursor.flatten() })
    }
}

impl Projections {
    /// One page of runs.
    ///
    /// By `Newest` and `Oldest` no run is shown twice or left out while events arrive; other sorts cannot promise it.
    ///
    /// # Errors
    /// [`InvalidCursor`] for a cursor of another list.
    pub fn runs(
        &self,
        filter: &RunFilter,
        sort: RunSort,
        cursor: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<RunQuery, InvalidCursor> {
        let letter = match sort {
            RunSort::Newest => 'n',
            RunSort::Oldest => 'o',
            RunSort::Duration => 'd',
            RunSort::Cost => 'c',
            RunSort::Tokens => 't',
            RunSort::Errors => 'e',
        };
        let matcher = Matcher::new(self, filter, now);
        let (mut beyond, mut moved) = (None, HashMap::new());
        let (pages, most) = if matches!(sort, RunSort::Newest | RunSort::Oldest) {
            let place = cursor.map(|cursor| Place::read(cursor, letter)).transpose()?;
            let as_of = place.as_ref().map_or(self.order_log.head(), |place| place.as_of);
            if let Some(place) = place {
                // Each run stands where it stood when the first page was read, so that its place never changes from page to page.
                moved = self.order_log.since(as_of);
                beyond = Some(Rank::new(sort, 0.0, place.at, place.hash));
            }
            (Pages::ByTime { letter, as_of }, limit.saturating_add(1))
        } else {
            let skip = match cursor {
                None => 0,
                Some(cursor) => cursor.strip_prefix(letter).and_then(|text| text.parse().ok()).ok_or(InvalidCursor)?,
            };
            (Pages::ByFigure { letter, skip }, limit.saturating_add(skip).saturating_add(1))
        };
        let mut found = self.runs_in_memory(&matcher, sort, beyond, &moved, most);
        found.sort_unstable_by_key(|found| std::cmp::Reverse(found.0));
        found.truncate(most);
        let view =
            |(rank, number, status): (Rank, u32, TaskStatus)| (rank, self.task_view(self.run_at(number), status, now));
        let cold = self.snapshot().filter(|snapshot| !snapshot.is_empty());
        let cold = cold.map(|snapshot| (ColdFilter::new(filter, &self.aliases), snapshot));
        Ok(RunQuery {
            hot: found.into_iter().map(view).collect(),
            cold: cold.map(|(filter, snapshot)| (snapshot, filter)),
            sort,
            beyond,
            moved,
            pages,
            limit,
        })
    }

    /// Those that match and come after `beyond`: at least the first `most` of them.
    fn runs_in_memory(
        &self,
        matcher: &Matcher<'_>,
        sort: RunSort,
        beyond: Option<Rank>,
        moved: &HashMap<u64, Timestamp>,
        most: usize,
    ) -> Vec<(Rank, u32, TaskStatus)> {
        let mut found = Vec::new();
        let mut offer = |number: u32, first: Timestamp, hash: u64| {
            let Some(status) = matcher.matches(number) else { return false };
            let rank = Rank::new(sort, self.figure(number, status, sort, matcher.now), first, hash);
            let comes = beyond.is_none_or(|beyond| rank < beyond);
            if comes {
                found.push((rank, number, status));
            }
            comes
        };
        for (hash, from) in moved {
            if let Some(number) = self.run_of_hash(*hash) {
                offer(number, *from, *hash);
            }
        }
        let place = beyond.map(|beyond| beyond.place(sort));
        let in_order: Option<Box<dyn Iterator<Item = &(Timestamp, u64, u32)>>> = match sort {
            _ if self.has_index(matcher.filter) => None,
            RunSort::Newest => {
                let until = place.map_or((Timestamp::MAX, u64::MAX, u32::MAX), |(at, hash)| (at, hash, 0));
                Some(Box::new(self.by_first.range(..until).rev()))
            }
            RunSort::Oldest => {
                let from = place.map_or((Timestamp::MIN, 0, 0), |(at, hash)| (at, hash, u32::MAX));
                Some(Box::new(self.by_first.range(from..)))
            }
            _ => None,
        };
        if let Some(in_order) = in_order {
            let stay = in_order.filter(|(_, hash, _)| !moved.contains_key(hash));
            let _places = stay.filter(|(first, hash, number)| offer(*number, *first, *hash)).take(most).count();
        } else {
            // The hash is dear, and decides only between equals: it is worked out for those that may be on the page.
            let best_hash = if sort == RunSort::Oldest { 0 } else { u64::MAX };
            let (keep, mut floor) = (most.saturating_mul(2).max(LEAST_KEPT), None);
            for number in self.candidates(matcher.filter) {
                let Some(status) = matcher.matches(number) else { continue };
                let (figure, first) = (self.figure(number, status, sort, matcher.now), self.run_at(number).first);
                if floor.is_some_and(|floor| Rank::new(sort, figure, first, best_hash) < floor) {
                    continue;
                }
                let hash = self.hash_of(number);
                let rank = Rank::new(sort, figure, first, hash);
                if moved.contains_key(&hash) || beyond.is_some_and(|beyond| rank >= beyond) {
                    continue;
                }
                found.push((rank, number, status));
                if found.len() >= keep {
                    found.select_nth_unstable_by_key(most - 1, |found| std::cmp::Reverse(found.0));
                    found.truncate(most);
                    floor = found.last().map(|found| found.0);
                }
            }
        }
        found
    }

    /// What a list by `sort` sorts by; 0 for lists by time.
    fn figure(&self, number: u32, status: TaskStatus, sort: RunSort, now: Timestamp) -> f64 {
        let run = self.run_at(number);
        let counts = &run.counts;
        match sort {
            RunSort::Newest | RunSort::Oldest => 0.0,
            RunSort::Duration => self.shown_duration_ms(run, status, now),
            RunSort::Cost if counts.calls_with_cost == 0 => -1.0,
            RunSort::Cost => counts.cost as f64,
            RunSort::Tokens if counts.calls_with_tokens_in + counts.calls_with_tokens_out == 0 => -1.0,
            RunSort::Tokens => counts.tokens_in.saturating_add(counts.tokens_out) as f64,
            RunSort::Errors => f64::from(counts.errors),
        }
    }

    /// Whether [`Self::candidates`] are far fewer than all runs in memory.
    fn has_index(&self, filter: &RunFilter) -> bool {
        let is_open = |status: &TaskStatus| !status.is_ended();
        filter.task_id.is_some()
            || filter.agent_id.is_some()
            || (!filter.status.is_empty() && filter.status.iter().all(is_open))
            || (!filter.status.is_empty() && !filter.status.iter().any(is_open) && self.open.len() > self.by_end.len())
    }

    /// Numbers of open runs that may match.
    pub(super) fn open_candidates<'a>(&'a self, filter: &'a RunFilter) -> Box<dyn Iterator<Item = u32> + 'a> {
        match filter.agent_id.as_deref() {
            Some(agent_id) => {
                Box::new(self.find_agent(agent_id).into_iter().flat_map(|agent| agent.open.iter().copied()))
            }
            None => Box::new(self.open.iter().copied()),
        }
    }

    /// Numbers of runs in memory that may match.
    pub(crate) fn candidates<'a>(&'a self, filter: &'a RunFilter) -> Box<dyn Iterator<Item = u32> + 'a> {
        if let Some(task_id) = filter.task_id.as_deref() {
            return Box::new(self.runs_of(task_id));
        }
        if let Some(agent_id) = filter.agent_id.as_deref() {
            return Box::new(self.find_agent(agent_id).into_iter().flat_map(|agent| agent.runs.iter().copied()));
        }
        let takes =
            |open: bool| filter.status.is_empty() || filter.status.iter().any(|status| status.is_ended() != open);
        let since = (filter.since.unwrap_or(Timestamp::MIN), 0);
        let until = (filter.until.unwrap_or(Timestamp::MAX), u32::MAX);
        let ended =
            (since <= until && takes(false)).then(|| self.by_end.range(since..=until).map(|(_, number)| *number));
        let open = takes(true).then(|| self.open.iter().copied());
        Box::new(ended.into_iter().flatten().chain(open.into_iter().flatten()))
    }

    /// One run.
    ///
    /// # Errors
    /// [`ColdRowError`] when it may be in the archive and that cannot be read.
    pub fn run(&self, key: &RunKey, now: Timestamp) -> Result<Option<TaskView>, ColdRowError> {
        if let Some(number) = self.find_run(&key.agent_id, &key.task_id, &key.task_run_id) {
            return Ok(Some(self.view_of(number, now)));
        }
        let hash = run_hash(&key.agent_id, &key.task_id, &key.task_run_id);
        let Some(snapshot) = self.snapshot().filter(|_| self.archive.as_ref().is_some_and(|it| it.may_hold(hash)))
        else {
            return Ok(None);
        };
        snapshot.find(hash, |run, agent_id, interner| {
            let is_it =
                *agent_id == *key.agent_id && *run.task_id == *key.task_id && run.task_run_id.is(&key.task_run_id);
            is_it.then(|| ended_view(run, agent_id, interner, &snapshot.aliases))
        })
    }

    /// The newest runs of a task, at most `limit`, and how many there are. Of one agent when `agent_id` is given.
    ///
    /// # Errors
    /// [`ColdRowError`] when the archive cannot be read.
    pub fn runs_of_task(
        &self,
        task_id: &str,
        agent_id: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<TaskView>, u64), ColdRowError> {
        let filter = RunFilter {
            task_id: Some(task_id.to_owned()),
            agent_id: agent_id.map(str::to_owned),
            ..RunFilter::default()
        };
        let of_agent = |number: &u32| agent_id.is_none_or(|wanted| *self.agent_of(self.run_at(*number)).id == *wanted);
        let mut total = self.runs_of(task_id).filter(of_agent).count() as u64;
        if let Some(snapshot) = self.snapshot() {
            total += snapshot.count(&ColdFilter::new(&filter, &self.aliases))?;
        }
        let query = self.runs(&filter, RunSort::Newest, None, limit, now).expect("there is no cursor");
        Ok((query.finish()?.data, total))
    }

    /// The newest run of a task with that run id, of whatever agent.
    ///
    /// # Errors
    /// [`ColdRowError`] when the archive cannot be read.
    pub fn run_of_task(
        &self,
        task_id: &str,
        task_run_id: &str,
        now: Timestamp,
    ) -> Result<Option<TaskView>, ColdRowError> {
        let filter = RunFilter { task_id: Some(task_id.to_owned()), ..RunFilter::default() };
        let query = self.runs(&filter, RunSort::Newest, None, usize::MAX - 1, now).expect("there is no cursor");
        Ok(query.finish()?.data.into_iter().find(|run| run.task_run_id == task_run_id))
    }

    pub(crate) fn run_key(&self, number: u32) -> RunKey {
        let run = self.run_at(number);
        RunKey {
            agent_id: std::sync::Arc::clone(&self.agent_of(run).id),
            task_id: (*run.task_id).into(),
            task_run_id: run.task_run_id.with_str(|id| id.into()),
        }
    }
}
