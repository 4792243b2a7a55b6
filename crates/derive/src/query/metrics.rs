//! Figures over runs: summary, series and groups.

use std::collections::BTreeMap;

use hiveboard_wire::Timestamp;

use super::runs::{Matcher, RunFilter};
use crate::{
    projections::Projections,
    run::Run,
    sketch::Durations,
    view::{MetricsBucket, MetricsGroup, MetricsSummary, TaskMetrics, TaskStatus, success_rate},
};

/// What runs are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBy {
    Agent,
    Project,
    TaskType,
    Version,
    Environment,
    Group,
}

/// Buckets in one answer at most; wider ones are used beyond it.
const MOST_BUCKETS: i64 = 2_000;

#[derive(Default)]
struct Sum {
    summary: MetricsSummary,
    durations: Durations,
    cost: Option<i64>,
    estimated: i64,
}

impl Sum {
    fn add(&mut self, run: &Run, status: TaskStatus) {
        let summary = &mut self.summary;
        summary.total_tasks += 1;
        match status {
            TaskStatus::Completed => summary.completed += 1,
            TaskStatus::Failed => summary.failed += 1,
            TaskStatus::Cancelled => summary.cancelled += 1,
            TaskStatus::Stuck => summary.stuck += 1,
            TaskStatus::Waiting => summary.waiting += 1,
            TaskStatus::Escalated | TaskStatus::Processing => summary.processing += 1,
        }
        summary.escalated += u64::from(run.counts.escalations > 0);
        summary.llm_call_count += u64::from(run.counts.llm_calls);
        summary.total_tokens_in = summary.total_tokens_in.saturating_add(run.counts.tokens_in);
        summary.total_tokens_out = summary.total_tokens_out.saturating_add(run.counts.tokens_out);
        summary.error_count += u64::from(run.counts.errors);
        if run.counts.calls_with_cost > 0 {
            self.cost = Some(self.cost.unwrap_or(0).saturating_add(run.counts.cost));
            self.estimated = self.estimated.saturating_add(run.counts.estimated_cost);
        }
        if let Some(ended) = run.standing().ended {
            self.durations.add(ended.duration_micros);
        }
    }

    fn finish(self) -> MetricsSummary {
        let dollars = |nanos: i64| nanos as f64 / 1e9;
        let total_cost = self.cost.map(dollars);
        MetricsSummary {
            success_rate: success_rate(self.summary.completed, self.summary.failed),
            durations: self.durations.figures(),
            total_cost,
            estimated_cost: self.cost.map(|_| dollars(self.estimated)),
            avg_cost_per_task: total_cost.map(|cost| cost / self.summary.total_tasks as f64),
            ..self.summary
        }
    }
}

impl Projections {
    /// Summary of the runs that match, and, with `bucket_micros`, a series from `filter.since` (else the first end) to `filter.until`
    /// (else `now`) of those that ended in each bucket; with `group_by` also a summary for each value, the most runs first.
    ///
    /// Money and calls are those of the runs, wherever in time the calls lie.
    pub fn task_metrics(
        &self,
        filter: &RunFilter,
        bucket_micros: Option<i64>,
        group_by: Option<GroupBy>,
        now: Timestamp,
    ) -> TaskMetrics {
        let matcher = Matcher::new(self, filter, now);
        let mut total = Sum::default();
        let mut groups = BTreeMap::<Option<&str>, Sum>::new();
        let mut buckets = BTreeMap::<Timestamp, Sum>::new();
        let width = bucket_micros.map(|width| self.fitting_width(width.max(1), filter, now));
        // What a clock that is ahead stamped later than now counts as now.
        let end = filter.until.map_or(now, |until| until.plus_micros(-1));
        for number in self.candidates(filter) {
            let Some(status) = matcher.matches(number) else { continue };
            let run = self.run_at(number);
            total.add(run, status);
            if let Some(group_by) = group_by {
                groups.entry(self.group_key(run, group_by)).or_default().add(run, status);
            }
            if let (Some(width), Some(ended)) = (width, run.closed()) {
                buckets.entry(Timestamp(ended.micros).min(end).bucket(width)).or_default().add(run, status);
            }
        }
        let mut groups: Vec<MetricsGroup> = groups
            .into_iter()
            .map(|(key, sum)| MetricsGroup { key: key.map(str::to_owned), summary: sum.finish() })
            .collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.summary.total_tasks));
        TaskMetrics {
            summary: total.finish(),
            timeseries: width.map_or_else(Vec::new, |width| series(buckets, width, filter, now)),
            groups,
        }
    }

    /// Numbers of runs that may lie in the filter's window.
    fn candidates(&self, filter: &RunFilter) -> Box<dyn Iterator<Item = u32> + '_> {
        if let Some(agent_id) = filter.agent_id.as_deref() {
            return Box::new(self.find_agent(agent_id).into_iter().flat_map(|agent| agent.runs.iter().copied()));
        }
        if filter.since.is_none() && filter.until.is_none() {
            return Box::new(0..self.all_runs().len() as u32);
        }
        let since = (filter.since.unwrap_or(Timestamp::MIN), 0);
        let until = (filter.until.unwrap_or(Timestamp::MAX), u32::MAX);
        if since > until {
            return Box::new(std::iter::empty());
        }
        Box::new(self.by_end.range(since..=until).map(|(_, number)| *number).chain(self.open.iter().copied()))
    }

    fn group_key(&self, run: &Run, group_by: GroupBy) -> Option<&str> {
        let label = match group_by {
            GroupBy::Agent => return Some(&self.agent_of(run).id),
            GroupBy::Project => return self.project_of(run),
            GroupBy::TaskType => run.task_type,
            GroupBy::Version => run.version,
            GroupBy::Environment => run.environment,
            GroupBy::Group => run.group,
        };
        self.interner.optional(label.value)
    }

    fn fitting_width(&self, width: i64, filter: &RunFilter, now: Timestamp) -> i64 {
        let first = self.by_end.first().map_or(now, |(at, _)| *at);
        let span = filter.until.unwrap_or(now).micros().saturating_sub(filter.since.unwrap_or(first).micros());
        if span / width <= MOST_BUCKETS { width } else { width * (span / width / MOST_BUCKETS + 1) }
    }
}

/// With empty buckets in between, so that a chart shows the pause.
fn series(mut buckets: BTreeMap<Timestamp, Sum>, width: i64, filter: &RunFilter, now: Timestamp) -> Vec<MetricsBucket> {
    let Some(first) = filter.since.map(|since| since.bucket(width)).or_else(|| buckets.keys().next().copied()) else {
        return Vec::new();
    };
    let until = filter.until.unwrap_or(now.plus_micros(1));
    let starts = std::iter::successors(Some(first), |at| Some(at.plus_micros(width))).take_while(|at| *at < until);
    starts
        .map(|timestamp| {
            let summary = buckets.remove(&timestamp).unwrap_or_default().finish();
            MetricsBucket {
                timestamp,
                tasks_completed: summary.completed,
                tasks_failed: summary.failed,
                durations: summary.durations,
                success_rate: summary.success_rate,
                cost: summary.total_cost,
                llm_call_count: summary.llm_call_count,
                error_count: summary.error_count,
                throughput: summary.completed + summary.failed + summary.cancelled,
            }
        })
        .collect()
}
