//! Runs that say they completed, although their last error was never made good.

use std::collections::BTreeMap;

use super::{HARDLY_GOOD, OF_GOOD_RUNS, Stratum, of_type, stratum, text};
use crate::{
    aggregates::{Aggregates, Flag, FlaggedRun, Name},
    figure::Unit,
    insight::{Insight, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::{Share, tail},
};

/// Completed runs, in all.
const LEAST: u64 = 5;
/// Where so many completed runs of an agent and type are known and so many of a hundred end like this, it is how they end (a last probe, say).
const KNOWN: u64 = 20;
const USUAL: f64 = 0.5;

/// Completed runs in which the action that failed last did not work again before the end, by agent, type and action. Not told where half of 20
/// or more completed runs of the agent and type end like this, nor where so many come together once in 200 times or more if one of a hundred good
/// runs does it (binomial). An action that worked later with another input counts as made good: this errs on
/// the silent side. Least sample: 5 completed runs.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let mut completed: BTreeMap<(&Name, Option<&Name>), u64> = BTreeMap::new();
    for series in &all.runs {
        let key = (&series.labels.agent_id, series.labels.task_type.as_ref());
        *completed.entry(key).or_default() += u64::from(series.now.completed);
    }
    let looked_at: u64 = completed.values().sum();
    let mut found: BTreeMap<Stratum<'_>, BTreeMap<&Name, Vec<&FlaggedRun>>> = BTreeMap::new();
    for run in &all.flagged {
        if let Flag::Unrecovered { name, .. } = &run.flag {
            let key = stratum(&run.labels);
            found.entry(key).or_default().entry(name).or_default().push(run);
        }
    }
    let mut insights = Vec::new();
    for ((agent, task_type), actions) in found {
        let of = completed.get(&(agent, task_type)).copied().unwrap_or(0);
        let share = Share::new(actions.values().map(Vec::len).sum::<usize>() as u64, of);
        if share.of >= KNOWN && share.rate() >= USUAL {
            continue;
        }
        for (action, runs) in actions {
            if tail(Share::new(runs.len() as u64, of.max(runs.len() as u64)), OF_GOOD_RUNS) >= HARDLY_GOOD {
                continue;
            }
            let severity = if runs.len() as u64 * 10 >= of.max(1) { Severity::Warning } else { Severity::Info };
            let mut insight = Insight::new(Kind::UnrecoveredError, severity, all);
            insight.agent_id = Some((**agent).to_owned());
            insight.task_type = text(task_type);
            insight.action_name = Some((**action).to_owned());
            let list = Link::tasks(seen)
                .of_agent(agent)
                .of_type(task_type.map(|name| &**name))
                .with("status", "completed")
                .with("sort", "errors");
            let count =
                insight.figure("completed with an error left", runs.len() as f64, Unit::Count("runs"), list.clone());
            let completed = insight.figure("completed", of.max(runs.len() as u64) as f64, Unit::Count("runs"), list);
            let error = runs.iter().find_map(|run| match &run.flag {
                Flag::Unrecovered { error, .. } => error.clone(),
                Flag::Repeats { .. } => None,
            });
            insight.title = format!(
                "{count} of {completed} completed runs of “{agent}” ({}) ended after “{action}” failed and never worked again{}",
                of_type(task_type),
                error.map(|error| format!(": “{error}”")).unwrap_or_default()
            );
            insight.stands_out(runs.len() as f64, None, Unit::Count("runs"));
            insight.dollars = runs.iter().map(|run| run.cost).sum();
            for run in &runs {
                if insight.task_ids.len() < 10 && !insight.task_ids.iter().any(|known| **known == *run.task_id) {
                    insight.task_ids.push((*run.task_id).to_owned());
                }
            }
            "Read how these runs went on after the error: suspect that they report success without the result. Fail the task where the result depends on it."
                .clone_into(&mut insight.suggestion);
            insights.push(insight);
        }
    }
    Verdict::of(looked_at, looked_at >= LEAST, insights)
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(flagged: u32, completed: u32) -> Aggregates {
        let mut made = Made::default();
        made.runs("a", "triage").now(completed, 0);
        for number in 0..flagged {
            let flag = Flag::Unrecovered { name: "save".into(), error: Some("IOError".into()) };
            made.flag("a", "triage", &format!("t{number}"), flag);
        }
        made.all()
    }

    #[test]
    fn a_success_after_an_error_is_found() {
        let found = only(find(&made(4, 30)));
        assert_eq!(
            found.title,
            "4 of 30 completed runs of “a” (“triage”) ended after “save” failed and never worked again: “IOError”"
        );
        assert_eq!((found.severity, found.task_ids.len()), (Severity::Warning, 4));
    }

    #[test]
    fn what_all_runs_do_is_not() {
        assert_enough_for_nothing(find(&made(15, 30)));
        assert_enough_for_nothing(find(&made(0, 30)));
        assert_enough_for_nothing(find(&made(2, 100)));
    }

    #[test]
    fn few_runs_say_nothing() {
        assert_too_little(find(&made(0, 4)));
    }
}
