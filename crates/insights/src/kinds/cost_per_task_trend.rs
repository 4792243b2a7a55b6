//! Cost per task, up or down over the window.

use super::{SURE, strata, sureness};
use crate::{
    aggregates::Aggregates,
    figure::Unit,
    insight::{Examples, Insight, RunsMeant, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::compare_logs,
};

use hiveboard_wire::Timestamp;

/// Runs that cost something, in each half.
const LEAST: u64 = 50;
const DEARER: f64 = 1.25;

/// Typical (geometric mean) cost of ended runs, second half of the window against the first, by agent and type of task, compared by Welch on
/// logarithms: found at 1.25 times or more, or 0.8 or less, with p < 0.001. Least sample: 50 runs with a cost in each half.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let pairs = strata(all, |series| &series.early, |series| &series.late);
    let looked_at: u64 = pairs.iter().map(|(early, late)| u64::from(early.cost.count + late.cost.count)).sum();
    let compared = compare_logs(pairs.iter().map(|(early, late)| (early.cost, late.cost)));
    let Some(found) = compared.filter(|found| found.counts.0 >= LEAST && found.counts.1 >= LEAST) else {
        return Verdict::of(looked_at, false, Vec::new());
    };
    let dearer = found.ratio >= DEARER;
    if found.p >= SURE || !(dearer || found.ratio <= 1.0 / DEARER) {
        return Verdict::of(looked_at, true, Vec::new());
    }
    let severity = if dearer { Severity::Warning } else { Severity::Info };
    let mut insight = Insight::new(Kind::CostPerTaskTrend, severity, all);
    let middle = Timestamp(i64::midpoint(all.since.micros(), all.until.micros()));
    let first_half = Link::tasks_between(seen, all.since, middle).with("sort", "cost");
    let second_half = Link::tasks_between(seen, middle, all.until).with("sort", "cost");
    let change = if dearer { found.ratio } else { 1.0 / found.ratio };
    let times = insight.figure("change, like for like", change, Unit::Times, Link::cost(seen));
    let late = insight.figure("typical cost, second half", found.second, Unit::Dollars, second_half.clone());
    let early = insight.figure("typical cost, first half", found.first, Unit::Dollars, first_half.clone());
    insight.figure("runs with a cost, second half", found.counts.1 as f64, Unit::Count("runs"), second_half);
    insight.figure("runs with a cost, first half", found.counts.0 as f64, Unit::Count("runs"), first_half);
    insight.title = format!(
        "A task costs {times} {} in the second half of the period, like for like: typically {late}, against {early}",
        if dearer { "more" } else { "less" },
    );
    insight.stands_out(found.second, Some(found.first), Unit::Dollars);
    insight.dollars = (found.second - found.first).max(0.0) * found.counts.1 as f64;
    insight.suggestion = if dearer {
        format!("This is {}. Compare tokens a call and the models used in both halves.", sureness(found.p))
    } else {
        format!("This is {}. Keep what changed.", sureness(found.p))
    };
    insight.examples = Examples::Runs(RunsMeant { dearest_first: true, ..RunsMeant::default() });
    Verdict::of(looked_at, true, vec![insight])
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(early: f64, late: f64, runs: u32) -> Aggregates {
        let mut made = Made::default();
        made.runs("a", "triage").halves(runs, early, runs, late);
        made.all()
    }

    #[test]
    fn a_rise_is_found_with_its_figures() {
        let found = only(find(&made(0.1, 0.2, 100)));
        assert_eq!(
            found.title,
            "A task costs 2.0× more in the second half of the period, like for like: typically $0.20, against $0.10"
        );
        assert_eq!((found.value, found.baseline), (0.2, Some(0.1)));
        assert_eq!(only(find(&made(0.2, 0.1, 100))).severity, Severity::Info);
    }

    #[test]
    fn a_small_rise_and_few_runs_are_not() {
        assert_enough_for_nothing(find(&made(0.1, 0.12, 100)));
        assert_too_little(find(&made(0.1, 1.0, 49)));
    }
}
