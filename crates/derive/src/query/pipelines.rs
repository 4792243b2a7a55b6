//! Queue, to-dos, schedule and issues.

use std::cmp::Reverse;

use hiveboard_wire::Timestamp;

use super::AgentFilter;
use crate::{
    agent::Agent,
    issue::severity_rank,
    projections::Projections,
    view::{IssueView, IssuesView, PipelineView, TodoView, TodosView},
};

impl Projections {
    /// `None` when no event of the agent ever arrived.
    pub fn pipeline(&self, agent_id: &str, now: Timestamp) -> Option<PipelineView> {
        self.find_agent(agent_id).map(|agent| pipeline(agent, now))
    }

    /// Of the first `most` agents that match and come after `after`, by name; agents with nothing in any part are left out.
    pub fn pipelines(
        &self,
        filter: &AgentFilter,
        after: Option<&str>,
        most: usize,
        now: Timestamp,
    ) -> Vec<PipelineView> {
        let mut agents: Vec<&Agent> = self
            .agents
            .iter()
            .filter(|agent| {
                agent.queue.is_some() || agent.schedule.is_some() || !agent.todos.is_empty() || !agent.issues.is_empty()
            })
            .filter(|agent| after.is_none_or(|after| *agent.id > *after))
            .filter(|agent| self.agent_matches(agent, filter))
            .filter(|agent| filter.status.is_empty() || filter.status.contains(&self.agent_status_of(agent, now)))
            .collect();
        if (1..agents.len()).contains(&most) {
            agents.select_nth_unstable_by(most - 1, |a, b| a.id.cmp(&b.id));
        }
        agents.truncate(most);
        agents.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        agents.into_iter().map(|agent| pipeline(agent, now)).collect()
    }
}

fn pipeline(agent: &Agent, now: Timestamp) -> PipelineView {
    let mut todos: Vec<(bool, TodoView)> =
        agent.todos.iter().map(|(id, todo)| (!todo.glance.is_active, todo.open().view(id))).collect();
    todos.sort_by(|(a_closed, a), (b_closed, b)| {
        (a_closed, Reverse(a.updated_at), &a.todo_id).cmp(&(b_closed, Reverse(b.updated_at), &b.todo_id))
    });
    let mut issues: Vec<IssueView> = agent.issues.iter().map(|(id, issue)| issue.open().view(id)).collect();
    issues.sort_by(|a, b| {
        let key = |issue: &IssueView| (issue.status, severity_rank(&issue.severity), Reverse(issue.last_seen));
        key(a).cmp(&key(b)).then_with(|| a.issue_id.cmp(&b.issue_id))
    });
    PipelineView {
        agent_id: agent.id.to_string(),
        queue: agent.queue.as_ref().map(|latest| latest.value.view(latest.key.timestamp, now)),
        todos: TodosView {
            active_count: agent.todos.values().filter(|todo| todo.glance.is_active).count() as u64,
            completed_count: agent.todos.values().filter(|todo| todo.glance.is_completed).count() as u64,
            items: todos.into_iter().map(|(_, todo)| todo).collect(),
            dropped_count: agent.todos_dropped,
        },
        scheduled: agent.schedule.as_ref().map(|latest| latest.value.view(latest.key.timestamp)),
        issues: IssuesView { items: issues, dropped_count: agent.issues_dropped },
    }
}
