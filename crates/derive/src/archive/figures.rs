//! Figures of archived runs, as columns hold them.

use hiveboard_wire::Timestamp;

use super::{
    ENDED, Entry,
    cold::{ColdRowError, ColdRows},
    columns::{Column, Columns, flag},
    rank::cold_figure,
    segment::ColumnBytes,
};
use crate::{query::RunSort, run_sum::RunFigures, view::TaskStatus};

/// The columns that a run's figures are made of.
pub(super) struct FigureColumns {
    ends: Vec<i64>,
    durations: Vec<i64>,
    buckets: Vec<i64>,
    costs: Vec<i64>,
    estimated: Vec<i64>,
    tokens_in: Vec<i64>,
    tokens_out: Vec<i64>,
    errors: Vec<i64>,
    calls: Vec<i64>,
    statuses: Vec<i64>,
    flags: Vec<i64>,
}

impl FigureColumns {
    pub(super) fn of(columns: &Columns<ColumnBytes>) -> Result<Self, ColdRowError> {
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
            status: ENDED.get(self.statuses[at] as usize).copied().unwrap_or(TaskStatus::Completed),
            escalated: self.flags[at] & flag::ESCALATED != 0,
            errors: self.errors[at] as u32,
            llm_calls: self.calls[at] as u32,
            tokens_in: self.tokens_in[at] as u64,
            tokens_out: self.tokens_out[at] as u64,
            cost: (self.flags[at] & flag::HAS_COST != 0).then(|| (self.costs[at], self.estimated[at])),
            duration: Some((self.durations[at], self.buckets[at] as i16)),
        };
        (figures, Timestamp(self.ends[at]))
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
    let columns = entry.segment.columns(cold)?;
    let figures = FigureColumns::of(&columns)?;
    let labels = [Column::Project, Column::TaskType, Column::Version, Column::Environment, Column::Group];
    let (mut texts, mut numbers) = (Vec::new(), Vec::new());
    for label in labels {
        texts.push(columns.texts(label)?);
        numbers.push(columns.integers(label)?);
    }
    for row in (0..columns.rows()).filter(|row| !entry.is_dead(*row as u32)) {
        let label = |place: usize| {
            let number = usize::try_from(numbers[place][row]).ok()?.checked_sub(1)?;
            texts[place].get(number).copied()
        };
        let (figures, end) = figures.run(row);
        visit(ColdRun { figures, end, labels: std::array::from_fn(label) });
    }
    Ok(())
}

/// What a list by `sort` sorts by, by row; `None` for lists by time.
pub(super) fn by_row(columns: &Columns<ColumnBytes>, sort: RunSort) -> Result<Option<Vec<f64>>, ColdRowError> {
    let flags = |flag: i64| Ok(columns.integers(Column::Flags)?.into_iter().map(move |flags| flags & flag != 0));
    let figure = |duration: i64, cost, tokens, errors| cold_figure(sort, duration, cost, tokens, errors);
    Ok(Some(match sort {
        RunSort::Newest | RunSort::Oldest => return Ok(None),
        RunSort::Duration => {
            columns.integers(Column::Duration)?.into_iter().map(|micros| figure(micros, None, None, 0)).collect()
        }
        RunSort::Cost => {
            let costs = columns.integers(Column::Cost)?.into_iter().zip(flags(flag::HAS_COST)?);
            costs.map(|(cost, has)| figure(0, has.then_some(cost), None, 0)).collect()
        }
        RunSort::Tokens => {
            let sums = columns.integers(Column::TokensIn)?.into_iter().zip(columns.integers(Column::TokensOut)?);
            let tokens = sums.map(|(tokens_in, tokens_out)| (tokens_in as u64).saturating_add(tokens_out as u64));
            tokens
                .zip(flags(flag::HAS_TOKENS)?)
                .map(|(tokens, has)| figure(0, None, has.then_some(tokens), 0))
                .collect()
        }
        RunSort::Errors => {
            columns.integers(Column::Errors)?.into_iter().map(|errors| figure(0, None, None, errors)).collect()
        }
    }))
}
