//! What a rule watches for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    rule::FieldProblem,
    span::{Span, UtcOffset},
};

/// How bad an issue is, as agents say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IssueSeverity {
    Low,
    Medium,
    High,
    Critical,
}

impl IssueSeverity {
    /// `medium` for what is none of them.
    pub fn parse(text: &str) -> Self {
        match text {
            "low" => Self::Low,
            "high" => Self::High,
            "critical" => Self::Critical,
            _ => Self::Medium,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InsightSeverity {
    Info,
    Warning,
    Critical,
}

/// Whose spending is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SpentBy {
    Agent,
    Project,
    #[default]
    Workspace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    Day,
    Month,
}

const fn one() -> u64 {
    1
}

const fn five() -> u64 {
    5
}

const fn medium() -> IssueSeverity {
    IssueSeverity::Medium
}

const fn warning() -> InsightSeverity {
    InsightSeverity::Warning
}

/// What a rule watches for, and its figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// The agent's derived status is `stuck`.
    AgentStuck {},
    /// No sign of life from the agent for that long, whatever its own threshold.
    HeartbeatLost { seconds: u64 },
    /// Nothing at all from anyone in scope for that long.
    NoEvents { seconds: u64 },
    /// So many runs failed in the window.
    TaskFailed {
        #[serde(default = "one")]
        count: u64,
        window_seconds: u64,
    },
    /// Failed runs are that part of those that completed or failed in the window.
    ErrorRate {
        percent: f64,
        window_seconds: u64,
        #[serde(default = "five")]
        min_tasks: u64,
    },
    /// An open run takes longer than that, or one took longer when it ended.
    DurationExceeded { seconds: u64 },
    /// An open run said nothing for that long.
    TaskStalled { seconds: u64 },
    /// More was spent than that, in a window up to now or in a calendar period.
    CostThreshold {
        /// US dollars. May be left out while the rule is switched off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usd: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window_seconds: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        period: Option<Period>,
        /// Where the days of `period` begin, like `+02:00`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        utc_offset: Option<UtcOffset>,
        #[serde(default)]
        by: SpentBy,
    },
    /// The agent's latest queue snapshot holds so many items, or one that waits for so long; both where both are given.
    QueueBacklog {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        depth: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        oldest_age_seconds: Option<f64>,
    },
    /// A person was asked and did not answer for that long.
    ApprovalWaiting { seconds: u64 },
    /// An agent reported an issue, or reported it again after it was resolved.
    IssueReported {
        #[serde(default = "medium")]
        min_severity: IssueSeverity,
    },
    /// A scheduled item's `next_run` passed by that much and nothing ran.
    ScheduleOverdue { seconds: u64 },
    /// The insights found one of these kinds; any where none is named.
    Insight {
        #[serde(default)]
        kinds: Vec<String>,
        #[serde(default = "warning")]
        min_severity: InsightSeverity,
    },
}

/// What a condition looks at, for the index of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Looks {
    /// The status or the signs of an agent.
    Agent,
    /// Silence of a whole scope.
    Silence,
    /// Runs that ended.
    Ends,
    /// What model calls cost.
    Cost,
    /// Open runs, one by one.
    Runs,
    /// Approvals that are pending.
    Approvals,
    Queue,
    Issues,
    Schedule,
    Insights,
}

/// Windows of ends are counted in memory.
const MOST_WINDOW_SECONDS: u64 = 7 * 86_400;
const MOST_COST_WINDOW_SECONDS: u64 = 31 * 86_400;
const MOST_SECONDS: u64 = 31 * 86_400;

impl Condition {
    pub const TYPES: [&'static str; 13] = [
        "agent_stuck",
        "heartbeat_lost",
        "no_events",
        "task_failed",
        "error_rate",
        "duration_exceeded",
        "task_stalled",
        "cost_threshold",
        "queue_backlog",
        "approval_waiting",
        "issue_reported",
        "schedule_overdue",
        "insight",
    ];

    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::AgentStuck {} => "agent_stuck",
            Self::HeartbeatLost { .. } => "heartbeat_lost",
            Self::NoEvents { .. } => "no_events",
            Self::TaskFailed { .. } => "task_failed",
            Self::ErrorRate { .. } => "error_rate",
            Self::DurationExceeded { .. } => "duration_exceeded",
            Self::TaskStalled { .. } => "task_stalled",
            Self::CostThreshold { .. } => "cost_threshold",
            Self::QueueBacklog { .. } => "queue_backlog",
            Self::ApprovalWaiting { .. } => "approval_waiting",
            Self::IssueReported { .. } => "issue_reported",
            Self::ScheduleOverdue { .. } => "schedule_overdue",
            Self::Insight { .. } => "insight",
        }
    }

    pub const fn looks(&self) -> Looks {
        match self {
            Self::AgentStuck {} | Self::HeartbeatLost { .. } => Looks::Agent,
            Self::NoEvents { .. } => Looks::Silence,
            Self::TaskFailed { .. } | Self::ErrorRate { .. } => Looks::Ends,
            Self::CostThreshold { .. } => Looks::Cost,
            Self::DurationExceeded { .. } | Self::TaskStalled { .. } => Looks::Runs,
            Self::ApprovalWaiting { .. } => Looks::Approvals,
            Self::QueueBacklog { .. } => Looks::Queue,
            Self::IssueReported { .. } => Looks::Issues,
            Self::ScheduleOverdue { .. } => Looks::Schedule,
            Self::Insight { .. } => Looks::Insights,
        }
    }

    /// Whether `scope.task_type` can narrow it: it looks at runs.
    pub const fn knows_task_types(&self) -> bool {
        matches!(self.looks(), Looks::Ends | Looks::Cost | Looks::Runs | Looks::Approvals | Looks::Silence)
    }

    /// The stretch of time that figures are added up over.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::TaskFailed { window_seconds, .. } | Self::ErrorRate { window_seconds, .. } => {
                Some(Span::sliding(*window_seconds))
            }
            Self::CostThreshold { window_seconds, period, utc_offset, .. } => Some(match (period, window_seconds) {
                (Some(Period::Day), _) => Span::Day(utc_offset.unwrap_or_default()),
                (Some(Period::Month), _) => Span::Month(utc_offset.unwrap_or_default()),
                (None, seconds) => Span::sliding(seconds.unwrap_or(86_400)),
            }),
            _ => None,
        }
    }

    /// What its figure is compared with, and the unit of both.
    pub fn threshold(&self) -> (f64, &'static str) {
        match self {
            Self::AgentStuck {} | Self::IssueReported { .. } | Self::Insight { .. } => (1.0, ""),
            Self::HeartbeatLost { seconds }
            | Self::NoEvents { seconds }
            | Self::DurationExceeded { seconds }
            | Self::TaskStalled { seconds }
            | Self::ApprovalWaiting { seconds }
            | Self::ScheduleOverdue { seconds } => (*seconds as f64, "seconds"),
            Self::TaskFailed { count, .. } => (*count as f64, "runs"),
            Self::ErrorRate { percent, .. } => (*percent, "percent"),
            Self::CostThreshold { usd, .. } => (usd.unwrap_or(f64::INFINITY), "usd"),
            Self::QueueBacklog { depth: Some(depth), .. } => (*depth as f64, "items"),
            Self::QueueBacklog { oldest_age_seconds, .. } => (oldest_age_seconds.unwrap_or(0.0), "seconds"),
        }
    }

    /// What of it makes no sense.
    pub fn problems(&self, enabled: bool, problems: &mut Vec<FieldProblem>) {
        let mut say = |field: &str, what: &str| problems.push(FieldProblem::new(&format!("condition.{field}"), what));
        let mut seconds_within = |field: &str, seconds: u64, most: u64| {
            if !(1..=most).contains(&seconds) {
                say(field, &format!("must be from 1 to {most} ({} days)", most / 86_400));
            }
        };
        match self {
            Self::AgentStuck {} | Self::IssueReported { .. } | Self::Insight { .. } => {}
            Self::HeartbeatLost { seconds }
            | Self::NoEvents { seconds }
            | Self::DurationExceeded { seconds }
            | Self::TaskStalled { seconds }
            | Self::ApprovalWaiting { seconds } => seconds_within("seconds", *seconds, MOST_SECONDS),
            Self::ScheduleOverdue { seconds } => {
                if *seconds > MOST_SECONDS {
                    say("seconds", "must be at most 2678400 (31 days)");
                }
            }
            Self::TaskFailed { count, window_seconds } => {
                seconds_within("window_seconds", *window_seconds, MOST_WINDOW_SECONDS);
                if *count == 0 {
                    say("count", "must be at least 1");
                }
            }
            Self::ErrorRate { percent, window_seconds, min_tasks } => {
                seconds_within("window_seconds", *window_seconds, MOST_WINDOW_SECONDS);
                if !(*percent > 0.0 && *percent <= 100.0) {
                    say("percent", "must be over 0 and at most 100");
                }
                if *min_tasks == 0 {
                    say("min_tasks", "must be at least 1");
                }
            }
            Self::CostThreshold { usd, window_seconds, period, utc_offset, .. } => {
                if let Some(seconds) = window_seconds {
                    seconds_within("window_seconds", *seconds, MOST_COST_WINDOW_SECONDS);
                }
                match usd {
                    Some(usd) if usd.is_finite() && (0.0..=1e9).contains(usd) => {}
                    Some(_) => say("usd", "must be from 0 to 1000000000"),
                    None if enabled => say("usd", "is missing: say how many US dollars are too many"),
                    None => {}
                }
                if window_seconds.is_some() == period.is_some() {
                    say("period", "or `condition.window_seconds` must be given, one of the two");
                }
                if utc_offset.is_some() && period.is_none() {
                    say("utc_offset", "goes with `period` alone");
                }
            }
            Self::QueueBacklog { depth, oldest_age_seconds } => {
                if depth.is_none() && oldest_age_seconds.is_none() {
                    say("depth", "or `condition.oldest_age_seconds` must be given");
                }
                if *depth == Some(0) {
                    say("depth", "must be at least 1");
                }
                if oldest_age_seconds.is_some_and(|age| !(age > 0.0 && age.is_finite())) {
                    say("oldest_age_seconds", "must be over 0");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_reads_back_and_a_field_too_many_is_named() {
        let texts = [
            r#"{"type":"agent_stuck"}"#,
            r#"{"type":"heartbeat_lost","seconds":60}"#,
            r#"{"type":"no_events","seconds":60}"#,
            r#"{"type":"task_failed","count":1,"window_seconds":60}"#,
            r#"{"type":"error_rate","percent":10.0,"window_seconds":60,"min_tasks":5}"#,
            r#"{"type":"duration_exceeded","seconds":60}"#,
            r#"{"type":"task_stalled","seconds":60}"#,
            r#"{"type":"cost_threshold","usd":5.0,"period":"day","utc_offset":"+02:00","by":"agent"}"#,
            r#"{"type":"queue_backlog","depth":10}"#,
            r#"{"type":"approval_waiting","seconds":60}"#,
            r#"{"type":"issue_reported","min_severity":"high"}"#,
            r#"{"type":"schedule_overdue","seconds":60}"#,
            r#"{"type":"insight","kinds":["loop"],"min_severity":"warning"}"#,
        ];
        for (text, name) in texts.iter().zip(Condition::TYPES) {
            let condition: Condition = serde_json::from_str(text).unwrap();
            assert_eq!(condition.type_name(), name);
            assert_eq!(serde_json::to_string(&condition).unwrap(), *text);
            let wider = text.replacen('{', r#"{"colour":1,"#, 1);
            let error = serde_json::from_str::<Condition>(&wider).unwrap_err().to_string();
            assert!(error.contains("colour"), "{name}: {error}");
        }
        let error = serde_json::from_str::<Condition>(r#"{"type":"agent_sleepy"}"#).unwrap_err().to_string();
        assert!(error.contains("agent_sleepy") && error.contains("agent_stuck"), "{error}");
    }

    #[test]
    fn figures_that_make_no_sense_are_named() {
        let problems_of = |text: &str, enabled| {
            let mut problems = Vec::new();
            serde_json::from_str::<Condition>(text).unwrap().problems(enabled, &mut problems);
            problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>()
        };
        assert_eq!(problems_of(r#"{"type":"heartbeat_lost","seconds":0}"#, true), ["condition.seconds"]);
        assert_eq!(problems_of(r#"{"type":"cost_threshold","period":"day"}"#, true), ["condition.usd"]);
        assert!(problems_of(r#"{"type":"cost_threshold","period":"day"}"#, false).is_empty());
        assert_eq!(
            problems_of(r#"{"type":"cost_threshold","usd":1,"period":"day","window_seconds":5}"#, true),
            ["condition.period"]
        );
        assert_eq!(problems_of(r#"{"type":"queue_backlog"}"#, true), ["condition.depth"]);
        assert_eq!(
            problems_of(r#"{"type":"error_rate","percent":0,"window_seconds":60}"#, true),
            ["condition.percent"]
        );
    }
}
