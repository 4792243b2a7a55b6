//! A thread that takes in what changes, as it is published; what it missed it reads from the store.

use std::{
    sync::{Arc, Weak, atomic::Ordering},
    time::{Duration, Instant},
};

use hiveboard_store::{EventStore, Position};
use parking_lot::Mutex;

use super::Insights;
use crate::{
    publisher::{Heard, Publisher, Subscription},
    supervisor::Supervisor,
};

/// Batches that wait while one is taken in; beyond it they are read from the store.
const WAITING: usize = 256;
/// How often the sums are written down; what came after is read from the store at the next start.
const KEPT_EVERY: Duration = Duration::from_secs(300);
const PATIENCE: Duration = Duration::from_secs(1);

/// The thread, until it is told to stop.
pub struct Follower(Mutex<Option<std::thread::JoinHandle<()>>>, Weak<Insights>);

impl Follower {
    /// Waits until the thread has written down what it knows.
    pub fn stop(&self) {
        if let Some(insights) = self.1.upgrade() {
            insights.stopping.store(true, Ordering::Release);
        }
        if let Some(thread) = self.0.lock().take()
            && thread.join().is_err()
        {
            tracing::warn!(
                "what insights are computed from was not written down; it is gathered anew at the next start"
            );
        }
    }
}

impl Insights {
    /// Hears of every change from now on, and takes in what was stored before.
    pub fn follow(
        self: &Arc<Self>,
        store: Arc<dyn EventStore>,
        publisher: &Publisher,
        supervisor: Arc<Supervisor>,
    ) -> Follower {
        let changes = publisher.subscribe(WAITING);
        let insights = Arc::clone(self);
        let thread = std::thread::Builder::new()
            .name("insights".to_owned())
            .spawn(move || {
                supervisor.run("insights", || insights.run(&*store, &changes));
            })
            .expect("the system can start one more thread at start");
        Follower(Mutex::new(Some(thread)), Arc::downgrade(self))
    }

    fn run(&self, store: &dyn EventStore, changes: &Subscription) {
        self.restore(store.head().seq());
        if self.catch_up(store) {
            self.is_ready.store(true, Ordering::Release);
        }
        let mut kept_at = Instant::now();
        loop {
            match changes.next(PATIENCE) {
                Some(Heard::Change(change)) => {
                    let mut scopes = self.scopes.lock();
                    let memory = scopes.entry(change.scope).or_default();
                    for one in &change.events {
                        memory.fold(&one.stored, &one.body, one.call_cost);
                    }
                    drop(scopes);
                    if let Some(last) = change.events.last() {
                        self.seq.fetch_max(last.stored.seq, Ordering::AcqRel);
                    }
                }
                Some(Heard::Lagged(_)) => {
                    let caught_up = self.catch_up(store);
                    self.is_ready.fetch_or(caught_up, Ordering::AcqRel);
                }
                Some(Heard::Closed) => break,
                None if self.stopping.load(Ordering::Acquire) => break,
                None => {}
            }
            if kept_at.elapsed() >= KEPT_EVERY {
                self.keep();
                kept_at = Instant::now();
            }
        }
        self.keep();
    }

    /// Reads what is stored and not in yet. Not all of it where it was told to stop, or could not read.
    fn catch_up(&self, store: &dyn EventStore) -> bool {
        let from = Position::of_seq(self.seq.load(Ordering::Acquire));
        let read = store.replay(from, &mut |scope, stored, cost| {
            if self.stopping.load(Ordering::Acquire) {
                return;
            }
            let body = stored.event.body();
            self.scopes.lock().entry(scope).or_default().fold(&stored, &body, cost);
            self.seq.fetch_max(stored.seq, Ordering::AcqRel);
        });
        if let Err(error) = &read {
            tracing::warn!(%error, "events could not be read for insights; what they say is incomplete");
        }
        read.is_ok() && !self.stopping.load(Ordering::Acquire)
    }
}
