//! Which agents have to be looked at by the clock, and when, so that those of which nothing changes cost nothing.

use std::collections::BTreeSet;

use hiveboard_wire::Timestamp;

use crate::agent::Agent;

/// Agents by the instant at which they are looked at next.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    by_due: BTreeSet<(Timestamp, u32)>,
    /// The minute to which all last hours were moved along.
    minute: Option<Timestamp>,
}

impl Agenda {
    /// Brings an agent forward whose deadline is earlier than it was. A deadline that moved away is found when its time comes.
    pub(crate) fn follow(&mut self, number: u32, agent: &mut Agent) {
        if agent.deadline < agent.due {
            self.by_due.remove(&(agent.due, number));
            agent.due = agent.deadline;
            self.by_due.insert((agent.due, number));
        }
    }

    /// Takes out one that is there no more.
    pub(crate) fn leave(&mut self, number: u32, agent: &Agent) {
        self.by_due.remove(&(agent.due, number));
    }

    /// Takes out those whose time has come; each is to be followed again.
    pub(crate) fn take_due(&mut self, now: Timestamp, agents: &mut [Agent]) -> Vec<u32> {
        let mut due = Vec::new();
        while let Some(first) = self.by_due.first().copied().filter(|(at, _)| *at <= now) {
            self.by_due.remove(&first);
            agents[first.1 as usize].due = Timestamp::MAX;
            due.push(first.1);
        }
        due
    }

    /// Whether a minute began since this was last asked.
    pub(crate) fn turns_minute(&mut self, now: Timestamp) -> bool {
        let minute = now.bucket(crate::agent::MINUTE);
        self.minute.replace(minute) != Some(minute)
    }
}
