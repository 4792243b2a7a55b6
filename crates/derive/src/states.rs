//! In which state an agent was, when, and for how long: what uptime strips and lists of deaths show.
//!
//! Liveness goes by arrivals and by the server's clock, so these states are written down as they are found. From events alone (`rebuild`)
//! they come out the same, but for the time in which the server itself was away: there, silence was nobody's.

use std::collections::VecDeque;

use hiveboard_wire::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    agent::Agent,
    projections::Projections,
    view::{AgentStateView, AgentStatus, StateKind, StateSpanView, StateTotal},
};

/// Changes kept an agent; of one that flickers, the newest.
const MOST: usize = 400;
/// A server that was away for less has missed nothing worth telling.
const AWAY_MICROS: i64 = 60 * hiveboard_wire::MICROS_PER_SECOND;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StateChange {
    pub(crate) at_micros: i64,
    pub(crate) state: StateKind,
}

/// The oldest first; no two neighbours are alike.
#[derive(Debug, Clone, Default)]
pub(crate) struct States(VecDeque<StateChange>);

/// What a change of states comes to: the instants of the rows to write, and to delete.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Noted {
    pub(crate) at_micros: Option<i64>,
    pub(crate) gone: Option<i64>,
}

impl States {
    fn current(&self) -> Option<StateKind> {
        self.0.back().map(|change| change.state)
    }

    /// From `at` on it is in that state.
    fn note(&mut self, at: Timestamp, state: StateKind) -> Noted {
        if self.current() == Some(state) {
            return Noted::default();
        }
        // A clock that was set back does not turn history over.
        let at_micros = self.0.back().map_or(at.micros(), |last| at.micros().max(last.at_micros + 1));
        self.0.push_back(StateChange { at_micros, state });
        let gone = if self.0.len() > MOST { self.0.pop_front().map(|change| change.at_micros) } else { None };
        Noted { at_micros: Some(at_micros), gone }
    }

    pub(crate) fn get(&self, at_micros: i64) -> Option<StateKind> {
        let place = self.0.binary_search_by_key(&at_micros, |change| change.at_micros).ok()?;
        self.0.get(place).map(|change| change.state)
    }

    /// When its stretches began: the keys of their rows.
    pub(crate) fn instants(&self) -> impl Iterator<Item = i64> {
        self.0.iter().map(|change| change.at_micros)
    }

    /// For rows, which come in any order.
    pub(crate) fn put(&mut self, at_micros: i64, state: StateKind) {
        let place = self.0.partition_point(|change| change.at_micros < at_micros);
        self.0.insert(place, StateChange { at_micros, state });
    }

    /// Stretches that reach into `since` to `until`, the oldest first; the last one goes on where it has no end.
    fn spans(&self, since: Timestamp, until: Timestamp) -> impl Iterator<Item = (StateChange, Option<i64>)> {
        let ends = self.0.iter().skip(1).map(|change| Some(change.at_micros)).chain([None]);
        self.0.iter().copied().zip(ends).filter(move |(change, end)| {
            change.at_micros < until.micros() && end.is_none_or(|end| end > since.micros())
        })
    }
}

impl Projections {
    /// Writes down what state the agent is in. To be called whenever it is settled.
    pub(crate) fn note_state(&mut self, number: usize, status: AgentStatus, now: Timestamp) {
        let state = state_of(&self.agents[number], status, now);
        self.note(number, now, state);
    }

    fn note(&mut self, number: usize, at: Timestamp, state: StateKind) {
        let noted = self.agents[number].states.note(at, state);
        for at_micros in [noted.at_micros, noted.gone].into_iter().flatten() {
            self.dirty.state(number as u32, at_micros);
        }
    }

    /// While an event is folded again that arrived at `at`: writes down what time alone had changed until then.
    pub fn replay_clock(&mut self, agent_id: &str, at: Timestamp) {
        let Some(number) = self.known_agent_number(agent_id) else { return };
        let agent = &self.agents[number];
        let since = self.stuck_from(agent, at);
        if at > since {
            self.note(number, since, StateKind::Stuck);
        }
    }

    /// The same, after it was folded.
    pub fn replay_state(&mut self, agent_id: &str, at: Timestamp) {
        let Some(number) = self.known_agent_number(agent_id) else { return };
        let status = self.agent_status_of(&self.agents[number], at);
        self.note_state(number, status, at);
    }

    /// The server was away from `alive_at` to `now`: nobody knows how those fared that were alive before.
    pub(crate) fn note_absence(&mut self, alive_at: Timestamp, now: Timestamp) {
        if now.micros().saturating_sub(alive_at.micros()) < AWAY_MICROS {
            return;
        }
        for number in 0..self.agents.len() {
            match self.agents[number].states.current() {
                None | Some(StateKind::Stuck | StateKind::Gone) => {}
                Some(_) => self.note(number, alive_at, StateKind::Unwatched),
            }
        }
    }

    /// The states of an agent between `since` and `until`; `None` for one that nobody heard of.
    pub fn agent_states(
        &self,
        agent_id: &str,
        since: Timestamp,
        until: Timestamp,
        now: Timestamp,
    ) -> Option<AgentStateView> {
        let agent = self.find_agent(agent_id).filter(|agent| agent.first_seen != Timestamp::MAX)?;
        let states: Vec<StateSpanView> = span_views(agent, since, until, now).collect();
        let from = agent.states.0.front().map_or(now, |change| Timestamp(change.at_micros));
        let totals: Vec<StateTotal> = StateKind::ALL
            .into_iter()
            .map(|state| StateTotal {
                state,
                seconds: states
                    .iter()
                    .filter(|span| span.state == state)
                    .map(|span| {
                        span.ended_at.unwrap_or(now).min(until).seconds_since(span.started_at.max(since)).max(0.0)
                    })
                    .sum(),
                times: states.iter().filter(|span| span.state == state).count() as u64,
            })
            .filter(|total| total.times > 0)
            .collect();
        let of = |wanted: &[StateKind]| {
            totals.iter().filter(|total| wanted.contains(&total.state)).map(|total| total.seconds).sum::<f64>()
        };
        let alive = of(&[StateKind::Up, StateKind::Error, StateKind::Waiting]);
        let expected = alive + of(&[StateKind::Stuck]);
        Some(AgentStateView {
            agent_id: agent.id.to_string(),
            known_since: from,
            uptime: (expected > 0.0).then(|| alive / expected),
            states,
            totals,
        })
    }

    /// Stretches of all agents of a project that `matches` takes by id, environment and group, the latest to begin first.
    pub fn state_history(
        &self,
        kinds: &[StateKind],
        since: Timestamp,
        until: Timestamp,
        now: Timestamp,
        project: Option<&str>,
        matches: impl Fn(&str, &str, &str) -> bool,
    ) -> Vec<StateSpanView> {
        let of_project = |agent: &Agent| {
            project.is_none_or(|wanted| {
                agent.projects.keys().any(|slug| self.canonical(self.interner.text(*slug)) == wanted)
            })
        };
        let mut found: Vec<StateSpanView> = self
            .agents
            .iter()
            .filter(|agent| {
                let labels = agent.labels.as_ref().map(|latest| &latest.value);
                labels.is_some_and(|labels| matches(&agent.id, &labels.environment, &labels.group)) && of_project(agent)
            })
            .flat_map(|agent| span_views(agent, since, until, now))
            .filter(|span| kinds.contains(&span.state))
            .collect();
        found.sort_by(|a, b| b.started_at.cmp(&a.started_at).then_with(|| a.agent_id.cmp(&b.agent_id)));
        found
    }
}

fn state_of(agent: &Agent, status: AgentStatus, now: Timestamp) -> StateKind {
    match status {
        AgentStatus::Stuck => StateKind::Stuck,
        AgentStatus::WaitingApproval => StateKind::Waiting,
        AgentStatus::Error => StateKind::Error,
        AgentStatus::Idle | AgentStatus::Processing if agent.is_gone(now) => StateKind::Gone,
        AgentStatus::Idle | AgentStatus::Processing => StateKind::Up,
    }
}

fn span_views(
    agent: &Agent,
    since: Timestamp,
    until: Timestamp,
    now: Timestamp,
) -> impl Iterator<Item = StateSpanView> {
    agent.states.spans(since, until).map(move |(change, end)| {
        let (started_at, ended_at) = (Timestamp(change.at_micros), end.map(Timestamp));
        StateSpanView {
            agent_id: agent.id.to_string(),
            state: change.state,
            started_at,
            ended_at,
            duration_seconds: ended_at.unwrap_or(now).seconds_since(started_at).max(0.0),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_follow_each_other_and_the_oldest_go() {
        let mut states = States::default();
        assert_eq!(states.note(Timestamp(10), StateKind::Up), Noted { at_micros: Some(10), gone: None });
        assert_eq!(states.note(Timestamp(20), StateKind::Up), Noted::default());
        // The clock was set back.
        assert_eq!(states.note(Timestamp(5), StateKind::Stuck), Noted { at_micros: Some(11), gone: None });
        let spans: Vec<_> =
            states.spans(Timestamp(0), Timestamp(100)).map(|(change, end)| (change.state, end)).collect();
        assert_eq!(spans, [(StateKind::Up, Some(11)), (StateKind::Stuck, None)]);
        for at in 0..MOST as i64 {
            let state = if at % 2 == 0 { StateKind::Up } else { StateKind::Stuck };
            states.note(Timestamp(1_000 + at), state);
        }
        assert_eq!(states.0.len(), MOST);
        assert_eq!(states.get(10), None);
        assert_eq!(states.get(1_001), Some(StateKind::Stuck));
    }
}
