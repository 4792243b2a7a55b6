//! One condition over one subject's facts: whether it holds, since when, and when that may change by time alone.

use hiveboard_derive::view::AgentStatus;
use hiveboard_wire::{MICROS_PER_SECOND, Timestamp};

use crate::{
    condition::{Condition, InsightSeverity},
    facts::{AgentFacts, IssueFacts, ItemFacts, QueueFacts, RunFacts},
    meter::Sum,
};

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// It does, since then; with the figure that says so, and when to look again.
    Holds { since: Timestamp, value: f64, again_at: Timestamp },
    /// It does not, and may from then on.
    Not { again_at: Timestamp },
    /// Nothing is known yet: what is open stays open.
    Unknown,
}

impl Verdict {
    pub const NOT: Self = Self::Not { again_at: Timestamp::MAX };

    const fn holds(since: Timestamp, value: f64) -> Self {
        Self::Holds { since, value, again_at: Timestamp::MAX }
    }
}

fn seconds_after(at: Timestamp, seconds: u64) -> Timestamp {
    at.plus_micros((seconds as i64).saturating_mul(MICROS_PER_SECOND))
}

/// Holds from `seconds` after `at` on.
fn older_than(at: Timestamp, seconds: u64, now: Timestamp) -> Verdict {
    let from = seconds_after(at, seconds);
    if from <= now { Verdict::holds(from, now.seconds_since(at)) } else { Verdict::Not { again_at: from } }
}

/// `agent_stuck` and `heartbeat_lost`.
pub fn agent(condition: &Condition, agent: &AgentFacts, now: Timestamp) -> Verdict {
    match condition {
        Condition::AgentStuck {} if agent.status == AgentStatus::Stuck => {
            Verdict::holds(agent.status_since, now.seconds_since(agent.last_sign))
        }
        Condition::HeartbeatLost { seconds } if agent.expects_signs => older_than(agent.last_sign, *seconds, now),
        _ => Verdict::NOT,
    }
}

/// `no_events`: `last_at` is when anything of the scope arrived last, or the rule was made.
pub fn silence(condition: &Condition, last_at: Timestamp, now: Timestamp) -> Verdict {
    match condition {
        Condition::NoEvents { seconds } => older_than(last_at, *seconds, now),
        _ => Verdict::NOT,
    }
}

/// `duration_exceeded`, `task_stalled`, `approval_waiting`.
pub fn run(condition: &Condition, run: &RunFacts, now: Timestamp) -> Verdict {
    match condition {
        Condition::DurationExceeded { seconds } => match run.ended_at {
            // The run that ended too late is told of once; it is over with the next look.
            Some(ended_at) if run.duration_seconds > *seconds as f64 => Verdict::holds(ended_at, run.duration_seconds),
            Some(_) => Verdict::NOT,
            None => older_than(run.started_at, *seconds, now),
        },
        Condition::TaskStalled { seconds } if run.is_open() => older_than(run.last_sign, *seconds, now),
        Condition::ApprovalWaiting { seconds } if run.is_open() => {
            run.waiting.as_ref().map_or(Verdict::NOT, |waiting| older_than(waiting.since, *seconds, now))
        }
        _ => Verdict::NOT,
    }
}

/// `task_failed`, `error_rate`, `cost_threshold`: over the sum of a window, with when it was added to last and when it next becomes less.
pub fn sum(condition: &Condition, sum: Sum, last_at: Timestamp, expires_at: Timestamp) -> Verdict {
    let (holds, value) = match condition {
        Condition::TaskFailed { count, .. } => (sum.first >= *count as i64, sum.first as f64),
        Condition::ErrorRate { percent, min_tasks, .. } => {
            let rate = if sum.second > 0 { sum.first as f64 * 100.0 / sum.second as f64 } else { 0.0 };
            (sum.second >= *min_tasks as i64 && rate >= *percent, rate)
        }
        Condition::CostThreshold { usd: Some(usd), .. } => {
            let spent = hiveboard_wire::NanoDollars(sum.first).dollars();
            (spent > *usd, spent)
        }
        _ => return Verdict::NOT,
    };
    if holds {
        return Verdict::Holds { since: last_at, value, again_at: expires_at };
    }
    // Runs that went well leave the window, too, and the rate grows.
    let may_grow = matches!(condition, Condition::ErrorRate { .. }) && sum.first > 0;
    Verdict::Not { again_at: if may_grow { expires_at } else { Timestamp::MAX } }
}

pub fn queue(condition: &Condition, queue: &QueueFacts) -> Verdict {
    let Condition::QueueBacklog { depth, oldest_age_seconds } = condition else { return Verdict::NOT };
    let deep = depth.is_none_or(|most| queue.depth >= most);
    let old = oldest_age_seconds.is_none_or(|most| queue.oldest_age_seconds.is_some_and(|age| age >= most));
    if !deep || !old {
        return Verdict::NOT;
    }
    let value = if depth.is_some() { queue.depth as f64 } else { queue.oldest_age_seconds.unwrap_or_default() };
    Verdict::holds(queue.snapshot_at, value)
}

/// `issue_reported`: what was reported before the rule was made is none of its business.
pub fn issue(condition: &Condition, issue: &IssueFacts, created_at: Timestamp) -> Verdict {
    let Condition::IssueReported { min_severity } = condition else { return Verdict::NOT };
    let holds = issue.is_open && issue.severity >= *min_severity && issue.reported_at >= created_at;
    if holds { Verdict::holds(issue.reported_at, issue.occurrences as f64) } else { Verdict::NOT }
}

/// `schedule_overdue`: `last_start` is when the agent began a run last.
pub fn item(condition: &Condition, item: &ItemFacts, last_start: Option<Timestamp>, now: Timestamp) -> Verdict {
    let Condition::ScheduleOverdue { seconds } = condition else { return Verdict::NOT };
    if !item.enabled || last_start.is_some_and(|start| start >= item.next_run) {
        return Verdict::NOT;
    }
    // The very instant is not late yet.
    let from = seconds_after(item.next_run, *seconds).plus_micros(1);
    if from <= now { Verdict::holds(from, now.seconds_since(item.next_run)) } else { Verdict::Not { again_at: from } }
}

pub fn insight(condition: &Condition, kind: &str, severity: InsightSeverity) -> bool {
    matches!(condition, Condition::Insight { kinds, min_severity }
        if severity >= *min_severity && (kinds.is_empty() || kinds.iter().any(|wanted| wanted == kind)))
}
