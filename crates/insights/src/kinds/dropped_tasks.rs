//! Runs that started and never ended.

use std::collections::BTreeMap;

use super::text;
use crate::{
    aggregates::{Aggregates, DroppedRun, Name},
    figure::Unit,
    insight::{Insight, Verdict},
    kind::{Kind, Severity},
    link::{Link, NEVER_ENDED, Seen},
    statistics::Share,
};

/// Runs that started, by agent and version.
const LEAST: u64 = 10;
const LEAST_DROPPED: u64 = 3;
/// Share of them, with 95 % certainty.
const SHARE: f64 = 0.02;

/// By agent and version: runs that started, are open, ask nobody for anything, and have been silent for three times what all but one of a
/// hundred of their type take (an hour at least, three days at most), by the agent's own clock while it lives. Found from 3 on, where they are
/// over 2 % (Wilson's lower end) of those that started. Least sample: 10 runs that ended or were dropped, in all.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let mut ended: BTreeMap<(&Name, Option<&Name>), u64> = BTreeMap::new();
    for series in &all.runs {
        let key = (&series.labels.agent_id, series.labels.version.as_ref());
        *ended.entry(key).or_default() += series.now.ended() + u64::from(series.now.cancelled);
    }
    let mut dropped: BTreeMap<(&Name, Option<&Name>), Vec<&DroppedRun>> = BTreeMap::new();
    for run in &all.dropped {
        dropped.entry((&run.labels.agent_id, run.labels.version.as_ref())).or_default().push(run);
    }
    let looked_at = ended.values().sum::<u64>() + all.dropped.len() as u64;
    let mut insights = Vec::new();
    for ((agent, version), runs) in dropped {
        let share =
            Share::new(runs.len() as u64, runs.len() as u64 + ended.get(&(agent, version)).copied().unwrap_or(0));
        if share.of < LEAST || share.hits < LEAST_DROPPED || share.wilson_low(1.645) < SHARE {
            continue;
        }
        let severity = if share.rate() >= 0.2 { Severity::Critical } else { Severity::Warning };
        let mut insight = Insight::new(Kind::DroppedTasks, severity, all);
        insight.agent_id = Some((**agent).to_owned());
        let link = Link::tasks(seen).of_agent(agent);
        let silent = Link::tasks(seen).of_agent(agent).with("status", NEVER_ENDED).with("sort", "oldest");
        let count = insight.figure("never ended", share.hits as f64, Unit::Count("runs"), silent);
        let of = insight.figure("started", share.of as f64, Unit::Count("runs"), link.clone());
        let percent = insight.figure("share", share.rate() * 100.0, Unit::Percent, link);
        for run in runs.iter().take(10) {
            insight.task_ids.push((*run.task_id).to_owned());
        }
        if let Some(latest) = runs.first() {
            let one = Link::task(seen, agent, &latest.task_id, &latest.task_run_id);
            insight.figure("silent for, the latest of them", all.now.seconds_since(latest.last_at), Unit::Seconds, one);
        }
        let of_version = version.map(|version| format!(" (version “{version}”)")).unwrap_or_default();
        insight.title = format!("{count} of {of} runs of “{agent}”{of_version} started and never ended: {percent}");
        insight.stands_out(share.hits as f64, None, Unit::Count("runs"));
        insight.suggestion = format!(
            "Look at the last event of these runs{}: a process that was ended, an exception outside of the task's block, or a missing complete() are suspects.",
            text(version).map(|_| " and at what this version changed").unwrap_or_default()
        );
        insights.push(insight);
    }
    Verdict::of(looked_at, looked_at >= LEAST, insights)
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(ended: u32, dropped: usize) -> Aggregates {
        let mut made = Made::default();
        made.runs("a", "triage").now(ended, 0);
        made.dropped("a", "triage", dropped);
        made.all()
    }

    #[test]
    fn runs_that_never_ended_are_found() {
        let found = only(find(&made(45, 5)));
        assert_eq!(found.title, "5 of 50 runs of “a” started and never ended: 10 %");
        assert_eq!(found.task_ids.len(), 5);
        assert!(found.evidence[0].link.ends_with("&agent=a&status=processing%2Cstuck%2Cescalated&sort=oldest"));
    }

    #[test]
    fn two_of_many_are_not() {
        assert_enough_for_nothing(find(&made(48, 2)));
        assert_enough_for_nothing(find(&made(997, 3)));
        assert_too_little(find(&made(6, 3)));
    }
}
