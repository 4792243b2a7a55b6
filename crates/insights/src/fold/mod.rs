//! From events to sums: a roll-up by the hour for three days, by the day before, and the runs that are still to be heard of.
//!
//! It follows the events in the order of their arrival. A run is summed up when it is asked for, as long as it is held; the oldest that ended
//! leave, and with them the memory of their order. Everything has a limit, and what is beyond it goes to `(other)` or is let go.

mod agent;
mod aliases;
mod cell;
mod gather;
mod names;
mod run;
mod table;
mod words;

use std::collections::VecDeque;

use hiveboard_wire::{
    Body, CallCost, MICROS_PER_SECOND, StoredEvent, Timestamp,
    body::{Action, Exception, IssueAction},
    fingerprint,
};
use serde::{Deserialize, Serialize};

use crate::aggregates::{ActionLabels, ActionTotals, ApprovalLabels, LogSums, Name, RunLabels, RunTotals};

pub use agent::AgentNow;
use agent::{AgentMemory, IssueMemory};
pub use gather::Wanted;
use names::{Names, ShareNames};
pub(crate) use run::LOOP;
use run::RunMemory;
pub use run::{Outcome, RunFacts};
use table::Table;

/// By names that agents choose, so with a seed of its own; and for many a look-up with each event.
type HashMap<K, V> = std::collections::HashMap<K, V, hashbrown::DefaultHashBuilder>;

/// Ended runs that are held, so that late events and their order still count.
const HELD_ENDED: usize = 4_096;
/// Runs held in all.
const HELD_RUNS: usize = 65_536;
/// Calls and actions held of all runs.
const HELD_STEPS: usize = 600_000;
/// Flagged runs that are remembered.
const FLAGGED: usize = 4_000;
/// Issues that are remembered.
const ISSUES: usize = 2_000;
/// A run that has been silent for so long is let go, ended or not.
const SILENT_MICROS: i64 = 7 * 86_400 * MICROS_PER_SECOND;

/// Everything that is remembered of one workspace and mode.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// All events up to this one are in.
    seq: u64,
    /// The latest arrival, which hours are counted back from.
    latest: Timestamp,
    #[serde(skip)]
    names: Names,
    runs: Table<RunLabels, RunTotals>,
    actions: Table<ActionLabels, ActionTotals>,
    approvals: Table<ApprovalLabels, LogSums>,
    agents: HashMap<Name, AgentMemory>,
    issues: HashMap<(Name, Name), IssueMemory>,
    held: HashMap<u64, RunMemory>,
    /// Hashes of the held runs that ended, as their ends arrived.
    ended: VecDeque<u64>,
    steps: usize,
    flagged: VecDeque<RunFacts>,
    let_go: VecDeque<RunFacts>,
}

impl Memory {
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Takes an event in; those that are in already change nothing.
    pub fn fold(&mut self, stored: &StoredEvent, body: &Body, cost: Option<CallCost>) {
        if stored.seq <= self.seq {
            return;
        }
        self.seq = stored.seq;
        let previous_hour = self.latest.bucket(3_600 * MICROS_PER_SECOND);
        self.latest = self.latest.max(stored.received_at);
        if self.latest.bucket(3_600 * MICROS_PER_SECOND) > previous_hour {
            self.every_hour();
        }
        self.fold_agent(stored, body);
        match body {
            Body::ActionCompleted(action) => self.fold_action(stored, action, false),
            Body::ActionFailed(action) => self.fold_action(stored, action, true),
            Body::Issue(issue) => {
                let agent = self.names.of(&stored.envelope.agent_id);
                let id = issue
                    .issue_id
                    .as_deref()
                    .filter(|id| !id.is_empty())
                    .map_or_else(|| words::normalised(issue.summary.as_deref().unwrap_or_default()), str::to_owned);
                let key = (agent, self.names.of(&id));
                if self.issues.len() < ISSUES || self.issues.contains_key(&key) {
                    let summary = issue.summary.as_deref().unwrap_or(&id);
                    let severity = issue.severity.as_deref().unwrap_or("medium");
                    let memory = self.issues.entry(key).or_default();
                    memory.fold(stored.event.timestamp, issue.action == IssueAction::Reported, summary, severity);
                }
            }
            _ => {}
        }
        if stored.event.task_id.is_some() {
            self.fold_run(stored, body, cost);
        }
    }

    fn fold_agent(&mut self, stored: &StoredEvent, body: &Body) {
        let agent_id = &*stored.envelope.agent_id;
        if !self.agents.contains_key(agent_id) {
            self.agents.insert(self.names.of(agent_id), AgentMemory::default());
        }
        let Some(agent) = self.agents.get_mut(agent_id) else { return };
        let at = stored.event.timestamp;
        agent.latest = agent.latest.max(at);
        match body {
            Body::Heartbeat { .. } => {
                if let Some(payload) = &stored.event.payload {
                    agent.heartbeat(at, payload.get(), &mut self.names);
                }
            }
            Body::QueueSnapshot(snapshot) => {
                if let Some(depth) = snapshot.depth {
                    agent.queue(at, depth, snapshot.processing.is_some());
                }
            }
            Body::Registered(_) | Body::Todo(_) | Body::Scheduled(_) | Body::Issue(_) | Body::Custom { .. } => {}
            _ => agent.worked = true,
        }
    }

    fn fold_action(&mut self, stored: &StoredEvent, action: &Action, failed: bool) {
        let Some(name) = action.name.as_deref() else { return };
        let labels = ActionLabels {
            agent_id: self.names.of(&stored.envelope.agent_id),
            action_name: self.names.of(name),
            project_id: self.names.optional(stored.event.project_id.as_deref()),
            environment: self.names.of(&stored.envelope.environment),
            group: self.names.of(&stored.envelope.group),
        };
        let at = stored.event.timestamp;
        let error = if failed { error_of(&action.exception, &mut self.names) } else { None };
        self.actions.change(self.latest, at, labels, |totals| {
            totals.ended += 1;
            if !failed {
                totals.last_worked_micros = totals.last_worked_micros.max(at.micros());
                return;
            }
            totals.failed += 1;
            if let Some(error) = &error {
                totals.count_error(error, 1);
                if words::is_auth(error) {
                    totals.auth_failed += 1;
                    totals.last_auth_failed_micros = totals.last_auth_failed_micros.max(at.micros());
                }
                totals.rate_limited += u32::from(words::is_rate_limit(error));
            }
        });
    }

    fn fold_run(&mut self, stored: &StoredEvent, body: &Body, cost: Option<CallCost>) {
        let Some(task_id) = stored.event.task_id.as_deref() else { return };
        let run_id = stored.event.task_run_id.as_deref().unwrap_or("");
        let hash = fingerprint(&[&stored.envelope.agent_id, task_id, run_id]);
        let names = &mut self.names;
        let run = self.held.entry(hash).or_insert_with(|| RunMemory::new(task_id, run_id));
        let (steps, was_closed) = (run.steps(), run.is_closed());
        run.fold(stored, body, cost, names);
        self.steps = self.steps + run.steps() - steps;
        if run.is_closed() && !was_closed {
            self.ended.push_back(hash);
            if let Some(agent) = self.agents.get_mut(&*stored.envelope.agent_id) {
                agent.run_ended();
            }
        }
        if let Some((asked, answered)) = run.answered_approval() {
            let labels = run.labels(names);
            let labels = ApprovalLabels {
                agent_id: labels.agent_id,
                project_id: labels.project_id,
                environment: labels.environment,
                group: labels.group,
            };
            let waited = answered.seconds_since(asked).max(0.001);
            self.approvals.change(self.latest, answered, labels, |sums| sums.add(waited));
        }
        while self.ended.len() > HELD_ENDED || (self.steps > HELD_STEPS && self.ended.len() > 1) {
            self.let_oldest_ended_go();
        }
        if self.held.len() > HELD_RUNS {
            self.let_silent_go(self.latest.plus_seconds(-3_600));
        }
    }

    fn let_oldest_ended_go(&mut self) {
        let Some(hash) = self.ended.pop_front() else { return };
        // One that was opened again stays; its next end puts it back into the row.
        if self.held.get(&hash).is_some_and(RunMemory::is_closed)
            && let Some(run) = self.held.remove(&hash)
        {
            self.steps -= run.steps();
            let facts = run.facts(&mut self.names);
            self.keep(facts);
        }
    }

    /// Adds a run that is done to the sums.
    pub fn keep(&mut self, facts: RunFacts) {
        let at = facts.at;
        let totals = facts.totals();
        self.runs.change(self.latest.max(at), at, facts.labels.clone(), |sums| sums.merge(&totals));
        if !facts.flags.is_empty() {
            self.flagged.push_back(facts);
            if self.flagged.len() > FLAGGED {
                self.flagged.pop_front();
            }
        }
    }

    /// Lets open runs go that nothing was heard of since `before`; those that had started are remembered as never ended.
    fn let_silent_go(&mut self, before: Timestamp) {
        let silent: Vec<u64> =
            self.held.iter().filter(|(_, run)| run.last_arrival < before).map(|(hash, _)| *hash).collect();
        for hash in silent {
            let Some(run) = self.held.remove(&hash) else { continue };
            self.steps -= run.steps();
            let (closed, started) = (run.is_closed(), run.has_started());
            let facts = run.facts(&mut self.names);
            if closed {
                self.keep(facts);
            } else if started && !facts.is_waiting {
                self.let_go.push_back(facts);
                if self.let_go.len() > FLAGGED {
                    self.let_go.pop_front();
                }
            }
        }
        let held = &self.held;
        self.ended.retain(|hash| held.contains_key(hash));
    }

    fn every_hour(&mut self) {
        self.runs.compact(self.latest);
        self.actions.compact(self.latest);
        self.approvals.compact(self.latest);
        self.let_silent_go(self.latest.plus_micros(-SILENT_MICROS));
        self.names.forget_unused();
    }

    /// Forgets what ended before a time: the events that would show it are gone.
    pub fn forget_before(&mut self, before: Timestamp) {
        self.let_silent_go(before);
        self.runs.forget_before(before);
        self.actions.forget_before(before);
        self.approvals.forget_before(before);
        self.flagged.retain(|facts| facts.at >= before);
        self.let_go.retain(|facts| facts.at >= before);
        self.agents.retain(|_, agent| agent.latest >= before);
        self.issues.retain(|_, issue| issue.latest() >= before);
    }

    /// What was read back from a disk lacks what can be made anew.
    #[must_use]
    pub fn restored(mut self) -> Self {
        self.runs.index(&mut self.names);
        self.actions.index(&mut self.names);
        self.approvals.index(&mut self.names);
        for run in self.held.values_mut() {
            run.share_names(&mut self.names);
        }
        for facts in self.flagged.iter_mut().chain(&mut self.let_go) {
            facts.labels.share_names(&mut self.names);
        }
        self
    }
}

fn error_of(exception: &Exception, names: &mut Names) -> Option<Name> {
    let (kind, message) = (exception.exception_type.as_deref(), exception.exception_message.as_deref());
    if kind.is_none() && message.is_none() {
        return None;
    }
    Some(names.of(&words::signature(kind, message)))
}
