//! What is said of what was found.

use hiveboard_wire::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    aggregates::Aggregates,
    figure::{self, Unit},
    kind::{Kind, Severity},
    link::{Link, Seen},
};

/// A figure, and where on the board it can be looked up.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Evidence {
    pub label: String,
    pub value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// On the board, from its root: `/tasks?status=failed&…`.
    pub link: String,
}

/// Something that the figures say.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Insight {
    pub kind: Kind,
    pub severity: Severity,
    /// A sentence whose figures are all among the evidence.
    pub title: String,
    pub agent_id: Option<String>,
    pub project_id: Option<String>,
    pub task_type: Option<String>,
    pub model: Option<String>,
    pub action_name: Option<String>,
    /// What stands out.
    pub value: f64,
    /// What it stands out from; `null` where there is nothing to compare with.
    pub baseline: Option<f64>,
    /// Of `value` and `baseline`.
    pub unit: String,
    /// From when on was looked.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    pub evidence: Vec<Evidence>,
    /// At most 10 that show it.
    pub task_ids: Vec<String>,
    pub suggestion: String,
    /// What the board cannot know by itself: whose tasks show it.
    #[serde(skip)]
    pub examples: Examples,
    /// What it costs, to sort by.
    #[serde(skip)]
    pub dollars: f64,
}

/// Where the tasks that show an insight are to be found, for whoever can look them up.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Examples {
    /// None, or they are given.
    #[default]
    Given,
    /// The newest runs of these labels.
    Runs(RunsMeant),
    /// Runs in which an action failed.
    Failures { agent_id: String, action_name: String },
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunsMeant {
    pub agent_id: Option<String>,
    pub task_type: Option<String>,
    pub agent_version: Option<String>,
    pub only_failed: bool,
    pub dearest_first: bool,
    pub slowest_first: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckedResult {
    Found,
    Nothing,
    /// Below the kind's least sample: it says nothing either way.
    NotEnoughData,
}

/// Whether a kind found something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Checked {
    pub kind: Kind,
    pub result: CheckedResult,
    /// How many (runs, calls, heartbeats, …: whatever the kind is about) were looked at.
    pub looked_at: u64,
}

/// What a kind says of the aggregates.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) looked_at: u64,
    pub(crate) enough: bool,
    pub(crate) insights: Vec<Insight>,
}

impl Verdict {
    pub(crate) fn of(looked_at: u64, enough: bool, insights: Vec<Insight>) -> Self {
        Self { looked_at, enough, insights }
    }

    pub(crate) fn result(&self) -> CheckedResult {
        match (self.insights.is_empty(), self.enough) {
            (false, _) => CheckedResult::Found,
            (true, true) => CheckedResult::Nothing,
            (true, false) => CheckedResult::NotEnoughData,
        }
    }
}

impl Insight {
    pub(crate) fn new(kind: Kind, severity: Severity, all: &Aggregates) -> Self {
        Self {
            kind,
            severity,
            title: String::new(),
            agent_id: all.seen.agent_id.clone(),
            project_id: all.seen.project_id.clone(),
            task_type: None,
            model: None,
            action_name: None,
            value: 0.0,
            baseline: None,
            unit: String::new(),
            since: all.since,
            evidence: Vec::new(),
            task_ids: Vec::new(),
            suggestion: String::new(),
            examples: Examples::Given,
            dollars: 0.0,
        }
    }

    /// Adds evidence, and answers it as it stands in the title.
    pub(crate) fn figure(&mut self, label: &str, value: f64, unit: Unit, link: Link) -> String {
        // Kept to six digits that say something: the rest is noise of adding.
        let value = rounded(value);
        self.evidence.push(Evidence {
            label: label.to_owned(),
            value,
            unit: Some(unit.name().to_owned()),
            link: link.into_text(),
        });
        figure::text(value, unit)
    }

    /// What stands out, and from what.
    pub(crate) fn stands_out(&mut self, value: f64, baseline: Option<f64>, unit: Unit) {
        self.value = rounded(value);
        self.baseline = baseline.map(rounded);
        unit.name().clone_into(&mut self.unit);
    }

    /// Tells it apart from others of its kind, whatever its figures are: for whoever remembers what was found before.
    pub fn subject(&self) -> String {
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            self.kind.as_str().to_owned(),
            part(&self.agent_id),
            part(&self.project_id),
            part(&self.task_type),
            part(&self.model),
            part(&self.action_name),
        ]
        .join("\u{1f}")
    }
}

impl Seen {
    /// The window as links carry it.
    pub(crate) fn of(all: &Aggregates) -> &Self {
        &all.seen
    }
}

fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10_f64.powi(5 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}
