//! Durations, shorter or longer than in the period before.

use super::{SURE, narrow, strata, sureness};
use crate::{
    aggregates::Aggregates,
    figure::Unit,
    insight::{Examples, Insight, RunsMeant, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::compare_logs,
};

/// Completed runs on each side.
const LEAST: u64 = 50;
const LONGER: f64 = 1.25;

/// Typical (geometric mean) durations of completed runs, window against the period before, by agent and type of task, compared by Welch on
/// logarithms: found at 1.25 times or more, or 0.8 or less, with p < 0.001. Least sample: 50 completed runs on each side.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let pairs = strata(all, |series| &series.before, |series| &series.now);
    let looked_at: u64 = pairs.iter().map(|(before, now)| u64::from(before.duration.count + now.duration.count)).sum();
    let compared = compare_logs(pairs.iter().map(|(before, now)| (before.duration, now.duration)));
    let Some(found) = compared.filter(|found| found.counts.0 >= LEAST && found.counts.1 >= LEAST) else {
        return Verdict::of(looked_at, false, Vec::new());
    };
    let longer = found.ratio >= LONGER;
    if found.p >= SURE || !(longer || found.ratio <= 1.0 / LONGER) {
        return Verdict::of(looked_at, true, Vec::new());
    }
    let severity = if longer { Severity::Warning } else { Severity::Info };
    let mut insight = Insight::new(Kind::DurationChange, severity, all);
    let of_both = |link: Link| {
        let link = narrow(link, all, |totals| totals.duration.count > 0, |totals| totals.duration.count > 0);
        link.with("status", "completed").with("sort", "duration")
    };
    let slowest = of_both(Link::tasks(seen));
    let earlier = of_both(Link::tasks_between(seen, all.before_since, all.since));
    let change = if longer { found.ratio } else { 1.0 / found.ratio };
    let times = insight.figure("change, like for like", change, Unit::Times, slowest.clone());
    let now = insight.figure("typical duration", found.second, Unit::Seconds, slowest.clone());
    let before = insight.figure("typical duration before", found.first, Unit::Seconds, earlier.clone());
    insight.figure("completed runs", found.counts.1 as f64, Unit::Count("runs"), slowest);
    insight.figure("completed runs before", found.counts.0 as f64, Unit::Count("runs"), earlier);
    insight.title = format!(
        "Tasks are {times} {} than in the period before, like for like: typically {now}, against {before}",
        if longer { "slower" } else { "faster" },
    );
    insight.stands_out(found.second, Some(found.first), Unit::Seconds);
    insight.suggestion = if longer {
        format!("This is {}. Open the slowest runs: their waterfall shows what they wait for.", sureness(found.p))
    } else {
        format!("This is {}. Keep what changed.", sureness(found.p))
    };
    insight.examples = Examples::Runs(RunsMeant { slowest_first: true, ..RunsMeant::default() });
    Verdict::of(looked_at, true, vec![insight])
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    /// Half of the runs take 0.8, half 1.25 times the typical duration.
    fn made(before_seconds: f64, now_seconds: f64, runs: u32) -> Aggregates {
        let mut made = Made::default();
        made.runs("a", "triage").before(runs, 0).now(runs, 0).durations(before_seconds, now_seconds);
        made.all()
    }

    #[test]
    fn slower_tasks_are_found_with_their_figures() {
        let found = only(find(&made(10.0, 15.0, 100)));
        assert_eq!(
            found.title,
            "Tasks are 1.5× slower than in the period before, like for like: typically 15.0 s, against 10.0 s"
        );
        assert_eq!((found.value, found.baseline), (15.0, Some(10.0)));
        assert_eq!(only(find(&made(15.0, 10.0, 100))).severity, Severity::Info);
    }

    #[test]
    fn a_little_slower_is_not_found() {
        assert_enough_for_nothing(find(&made(10.0, 12.0, 100)));
        // More of the slow type.
        let mut made = Made::default();
        made.runs("a", "quick").before(90, 0).now(10, 0).durations(1.0, 1.0);
        made.runs("a", "slow").before(10, 0).now(90, 0).durations(100.0, 100.0);
        assert_enough_for_nothing(find(&made.all()));
    }

    #[test]
    fn few_runs_say_nothing() {
        assert_too_little(find(&made(10.0, 100.0, 49)));
    }
}
