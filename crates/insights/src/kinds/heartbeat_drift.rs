//! A heartbeat that does less than it used to.

use crate::{
    aggregates::{AgentFacts, Aggregates, FieldFacts},
    figure::Unit,
    insight::{Insight, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
};

/// Heartbeats with a payload, of one agent.
const LEAST: u32 = 30;
/// Heartbeats that carried a field before it was lost, and the share of all until then.
const CARRIED: u32 = 20;
const CARRIED_SHARE: f64 = 0.95;
/// Heartbeats without it since.
const LOST: u32 = 10;
/// Changes of a figure before it froze, heartbeats since, and runs ended since.
const CHANGES: u32 = 20;
const STILL: u32 = 30;
const RUNS_STILL: u32 = 10;
const TIMES_STILL: u32 = 5;

/// By agent and field of its heartbeats' payload. Lost: carried by 95 % or more of 20 heartbeats or more, and by none of the last 10. Frozen: a
/// number that changed 20 times or more stayed the same for 30 heartbeats, while the agent ended 10 runs, and five times as many as ever between
/// two changes: an agent that rests freezes nothing. Least sample: 30 heartbeats with a payload of one agent.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let alive = || all.agents.iter().filter(|agent| !agent.is_gone && agent.heartbeats.last_at >= all.since);
    let looked_at = alive().map(|agent| u64::from(agent.heartbeats.beats)).sum();
    let enough = alive().any(|agent| agent.heartbeats.beats >= LEAST);
    let mut insights = Vec::new();
    for agent in alive().filter(|agent| agent.heartbeats.beats >= LEAST) {
        let (lost, frozen): (Vec<&FieldFacts>, Vec<&FieldFacts>) = (
            agent.heartbeats.fields.iter().filter(|field| is_lost(agent, field)).collect(),
            agent.heartbeats.fields.iter().filter(|field| is_frozen(agent, field)).collect(),
        );
        if let Some(field) = lost.first() {
            insights.push(insight(all, seen, agent, field, lost.len(), true));
        }
        if let Some(field) = frozen.first() {
            insights.push(insight(all, seen, agent, field, frozen.len(), false));
        }
    }
    Verdict::of(looked_at, enough, insights)
}

fn is_lost(agent: &AgentFacts, field: &FieldFacts) -> bool {
    let of = field.last_beat - field.first_beat + 1;
    field.seen >= CARRIED
        && f64::from(field.seen) >= CARRIED_SHARE * f64::from(of)
        && agent.heartbeats.beats - field.last_beat >= LOST
}

fn is_frozen(agent: &AgentFacts, field: &FieldFacts) -> bool {
    field.is_number
        && field.changes >= CHANGES
        && field.last_beat == agent.heartbeats.beats
        && agent.heartbeats.beats - field.changed_beat >= STILL
        && field.runs_still >= RUNS_STILL.max(TIMES_STILL * field.most_runs_still)
}

fn insight(
    all: &Aggregates,
    seen: &Seen,
    agent: &AgentFacts,
    field: &FieldFacts,
    fields: usize,
    lost: bool,
) -> Insight {
    let mut insight = Insight::new(Kind::HeartbeatDrift, Severity::Warning, all);
    insight.agent_id = Some((*agent.agent_id).to_owned());
    let link = Link::agent(seen, &agent.agent_id);
    let (since, at) = if lost { (field.last_beat, field.last_at) } else { (field.changed_beat, field.changed_at) };
    let beats = f64::from(agent.heartbeats.beats - since);
    let count = insight.figure("heartbeats since", beats, Unit::Count("heartbeats"), link.clone());
    let time = insight.figure("for", agent.heartbeats.last_at.seconds_since(at), Unit::Seconds, link.clone());
    insight.figure("fields concerned", fields as f64, Unit::Count("fields"), link.clone());
    insight.title = if lost {
        format!(
            "The heartbeat of “{}” no longer carries “{}”: not in the last {count}, {time}",
            agent.agent_id, field.name
        )
    } else {
        let runs = insight.figure(
            "runs ended since",
            f64::from(field.runs_still),
            Unit::Count("runs"),
            Link::tasks(seen).of_agent(&agent.agent_id),
        );
        insight.figure(
            "most runs between two changes before",
            f64::from(field.most_runs_still),
            Unit::Count("runs"),
            link,
        );
        format!(
            "“{}” in the heartbeat of “{}” has not changed for {count} heartbeats, {time}, while {runs} runs ended",
            field.name, agent.agent_id
        )
    };
    insight.stands_out(beats, None, Unit::Count("heartbeats"));
    "See what fills this part of the payload: a check that was dropped or hangs looks like this."
        .clone_into(&mut insight.suggestion);
    insight
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(beats: u32, field: FieldFacts) -> Aggregates {
        let mut made = Made::default();
        made.heartbeats("a", beats, field);
        made.all()
    }

    fn lost(last_beat: u32) -> FieldFacts {
        FieldFacts { name: "queue".into(), seen: last_beat, first_beat: 1, last_beat, ..FieldFacts::default() }
    }

    fn frozen(runs_still: u32, most_runs_still: u32) -> FieldFacts {
        FieldFacts {
            name: "rows".into(),
            is_number: true,
            seen: 100,
            first_beat: 1,
            last_beat: 100,
            changes: 40,
            changed_beat: 60,
            runs_still,
            most_runs_still,
            ..FieldFacts::default()
        }
    }

    #[test]
    fn a_lost_field_is_found() {
        let found = only(find(&made(100, lost(80))));
        assert_eq!(found.title, "The heartbeat of “a” no longer carries “queue”: not in the last 20, 20 min");
    }

    #[test]
    fn a_frozen_figure_is_found() {
        let found = only(find(&made(100, frozen(25, 2))));
        assert_eq!(
            found.title,
            "“rows” in the heartbeat of “a” has not changed for 40 heartbeats, 40 min, while 25 runs ended"
        );
    }

    #[test]
    fn a_field_that_comes_and_goes_and_a_rest_are_not() {
        assert_enough_for_nothing(find(&made(100, lost(95))));
        assert_enough_for_nothing(find(&made(100, FieldFacts { seen: 60, ..lost(80) })));
        assert_enough_for_nothing(find(&made(100, frozen(9, 0))));
        assert_enough_for_nothing(find(&made(100, frozen(25, 6))));
    }

    #[test]
    fn few_heartbeats_say_nothing() {
        assert_too_little(find(&made(29, lost(19))));
    }
}
