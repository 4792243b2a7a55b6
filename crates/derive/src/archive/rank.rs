//! Where a run stands in a list: the same for archived runs and for those in memory.

use hiveboard_wire::Timestamp;

use crate::query::RunSort;

/// Place in a list: the greater comes first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rank {
    figure: f64,
    at: i64,
    hash: u64,
}

impl Rank {
    pub(crate) const fn new(sort: RunSort, figure: f64, first: Timestamp, hash: u64) -> Self {
        match sort {
            RunSort::Newest => Self { figure: 0.0, at: first.micros(), hash },
            RunSort::Oldest => Self { figure: 0.0, at: !first.micros(), hash: !hash },
            _ => Self { figure, at: first.micros(), hash },
        }
    }

    pub(super) const fn figure(&self) -> f64 {
        self.figure
    }

    /// First timestamp and hash of the run.
    pub(crate) const fn place(&self, sort: RunSort) -> (Timestamp, u64) {
        match sort {
            RunSort::Oldest => (Timestamp(!self.at), !self.hash),
            _ => (Timestamp(self.at), self.hash),
        }
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.figure.total_cmp(&other.figure).then_with(|| (self.at, self.hash).cmp(&(other.at, other.hash)))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Rank {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Rank {}

pub(super) fn is_sorted_by_figure(sort: RunSort) -> bool {
    !matches!(sort, RunSort::Newest | RunSort::Oldest)
}

/// What a list by `sort` sorts by, from what columns hold. The same as for runs in memory.
pub(crate) fn cold_figure(
    sort: RunSort,
    duration_micros: i64,
    cost: Option<i64>,
    tokens: Option<u64>,
    errors: i64,
) -> f64 {
    match sort {
        RunSort::Newest | RunSort::Oldest => 0.0,
        RunSort::Duration => duration_micros as f64 / 1000.0,
        RunSort::Cost => cost.map_or(-1.0, |cost| cost as f64),
        RunSort::Tokens => tokens.map_or(-1.0, |tokens| tokens as f64),
        RunSort::Errors => errors as f64,
    }
}
