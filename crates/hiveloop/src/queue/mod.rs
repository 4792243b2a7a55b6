//! Events that wait to be sent: in order per agent, bounded in number and bytes.
//!
//! Callers push, senders take; all hold the lock for well under a microsecond a call. [`Store`](store::Store) is the
//! plain data structure, [`State`] the rules of when something is due, [`Queue`] adds the lock and the waiting.

mod state;
mod store;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::agent_info::AgentInfo;
use crate::clock::Clock;
use crate::delivery::Hold;
use crate::event::patch_identity;
use crate::event_identity::{ID_LENGTH, RunClock, STAMP_LENGTH};
use crate::stats::Stats;
use state::State;
pub(crate) use store::Batch;

/// A flush makes a sender that waits after a failure try at once, but not more often than this.
const LEAST_BETWEEN_KICKS: Duration = Duration::from_secs(1);
/// While a client shuts down, it waits no longer than this between attempts.
const LONGEST_DRAINING_WAIT: Duration = Duration::from_secs(1);
/// A sender beyond the first ends when fewer than all were needed for this long.
const SPARE_SENDER_LIFE: Duration = Duration::from_secs(10);

/// So many events that wait, and a quarter of what the queue may hold, are not left to wait for their time: many agents
/// that each tell little would fill it before.
const FLOOD_EVENTS: usize = 1000;

/// The bounds of a queue and of its batches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) max_events: usize,
    pub(crate) max_bytes: usize,
    pub(crate) batch_events: usize,
    pub(crate) body_bytes: usize,
    pub(crate) flush_interval: Duration,
}

impl Limits {
    /// With so many events waiting, the queue is crowded: it is to be emptied before it overflows.
    fn flood_events(&self) -> usize {
        FLOOD_EVENTS.max(self.max_events / 4)
    }
}

/// How an event is to be queued.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pushing<'a> {
    /// The run it belongs to, whose stamps increase.
    pub(crate) run: Option<&'a RunClock>,
    /// It has its identity already.
    pub(crate) stamped: bool,
    /// It is not to wait for others for long.
    pub(crate) urgent: bool,
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

/// What a sender is to do next.
pub(crate) enum Next {
    /// Post this batch; first start another sender, if there is more than those that run can carry.
    Send { batch: Batch, start_another: bool },
    /// End: fewer senders are enough.
    Spare,
    /// End: the queue is closed.
    Closed,
}

pub(crate) struct Queue {
    state: Mutex<State>,
    /// Wakes senders.
    work: Condvar,
    /// Wakes those who wait in `flush`.
    progress: Condvar,
    clock: Arc<dyn Clock>,
    limits: Limits,
}

impl Queue {
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let state = Mutex::new(State::new(limits, clock.clone()));
        Self { state, work: Condvar::new(), progress: Condvar::new(), clock, limits }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; if ever, the numbers are still usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stamps an event and queues it, dropping the oldest if there is no room.
    pub(crate) fn push(&self, agent: &Arc<AgentInfo>, mut event: Box<[u8]>, pushing: Pushing<'_>) -> Pushed {
        let mut state = self.lock();
        if state.closed {
            return Pushed::Closed;
        }
        if !pushing.stamped {
            let (mut id, mut stamp) = ([0; ID_LENGTH], [0; STAMP_LENGTH]);
            state.identity_maker.write(&mut id, &mut stamp, pushing.run);
            patch_identity(&mut event, &id, &stamp);
        }
        let overflowed = state.store.make_room_for(event.len());
        state.stats.dropped += overflowed;
        let became_full = state.store.push(agent, event);
        let first_to_wait = state.deadline.is_none();
        if first_to_wait {
            state.set_deadline(self.clock.monotonic());
        }
        if pushing.urgent {
            state.hurry(agent.key, self.clock.monotonic());
        }
        let is_filling = state.is_crowded();
        let start_sender = state.senders == 0;
        state.senders = state.senders.max(1);
        if (became_full || first_to_wait || pushing.urgent || is_filling) && state.hold.is_none() {
            self.work.notify_one();
        }
        Pushed::Queued { start_sender, overflowed }
    }

    /// An id and a stamp for an event that somebody wants to see before it is queued.
    pub(crate) fn identity(&self, run: Option<&RunClock>) -> ([u8; ID_LENGTH], [u8; STAMP_LENGTH]) {
        let (mut id, mut stamp) = ([0; ID_LENGTH], [0; STAMP_LENGTH]);
        self.lock().identity_maker.write(&mut id, &mut stamp, run);
        (id, stamp)
    }

    /// A sender could not be started; without any, the next push tries again.
    pub(crate) fn sender_failed_to_start(&self) {
        let mut state = self.lock();
        state.senders = state.senders.saturating_sub(1);
    }

    /// Waits for something to do for one sender.
    pub(crate) fn next(&self) -> Next {
        let mut state = self.lock();
        loop {
            if state.closed {
                return Next::Closed;
            }
            let now = self.clock.monotonic();
            if let Some(batch) = state.take_due(now) {
                let start_another = state.grow(now);
                if !start_another && state.is_behind(now) {
                    self.work.notify_one();
                }
                return Next::Send { batch, start_another };
            }
            if state.senders > 1 && state.is_one_too_many(now, SPARE_SENDER_LIFE) {
                state.senders -= 1;
                return Next::Spare;
            }
            let spare = (state.senders > 1).then(|| now + SPARE_SENDER_LIFE);
            let until = [state.next_due(now), spare].into_iter().flatten().min();
            state = match until {
                Some(until) => {
                    let timeout = until.saturating_sub(now).max(Duration::from_millis(1));
                    self.work.wait_timeout(state, timeout).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Whether an attempt has failed since this batch was taken: then its own failure tells nothing new.
    pub(crate) fn has_failed_since(&self, batch: &Batch) -> bool {
        self.lock().failed_at.is_some_and(|at| at >= batch.taken_at)
    }

    /// A batch has met its end: `rejected` of its events never will be stored, the others are.
    pub(crate) fn settle(&self, batch: &Batch, rejected: usize) {
        let mut state = self.lock();
        state.release(batch, self.clock.monotonic());
        let rejected = rejected.min(batch.entries.len());
        state.stats.sent += (batch.entries.len() - rejected) as u64;
        state.stats.rejected += rejected as u64;
        state.batch_events = (state.batch_events * 2).min(self.limits.batch_events);
        if std::mem::take(&mut state.is_failing) && state.senders > 1 {
            self.work.notify_all();
        }
        self.wake_flushing(&state);
    }

    /// A batch could not be delivered: it goes back in front, and nothing is sent until `wait` has passed.
    pub(crate) fn put_back(&self, batch: Batch, wait: Duration, hold: Hold) {
        let mut state = self.lock();
        let now = self.clock.monotonic();
        let known = state.failed_at.is_some_and(|at| at >= batch.taken_at);
        state.release(&batch, now);
        state.stats.retries += 1;
        state.return_to_store(batch);
        if !known {
            let wait = if state.draining { wait.min(LONGEST_DRAINING_WAIT) } else { wait };
            state.hold = Some((now + wait, hold));
            state.failed_at = Some(now);
        }
        state.is_failing = true;
        self.wake_flushing(&state);
    }

    /// A batch was too large: it goes back, to be sent in halves.
    pub(crate) fn put_back_in_halves(&self, batch: Batch) {
        let mut state = self.lock();
        state.release(&batch, self.clock.monotonic());
        state.batch_events = batch.entries.len().div_ceil(2).max(1);
        state.return_to_store(batch);
        self.wake_flushing(&state);
    }

    fn wake_flushing(&self, state: &State) {
        if state.flushing > 0 {
            self.progress.notify_all();
        }
    }

    /// Sends everything queued now and waits until each is accepted, rejected or dropped.
    ///
    /// Returns whether that happened within the time-out.
    pub(crate) fn flush(&self, timeout: Duration, closing: bool) -> bool {
        let target = self.begin_flush(closing);
        self.wait_for(target, timeout, closing).unwrap_or(false)
    }

    /// Makes everything queued now due; gives what to wait for.
    ///
    /// With `closing`, attempts follow each other quickly.
    pub(crate) fn begin_flush(&self, closing: bool) -> u64 {
        let mut state = self.lock();
        let target = state.store.last_seq();
        let now = self.clock.monotonic();
        state.make_due(target);
        state.draining |= closing;
        let recently = state.last_attempt.is_some_and(|last| now < last + LEAST_BETWEEN_KICKS);
        if matches!(state.hold, Some((_, Hold::BackOff))) && (closing || !recently) {
            state.hold = None;
        }
        self.work.notify_one();
        target
    }

    /// Waits until everything up to `target` is accepted, rejected or dropped.
    ///
    /// `None` when the time is over and it may yet happen; with `closing`, a refused key ends the waiting: it stays
    /// refused for as long as anybody would wait for an exit.
    pub(crate) fn wait_for(&self, target: u64, timeout: Duration, closing: bool) -> Option<bool> {
        let end = self.clock.monotonic() + timeout;
        let mut state = self.lock();
        let refused = |state: &State| closing && matches!(state.hold, Some((_, Hold::Refused)));
        state.flushing += 1;
        let flushed = loop {
            if state.is_settled_through(target) {
                break Some(true);
            }
            let now = self.clock.monotonic();
            if state.closed || refused(&state) {
                break Some(false);
            }
            if now >= end {
                break None;
            }
            state =
                self.progress.wait_timeout(state, end.saturating_sub(now)).unwrap_or_else(PoisonError::into_inner).0;
        };
        state.flushing -= 1;
        flushed
    }

    /// Takes no more events and ends the senders; what still waits, or comes back, is dropped and counted.
    ///
    /// Returns how many events wait or are on their way.
    pub(crate) fn close(&self) -> u64 {
        let mut state = self.lock();
        let on_their_way = state.in_flight_events();
        let mut left = 0;
        if !state.closed {
            state.closed = true;
            left = state.store.clear();
            state.stats.dropped += left;
        }
        self.work.notify_all();
        self.progress.notify_all();
        left + on_their_way
    }

    pub(crate) fn count_dropped(&self) {
        self.lock().stats.dropped += 1;
    }

    pub(crate) fn count_filtered(&self) {
        self.lock().stats.filtered += 1;
    }

    pub(crate) fn stats(&self) -> Stats {
        let state = self.lock();
        Stats {
            queued: state.store.len() as u64 + state.in_flight_events(),
            queued_bytes: state.store.bytes() as u64,
            ..state.stats
        }
    }
}

#[cfg(test)]
mod tests;
