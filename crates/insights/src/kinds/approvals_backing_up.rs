//! People who are asked and answer later than before, or not at all.

use super::{SURE, sureness};
use crate::{
    aggregates::{Aggregates, LogSums, Name},
    figure::Unit,
    insight::{Insight, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::{LogDifference, compare_logs},
};

/// Answered approvals on each side, or before.
const LEAST: u64 = 10;
const LONGER: f64 = 1.5;
/// Approvals that wait longer than all but one of a hundred did.
const OVERDUE: usize = 3;

/// Waiting times of answered approvals, window against the period before, by agent (Welch on logarithms): found at 1.5 times or more with
/// p < 0.001. And those unanswered: found where 3 or more wait longer than all but one of a hundred of those that were answered (mean and 2.33
/// standard deviations of the logarithms). Least sample: 10 answered in each period for the first, 10 answered at all for the second.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let mut answered = LogSums::default();
    for series in &all.approvals {
        answered.merge(&series.before);
        answered.merge(&series.now);
    }
    let mut pending: Vec<(f64, &Name)> =
        all.approvals.iter().flat_map(|series| series.pending.iter().map(|(wait, task)| (*wait, task))).collect();
    pending.sort_by(|a, b| b.0.total_cmp(&a.0));
    let looked_at = u64::from(answered.count) + pending.len() as u64;
    if u64::from(answered.count) < LEAST {
        return Verdict::of(looked_at, false, Vec::new());
    }
    let usual = answered.above_mean(2.33).unwrap_or(f64::MAX);
    let overdue: Vec<(f64, &Name)> = pending.into_iter().filter(|(wait, _)| *wait > usual).collect();
    let longer = compare_logs(all.approvals.iter().map(|series| (series.before, series.now)))
        .filter(|found| found.counts.0 >= LEAST && found.counts.1 >= LEAST && found.ratio >= LONGER && found.p < SURE);
    let insight = if overdue.len() >= OVERDUE {
        Some(waiting(all, seen, &overdue, usual))
    } else {
        longer.map(|found| slower(all, seen, &found))
    };
    Verdict::of(looked_at, true, insight.into_iter().collect())
}

fn waiting(all: &Aggregates, seen: &Seen, overdue: &[(f64, &Name)], usual: f64) -> Insight {
    let mut insight = Insight::new(Kind::ApprovalsBackingUp, Severity::Warning, all);
    let link = Link::tasks(seen).with("status", "waiting");
    let count =
        insight.figure("approvals that wait too long", overdue.len() as f64, Unit::Count("approvals"), link.clone());
    let limit = insight.figure("all but one of a hundred were answered within", usual, Unit::Seconds, link.clone());
    let longest = insight.figure("the longest wait", overdue[0].0, Unit::Seconds, link);
    insight.title = format!(
        "{count} approvals wait longer than {limit}, within which people answered so far; the longest for {longest}"
    );
    insight.stands_out(overdue[0].0, Some(usual), Unit::Seconds);
    insight.task_ids = overdue.iter().take(10).map(|(_, task)| (***task).to_owned()).collect();
    "Ask whoever approves, or name a second person. An alert on waiting approvals tells them sooner."
        .clone_into(&mut insight.suggestion);
    insight
}

fn slower(all: &Aggregates, seen: &Seen, found: &LogDifference) -> Insight {
    let mut insight = Insight::new(Kind::ApprovalsBackingUp, Severity::Warning, all);
    let link = Link::tasks(seen);
    let earlier = Link::tasks_between(seen, all.before_since, all.since);
    let times = insight.figure("change, like for like", found.ratio, Unit::Times, link.clone());
    let now = insight.figure("typical wait", found.second, Unit::Seconds, link.clone());
    let before = insight.figure("typical wait before", found.first, Unit::Seconds, earlier.clone());
    insight.figure("answered", found.counts.1 as f64, Unit::Count("approvals"), link);
    insight.figure("answered before", found.counts.0 as f64, Unit::Count("approvals"), earlier);
    insight.title =
        format!("Approvals take {times} as long as in the period before: typically {now}, against {before}");
    insight.stands_out(found.second, Some(found.first), Unit::Seconds);
    insight.suggestion = format!("This is {}. Name more people who may approve, or ask for less.", sureness(found.p));
    insight
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(before: f64, now: f64, count: u32, pending: &[f64]) -> Aggregates {
        let mut made = Made::default();
        made.approvals("a", (count, before), (count, now), pending);
        made.all()
    }

    #[test]
    fn longer_waits_are_found() {
        let found = only(find(&made(60.0, 240.0, 20, &[])));
        assert_eq!(found.title, "Approvals take 4.0× as long as in the period before: typically 4 min, against 60.0 s");
    }

    #[test]
    fn unanswered_ones_are_found() {
        let found = only(find(&made(60.0, 60.0, 20, &[7_200.0, 3_600.0, 1_800.0])));
        assert_eq!(
            found.title,
            "3 approvals wait longer than 2 min, within which people answered so far; the longest for 2.0 h"
        );
        assert_eq!(found.task_ids.len(), 3);
    }

    #[test]
    fn a_few_that_wait_are_not() {
        assert_enough_for_nothing(find(&made(60.0, 80.0, 20, &[7_200.0, 3_600.0])));
    }

    #[test]
    fn few_answers_say_nothing() {
        assert_too_little(find(&made(60.0, 600.0, 4, &[7_200.0, 7_200.0, 7_200.0])));
    }
}
