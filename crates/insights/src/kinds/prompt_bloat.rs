//! Prompts that carry everything along.

use std::collections::BTreeMap;

use super::{of_type, text};
use crate::{
    aggregates::{Aggregates, Name, RunTotals},
    figure::Unit,
    insight::{Examples, Insight, RunsMeant, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::Share,
};

/// Runs with four calls or more.
const LEAST: u32 = 20;
/// Tokens in over tokens out.
const TIMES_IN: f64 = 20.0;
/// Of those runs, the share whose prompts grow: not under this with 95 % certainty.
const GROWING: f64 = 0.5;

/// By agent and type of task: tokens in are 20 times tokens out or more, and of the runs with four calls or more most (Wilson's lower end over
/// half) send at least twice as much in their last quarter of calls as in their first. The cost of what grew is its share of the tokens in.
/// Least sample: 20 runs with four calls or more.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let mut sums: BTreeMap<(&Name, Option<&Name>), RunTotals> = BTreeMap::new();
    for series in &all.runs {
        sums.entry((&series.labels.agent_id, series.labels.task_type.as_ref())).or_default().merge(&series.now);
    }
    let looked_at = sums.values().map(|totals| u64::from(totals.growable)).sum();
    let enough = sums.values().any(|totals| totals.growable >= LEAST);
    let found = sums.into_iter().filter(|(_, totals)| {
        let growing = Share::new(totals.growing.into(), totals.growable.into());
        totals.growable >= LEAST
            && totals.tokens_in as f64 >= TIMES_IN * totals.tokens_out.max(1) as f64
            && growing.wilson_low(1.645) > GROWING
    });
    let insights = found
        .map(|((agent, task_type), totals)| {
            let share = totals.grown_tokens as f64 / totals.tokens_in.max(1) as f64;
            let grown_cost = share * totals.cost.sum;
            let severity = if share >= 0.5 && grown_cost >= 1.0 { Severity::Warning } else { Severity::Info };
            let mut insight = Insight::new(Kind::PromptBloat, severity, all);
            insight.agent_id = Some((**agent).to_owned());
            insight.task_type = text(task_type);
            let runs = Link::tasks(seen).of_agent(agent).of_type(task_type.map(|name| &**name)).with("sort", "tokens");
            let calls = Link::cost(seen).of_agent(agent).with("sort", "tokens");
            let ratio = totals.tokens_in as f64 / totals.tokens_out.max(1) as f64;
            let times = insight.figure("tokens in over tokens out", ratio, Unit::Times, calls.clone());
            let growth = totals.growth.typical().unwrap_or(1.0);
            let growth_text = insight.figure("last prompts over first", growth, Unit::Times, runs.clone());
            let growing = insight.figure("runs whose prompts grow", f64::from(totals.growing), Unit::Count("runs"), runs.clone());
            let of = insight.figure("runs with four calls or more", f64::from(totals.growable), Unit::Count("runs"), runs);
            insight.figure("tokens sent above the first call of each run", totals.grown_tokens as f64, Unit::Count("tokens"), calls.clone());
            insight.figure("cost of those, about", grown_cost, Unit::Dollars, calls);
            insight.title = format!(
                "“{agent}” sends {times} the tokens it gets back in {}, and in {growing} of {of} longer runs its prompts grow, typically {growth_text}",
                of_type(task_type)
            );
            insight.stands_out(ratio, Some(TIMES_IN), Unit::Times);
            insight.dollars = grown_cost;
            "Send less of the history: summarise older turns, leave out results of tools that are no longer needed, or use the provider's prompt cache."
                .clone_into(&mut insight.suggestion);
            insight.examples = Examples::Runs(RunsMeant {
                agent_id: Some((**agent).to_owned()),
                task_type: text(task_type),
                dearest_first: true,
                ..RunsMeant::default()
            });
            insight
        })
        .collect();
    Verdict::of(looked_at, enough, insights)
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(growable: u32, growing: u32, tokens_out: u64) -> Aggregates {
        let mut made = Made::default();
        made.runs("a", "triage").now(growable, 0).costs(0.5, 0.5).grows(growable, growing, tokens_out);
        made.all()
    }

    #[test]
    fn growing_prompts_are_found() {
        let found = only(find(&made(40, 36, 25_000)));
        assert_eq!(
            found.title,
            "“a” sends 40× the tokens it gets back in “triage”, and in 36 of 40 longer runs its prompts grow, typically 3.0×"
        );
        assert_eq!(found.agent_id.as_deref(), Some("a"));
    }

    #[test]
    fn large_or_growing_alone_is_not() {
        assert_enough_for_nothing(find(&made(40, 22, 25_000)));
        assert_enough_for_nothing(find(&made(40, 36, 60_000)));
    }

    #[test]
    fn few_runs_say_nothing() {
        assert_too_little(find(&made(19, 19, 25_000)));
    }
}
