//! Runs: lists with cursors, one, and all of a task.

use std::collections::HashMap;

use hiveboard_wire::{RunKey, Timestamp};

use crate::{
    projections::{Projections, run_hash},
    run::Run,
    view::{TaskStatus, TaskView, WaitingView},
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
    /// Case-insensitive text in task id, run id, task type, agent or correlation id.
    pub q: Option<String>,
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
    ) -> Result<RunPage, InvalidCursor> {
        let matcher = Matcher::new(self, filter, now);
        match sort {
            RunSort::Newest => self.runs_by_time(&matcher, false, cursor, limit),
            RunSort::Oldest => self.runs_by_time(&matcher, true, cursor, limit),
            RunSort::Duration => self
                .runs_by_figure(&matcher, 'd', cursor, limit, |run, status| self.shown_duration_ms(run, status, now)),
            RunSort::Cost => {
                self.runs_by_figure(&matcher, 'c', cursor, limit, |run, _| match run.counts.calls_with_cost {
                    0 => -1.0,
                    _ => run.counts.cost as f64,
                })
            }
            RunSort::Tokens => self.runs_by_figure(&matcher, 't', cursor, limit, |run, _| {
                match run.counts.calls_with_tokens_in + run.counts.calls_with_tokens_out {
                    0 => -1.0,
                    _ => run.counts.tokens_in.saturating_add(run.counts.tokens_out) as f64,
                }
            }),
            RunSort::Errors => self.runs_by_figure(&matcher, 'e', cursor, limit, |run, _| f64::from(run.counts.errors)),
        }
    }

    /// Each run stands where it stood when the first page was read, so that its place never changes from page to page.
    fn runs_by_time(
        &self,
        matcher: &Matcher<'_>,
        oldest: bool,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<RunPage, InvalidCursor> {
        let letter = if oldest { 'o' } else { 'n' };
        let place = cursor.map(|cursor| Place::read(cursor, letter)).transpose()?;
        let as_of = place.as_ref().map_or(self.order_log.head(), |place| place.as_of);
        let after = place.as_ref().map(|place| (place.at, place.hash));
        let moved = if place.is_some() { self.order_log.since(as_of) } else { HashMap::new() };
        let mut stayed: Vec<Entry> =
            moved.iter().map(|(number, from)| (*from, self.run_hash_at(*number), *number)).collect();
        stayed.sort_unstable();
        let mut page = ByTime { projections: self, matcher, limit, views: Vec::new(), last: None, more: false };
        if oldest {
            let passed = |(at, hash, _): &Entry| after.is_some_and(|after| (*at, *hash) <= after);
            let from = after.map_or((Timestamp::MIN, 0, 0), |(at, hash)| (at, hash, u32::MAX));
            let current = self.by_first.range(from..).filter(|(.., number)| !moved.contains_key(number));
            page.fill(current.copied(), stayed.into_iter().filter(|entry| !passed(entry)), |a, b| a < b);
        } else {
            let passed = |(at, hash, _): &Entry| after.is_some_and(|after| (*at, *hash) >= after);
            let until = after.map_or((Timestamp::MAX, u64::MAX, u32::MAX), |(at, hash)| (at, hash, 0));
            let current = self.by_first.range(..until).rev().filter(|(.., number)| !moved.contains_key(number));
            page.fill(current.copied(), stayed.into_iter().rev().filter(|entry| !passed(entry)), |a, b| a > b);
        }
        let cursor = page.last.filter(|_| page.more).map(|(at, hash)| Place { at, hash, as_of }.write(letter));
        Ok(RunPage { data: page.views, cursor })
    }

    fn runs_by_figure(
        &self,
        matcher: &Matcher<'_>,
        letter: char,
        cursor: Option<&str>,
        limit: usize,
        figure: impl Fn(&Run, TaskStatus) -> f64,
    ) -> Result<RunPage, InvalidCursor> {
        let skip: usize = match cursor {
            None => 0,
            Some(cursor) => cursor.strip_prefix(letter).and_then(|text| text.parse().ok()).ok_or(InvalidCursor)?,
        };
        let mut found: Vec<(f64, Timestamp, u64, u32)> = Vec::new();
        for (at, hash, number) in &self.by_first {
            if let Some(status) = matcher.matches(*number) {
                found.push((figure(self.run_at(*number), status), *at, *hash, *number));
            }
        }
        let order = |a: &(f64, Timestamp, u64, u32), b: &(f64, Timestamp, u64, u32)| {
            b.0.total_cmp(&a.0).then_with(|| (b.1, b.2).cmp(&(a.1, a.2)))
        };
        let end = skip.saturating_add(limit).min(found.len());
        if end < found.len() && end > 0 {
            found.select_nth_unstable_by(end - 1, order);
        }
        found[..end].sort_unstable_by(order);
        let data =
            found.get(skip..end).unwrap_or_default().iter().filter_map(|(.., number)| matcher.view(*number)).collect();
        Ok(RunPage { data, cursor: (end < found.len()).then(|| format!("{letter}{end}")) })
    }

    fn run_hash_at(&self, number: u32) -> u64 {
        let run = self.run_at(number);
        run.task_run_id.with_str(|task_run_id| run_hash(&self.agent_of(run).id, &run.task_id, task_run_id))
    }

    pub fn run(&self, key: &RunKey, now: Timestamp) -> Option<TaskView> {
        self.find_run(&key.agent_id, &key.task_id, &key.task_run_id).map(|number| self.view_of(number, now))
    }

    /// The newest runs of a task, at most `limit`, and how many there are. Of one agent when `agent_id` is given.
    pub fn runs_of_task(
        &self,
        task_id: &str,
        agent_id: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> (Vec<TaskView>, u64) {
        let mut numbers: Vec<(Timestamp, u64, u32)> = self
            .runs_of(task_id)
            .filter(|number| agent_id.is_none_or(|wanted| *self.agent_of(self.run_at(*number)).id == *wanted))
            .map(|number| (self.run_at(number).first, self.run_hash_at(number), number))
            .collect();
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        let total = numbers.len() as u64;
        (numbers.into_iter().take(limit).map(|(.., number)| self.view_of(number, now)).collect(), total)
    }

    /// The newest run of a task with that run id, of whatever agent.
    pub fn run_of_task(&self, task_id: &str, task_run_id: &str, now: Timestamp) -> Option<TaskView> {
        let of_id = self.runs_of(task_id).filter(|number| self.run_at(*number).task_run_id.is(task_run_id));
        let newest = of_id.max_by_key(|number| (self.run_at(*number).first, self.run_hash_at(*number)));
        newest.map(|number| self.view_of(number, now))
    }

    pub(crate) fn run_key(&self, number: u32) -> RunKey {
        let run = self.run_at(number);
        RunKey {
            agent_id: std::sync::Arc::clone(&self.agent_of(run).id),
            task_id: (*run.task_id).into(),
            task_run_id: run.task_run_id.with_str(|id| id.into()),
        }
    }

    fn view_of(&self, number: u32, now: Timestamp) -> TaskView {
        let run = self.run_at(number);
        let agent = self.agent_of(run);
        let status = agent.run_status(run, self.is_stuck(agent, now), now);
        self.task_view(run, status, now)
    }

    fn shown_duration_ms(&self, run: &Run, status: TaskStatus, now: Timestamp) -> f64 {
        let stopped = status == TaskStatus::Stuck && self.stops_when_stuck(self.agent_of(run), run, now);
        run.duration_ms(stopped, now)
    }

    pub(crate) fn task_view(&self, run: &Run, status: TaskStatus, now: Timestamp) -> TaskView {
        let counts = &run.counts;
        let agent = self.agent_of(run);
        let text = |text: Option<&str>| text.map(str::to_owned);
        let some = |count: u32| (count > 0).then_some(count);
        let dollars = |nanos: i64| (counts.calls_with_cost > 0).then(|| nanos as f64 / 1e9);
        TaskView {
            task_id: run.task_id.to_string(),
            task_run_id: run.task_run_id.to_string(),
            task_type: text(self.interner.optional(run.task_type.value)),
            agent_id: agent.id.to_string(),
            agent_version: text(self.interner.optional(run.version.value)),
            environment: self.interner.optional(run.environment.value).unwrap_or_default().to_owned(),
            group: self.interner.optional(run.group.value).unwrap_or_default().to_owned(),
            project_id: text(self.project_of(run)),
            correlation_id: run.correlation.value.as_ref().map(ToString::to_string),
            derived_status: status,
            status_since: agent.run_status_since(run, status),
            waiting: waiting(run),
            started_at: run.first,
            completed_at: run.closed().map(|end| Timestamp(end.micros)),
            last_event_at: run.last,
            duration_ms: self.shown_duration_ms(run, status, now),
            action_count: run.action_count(),
            error_count: counts.errors,
            retry_count: some(counts.retries),
            llm_call_count: some(counts.llm_calls),
            total_tokens_in: (counts.calls_with_tokens_in > 0).then_some(counts.tokens_in),
            total_tokens_out: (counts.calls_with_tokens_out > 0).then_some(counts.tokens_out),
            total_cost: dollars(counts.cost),
            estimated_cost: dollars(counts.estimated_cost),
            has_escalation: counts.escalations > 0,
            has_human_intervention: run.had_approvals(),
            plan_progress: run.plan.as_ref().and_then(|plan| plan.progress()),
        }
    }
}

fn waiting(run: &Run) -> Option<WaitingView> {
    let people = run.people.as_deref().filter(|_| run.standing().pending)?;
    let request = people.request.as_ref()?;
    Some(WaitingView {
        summary: request.summary.as_deref().map(str::to_owned),
        approver: request.approver.as_deref().map(str::to_owned),
        since: Timestamp(people.requested_micros),
        event_id: request.event_id.to_string(),
    })
}

/// Collects one page of a list by time.
struct ByTime<'a> {
    projections: &'a Projections,
    matcher: &'a Matcher<'a>,
    limit: usize,
    views: Vec<TaskView>,
    last: Option<(Timestamp, u64)>,
    more: bool,
}

type Entry = (Timestamp, u64, u32);

impl ByTime<'_> {
    /// Takes from both lists, which are in order, until the page is full.
    fn fill(
        &mut self,
        current: impl Iterator<Item = Entry>,
        stayed: impl Iterator<Item = Entry>,
        comes_first: impl Fn(&Entry, &Entry) -> bool,
    ) {
        let (mut current, mut stayed) = (current.peekable(), stayed.peekable());
        while !self.more {
            let next = match (current.peek(), stayed.peek()) {
                (Some(one), Some(other)) if comes_first(other, one) => stayed.next(),
                (Some(_), _) => current.next(),
                (None, _) => stayed.next(),
            };
            match next {
                Some(entry) => self.take(entry),
                None => break,
            }
        }
    }

    fn take(&mut self, (at, hash, number): Entry) {
        let Some(status) = self.matcher.matches(number) else { return };
        if self.views.len() == self.limit {
            self.more = true;
            return;
        }
        let run = self.projections.run_at(number);
        self.views.push(self.projections.task_view(run, status, self.matcher.now));
        self.last = Some((at, hash));
    }
}

/// A filter with its labels looked up once.
pub(crate) struct Matcher<'a> {
    projections: &'a Projections,
    filter: &'a RunFilter,
    text: Option<String>,
    pub(crate) now: Timestamp,
    /// By the agent's number.
    stuck: Vec<bool>,
}

impl<'a> Matcher<'a> {
    pub(crate) fn new(projections: &'a Projections, filter: &'a RunFilter, now: Timestamp) -> Self {
        let stuck = projections.agents.iter().map(|agent| projections.is_stuck(agent, now)).collect();
        Self { projections, filter, text: filter.q.as_deref().map(str::to_lowercase), now, stuck }
    }

    /// The run's status, when it matches.
    pub(crate) fn matches(&self, number: u32) -> Option<TaskStatus> {
        let run = self.projections.run_at(number);
        if !self.labels_match(run) {
            return None;
        }
        let status = self.projections.agent_of(run).run_status(run, self.stuck[run.agent as usize], self.now);
        let wanted = self.filter.status.is_empty() || self.filter.status.contains(&status);
        (wanted && self.in_window(run, status)).then_some(status)
    }

    fn view(&self, number: u32) -> Option<TaskView> {
        let status = self.matches(number)?;
        Some(self.projections.task_view(self.projections.run_at(number), status, self.now))
    }

    fn labels_match(&self, run: &Run) -> bool {
        let Self { projections, filter, .. } = self;
        let interner = &projections.interner;
        let is =
            |wanted: &Option<String>, label: Option<&str>| wanted.as_deref().is_none_or(|wanted| label == Some(wanted));
        is(&filter.agent_id, Some(&projections.agent_of(run).id))
            && is(&filter.task_id, Some(&run.task_id))
            && is(&filter.task_type, interner.optional(run.task_type.value))
            && is(&filter.project_id, projections.project_of(run))
            && is(&filter.environment, interner.optional(run.environment.value))
            && is(&filter.group, interner.optional(run.group.value))
            && is(&filter.agent_version, interner.optional(run.version.value))
            && filter
                .correlation_id
                .as_deref()
                .is_none_or(|wanted| run.correlation.value.as_ref().is_some_and(|id| id.is(wanted)))
            && self.text.as_deref().is_none_or(|text| self.holds(run, text))
    }

    fn holds(&self, run: &Run, text: &str) -> bool {
        let interner = &self.projections.interner;
        let within = |label: &str| label.to_lowercase().contains(text);
        within(&run.task_id)
            || run.task_run_id.with_str(within)
            || interner.optional(run.task_type.value).is_some_and(within)
            || within(&self.projections.agent_of(run).id)
            || run.correlation.value.as_ref().is_some_and(|id| id.with_str(within))
    }

    fn in_window(&self, run: &Run, status: TaskStatus) -> bool {
        let (since, until) = (self.filter.since, self.filter.until);
        if let Some(end) = run.closed() {
            let at = Timestamp(end.micros);
            since.is_none_or(|since| at >= since) && until.is_none_or(|until| at < until)
        } else {
            // Of a clock that is off the arrival tells when it was last at work.
            let last = if status == TaskStatus::Stuck { run.last.max(run.last_sign) } else { self.now.max(run.last) };
            since.is_none_or(|since| last >= since) && until.is_none_or(|until| run.first < until)
        }
    }
}
