//! Where the time of a run went; overlaps count once.

use hiveboard_wire::{Body, Timestamp};

use super::{Moment, Span, actions};
use crate::view::TimeBreakdown;

type Interval = (i64, i64);

/// Disjoint intervals, in order.
#[derive(Default)]
struct Union(Vec<Interval>);

impl Union {
    /// Adds intervals and answers by how much the whole grew, in microseconds.
    fn grow(&mut self, intervals: Vec<Interval>) -> i64 {
        let before = self.length();
        let mut all = std::mem::take(&mut self.0);
        all.extend(intervals.into_iter().filter(|(from, until)| from < until));
        all.sort_unstable();
        for (from, until) in all {
            match self.0.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(until),
                _ => self.0.push((from, until)),
            }
        }
        self.length() - before
    }

    fn length(&self) -> i64 {
        self.0.iter().map(|(from, until)| until - from).sum()
    }
}

pub(super) fn breakdown(moments: &[Moment], span: Span) -> TimeBreakdown {
    let clip = |(from, until): (Timestamp, Timestamp)| (from.max(span.from).micros(), until.min(span.until).micros());
    let clipped = |intervals: Vec<(Timestamp, Timestamp)>| intervals.into_iter().map(clip).collect::<Vec<_>>();
    let actions = actions::tracked(moments);
    let mut covered = Union::default();
    // What comes first takes the instants that several share.
    let waiting = covered.grow(clipped(waits(moments, span)));
    let backoff = covered.grow(clipped(backoffs(moments)));
    let llm = covered.grow(clipped(calls(moments)));
    let action = covered.grow(clipped(actions.iter().filter_map(|action| action.interval(span)).collect()));
    let total = (span.until.micros() - span.from.micros()).max(0);
    let ms = |micros: i64| micros as f64 / 1000.0;
    TimeBreakdown {
        llm_ms: ms(llm),
        actions_ms: ms(action),
        waiting_ms: ms(waiting),
        backoff_ms: ms(backoff),
        other_ms: ms(total - covered.length()),
        total_ms: ms(total),
    }
}

/// From the first request that is not answered yet to the next answer.
fn waits(moments: &[Moment], span: Span) -> Vec<(Timestamp, Timestamp)> {
    let mut waits = Vec::new();
    let mut since = None;
    for moment in moments {
        match moment.body {
            Body::ApprovalRequested(_) => since = since.or(Some(moment.at())),
            Body::ApprovalReceived(_) => waits.extend(since.take().map(|since| (since, moment.at()))),
            _ => {}
        }
    }
    waits.extend(since.map(|since| (since, span.until)));
    waits
}

/// A retry is told before its pause.
fn backoffs(moments: &[Moment]) -> Vec<(Timestamp, Timestamp)> {
    let pause = |moment: &Moment| match &moment.body {
        Body::RetryStarted(retry) => {
            let seconds = retry.backoff_seconds?.min(1e9);
            Some((moment.at(), moment.at().plus_micros((seconds * 1e6) as i64)))
        }
        _ => None,
    };
    moments.iter().filter_map(pause).collect()
}

/// A call is told after it returned.
fn calls(moments: &[Moment]) -> Vec<(Timestamp, Timestamp)> {
    let call = |moment: &Moment| match &moment.body {
        Body::LlmCall(call) => {
            let duration_ms = call.duration_ms.or(moment.stored.event.duration_ms)?.min(1e12);
            Some((moment.at().plus_micros(-((duration_ms * 1000.0) as i64)), moment.at()))
        }
        _ => None,
    };
    moments.iter().filter_map(call).collect()
}
