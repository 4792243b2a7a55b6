//! What changes by time alone, and the changes of status to be announced.

use hiveboard_wire::Timestamp;
use serde::Serialize;

use crate::{
    agent::HOUR,
    projections::Projections,
    view::{AgentStatus, StatusView},
};

/// An agent's status is another than the one last announced.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StatusChange {
    /// `null` for an agent that is new.
    pub previous_status: Option<AgentStatus>,
    pub new_status: AgentStatus,
    /// When it was noticed, by the server's clock.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    #[serde(flatten)]
    pub agent: StatusView,
}

impl Projections {
    /// To be called once, when the server takes traffic. `alive_at` is the last time it was known to run, `now` its start.
    ///
    /// While it was down nothing could arrive: agents, processes and runs that were not silent for too long at `alive_at` get one
    /// full threshold from `now`; those that were stay stuck.
    pub fn start(&mut self, alive_at: Timestamp, now: Timestamp) {
        for number in 0..self.agents.len() {
            let threshold = self.agents[number].threshold_micros();
            let grace = |sign: &mut Timestamp| {
                if alive_at.micros().saturating_sub(sign.micros()) <= threshold {
                    *sign = now.max(*sign);
                }
            };
            let agent = &mut self.agents[number];
            grace(&mut agent.last_sign);
            for instance in agent.instances.values_mut() {
                grace(&mut instance.last_sign);
            }
            let open = agent.open.clone();
            self.dirty.agent(number as u32);
            for run in open {
                grace(&mut self.run_at_mut(run).last_sign);
                self.dirty.run(run);
            }
            let agent = &self.agents[number];
            let status = agent.announced.unwrap_or_else(|| self.agent_status_of(agent, now));
            self.agents[number].announced = Some(status);
        }
    }

    /// Changes of all agents since they were last announced; they count as announced with this. Also moves the totals of the last hour
    /// along, which reading then need not add up.
    pub fn liveness_sweep(&mut self, now: Timestamp) -> Vec<StatusChange> {
        for agent in &mut self.agents {
            agent.minutes.roll(HOUR, now);
        }
        (0..self.agents.len()).filter_map(|number| self.announce(number, now)).collect()
    }

    /// The same for some agents: those that events touched.
    pub fn status_changes<'a>(
        &mut self,
        agent_ids: impl IntoIterator<Item = &'a str>,
        now: Timestamp,
    ) -> Vec<StatusChange> {
        let numbers: Vec<usize> = agent_ids.into_iter().filter_map(|id| self.known_agent_number(id)).collect();
        numbers.into_iter().filter_map(|number| self.announce(number, now)).collect()
    }

    fn announce(&mut self, number: usize, now: Timestamp) -> Option<StatusChange> {
        let agent = &self.agents[number];
        let status = self.agent_status_of(agent, now);
        let previous_status = agent.announced;
        if previous_status == Some(status) {
            return None;
        }
        let view = self.status_view(agent, status, now);
        self.agents[number].announced = Some(status);
        self.dirty.agent(number as u32);
        Some(StatusChange { previous_status, new_status: status, timestamp: now, agent: view })
    }
}
