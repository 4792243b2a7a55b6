//! What retention lets go of: all that no event tells of any more, and that nobody has to look at.

use std::sync::Arc;

use hiveboard_wire::Timestamp;

use crate::{agent::Agent, projections::Projections, totals::Entry, view::IssueStatus};

impl Projections {
    /// Forgets runs whose last sign is older than `before`, as their events go by retention. Of those in the archive, whole segments go, once
    /// all in them are older.
    pub fn forget_before(&mut self, before: Timestamp) -> usize {
        let is_old = |number: &u32| self.run_at(*number).last_sign < before;
        let gone: Vec<u32> = self.by_first.iter().map(|(.., number)| *number).filter(is_old).collect();
        for number in &gone {
            self.totals.follow(Entry::of(self.run_at(*number)), None);
            self.remove_run(*number);
        }
        let forgotten = self.failures.forget_before(before);
        self.dirty.failures(forgotten);
        self.forget_agents_before(before);
        self.forget_items_before(before);
        let Self { archive: Some(archive), totals, interner, .. } = self else { return gone.len() };
        let uncounted = archive.old_runs(before.micros(), |run| {
            let labels = run.labels.map(|label| label.map(|text| interner.get_or_add(text)));
            totals.follow(Some(Entry::new(run.figures, run.end, labels)), None);
        });
        if let Err(error) = uncounted {
            archive.failure.get_or_insert(error);
        }
        gone.len() + archive.forget_before(before.micros())
    }

    /// Forgets agents that gave their last sign before and have no run in memory: pods and jobs are agents for an hour, and there are ever more
    /// of them.
    fn forget_agents_before(&mut self, before: Timestamp) {
        let is_old = |agent: &Agent| agent.is_known() && agent.last_seen < before && agent.runs.is_empty();
        let old: Vec<u32> =
            (0..).zip(&self.agents).filter(|(_, agent)| is_old(agent)).map(|(number, _)| number).collect();
        for number in old {
            self.forget_agent(number);
        }
    }

    /// Forgets what agents are done with: to-dos and issues that nobody has to look at any more and that no event tells of. What is open stays
    /// open, however old.
    fn forget_items_before(&mut self, before: Timestamp) {
        for (number, agent) in (0..).zip(&mut self.agents) {
            agent.issues.retain(|id, issue| {
                let is_over = issue.glance.status != IssueStatus::Open && issue.glance.last < before;
                if is_over {
                    self.dirty.issue(number, id.clone());
                }
                !is_over
            });
            agent.todos.retain(|id, todo| {
                let is_over = !todo.glance.is_active && todo.glance.last < before;
                if is_over {
                    self.dirty.todo(number, id.clone());
                }
                !is_over
            });
        }
    }

    /// Forgets an agent that has no run in memory.
    pub(crate) fn forget_agent(&mut self, number: u32) {
        self.dirty.agent_gone(number, &self.agents[number as usize], &self.interner);
        let forgotten = self.failures.forget_agent(number);
        self.dirty.failures(forgotten);
        let vacant = Agent::new(Arc::from(""));
        let agent = std::mem::replace(&mut self.agents[number as usize], vacant);
        self.agenda.leave(number, &agent);
        self.agent_numbers.remove(&agent.id);
        self.free_agents.push(number);
    }

    /// Forgets archived runs for which there is no disk any more: all that lie on it, and of those that lie in memory all but the last ones.
    /// Answers how many; what they add to figures stays.
    pub fn forget_archived_beyond(&mut self, runs: usize) -> usize {
        self.archive.as_mut().map_or(0, |archive| archive.forget_beyond(runs))
    }
}
