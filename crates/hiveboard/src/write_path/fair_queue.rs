//! What waits for the writer: a line for each caller, served in turn, so that who sends a hundred times its share delays itself.

use std::{collections::VecDeque, time::Instant};

use parking_lot::{Condvar, Mutex};

use crate::caller::CallerId;

/// What may wait, of all callers together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub requests: usize,
    pub events: usize,
}

struct Line<T> {
    caller: CallerId,
    waiting: VecDeque<(usize, T)>,
    events: usize,
}

struct Lines<T> {
    /// In the order in which their turn comes; never an empty one.
    waiting: VecDeque<Line<T>>,
    requests: usize,
    events: usize,
    is_open: bool,
}

pub(super) struct FairQueue<T> {
    room: Room,
    lines: Mutex<Lines<T>>,
    came: Condvar,
}

/// Why something was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Full,
    Closed,
}

impl<T> FairQueue<T> {
    pub(super) fn new(room: Room) -> Self {
        let lines = Lines { waiting: VecDeque::new(), requests: 0, events: 0, is_open: true };
        Self { room, lines: Mutex::new(lines), came: Condvar::new() }
    }

    /// Requests and events that wait.
    pub(super) fn waiting(&self) -> Room {
        let lines = self.lines.lock();
        Room { requests: lines.requests, events: lines.events }
    }

    /// Puts something at the end of its caller's line. Where there is no more room, a caller that uses less than its share of it is still
    /// taken: there is twice the room for those.
    pub(super) fn push(&self, caller: CallerId, events: usize, what: T) -> Result<(), Refused> {
        let mut lines = self.lines.lock();
        if !lines.is_open {
            return Err(Refused::Closed);
        }
        let own = lines.waiting.iter().position(|line| line.caller == caller);
        let callers = lines.waiting.len() + usize::from(own.is_none());
        let (own_requests, own_events) =
            own.map_or((0, 0), |own| (lines.waiting[own].waiting.len(), lines.waiting[own].events));
        let fits = |requests: usize, events: usize, times: usize| {
            requests <= self.room.requests * times && events <= self.room.events * times
        };
        let all = (lines.requests + 1, lines.events + events);
        let within_share = fits((own_requests + 1) * callers, (own_events + events) * callers, 1);
        if !(fits(all.0, all.1, 1) || (within_share && fits(all.0, all.1, 2))) {
            return Err(Refused::Full);
        }
        (lines.requests, lines.events) = all;
        match own {
            Some(own) => {
                lines.waiting[own].waiting.push_back((events, what));
                lines.waiting[own].events += events;
            }
            None => lines.waiting.push_back(Line { caller, waiting: VecDeque::from([(events, what)]), events }),
        }
        drop(lines);
        self.came.notify_one();
        Ok(())
    }

    /// Waits for something, and, where there is a time to gather until, for more to come; then takes what waits, one of each caller in turn,
    /// up to so many requests and events. `None` when the queue is closed and empty.
    pub(super) fn take(&self, most: Room, gather_until: Option<Instant>) -> Option<Vec<T>> {
        let mut lines = self.lines.lock();
        while lines.requests == 0 {
            if !lines.is_open {
                return None;
            }
            self.came.wait(&mut lines);
        }
        let left = gather_until.map(|until| until.saturating_duration_since(Instant::now()));
        if let Some(left) = left.filter(|left| !left.is_zero() && lines.is_open) {
            // Asleep rather than at the condition: each that comes would wake it.
            drop(lines);
            std::thread::sleep(left);
            lines = self.lines.lock();
        }
        let (mut taken, mut events_taken) = (Vec::new(), 0);
        while taken.len() < most.requests && events_taken < most.events {
            let Some(mut line) = lines.waiting.pop_front() else { break };
            let Some((events, what)) = line.waiting.pop_front() else { continue };
            taken.push(what);
            events_taken += events;
            line.events -= events;
            lines.requests -= 1;
            lines.events -= events;
            if !line.waiting.is_empty() {
                lines.waiting.push_back(line);
            }
        }
        Some(taken)
    }

    /// Takes nothing more in; what waits can still be taken out.
    pub(super) fn close(&self) {
        self.lines.lock().is_open = false;
        self.came.notify_all();
    }

    /// Throws away what waits, too.
    pub(super) fn abandon(&self) {
        let mut lines = self.lines.lock();
        lines.is_open = false;
        let thrown = std::mem::take(&mut lines.waiting);
        (lines.requests, lines.events) = (0, 0);
        drop(lines);
        drop(thrown);
        self.came.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { requests: 8, events: 100 };

    fn caller(number: u128) -> CallerId {
        CallerId::Key(number)
    }

    #[test]
    fn callers_are_served_in_turn_and_each_in_order() {
        let queue = FairQueue::new(ROOM);
        for (who, what) in [(1, "a1"), (1, "a2"), (1, "a3"), (2, "b1"), (3, "c1"), (3, "c2")] {
            assert_eq!(queue.push(caller(who), 1, what), Ok(()));
        }
        assert_eq!(queue.take(Room { requests: 4, events: 100 }, None), Some(vec!["a1", "b1", "c1", "a2"]));
        assert_eq!(queue.take(Room { requests: 4, events: 100 }, None), Some(vec!["c2", "a3"]));
        queue.close();
        assert_eq!(queue.take(ROOM, None), None);
        assert_eq!(queue.push(caller(1), 1, "late"), Err(Refused::Closed));
    }

    #[test]
    fn what_comes_while_it_gathers_is_taken_along() {
        let queue = FairQueue::new(ROOM);
        assert_eq!(queue.push(caller(1), 1, "first"), Ok(()));
        std::thread::scope(|threads| {
            // Gathers for longer than any push takes; what is asserted is what it took, not when.
            let taking = threads.spawn(|| queue.take(ROOM, Some(Instant::now() + std::time::Duration::from_secs(1))));
            assert_eq!(queue.push(caller(2), 1, "second"), Ok(()));
            assert_eq!(taking.join().expect("it took"), Some(vec!["first", "second"]));
        });
        queue.close();
        assert_eq!(queue.take(ROOM, Some(Instant::now() + std::time::Duration::from_secs(3_600))), None);
    }

    #[test]
    fn one_that_fills_the_queue_does_not_keep_others_out() {
        let queue = FairQueue::new(ROOM);
        let loud = (0..100).filter(|_| queue.push(caller(1), 1, "loud").is_ok()).count();
        assert_eq!(loud, ROOM.requests);
        for quiet in 2..6 {
            assert_eq!(queue.push(caller(quiet), 1, "quiet"), Ok(()), "caller {quiet}");
        }
        assert_eq!(queue.push(caller(1), 1, "loud"), Err(Refused::Full));
        let first = queue.take(Room { requests: 5, events: 100 }, None).expect("something waits");
        assert_eq!(first, ["loud", "quiet", "quiet", "quiet", "quiet"]);
    }

    #[test]
    fn events_are_bounded_as_well_as_requests() {
        let queue = FairQueue::new(ROOM);
        assert_eq!(queue.push(caller(1), 60, ()), Ok(()));
        assert_eq!(queue.push(caller(1), 60, ()), Err(Refused::Full));
        assert_eq!(queue.push(caller(2), 50, ()), Ok(()), "its share");
        assert_eq!(queue.push(caller(2), 10, ()), Err(Refused::Full), "more than its share");
    }
}
