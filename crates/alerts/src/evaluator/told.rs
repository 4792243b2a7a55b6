//! What the server tells: an agent, a run, a queue as it is now.

use std::{collections::HashMap, sync::Arc};

use hiveboard_wire::{RunKey, Timestamp};

use super::{AgentState, Evaluator};
use crate::{
    condition::Looks,
    facts::{AgentFacts, Arrival, InsightFacts, IssueFacts, ItemFacts, QueueFacts, RunFacts},
    rule::Labels,
    subject::Subject,
};

impl Evaluator {
    /// Something arrived of an agent that is known.
    pub fn arrived(&mut self, arrival: &Arrival<'_>, now: Timestamp) {
        let Some((agent_id, agent)) = self.agents.get_key_value(arrival.labels.agent_id) else { return };
        let agent_id = Arc::clone(agent_id);
        let is_new_project = arrival.labels.project_id.is_some_and(|project| !agent.facts.projects.contains(project));
        let agent = self.agents.get_mut(&agent_id).expect("it was just found");
        agent.facts.last_sign = agent.facts.last_sign.max(arrival.at);
        agent.facts.last_seq = agent.facts.last_seq.max(arrival.seq);
        if is_new_project {
            agent.facts.projects.extend(arrival.labels.project_id.map(Arc::from));
            agent.matched = None;
            self.look_at_agent(&agent_id, now);
        }
        if !self.silences.is_empty() {
            let matched = self.matched(&arrival.labels);
            for scope in &matched.silences {
                if let Some(silence) = self.silences.get_mut(scope) {
                    silence.0 = silence.0.max(arrival.at);
                }
            }
            self.look_at_live(&Subject::WHOLE, Looks::Silence, now);
        }
        if !self.live.is_empty() {
            self.look_at_live(&Subject::Agent { agent_id: Arc::clone(&agent_id) }, Looks::Agent, now);
        }
        if let Some((task_id, task_run_id)) = arrival.run
            && !self.runs.is_empty()
        {
            let key = RunKey { agent_id, task_id: task_id.into(), task_run_id: task_run_id.into() };
            if let Some(run) = self.runs.get_mut(&key) {
                run.last_sign = run.last_sign.max(arrival.at);
                run.last_seq = run.last_seq.max(arrival.seq);
                if !self.live.is_empty() {
                    self.look_at_live(&Subject::run(&key), Looks::Runs, now);
                }
            }
        }
    }

    /// An agent as it is now: a new one, with another status, or with other labels.
    pub fn agent(&mut self, facts: AgentFacts, now: Timestamp) {
        let agent_id = Arc::clone(&facts.agent_id);
        if let Some(agent) = self.agents.get_mut(&agent_id) {
            let same_labels = agent.facts.labels() == facts.labels() && agent.facts.projects == facts.projects;
            if !same_labels {
                agent.matched = None;
                self.matched.retain(|key, _| key.0 != agent_id);
            }
            agent.facts = facts;
        } else {
            let state = AgentState { facts, matched: None, queue: None, issues: HashMap::new(), items: HashMap::new() };
            self.agents.insert(Arc::clone(&agent_id), state);
        }
        self.look_at_agent(&agent_id, now);
    }

    /// Whether the agent is known with these labels, and, where it matters, is one that signs are expected of.
    pub fn knows(&self, labels: &Labels<'_>) -> bool {
        self.agents.get(labels.agent_id).is_some_and(|agent| {
            let facts = &agent.facts;
            *facts.agent_type == *labels.agent_type
                && *facts.environment == *labels.environment
                && *facts.group == *labels.group
                && (facts.expects_signs || !self.wants.signs)
        })
    }

    /// Whether something is open of the agent itself, which ends by what is known of it after an event.
    pub fn is_silent(&self, agent_id: &str) -> bool {
        // Few are; most have no rule that holds.
        !self.live.is_empty()
            && self.agents.get(agent_id).is_some_and(|agent| {
                let subject = Subject::Agent { agent_id: Arc::clone(&agent.facts.agent_id) };
                self.live.contains_key(&subject)
            })
    }

    /// Type and group of an agent.
    pub fn labels_of(&self, agent_id: &str) -> Option<(String, String)> {
        let facts = &self.agents.get(agent_id)?.facts;
        Some((facts.agent_type.to_string(), facts.group.to_string()))
    }

    pub fn knows_run(&self, key: &RunKey) -> bool {
        self.runs.contains_key(key)
    }

    /// A run as it is now.
    pub fn run(&mut self, facts: RunFacts, now: Timestamp) {
        let key = facts.key.clone();
        let agent_type = self.agents.get(&key.agent_id).map(|agent| Arc::clone(&agent.facts.agent_type));
        if let Some(agent) = self.agents.get_mut(&key.agent_id) {
            agent.facts.last_run_start = agent.facts.last_run_start.max(Some(facts.started_at));
        }
        let is_open = facts.is_open();
        let subject = Subject::run(&key);
        // What is over, and was nobody's business while it was not: only how long it took may matter.
        if !is_open && !self.wants.runs && !self.runs.contains_key(&key) && !self.live.contains_key(&subject) {
            return;
        }
        let matched = self.matched(&facts.labels(agent_type.as_deref().unwrap_or_default()));
        self.runs.insert(key.clone(), facts);
        for number in matched.runs.iter().chain(&matched.approvals) {
            self.look(*number, &subject, now);
        }
        self.look_at_live(&subject, Looks::Runs, now);
        self.look_at_live(&subject, Looks::Approvals, now);
        if !is_open {
            // One that ended too late has fired by now, and is over.
            self.runs.remove(&key);
            self.look_at_live(&subject, Looks::Runs, now);
        }
    }

    pub(super) fn overdue_of(&self, agent_id: &Arc<str>) -> Vec<Subject> {
        let Some(agent) = self.agents.get(agent_id).filter(|_| !self.live.is_empty()) else { return Vec::new() };
        agent
            .items
            .keys()
            .map(|item_id| Subject::ScheduledItem { agent_id: Arc::clone(agent_id), item_id: Arc::clone(item_id) })
            .collect()
    }

    pub fn queue(&mut self, agent_id: &str, queue: QueueFacts, now: Timestamp) {
        let Some(agent) = self.agents.get_mut(agent_id) else { return };
        agent.queue = Some(queue);
        let agent_id = Arc::clone(&agent.facts.agent_id);
        let matched = self.matched_agent(&agent_id);
        for number in &matched.queue {
            self.look(*number, &Subject::Agent { agent_id: Arc::clone(&agent_id) }, now);
        }
    }

    pub fn issue(&mut self, agent_id: &str, issue: IssueFacts, now: Timestamp) {
        let Some(agent) = self.agents.get_mut(agent_id) else { return };
        let agent_id = Arc::clone(&agent.facts.agent_id);
        let issue_id = Arc::clone(&issue.issue_id);
        let is_open = issue.is_open;
        agent.issues.insert(Arc::clone(&issue_id), issue);
        let matched = self.matched_agent(&agent_id);
        let subject = Subject::Issue { agent_id: Arc::clone(&agent_id), issue_id: Arc::clone(&issue_id) };
        for number in &matched.issues {
            self.look(*number, &subject, now);
        }
        if !is_open && let Some(agent) = self.agents.get_mut(&agent_id) {
            agent.issues.remove(&issue_id);
        }
    }

    /// The whole schedule of an agent; items that are not in it are gone.
    pub fn schedule(&mut self, agent_id: &str, items: Vec<ItemFacts>, now: Timestamp) {
        let Some(agent) = self.agents.get_mut(agent_id) else { return };
        let agent_id = Arc::clone(&agent.facts.agent_id);
        let mut ids: Vec<Arc<str>> = agent.items.keys().cloned().collect();
        agent.items = items.into_iter().map(|item| (Arc::clone(&item.item_id), item)).collect();
        ids.extend(agent.items.keys().cloned());
        let matched = self.matched_agent(&agent_id);
        for item_id in ids {
            let subject = Subject::ScheduledItem { agent_id: Arc::clone(&agent_id), item_id };
            for number in &matched.schedule {
                self.look(*number, &subject, now);
            }
        }
    }

    /// All that the insights find now.
    pub fn insights(&mut self, found: Vec<InsightFacts>, now: Timestamp) {
        self.insights = Some(found);
        for number in self.insight_rules.clone() {
            self.look_everywhere_by(number, now);
        }
    }
}
