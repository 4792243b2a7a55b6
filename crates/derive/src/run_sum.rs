//! Sums over runs: what summaries, series and groups are made of.

use serde::{Deserialize, Serialize};

use crate::{
    run::Run,
    sketch::{Durations, bucket_of},
    time_buckets::TimeBucket,
    view::{MetricsSummary, TaskStatus, success_rate},
};

/// What one run adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunFigures {
    pub(crate) status: TaskStatus,
    pub(crate) escalated: bool,
    pub(crate) errors: u32,
    pub(crate) llm_calls: u32,
    pub(crate) tokens_in: u64,
    pub(crate) tokens_out: u64,
    /// Nano-dollars, and the estimated part.
    pub(crate) cost: Option<(i64, i64)>,
    /// Of a run that ended: microseconds, and the bucket of the sketch.
    pub(crate) duration: Option<(i64, i16)>,
}

impl RunFigures {
    pub(crate) fn of(run: &Run, status: TaskStatus) -> Self {
        let counts = &run.counts;
        let duration = run.standing().ended.map(|ended| (ended.duration_micros, bucket_of(ended.duration_micros)));
        Self {
            status,
            escalated: counts.escalations > 0,
            errors: counts.errors,
            llm_calls: counts.llm_calls,
            tokens_in: counts.tokens_in,
            tokens_out: counts.tokens_out,
            cost: (counts.calls_with_cost > 0).then_some((counts.cost, counts.estimated_cost)),
            duration,
        }
    }
}

/// Depends only on the runs added, never on their order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct RunSum {
    pub(crate) runs: u64,
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    cancelled: u64,
    stuck: u64,
    processing: u64,
    waiting: u64,
    escalated: u64,
    errors: u64,
    llm_calls: u64,
    tokens_in: u64,
    tokens_out: u64,
    with_cost: u64,
    /// Nano-dollars.
    cost: i64,
    /// Nano-dollars.
    estimated_cost: i64,
    durations: Durations,
}

/// The runs that ended in a slot of an agent. What is told of their calls is that of the calls in this time.
impl From<&TimeBucket> for RunSum {
    fn from(slot: &TimeBucket) -> Self {
        let (completed, failed, cancelled) =
            (u64::from(slot.completed), u64::from(slot.failed), u64::from(slot.cancelled));
        Self {
            runs: completed + failed + cancelled,
            completed,
            failed,
            cancelled,
            escalated: u64::from(slot.escalated),
            errors: u64::from(slot.errors),
            llm_calls: u64::from(slot.llm_calls),
            tokens_in: slot.tokens_in,
            tokens_out: slot.tokens_out,
            with_cost: u64::from(slot.calls_with_cost),
            cost: slot.cost,
            estimated_cost: slot.estimated_cost,
            durations: slot.durations.clone(),
            ..Self::default()
        }
    }
}

impl RunSum {
    const fn of_status(&mut self, status: TaskStatus) -> &mut u64 {
        match status {
            TaskStatus::Completed => &mut self.completed,
            TaskStatus::Failed => &mut self.failed,
            TaskStatus::Cancelled => &mut self.cancelled,
            TaskStatus::Stuck => &mut self.stuck,
            TaskStatus::Waiting => &mut self.waiting,
            TaskStatus::Escalated | TaskStatus::Processing => &mut self.processing,
        }
    }

    pub(crate) fn add(&mut self, run: &RunFigures) {
        self.runs += 1;
        *self.of_status(run.status) += 1;
        self.escalated += u64::from(run.escalated);
        self.errors += u64::from(run.errors);
        self.llm_calls += u64::from(run.llm_calls);
        self.tokens_in = self.tokens_in.saturating_add(run.tokens_in);
        self.tokens_out = self.tokens_out.saturating_add(run.tokens_out);
        if let Some((cost, estimated)) = run.cost {
            self.with_cost += 1;
            self.cost = self.cost.saturating_add(cost);
            self.estimated_cost = self.estimated_cost.saturating_add(estimated);
        }
        if let Some((micros, bucket)) = run.duration {
            self.durations.add_in_bucket(micros, bucket);
        }
    }

    /// Takes out what was merged before.
    pub(crate) fn subtract(&mut self, other: &Self) {
        if other.runs == 0 {
            return;
        }
        let less = |sum: &mut u64, by: u64| *sum = sum.saturating_sub(by);
        less(&mut self.runs, other.runs);
        less(&mut self.completed, other.completed);
        less(&mut self.failed, other.failed);
        less(&mut self.cancelled, other.cancelled);
        less(&mut self.stuck, other.stuck);
        less(&mut self.processing, other.processing);
        less(&mut self.waiting, other.waiting);
        less(&mut self.escalated, other.escalated);
        less(&mut self.errors, other.errors);
        less(&mut self.llm_calls, other.llm_calls);
        less(&mut self.tokens_in, other.tokens_in);
        less(&mut self.tokens_out, other.tokens_out);
        less(&mut self.with_cost, other.with_cost);
        self.cost = self.cost.saturating_sub(other.cost);
        self.estimated_cost = self.estimated_cost.saturating_sub(other.estimated_cost);
        self.durations.subtract(&other.durations);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        self.completed += other.completed;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.stuck += other.stuck;
        self.processing += other.processing;
        self.waiting += other.waiting;
        self.escalated += other.escalated;
        self.errors += other.errors;
        self.llm_calls += other.llm_calls;
        self.tokens_in = self.tokens_in.saturating_add(other.tokens_in);
        self.tokens_out = self.tokens_out.saturating_add(other.tokens_out);
        self.with_cost += other.with_cost;
        self.cost = self.cost.saturating_add(other.cost);
        self.estimated_cost = self.estimated_cost.saturating_add(other.estimated_cost);
        self.durations.merge(&other.durations);
    }

    /// Bytes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        self.durations.bytes()
    }

    pub(crate) fn summary(&self) -> MetricsSummary {
        let dollars = |amount: i64| (self.with_cost > 0).then(|| hiveboard_wire::NanoDollars(amount).dollars());
        let total_cost = dollars(self.cost);
        MetricsSummary {
            total_tasks: self.runs,
            completed: self.completed,
            failed: self.failed,
            cancelled: self.cancelled,
            escalated: self.escalated,
            stuck: self.stuck,
            processing: self.processing,
            waiting: self.waiting,
            success_rate: success_rate(self.completed, self.failed),
            durations: self.durations.figures(),
            total_cost,
            estimated_cost: dollars(self.estimated_cost),
            avg_cost_per_task: total_cost.map(|cost| cost / self.runs as f64),
            llm_call_count: self.llm_calls,
            total_tokens_in: self.tokens_in,
            total_tokens_out: self.tokens_out,
            error_count: self.errors,
        }
    }
}
