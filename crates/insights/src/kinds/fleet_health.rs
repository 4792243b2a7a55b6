//! One summary of the fleet, with what stands against it.

use crate::{
    aggregates::{Aggregates, RunTotals},
    figure::Unit,
    insight::{Insight, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::Share,
};

/// Under this success rate, with 95 % certainty, something stands against health.
const SUCCESS: f64 = 0.9;
/// A queue that is this deep at its last snapshot.
const DEEP: u64 = 50;

/// Agents and those that are stuck, success rate of the runs that ended in the window, their cost, items that wait in queues. A warning where an
/// agent is stuck, success is under 90 % with 95 % certainty (Wilson's upper end) or 50 items or more wait for one agent; critical where half of
/// the agents are stuck or success is under 50 %. Least sample: one agent that is not gone.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let alive: Vec<_> = all.agents.iter().filter(|agent| !agent.is_gone).collect();
    let mut totals = RunTotals::default();
    all.runs.iter().for_each(|series| totals.merge(&series.now));
    if alive.is_empty() {
        return Verdict::of(totals.ended(), false, Vec::new());
    }
    let success = Share::new(totals.completed.into(), totals.ended());
    let stuck = alive.iter().filter(|agent| agent.is_stuck).count();
    let depth = |agent: &crate::aggregates::AgentFacts| agent.queue.last().map_or(0, |sample| sample.depth);
    let waiting: u64 = alive.iter().map(|agent| depth(agent)).sum();
    let deep = alive.iter().filter(|agent| depth(agent) >= DEEP).count();
    let low = success.of > 0 && success.wilson_high(1.645) < SUCCESS;
    let severity = if stuck * 2 >= alive.len() || (success.of > 0 && success.wilson_high(1.645) < 0.5) {
        Severity::Critical
    } else if stuck > 0 || low || deep > 0 {
        Severity::Warning
    } else {
        Severity::Info
    };
    let mut insight = Insight::new(Kind::FleetHealth, severity, all);
    let agents = insight.figure("agents", alive.len() as f64, Unit::Count("agents"), Link::board(seen));
    let stuck_text =
        insight.figure("stuck", stuck as f64, Unit::Count("agents"), Link::board(seen).with("status", "stuck"));
    let runs = insight.figure("ended runs", success.of as f64, Unit::Count("runs"), Link::ended(seen));
    let cost = insight.figure("cost of these runs", totals.cost.sum, Unit::Dollars, Link::cost(seen));
    let items = insight.figure("items that wait", waiting as f64, Unit::Count("items"), Link::pipeline(seen));
    let rate = if success.of > 0 {
        let percent = insight.figure("success rate", success.rate() * 100.0, Unit::Percent, Link::ended(seen));
        format!("{percent} of {runs} runs succeeded")
    } else {
        format!("{runs} runs ended")
    };
    insight.title = format!("{agents} agents, {stuck_text} stuck; {rate} for {cost}; {items} items wait");
    insight.stands_out(success.rate() * 100.0, None, Unit::Percent);
    let mut against = Vec::new();
    if stuck > 0 {
        against.push("agents that are stuck: see whether their processes live");
    }
    if low {
        against.push("a success rate under 90 %: the other insights say where");
    }
    if deep > 0 {
        against.push("queues of 50 items or more: see whether they are worked off");
    }
    insight.suggestion = if against.is_empty() {
        "Nothing stands against it.".to_owned()
    } else {
        format!("Against it: {}.", against.join("; "))
    };
    Verdict::of(alive.len() as u64, true, vec![insight])
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_too_little, only};

    use super::*;

    fn made(failed: u32, stuck: bool) -> Aggregates {
        let mut made = Made::default();
        made.agent("a").is_stuck = stuck;
        made.agent("b");
        made.agent("c");
        made.runs("a", "triage").now(100 - failed, failed).costs(0.1, 0.1);
        made.queue("b", &[1, 3], false);
        made.all()
    }

    #[test]
    fn a_fleet_in_health_is_told_as_such() {
        let found = only(find(&made(4, false)));
        assert_eq!(found.title, "3 agents, 0 stuck; 96 % of 100 runs succeeded for $10.25; 3 items wait");
        assert_eq!((found.severity, &*found.suggestion), (Severity::Info, "Nothing stands against it."));
    }

    #[test]
    fn what_stands_against_it_is_said() {
        let found = only(find(&made(30, true)));
        assert_eq!(found.severity, Severity::Warning);
        assert!(found.suggestion.contains("stuck") && found.suggestion.contains("90 %"), "{}", found.suggestion);
        assert_eq!(only(find(&made(70, false))).severity, Severity::Critical);
    }

    #[test]
    fn no_agent_says_nothing() {
        assert_too_little(find(&Made::default().all()));
    }
}
