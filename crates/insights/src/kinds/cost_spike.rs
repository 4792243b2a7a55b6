//! Cost far above its own past, and what drives it.

use hiveboard_wire::Timestamp;

use crate::{
    aggregates::{Aggregates, Spend, SpendBucket, SpendDimension, SpendDriver},
    figure::Unit,
    insight::{Insight, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::median,
};

/// Buckets with a cost before the window.
const LEAST: usize = 7;
/// Over the dearest of them, and over their median.
const TIMES_DEAREST: f64 = 1.5;
const TIMES_USUAL: f64 = 2.5;
/// Standard deviations over their median, on logarithms.
const DEVIATIONS: f64 = 4.0;
/// Calls in the bucket that stands out.
const CALLS: u64 = 10;
/// Of the rise, so that one value is named as its driver.
const DRIVER: f64 = 0.6;
/// What a deviation is at least, on logarithms: days differ by a tenth without any reason.
const LEAST_DEVIATION: f64 = 0.1;

/// The bucket of the window that stands out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    pub since: Timestamp,
    pub until: Timestamp,
    /// Where the past begins that it is compared with.
    pub past_since: Timestamp,
    /// Buckets of that past.
    pub past_buckets: usize,
    bucket: SpendBucket,
    usual: f64,
    /// Means of the past's buckets.
    usual_calls: f64,
    usual_tokens: f64,
}

/// The dearest bucket that begins in the window, where it is far above those before the window.
pub fn candidate(spend: &Spend, window_since: Timestamp) -> Option<Candidate> {
    let first = spend.buckets.iter().position(|bucket| bucket.dollars > 0.0)?;
    let begins = spend.buckets.iter().position(|bucket| bucket.start >= window_since)?;
    let past = spend.buckets.get(first..begins)?;
    let bucket = spend.buckets[begins..].iter().max_by(|a, b| a.dollars.total_cmp(&b.dollars))?;
    let mut costs: Vec<f64> = past.iter().map(|one| one.dollars).filter(|dollars| *dollars > 0.0).collect();
    if costs.len() < LEAST || bucket.calls < CALLS {
        return None;
    }
    let dearest = costs.iter().copied().fold(0.0, f64::max);
    let usual = median(&mut costs)?;
    let mut deviations: Vec<f64> = costs.iter().map(|cost| (cost / usual).ln().abs()).collect();
    // 1.4826: what makes a median of deviations a standard deviation, where they are normal.
    let deviation = (1.4826 * median(&mut deviations)?).max(LEAST_DEVIATION);
    let stands_out = bucket.dollars > TIMES_DEAREST * dearest
        && bucket.dollars > TIMES_USUAL * usual
        && (bucket.dollars / usual).ln() > DEVIATIONS * deviation;
    let buckets = past.len() as f64;
    stands_out.then(|| Candidate {
        since: bucket.start,
        until: bucket.start.plus_seconds(spend.width_seconds),
        past_since: past[0].start,
        past_buckets: past.len(),
        bucket: *bucket,
        usual,
        usual_calls: past.iter().map(|one| one.calls as f64).sum::<f64>() / buckets,
        usual_tokens: past.iter().map(|one| one.tokens as f64).sum::<f64>() / buckets,
    })
}

/// Cost by the hour (windows up to six hours) or by the day (longer ones), the dearest bucket of the window against four weeks of days, or one of
/// hours, before it: found over 1.5 times the dearest and 2.5 times the median of them, and over 4 standard deviations (median of deviations, on
/// logarithms). Driver: of agents, models and versions the value that took 60 % of the rise or more, and what of calls, tokens a call and price
/// of a token rose most. Least sample: 7 earlier buckets with a cost, 10 calls in the one that stands out.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let spend = &all.spend;
    let before = spend.buckets.iter().filter(|bucket| bucket.start < all.since && bucket.dollars > 0.0).count();
    let looked_at = spend.buckets.iter().map(|bucket| bucket.calls).sum();
    let Some(found) = candidate(spend, all.since) else {
        return Verdict::of(looked_at, before >= LEAST, Vec::new());
    };
    let bucket = found.bucket;
    let times = bucket.dollars / found.usual;
    let severity = if times >= 5.0 { Severity::Critical } else { Severity::Warning };
    let mut insight = Insight::new(Kind::CostSpike, severity, all);
    let at = Link::cost_between(seen, found.since, found.until);
    let past = Link::cost_between(seen, found.past_since, all.since);
    let hourly = spend.width_seconds < 86_400;
    let unit = if hourly { "hour" } else { "day" };
    let cost = insight.figure(&format!("cost of that {unit}"), bucket.dollars, Unit::Dollars, at.clone());
    let times_text = insight.figure("times the usual", times, Unit::Times, at.clone());
    let usual = insight.figure(&format!("usual cost of a {unit}"), found.usual, Unit::Dollars, past.clone());
    let calls = bucket.calls as f64 / found.usual_calls.max(1.0);
    let tokens =
        (bucket.tokens as f64 / bucket.calls as f64) / (found.usual_tokens / found.usual_calls.max(1.0)).max(1e-9);
    let price = if bucket.tokens > 0 && found.usual_tokens > 0.0 { times / (calls * tokens) } else { 1.0 };
    insight.figure("calls, times the usual", calls, Unit::Times, at.clone());
    if found.usual_tokens > 0.0 {
        insight.figure("tokens a call, times the usual", tokens, Unit::Times, at.clone());
        insight.figure("price of a token, times the usual", price, Unit::Times, at.clone());
    }
    let mut ratios = vec![(calls, "more calls")];
    if found.usual_tokens > 0.0 {
        ratios.extend([(tokens, "more tokens a call"), (price, "dearer tokens")]);
    }
    let (_, what) = ratios.into_iter().fold((0.0, "more calls"), |best, one| if one.0 > best.0 { one } else { best });
    let driver = named_driver(&spend.drivers, bucket.dollars - found.usual);
    let driver_text = driver.map(|(driver, share)| {
        let link = Link::cost_between(seen, found.since, found.until);
        let link = match driver.dimension {
            SpendDimension::Agent => link.of_agent(&driver.name),
            SpendDimension::Model | SpendDimension::Version => link,
        };
        let share = insight.figure("share of the rise", share * 100.0, Unit::Percent, link.clone());
        insight.figure("its cost", driver.dollars, Unit::Dollars, link);
        let kind = match driver.dimension {
            SpendDimension::Agent => {
                insight.agent_id = Some((*driver.name).to_owned());
                "agent"
            }
            SpendDimension::Model => {
                insight.model = Some((*driver.name).to_owned());
                "model"
            }
            SpendDimension::Version => "version",
        };
        format!(" of {kind} “{}” ({share} of the rise)", driver.name)
    });
    insight.title = format!(
        "One {unit} cost {cost}, {times_text} the usual {usual}; the suspect is {what}{}",
        driver_text.unwrap_or_default()
    );
    insight.since = found.since;
    insight.stands_out(bucket.dollars, Some(found.usual), Unit::Dollars);
    insight.dollars = bucket.dollars - found.usual;
    "Open the dearest calls of that time; an alert on cost a day tells you the next time while it happens."
        .clone_into(&mut insight.suggestion);
    insight.examples = crate::insight::Examples::Runs(crate::insight::RunsMeant {
        agent_id: insight.agent_id.clone(),
        dearest_first: true,
        ..crate::insight::RunsMeant::default()
    });
    Verdict::of(looked_at, true, vec![insight])
}

/// The value that took most of the rise. Where an agent, its model and its version say the same, the agent is named.
fn named_driver(drivers: &[SpendDriver], rise: f64) -> Option<(&SpendDriver, f64)> {
    let share = |driver: &SpendDriver| ((driver.dollars - driver.usual_dollars) / rise).min(1.0);
    let mut best: Option<(&SpendDriver, f64)> = None;
    for dimension in [SpendDimension::Version, SpendDimension::Model, SpendDimension::Agent] {
        let of_dimension = drivers.iter().filter(|driver| driver.dimension == dimension);
        // One value alone says nothing: all of the rise is its own in any case.
        if of_dimension.clone().count() < 2 {
            continue;
        }
        let greatest = of_dimension.max_by(|a, b| share(a).total_cmp(&share(b))).map(|driver| (driver, share(driver)));
        if let Some(found) =
            greatest.filter(|(_, of)| *of >= DRIVER && best.is_none_or(|(_, known)| *of >= known - 0.02))
        {
            best = Some(found);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(days_before: usize, today: f64, drivers: &[(SpendDimension, &str, f64, f64)]) -> Aggregates {
        let mut made = Made::default();
        let mut costs: Vec<f64> = (0..days_before).map(|day| 9.0 + (day % 3) as f64).collect();
        costs.push(today);
        made.spend(&costs);
        let mut all = made.all();
        all.spend.drivers = drivers
            .iter()
            .map(|(dimension, name, dollars, usual_dollars)| SpendDriver {
                dimension: *dimension,
                name: (*name).into(),
                dollars: *dollars,
                usual_dollars: *usual_dollars,
            })
            .collect();
        all
    }

    #[test]
    fn a_day_far_above_the_others_is_found_with_its_driver() {
        let drivers = [
            (SpendDimension::Agent, "writer", 38.0, 5.0),
            (SpendDimension::Agent, "reader", 5.0, 5.0),
            (SpendDimension::Model, "large", 43.0, 10.0),
        ];
        let found = only(find(&made(15, 43.0, &drivers)));
        assert_eq!(
            found.title,
            "One day cost $43.00, 4.3× the usual $10.00; the suspect is more calls of agent “writer” (100 % of the rise)"
        );
        assert_eq!((found.agent_id.as_deref(), found.value, found.baseline), (Some("writer"), 43.0, Some(10.0)));
    }

    #[test]
    fn a_dear_day_within_the_usual_is_not() {
        assert_enough_for_nothing(find(&made(15, 16.0, &[])));
    }

    #[test]
    fn a_short_past_says_nothing() {
        assert_too_little(find(&made(6, 43.0, &[])));
    }
}
