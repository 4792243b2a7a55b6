//! Rate limits, and what retries cost.

use std::collections::BTreeMap;

use crate::{
    aggregates::{Aggregates, Name, RunTotals},
    figure::Unit,
    insight::{Examples, Insight, RunsMeant, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::Share,
};

/// Ended runs of an agent.
const LEAST: u64 = 10;
const LEAST_LIMITED: u32 = 5;
/// Share of its runs, with 95 % certainty.
const SHARE: f64 = 0.02;

/// By agent: failures and retries whose words say 429, 529, rate limit, too many requests, overloaded or the like, in ended runs; the larger of
/// both counts for a run. Time: the back-off of retries in these runs; money: model calls made again with the same prompt after one. Found from 5
/// on, where over 2 % of the runs met one (Wilson's lower end). Least sample: 10 ended runs.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let mut sums: BTreeMap<&Name, RunTotals> = BTreeMap::new();
    for series in &all.runs {
        sums.entry(&series.labels.agent_id).or_default().merge(&series.now);
    }
    let looked_at = sums.values().map(RunTotals::ended).sum();
    let found = sums.into_iter().filter(|(_, totals)| {
        totals.ended() >= LEAST
            && totals.rate_limited >= LEAST_LIMITED
            && Share::new(totals.rate_limited_runs.into(), totals.ended()).wilson_low(1.645) > SHARE
    });
    let insights: Vec<Insight> = found
        .map(|(agent, totals)| {
            let share = Share::new(totals.rate_limited_runs.into(), totals.ended());
            let severity = if share.rate() >= 0.5 { Severity::Critical } else { Severity::Warning };
            let mut insight = Insight::new(Kind::RateLimited, severity, all);
            insight.agent_id = Some((**agent).to_owned());
            let list = Link::tasks(seen).of_agent(agent).with("sort", "errors");
            let hits = insight.figure("rate limits met", f64::from(totals.rate_limited), Unit::Count("failures"), Link::errors(seen).of_agent(agent));
            let runs = insight.figure("runs that met one", share.hits as f64, Unit::Count("runs"), list.clone());
            let of = insight.figure("ended runs", share.of as f64, Unit::Count("runs"), Link::ended(seen).of_agent(agent));
            let time = insight.figure("waited for retries", totals.backoff_seconds, Unit::Seconds, list);
            let money = insight.figure("calls made again", totals.retried_cost, Unit::Dollars, Link::cost(seen).of_agent(agent));
            insight.title =
                format!("“{agent}” met a rate limit {hits} times in {runs} of {of} runs; retries took {time} and {money}");
            insight.stands_out(f64::from(totals.rate_limited), None, Unit::Count("failures"));
            insight.dollars = totals.retried_cost;
            "Spread the calls (fewer at once, jitter), ask the provider for a higher limit, or move a part to another model.".clone_into(&mut insight.suggestion);
            insight.examples = Examples::Runs(RunsMeant { agent_id: Some((**agent).to_owned()), ..RunsMeant::default() });
            insight
        })
        .collect();
    Verdict::of(looked_at, looked_at >= LEAST, insights)
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(runs: u32, limited: u32) -> Aggregates {
        let mut made = Made::default();
        made.runs("a", "triage").now(runs, 0).limited(limited, 90.0, 0.5);
        made.all()
    }

    #[test]
    fn limits_are_found_with_what_they_cost() {
        let found = only(find(&made(100, 12)));
        assert_eq!(found.title, "“a” met a rate limit 12 times in 12 of 100 runs; retries took 90.0 s and $0.50");
    }

    #[test]
    fn a_few_in_many_runs_are_not() {
        assert_enough_for_nothing(find(&made(100, 4)));
        assert_enough_for_nothing(find(&made(1_000, 12)));
    }

    #[test]
    fn few_runs_say_nothing() {
        assert_too_little(find(&made(9, 9)));
    }
}
