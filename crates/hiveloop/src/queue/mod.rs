//! Events that wait to be sent: in order per agent, bounded in number and bytes.
//!
//! Callers push, one sender takes; both hold the lock for well under a microsecond a call. [`Store`] is the plain data
//! structure; [`Queue`] adds the lock, the waiting and the rules of when something is due.

mod store;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::agent::AgentInfo;
use crate::clock::Clock;
use crate::event::patch_identity;
use crate::sending::Hold;
use crate::stamp::{ID_LENGTH, STAMP_LENGTH, Stamper};
use crate::stats::Stats;
pub(crate) use store::Batch;
use store::Store;

/// A flush makes a sender that waits after a failure try at once, but not more often than this.
const LEAST_BETWEEN_KICKS: Duration = Duration::from_secs(1);
/// While a client shuts down, it waits no longer than this between attempts.
const LONGEST_DRAINING_WAIT: Duration = Duration::from_secs(1);

/// The bounds of a queue and of its batches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) max_events: usize,
    pub(crate) max_bytes: usize,
    pub(crate) batch_events: usize,
    pub(crate) body_bytes: usize,
    pub(crate) flush_interval: Duration,
}

/// What became of a pushed event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It waits; a sender has to be started if there is none yet.
    Queued {
        start_sender: bool,
        /// How many older events had to make room.
        overflowed: u64,
    },
    /// The client has been shut down.
    Closed,
}

pub(crate) struct Queue {
    state: Mutex<State>,
    /// Wakes the sender.
    work: Condvar,
    /// Wakes those who wait in `flush`.
    progress: Condvar,
    clock: Arc<dyn Clock>,
    limits: Limits,
}

struct State {
    store: Store,
    stamper: Stamper,
    stats: Stats,
    /// Everything up to this sequence number is to be sent now.
    due_through: u64,
    /// When everything queued becomes due.
    deadline: Option<Duration>,
    /// No attempt before this, and why.
    hold: Option<(Duration, Hold)>,
    last_attempt: Option<Duration>,
    /// A batch may hold at most this many events: lowered after a 413, raised again by success.
    batch_events: usize,
    in_flight: Option<(u64, usize)>,
    sender_started: bool,
    draining: bool,
    closed: bool,
    flushing: usize,
}

impl Queue {
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let state = State {
            store: Store::new(limits),
            stamper: Stamper::new(clock.clone()),
            stats: Stats::default(),
            due_through: 0,
            deadline: None,
            hold: None,
            last_attempt: None,
            batch_events: limits.batch_events,
            in_flight: None,
            sender_started: false,
            draining: false,
            closed: false,
            flushing: 0,
        };
        Self { state: Mutex::new(state), work: Condvar::new(), progress: Condvar::new(), clock, limits }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; if ever, the numbers are still usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stamps an event and queues it, dropping the oldest if there is no room.
    pub(crate) fn push(&self, agent: &Arc<AgentInfo>, mut event: Box<[u8]>, stamped: bool) -> Pushed {
        let mut state = self.lock();
        if state.closed {
            return Pushed::Closed;
        }
        if !stamped {
            let (mut id, mut stamp) = ([0; ID_LENGTH], [0; STAMP_LENGTH]);
            state.stamper.write(&mut id, &mut stamp);
            patch_identity(&mut event, &id, &stamp);
        }
        let overflowed = state.store.make_room_for(event.len());
        state.stats.dropped += overflowed;
        let became_full = state.store.push(agent, event);
        let first_to_wait = state.deadline.is_none();
        if first_to_wait {
            state.deadline = Some(self.clock.monotonic() + self.limits.flush_interval);
        }
        let start_sender = !state.sender_started;
        state.sender_started = true;
        if (became_full || first_to_wait) && state.hold.is_none() {
            self.work.notify_one();
        }
        Pushed::Queued { start_sender, overflowed }
    }

    /// An id and a stamp for an event that somebody wants to see before it is queued.
    pub(crate) fn identity(&self) -> ([u8; ID_LENGTH], [u8; STAMP_LENGTH]) {
        let (mut id, mut stamp) = ([0; ID_LENGTH], [0; STAMP_LENGTH]);
        self.lock().stamper.write(&mut id, &mut stamp);
        (id, stamp)
    }

    /// The sender could not be started; the next push tries again.
    pub(crate) fn sender_failed_to_start(&self) {
        self.lock().sender_started = false;
    }

    /// Waits for a batch that is due. `None` once the queue is closed.
    pub(crate) fn next_batch(&self) -> Option<Batch> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let now = self.clock.monotonic();
            if let Some(batch) = state.take_due(now) {
                return Some(batch);
            }
            let until = [state.hold.map(|(until, _)| until), state.deadline].into_iter().flatten().min();
            state = match until {
                Some(until) => {
                    let timeout = until.saturating_sub(now).max(Duration::from_millis(1));
                    self.work.wait_timeout(state, timeout).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// A batch has met its end: `accepted` events are stored, `rejected` ones never will be.
    pub(crate) fn settle(&self, accepted: usize, rejected: usize) {
        let mut state = self.lock();
        state.in_flight = None;
        state.stats.sent += accepted as u64;
        state.stats.rejected += rejected as u64;
        state.batch_events = (state.batch_events * 2).min(self.limits.batch_events);
        self.wake_flushing(&state);
    }

    /// A batch could not be delivered: it goes back in front, and nothing is sent until `wait` has passed.
    pub(crate) fn put_back(&self, batch: Batch, wait: Duration, hold: Hold) {
        let mut state = self.lock();
        state.in_flight = None;
        state.stats.retries += 1;
        // Older than anything queued since, and due already.
        state.due_through = state.due_through.max(batch.last_seq());
        let overflowed = state.store.put_back(batch);
        state.stats.dropped += overflowed;
        let wait = if state.draining { wait.min(LONGEST_DRAINING_WAIT) } else { wait };
        state.hold = Some((self.clock.monotonic() + wait, hold));
        self.wake_flushing(&state);
    }

    /// A batch was too large: it goes back, to be sent in halves.
    pub(crate) fn put_back_in_halves(&self, batch: Batch) {
        let mut state = self.lock();
        state.in_flight = None;
        state.batch_events = batch.entries.len().div_ceil(2).max(1);
        state.due_through = state.due_through.max(batch.last_seq());
        let overflowed = state.store.put_back(batch);
        state.stats.dropped += overflowed;
    }

    fn wake_flushing(&self, state: &State) {
        if state.flushing > 0 {
            self.progress.notify_all();
        }
    }

    /// Sends everything queued now and waits until each is accepted, rejected or dropped.
    ///
    /// Returns whether that happened within the time-out. With `closing`, attempts follow each other quickly, and a refused key
    /// ends the waiting: it stays refused for as long as anybody would wait for an exit.
    pub(crate) fn flush(&self, timeout: Duration, closing: bool) -> bool {
        let end = self.clock.monotonic() + timeout;
        let mut state = self.lock();
        let target = state.store.last_seq();
        state.due_through = state.due_through.max(target);
        state.draining |= closing;
        let now = self.clock.monotonic();
        let recently = state.last_attempt.is_some_and(|last| now < last + LEAST_BETWEEN_KICKS);
        if matches!(state.hold, Some((_, Hold::BackOff))) && (closing || !recently) {
            state.hold = None;
        }
        let refused = |state: &State| closing && matches!(state.hold, Some((_, Hold::Refused)));
        self.work.notify_one();
        state.flushing += 1;
        let flushed = loop {
            if state.is_settled_through(target) {
                break true;
            }
            let now = self.clock.monotonic();
            if state.closed || now >= end || refused(&state) {
                break false;
            }
            state =
                self.progress.wait_timeout(state, end.saturating_sub(now)).unwrap_or_else(PoisonError::into_inner).0;
        };
        state.flushing -= 1;
        flushed
    }

    /// Takes no more events and ends the sender; what still waits is dropped and counted.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        if !state.closed {
            state.closed = true;
            let left = state.store.clear();
            state.stats.dropped += left;
        }
        self.work.notify_all();
        self.progress.notify_all();
    }

    pub(crate) fn count_dropped(&self) {
        self.lock().stats.dropped += 1;
    }

    pub(crate) fn count_filtered(&self) {
        self.lock().stats.filtered += 1;
    }

    pub(crate) fn stats(&self) -> Stats {
        let state = self.lock();
        let in_flight = state.in_flight.map_or(0, |(_, count)| count);
        Stats {
            queued: (state.store.len() + in_flight) as u64,
            queued_bytes: state.store.bytes() as u64,
            ..state.stats
        }
    }
}

impl State {
    fn take_due(&mut self, now: Duration) -> Option<Batch> {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.due_through = self.store.last_seq();
            self.deadline = None;
        }
        if self.hold.is_some_and(|(until, _)| until > now) {
            return None;
        }
        self.hold = None;
        let batch = self.store.take(self.due_through, self.batch_events)?;
        if self.store.len() == 0 {
            self.deadline = None;
        }
        self.in_flight = Some((batch.first_seq(), batch.entries.len()));
        self.last_attempt = Some(now);
        Some(batch)
    }

    fn is_settled_through(&self, target: u64) -> bool {
        self.store.first_seq().is_none_or(|first| first > target)
            && self.in_flight.is_none_or(|(first, _)| first > target)
    }
}

#[cfg(test)]
mod tests;
