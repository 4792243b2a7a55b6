//! Sums over a stretch of time that goes on with the clock.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

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
    pub last_failed: Option<LastFailed>,
}

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
        Self { span, windows: HashMap::new(), seeded_to: None, last_failed: None }
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
    fn a_day_ends_at_midnight() {
        let mut meter = Meter::new(Span::Day(crate::span::UtcOffset::default()));
        let apart = Apart::default();
        let day = 86_400 * SECOND;
        meter.add(&apart, Timestamp(day - 1), Sum { first: 5, second: 1 }, Timestamp(day - 1));
        assert_eq!(meter.read(&apart, Timestamp(day - 1)).2, Timestamp(day));
        assert_eq!(meter.read(&apart, Timestamp(day)).0, Sum::default());
    }
}
