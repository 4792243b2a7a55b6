//! What the insights find, as facts for rules.

use hiveboard_alerts::{condition::InsightSeverity, facts::InsightFacts};
use hiveboard_insights::{Insight, Severity};
use hiveboard_wire::{ErrorCode, Scope, Timestamp};

use crate::{
    app::App,
    error::ApiResult,
    insights::{Question, compute},
};

/// Over the last day. `None` while the insights are still being gathered after a start: what is open then stays open.
pub(super) fn look(app: &App, scope: Scope, now: Timestamp) -> ApiResult<Option<Vec<InsightFacts>>> {
    let question = Question {
        since: now.plus_seconds(-86_400),
        until: now,
        project_id: None,
        agent_id: None,
        environment: None,
        group: None,
        kinds: Vec::new(),
    };
    match compute(app, scope, &question) {
        Ok(answer) => Ok(Some(answer.insights.iter().map(facts).collect())),
        Err(error) if error.code() == ErrorCode::NotReady => Ok(None),
        Err(error) => Err(error),
    }
}

fn facts(insight: &Insight) -> InsightFacts {
    // What it is about, not its figures: these change while the finding stays.
    let about = [&insight.agent_id, &insight.project_id, &insight.task_type, &insight.model, &insight.action_name];
    let key: Vec<&str> = about.iter().map(|part| part.as_deref().unwrap_or("")).collect();
    InsightFacts {
        kind: insight.kind.as_str().into(),
        key: key.join("\u{1f}").into(),
        severity: match insight.severity {
            Severity::Info => InsightSeverity::Info,
            Severity::Warning => InsightSeverity::Warning,
            Severity::Critical => InsightSeverity::Critical,
        },
        title: insight.title.clone(),
        suggestion: Some(insight.suggestion.clone()).filter(|text| !text.is_empty()),
        agent_id: insight.agent_id.as_deref().map(Into::into),
        project_id: insight.project_id.as_deref().map(Into::into),
        task_type: insight.task_type.as_deref().map(Into::into),
        value: insight.value,
        unit: insight.unit.clone(),
        since: insight.since,
    }
}
