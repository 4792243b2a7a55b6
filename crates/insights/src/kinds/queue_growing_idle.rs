//! A queue that grows while its agent idles.

use crate::{
    aggregates::{AgentFacts, Aggregates, QueueSample},
    figure::Unit,
    insight::{Insight, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
    statistics::trend,
};

/// Snapshots at the end of which the agent did nothing.
const LEAST: usize = 5;
/// Items that it grew by in them.
const GREW_BY: u64 = 3;
/// Where so many earlier snapshots are known, over the deepest of them: whoever works by a schedule lets its queue fill up in between.
const EARLIER: usize = 10;
const TIMES_DEEPEST: f64 = 1.5;
/// From so many on, it is urgent.
const DEEP: u64 = 50;

/// Of an agent that is idle, the last snapshots between which it did nothing: found where the depth rises over them (Mann and Kendall, z over
/// 2), by 3 items and by a quarter at least, no snapshot is lower than the one before by more than one, and the last is 1.5 times the deepest of
/// those before them, where 10 are known. Least sample: 5 such snapshots of
/// one agent, the last in the window.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let (mut looked_at, mut enough, mut insights) = (0, false, Vec::new());
    for agent in &all.agents {
        let samples: Vec<&QueueSample> =
            agent.queue.iter().filter(|sample| sample.at >= all.since && sample.at < all.until).collect();
        looked_at += samples.len() as u64;
        enough |= samples.len() >= LEAST;
        if !agent.is_idle && !agent.is_stuck {
            continue;
        }
        // The first of the row is where the rest began: whether it worked before does not matter.
        let idle = samples.iter().rev().take_while(|sample| !sample.worked).count();
        let row = &samples[samples.len() - (idle + 1).min(samples.len())..];
        let row_starts = row.first().map_or(all.until, |first| first.at);
        let earlier: Vec<u64> = agent.queue.iter().filter(|one| one.at < row_starts).map(|one| one.depth).collect();
        let usual = if earlier.len() >= EARLIER { earlier.into_iter().max().unwrap_or(0) } else { 0 };
        let beyond = |(_, to): &(u64, u64)| *to as f64 >= TIMES_DEEPEST * usual as f64;
        if let Some(insight) = grown(row).filter(beyond).and_then(|(from, to)| insight(all, seen, agent, row, from, to))
        {
            insights.push(insight);
        }
    }
    Verdict::of(looked_at, enough, insights)
}

/// First and last depth, where it grows.
fn grown(row: &[&QueueSample]) -> Option<(u64, u64)> {
    let depths: Vec<f64> = row.iter().map(|sample| sample.depth as f64).collect();
    let (from, to) = (row.first()?.depth, row.last()?.depth);
    let falls = depths.windows(2).any(|pair| pair[1] < pair[0] - 1.0);
    let grows = to >= from + GREW_BY && to as f64 >= 1.25 * from as f64;
    (row.len() >= LEAST && grows && !falls && trend(&depths) > 2.0).then_some((from, to))
}

fn insight(
    all: &Aggregates,
    seen: &Seen,
    agent: &AgentFacts,
    row: &[&QueueSample],
    from: u64,
    to: u64,
) -> Option<Insight> {
    let seconds = row.last()?.at.seconds_since(row.first()?.at);
    let severity = if to >= DEEP { Severity::Critical } else { Severity::Warning };
    let mut insight = Insight::new(Kind::QueueGrowingIdle, severity, all);
    insight.agent_id = Some((*agent.agent_id).to_owned());
    let link = Link::pipeline(seen).of_agent(&agent.agent_id);
    let now = insight.figure("queue depth", to as f64, Unit::Count("items"), link.clone());
    let before = insight.figure("queue depth before", from as f64, Unit::Count("items"), link.clone());
    let time = insight.figure("idle for", seconds, Unit::Seconds, Link::agent(seen, &agent.agent_id));
    insight.figure("snapshots", row.len() as f64, Unit::Count("snapshots"), link);
    insight.title =
        format!("The queue of “{}” grew from {before} to {now} in {time} while it did nothing", agent.agent_id);
    insight.stands_out(to as f64, Some(from as f64), Unit::Count("items"));
    "See whether its worker loop still takes items: it may wait for a lock, a schedule, or a connection that is gone."
        .clone_into(&mut insight.suggestion);
    Some(insight)
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(depths: &[u64], worked: bool, is_idle: bool) -> Aggregates {
        let mut made = Made::default();
        made.agent("a").is_idle = is_idle;
        made.queue("a", depths, worked);
        made.all()
    }

    #[test]
    fn growth_while_idle_is_found() {
        let found = only(find(&made(&[2, 4, 5, 7, 9, 12], false, true)));
        assert_eq!(found.title, "The queue of “a” grew from 2 to 12 in 25 min while it did nothing");
        assert_eq!((found.value, found.baseline), (12.0, Some(2.0)));
    }

    #[test]
    fn growth_at_work_or_an_up_and_down_is_not() {
        assert_enough_for_nothing(find(&made(&[2, 4, 5, 7, 9, 12], true, true)));
        assert_enough_for_nothing(find(&made(&[2, 4, 5, 7, 9, 12], false, false)));
        assert_enough_for_nothing(find(&made(&[2, 8, 3, 9, 4, 10], false, true)));
        assert_enough_for_nothing(find(&made(&[2, 2, 3, 3, 4, 4], false, true)));
        // It was as deep before, and was worked off.
        let mut scheduled = made(&[1, 4, 8, 0, 2, 5, 9, 0, 3, 6, 9, 0, 2, 4, 5, 7, 9], false, true);
        for place in [3, 7, 11] {
            scheduled.agents[0].queue[place].worked = true;
        }
        assert_enough_for_nothing(find(&scheduled));
    }

    #[test]
    fn few_snapshots_say_nothing() {
        assert_too_little(find(&made(&[1, 5, 10, 20], false, true)));
    }
}
