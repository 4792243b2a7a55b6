//! A version against the one before.

use std::collections::BTreeMap;

use hiveboard_wire::Timestamp;

use super::{SURE_OF_MANY, Stratum, failures, stratum, sureness};
use crate::{
    aggregates::{Aggregates, Name, RunTotals},
    figure::Unit,
    insight::{Examples, Insight, RunsMeant, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::{LogDifference, ShareDifference, benjamini_hochberg, compare_logs, compare_shares},
};

/// Runs of each of the two versions.
const LEAST: u64 = 20;
const MORE_FAILURES: f64 = 0.05;
const TIMES_FAILURES: f64 = 1.5;
const LONGER: f64 = 1.25;
const DEARER: f64 = 1.25;

enum Worse {
    Failures(ShareDifference),
    Duration(LogDifference),
    Cost(LogDifference),
}

struct Pair<'a> {
    agent_type: &'a Name,
    version: &'a Name,
    previous: &'a Name,
    worse: Worse,
}

/// By type of agent: the version that was seen first last, and in the window, against the one seen before it, over the window and the period
/// before, by agent and type of task: failures (Mantel and Haenszel; 5 points and 1.5 times), typical duration and typical cost (Welch on
/// logarithms; 1.25 times). Of all these comparisons Benjamini and Hochberg keep false ones under 0.5 %. Least sample: 20 ended runs of each
/// version, on work that both did.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let mut first_seen: BTreeMap<&Name, BTreeMap<&Name, Timestamp>> = BTreeMap::new();
    for series in &all.runs {
        if let Some(version) = &series.labels.version {
            let first =
                first_seen.entry(&series.labels.agent_type).or_default().entry(version).or_insert(Timestamp::MAX);
            *first = (*first).min(series.first_seen);
        }
    }
    let (mut looked_at, mut pairs, mut chances) = (0, Vec::new(), Vec::new());
    for (agent_type, versions) in first_seen {
        let mut order: Vec<(&Name, Timestamp)> = versions.into_iter().collect();
        order.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| b.0.cmp(a.0)));
        let [(version, at), (previous, _), ..] = order[..] else { continue };
        if at < all.before_since
            || of_version(all, agent_type, version).values().map(RunTotals::ended).sum::<u64>() == 0
        {
            continue;
        }
        let (new, old) = (of_version(all, agent_type, version), of_version(all, agent_type, previous));
        let both: Vec<(RunTotals, RunTotals)> =
            old.iter().filter_map(|(key, old)| Some((*old, *new.get(key)?))).collect();
        looked_at += both.iter().map(|(old, new)| old.ended() + new.ended()).sum::<u64>();
        let mut add = |worse, p| {
            pairs.push(Pair { agent_type, version, previous, worse });
            chances.push(p);
        };
        let failed = compare_shares(both.iter().map(|(old, new)| (failures(old), failures(new))));
        if let Some(found) = failed.filter(|found| found.first.of >= LEAST && found.second.of >= LEAST) {
            add(Worse::Failures(found), found.p);
        }
        let enough = |found: &LogDifference| found.counts.0 >= LEAST && found.counts.1 >= LEAST;
        if let Some(found) = compare_logs(both.iter().map(|(old, new)| (old.duration, new.duration))).filter(enough) {
            add(Worse::Duration(found), found.p);
        }
        if let Some(found) = compare_logs(both.iter().map(|(old, new)| (old.cost, new.cost))).filter(enough) {
            add(Worse::Cost(found), found.p);
        }
    }
    let holds = benjamini_hochberg(&chances, SURE_OF_MANY);
    let insights =
        pairs.iter().zip(holds).filter(|(_, holds)| *holds).filter_map(|(pair, _)| insight(all, seen, pair)).collect();
    Verdict::of(looked_at, !pairs.is_empty(), insights)
}

fn of_version<'a>(all: &'a Aggregates, agent_type: &Name, version: &Name) -> BTreeMap<Stratum<'a>, RunTotals> {
    let mut sums = BTreeMap::<_, RunTotals>::new();
    let is = |series: &&crate::aggregates::RunSeries| {
        series.labels.agent_type == *agent_type && series.labels.version.as_ref() == Some(version)
    };
    for series in all.runs.iter().filter(is) {
        let totals = sums.entry(stratum(&series.labels)).or_default();
        totals.merge(&series.before);
        totals.merge(&series.now);
    }
    sums
}

fn insight(all: &Aggregates, seen: &Seen, pair: &Pair<'_>) -> Option<Insight> {
    let mut insight = Insight::new(Kind::DeployRegression, Severity::Warning, all);
    // No list is narrowed to a version alone: it stands in the agent's own list of versions.
    let agents: Vec<&Name> = {
        let mut agents: Vec<&Name> = all
            .runs
            .iter()
            .filter(|series| {
                series.labels.agent_type == *pair.agent_type && series.labels.version.as_ref() == Some(pair.version)
            })
            .map(|series| &series.labels.agent_id)
            .collect();
        agents.dedup();
        agents
    };
    let link = match agents[..] {
        [agent] => {
            insight.agent_id = Some((**agent).to_owned());
            Link::agent(seen, agent)
        }
        _ => Link::tasks(seen),
    };
    let runs = |insight: &mut Insight, new: u64, old: u64| {
        insight.figure("runs of this version", new as f64, Unit::Count("runs"), link.clone());
        insight.figure("runs of the version before", old as f64, Unit::Count("runs"), link.clone());
    };
    let subject = format!("Version “{}” of “{}”", pair.version, pair.agent_type);
    let p = match &pair.worse {
        Worse::Failures(found) => {
            if found.difference < MORE_FAILURES || found.second.rate() < TIMES_FAILURES * found.first.rate() {
                return None;
            }
            let now = insight.figure("failure rate", found.second.rate() * 100.0, Unit::Percent, link.clone());
            let before = insight.figure(
                "failure rate of the version before",
                found.first.rate() * 100.0,
                Unit::Percent,
                link.clone(),
            );
            insight.figure("failed runs", found.second.hits as f64, Unit::Count("runs"), link.clone());
            runs(&mut insight, found.second.of, found.first.of);
            insight.title = format!(
                "{subject} fails in {now} of its runs; “{}” failed in {before} of the same work",
                pair.previous
            );
            insight.stands_out(found.second.rate() * 100.0, Some(found.first.rate() * 100.0), Unit::Percent);
            if found.difference >= 0.2 {
                insight.severity = Severity::Critical;
            }
            found.p
        }
        Worse::Duration(found) => {
            if found.ratio < LONGER {
                return None;
            }
            let times = insight.figure("times the version before", found.ratio, Unit::Times, link.clone());
            let now = insight.figure("typical duration", found.second, Unit::Seconds, link.clone());
            let before =
                insight.figure("typical duration of the version before", found.first, Unit::Seconds, link.clone());
            runs(&mut insight, found.counts.1, found.counts.0);
            insight.title =
                format!("{subject} takes {times} as long as “{}”: typically {now}, against {before}", pair.previous);
            insight.stands_out(found.second, Some(found.first), Unit::Seconds);
            found.p
        }
        Worse::Cost(found) => {
            if found.ratio < DEARER {
                return None;
            }
            let times = insight.figure("times the version before", found.ratio, Unit::Times, link.clone());
            let now = insight.figure("typical cost of a run", found.second, Unit::Dollars, link.clone());
            let before =
                insight.figure("typical cost with the version before", found.first, Unit::Dollars, link.clone());
            runs(&mut insight, found.counts.1, found.counts.0);
            insight.title = format!(
                "{subject} costs {times} what “{}” did: typically {now} a run, against {before}",
                pair.previous
            );
            insight.stands_out(found.second, Some(found.first), Unit::Dollars);
            insight.dollars = (found.second - found.first) * found.counts.1 as f64;
            found.p
        }
    };
    insight.suggestion = format!(
        "This is {}. Compare a run of each version side by side, and consider going back to “{}”.",
        sureness(p),
        pair.previous
    );
    insight.examples = Examples::Runs(RunsMeant {
        agent_id: insight.agent_id.clone(),
        agent_version: Some((**pair.version).to_owned()),
        only_failed: matches!(pair.worse, Worse::Failures(_)),
        slowest_first: matches!(pair.worse, Worse::Duration(_)),
        dearest_first: matches!(pair.worse, Worse::Cost(_)),
        ..RunsMeant::default()
    });
    Some(insight)
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(failed: u32, seconds: f64, cost: f64, runs: u32) -> Aggregates {
        let mut made = Made::default();
        made.runs("a", "triage").version("v1", 0).now(95, 5).durations(10.0, 10.0).costs(0.1, 0.1);
        made.runs("a", "triage").version("v2", 1).now(runs - failed, failed).durations(10.0, seconds).costs(0.1, cost);
        made.all()
    }

    #[test]
    fn a_version_that_fails_more_is_found() {
        let found = only(find(&made(30, 10.0, 0.1, 100)));
        assert_eq!(
            found.title,
            "Version “v2” of “worker” fails in 30 % of its runs; “v1” failed in 5.0 % of the same work"
        );
        assert_eq!((found.agent_id.as_deref(), found.severity), (Some("a"), Severity::Critical));
    }

    #[test]
    fn a_slower_and_a_dearer_version_are_found() {
        let found = only(find(&made(5, 20.0, 0.1, 100)));
        assert_eq!(
            found.title,
            "Version “v2” of “worker” takes 2.0× as long as “v1”: typically 20.0 s, against 10.0 s"
        );
        let found = only(find(&made(5, 10.0, 0.3, 100)));
        assert_eq!(
            found.title,
            "Version “v2” of “worker” costs 3.0× what “v1” did: typically $0.30 a run, against $0.10"
        );
    }

    #[test]
    fn a_version_that_does_as_well_is_not() {
        assert_enough_for_nothing(find(&made(9, 11.0, 0.11, 100)));
        // A better one.
        assert_enough_for_nothing(find(&made(0, 5.0, 0.05, 100)));
    }

    #[test]
    fn few_runs_and_a_single_version_say_nothing() {
        assert_too_little(find(&made(10, 20.0, 0.3, 19)));
        let mut made = Made::default();
        made.runs("a", "triage").version("v1", 0).now(50, 50);
        assert_too_little(find(&made.all()));
    }
}
