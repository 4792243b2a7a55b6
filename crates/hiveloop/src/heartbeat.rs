//! The heartbeat clock: one thread for all agents, which never runs anybody else's code.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::agent_info::AgentInfo;
use crate::callbacks::HeartbeatSource;

/// The first heartbeat follows the registration soon, so that a new agent's card is alive at once.
const FIRST_HEARTBEAT_AFTER: Duration = Duration::from_secs(1);
/// A heartbeat waits for its callback no longer than this, nor than its interval.
const LONGEST_CALLBACK_WAIT: Duration = Duration::from_secs(5);

/// First heartbeats are this far apart, so that a thousand agents made at once do not beat at once for ever: each takes
/// a request of its own.
const BETWEEN_FIRST_HEARTBEATS: Duration = Duration::from_millis(20);

/// What the clock asks for at some moment.
pub(crate) enum Tick {
    /// Send a heartbeat without a callback's value.
    Bare(Arc<AgentInfo>),
    /// Ask the agent's callback, under this ticket.
    Ask { agent: Arc<AgentInfo>, ticket: u64, source: Arc<dyn HeartbeatSource> },
}

/// When which agent's heart beats. Plain data: time is told from outside.
#[derive(Default)]
pub(crate) struct Schedule {
    due: BinaryHeap<Reverse<(Duration, u64, Due)>>,
    hearts: HashMap<u64, Heart>,
    last_ticket: u64,
    last_first: Option<Duration>,
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
    source: Option<Arc<dyn HeartbeatSource>>,
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
        let source = agent.options.heartbeat_source.clone();
        self.hearts.insert(agent.key, Heart { agent: agent.clone(), interval, source, asked: None });
        let soonest = now + interval.min(FIRST_HEARTBEAT_AFTER);
        let apart = self.last_first.map_or(soonest, |last| last + BETWEEN_FIRST_HEARTBEATS);
        // More than fit into an interval go between the first of them, and not all at its end.
        let first = if apart > now + interval { soonest } else { soonest.max(apart) };
        self.last_first = Some(first);
        self.due.push(Reverse((first, agent.key, Due::Beat)));
        true
    }

    /// Ends an agent's heartbeats; returns whether there were any.
    pub(crate) fn stop(&mut self, agent_key: u64) -> bool {
        let stopped = self.hearts.remove(&agent_key).is_some();
        if stopped {
            self.due.retain(|Reverse((_, key, _))| *key != agent_key);
        }
        stopped
    }

    pub(crate) fn replace_source(
        &mut self,
        agent_key: u64,
        source: Arc<dyn HeartbeatSource>,
    ) -> Option<Arc<dyn HeartbeatSource>> {
        match self.hearts.get_mut(&agent_key) {
            Some(heart) => heart.source.replace(source),
            None => Some(source),
        }
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
                    let agent = heart.agent.clone();
                    match &heart.source {
                        Some(source) if heart.asked.is_none() => {
                            self.last_ticket += 1;
                            let (ticket, source) = (self.last_ticket, source.clone());
                            heart.asked = Some((ticket, false));
                            let patience = heart.interval.min(LONGEST_CALLBACK_WAIT);
                            self.due.push(Reverse((now + patience, key, Due::Expired(ticket))));
                            ticks.push(Tick::Ask { agent, ticket, source });
                        }
                        _ => ticks.push(Tick::Bare(agent)),
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

    pub(crate) fn stop(&self, agent_key: u64) -> bool {
        self.lock().schedule.stop(agent_key)
    }

    pub(crate) fn replace_source(
        &self,
        agent_key: u64,
        source: Arc<dyn HeartbeatSource>,
    ) -> Option<Arc<dyn HeartbeatSource>> {
        self.lock().schedule.replace_source(agent_key, source)
    }

    /// Ends all heartbeats; returns of how many agents.
    pub(crate) fn close(&self) -> usize {
        let mut state = self.lock();
        state.closed = true;
        let schedule = std::mem::take(&mut state.schedule);
        self.changed.notify_one();
        drop(state);
        // Dropped without the lock: callbacks may be anybody's code.
        schedule.hearts.len()
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
