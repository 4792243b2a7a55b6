//! Counts by time slot: what an agent did, minute by minute and quarter by quarter.

use std::collections::BTreeMap;

use hiveboard_wire::{Body, CallCost, CostSource, Timestamp, body::StepAction};
use serde::{Deserialize, Serialize};

use crate::{run::Ended, sketch::Durations};

/// What happened in one slot, by the events' timestamps.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct TimeBucket {
    pub(crate) events: u32,
    pub(crate) errors: u32,
    pub(crate) llm_calls: u32,
    pub(crate) calls_with_cost: u32,
    pub(crate) calls_with_tokens_in: u32,
    pub(crate) calls_with_tokens_out: u32,
    pub(crate) tokens_in: u64,
    pub(crate) tokens_out: u64,
    /// Nano-dollars.
    pub(crate) cost: i64,
    /// Nano-dollars.
    pub(crate) estimated_cost: i64,
    pub(crate) completed: u32,
    pub(crate) failed: u32,
    pub(crate) cancelled: u32,
    /// Of the runs that ended: escalated, with errors, with errors and yet completed.
    pub(crate) escalated: u32,
    pub(crate) with_errors: u32,
    pub(crate) recovered: u32,
    /// Of the runs that ended.
    pub(crate) actions: u64,
    pub(crate) durations: Durations,
}

impl TimeBucket {
    fn count(&mut self, body: &Body, call_cost: Option<CallCost>) {
        self.events += 1;
        match body {
            Body::TaskFailed(_) | Body::ActionFailed(_) => self.errors += 1,
            Body::PlanStep(step) => self.errors += u32::from(step.action == Some(StepAction::Failed)),
            Body::LlmCall(call) => {
                self.llm_calls += 1;
                self.calls_with_tokens_in += u32::from(call.tokens_in.is_some());
                self.calls_with_tokens_out += u32::from(call.tokens_out.is_some());
                self.tokens_in = self.tokens_in.saturating_add(call.tokens_in.unwrap_or(0));
                self.tokens_out = self.tokens_out.saturating_add(call.tokens_out.unwrap_or(0));
                if let Some(cost) = call_cost.filter(|cost| cost.source != CostSource::Unknown) {
                    self.calls_with_cost += 1;
                    self.cost = self.cost.saturating_add(cost.amount.0);
                    if cost.source == CostSource::Estimated {
                        self.estimated_cost = self.estimated_cost.saturating_add(cost.amount.0);
                    }
                }
            }
            _ => {}
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.events += other.events;
        self.errors += other.errors;
        self.llm_calls += other.llm_calls;
        self.calls_with_cost += other.calls_with_cost;
        self.calls_with_tokens_in += other.calls_with_tokens_in;
        self.calls_with_tokens_out += other.calls_with_tokens_out;
        self.tokens_in = self.tokens_in.saturating_add(other.tokens_in);
        self.tokens_out = self.tokens_out.saturating_add(other.tokens_out);
        self.cost = self.cost.saturating_add(other.cost);
        self.estimated_cost = self.estimated_cost.saturating_add(other.estimated_cost);
        self.completed += other.completed;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.escalated += other.escalated;
        self.with_errors += other.with_errors;
        self.recovered += other.recovered;
        self.actions += other.actions;
        self.durations.merge(&other.durations);
    }

    /// Takes out what was merged before.
    fn subtract(&mut self, other: &Self) {
        self.events -= other.events;
        self.errors -= other.errors;
        self.llm_calls -= other.llm_calls;
        self.calls_with_cost -= other.calls_with_cost;
        self.calls_with_tokens_in -= other.calls_with_tokens_in;
        self.calls_with_tokens_out -= other.calls_with_tokens_out;
        self.tokens_in = self.tokens_in.saturating_sub(other.tokens_in);
        self.tokens_out = self.tokens_out.saturating_sub(other.tokens_out);
        self.cost = self.cost.saturating_sub(other.cost);
        self.estimated_cost = self.estimated_cost.saturating_sub(other.estimated_cost);
        self.completed -= other.completed;
        self.failed -= other.failed;
        self.cancelled -= other.cancelled;
        self.escalated -= other.escalated;
        self.with_errors -= other.with_errors;
        self.recovered -= other.recovered;
        self.actions -= other.actions;
        self.durations.subtract(&other.durations);
    }

    fn side(&mut self, ended: Ended) -> &mut u32 {
        match (ended.cancelled, ended.completed) {
            (true, _) => &mut self.cancelled,
            (false, true) => &mut self.completed,
            (false, false) => &mut self.failed,
        }
    }

    fn add_ended(&mut self, ended: Ended) {
        *self.side(ended) += 1;
        self.escalated += u32::from(ended.escalated);
        self.with_errors += u32::from(ended.with_errors);
        self.recovered += u32::from(ended.with_errors && ended.completed && !ended.cancelled);
        self.actions += u64::from(ended.actions);
        self.durations.add(ended.duration_micros);
    }

    fn remove_ended(&mut self, ended: Ended) {
        let side = self.side(ended);
        *side = side.saturating_sub(1);
        self.escalated = self.escalated.saturating_sub(u32::from(ended.escalated));
        self.with_errors = self.with_errors.saturating_sub(u32::from(ended.with_errors));
        self.recovered =
            self.recovered.saturating_sub(u32::from(ended.with_errors && ended.completed && !ended.cancelled));
        self.actions = self.actions.saturating_sub(u64::from(ended.actions));
        self.durations.remove(ended.duration_micros);
    }

    pub(crate) fn cost_dollars(&self) -> Option<f64> {
        (self.calls_with_cost > 0).then(|| hiveboard_wire::NanoDollars(self.cost).dollars())
    }

    pub(crate) fn estimated_dollars(&self) -> Option<f64> {
        (self.calls_with_cost > 0).then(|| hiveboard_wire::NanoDollars(self.estimated_cost).dollars())
    }
}

/// Slots of one width over the recent past. What lies before `horizon` is neither kept nor taken in: no window that ends now or later
/// reaches it, so that the order of arrival cannot be told from what is seen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TimeBuckets {
    width_micros: i64,
    kept_micros: i64,
    by_slot: BTreeMap<i64, TimeBucket>,
    horizon: i64,
    /// Everything from a slot on, kept in step so that the usual window need not be added up anew.
    running: Option<Running>,
}

#[derive(Debug, Clone, PartialEq)]
struct Running {
    from: i64,
    total: TimeBucket,
}

impl TimeBuckets {
    pub(crate) const fn new(width_micros: i64, kept_micros: i64) -> Self {
        Self { width_micros, kept_micros, by_slot: BTreeMap::new(), horizon: i64::MIN, running: None }
    }

    /// Number of the slot that holds `at`.
    pub(crate) const fn slot(&self, at: Timestamp) -> i64 {
        at.micros().div_euclid(self.width_micros)
    }

    /// Answers the slot that changed.
    fn change(&mut self, at: Timestamp, change: impl Fn(&mut TimeBucket)) -> Option<i64> {
        let slot = self.slot(at);
        if slot < self.horizon {
            return None;
        }
        change(self.by_slot.entry(slot).or_default());
        if let Some(running) = self.running.as_mut().filter(|running| slot >= running.from) {
            change(&mut running.total);
        }
        Some(slot)
    }

    pub(crate) fn count(&mut self, at: Timestamp, body: &Body, call_cost: Option<CallCost>) -> Option<i64> {
        self.change(at, |bucket| bucket.count(body, call_cost))
    }

    pub(crate) fn add_ended(&mut self, ended: Ended) -> Option<i64> {
        self.change(ended.at, |bucket| bucket.add_ended(ended))
    }

    pub(crate) fn remove_ended(&mut self, ended: Ended) -> Option<i64> {
        self.change(ended.at, |bucket| bucket.remove_ended(ended))
    }

    /// Moves the running total to the window that ends `now`.
    pub(crate) fn roll(&mut self, window_micros: i64, now: Timestamp) {
        let from = self.slot(now.plus_micros(-window_micros));
        match &mut self.running {
            Some(running) if running.from == from => {}
            Some(running) if running.from < from && running.from >= self.horizon => {
                for (_, bucket) in self.by_slot.range(running.from..from) {
                    running.total.subtract(bucket);
                }
                running.from = from;
            }
            slot => {
                let mut total = TimeBucket::default();
                for (_, bucket) in self.by_slot.range(from..) {
                    total.merge(bucket);
                }
                *slot = Some(Running { from, total });
            }
        }
    }

    /// Forgets what no window reaches any more; answers the slots dropped.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Vec<i64> {
        let horizon = (now.micros().saturating_sub(self.kept_micros)).div_euclid(self.width_micros);
        if horizon <= self.horizon {
            return Vec::new();
        }
        self.horizon = horizon;
        let kept = self.by_slot.split_off(&horizon);
        std::mem::replace(&mut self.by_slot, kept).into_keys().collect()
    }

    pub(crate) const fn width_micros(&self) -> i64 {
        self.width_micros
    }

    /// Whether all that happened from `since` until `now` is kept, and `since` is the start of a slot.
    pub(crate) const fn holds_from(&self, since: Timestamp, now: Timestamp) -> bool {
        since.micros().rem_euclid(self.width_micros) == 0
            && since.micros() >= now.micros().saturating_sub(self.kept_micros)
            && self.slot(since) >= self.horizon
    }

    /// Slots from `since` on, with where they begin.
    pub(crate) fn range_from(&self, since: Timestamp) -> impl Iterator<Item = (Timestamp, &TimeBucket)> {
        self.range(self.slot(since)..=i64::MAX).map(|(slot, bucket)| (Timestamp(slot * self.width_micros), bucket))
    }

    pub(crate) fn get(&self, slot: i64) -> Option<&TimeBucket> {
        self.by_slot.get(&slot)
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = i64> {
        self.by_slot.keys().copied()
    }

    pub(crate) fn put(&mut self, slot: i64, bucket: TimeBucket) {
        self.by_slot.insert(slot, bucket);
    }

    pub(crate) fn range(&self, slots: std::ops::RangeInclusive<i64>) -> impl Iterator<Item = (i64, &TimeBucket)> {
        self.by_slot.range(slots).map(|(slot, bucket)| (*slot, bucket))
    }

    /// Everything from the slot that holds `now - window` on: what a clock that is ahead stamped later than now counts as well.
    pub(crate) fn total(&self, window_micros: i64, now: Timestamp) -> TimeBucket {
        self.total_from(now.plus_micros(-window_micros))
    }

    /// Everything from the slot that holds `since` on.
    pub(crate) fn total_from(&self, since: Timestamp) -> TimeBucket {
        let from = self.slot(since);
        if let Some(running) = self.running.as_ref().filter(|running| running.from == from) {
            return running.total.clone();
        }
        let mut total = TimeBucket::default();
        for (_, bucket) in self.range(from..=i64::MAX) {
            total.merge(bucket);
        }
        total
    }
}
