//! The one change stream: whatever changed, by events or by the clock, goes through here, in the order in which it changed.
//!
//! Who folds takes its turn first, so that no change overtakes another on its way out: the stream's readers hear by the [`Hub`], others
//! (alerts) by a [`Subscription`] with a bounded queue. Nothing here waits for a listener.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
    mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel},
};
use std::time::Duration;

use hiveboard_derive::{Settled, StatusChange};
use hiveboard_store::Fresh;
use hiveboard_wire::{Body, RunKey, Scope, Timestamp};
use metrics::counter;
use parking_lot::{Mutex, MutexGuard};

use crate::live::Hub;

/// What one batch of events, or the clock, changed in a scope.
#[derive(Debug)]
pub struct ChangeSet {
    pub scope: Scope,
    /// By the server's clock.
    pub at: Timestamp,
    /// What was new, in order of `seq`; empty when the clock did it.
    pub events: Vec<Fresh>,
    pub statuses: Vec<StatusChange>,
    /// Open runs that became stuck or resumed.
    pub runs: Vec<RunKey>,
}

/// A run that an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunRef<'a> {
    pub agent_id: &'a str,
    pub task_id: &'a str,
    pub task_run_id: &'a str,
}

impl<'a> RunRef<'a> {
    /// Of an event; `None` outside of tasks.
    pub fn of(one: &'a Fresh) -> Option<Self> {
        let event = &one.stored.event;
        Some(Self {
            agent_id: &one.stored.envelope.agent_id,
            task_id: event.task_id.as_deref()?,
            task_run_id: event.task_run_id.as_deref().unwrap_or(""),
        })
    }
}

impl hashbrown::Equivalent<RunKey> for RunRef<'_> {
    fn equivalent(&self, key: &RunKey) -> bool {
        *self.agent_id == *key.agent_id && *self.task_id == *key.task_id && *self.task_run_id == *key.task_run_id
    }
}

impl From<&RunRef<'_>> for RunKey {
    fn from(run: &RunRef<'_>) -> Self {
        Self { agent_id: run.agent_id.into(), task_id: run.task_id.into(), task_run_id: run.task_run_id.into() }
    }
}

impl ChangeSet {
    pub fn new(scope: Scope, at: Timestamp, events: Vec<Fresh>, settled: Settled) -> Self {
        Self { scope, at, events, statuses: settled.statuses, runs: settled.runs }
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.statuses.is_empty() && self.runs.is_empty()
    }

    /// Every run that an event touched or whose status changed; some more than once.
    pub fn runs_touched(&self) -> impl Iterator<Item = RunRef<'_>> {
        let of_events = self.events.iter().filter_map(RunRef::of);
        let of_statuses = self.runs.iter().map(|run| RunRef {
            agent_id: &run.agent_id,
            task_id: &run.task_id,
            task_run_id: &run.task_run_id,
        });
        of_events.chain(of_statuses)
    }

    /// The events that said something of an agent's items: queue, to-dos, schedule, issues.
    pub fn items(&self) -> impl Iterator<Item = &Fresh> {
        self.events.iter().filter(|one| {
            matches!(one.body, Body::QueueSnapshot(_) | Body::Todo(_) | Body::Scheduled(_) | Body::Issue(_))
        })
    }
}

/// What a subscriber hears.
#[derive(Debug)]
pub enum Heard {
    Change(Arc<ChangeSet>),
    /// So many changes did not fit into its queue since the last one it took: it looks at the state itself.
    Lagged(u64),
    /// The server stops.
    Closed,
}

struct Listener {
    queue: SyncSender<Arc<ChangeSet>>,
    missed: Arc<AtomicU64>,
}

/// How long a listener that was waked waits for more. Waking a thread costs more than most changes do; what comes meanwhile finds it awake.
const GATHERED_FOR: Duration = Duration::from_millis(20);

/// Changes for a listener on a thread of its own.
pub struct Subscription {
    queue: Receiver<Arc<ChangeSet>>,
    missed: Arc<AtomicU64>,
}

impl Subscription {
    /// `None` when nothing came within `patience`.
    pub fn next(&self, patience: Duration) -> Option<Heard> {
        match self.missed.swap(0, Ordering::AcqRel) {
            0 => {}
            missed => return Some(Heard::Lagged(missed)),
        }
        match self.queue.try_recv() {
            Ok(change) => return Some(Heard::Change(change)),
            Err(TryRecvError::Disconnected) => return Some(Heard::Closed),
            Err(TryRecvError::Empty) => {}
        }
        match self.queue.recv_timeout(patience) {
            Ok(change) => {
                std::thread::sleep(GATHERED_FOR);
                Some(Heard::Change(change))
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Heard::Closed),
        }
    }
}

pub struct Publisher {
    hub: Arc<Hub>,
    listeners: Mutex<Vec<Listener>>,
}

/// The right to change and publish; whoever holds it is alone.
pub struct Turn<'a> {
    hub: &'a Hub,
    listeners: MutexGuard<'a, Vec<Listener>>,
}

impl Publisher {
    pub fn new(hub: Arc<Hub>) -> Self {
        Self { hub, listeners: Mutex::default() }
    }

    /// Waits for whoever has its turn. Taken before the fold, given back after publishing.
    pub fn turn(&self) -> Turn<'_> {
        Turn { hub: &self.hub, listeners: self.listeners.lock() }
    }

    /// Every change from now on, with room for `capacity` of them that wait.
    pub fn subscribe(&self, capacity: usize) -> Subscription {
        let (sender, queue) = sync_channel(capacity);
        let missed = Arc::new(AtomicU64::new(0));
        self.listeners.lock().push(Listener { queue: sender, missed: Arc::clone(&missed) });
        Subscription { queue, missed }
    }

    /// Tells all subscribers that nothing more comes.
    pub fn close(&self) {
        self.listeners.lock().clear();
    }
}

impl Turn<'_> {
    pub fn publish(&mut self, change: ChangeSet) {
        if change.is_empty() {
            return;
        }
        self.hub.publish(&change);
        if self.listeners.is_empty() {
            return;
        }
        let change = Arc::new(change);
        self.listeners.retain(|listener| match listener.queue.try_send(Arc::clone(&change)) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                listener.missed.fetch_add(1, Ordering::AcqRel);
                counter!("hiveboard_changes_missed_total").increment(1);
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        });
    }
}

#[cfg(test)]
mod tests {
    use hiveboard_wire::{Mode, WorkspaceId};

    use super::*;

    fn change(task_id: &str) -> ChangeSet {
        let run = RunKey { agent_id: "a".into(), task_id: task_id.into(), task_run_id: "".into() };
        let settled = Settled { statuses: Vec::new(), runs: vec![run] };
        let scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
        ChangeSet::new(scope, Timestamp(1), Vec::new(), settled)
    }

    #[test]
    fn a_listener_hears_in_order_and_is_told_what_it_missed() {
        let publisher = Publisher::new(Arc::default());
        let slow = publisher.subscribe(2);
        let gone = publisher.subscribe(2);
        drop(gone);
        for task in ["one", "two", "three", "four"] {
            publisher.turn().publish(change(task));
        }
        let patience = Duration::from_secs(5);
        assert!(matches!(slow.next(patience), Some(Heard::Lagged(2))));
        for wanted in ["one", "two"] {
            let Some(Heard::Change(heard)) = slow.next(patience) else { panic!("a change waits") };
            assert_eq!(heard.runs_touched().next().unwrap().task_id, wanted);
        }
        assert!(slow.next(Duration::ZERO).is_none());
        publisher.close();
        assert!(matches!(slow.next(patience), Some(Heard::Closed)));
    }
}
