//! What rules of alerts look at, as far as no other view shows it.

use std::sync::Arc;

use hiveboard_wire::{RunKey, Timestamp, body::Issue};

use crate::{
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
    /// Whether its silence means anything.
    pub expects_signs: bool,
    pub current_task_id: Option<String>,
    pub stuck_threshold_seconds: f64,
    /// Of the runs in memory; of agents with a schedule alone.
    pub last_run_start: Option<Timestamp>,
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

    /// A run with its last event by arrival, or the grace it was granted.
    pub fn watch_run(&self, key: &RunKey, now: Timestamp) -> Option<(TaskView, Timestamp)> {
        let view = self.run(key, now).ok()??;
        let number = self.find_run(&key.agent_id, &key.task_id, &key.task_run_id);
        let last_sign = number.map_or(view.last_event_at, |number| self.run_at(number).last_sign);
        Some((view, last_sign))
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
        self.find_agent(agent_id)?.issues.get(&id).map(|issue| issue.view(&id))
    }

    pub fn issues_of(&self, agent_id: &str) -> Vec<IssueView> {
        self.find_agent(agent_id)
            .map(|agent| agent.issues.iter().map(|(id, issue)| issue.view(id)).collect())
            .unwrap_or_default()
    }
}
