//! What changes by time alone, and the changes of status to be announced.

use hiveboard_wire::{RunKey, Timestamp};
use serde::Serialize;

use crate::{
    agent::{DAY, HOUR},
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

/// What changed its status since it was last settled.
#[derive(Debug, Default, PartialEq)]
pub struct Settled {
    pub statuses: Vec<StatusChange>,
    /// Open runs that became stuck or resumed, most of them without an event of their own.
    pub runs: Vec<RunKey>,
}

impl Settled {
    pub fn is_empty(&self) -> bool {
        self.statuses.is_empty() && self.runs.is_empty()
    }
}

impl Projections {
    /// To be called once, when the server takes traffic. `alive_at` is the last time it was known to run, `now` its start.
    ///
    /// While it was down nothing could arrive: agents, processes and runs that were not silent for too long at `alive_at` get one
    /// full threshold from `now`; those that were stay stuck.
    pub fn start(&mut self, alive_at: Timestamp, now: Timestamp) {
        self.move_signs(alive_at, |sign, was_silent| if was_silent { sign } else { now.max(sign) });
        self.note_absence(alive_at, now);
        for number in 0..self.agents.len() {
            let agent = &self.agents[number];
            if !agent.is_known() {
                continue;
            }
            let status = agent.announced.unwrap_or_else(|| self.agent_status_of(agent, now));
            let agent = &mut self.agents[number];
            if agent.announced.is_none() {
                agent.announced_at = agent.last_seen;
            }
            agent.announced = Some(status);
            if self.agent_status_of(&self.agents[number], now) != status {
                // It changed before the server went down, untold: the next sweep finds it.
                continue;
            }
            self.note_state(number, status, now);
            // What is stuck already is no news.
            let (stuck, deadline) = self.find_stuck(number, now);
            let agent = &mut self.agents[number];
            agent.stuck_runs = stuck.into_iter().collect();
            agent.deadline = deadline;
        }
    }

    /// The server's clock went from `from` to `to` without that time having passed for anyone: it was set, or the machine slept, or the
    /// server stood still. Nobody becomes stuck by it: those that were not get one full threshold from `to`; ages of all others stay.
    pub fn clock_jumped(&mut self, from: Timestamp, to: Timestamp) {
        let by = to.micros().saturating_sub(from.micros());
        self.move_signs(from, |sign, was_silent| if was_silent { sign.plus_micros(by) } else { to });
        for agent in self.agents.iter_mut().filter(|agent| agent.is_known()) {
            agent.last_seen = agent.last_seen.plus_micros(by);
            agent.last_heartbeat = agent.last_heartbeat.map(|at| at.plus_micros(by));
        }
    }

    /// Moves every sign of life: `moved` takes it and whether it was too old at `at`.
    fn move_signs(&mut self, at: Timestamp, moved: impl Fn(Timestamp, bool) -> Timestamp) {
        for number in (0..self.agents.len()).filter(|number| self.agents[*number].is_known()).collect::<Vec<_>>() {
            let threshold = self.agents[number].threshold_micros();
            let change = |sign: &mut Timestamp| {
                if *sign != Timestamp::MIN {
                    *sign = moved(*sign, at.micros().saturating_sub(sign.micros()) > threshold);
                }
            };
            let agent = &mut self.agents[number];
            change(&mut agent.last_sign);
            change(&mut agent.anonymous_sign);
            for instance in agent.instances.values_mut() {
                change(&mut instance.last_sign);
            }
            agent.deadline = Timestamp::MIN;
            self.agenda.follow(number as u32, agent);
            let open = agent.open.clone();
            self.dirty.agent(number as u32);
            for run in open {
                change(&mut self.run_at_mut(run).last_sign);
                self.dirty.run(run);
            }
        }
    }

    /// Changes of all agents since they were last settled, which came by time alone; they count as announced with this. Also moves the
    /// totals of the last hour along, which reading then need not add up.
    pub fn liveness_sweep(&mut self, now: Timestamp) -> Settled {
        let mut settled = Settled::default();
        for number in self.agenda.take_due(now, &mut self.agents) {
            if self.agents[number as usize].deadline <= now {
                self.settle_agent(number as usize, now, &mut settled);
            }
            self.agenda.follow(number, &mut self.agents[number as usize]);
        }
        self.totals.settle();
        if self.agenda.turns_minute(now) {
            for (number, agent) in (0..).zip(&mut self.agents) {
                // Of one that is silent nothing else moves them along.
                self.dirty.buckets_gone(number, agent.minutes.advance(now), agent.quarters.advance(now));
                agent.minutes.roll(HOUR, now);
                agent.quarters.roll(DAY, now);
            }
        }
        settled
    }

    /// How many agents there are, and how many of them are stuck.
    pub fn agent_counts(&self, now: Timestamp) -> (usize, usize) {
        let known = self.agents.iter().filter(|agent| agent.is_known());
        known.fold((0, 0), |(all, stuck), agent| {
            (all + 1, stuck + usize::from(self.agent_status_of(agent, now) == AgentStatus::Stuck))
        })
    }

    /// The same for some agents: those that events touched.
    pub fn settle<'a>(&mut self, agent_ids: impl IntoIterator<Item = &'a str>, now: Timestamp) -> Settled {
        let mut settled = Settled::default();
        let numbers: Vec<usize> = agent_ids.into_iter().filter_map(|id| self.known_agent_number(id)).collect();
        for number in numbers {
            self.settle_agent(number, now, &mut settled);
            self.agenda.follow(number as u32, &mut self.agents[number]);
        }
        settled
    }

    fn settle_agent(&mut self, number: usize, now: Timestamp, settled: &mut Settled) {
        let agent = &self.agents[number];
        let status = self.agent_status_of(agent, now);
        let was_stuck = agent.announced == Some(AgentStatus::Stuck);
        if agent.deadline <= now || was_stuck != (status == AgentStatus::Stuck) {
            let (stuck, deadline) = self.find_stuck(number, now);
            let agent = &self.agents[number];
            let left = agent.stuck_runs.iter().filter(|run| stuck.binary_search(run).is_err());
            let joined = stuck.iter().filter(|run| !agent.stuck_runs.contains(*run));
            settled.runs.extend(left.chain(joined).map(|run| self.run_key(*run)));
            let agent = &mut self.agents[number];
            agent.stuck_runs = stuck.into_iter().collect();
            agent.deadline = deadline;
        }
        self.note_state(number, status, now);
        settled.statuses.extend(self.announce(number, status, now));
    }

    /// The agent's stuck runs in order, and the instant before which nothing of it changes by time alone.
    fn find_stuck(&self, number: usize, now: Timestamp) -> (Vec<u32>, Timestamp) {
        let agent = &self.agents[number];
        let from = self.stuck_from(agent, now);
        if now >= from {
            return (agent.open.iter().copied().collect(), Timestamp::MAX);
        }
        let (mut stuck, mut deadline) = (Vec::new(), from);
        for run in &agent.open {
            let at = agent.orphaned_from(self.run_at(*run));
            if now >= at {
                stuck.push(*run);
            } else {
                deadline = deadline.min(at);
            }
        }
        if agent.goodbye.is_some() {
            // It is gone once its other processes are silent.
            let others = agent.instances.values().filter(|known| !known.gone);
            let silent = others.map(|known| crate::status::silent_from(known.last_sign, agent.threshold_micros()));
            deadline = silent.filter(|at| *at > now).fold(deadline, Timestamp::min);
        }
        (stuck, deadline)
    }

    fn announce(&mut self, number: usize, status: AgentStatus, now: Timestamp) -> Option<StatusChange> {
        let agent = &mut self.agents[number];
        let previous_status = agent.announced;
        if previous_status == Some(status) {
            return None;
        }
        agent.announced = Some(status);
        agent.announced_at = now;
        self.dirty.agent(number as u32);
        let view = self.status_view(&self.agents[number], status, now);
        Some(StatusChange { previous_status, new_status: status, timestamp: now, agent: view })
    }
}
