//! Success rate, better or worse than the period before.

use super::{SURE, failures, narrow, strata, sureness};
use crate::{
    aggregates::Aggregates,
    figure::Unit,
    insight::{Examples, Insight, RunsMeant, Verdict},
    kind::{Kind, Severity},
    link::{ENDED, Link, Seen},
    statistics::compare_shares,
};

/// Ended runs on each side.
const LEAST: u64 = 50;
/// Difference of the rates, like for like.
const CHANGE: f64 = 0.05;

/// `failed / (completed + failed)` of the window against the period before, by agent and type of task, put together by Mantel and Haenszel:
/// found when they differ by 5 points or more with p < 0.001. Least sample: 50 ended runs on each side, of agents and types that both have.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let pairs = strata(all, |series| &series.before, |series| &series.now);
    let looked_at: u64 = pairs.iter().map(|(before, now)| before.ended() + now.ended()).sum();
    let compared = compare_shares(pairs.iter().map(|(before, now)| (failures(before), failures(now))));
    let Some(found) = compared.filter(|found| found.first.of >= LEAST && found.second.of >= LEAST) else {
        return Verdict::of(looked_at, false, Vec::new());
    };
    if found.p >= SURE || found.difference.abs() < CHANGE {
        return Verdict::of(looked_at, true, Vec::new());
    }
    let worse = found.difference > 0.0;
    let severity = match found.difference {
        difference if difference >= 0.2 => Severity::Critical,
        _ if worse => Severity::Warning,
        _ => Severity::Info,
    };
    let mut insight = Insight::new(Kind::SuccessChange, severity, all);
    let rate = |share: crate::statistics::Share| (1.0 - share.rate()) * 100.0;
    let of_both = |link: Link| narrow(link, all, |totals| totals.ended() > 0, |totals| totals.ended() > 0);
    let earlier = of_both(Link::tasks_between(seen, all.before_since, all.since).with("status", ENDED));
    let link = of_both(Link::ended(seen));
    let points = insight.figure("change, like for like", -found.difference * 100.0, Unit::Points, link.clone());
    let now = insight.figure("success rate", rate(found.second), Unit::Percent, link.clone());
    let before = insight.figure("success rate before", rate(found.first), Unit::Percent, earlier.clone());
    let runs = insight.figure("ended runs", found.second.of as f64, Unit::Count("runs"), link);
    insight.figure("ended runs before", found.first.of as f64, Unit::Count("runs"), earlier);
    insight.figure(
        "failed runs",
        found.second.hits as f64,
        Unit::Count("runs"),
        of_both(Link::tasks(seen).with("status", "failed")),
    );
    insight.title = format!(
        "Success is {points} {} than in the period before, like for like: {now} of {runs} runs, against {before}",
        if worse { "lower" } else { "higher" },
    );
    insight.stands_out(rate(found.second), Some(rate(found.first)), Unit::Percent);
    insight.suggestion = if worse {
        format!(
            "This is {}. Look at the failed runs, and at what changed since: versions, models, inputs.",
            sureness(found.p)
        )
    } else {
        format!("This is {}. Keep what changed.", sureness(found.p))
    };
    insight.examples = Examples::Runs(RunsMeant { only_failed: true, ..RunsMeant::default() });
    Verdict::of(looked_at, true, vec![insight])
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(failed_before: u32, failed_now: u32, runs: u32) -> Aggregates {
        let mut made = Made::default();
        made.runs("a", "triage").before(runs - failed_before, failed_before).now(runs - failed_now, failed_now);
        made.all()
    }

    #[test]
    fn a_drop_is_found_with_its_figures() {
        let found = only(find(&made(20, 60, 400)));
        assert_eq!(
            found.title,
            "Success is 10.0 points lower than in the period before, like for like: 85 % of 400 runs, against 95 %"
        );
        assert_eq!((found.value, found.baseline, found.severity), (85.0, Some(95.0), Severity::Warning));
        assert_eq!(only(find(&made(60, 20, 400))).severity, Severity::Info);
    }

    #[test]
    fn its_links_open_the_runs_that_were_compared() {
        let link_of = |found: &Insight, label: &str| {
            found.evidence.iter().find(|one| one.label == label).map(|one| one.link.clone()).unwrap_or_default()
        };
        let one = only(find(&made(20, 60, 400)));
        assert!(link_of(&one, "ended runs").ends_with("&status=completed%2Cfailed&agent=a&q=triage"));
        assert!(link_of(&one, "failed runs").ends_with("&status=failed&agent=a&q=triage"));
        // An agent that was not there before is not compared; a second type is, and then lists cannot be narrowed to both.
        let with_a_new_agent = || {
            let mut made = Made::default();
            made.runs("a", "triage").before(380, 20).now(340, 60);
            made.runs("new", "triage").now(100, 0);
            made
        };
        assert!(link_of(&only(find(&with_a_new_agent().all())), "ended runs").ends_with("&agent=a&q=triage"));
        let mut of_two_types = with_a_new_agent();
        of_two_types.runs("a", "mail").before(380, 20).now(340, 60);
        assert!(
            link_of(&only(find(&of_two_types.all())), "ended runs").ends_with("&status=completed%2Cfailed&agent=a")
        );
    }

    #[test]
    fn a_small_change_and_another_mix_are_not() {
        // 4.5 points.
        assert_enough_for_nothing(find(&made(50, 95, 1_000)));
        // Each type fails as often as before; there are more of the harder one.
        let mut made = Made::default();
        made.runs("a", "easy").before(396, 4).now(99, 1);
        made.runs("a", "hard").before(60, 40).now(240, 160);
        assert_enough_for_nothing(find(&made.all()));
    }

    #[test]
    fn few_runs_say_nothing() {
        assert_too_little(find(&made(0, 40, 49)));
    }
}
