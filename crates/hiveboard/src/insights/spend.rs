//! What calls cost over time, from the store's own sums: the same figures that the cost page shows.

use std::{collections::BTreeMap, sync::Arc};

use hiveboard_insights::{
    Aggregates, CostSpikeCandidate,
    aggregates::{Spend, SpendBucket, SpendDimension, SpendDriver},
    cost_spike_candidate,
};
use hiveboard_store::{CallFilter, Dimension};
use hiveboard_wire::{MICROS_PER_SECOND, Scope, Timestamp};

use crate::{app::App, error::ApiResult};

const HOUR_SECONDS: i64 = 3_600;
const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;
/// Windows up to this are looked at by the hour.
const BY_THE_HOUR_SECONDS: i64 = 6 * HOUR_SECONDS;
/// The past that they are compared with.
const HOURS_PAST_SECONDS: i64 = 7 * DAY_SECONDS;
const DAYS_PAST_SECONDS: i64 = 28 * DAY_SECONDS;
/// Agents, models and versions that may be named.
const MOST_DRIVERS: usize = 200;

pub(super) fn gather(app: &App, scope: Scope, all: &Aggregates) -> ApiResult<Spend> {
    let window_seconds = all.until.seconds_since(all.since) as i64;
    let (width_seconds, past_seconds) = if window_seconds <= BY_THE_HOUR_SECONDS + HOUR_SECONDS {
        (HOUR_SECONDS, HOURS_PAST_SECONDS)
    } else {
        (DAY_SECONDS, DAYS_PAST_SECONDS)
    };
    let first = all.since.plus_seconds(-past_seconds);
    let hours = app
        .call_groups(scope, &filter(all, first, all.until), &[], Some(HOUR_SECONDS * MICROS_PER_SECOND), usize::MAX)?
        .groups;
    // Days begin when the window does, so that none is half of it.
    let width = width_seconds * MICROS_PER_SECOND;
    let count = (all.until.micros() - first.micros() + width - 1) / width;
    let mut buckets: Vec<SpendBucket> = (0..count)
        .map(|number| SpendBucket { start: first.plus_micros(number * width), ..SpendBucket::default() })
        .collect();
    for group in hours {
        let Some(at) = group.bucket else { continue };
        let place = (at.micros() - first.micros()).max(0) / width;
        if let Some(bucket) = buckets.get_mut(place as usize) {
            bucket.calls += group.totals.call_count;
            bucket.dollars += group.totals.cost.dollars();
            bucket.tokens += group.totals.tokens_in + group.totals.tokens_out;
        }
    }
    let mut spend = Spend { width_seconds, buckets, drivers: Vec::new() };
    if let Some(candidate) = cost_spike_candidate(&spend, all.since) {
        spend.drivers = drivers(app, scope, all, &candidate)?;
    }
    Ok(spend)
}

fn drivers(app: &App, scope: Scope, all: &Aggregates, found: &CostSpikeCandidate) -> ApiResult<Vec<SpendDriver>> {
    let mut drivers = Vec::new();
    for (dimension, by) in [
        (SpendDimension::Agent, Dimension::Agent),
        (SpendDimension::Model, Dimension::Model),
        (SpendDimension::Version, Dimension::Version),
    ] {
        let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        let mut add = |since, until, is_now: bool| -> ApiResult<()> {
            let groups = app.call_groups(scope, &filter(all, since, until), &[by], None, MOST_DRIVERS)?.groups;
            for group in groups {
                let Some(Some(name)) = group.keys.into_iter().next() else { continue };
                let sums = sums.entry(name).or_default();
                let side = if is_now { &mut sums.0 } else { &mut sums.1 };
                *side += group.totals.cost.dollars();
            }
            Ok(())
        };
        add(found.since, found.until, true)?;
        add(found.past_since, all.since, false)?;
        drivers.extend(sums.into_iter().map(|(name, (dollars, past))| SpendDriver {
            dimension,
            name: Arc::from(name),
            dollars,
            usual_dollars: past / found.past_buckets.max(1) as f64,
        }));
    }
    Ok(drivers)
}

fn filter(all: &Aggregates, since: Timestamp, until: Timestamp) -> CallFilter {
    let seen = &all.seen;
    CallFilter {
        agent_id: seen.agent_id.clone(),
        project_id: seen.project_id.clone(),
        environment: seen.environment.clone(),
        group: seen.group.clone(),
        since: Some(since),
        until: Some(until),
        ..CallFilter::default()
    }
}
