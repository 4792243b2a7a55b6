//! Whether more work can be given to the fleet.

use super::{cost_per_task_trend, dropped_tasks, queue_growing_idle, rate_limited, success_change};
use crate::{
    aggregates::{Aggregates, RunTotals},
    figure::Unit,
    insight::{Insight, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::Share,
};

/// Ended runs.
const LEAST: u64 = 100;
const SUCCESS: f64 = 0.9;

/// Ready where success is 90 % or more, no agent is stuck, and none of `success_change` (for the worse),
/// `cost_per_task_trend` (upwards), `queue_growing_idle`, `dropped_tasks` and `rate_limited` is found. Says what stands against it. Least sample:
/// 100 ended runs in the window.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let mut totals = RunTotals::default();
    all.runs.iter().for_each(|series| totals.merge(&series.now));
    let success = Share::new(totals.completed.into(), totals.ended());
    if success.of < LEAST {
        return Verdict::of(success.of, false, Vec::new());
    }
    let stuck = all.agents.iter().filter(|agent| agent.is_stuck && !agent.is_gone).count();
    let mut against = Vec::new();
    if success.rate() < SUCCESS {
        against.push("success is under 90 %".to_owned());
    }
    if stuck > 0 {
        against.push("agents are stuck".to_owned());
    }
    let others = [
        success_change::find(all),
        cost_per_task_trend::find(all),
        queue_growing_idle::find(all),
        dropped_tasks::find(all),
        rate_limited::find(all),
    ];
    let worse = others.into_iter().flat_map(|verdict| verdict.insights).filter(|other| other.severity > Severity::Info);
    against.extend(worse.map(|other| other.title));
    let mut insight = Insight::new(Kind::ReadyToScale, Severity::Info, all);
    let rate = insight.figure("success rate", success.rate() * 100.0, Unit::Percent, Link::ended(seen));
    let runs = insight.figure("ended runs", success.of as f64, Unit::Count("runs"), Link::ended(seen));
    insight.figure("stuck agents", stuck as f64, Unit::Count("agents"), Link::board(seen).with("status", "stuck"));
    let each = insight.figure("cost of a run", totals.cost.sum / success.of as f64, Unit::Dollars, Link::cost(seen));
    if against.is_empty() {
        insight.title = format!(
            "Ready for more work: {rate} of {runs} runs succeeded at {each} each, and nothing stands against it"
        );
        "Add work step by step, and look here again: queues and rate limits show first."
            .clone_into(&mut insight.suggestion);
    } else {
        let count = insight.figure(
            "things that stand against it",
            against.len() as f64,
            Unit::Count("things"),
            Link::board(seen),
        );
        insight.title =
            format!("Not ready for more work, {count} against it: {rate} of {runs} runs succeeded at {each} each");
        insight.suggestion = format!("Against it: {}.", against.join("; "));
    }
    insight.stands_out(success.rate() * 100.0, Some(SUCCESS * 100.0), Unit::Percent);
    Verdict::of(success.of, true, vec![insight])
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_too_little, only};

    use super::*;

    fn made(runs: u32, failed: u32) -> Made {
        let mut made = Made::default();
        made.agent("a");
        made.runs("a", "triage").before(runs - 2, 2).now(runs - failed, failed).costs(0.1, 0.1);
        made
    }

    #[test]
    fn a_fleet_that_works_is_ready() {
        let found = only(find(&made(200, 4).all()));
        assert_eq!(
            found.title,
            "Ready for more work: 98 % of 200 runs succeeded at $0.10 each, and nothing stands against it"
        );
    }

    #[test]
    fn what_stands_against_it_is_said() {
        let found = only(find(&made(200, 40).all()));
        assert_eq!(found.title, "Not ready for more work, 2 against it: 80 % of 200 runs succeeded at $0.10 each");
        let mut stuck = made(200, 4);
        stuck.agent("b").is_stuck = true;
        assert!(only(find(&stuck.all())).suggestion.contains("stuck"));
    }

    #[test]
    fn few_runs_say_nothing() {
        assert_too_little(find(&made(99, 0).all()));
    }
}
