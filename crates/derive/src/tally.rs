//! Sums over the runs of one version of an agent.

use serde::{Deserialize, Serialize};

use crate::{
    run::{Ended, Run},
    sketch::Durations,
};

/// Depends only on the runs that are in it, never on the order in which they came and went.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) runs: u64,
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    pub(crate) cancelled: u64,
    /// Of the runs that ended, those that were escalated.
    pub(crate) escalated: u64,
    pub(crate) errors: u64,
    with_cost: u64,
    /// Nano-dollars.
    cost: i64,
    pub(crate) durations: Durations,
}

impl Tally {
    pub(crate) fn add(&mut self, run: &Run) {
        self.runs += 1;
        self.errors += u64::from(run.counts.errors);
        if run.counts.calls_with_cost > 0 {
            self.with_cost += 1;
            self.cost = self.cost.wrapping_add(run.counts.cost);
        }
        let Some(ended) = run.standing().ended else { return };
        *self.side(ended) += 1;
        self.durations.add(ended.duration_micros);
        self.escalated += u64::from(ended.escalated);
    }

    /// Takes a run out that was added as it is.
    pub(crate) fn remove(&mut self, run: &Run) {
        let less = |sum: &mut u64, by: u64| *sum = sum.saturating_sub(by);
        less(&mut self.runs, 1);
        less(&mut self.errors, u64::from(run.counts.errors));
        if run.counts.calls_with_cost > 0 {
            less(&mut self.with_cost, 1);
            self.cost = self.cost.wrapping_sub(run.counts.cost);
        }
        let Some(ended) = run.standing().ended else { return };
        less(self.side(ended), 1);
        self.durations.remove(ended.duration_micros);
        less(&mut self.escalated, u64::from(ended.escalated));
    }

    const fn side(&mut self, ended: Ended) -> &mut u64 {
        match (ended.cancelled, ended.completed) {
            (true, _) => &mut self.cancelled,
            (false, true) => &mut self.completed,
            (false, false) => &mut self.failed,
        }
    }

    pub(crate) fn cost_dollars(&self) -> Option<f64> {
        (self.with_cost > 0).then(|| hiveboard_wire::NanoDollars(self.cost).dollars())
    }
}
