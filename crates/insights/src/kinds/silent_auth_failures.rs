//! The same action failing for its credentials again and again.

use hiveboard_wire::Timestamp;

use crate::{
    aggregates::Aggregates,
    figure::Unit,
    insight::{Examples, Insight, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
};

/// Failures of one action of one agent.
const LEAST: u32 = 5;
/// Of how often it was tried.
const SHARE: f64 = 0.5;

/// By agent and action: failures whose error says 401, 403, unauthorized, forbidden, invalid key, expired token or the like. Found from 5 on,
/// where they are half of all tries or more, or nothing has worked since the last of them for as long as that took: an hour. Least sample: 5
/// ended actions in all.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let looked_at: u64 = all.actions.iter().map(|series| u64::from(series.now.ended)).sum();
    let found = all.actions.iter().filter(|series| {
        let now = &series.now;
        let share = f64::from(now.auth_failed) / f64::from(now.ended.max(1));
        let silent = now.last_worked_micros < now.last_auth_failed_micros
            && Timestamp(now.last_auth_failed_micros).seconds_since(Timestamp(now.last_worked_micros)) >= 3_600.0;
        now.auth_failed >= LEAST && (share >= SHARE || silent)
    });
    let insights = found
        .map(|series| {
            let (labels, now) = (&series.labels, &series.now);
            let never_works = now.last_worked_micros < now.last_auth_failed_micros;
            let severity = if never_works { Severity::Critical } else { Severity::Warning };
            let mut insight = Insight::new(Kind::SilentAuthFailures, severity, all);
            insight.agent_id = Some((*labels.agent_id).to_owned());
            insight.action_name = Some((*labels.action_name).to_owned());
            insight.project_id = super::text(labels.project_id.as_ref()).or(insight.project_id);
            let link = Link::tasks(seen).of_agent(&labels.agent_id).with("sort", "errors");
            let failed = insight.figure(
                "failures for credentials",
                f64::from(now.auth_failed),
                Unit::Count("failures"),
                Link::errors(seen).of_agent(&labels.agent_id).with("q", &labels.action_name),
            );
            let tries = insight.figure("tries", f64::from(now.ended), Unit::Count("actions"), link);
            let error = now.commonest_error().map(|(error, _)| format!(": “{error}”")).unwrap_or_default();
            insight.title = format!(
                "“{}” of “{}” was refused {failed} times in {tries} tries{error}",
                labels.action_name, labels.agent_id
            );
            insight.stands_out(f64::from(now.auth_failed), None, Unit::Count("failures"));
            "Renew the key or token that this action uses, or the rights it was given; then retry what failed."
                .clone_into(&mut insight.suggestion);
            insight.examples = Examples::Failures {
                agent_id: (*labels.agent_id).to_owned(),
                action_name: (*labels.action_name).to_owned(),
            };
            insight
        })
        .collect();
    Verdict::of(looked_at, looked_at >= u64::from(LEAST), insights)
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(ended: u32, refused: u32) -> Aggregates {
        let mut made = Made::default();
        made.action("a", "fetch_crm", ended, refused, "HTTPError: 401 Unauthorized").auth_failed = refused;
        made.all()
    }

    #[test]
    fn refusals_again_and_again_are_found() {
        let found = only(find(&made(12, 12)));
        assert_eq!(found.title, "“fetch_crm” of “a” was refused 12 times in 12 tries: “HTTPError: 401 Unauthorized”");
        assert_eq!(found.severity, Severity::Critical);
        assert_eq!(found.action_name.as_deref(), Some("fetch_crm"));
    }

    #[test]
    fn some_of_many_and_other_failures_are_not() {
        let mut made_of_many = Made::default();
        let totals = made_of_many.action("a", "fetch_crm", 100, 6, "HTTPError: 401");
        totals.auth_failed = 6;
        totals.last_worked_micros = totals.last_auth_failed_micros + 1;
        assert_enough_for_nothing(find(&made_of_many.all()));
        let mut made = Made::default();
        made.action("a", "fetch_crm", 12, 12, "HTTPError: 500");
        assert_enough_for_nothing(find(&made.all()));
        assert_enough_for_nothing(find(&self::made(12, 4)));
    }

    #[test]
    fn few_tries_say_nothing() {
        assert_too_little(find(&made(4, 4)));
    }
}
