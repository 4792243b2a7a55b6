//! Sums as they lie in a table: there are hundreds of thousands of them, and most know no failure, no rate limit and no prompt that grows.

use serde::{Deserialize, Serialize};

use super::names::{Names, ShareNames};
use crate::aggregates::{ActionTotals, LogSums, Name, RunTotals};

/// Sums that a table keeps, in the shape in which it keeps them.
pub(crate) trait Sums: Default {
    type Cell: Default + ShareNames;

    fn merge(&mut self, other: &Self);

    fn to_cell(self) -> Self::Cell;

    fn of_cell(cell: &Self::Cell) -> Self;
}

impl ShareNames for LogSums {
    fn share_names(&mut self, _: &mut Names) {}
}

impl Sums for LogSums {
    type Cell = Self;

    fn merge(&mut self, other: &Self) {
        Self::merge(self, other);
    }

    fn to_cell(self) -> Self {
        self
    }

    fn of_cell(cell: &Self) -> Self {
        *cell
    }
}

/// [`RunTotals`], with what few runs have apart.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct RunCell {
    completed: u32,
    failed: u32,
    cancelled: u32,
    duration: LogSums,
    cost: LogSums,
    tokens_in: u64,
    tokens_out: u64,
    llm_calls: u64,
    rare: Option<Box<RareOfRuns>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct RareOfRuns {
    growable: u32,
    growing: u32,
    growth: LogSums,
    grown_tokens: u64,
    repeating: u32,
    rate_limited: u32,
    rate_limited_runs: u32,
    backoff_seconds: f64,
    retried_cost: f64,
}

impl ShareNames for RunCell {
    fn share_names(&mut self, _: &mut Names) {}
}

impl Sums for RunTotals {
    type Cell = RunCell;

    fn merge(&mut self, other: &Self) {
        Self::merge(self, other);
    }

    fn to_cell(self) -> RunCell {
        let Self {
            completed,
            failed,
            cancelled,
            duration,
            cost,
            tokens_in,
            tokens_out,
            llm_calls,
            growable,
            growing,
            growth,
            grown_tokens,
            repeating,
            rate_limited,
            rate_limited_runs,
            backoff_seconds,
            retried_cost,
        } = self;
        let rare = RareOfRuns {
            growable,
            growing,
            growth,
            grown_tokens,
            repeating,
            rate_limited,
            rate_limited_runs,
            backoff_seconds,
            retried_cost,
        };
        let rare = (rare != RareOfRuns::default()).then(|| Box::new(rare));
        RunCell { completed, failed, cancelled, duration, cost, tokens_in, tokens_out, llm_calls, rare }
    }

    fn of_cell(cell: &RunCell) -> Self {
        let rare = cell.rare.as_deref().copied().unwrap_or_default();
        Self {
            completed: cell.completed,
            failed: cell.failed,
            cancelled: cell.cancelled,
            duration: cell.duration,
            cost: cell.cost,
            tokens_in: cell.tokens_in,
            tokens_out: cell.tokens_out,
            llm_calls: cell.llm_calls,
            growable: rare.growable,
            growing: rare.growing,
            growth: rare.growth,
            grown_tokens: rare.grown_tokens,
            repeating: rare.repeating,
            rate_limited: rare.rate_limited,
            rate_limited_runs: rare.rate_limited_runs,
            backoff_seconds: rare.backoff_seconds,
            retried_cost: rare.retried_cost,
        }
    }
}

/// [`ActionTotals`], with what is known of failures apart.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct ActionCell {
    ended: u32,
    last_worked_micros: i64,
    failures: Option<Box<FailuresOfActions>>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct FailuresOfActions {
    failed: u32,
    auth_failed: u32,
    rate_limited: u32,
    errors: Vec<(Name, u32)>,
    last_auth_failed_micros: i64,
}

impl ShareNames for ActionCell {
    fn share_names(&mut self, names: &mut Names) {
        names.share_all(self.failures.iter_mut().flat_map(|failures| &mut failures.errors).map(|(error, _)| error));
    }
}

impl Sums for ActionTotals {
    type Cell = ActionCell;

    fn merge(&mut self, other: &Self) {
        Self::merge(self, other);
    }

    fn to_cell(self) -> ActionCell {
        let Self { ended, failed, auth_failed, rate_limited, errors, last_worked_micros, last_auth_failed_micros } =
            self;
        let failures = FailuresOfActions { failed, auth_failed, rate_limited, errors, last_auth_failed_micros };
        let failures = (failures != FailuresOfActions::default()).then(|| Box::new(failures));
        ActionCell { ended, last_worked_micros, failures }
    }

    fn of_cell(cell: &ActionCell) -> Self {
        let failures = cell.failures.as_deref().cloned().unwrap_or_default();
        Self {
            ended: cell.ended,
            failed: failures.failed,
            auth_failed: failures.auth_failed,
            rate_limited: failures.rate_limited,
            errors: failures.errors,
            last_worked_micros: cell.last_worked_micros,
            last_auth_failed_micros: failures.last_auth_failed_micros,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_cell_comes_out_as_it_went_in() {
        let mut duration = LogSums::default();
        duration.add(3.0);
        let plain = RunTotals { completed: 2, duration, tokens_in: 7, llm_calls: 3, ..RunTotals::default() };
        let with_rare = RunTotals { repeating: 1, backoff_seconds: 0.5, growth: duration, ..plain };
        for totals in [plain, with_rare] {
            assert_eq!(RunTotals::of_cell(&totals.to_cell()), totals);
        }
        assert!(plain.to_cell().rare.is_none());

        let worked = ActionTotals { ended: 4, last_worked_micros: 9, ..ActionTotals::default() };
        let failed = ActionTotals { failed: 1, errors: vec![("refused".into(), 1)], ..worked.clone() };
        for totals in [worked.clone(), failed] {
            assert_eq!(ActionTotals::of_cell(&totals.clone().to_cell()), totals);
        }
        assert!(worked.to_cell().failures.is_none());
    }

    /// What memory holds is these, times the hours, agents and actions of a fleet.
    #[test]
    fn cells_are_small() {
        assert!(size_of::<RunCell>() <= 112, "{}", size_of::<RunCell>());
        assert!(size_of::<ActionCell>() <= 24, "{}", size_of::<ActionCell>());
    }
}
