//! A file a kind. Each says its formula and its least sample, and is a pure function of the aggregates.

mod approvals_backing_up;
mod cost_outlier;
mod cost_per_task_trend;
pub(crate) mod cost_spike;
mod dear_model_cheap_task;
mod deploy_regression;
mod dropped_tasks;
mod duration_change;
mod failing_action;
mod fleet_health;
mod heartbeat_drift;
mod loops;
mod prompt_bloat;
mod queue_growing_idle;
mod rate_limited;
mod ready_to_scale;
mod recurring_issue;
mod silent_auth_failures;
mod success_change;
#[cfg(test)]
mod testing;
mod unrecovered_error;
mod worst_agent;

use std::collections::BTreeMap;

use crate::{
    aggregates::{Aggregates, Name, RunLabels, RunSeries, RunTotals},
    insight::Verdict,
    kind::Kind,
    link::Link,
    statistics::Share,
};

/// A chance under which a single comparison counts.
pub(crate) const SURE: f64 = 0.001;
/// The share of false ones that may be among many comparisons that count.
pub(crate) const SURE_OF_MANY: f64 = 0.005;

/// Of good runs, so many at most repeat calls or leave an error behind (recorded ones: under one of a hundred) …
pub(crate) const OF_GOOD_RUNS: f64 = 0.01;
/// … and by chance so many of them come together hardly ever.
pub(crate) const HARDLY_GOOD: f64 = 0.005;

pub(crate) fn find(kind: Kind, all: &Aggregates) -> Verdict {
    match kind {
        Kind::DearModelCheapTask => dear_model_cheap_task::find(all),
        Kind::CostSpike => cost_spike::find(all),
        Kind::PromptBloat => prompt_bloat::find(all),
        Kind::CostOutlier => cost_outlier::find(all),
        Kind::DroppedTasks => dropped_tasks::find(all),
        Kind::QueueGrowingIdle => queue_growing_idle::find(all),
        Kind::SilentAuthFailures => silent_auth_failures::find(all),
        Kind::HeartbeatDrift => heartbeat_drift::find(all),
        Kind::ApprovalsBackingUp => approvals_backing_up::find(all),
        Kind::FailingAction => failing_action::find(all),
        Kind::RecurringIssue => recurring_issue::find(all),
        Kind::SuccessChange => success_change::find(all),
        Kind::DurationChange => duration_change::find(all),
        Kind::WorstAgent => worst_agent::find(all),
        Kind::DeployRegression => deploy_regression::find(all),
        Kind::CostPerTaskTrend => cost_per_task_trend::find(all),
        Kind::Loop => loops::find(all),
        Kind::UnrecoveredError => unrecovered_error::find(all),
        Kind::RateLimited => rate_limited::find(all),
        Kind::FleetHealth => fleet_health::find(all),
        Kind::ReadyToScale => ready_to_scale::find(all),
    }
}

/// Sums of the series that share a key, in the order of the keys.
pub(crate) fn by<'a, K: Ord>(
    all: &'a Aggregates,
    key: impl Fn(&'a RunLabels) -> K,
    side: impl Fn(&'a RunSeries) -> &'a RunTotals,
) -> BTreeMap<K, RunTotals> {
    let mut sums = BTreeMap::<K, RunTotals>::new();
    for series in &all.runs {
        sums.entry(key(&series.labels)).or_default().merge(side(series));
    }
    sums
}

/// What is compared like for like: an agent and a type of task.
pub(crate) type Stratum<'a> = (&'a Name, Option<&'a Name>);

pub(crate) fn stratum(labels: &RunLabels) -> Stratum<'_> {
    (&labels.agent_id, labels.task_type.as_ref())
}

/// Both sides of every stratum.
pub(crate) fn strata<'a>(
    all: &'a Aggregates,
    first: impl Fn(&'a RunSeries) -> &'a RunTotals,
    second: impl Fn(&'a RunSeries) -> &'a RunTotals,
) -> Vec<(RunTotals, RunTotals)> {
    let first = by(all, stratum, first);
    let second = by(all, stratum, second);
    first.into_iter().map(|(key, sums)| (sums, second.get(&key).copied().unwrap_or_default())).collect()
}

/// Narrows a list to the agent, and to the type of task, that a comparison is about where it is about one: then its rows show the figures.
pub(crate) fn narrow(
    link: Link,
    all: &Aggregates,
    first: impl Fn(&RunTotals) -> bool,
    second: impl Fn(&RunTotals) -> bool,
) -> Link {
    let before = by(all, stratum, |series| &series.before);
    let now = by(all, stratum, |series| &series.now);
    let compared: Vec<Stratum<'_>> = before
        .into_iter()
        .filter(|(key, sums)| first(sums) && now.get(key).is_some_and(&second))
        .map(|(key, _)| key)
        .collect();
    let Some(((agent, task_type), others)) = compared.split_first() else { return link };
    let link = if others.iter().all(|(other, _)| other == agent) { link.of_agent(agent) } else { link };
    let is_one_type = others.iter().all(|(_, other)| other == task_type);
    if is_one_type { link.of_type(task_type.map(|name| &**name)) } else { link }
}

pub(crate) fn failures(totals: &RunTotals) -> Share {
    Share::new(u64::from(totals.failed), totals.ended())
}

pub(crate) fn text(name: Option<&Name>) -> Option<String> {
    name.map(|name| (**name).to_owned())
}

/// A type of task in a sentence.
pub(crate) fn of_type(task_type: Option<&Name>) -> String {
    task_type.map_or_else(|| "tasks without a type".to_owned(), |name| format!("“{name}”"))
}

/// How sure, as a person says it.
pub(crate) fn sureness(p: f64) -> &'static str {
    if p < 1e-6 {
        "far beyond chance (less than one in a million)"
    } else if p < 1e-4 {
        "beyond chance (less than one in ten thousand)"
    } else {
        "hardly chance (less than one in a hundred)"
    }
}
