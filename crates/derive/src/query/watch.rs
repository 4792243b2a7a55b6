//! What rules of alerts look at, as far as no other view shows it.

use std::sync::Arc;

use hiveboard_wire::{RunKey, Timestamp, body::Issue};

use crate::{
    agent::Agent,
    issue::issue_id,
    projections::Projections,
    view::{AgentStatus, IssueView, QueueView, ScheduledView, TaskView},
};

/// An agent, as far as rules look at it.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentWatch {
    pub agent_id: Arc<str>,
    pub agent_type: String,
    pub environment: String,
    pub group: String,
    pub projects: Vec<String>,
    pub status: AgentStatus,
    pub status_since: Timestamp,
    /// The last sign of life, or the grace it was granted.
    pub last_sign: Timestamp,
    /// The place of its last event: by it can be told whether anything came, whatever was granted.
    pub last_seq: u64,
    /// Whether its silence means anything.
    pub expects_signs: bool,
    /// The place of the last event of what its status is judged by: of all of it, or, where nothing but traces is expected, of the open run that
    /// has been silent for the longest. `None` where it cannot be stuck.
    pub stuck_seq: Option<u64>,
    pub current_task_id: Option<String>,
    pub stuck_threshold_seconds: f64,
    /// Of the runs in memory; of agents with a schedule alone.
    pub last_run_start: Option<Timestamp>,
}

/// A run, as far as rules look at it.
#[derive(Debug, Clone)]
pub struct RunWatch {
    pub view: TaskView,
    /// The arrival of its last event, or the grace it was granted.
    pub last_sign: Timestamp,
    /// The place of its last event; 0 of a run that ended.
    pub last_seq: u64,
}

impl Projections {
    /// One agent; `None` when no event of it ever arrived.
    pub fn watch_agent(&self, agent_id: &str, now: Timestamp) -> Option<AgentWatch> {
        let agent = self.find_agent(agent_id).filter(|agent| agent.first_seen != Timestamp::MAX)?;
        let status = self.agent_status_of(agent, now);
        let labels = agent.labels.as_ref().map(|latest| &latest.value);
        let current = self.current_run(agent, status == AgentStatus::Stuck, now);
        let label = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Some(AgentWatch {
            agent_id: Arc::clone(&agent.id),
            agent_type: label(labels.map(|labels| &*labels.agent_type)),
            environment: label(labels.map(|labels| &*labels.environment)),
            group: label(labels.map(|labels| &*labels.group)),
            projects: agent.projects.keys().map(|slug| self.canonical(self.interner.text(*slug)).to_owned()).collect(),
            status,
            status_since: Self::agent_status_since(agent, status, now),
            last_sign: agent.last_sign,
            last_seq: agent.last_seq,
            stuck_seq: self.stuck_seq(agent, now),
            expects_signs: !agent.is_gone(now) && (!agent.is_quiet_by_nature() || !agent.open.is_empty()),
            current_task_id: current.map(|run| run.task_id.to_string()),
            stuck_threshold_seconds: agent.threshold_micros() as f64 / 1e6,
            last_run_start: agent
                .schedule
                .as_ref()
                .and_then(|_| agent.runs.iter().map(|number| self.run_at(*number).first).max()),
        })
    }

    pub fn agent_ids(&self) -> Vec<Arc<str>> {
        self.agents.iter().filter(|agent| agent.is_known()).map(|agent| Arc::clone(&agent.id)).collect()
    }

    fn stuck_seq(&self, agent: &Agent, now: Timestamp) -> Option<u64> {
        if self.stuck_from(agent, now) == Timestamp::MAX {
            return None;
        }
        if agent.is_quiet_by_nature() {
            return agent.open.iter().map(|number| self.run_at(*number).last_seq).min();
        }
        Some(agent.last_seq)
    }

    /// A run.
    pub fn watch_run(&self, key: &RunKey, now: Timestamp) -> Option<RunWatch> {
        let view = self.run(key, now).ok()??;
        let known = self.find_run(&key.agent_id, &key.task_id, &key.task_run_id).map(|number| self.run_at(number));
        let (last_sign, last_seq) = known.map_or((view.last_event_at, 0), |run| (run.last_sign, run.last_seq));
        Some(RunWatch { view, last_sign, last_seq })
    }

    pub fn open_run_keys(&self) -> Vec<RunKey> {
        self.open.iter().map(|number| self.run_key(*number)).collect()
    }

    pub fn queue_of(&self, agent_id: &str, now: Timestamp) -> Option<QueueView> {
        let queue = self.find_agent(agent_id)?.queue.as_ref()?;
        Some(queue.value.view(queue.key.timestamp, now))
    }

    pub fn schedule_of(&self, agent_id: &str) -> Option<ScheduledView> {
        let schedule = self.find_agent(agent_id)?.schedule.as_ref()?;
        Some(schedule.value.view(schedule.key.timestamp))
    }

    /// The issue that a payload speaks of, as it stands.
    pub fn issue_of(&self, agent_id: &str, body: &Issue) -> Option<IssueView> {
        let id = issue_id(body);
        self.find_agent(agent_id)?.issues.get(&id).map(|issue| issue.open().view(&id))
    }

    pub fn issues_of(&self, agent_id: &str) -> Vec<IssueView> {
        self.find_agent(agent_id)
            .map(|agent| agent.issues.iter().map(|(id, issue)| issue.open().view(id)).collect())
            .unwrap_or_default()
    }
}
