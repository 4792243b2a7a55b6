//! Which runs in memory a filter means.

use std::{cell::Cell, collections::HashSet};

use hiveboard_text::Needle;
use hiveboard_wire::Timestamp;

use super::runs::RunFilter;
use crate::{interner::Interner, projections::Projections, run::Run, view::TaskStatus};

/// A filter with its labels looked up once.
pub(crate) struct Matcher<'a> {
    projections: &'a Projections,
    pub(super) filter: &'a RunFilter,
    needle: Option<Needle>,
    /// Numbers of runs that hold its text elsewhere.
    also: HashSet<u32>,
    pub(crate) now: Timestamp,
    /// By the agent's number, as far as it was asked for.
    stuck: Vec<Cell<Option<bool>>>,
}

impl<'a> Matcher<'a> {
    pub(crate) fn new(projections: &'a Projections, filter: &'a RunFilter, now: Timestamp) -> Self {
        let stuck = vec![Cell::new(None); projections.agents.len()];
        let found = filter.q_in_events.iter();
        let also =
            found.filter_map(|key| projections.find_run(&key.agent_id, &key.task_id, &key.task_run_id)).collect();
        Self { projections, filter, needle: filter.q.as_deref().map(Needle::new), also, now, stuck }
    }

    /// The run's status, when it matches.
    pub(crate) fn matches(&self, number: u32) -> Option<TaskStatus> {
        let run = self.projections.run_at(number);
        if !self.labels_match(number, run) {
            return None;
        }
        let agent = self.projections.agent_of(run);
        let known = &self.stuck[run.agent as usize];
        let stuck = run.closed().is_none()
            && known.get().unwrap_or_else(|| {
                let stuck = self.projections.is_stuck(agent, self.now);
                known.set(Some(stuck));
                stuck
            });
        let status = agent.run_status(run, stuck, self.now);
        let wanted = self.filter.status.is_empty() || self.filter.status.contains(&status);
        (wanted && self.in_window(run, status)).then_some(status)
    }

    fn labels_match(&self, number: u32, run: &Run) -> bool {
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
            && self.needle.as_ref().is_none_or(|needle| {
                run_holds(run, &projections.agent_of(run).id, interner, needle) || self.also.contains(&number)
            })
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

/// Whether a text is in what people look runs up by.
pub(crate) fn run_holds(run: &Run, agent_id: &str, interner: &Interner, needle: &Needle) -> bool {
    let within = |label: &str| needle.is_in_text(label);
    within(&run.task_id)
        || run.task_run_id.with_str(within)
        || interner.optional(run.task_type.value).is_some_and(within)
        || within(agent_id)
        || run.correlation.value.as_ref().is_some_and(|id| id.with_str(within))
        || run.closed().and_then(|end| end.exception.as_deref()).is_some_and(|raised| {
            [&raised.exception_type, &raised.message].into_iter().flatten().any(|text| within(text))
        })
}
