//! Agents that cost a multiple of their peers for the same work.

use std::collections::{BTreeMap, BTreeSet};

use super::{SURE_OF_MANY, sureness};
use crate::{
    aggregates::{Aggregates, LogSums, Name},
    figure::Unit,
    insight::{Examples, Insight, RunsMeant, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::{LogDifference, benjamini_hochberg, compare_logs},
};

/// Runs with a cost, of an agent and of its peers together.
const LEAST: u64 = 20;
const TIMES_DEARER: f64 = 2.0;

/// Typical (geometric mean) cost of an agent's ended runs against all others of its type, by type of task (Welch on logarithms); of all agents
/// compared, Benjamini and Hochberg keep false ones under 0.5 %. Found from twice as dear on. Least sample: two agents of a type that work on
/// the same type of task, 20 runs with a cost of the one and of its peers.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let mut of_types: BTreeMap<&Name, BTreeMap<Option<&Name>, BTreeMap<&Name, LogSums>>> = BTreeMap::new();
    let mut looked_at = 0;
    for series in &all.runs {
        looked_at += u64::from(series.now.cost.count);
        of_types
            .entry(&series.labels.agent_type)
            .or_default()
            .entry(series.labels.task_type.as_ref())
            .or_default()
            .entry(&series.labels.agent_id)
            .or_default()
            .merge(&series.now.cost);
    }
    let mut compared: Vec<(&Name, LogDifference)> = Vec::new();
    for strata in of_types.values() {
        let agents: BTreeSet<&Name> = strata.values().flat_map(BTreeMap::keys).copied().collect();
        for agent in agents {
            let pairs = strata.values().filter_map(|of_type| {
                let own = of_type.get(agent)?;
                let mut peers = LogSums::default();
                of_type.iter().filter(|(other, _)| **other != agent).for_each(|(_, sums)| peers.merge(sums));
                Some((peers, *own))
            });
            if let Some(found) = compare_logs(pairs).filter(|found| found.counts.0 >= LEAST && found.counts.1 >= LEAST)
            {
                compared.push((agent, found));
            }
        }
    }
    let chances: Vec<f64> = compared.iter().map(|(_, found)| found.p).collect();
    let holds = benjamini_hochberg(&chances, SURE_OF_MANY);
    let found = compared.iter().zip(holds).filter(|((_, found), holds)| *holds && found.ratio >= TIMES_DEARER);
    let insights = found
        .map(|((agent, found), _)| {
            let mut insight = Insight::new(Kind::CostOutlier, Severity::Warning, all);
            insight.agent_id = Some((***agent).to_owned());
            let own = Link::cost(seen).of_agent(agent);
            let runs = Link::tasks(seen).of_agent(agent).with("sort", "cost");
            let times = insight.figure("times its peers", found.ratio, Unit::Times, own.clone());
            let typical = insight.figure("typical cost of a run", found.second, Unit::Dollars, runs.clone());
            let peers = insight.figure("typical cost of its peers", found.first, Unit::Dollars, Link::cost(seen));
            insight.figure("runs with a cost", found.counts.1 as f64, Unit::Count("runs"), runs);
            let above = (found.second - found.first) * found.counts.1 as f64;
            insight.figure("above its peers, about", above, Unit::Dollars, own);
            insight.title =
                format!("“{agent}” costs {times} what its peers do for the same work: typically {typical} a run, against {peers}");
            insight.stands_out(found.second, Some(found.first), Unit::Dollars);
            insight.dollars = above;
            insight.suggestion = format!(
                "This is {}. Compare its models, its calls a run and its tokens a call with those of its peers.",
                sureness(found.p)
            );
            insight.examples = Examples::Runs(RunsMeant {
                agent_id: Some((***agent).to_owned()),
                dearest_first: true,
                ..RunsMeant::default()
            });
            insight
        })
        .collect();
    Verdict::of(looked_at, !compared.is_empty(), insights)
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(cost: f64) -> Aggregates {
        let mut made = Made::default();
        made.runs("a", "triage").now(50, 0).costs(0.1, 0.1);
        made.runs("b", "triage").now(50, 0).costs(0.1, 0.1);
        made.runs("c", "triage").now(50, 0).costs(0.1, cost);
        made.all()
    }

    #[test]
    fn the_dear_one_is_found() {
        let found = only(find(&made(0.3)));
        assert_eq!(
            found.title,
            "“c” costs 3.0× what its peers do for the same work: typically $0.30 a run, against $0.10"
        );
        assert_eq!(found.agent_id.as_deref(), Some("c"));
        assert!((found.dollars - 10.0).abs() < 0.01, "50 runs at 0.20 above");
    }

    #[test]
    fn one_that_is_a_little_dearer_is_not() {
        assert_enough_for_nothing(find(&made(0.18)));
    }

    #[test]
    fn other_work_is_not_compared() {
        let mut made = Made::default();
        made.runs("a", "triage").now(50, 0).costs(0.1, 0.1);
        made.runs("b", "report").now(50, 0).costs(0.1, 5.0);
        assert_too_little(find(&made.all()));
    }
}
