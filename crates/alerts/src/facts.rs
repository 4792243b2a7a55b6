//! What the server tells an evaluator.

use std::{collections::BTreeSet, sync::Arc};

use hiveboard_derive::view::{AgentStatus, TaskStatus, TaskView};
use hiveboard_wire::{NanoDollars, RunKey, Timestamp};

use crate::{
    condition::{InsightSeverity, IssueSeverity},
    rule::Labels,
};

/// An agent as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentFacts {
    pub agent_id: Arc<str>,
    pub agent_type: Arc<str>,
    pub environment: Arc<str>,
    pub group: Arc<str>,
    /// Those it worked for.
    pub projects: BTreeSet<Arc<str>>,
    pub status: AgentStatus,
    pub status_since: Timestamp,
    /// The last sign of life, by arrival, or the grace it was granted.
    pub last_sign: Timestamp,
    /// The place of its last event, which no grace moves.
    pub last_seq: u64,
    /// The place of the last event of what its status is judged by; `None` where it cannot be stuck.
    pub stuck_seq: Option<u64>,
    /// Whether its silence means anything: it said no goodbye, and more than traces are expected of it or it has an open run.
    pub expects_signs: bool,
    pub current_task_id: Option<String>,
    pub stuck_threshold_seconds: f64,
    pub last_run_start: Option<Timestamp>,
}

impl AgentFacts {
    pub fn labels(&self) -> Labels<'_> {
        Labels {
            agent_id: &self.agent_id,
            agent_type: &self.agent_type,
            environment: &self.environment,
            group: &self.group,
            project_id: None,
            task_type: None,
        }
    }
}

/// Who is waited for.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    pub since: Timestamp,
    pub summary: Option<String>,
    pub approver: Option<String>,
}

/// A run as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFacts {
    pub key: RunKey,
    pub project_id: Option<Arc<str>>,
    pub task_type: Option<Arc<str>>,
    pub environment: Arc<str>,
    pub group: Arc<str>,
    pub started_at: Timestamp,
    pub status: TaskStatus,
    pub ended_at: Option<Timestamp>,
    /// As shown: of a run that ended its own, of an open one until now.
    pub duration_seconds: f64,
    /// The last event, by arrival, or the grace it was granted.
    pub last_sign: Timestamp,
    /// The place of the last event.
    pub last_seq: u64,
    pub waiting: Option<Waiting>,
}

impl RunFacts {
    pub fn new(view: &TaskView, last_sign: Timestamp, last_seq: u64) -> Self {
        Self {
            key: RunKey {
                agent_id: view.agent_id.as_str().into(),
                task_id: view.task_id.as_str().into(),
                task_run_id: view.task_run_id.as_str().into(),
            },
            project_id: view.project_id.as_deref().map(Into::into),
            task_type: view.task_type.as_deref().map(Into::into),
            environment: view.environment.as_str().into(),
            group: view.group.as_str().into(),
            started_at: view.started_at,
            status: view.derived_status,
            ended_at: view.completed_at,
            duration_seconds: view.duration_ms / 1_000.0,
            last_sign,
            last_seq,
            waiting: view.waiting.as_ref().map(|waiting| Waiting {
                since: waiting.since,
                summary: waiting.summary.clone(),
                approver: waiting.approver.clone(),
            }),
        }
    }

    pub const fn is_open(&self) -> bool {
        !self.status.is_ended()
    }

    pub fn labels<'a>(&'a self, agent_type: &'a str) -> Labels<'a> {
        Labels {
            agent_id: &self.key.agent_id,
            agent_type,
            environment: &self.environment,
            group: &self.group,
            project_id: self.project_id.as_deref(),
            task_type: self.task_type.as_deref(),
        }
    }
}

/// Something arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub labels: Labels<'a>,
    /// By the server's clock.
    pub at: Timestamp,
    /// Its place among all events.
    pub seq: u64,
    pub run: Option<(&'a str, &'a str)>,
}

/// A model call with what it cost.
#[derive(Debug, Clone, Copy)]
pub struct Spent<'a> {
    pub labels: Labels<'a>,
    /// By the agent's clock.
    pub at: Timestamp,
    pub cost: NanoDollars,
}

/// A run that ended.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    pub labels: Labels<'a>,
    /// By the agent's clock.
    pub at: Timestamp,
    pub failed: bool,
    pub run: &'a RunKey,
}

/// The latest queue snapshot of an agent.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueFacts {
    pub depth: u64,
    pub oldest_age_seconds: Option<f64>,
    pub snapshot_at: Timestamp,
}

/// An issue as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueFacts {
    pub issue_id: Arc<str>,
    pub summary: Option<String>,
    pub severity: IssueSeverity,
    pub category: Option<String>,
    pub is_open: bool,
    pub occurrences: u64,
    /// The last report.
    pub reported_at: Timestamp,
}

/// An item of the latest schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemFacts {
    pub item_id: Arc<str>,
    pub name: String,
    pub next_run: Timestamp,
    pub enabled: bool,
}

impl ItemFacts {
    /// Of an item as agents write it; `None` without an id or name, or a time that can be read.
    pub fn read(item: &serde_json::Value) -> Option<Self> {
        let text = |name: &str| item.get(name).and_then(serde_json::Value::as_str);
        let id = text("id").or_else(|| text("name"))?;
        Some(Self {
            item_id: id.into(),
            name: text("name").unwrap_or(id).to_owned(),
            next_run: Timestamp::parse(text("next_run")?).ok()?,
            enabled: item.get("enabled").and_then(serde_json::Value::as_bool).unwrap_or(true),
        })
    }
}

/// What the insights found.
#[derive(Debug, Clone, PartialEq)]
pub struct InsightFacts {
    pub kind: Arc<str>,
    /// Tells findings of one kind apart, and is the same while it is the same finding.
    pub key: Arc<str>,
    pub severity: InsightSeverity,
    pub title: String,
    pub suggestion: Option<String>,
    pub agent_id: Option<Arc<str>>,
    pub project_id: Option<Arc<str>>,
    pub task_type: Option<Arc<str>>,
    pub value: f64,
    pub unit: String,
    pub since: Timestamp,
}
