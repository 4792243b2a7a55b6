//! An action whose failure rate stands out.

use std::collections::BTreeMap;

use crate::{
    aggregates::{ActionTotals, Aggregates, Name},
    figure::Unit,
    insight::{Examples, Insight, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::{Share, benjamini_hochberg, compare_shares},
};

/// Ended actions of one name and agent.
const LEAST: u32 = 20;
const LEAST_FAILED: u32 = 5;
/// Failure rate, with 99 % certainty.
const RATE: f64 = 0.1;
/// Times that of all other actions.
const TIMES: f64 = 2.0;

/// By agent and action: failed / ended over 10 % with 99 % certainty (Wilson's lower end), and twice that of all other actions in view or more,
/// beyond chance (two proportions; of all actions compared, Benjamini and Hochberg keep false ones under 0.5 %). Without other actions: the
/// first alone. Least sample: 20 ended actions of one name and agent; 5 failures.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let mut sums: BTreeMap<(&Name, &Name), ActionTotals> = BTreeMap::new();
    for series in &all.actions {
        sums.entry((&series.labels.agent_id, &series.labels.action_name)).or_default().merge(&series.now);
    }
    let mut everything = Share::default();
    for totals in sums.values() {
        everything.add(share(totals));
    }
    let compared: Vec<_> = sums.iter().filter(|(_, totals)| totals.ended >= LEAST).collect();
    let others =
        |totals: &ActionTotals| Share::new(everything.hits - share(totals).hits, everything.of - share(totals).of);
    let chances: Vec<f64> = compared
        .iter()
        .map(|(_, totals)| compare_shares([(others(totals), share(totals))]).map_or(0.0, |found| found.p))
        .collect();
    let holds = benjamini_hochberg(&chances, super::SURE_OF_MANY);
    let found = compared.iter().zip(holds).filter(|((_, totals), holds)| {
        *holds
            && totals.failed >= LEAST_FAILED
            && share(totals).wilson_low(2.576) > RATE
            && share(totals).rate() >= TIMES * others(totals).rate()
    });
    let insights = found
        .map(|(((agent, action), totals), _)| {
            let severity = if share(totals).rate() >= 0.5 { Severity::Critical } else { Severity::Warning };
            let mut insight = Insight::new(Kind::FailingAction, severity, all);
            insight.agent_id = Some((***agent).to_owned());
            insight.action_name = Some((***action).to_owned());
            let link = Link::tasks(seen).of_agent(agent).with("sort", "errors");
            let errors = Link::errors(seen).of_agent(agent).with("q", action);
            let failed = insight.figure("failed", f64::from(totals.failed), Unit::Count("actions"), errors.clone());
            let of = insight.figure("ended", f64::from(totals.ended), Unit::Count("actions"), link.clone());
            let rate = insight.figure("failure rate", share(totals).rate() * 100.0, Unit::Percent, link);
            let other = others(totals).rate() * 100.0;
            insight.figure(
                "failure rate of all other actions",
                other,
                Unit::Percent,
                Link::tasks(seen).with("sort", "errors"),
            );
            let commonest = totals.commonest_error().map(|(error, count)| {
                let count =
                    insight.figure("with the commonest error", f64::from(*count), Unit::Count("actions"), errors);
                format!("; {count} with “{error}”")
            });
            insight.title = format!(
                "“{action}” of “{agent}” failed {failed} of {of} times, {rate}{}",
                commonest.unwrap_or_default()
            );
            insight.stands_out(share(totals).rate() * 100.0, Some(other), Unit::Percent);
            "Open one of these runs at the failed action: its exception and what it was called with stand there."
                .clone_into(&mut insight.suggestion);
            insight.examples =
                Examples::Failures { agent_id: (***agent).to_owned(), action_name: (***action).to_owned() };
            insight
        })
        .collect();
    Verdict::of(everything.of, !compared.is_empty(), insights)
}

fn share(totals: &ActionTotals) -> Share {
    Share::new(totals.failed.into(), totals.ended.into())
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(ended: u32, failed: u32) -> Aggregates {
        let mut made = Made::default();
        made.action("a", "fetch", ended, failed, "TimeoutError: after #s");
        made.action("a", "parse", 200, 4, "ValueError");
        made.all()
    }

    #[test]
    fn the_action_that_fails_is_found_with_its_error() {
        let found = only(find(&made(100, 30)));
        assert_eq!(found.title, "“fetch” of “a” failed 30 of 100 times, 30 %; 30 with “TimeoutError: after #s”");
        assert_eq!((found.value, found.baseline), (30.0, Some(2.0)));
    }

    #[test]
    fn one_that_fails_now_and_then_is_not() {
        assert_enough_for_nothing(find(&made(100, 12)));
        // All fail alike.
        let mut made = Made::default();
        made.action("a", "fetch", 100, 30, "TimeoutError");
        made.action("a", "parse", 200, 55, "ValueError");
        assert_enough_for_nothing(find(&made.all()));
    }

    #[test]
    fn few_tries_say_nothing() {
        let mut made = Made::default();
        made.action("a", "fetch", 19, 19, "TimeoutError");
        assert_too_little(find(&made.all()));
    }
}
