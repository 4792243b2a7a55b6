//! What bounds the memory of a scope, whatever is sent: numbers of agents and of runs that never end, and names of processes that are gone.
//!
//! Retention lets all of these go with their events; between two days of it, pods and crashes may make more than memory is meant for.

use std::cmp::Reverse;

use crate::{projections::Projections, totals::Entry};

/// How many a scope keeps in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryLimits {
    pub agents: usize,
    pub open_runs: usize,
    /// Names of processes that may be kept beyond those in use, before they are gone through.
    pub spare_processes: usize,
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self { agents: 20_000, open_runs: 50_000, spare_processes: 10_000 }
    }
}

/// What had to be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgotten {
    pub agents: usize,
    pub open_runs: usize,
}

impl Forgotten {
    pub const fn is_nothing(self) -> bool {
        self.agents == 0 && self.open_runs == 0
    }
}

/// Forgotten in one go, so that nobody waits for all of it.
const AT_ONCE: usize = 256;

impl Projections {
    /// Forgets some of what is beyond the limits: open runs that nothing was heard of for the longest, then agents likewise that have no
    /// run in memory. What they added to figures of runs and calls stays, and so do their events. To be called until nothing goes.
    pub fn forget_some_beyond(&mut self, limits: MemoryLimits) -> Forgotten {
        let silent = longest_silent(
            self.open.iter().map(|number| (self.run_at(*number).last_sign, *number)),
            self.open.len().saturating_sub(limits.open_runs),
        );
        for run in &silent {
            self.totals.follow(Entry::of(self.run_at(*run)), None);
            self.remove_run(*run);
        }
        let without_runs = (0..).zip(&self.agents).filter(|(_, agent)| agent.is_known() && agent.runs.is_empty());
        let agents = longest_silent(
            without_runs.map(|(number, agent)| (agent.last_seen, number)),
            self.agent_count().saturating_sub(limits.agents),
        );
        for agent in &agents {
            self.forget_agent(*agent);
        }
        self.forget_unused_processes(limits.spare_processes);
        Forgotten { agents: agents.len(), open_runs: silent.len() }
    }

    fn forget_unused_processes(&mut self, spare: usize) {
        let named = self.agents.iter().map(|agent| agent.instances.len()).sum::<usize>() + self.open.len();
        if self.interner.processes() <= named + spare {
            return;
        }
        let Self { interner, agents, runs, .. } = self;
        let mut numbers = interner.renumber_processes();
        for agent in agents {
            let known = std::mem::take(&mut agent.instances);
            agent.instances = known.into_iter().map(|(process, instance)| (numbers.of(process), instance)).collect();
            if let Some(goodbye) = &mut agent.goodbye {
                goodbye.instance = goodbye.instance.map(|process| numbers.of(process));
            }
        }
        for run in runs {
            run.instance.value = run.instance.value.map(|process| numbers.of(process));
        }
    }
}

/// The numbers of the first so many by their last sign, a bounded part of them.
fn longest_silent<T: Ord + Copy>(all: impl Iterator<Item = (T, u32)>, beyond: usize) -> Vec<u32> {
    if beyond == 0 {
        return Vec::new();
    }
    let mut all: Vec<(T, Reverse<u32>)> = all.map(|(sign, number)| (sign, Reverse(number))).collect();
    let most = beyond.min(AT_ONCE).min(all.len());
    if most < all.len() {
        all.select_nth_unstable(most);
    }
    all.truncate(most);
    all.into_iter().map(|(_, Reverse(number))| number).collect()
}

#[cfg(test)]
mod tests {
    use hiveboard_wire::{Decoded, StoredEvent, Timestamp, decode_batch};

    use super::*;
    use crate::interner::Name;

    #[test]
    fn names_of_processes_that_are_gone_are_forgotten() {
        let mut projections = Projections::new();
        let now = Timestamp::parse("2026-11-26T10:00:00Z").unwrap();
        for number in 0..1_000_u32 {
            let body = serde_json::json!({
                "envelope": {"agent_id": "a", "instance_id": format!("process-{number}")},
                "events": [{
                    "event_id": format!("event-{number}"), "timestamp": now.plus_seconds(i64::from(number)).to_string(),
                    "event_type": "task_started", "task_id": "t", "task_run_id": "r",
                }],
            });
            let received_at = now.plus_seconds(i64::from(number));
            let Decoded { envelope, mut events, .. } = decode_batch(body.to_string().as_bytes(), received_at).unwrap();
            let one = events.remove(0);
            let stored = StoredEvent { seq: u64::from(number) + 1, received_at, envelope, event: one.event };
            projections.apply(&stored, &one.body, None);
        }
        assert_eq!(projections.interner.processes(), 1_000);
        let limits = MemoryLimits { spare_processes: 10, ..MemoryLimits::default() };
        assert!(projections.forget_some_beyond(limits).is_nothing(), "one agent and one run are not many");
        assert_eq!(projections.interner.processes(), 256, "those that the agent is remembered with");
        let instance = projections.run_at(0).instance.value.expect("the run has a process");
        assert_eq!(instance.text(&projections.interner), "process-999");
        let agent = projections.find_agent("a").expect("it is known");
        assert!(agent.instances.contains_key(&instance));
        assert!(agent.instances.keys().any(|process| process.text(&projections.interner) == "process-744"));
    }
}
