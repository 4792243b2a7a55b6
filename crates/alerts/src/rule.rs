//! A rule: what is watched, where, and how often people hear of it.

use hiveboard_wire::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::condition::Condition;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AlertSeverity)]
pub enum Severity {
    Warning,
    Critical,
}

impl Severity {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Warning, Self::Critical].into_iter().find(|severity| severity.as_str() == text)
    }
}

/// Where a rule looks. All that is given must match; without any, everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleScope {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_type: Option<String>,
    /// Of an agent's own conditions: agents that worked for the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// For conditions that look at runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_type: Option<String>,
}

/// The labels of something that a scope may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Labels<'a> {
    pub agent_id: &'a str,
    pub agent_type: &'a str,
    pub environment: &'a str,
    pub group: &'a str,
    pub project_id: Option<&'a str>,
    pub task_type: Option<&'a str>,
}

fn is(wanted: Option<&String>, given: &str) -> bool {
    wanted.is_none_or(|wanted| wanted == given)
}

fn is_some(wanted: Option<&String>, given: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| given == Some(wanted))
}

impl RuleScope {
    /// Whether an event, a run or a call with these labels is meant.
    pub fn holds(&self, labels: &Labels<'_>) -> bool {
        is(self.agent_id.as_ref(), labels.agent_id)
            && is(self.agent_type.as_ref(), labels.agent_type)
            && is(self.environment.as_ref(), labels.environment)
            && is(self.group.as_ref(), labels.group)
            && is_some(self.project_id.as_ref(), labels.project_id)
            && is_some(self.task_type.as_ref(), labels.task_type)
    }

    /// Whether an agent that worked for these projects is meant.
    pub fn holds_agent<'a>(&self, labels: &Labels<'_>, mut projects: impl Iterator<Item = &'a str>) -> bool {
        is(self.agent_id.as_ref(), labels.agent_id)
            && is(self.agent_type.as_ref(), labels.agent_type)
            && is(self.environment.as_ref(), labels.environment)
            && is(self.group.as_ref(), labels.group)
            && self.project_id.as_deref().is_none_or(|wanted| projects.any(|project| project == wanted))
    }

    /// For people: `agent "a" in production`.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        for (what, value) in [
            ("agent", &self.agent_id),
            ("agents of type", &self.agent_type),
            ("project", &self.project_id),
            ("environment", &self.environment),
            ("group", &self.group),
            ("task type", &self.task_type),
        ] {
            if let Some(value) = value {
                parts.push(format!("{what} {value}"));
            }
        }
        if parts.is_empty() { "the whole workspace".to_owned() } else { parts.join(", ") }
    }
}

const fn cooldown() -> u64 {
    300
}

const fn yes() -> bool {
    true
}

/// A rule as people write it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleDraft {
    /// For people, 1 to 200 characters.
    pub name: String,
    pub condition: Condition,
    #[serde(default)]
    pub scope: RuleScope,
    pub severity: Severity,
    /// How long the condition must hold without a break before the rule fires.
    #[serde(default)]
    pub for_seconds: u64,
    /// After an alert is resolved, the same subject fires again no sooner than so many seconds later.
    #[serde(default = "cooldown")]
    pub cooldown_seconds: u64,
    /// Whether the channels hear that it is over.
    #[serde(default = "yes")]
    pub notify_resolved: bool,
    /// Ids of channels, 20 at most; the board always shows the alert.
    #[serde(default)]
    pub channels: Vec<String>,
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Until then alerts are kept and shown, and no channel hears of them; one that still fires then is told.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub muted_until: Option<Timestamp>,
}

/// What of a rule makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    pub field: String,
    pub what: String,
}

impl FieldProblem {
    pub fn new(field: &str, what: &str) -> Self {
        Self { field: field.to_owned(), what: what.to_owned() }
    }
}

const MOST_CHARACTERS: usize = 256;
const MOST_CHANNELS: usize = 20;
const MOST_SECONDS: u64 = 7 * 86_400;

impl RuleDraft {
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if self.name.trim().is_empty() || self.name.chars().count() > 200 {
            problems.push(FieldProblem::new("name", "must have 1 to 200 characters"));
        }
        self.condition.problems(self.enabled, &mut problems);
        let scope = &self.scope;
        for (field, value) in [
            ("scope.agent_id", &scope.agent_id),
            ("scope.agent_type", &scope.agent_type),
            ("scope.project_id", &scope.project_id),
            ("scope.environment", &scope.environment),
            ("scope.group", &scope.group),
            ("scope.task_type", &scope.task_type),
        ] {
            if value.as_ref().is_some_and(|text| text.is_empty() || text.chars().count() > MOST_CHARACTERS) {
                problems.push(FieldProblem::new(field, "must have 1 to 256 characters; leave it out for all"));
            }
        }
        if scope.task_type.is_some() && !self.condition.knows_task_types() {
            let what = format!("narrows runs, and {} does not look at runs", self.condition.type_name());
            problems.push(FieldProblem::new("scope.task_type", &what));
        }
        for (field, seconds) in [("for_seconds", self.for_seconds), ("cooldown_seconds", self.cooldown_seconds)] {
            if seconds > MOST_SECONDS {
                problems.push(FieldProblem::new(field, "must be at most 604800 (7 days)"));
            }
        }
        if self.channels.len() > MOST_CHANNELS {
            problems.push(FieldProblem::new("channels", "may name 20 channels at most"));
        }
        problems
    }
}

/// A rule that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub rule_id: String,
    pub draft: RuleDraft,
    /// What happened before is none of its business.
    pub created_at: Timestamp,
}

/// Those that a workspace begins with: the first page then says what needs someone.
pub fn first_rules() -> Vec<RuleDraft> {
    let rule = |name: &str, condition, severity, enabled| RuleDraft {
        name: name.to_owned(),
        condition,
        scope: RuleScope::default(),
        severity,
        for_seconds: 0,
        cooldown_seconds: cooldown(),
        notify_resolved: true,
        channels: Vec::new(),
        enabled,
        muted_until: None,
    };
    vec![
        rule("Agent stuck", Condition::AgentStuck {}, Severity::Critical, true),
        rule("Task failed", Condition::TaskFailed { count: 1, window_seconds: 900 }, Severity::Warning, true),
        rule("Approval waiting for 15 minutes", Condition::ApprovalWaiting { seconds: 900 }, Severity::Warning, true),
        rule(
            "Cost per day",
            Condition::CostThreshold {
                usd: None,
                window_seconds: None,
                period: Some(crate::condition::Period::Day),
                utc_offset: None,
                by: crate::condition::SpentBy::Workspace,
            },
            Severity::Warning,
            false,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rules_make_sense() {
        for rule in first_rules() {
            assert_eq!(rule.problems(), [], "{}", rule.name);
        }
    }

    #[test]
    fn a_scope_holds_what_matches_all_it_says() {
        let labels = Labels {
            agent_id: "a",
            agent_type: "coder",
            environment: "production",
            group: "g",
            project_id: Some("p"),
            task_type: None,
        };
        assert!(RuleScope::default().holds(&labels));
        let of = |text: &str| serde_json::from_str::<RuleScope>(text).unwrap();
        assert!(of(r#"{"agent_id":"a","project_id":"p"}"#).holds(&labels));
        assert!(!of(r#"{"agent_id":"a","project_id":"q"}"#).holds(&labels));
        assert!(!of(r#"{"task_type":"t"}"#).holds(&labels));
        assert!(of(r#"{"project_id":"q"}"#).holds_agent(&labels, ["p", "q"].into_iter()));
        assert!(!of(r#"{"project_id":"r"}"#).holds_agent(&labels, ["p", "q"].into_iter()));
    }

    #[test]
    fn a_task_type_narrows_only_what_looks_at_runs() {
        let mut draft = first_rules().remove(0);
        draft.scope.task_type = Some("t".to_owned());
        assert_eq!(draft.problems()[0].field, "scope.task_type");
    }
}
