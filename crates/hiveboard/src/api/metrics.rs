//! `GET /v1/metrics`: figures over runs and calls, as a summary, over time, and in groups.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use axum::{Json, extract::State};
use hiveboard_derive::{
    Bucketing, GroupBy as RunDimension, RunFilter,
    view::{DurationFigures, MetricsBucket, MetricsGroup, MetricsSummary},
};
use hiveboard_store::{CallFilter, CallGroup, CallTotals};
use hiveboard_wire::{Timestamp, time::MICROS_PER_SECOND};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        blocking,
        cost::{CostGroup, GroupBy, OtherCost, Totals, cost_groups, most_groups, sum},
        interval::{Buckets, Interval},
        params::{Params, Range, filtered_params},
        timezone::Zone,
    },
    app::App,
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    Cost,
    Tokens,
    Tasks,
    Duration,
}

filtered_params! {
    pub struct MetricsParams {
        /// Width of a bucket; by range when not given.
        #[param(inline)]
        pub interval: Option<Interval>,
        /// What `groups` are sorted by; needs `group_by`.
        #[param(inline)]
        pub metric: Option<Metric>,
        /// Adds `groups`.
        #[param(inline)]
        pub group_by: Option<GroupBy>,
        /// Groups to tell apart, 1 to 1,000; 1,000 when not given. What the others come to stands in `other`.
        pub limit: Option<usize>,
        /// Whose days buckets of a day are: an IANA name (`Europe/Berlin`) or an offset (`+02:00`); UTC when not given.
        #[param(value_type = Option<String>)]
        pub timezone: Option<Zone>,
        /// Of one type of task.
        pub task_type: Option<String>,
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MetricsView {
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Of a day by 24 hours, though days of a time zone may be longer or shorter.
    pub interval_seconds: i64,
    pub summary: MetricsSummary,
    /// Without gaps.
    pub timeseries: Vec<Point>,
    /// With `group_by`: as many as asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Group>>,
    /// What the groups beyond come to; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<OtherGroups>,
}

/// Groups that are not told one by one.
#[derive(Debug, Serialize, ToSchema)]
pub struct OtherGroups {
    #[serde(flatten)]
    pub calls: OtherCost,
    /// `null` for groups by model, which runs do not belong to.
    pub total_tasks: Option<u64>,
    pub tasks_completed: Option<u64>,
    pub tasks_failed: Option<u64>,
    pub success_rate: Option<f64>,
    pub avg_cost_per_task: Option<f64>,
}

/// Runs that ended, calls and failures in one bucket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Point {
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    pub tasks_completed: u64,
    pub tasks_failed: u64,
    #[serde(flatten)]
    pub durations: DurationFigures,
    /// US dollars.
    pub cost: f64,
    pub llm_call_count: u64,
    /// Failures of tasks, actions and plan steps.
    pub error_count: u64,
    /// Runs ended.
    pub throughput: u64,
}

/// Figures of one value of what was grouped by.
#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    #[serde(flatten)]
    pub calls: CostGroup,
    /// `null` for groups by model, which runs do not belong to.
    pub total_tasks: Option<u64>,
    pub tasks_completed: Option<u64>,
    pub tasks_failed: Option<u64>,
    pub success_rate: Option<f64>,
    #[serde(flatten)]
    pub durations: DurationFigures,
    pub avg_cost_per_task: Option<f64>,
}

/// Figures of a stretch of time: the last hour when none is given.
#[utoipa::path(get, path = "/v1/metrics", tag = "metrics", params(MetricsParams), responses((status = 200, body = MetricsView)))]
pub async fn metrics(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<MetricsParams>,
) -> ApiResult<Json<MetricsView>> {
    let now = app.clock.now();
    let stretch = params.window(now)?.started(Range::Hour, now);
    let width = Interval::pick(params.interval, stretch)?;
    let buckets = Buckets::of(stretch, width, params.timezone.as_ref());
    let most = most_groups(params.limit)?;
    if params.metric.is_some() && params.group_by.is_none() {
        return Err(ApiError::invalid_parameter("group_by", "`metric` sorts groups; say by what with `group_by`."));
    }
    let runs = RunFilter {
        agent_id: params.agent_id.clone(),
        project_id: app.project_aliases.asked(caller.scope(), params.project_id.clone()),
        environment: params.environment.clone(),
        group: params.group.clone(),
        task_type: params.task_type.clone(),
        since: Some(stretch.since),
        until: stretch.until,
        ..RunFilter::default()
    };
    let calls = CallFilter {
        agent_id: params.agent_id,
        project_id: params.project_id,
        environment: params.environment,
        group: params.group,
        task_type: params.task_type,
        since: Some(stretch.since),
        until: stretch.until,
        ..CallFilter::default()
    };
    let (scope, group_by) = (caller.scope(), params.group_by);
    blocking(move || {
        let of_runs = app.derived.look(scope, |projections| {
            projections.task_metrics(
                &runs,
                Some(Bucketing::Starts(Arc::clone(buckets.starts()))),
                group_by.and_then(run_dimension),
                now,
            )
        });
        let of_runs = of_runs.finish().map_err(|error| ApiError::internal(&error))?;
        let of_calls = buckets.gather(app.call_groups(scope, &calls, &[], Some(buckets.grain), usize::MAX)?.groups);
        let mut failures = HashMap::new();
        for bucket in app.failures(scope, &calls, buckets.grain)? {
            *failures.entry(buckets.place(bucket.bucket)).or_default() += bucket.count;
        }
        let mut summary = of_runs.summary;
        // Failures count when they happened, like calls: those of a run that was open before are not of this time.
        summary.error_count = failures.values().sum();
        // Calls outside of tasks cost money, too: totals are those of the calls, which /v1/cost lists.
        let totals = sum(&of_calls);
        summary.llm_call_count = totals.call_count;
        summary.total_tokens_in = totals.tokens_in;
        summary.total_tokens_out = totals.tokens_out;
        summary.total_cost = Some(totals.cost.dollars());
        summary.estimated_cost = Some(totals.estimated_cost.dollars());
        summary.avg_cost_per_task =
            (summary.total_tasks > 0).then(|| totals.cost.dollars() / summary.total_tasks as f64);
        let (groups, other) = match group_by {
            None => (None, None),
            Some(by) => {
                // All of them: what they are sorted by is known once calls and runs are joined.
                let of_calls = app.call_groups(scope, &calls, by.dimensions(), None, usize::MAX)?.groups;
                let mut groups = groups(by, of_calls, of_runs.groups, params.metric.unwrap_or(Metric::Cost));
                let beyond = groups.split_off(most.min(groups.len()));
                (Some(groups), other(&beyond))
            }
        };
        Ok(MetricsView {
            since: stretch.since,
            until: stretch.end,
            interval_seconds: width / MICROS_PER_SECOND,
            summary,
            timeseries: points(&buckets, &of_runs.timeseries, &of_calls, &failures),
            groups,
            other,
        })
    })
    .await
    .map(Json)
}

fn points(
    buckets: &Buckets,
    runs: &[MetricsBucket],
    calls: &[CallGroup],
    failures: &HashMap<Timestamp, u64>,
) -> Vec<Point> {
    let runs: HashMap<Timestamp, &MetricsBucket> = runs.iter().map(|bucket| (bucket.timestamp, bucket)).collect();
    let calls: HashMap<Timestamp, &CallGroup> = calls.iter().filter_map(|group| Some((group.bucket?, group))).collect();
    buckets
        .starts()
        .iter()
        .copied()
        .map(|start| {
            let ended = runs.get(&start);
            let called = calls.get(&start).map(|group| group.totals).unwrap_or_default();
            let (completed, failed) = ended.map_or((0, 0), |bucket| (bucket.tasks_completed, bucket.tasks_failed));
            Point {
                timestamp: start,
                tasks_completed: completed,
                tasks_failed: failed,
                durations: ended.map(|bucket| bucket.durations).unwrap_or_default(),
                cost: called.cost.dollars(),
                llm_call_count: called.call_count,
                error_count: failures.get(&start).copied().unwrap_or(0),
                throughput: ended.map_or(0, |bucket| bucket.throughput),
            }
        })
        .collect()
}

/// What several groups come to together.
fn other(beyond: &[Group]) -> Option<OtherGroups> {
    let sum = |figure: fn(&Group) -> Option<u64>| beyond.iter().filter_map(figure).reduce(u64::saturating_add);
    let (completed, failed) = (sum(|group| group.tasks_completed), sum(|group| group.tasks_failed));
    let total_tasks = sum(|group| group.total_tasks);
    let totals = Totals {
        cost: beyond.iter().map(|group| group.calls.totals.cost).sum(),
        estimated_cost: beyond.iter().map(|group| group.calls.totals.estimated_cost).sum(),
        call_count: sum(|group| Some(group.calls.totals.call_count)).unwrap_or(0),
        tokens_in: sum(|group| Some(group.calls.totals.tokens_in)).unwrap_or(0),
        tokens_out: sum(|group| Some(group.calls.totals.tokens_out)).unwrap_or(0),
    };
    let ended = completed.unwrap_or(0) + failed.unwrap_or(0);
    (!beyond.is_empty()).then(|| OtherGroups {
        total_tasks,
        tasks_completed: completed,
        tasks_failed: failed,
        success_rate: (ended > 0).then(|| completed.unwrap_or(0) as f64 / ended as f64),
        avg_cost_per_task: total_tasks.filter(|tasks| *tasks > 0).map(|tasks| totals.cost / tasks as f64),
        calls: OtherCost {
            group_count: beyond.len() as u64,
            avg_cost_per_call: (totals.call_count > 0).then(|| totals.cost / totals.call_count as f64),
            totals,
        },
    })
}

const fn run_dimension(by: GroupBy) -> Option<RunDimension> {
    match by {
        GroupBy::Agent => Some(RunDimension::Agent),
        GroupBy::Project => Some(RunDimension::Project),
        GroupBy::TaskType => Some(RunDimension::TaskType),
        GroupBy::Version => Some(RunDimension::Version),
        GroupBy::Environment => Some(RunDimension::Environment),
        GroupBy::Model | GroupBy::AgentModel => None,
    }
}

/// Joins what calls and runs say of the same value.
fn groups(by: GroupBy, calls: Vec<CallGroup>, runs: Vec<MetricsGroup>, metric: Metric) -> Vec<Group> {
    let dimensions = by.dimensions();
    let with_runs = run_dimension(by).is_some();
    let mut of_runs: HashMap<Option<String>, MetricsSummary> =
        runs.into_iter().map(|group| (group.key, group.summary)).collect();
    let mut of_calls = calls;
    // Values without a call still have runs.
    let called: HashSet<Option<String>> = of_calls.iter().filter_map(|group| group.keys.first().cloned()).collect();
    for key in of_runs.keys() {
        if !called.contains(key) {
            of_calls.push(CallGroup { keys: vec![key.clone()], bucket: None, totals: CallTotals::default() });
        }
    }
    let keys: Vec<Option<String>> = {
        let mut order: Vec<&CallGroup> = of_calls.iter().collect();
        order.sort_by(|a, b| crate::api::cost::dearest_first(a, b));
        order.into_iter().map(|group| group.keys.first().cloned().flatten()).collect()
    };
    let mut groups: Vec<Group> = cost_groups(of_calls, dimensions)
        .into_iter()
        .zip(keys)
        .map(|(calls, key)| {
            let runs = with_runs.then(|| of_runs.remove(&key).unwrap_or_default());
            Group {
                total_tasks: runs.as_ref().map(|runs| runs.total_tasks),
                tasks_completed: runs.as_ref().map(|runs| runs.completed),
                tasks_failed: runs.as_ref().map(|runs| runs.failed),
                success_rate: runs.as_ref().and_then(|runs| runs.success_rate),
                durations: runs.as_ref().map(|runs| runs.durations).unwrap_or_default(),
                avg_cost_per_task: runs
                    .as_ref()
                    .filter(|runs| runs.total_tasks > 0)
                    .map(|runs| calls.totals.cost / runs.total_tasks as f64),
                calls,
            }
        })
        .collect();
    let weight = |group: &Group| {
        let Totals { cost, tokens_in, tokens_out, .. } = group.calls.totals;
        match metric {
            Metric::Cost => cost,
            Metric::Tokens => (tokens_in + tokens_out) as f64,
            Metric::Tasks => group.total_tasks.unwrap_or(0) as f64,
            Metric::Duration => group.durations.avg_duration_ms.unwrap_or(0.0),
        }
    };
    groups.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    groups
}
