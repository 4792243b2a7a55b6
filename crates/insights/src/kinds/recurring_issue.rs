//! Issues that come back, or stay.

use crate::{
    aggregates::{Aggregates, IssueFacts},
    figure::Unit,
    insight::{Insight, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
};

/// Different days with a report, of the window and the six days before it.
const DAYS: u32 = 3;

/// Issues reported in the window that are open, and either were reported again in it after they had been resolved or dismissed, or were reported
/// on 3 different days or more (of the window and the six days before). Least sample: one reported issue.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let reported = all
        .issues
        .iter()
        .filter(|issue| issue.reports > 0 && issue.last_report >= all.since && issue.last_report < all.until);
    let looked_at = all.issues.len() as u64;
    let insights = reported
        .filter(|issue| issue.is_open)
        .filter_map(|issue| {
            if issue.reopened > 0 && issue.last_reopened >= all.since {
                Some(insight(all, seen, issue, true))
            } else {
                (issue.days >= DAYS).then(|| insight(all, seen, issue, false))
            }
        })
        .collect();
    Verdict::of(looked_at, looked_at > 0, insights)
}

fn insight(all: &Aggregates, seen: &Seen, issue: &IssueFacts, reopened: bool) -> Insight {
    let severity = match &*issue.severity {
        "critical" => Severity::Critical,
        "high" | "medium" => Severity::Warning,
        _ => Severity::Info,
    };
    let mut insight = Insight::new(Kind::RecurringIssue, severity, all);
    insight.agent_id = Some((*issue.agent_id).to_owned());
    let link = Link::pipeline(seen).of_agent(&issue.agent_id);
    let reports = insight.figure("reports", f64::from(issue.reports), Unit::Count("reports"), link.clone());
    if reopened {
        let times = insight.figure(
            "reported again after it was closed",
            f64::from(issue.reopened),
            Unit::Count("returns"),
            link,
        );
        insight.title = format!(
            "“{}” of “{}” came back after it was closed ({times} of {reports} reports)",
            issue.summary, issue.agent_id
        );
        insight.stands_out(f64::from(issue.reopened), None, Unit::Count("returns"));
    } else {
        let days = insight.figure("days with a report", f64::from(issue.days), Unit::Count("days"), link);
        insight.title = format!(
            "“{}” of “{}” was reported on {days} days, {reports} times, and is open",
            issue.summary, issue.agent_id
        );
        insight.stands_out(f64::from(issue.days), None, Unit::Count("days"));
    }
    "What was done about it did not last: look at what it had in common each time.".clone_into(&mut insight.suggestion);
    insight
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(change: impl FnOnce(&mut IssueFacts)) -> Aggregates {
        let mut made = Made::default();
        let issue = made.issue("a", "CRM unreachable");
        issue.reports = 4;
        issue.days = 1;
        issue.is_open = true;
        change(issue);
        made.all()
    }

    #[test]
    fn one_that_came_back_is_found() {
        let found = only(find(&made(|issue| {
            issue.reopened = 2;
            issue.last_reopened = issue.last_report;
        })));
        assert_eq!(found.title, "“CRM unreachable” of “a” came back after it was closed (2 of 4 reports)");
        assert_eq!(found.severity, Severity::Warning);
    }

    #[test]
    fn one_that_stays_is_found() {
        let found = only(find(&made(|issue| issue.days = 3)));
        assert_eq!(found.title, "“CRM unreachable” of “a” was reported on 3 days, 4 times, and is open");
    }

    #[test]
    fn one_that_is_closed_or_young_is_not() {
        assert_enough_for_nothing(find(&made(|issue| issue.days = 2)));
        assert_enough_for_nothing(find(&made(|issue| {
            issue.days = 5;
            issue.is_open = false;
        })));
    }

    #[test]
    fn no_issue_says_nothing() {
        assert_too_little(find(&Made::default().all()));
    }
}
