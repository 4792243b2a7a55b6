//! Sums over a stretch of time that goes on with the clock.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use hiveboard_wire::{RunKey, Timestamp};

use crate::span::Span;

/// Two figures that are added up: failed and ended runs, or hundredths of nano-dollars and calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    pub first: i64,
    pub second: i64,
}

/// One sum that goes on with the clock.
#[derive(Debug, Clone, Default)]
struct Window {
    /// By their start, oldest first.
    buckets: VecDeque<(Timestamp, Sum)>,
    total: Sum,
    /// Since when the total has not been less than now, roughly: the last thing added.
    last_at: Option<Timestamp>,
}

impl Window {
    /// Takes back what was added under the same time.
    fn take(&mut self, span: Span, at: Timestamp, sum: Sum) {
        let slot = at.bucket(span.width_micros());
        let Some((_, bucket)) = self.buckets.iter_mut().find(|(start, _)| *start == slot) else { return };
        for total in [bucket, &mut self.total] {
            total.first = total.first.saturating_sub(sum.first);
            total.second = total.second.saturating_sub(sum.second);
        }
    }

    fn add(&mut self, span: Span, at: Timestamp, sum: Sum, now: Timestamp) {
        // What a clock that is ahead stamped later than now counts as now.
        let slot = at.min(now).bucket(span.width_micros());
        if at.min(now) < span.since(now) {
            return;
        }
        let place = self.buckets.iter().rposition(|(start, _)| *start <= slot);
        match place {
            Some(place) if self.buckets[place].0 == slot => {
                let bucket = &mut self.buckets[place].1;
                bucket.first = bucket.first.saturating_add(sum.first);
                bucket.second = bucket.second.saturating_add(sum.second);
            }
            place => self.buckets.insert(place.map_or(0, |place| place + 1), (slot, sum)),
        }
        self.total.first = self.total.first.saturating_add(sum.first);
        self.total.second = self.total.second.saturating_add(sum.second);
        self.last_at = self.last_at.max(Some(at.min(now)));
    }

    fn roll(&mut self, span: Span, now: Timestamp) {
        let since = span.since(now);
        while let Some((start, sum)) = self.buckets.front().copied().filter(|(start, _)| *start < since) {
            // The first step of a window that began between two steps is whole: see `Span::sliding`.
            debug_assert!(start < since, "checked by the filter");
            self.buckets.pop_front();
            self.total.first = self.total.first.saturating_sub(sum.first);
            self.total.second = self.total.second.saturating_sub(sum.second);
        }
    }

    /// When the next part of it is over.
    fn expires_at(&self, span: Span, now: Timestamp) -> Timestamp {
        let Some((start, _)) = self.buckets.front() else { return Timestamp::MAX };
        match span {
            Span::Sliding { micros, width_micros } => start.plus_micros(micros + width_micros),
            Span::Day(_) | Span::Month(_) => span.until(now),
        }
    }
}

/// What sums are kept apart by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Apart {
    pub agent_id: Option<Arc<str>>,
    pub project_id: Option<Arc<str>>,
}

/// Sums of one scope over one span.
#[derive(Debug, Clone)]
pub struct Meter {
    pub span: Span,
    windows: HashMap<Apart, Window>,
    /// Events up to this one are in it, from the store.
    pub seeded_to: Option<u64>,
    /// What the latest runs that ended count for, by their keys' hashes: one that ends again counts once, for what it came to.
    ends: HashMap<u64, (Timestamp, Sum)>,
    /// The latest runs that failed, by when they did.
    failed: VecDeque<LastFailed>,
}

/// Runs of one meter that may end again and count once; beyond, such a one counts twice until it leaves the window.
const MOST_ENDS: usize = 50_000;
/// Runs that failed, of which the last is named.
const MOST_FAILED: usize = 16;

/// The last run that failed, by when it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastFailed {
    pub at: Timestamp,
    pub run: RunKey,
    pub project_id: Option<Arc<str>>,
    pub environment: Arc<str>,
    pub group: Arc<str>,
}

impl Meter {
    pub fn new(span: Span) -> Self {
        Self { span, windows: HashMap::new(), seeded_to: None, ends: HashMap::new(), failed: VecDeque::new() }
    }

    /// Adds a run that ended, in the place of what it counted for before. `hash` is that of its key; `failed` is asked where it has failed.
    pub fn add_end(
        &mut self,
        apart: &Apart,
        (run, hash): (&RunKey, u64),
        at: Timestamp,
        failed: Option<impl FnOnce() -> LastFailed>,
        now: Timestamp,
    ) {
        let sum = Sum { first: i64::from(failed.is_some()), second: 1 };
        // A clock that is ahead counts as now, whenever that was.
        let counted_at = at.min(now);
        let before = self.ends.remove(&hash);
        if let Some((before, counted)) = before {
            if let Some(window) = self.windows.get_mut(apart) {
                window.take(self.span, before, counted);
            }
            if counted.first > 0 {
                self.failed.retain(|failed| failed.run != *run);
            }
        }
        if self.ends.len() < MOST_ENDS {
            self.ends.insert(hash, (counted_at, sum));
        }
        if let Some(failed) = failed {
            // What is seeded comes in no order, and what arrives may be late.
            let place = self.failed.partition_point(|failed| failed.at <= at);
            self.failed.insert(place, failed());
            if self.failed.len() > MOST_FAILED {
                self.failed.pop_front();
            }
        }
        self.add(apart, counted_at, sum, now);
    }

    /// The last run that failed.
    pub fn last_failed(&self) -> Option<&LastFailed> {
        self.failed.back()
    }

    pub fn add(&mut self, apart: &Apart, at: Timestamp, sum: Sum, now: Timestamp) {
        if !self.windows.contains_key(apart) {
            self.windows.insert(apart.clone(), Window::default());
        }
        let window = self.windows.get_mut(apart).expect("it was just put there");
        window.roll(self.span, now);
        window.add(self.span, at, sum, now);
    }

    /// The sum now, when the last thing was added to it, and when it becomes less by time alone.
    pub fn read(&mut self, apart: &Apart, now: Timestamp) -> (Sum, Timestamp, Timestamp) {
        let Some(window) = self.windows.get_mut(apart) else { return (Sum::default(), now, Timestamp::MAX) };
        window.roll(self.span, now);
        (window.total, window.last_at.unwrap_or(now), window.expires_at(self.span, now))
    }

    pub fn apart(&self) -> Vec<Apart> {
        self.windows.keys().cloned().collect()
    }

    /// Forgets what is over.
    pub fn tidy(&mut self, now: Timestamp) {
        let span = self.span;
        self.windows.retain(|_, window| {
            window.roll(span, now);
            !window.buckets.is_empty()
        });
        let since = span.since(now);
        self.ends.retain(|_, (at, _)| *at >= since);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn a_window_holds_what_it_says_and_a_step_more() {
        let mut meter = Meter::new(Span::sliding(60));
        let apart = Apart::default();
        let one = Sum { first: 1, second: 1 };
        let at = |seconds: f64| Timestamp((seconds * SECOND as f64) as i64);
        meter.add(&apart, at(100.5), one, at(100.5));
        meter.add(&apart, at(110.0), one, at(110.0));
        meter.add(&apart, at(105.0), one, at(111.0));
        assert_eq!(meter.read(&apart, at(111.0)), (Sum { first: 3, second: 3 }, at(110.0), at(161.0)));
        assert_eq!(meter.read(&apart, at(160.999)).0.first, 3);
        assert_eq!(meter.read(&apart, at(161.0)).0.first, 2);
        assert_eq!(meter.read(&apart, at(166.0)).0.first, 1);
        assert_eq!(meter.read(&apart, at(171.0)), (Sum::default(), at(110.0), Timestamp::MAX));
        meter.add(&apart, at(50.0), one, at(171.0));
        assert_eq!(meter.read(&apart, at(171.0)).0, Sum::default(), "what is too old was never in it");
        meter.add(&apart, at(900.0), one, at(171.0));
        assert_eq!(meter.read(&apart, at(171.0)).0, one, "a clock that is ahead counts as now");
    }

    #[test]
    fn a_run_that_ends_again_counts_once_for_what_it_came_to() {
        let mut meter = Meter::new(Span::sliding(60));
        let apart = Apart::default();
        let at = |seconds: i64| Timestamp(seconds * SECOND);
        let end = |meter: &mut Meter, run: u64, seconds: i64, has_failed: bool, now: i64| {
            let key =
                RunKey { agent_id: "a".into(), task_id: "t".into(), task_run_id: run.to_string().as_str().into() };
            let last = || LastFailed {
                at: at(seconds),
                run: key.clone(),
                project_id: None,
                environment: "".into(),
                group: "".into(),
            };
            meter.add_end(&apart, (&key, run), at(seconds), has_failed.then_some(last), at(now));
        };
        let sum = |meter: &mut Meter, now| meter.read(&Apart::default(), at(now)).0;
        end(&mut meter, 1, 100, true, 100);
        end(&mut meter, 2, 101, true, 101);
        assert_eq!(sum(&mut meter, 102), Sum { first: 2, second: 2 });
        end(&mut meter, 2, 103, false, 103);
        assert_eq!(sum(&mut meter, 103), Sum { first: 1, second: 2 }, "it was tried again, and completed");
        assert_eq!(meter.last_failed().map(|last| &*last.run.task_run_id), Some("1"));
        end(&mut meter, 2, 104, true, 104);
        end(&mut meter, 2, 105, true, 105);
        assert_eq!(sum(&mut meter, 105), Sum { first: 2, second: 2 });
        // What left the window is not taken back from what is in it.
        end(&mut meter, 1, 165, true, 165);
        assert_eq!(sum(&mut meter, 165), Sum { first: 2, second: 2 });
        end(&mut meter, 3, 900, true, 166);
        end(&mut meter, 3, 900, false, 167);
        assert_eq!(sum(&mut meter, 167), Sum { first: 1, second: 2 }, "of a clock that is ahead, too");
        meter.tidy(at(400));
        assert!(meter.ends.is_empty());
    }

    #[test]
    fn a_day_ends_at_midnight() {
        let mut meter = Meter::new(Span::Day(crate::span::UtcOffset::default()));
        let apart = Apart::default();
        let day = 86_400 * SECOND;
        meter.add(&apart, Timestamp(day - 1), Sum { first: 5, second: 1 }, Timestamp(day - 1));
        assert_eq!(meter.read(&apart, Timestamp(day - 1)).2, Timestamp(day));
        assert_eq!(meter.read(&apart, Timestamp(day)).0, Sum::default());
    }
}
