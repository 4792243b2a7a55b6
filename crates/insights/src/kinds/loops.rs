//! The same call with the same input, again and again.

use std::collections::BTreeMap;

use super::{HARDLY_GOOD, OF_GOOD_RUNS, Stratum, by, of_type, stratum, text};
use crate::{
    aggregates::{Aggregates, Flag, FlaggedRun, Name, RunTotals},
    figure::Unit,
    insight::{Insight, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::{Share, tail},
};

/// Runs that ended, in all.
const LEAST: u64 = 5;
/// Where at least so many runs of a type are known, and so many of a hundred repeat calls, repeating is how they work (a poll, say) …
const KNOWN: u64 = 20;
const USUAL: f64 = 0.2;
/// … and only rows as long as this are told.
const FAR_BEYOND: u32 = 10;

/// A row that stands for itself; shorter ones must be more than good runs have.
const LONG: u32 = 5;

/// Runs in which the same action, or model call, stood three times in a row or more with the same input, failing or not (in recorded runs that,
/// or an error as the last call, stood in 77 % of 8,000 that failed and in under 1 % of good ones). Of a type of task of which 20 ended runs are
/// known and a fifth or more repeat, only rows of 10 or more. A row of 5 stands for itself; shorter ones are told where so many runs of an agent
/// and type come together less than once in 200 times if one of a hundred does it (binomial). Actions whose events carry no input are not counted, model calls only with the
/// same prompt of the same size. One insight for an agent, type and call. Least sample: 5 ended runs.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let mut of_types: BTreeMap<Option<&Name>, RunTotals> = BTreeMap::new();
    for series in &all.runs {
        let totals = of_types.entry(series.labels.task_type.as_ref()).or_default();
        totals.merge(&series.now);
        totals.merge(&series.before);
    }
    let looked_at = all.runs.iter().map(|series| series.now.ended()).sum::<u64>();
    let mut found: BTreeMap<(Stratum<'_>, &Name), Vec<(&FlaggedRun, u32)>> = BTreeMap::new();
    for run in &all.flagged {
        let Flag::Repeats { name, times } = &run.flag else { continue };
        let of_type = of_types.get(&run.labels.task_type.as_ref());
        let usual = of_type.is_some_and(|totals| {
            totals.ended() >= KNOWN && Share::new(totals.repeating.into(), totals.ended()).rate() >= USUAL
        });
        if *times >= if usual { FAR_BEYOND } else { crate::fold::LOOP } {
            let key = (stratum(&run.labels), name);
            found.entry(key).or_default().push((run, *times));
        }
    }
    let ended = by(all, stratum, |series| &series.now);
    let insights = found
        .into_iter()
        .filter(|((key, _), runs)| {
            let of = ended.get(key).map_or(0, RunTotals::ended).max(runs.len() as u64);
            runs.iter().any(|(_, times)| *times >= LONG)
                || tail(Share::new(runs.len() as u64, of), OF_GOOD_RUNS) < HARDLY_GOOD
        })
        .map(|(((agent, task_type), action), runs)| {
            let severity = if runs.iter().any(|(_, times)| *times >= FAR_BEYOND) { Severity::Critical } else { Severity::Warning };
            let mut insight = Insight::new(Kind::Loop, severity, all);
            insight.agent_id = Some((**agent).to_owned());
            insight.task_type = text(task_type);
            insight.action_name = Some((**action).to_owned());
            let list = Link::tasks(seen).of_agent(agent).of_type(task_type.map(|name| &**name));
            let count = insight.figure("runs with a loop", runs.len() as f64, Unit::Count("runs"), list.clone());
            let longest = runs.iter().max_by_key(|(_, times)| *times).map_or((runs[0].0, runs[0].1), |(run, times)| (*run, *times));
            let one = Link::task(seen, agent, &longest.0.task_id, &longest.0.task_run_id);
            let times = insight.figure("in a row, at most", f64::from(longest.1), Unit::Count("calls"), one);
            let dollars: f64 = runs.iter().map(|(run, _)| run.cost).sum();
            if dollars > 0.0 {
                insight.figure("cost of these runs", dollars, Unit::Dollars, list.with("sort", "cost"));
            }
            insight.title = format!(
                "“{agent}” called “{action}” up to {times} times in a row with the same input, in {count} run{} of {}",
                if runs.len() == 1 { "" } else { "s" },
                of_type(task_type)
            );
            insight.stands_out(f64::from(longest.1), Some(f64::from(crate::fold::LOOP - 1)), Unit::Count("calls"));
            insight.dollars = dollars;
            for (run, _) in &runs {
                if insight.task_ids.len() < 10 && !insight.task_ids.iter().any(|known| **known == *run.task_id) {
                    insight.task_ids.push((*run.task_id).to_owned());
                }
            }
            "Suspect that the result of this call does not reach the next decision: end a run after the same call twice, and tell the model what came back."
                .clone_into(&mut insight.suggestion);
            insight
        })
        .collect();
    Verdict::of(looked_at, looked_at >= LEAST, insights)
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(times: u32, repeating: u32, ended: u32) -> Aggregates {
        let mut made = Made::default();
        made.runs("a", "triage").now(ended, 0).repeating(repeating);
        for number in 0..repeating {
            made.flag("a", "triage", &format!("t{number}"), Flag::Repeats { name: "search".into(), times });
        }
        made.all()
    }

    #[test]
    fn a_loop_is_found() {
        let found = only(find(&made(4, 3, 30)));
        assert_eq!(
            found.title,
            "“a” called “search” up to 4 times in a row with the same input, in 3 runs of “triage”"
        );
        assert_eq!(found.task_ids, ["t0", "t1", "t2"]);
        assert_eq!(only(find(&made(12, 12, 30))).severity, Severity::Critical);
    }

    #[test]
    fn two_in_a_row_and_what_all_do_are_not() {
        assert_enough_for_nothing(find(&made(2, 2, 30)));
        assert_enough_for_nothing(find(&made(4, 6, 30)));
        // One of a hundred good runs does it.
        assert_enough_for_nothing(find(&made(4, 1, 30)));
    }

    #[test]
    fn few_runs_say_nothing() {
        assert_too_little(find(&made(2, 1, 4)));
    }
}
