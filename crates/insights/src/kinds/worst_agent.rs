//! The agents whose failures stand out from their peers.

use std::collections::{BTreeMap, BTreeSet};

use super::{SURE_OF_MANY, failures, sureness};
use crate::{
    aggregates::{Aggregates, Name, RunTotals},
    figure::Unit,
    insight::{Examples, Insight, RunsMeant, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::{benjamini_hochberg, compare_shares},
};

/// Ended runs of an agent, and of all its peers together, of types that both work on.
const LEAST: u64 = 30;
/// Like for like.
const WORSE_BY: f64 = 0.05;
const TIMES_WORSE: f64 = 1.5;

/// Failure rate of each agent against all others of its type, by type of task (Mantel and Haenszel); of all agents compared, Benjamini and
/// Hochberg keep false ones under 0.5 %. Found from 5 points and 1.5 times on. Least sample: two agents of a type that work on the same type
/// of task, 30 ended runs of the one and of its peers.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let mut of_types: BTreeMap<&Name, BTreeMap<(&Name, Option<&Name>), RunTotals>> = BTreeMap::new();
    let mut looked_at = 0;
    for series in &all.runs {
        let labels = &series.labels;
        looked_at += series.now.ended();
        of_types
            .entry(&labels.agent_type)
            .or_default()
            .entry((&labels.agent_id, labels.task_type.as_ref()))
            .or_default()
            .merge(&series.now);
    }
    let mut compared = Vec::new();
    for strata in of_types.values() {
        let agents: BTreeSet<&Name> = strata.keys().map(|(agent, _)| *agent).collect();
        let mut of_all: BTreeMap<Option<&Name>, RunTotals> = BTreeMap::new();
        for ((_, task_type), totals) in strata {
            of_all.entry(*task_type).or_default().merge(totals);
        }
        for agent in agents {
            let pairs = of_all.iter().filter_map(|(task_type, everybody)| {
                let own = failures(strata.get(&(agent, *task_type))?);
                let mut peers = failures(everybody);
                peers.hits -= own.hits;
                peers.of -= own.of;
                Some((peers, own))
            });
            if let Some(found) =
                compare_shares(pairs).filter(|found| found.first.of >= LEAST && found.second.of >= LEAST)
            {
                compared.push((agent, found));
            }
        }
    }
    let chances: Vec<f64> = compared.iter().map(|(_, found)| found.p).collect();
    let holds = benjamini_hochberg(&chances, SURE_OF_MANY);
    let stands_out = |found: &crate::statistics::ShareDifference| {
        found.difference >= WORSE_BY && found.second.rate() >= TIMES_WORSE * found.first.rate()
    };
    let found = compared.iter().zip(holds).filter(|((_, found), holds)| *holds && stands_out(found));
    let insights = found
        .map(|((agent, found), _)| {
            let severity = if found.second.rate() >= 0.5 { Severity::Critical } else { Severity::Warning };
            let mut insight = Insight::new(Kind::WorstAgent, severity, all);
            insight.agent_id = Some((***agent).to_owned());
            let own = Link::ended(seen).of_agent(agent);
            let rate = insight.figure("failure rate", found.second.rate() * 100.0, Unit::Percent, own.clone());
            let runs = insight.figure("ended runs", found.second.of as f64, Unit::Count("runs"), own.clone());
            let peers = insight.figure(
                "failure rate of its peers",
                found.first.rate() * 100.0,
                Unit::Percent,
                Link::ended(seen),
            );
            insight.figure("ended runs of its peers", found.first.of as f64, Unit::Count("runs"), Link::ended(seen));
            insight.figure(
                "failed runs",
                found.second.hits as f64,
                Unit::Count("runs"),
                Link::tasks(seen).of_agent(agent).with("status", "failed"),
            );
            insight.title =
                format!("“{agent}” failed in {rate} of {runs} runs; its peers fail in {peers} of the same work");
            insight.stands_out(found.second.rate() * 100.0, Some(found.first.rate() * 100.0), Unit::Percent);
            insight.suggestion = format!(
                "This is {}. Compare its version, model and inputs with those of its peers, and read its failed runs.",
                sureness(found.p)
            );
            insight.examples = Examples::Runs(RunsMeant {
                agent_id: Some((***agent).to_owned()),
                only_failed: true,
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

    fn made(failed: u32) -> Aggregates {
        let mut made = Made::default();
        made.runs("a", "triage").now(95, 5);
        made.runs("b", "triage").now(95, 5);
        made.runs("c", "triage").now(100 - failed, failed);
        made.all()
    }

    #[test]
    fn the_one_that_fails_more_is_found() {
        let found = only(find(&made(30)));
        assert_eq!(found.title, "“c” failed in 30 % of 100 runs; its peers fail in 5.0 % of the same work");
        assert_eq!((found.agent_id.as_deref(), found.value, found.baseline), (Some("c"), 30.0, Some(5.0)));
    }

    #[test]
    fn one_that_fails_a_little_more_or_does_harder_work_is_not() {
        assert_enough_for_nothing(find(&made(10)));
        let mut made = Made::default();
        made.runs("a", "easy").now(196, 4);
        made.runs("b", "easy").now(196, 4);
        made.runs("a", "hard").now(30, 20);
        made.runs("b", "hard").now(180, 120);
        assert_enough_for_nothing(find(&made.all()));
    }

    #[test]
    fn an_agent_without_peers_says_nothing() {
        let mut made = Made::default();
        made.runs("a", "triage").now(10, 90);
        assert_too_little(find(&made.all()));
    }
}
