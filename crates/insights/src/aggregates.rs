//! What insights are found in: sums by label, for the window that was asked for and for the period before it.

use std::sync::Arc;

use hiveboard_wire::Timestamp;
use serde::{Deserialize, Serialize};

pub use crate::{link::Seen, statistics::LogSums};

/// A name, shared by all that carry it.
pub type Name = Arc<str>;

/// Everything that insights look at.
#[derive(Debug, Clone, Default)]
pub struct Aggregates {
    /// What it was narrowed to.
    pub seen: Seen,
    /// By the server's clock.
    pub now: Timestamp,
    /// Start of the window, at a full hour or day.
    pub since: Timestamp,
    /// End of the window.
    pub until: Timestamp,
    /// Start of the period before, as long as the window.
    pub before_since: Timestamp,
    pub runs: Vec<RunSeries>,
    pub actions: Vec<ActionSeries>,
    pub approvals: Vec<ApprovalSeries>,
    pub agents: Vec<AgentFacts>,
    pub issues: Vec<IssueFacts>,
    pub flagged: Vec<FlaggedRun>,
    pub dropped: Vec<DroppedRun>,
    pub spend: Spend,
}

/// What runs are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct RunLabels {
    pub agent_id: Name,
    pub agent_type: Name,
    pub task_type: Option<Name>,
    pub version: Option<Name>,
    pub project_id: Option<Name>,
    pub environment: Name,
    pub group: Name,
    /// The model that the run paid most for, or called most.
    pub model: Option<Name>,
}

/// Runs of the same labels.
#[derive(Debug, Clone, Default)]
pub struct RunSeries {
    pub labels: RunLabels,
    pub now: RunTotals,
    pub before: RunTotals,
    /// The two halves of the window.
    pub early: RunTotals,
    pub late: RunTotals,
    /// The first end of a run that is remembered of these labels.
    pub first_seen: Timestamp,
}

/// Sums over runs, where they ended.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct RunTotals {
    pub completed: u32,
    pub failed: u32,
    pub cancelled: u32,
    /// Seconds of those that completed.
    pub duration: LogSums,
    /// Dollars of those that completed or failed and cost something.
    pub cost: LogSums,
    pub tokens_in: u64,
    pub tokens_out: u64,
    pub llm_calls: u64,
    /// Runs with enough calls to tell whether their prompts grow, and those whose did.
    pub growable: u32,
    pub growing: u32,
    /// How much longer the last prompts were than the first, of the runs that grow: ratios.
    pub growth: LogSums,
    /// Tokens that a run's calls sent above its first call.
    pub grown_tokens: u64,
    /// Runs that made the same call three times in a row or more often.
    pub repeating: u32,
    pub rate_limited: u32,
    /// Runs that met a rate limit.
    pub rate_limited_runs: u32,
    pub backoff_seconds: f64,
    /// Dollars of calls that were made again after a rate limit.
    pub retried_cost: f64,
}

impl RunTotals {
    pub fn merge(&mut self, other: &Self) {
        self.completed += other.completed;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.duration.merge(&other.duration);
        self.cost.merge(&other.cost);
        self.tokens_in = self.tokens_in.saturating_add(other.tokens_in);
        self.tokens_out = self.tokens_out.saturating_add(other.tokens_out);
        self.llm_calls += other.llm_calls;
        self.growable += other.growable;
        self.growing += other.growing;
        self.growth.merge(&other.growth);
        self.grown_tokens = self.grown_tokens.saturating_add(other.grown_tokens);
        self.repeating += other.repeating;
        self.rate_limited += other.rate_limited;
        self.rate_limited_runs += other.rate_limited_runs;
        self.backoff_seconds += other.backoff_seconds;
        self.retried_cost += other.retried_cost;
    }

    /// Those that came to an end of their own.
    pub fn ended(&self) -> u64 {
        u64::from(self.completed) + u64::from(self.failed)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct ActionLabels {
    pub agent_id: Name,
    pub action_name: Name,
    pub project_id: Option<Name>,
    pub environment: Name,
    pub group: Name,
}

#[derive(Debug, Clone, Default)]
pub struct ActionSeries {
    pub labels: ActionLabels,
    pub now: ActionTotals,
    pub before: ActionTotals,
}

/// Sums over actions, where they ended.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ActionTotals {
    pub ended: u32,
    pub failed: u32,
    /// Failed with 401- or 403-like words.
    pub auth_failed: u32,
    /// Failed with 429- or 529-like words.
    pub rate_limited: u32,
    /// The commonest errors with their figures taken out, at most [`MOST_ERRORS`].
    pub errors: Vec<(Name, u32)>,
    /// When it last worked, µs; 0 when it didn't.
    pub last_worked_micros: i64,
    /// When it last failed for its credentials, µs.
    pub last_auth_failed_micros: i64,
}

/// Errors kept of an action.
pub const MOST_ERRORS: usize = 8;

impl ActionTotals {
    pub fn merge(&mut self, other: &Self) {
        self.ended += other.ended;
        self.failed += other.failed;
        self.auth_failed += other.auth_failed;
        self.rate_limited += other.rate_limited;
        self.last_worked_micros = self.last_worked_micros.max(other.last_worked_micros);
        self.last_auth_failed_micros = self.last_auth_failed_micros.max(other.last_auth_failed_micros);
        for (error, count) in &other.errors {
            self.count_error(error, *count);
        }
    }

    pub fn count_error(&mut self, error: &Name, count: u32) {
        if let Some((_, known)) = self.errors.iter_mut().find(|(known, _)| known == error) {
            *known += count;
        } else if self.errors.len() < MOST_ERRORS {
            self.errors.push((Arc::clone(error), count));
        }
    }

    /// The one that was met most often.
    pub fn commonest_error(&self) -> Option<&(Name, u32)> {
        self.errors.iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct ApprovalLabels {
    pub agent_id: Name,
    pub project_id: Option<Name>,
    pub environment: Name,
    pub group: Name,
}

/// How long people took to answer an agent.
#[derive(Debug, Clone, Default)]
pub struct ApprovalSeries {
    pub labels: ApprovalLabels,
    /// Seconds.
    pub now: LogSums,
    pub before: LogSums,
    /// Of those asked and unanswered: how long they have waited, seconds, and their tasks.
    pub pending: Vec<(f64, Name)>,
}

/// An agent as it is.
#[derive(Debug, Clone, Default)]
pub struct AgentFacts {
    pub agent_id: Name,
    pub agent_type: Name,
    pub is_stuck: bool,
    pub is_idle: bool,
    /// It said goodbye: nothing is expected of it.
    pub is_gone: bool,
    /// Oldest first.
    pub queue: Vec<QueueSample>,
    pub heartbeats: HeartbeatFacts,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct QueueSample {
    pub at: Timestamp,
    pub depth: u64,
    /// The agent did something since the sample before.
    pub worked: bool,
}

/// What the payloads of an agent's heartbeats carried.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct HeartbeatFacts {
    /// Heartbeats seen with a payload.
    pub beats: u32,
    pub last_at: Timestamp,
    pub fields: Vec<FieldFacts>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FieldFacts {
    pub name: Name,
    pub is_number: bool,
    /// Heartbeats that carried it.
    pub seen: u32,
    /// The number of the heartbeat that carried it first, and last.
    pub first_beat: u32,
    pub last_beat: u32,
    pub last_at: Timestamp,
    /// How often its value changed.
    pub changes: u32,
    /// The heartbeat with which it last changed.
    pub changed_beat: u32,
    pub changed_at: Timestamp,
    /// Runs that the agent ended since it changed, and the most that it ever ended between two changes.
    pub runs_still: u32,
    pub most_runs_still: u32,
}

#[derive(Debug, Clone, Default)]
pub struct IssueFacts {
    pub agent_id: Name,
    pub issue_id: Name,
    pub summary: Name,
    pub severity: Name,
    pub is_open: bool,
    pub reports: u32,
    /// How often it was reported again after it was resolved, and when that last happened.
    pub reopened: u32,
    pub last_reopened: Timestamp,
    /// Different days with a report.
    pub days: u32,
    pub first_report: Timestamp,
    pub last_report: Timestamp,
}

/// A run with something about it that sums don't show.
#[derive(Debug, Clone, PartialEq)]
pub struct FlaggedRun {
    pub at: Timestamp,
    pub labels: RunLabels,
    pub task_id: Name,
    pub task_run_id: Name,
    pub flag: Flag,
    /// Dollars.
    pub cost: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Flag {
    /// The same call with the same input, so many times in a row.
    Repeats { name: Name, times: u32 },
    /// It completed, and the last error of this action was never made good.
    Unrecovered { name: Name, error: Option<Name> },
}

/// A run that started, has long been silent, and never ended.
#[derive(Debug, Clone, PartialEq)]
pub struct DroppedRun {
    pub labels: RunLabels,
    pub task_id: Name,
    pub task_run_id: Name,
    pub last_at: Timestamp,
}

/// What calls cost, a bucket of time at a time, from long before the window on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spend {
    pub width_seconds: i64,
    /// In order, without gaps.
    pub buckets: Vec<SpendBucket>,
    /// Of the dearest bucket of the window against all before the window: by agent, model and version.
    pub drivers: Vec<SpendDriver>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SpendBucket {
    pub start: Timestamp,
    pub calls: u64,
    pub dollars: f64,
    /// In and out.
    pub tokens: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SpendDriver {
    pub dimension: SpendDimension,
    pub name: Name,
    /// Of the bucket that stands out.
    pub dollars: f64,
    /// Of a usual bucket.
    pub usual_dollars: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpendDimension {
    Agent,
    Model,
    Version,
}
