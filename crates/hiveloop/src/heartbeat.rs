//! The heartbeat clock: one thread for all agents, which never runs anybody else's code.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::agent::AgentInfo;

/// The first heartbeat follows the registration soon, so that a new agent's card is alive at once.
const FIRST_HEARTBEAT_AFTER: Duration = Duration::from_secs(1);
/// A heartbeat waits for its callback no longer than this, nor than its interval.
const LONGEST_CALLBACK_WAIT: Duration = Duration::from_secs(5);

/// What the clock asks for at some moment.
#[derive(Debug)]
pub(crate) enum Tick {
    /// Send a heartbeat without a callback's value.
    Bare(Arc<AgentInfo>),
    /// Ask the agent's callback, under this ticket.
    Ask(Arc<AgentInfo>, u64),
}

/// When which agent's heart beats. Plain data: time is told from outside.
#[derive(Default)]
pub(crate) struct Schedule {
    due: BinaryHeap<Reverse<(Duration, u64, Due)>>,
    hearts: HashMap<u64, Heart>,
    last_ticket: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Beat,
    /// The callback asked under this ticket has had its time.
    Expired(u64),
}

struct Heart {
    agent: Arc<AgentInfo>,
    interval: Duration,
    /// The callback under way, and whether its heartbeat has gone out without it.
    asked: Option<(u64, bool)>,
}

impl Schedule {
    /// Starts an agent's heartbeats. Does nothing when it has none or they run already.
    pub(crate) fn start(&mut self, agent: &Arc<AgentInfo>, now: Duration) -> bool {
        let Some(interval) = agent.options.heartbeat_interval else { return false };
        if self.hearts.contains_key(&agent.key) {
            return false;
        }
        self.hearts.insert(agent.key, Heart { agent: agent.clone(), interval, asked: None });
        self.due.push(Reverse((now + interval.min(FIRST_HEARTBEAT_AFTER), agent.key, Due::Beat)));
        true
    }

    pub(crate) fn stop(&mut self, agent_key: u64) {
        self.hearts.remove(&agent_key);
        self.due.retain(|Reverse((_, key, _))| *key != agent_key);
    }

    /// When to look again.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.due.peek().map(|Reverse((due, _, _))| *due)
    }

    /// What is to be done now.
    pub(crate) fn tick(&mut self, now: Duration) -> Vec<Tick> {
        let mut ticks = Vec::new();
        while let Some(&Reverse((due, key, what))) = self.due.peek()
            && due <= now
        {
            self.due.pop();
            let Some(heart) = self.hearts.get_mut(&key) else { continue };
            match what {
                Due::Beat => {
                    // Missed beats (a suspended machine) are not made up for.
                    let next = (due + heart.interval).max(now + heart.interval / 2);
                    self.due.push(Reverse((next, key, Due::Beat)));
                    if heart.agent.options.heartbeat_source.is_none() || heart.asked.is_some() {
                        ticks.push(Tick::Bare(heart.agent.clone()));
                    } else {
                        self.last_ticket += 1;
                        heart.asked = Some((self.last_ticket, false));
                        let patience = heart.interval.min(LONGEST_CALLBACK_WAIT);
                        self.due.push(Reverse((now + patience, key, Due::Expired(self.last_ticket))));
                        ticks.push(Tick::Ask(heart.agent.clone(), self.last_ticket));
                    }
                }
                Due::Expired(ticket) => {
                    if heart.asked == Some((ticket, false)) {
                        heart.asked = Some((ticket, true));
                        ticks.push(Tick::Bare(heart.agent.clone()));
                    }
                }
            }
        }
        ticks
    }

    /// A callback has returned. Gives the agent if its heartbeat is still to be sent.
    pub(crate) fn returned(&mut self, agent_key: u64, ticket: u64) -> Option<Arc<AgentInfo>> {
        let heart = self.hearts.get_mut(&agent_key)?;
        let (asked, expired) = heart.asked?;
        if asked != ticket {
            return None;
        }
        heart.asked = None;
        (!expired).then(|| heart.agent.clone())
    }
}

/// The schedule with its lock and its alarm.
#[derive(Default)]
pub(crate) struct HeartbeatClock {
    state: Mutex<ClockState>,
    changed: Condvar,
}

#[derive(Default)]
struct ClockState {
    schedule: Schedule,
    started: bool,
    closed: bool,
}

impl HeartbeatClock {
    fn lock(&self) -> MutexGuard<'_, ClockState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts an agent's heartbeats; returns whether the clock's thread has to be started.
    pub(crate) fn start(&self, agent: &Arc<AgentInfo>, now: Duration) -> bool {
        let mut state = self.lock();
        if state.closed || !state.schedule.start(agent, now) {
            return false;
        }
        self.changed.notify_one();
        !std::mem::replace(&mut state.started, true)
    }

    pub(crate) fn failed_to_start(&self) {
        self.lock().started = false;
    }

    pub(crate) fn stop(&self, agent_key: u64) {
        self.lock().schedule.stop(agent_key);
    }

    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.schedule = Schedule::default();
        self.changed.notify_one();
    }

    pub(crate) fn returned(&self, agent_key: u64, ticket: u64) -> Option<Arc<AgentInfo>> {
        self.lock().schedule.returned(agent_key, ticket)
    }

    /// Waits until something is due. `None` once closed.
    pub(crate) fn next_ticks(&self, now: impl Fn() -> Duration) -> Option<Vec<Tick>> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let moment = now();
            let ticks = state.schedule.tick(moment);
            if !ticks.is_empty() {
                return Some(ticks);
            }
            state = match state.schedule.next_due() {
                Some(due) => {
                    let timeout = due.saturating_sub(moment).max(Duration::from_millis(1));
                    self.changed.wait_timeout(state, timeout).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

#[cfg(test)]
#[path = "heartbeat_tests.rs"]
mod tests;
