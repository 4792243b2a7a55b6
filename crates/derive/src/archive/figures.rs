//! Figures of archived runs, as columns hold them.

use hiveboard_wire::Timestamp;

use super::{
    ENDED, Entry,
    cold::{ColdRowError, ColdRows},
    columns::{Column, Columns, Integers, flag},
    rank::cold_figure,
};
use crate::{query::RunSort, run_sum::RunFigures, view::TaskStatus};

/// The columns that a run's figures are made of.
pub(super) struct FigureColumns<'c> {
    ends: Integers<'c>,
    durations: Integers<'c>,
    buckets: Integers<'c>,
    costs: Integers<'c>,
    estimated: Integers<'c>,
    tokens_in: Integers<'c>,
    tokens_out: Integers<'c>,
    errors: Integers<'c>,
    calls: Integers<'c>,
    statuses: Integers<'c>,
    flags: Integers<'c>,
}

impl<'c> FigureColumns<'c> {
    pub(super) fn of(columns: &'c Columns<'_>) -> Result<Self, ColdRowError> {
        Ok(Self {
            ends: columns.integers(Column::End)?,
            durations: columns.integers(Column::Duration)?,
            buckets: columns.integers(Column::DurationBucket)?,
            costs: columns.integers(Column::Cost)?,
            estimated: columns.integers(Column::EstimatedCost)?,
            tokens_in: columns.integers(Column::TokensIn)?,
            tokens_out: columns.integers(Column::TokensOut)?,
            errors: columns.integers(Column::Errors)?,
            calls: columns.integers(Column::Calls)?,
            statuses: columns.integers(Column::Status)?,
            flags: columns.integers(Column::Flags)?,
        })
    }

    pub(super) fn run(&self, at: usize) -> (RunFigures, Timestamp) {
        let figures = RunFigures {
            status: ENDED.get(self.statuses.get(at) as usize).copied().unwrap_or(TaskStatus::Completed),
            escalated: self.flags.get(at) & flag::ESCALATED != 0,
            errors: self.errors.get(at) as u32,
            llm_calls: self.calls.get(at) as u32,
            tokens_in: self.tokens_in.get(at) as u64,
            tokens_out: self.tokens_out.get(at) as u64,
            cost: (self.flags.get(at) & flag::HAS_COST != 0).then(|| (self.costs.get(at), self.estimated.get(at))),
            duration: Some((self.durations.get(at), self.buckets.get(at) as i16)),
        };
        (figures, Timestamp(self.ends.get(at)))
    }
}

/// A run of a segment, without its ids.
pub(crate) struct ColdRun<'a> {
    pub(crate) figures: RunFigures,
    pub(crate) end: Timestamp,
    /// Project, type, version, environment, group.
    pub(crate) labels: [Option<&'a str>; 5],
}

/// Calls `visit` with the runs of a segment that are not dead.
pub(super) fn each_run(
    entry: &Entry,
    cold: &dyn ColdRows,
    visit: &mut impl FnMut(ColdRun<'_>),
) -> Result<(), ColdRowError> {
    let columns = entry.segment.columns(cold);
    let figures = FigureColumns::of(&columns)?;
    let labels = [Column::Project, Column::TaskType, Column::Version, Column::Environment, Column::Group];
    let (mut texts, mut numbers) = (Vec::new(), Vec::new());
    for label in labels {
        texts.push(columns.texts(label)?);
        numbers.push(columns.integers(label)?);
    }
    for row in (0..columns.rows()).filter(|row| !entry.is_dead(*row as u32)) {
        let label = |place: usize| {
            let number = usize::try_from(numbers[place].get(row)).ok()?.checked_sub(1)?;
            texts[place].get(number).copied()
        };
        let (figures, end) = figures.run(row);
        visit(ColdRun { figures, end, labels: std::array::from_fn(label) });
    }
    Ok(())
}

/// What a list by `sort` sorts by, by row: the columns that tell it.
pub(super) enum Ranked<'c> {
    ByTime,
    Duration(Integers<'c>),
    Cost(Integers<'c>, Integers<'c>),
    Tokens(Integers<'c>, Integers<'c>, Integers<'c>),
    Errors(Integers<'c>),
}

impl<'c> Ranked<'c> {
    pub(super) fn new(columns: &'c Columns<'_>, sort: RunSort) -> Result<Self, ColdRowError> {
        let of = |column| columns.integers(column);
        Ok(match sort {
            RunSort::Newest | RunSort::Oldest => Self::ByTime,
            RunSort::Duration => Self::Duration(of(Column::Duration)?),
            RunSort::Cost => Self::Cost(of(Column::Cost)?, of(Column::Flags)?),
            RunSort::Tokens => Self::Tokens(of(Column::TokensIn)?, of(Column::TokensOut)?, of(Column::Flags)?),
            RunSort::Errors => Self::Errors(of(Column::Errors)?),
        })
    }

    pub(super) fn figure(&self, row: usize) -> f64 {
        match self {
            Self::ByTime => 0.0,
            Self::Duration(micros) => cold_figure(RunSort::Duration, micros.get(row), None, None, 0),
            Self::Cost(costs, flags) => {
                let cost = (flags.get(row) & flag::HAS_COST != 0).then(|| costs.get(row));
                cold_figure(RunSort::Cost, 0, cost, None, 0)
            }
            Self::Tokens(tokens_in, tokens_out, flags) => {
                let sum = || (tokens_in.get(row) as u64).saturating_add(tokens_out.get(row) as u64);
                let tokens = (flags.get(row) & flag::HAS_TOKENS != 0).then(sum);
                cold_figure(RunSort::Tokens, 0, None, tokens, 0)
            }
            Self::Errors(errors) => cold_figure(RunSort::Errors, 0, None, None, errors.get(row)),
        }
    }

    /// Rows whose figure is no less than `floor`; all where there is none. Most rows of most segments are left out here.
    pub(super) fn rows_from(&self, rows: usize, floor: Option<f64>) -> Vec<u32> {
        let all = 0..rows as u32;
        let Some(floor) = floor else { return all.collect() };
        match self {
            Self::ByTime => all.collect(),
            // A row without a cost has none of 0, which stands below: who has one is looked at twice.
            Self::Cost(costs, _) if floor > 0.0 => all
                .filter(|row| costs.get(*row as usize) as f64 >= floor && self.figure(*row as usize) >= floor)
                .collect(),
            _ => all.filter(|row| self.figure(*row as usize) >= floor).collect(),
        }
    }
}
