//! From what is remembered to what insights look at.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use hiveboard_wire::{Timestamp, fingerprint};

use super::{
    Memory,
    agent::AgentNow,
    aliases,
    run::{Outcome, RunFacts},
    table::{DAY, HOUR, hours_from},
};
use crate::aggregates::{
    ActionLabels, ActionSeries, AgentFacts, Aggregates, ApprovalLabels, ApprovalSeries, DroppedRun, FlaggedRun,
    LogSums, Name, RunLabels, RunSeries, RunTotals, Seen,
};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// With `since` and `until` as asked for; they are widened to whole hours, or days where only days are kept.
    pub seen: Seen,
    pub now: Timestamp,
    /// Projects that count for others: slugs of events, and the project that each counts for.
    pub aliases: HashMap<String, String>,
}

/// A run is taken for dropped after so many times what all but one of a hundred of its type take.
const TIMES_SLOWEST: f64 = 3.0;
/// … and never before this.
const LEAST_SILENCE_SECONDS: f64 = 3_600.0;
const MOST_SILENCE_SECONDS: f64 = 3.0 * 86_400.0;

impl Memory {
    /// All but [`Aggregates::spend`].
    pub fn gather(&mut self, wanted: &Wanted, agents: &[AgentNow]) -> Aggregates {
        if wanted.aliases.is_empty() {
            return self.gather_as_told(&wanted.seen, wanted.now, agents);
        }
        // By the names that events gave, a project's own and those that count for it are several.
        let of_all = Seen { project_id: None, ..wanted.seen.clone() };
        let mut all = self.gather_as_told(&of_all, wanted.now, agents);
        all.seen.project_id.clone_from(&wanted.seen.project_id);
        aliases::apply(&mut all, &wanted.aliases);
        all
    }

    fn gather_as_told(&mut self, seen: &Seen, now: Timestamp, agents: &[AgentNow]) -> Aggregates {
        let width = |at: Timestamp| if at < hours_from(self.latest) { DAY } else { HOUR };
        let since = seen.since.bucket(width(seen.since));
        let before = Timestamp(2 * since.micros() - seen.until.micros());
        let before = before.bucket(width(before));
        let mut all = Aggregates {
            seen: Seen { since, ..seen.clone() },
            now,
            since,
            until: seen.until,
            before_since: before,
            ..Aggregates::default()
        };
        let held = self.held_facts();
        self.gather_runs(&mut all, &held);
        self.gather_actions(&mut all);
        self.gather_approvals(&mut all);
        self.gather_dropped(&mut all, &held);
        self.gather_agents(&mut all, agents);
        all
    }

    fn held_facts(&mut self) -> Vec<Arc<RunFacts>> {
        let names = &mut self.names;
        self.held.values_mut().map(|run| run.summed_up(names)).collect()
    }

    fn gather_runs(&self, all: &mut Aggregates, held: &[Arc<RunFacts>]) {
        let middle = Timestamp(i64::midpoint(all.since.micros(), all.until.micros()));
        let mut series: HashMap<&RunLabels, RunSeries> = HashMap::new();
        let mut add = |labels, first_seen: Timestamp, at: Timestamp, totals: &RunTotals| {
            let series = series.entry(labels).or_insert_with(|| RunSeries { first_seen, ..RunSeries::default() });
            series.first_seen = series.first_seen.min(first_seen);
            if at < all.since {
                series.before.merge(totals);
            } else {
                series.now.merge(totals);
                let half = if at < middle { &mut series.early } else { &mut series.late };
                half.merge(totals);
            }
        };
        for (labels, first_seen, at, totals) in self.runs.cells(all.before_since, all.until) {
            if means_run(&all.seen, labels) {
                add(labels, first_seen, at, &totals);
            }
        }
        let ended = held.iter().map(|facts| &**facts).filter(|facts| facts.outcome != Outcome::Open);
        for facts in ended.clone().filter(|facts| means_run(&all.seen, &facts.labels)) {
            // A clock that is ahead: as if it were now.
            let at = facts.at.min(all.now);
            if at >= all.before_since && at < all.until {
                add(&facts.labels, at, at, &facts.totals());
            }
        }
        all.runs = series.into_iter().map(|(labels, series)| RunSeries { labels: labels.clone(), ..series }).collect();
        // The order of a map is nobody's: sums of fractions would differ in their last digits.
        all.runs.sort_by(|a, b| a.labels.cmp(&b.labels));
        let within =
            |facts: &&RunFacts| facts.at >= all.since && facts.at < all.until && means_run(&all.seen, &facts.labels);
        all.flagged = self
            .flagged
            .iter()
            .chain(ended)
            .filter(within)
            .flat_map(|facts| {
                facts.flags.iter().map(|flag| FlaggedRun {
                    at: facts.at,
                    labels: facts.labels.clone(),
                    task_id: Arc::clone(&facts.task_id),
                    task_run_id: Arc::clone(&facts.task_run_id),
                    flag: flag.clone(),
                    cost: facts.cost,
                })
            })
            .collect();
        all.flagged.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.task_id.cmp(&b.task_id)));
    }

    fn gather_actions(&self, all: &mut Aggregates) {
        let mut series: HashMap<&ActionLabels, ActionSeries> = HashMap::new();
        for (labels, _, at, totals) in self.actions.cells(all.before_since, all.until) {
            let seen = &all.seen;
            if is(seen.agent_id.as_ref(), Some(&labels.agent_id))
                && is(seen.project_id.as_ref(), labels.project_id.as_ref())
                && is(seen.environment.as_ref(), Some(&labels.environment))
                && is(seen.group.as_ref(), Some(&labels.group))
            {
                let series = series.entry(labels).or_default();
                let side = if at < all.since { &mut series.before } else { &mut series.now };
                side.merge(&totals);
            }
        }
        all.actions =
            series.into_iter().map(|(labels, series)| ActionSeries { labels: labels.clone(), ..series }).collect();
        all.actions.sort_by(|a, b| a.labels.cmp(&b.labels));
    }

    fn gather_approvals(&self, all: &mut Aggregates) {
        let means = |seen: &Seen, labels: &ApprovalLabels| {
            is(seen.agent_id.as_ref(), Some(&labels.agent_id))
                && is(seen.project_id.as_ref(), labels.project_id.as_ref())
                && is(seen.environment.as_ref(), Some(&labels.environment))
                && is(seen.group.as_ref(), Some(&labels.group))
        };
        let mut series: HashMap<ApprovalLabels, ApprovalSeries> = HashMap::new();
        for (labels, _, at, sums) in self.approvals.cells(all.before_since, all.until) {
            if means(&all.seen, labels) {
                let series = series.entry(labels.clone()).or_default();
                let side: &mut LogSums = if at < all.since { &mut series.before } else { &mut series.now };
                side.merge(&sums);
            }
        }
        for run in self.held.values() {
            let Some(asked) = run.waits_since() else { continue };
            let labels = run.labels_as_they_are();
            let labels = ApprovalLabels {
                agent_id: Arc::clone(&labels.agent_id),
                project_id: labels.project_id.clone(),
                environment: Arc::clone(&labels.environment),
                group: Arc::clone(&labels.group),
            };
            if means(&all.seen, &labels) {
                let waits = (all.now.seconds_since(asked).max(0.0), run.task_id());
                series.entry(labels).or_default().pending.push(waits);
            }
        }
        all.approvals = series.into_iter().map(|(labels, series)| ApprovalSeries { labels, ..series }).collect();
        all.approvals.sort_by(|a, b| a.labels.cmp(&b.labels));
        for series in &mut all.approvals {
            series.pending.sort_by(|a, b| b.0.total_cmp(&a.0));
        }
    }

    fn gather_dropped(&self, all: &mut Aggregates, held: &[Arc<RunFacts>]) {
        let mut by_type: HashMap<Option<&Name>, LogSums> = HashMap::new();
        for series in &all.runs {
            let sums = by_type.entry(series.labels.task_type.as_ref()).or_default();
            sums.merge(&series.now.duration);
            sums.merge(&series.before.duration);
        }
        let patience = |labels: &RunLabels| {
            let slowest = by_type.get(&labels.task_type.as_ref()).and_then(|sums| sums.above_mean(2.33)).unwrap_or(0.0);
            (TIMES_SLOWEST * slowest).clamp(LEAST_SILENCE_SECONDS, MOST_SILENCE_SECONDS)
        };
        let open =
            held.iter().map(|facts| &**facts).filter(|facts| facts.outcome == Outcome::Open && !facts.is_waiting);
        let mut dropped: Vec<DroppedRun> = open
            .chain(&self.let_go)
            .filter(|facts| facts.at >= all.since && facts.at < all.until && means_run(&all.seen, &facts.labels))
            .filter(|facts| {
                // By the agent's own clock where it lives on, so that one that is off makes nothing look old.
                let latest = self.agents.get(&facts.labels.agent_id).map_or(facts.at, |agent| agent.latest);
                let silent = latest.seconds_since(facts.at).max(all.now.seconds_since(facts.at.max(latest)));
                silent > patience(&facts.labels)
            })
            .filter(|facts| {
                let hash = fingerprint(&[&facts.labels.agent_id, &facts.task_id, &facts.task_run_id]);
                self.held.get(&hash).is_none_or(|run| run.has_started() && !run.is_closed())
            })
            .map(|facts| DroppedRun {
                labels: facts.labels.clone(),
                task_id: Arc::clone(&facts.task_id),
                task_run_id: Arc::clone(&facts.task_run_id),
                last_at: facts.at,
            })
            .collect();
        dropped.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| a.task_id.cmp(&b.task_id)));
        all.dropped = dropped;
    }

    fn gather_agents(&self, all: &mut Aggregates, agents: &[AgentNow]) {
        for agent in agents {
            let memory = self.agents.get(&agent.agent_id);
            all.agents.push(AgentFacts {
                agent_id: Arc::clone(&agent.agent_id),
                agent_type: Arc::clone(&agent.agent_type),
                is_stuck: agent.is_stuck,
                is_idle: agent.is_idle,
                is_gone: agent.is_gone,
                queue: memory.map(|memory| memory.queue.clone()).unwrap_or_default(),
                heartbeats: memory.map(|memory| memory.heartbeats.clone()).unwrap_or_default(),
            });
        }
        let known: HashSet<&Name> = agents.iter().map(|agent| &agent.agent_id).collect();
        all.issues = self
            .issues
            .iter()
            .filter(|((agent_id, _), _)| known.contains(agent_id))
            .map(|((agent_id, issue_id), memory)| memory.view(agent_id, issue_id, all.since))
            .collect();
        all.issues.sort_by(|a, b| (&a.agent_id, &a.issue_id).cmp(&(&b.agent_id, &b.issue_id)));
    }
}

fn is(wanted: Option<&String>, label: Option<&Name>) -> bool {
    wanted.is_none_or(|wanted| label.is_some_and(|label| **label == *wanted))
}

fn means_run(seen: &Seen, labels: &RunLabels) -> bool {
    is(seen.agent_id.as_ref(), Some(&labels.agent_id))
        && is(seen.project_id.as_ref(), labels.project_id.as_ref())
        && is(seen.environment.as_ref(), Some(&labels.environment))
        && is(seen.group.as_ref(), Some(&labels.group))
}
