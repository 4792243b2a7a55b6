//! Problems that an agent reports, grouped.

use hiveboard_wire::{
    OrderKey, Timestamp,
    body::{Issue as IssueBody, IssueAction},
};
use serde::{Deserialize, Serialize};

use crate::{
    last_write_wins::{LastWrite, LastWriteRow, offer},
    packed::{Given, Keys, KeysBuilder, Pack},
    view::{IssueStatus, IssueView},
};

/// Contexts above this are left to the event.
const CONTEXT_BYTES: usize = 8 * 1024;

/// Identity of an issue: its id, else its summary in lower case with white space collapsed.
pub(crate) fn issue_id(issue: &IssueBody) -> Box<str> {
    match issue.issue_id.as_deref() {
        Some(id) if !id.is_empty() => id.into(),
        _ => normalised(issue.summary.as_deref().unwrap_or_default()),
    }
}

pub(crate) fn normalised(summary: &str) -> Box<str> {
    let words: Vec<String> = summary.split_whitespace().map(str::to_lowercase).collect();
    let text = words.join(" ");
    let text = text.trim_end_matches(['.', '!', '…']).trim_end();
    if text.is_empty() { "(no summary)".into() } else { text.into() }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    summary: Option<Box<str>>,
    severity: Option<Box<str>>,
    category: Option<Box<str>>,
    /// JSON.
    context: Option<Box<str>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Issue {
    reports: u64,
    /// The agent's own count, the greatest it gave.
    counted: u64,
    first: Timestamp,
    last: Timestamp,
    /// By reports alone; `first` and `last` stand in where none arrived.
    first_report: Option<Timestamp>,
    last_report: Option<Timestamp>,
    report: Option<LastWrite<Report>>,
    action: Option<LastWrite<IssueAction>>,
    /// Of the latest event, for an issue whose report never arrived.
    said: Option<LastWrite<Option<Box<str>>>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IssueRow {
    counts: (u64, u64),
    span: (i64, i64),
    reported: Option<(i64, i64)>,
    report: Option<LastWriteRow<Report>>,
    action: Option<LastWriteRow<IssueAction>>,
    said: Option<LastWriteRow<Option<Box<str>>>>,
}

impl Issue {
    pub(crate) fn new() -> Self {
        Self {
            reports: 0,
            counted: 0,
            first: Timestamp::MAX,
            last: Timestamp::MIN,
            first_report: None,
            last_report: None,
            report: None,
            action: None,
            said: None,
        }
    }

    pub(crate) fn fold(&mut self, key: &OrderKey, body: &IssueBody) {
        let at = key.timestamp;
        self.first = self.first.min(at);
        self.last = self.last.max(at);
        self.counted = self.counted.max(body.occurrence_count.unwrap_or(0));
        offer(&mut self.action, key, || body.action);
        offer(&mut self.said, key, || body.summary.clone());
        if body.action == IssueAction::Reported {
            self.reports += 1;
            self.first_report = Some(self.first_report.map_or(at, |first| first.min(at)));
            self.last_report = self.last_report.max(Some(at));
            offer(&mut self.report, key, || Report {
                summary: body.summary.clone(),
                severity: body.severity.clone(),
                category: body.category.clone(),
                context: body.context.clone().filter(|context| context.len() <= CONTEXT_BYTES),
            });
        }
    }

    fn status(&self) -> IssueStatus {
        match self.action.as_ref().map(|latest| latest.value) {
            None | Some(IssueAction::Reported) => IssueStatus::Open,
            Some(IssueAction::Resolved) => IssueStatus::Resolved,
            Some(IssueAction::Dismissed) => IssueStatus::Dismissed,
        }
    }

    /// As its latest report has it.
    fn severity(&self) -> &'static str {
        known_severity(self.report.as_ref().and_then(|latest| latest.value.severity.as_deref()))
    }

    pub(crate) fn view(&self, issue_id: &str) -> IssueView {
        let report = self.report.as_ref().map(|latest| &latest.value);
        let said = self.said.as_ref().and_then(|latest| latest.value.as_deref());
        IssueView {
            issue_id: issue_id.to_owned(),
            summary: report.map_or(said, |report| report.summary.as_deref()).map(str::to_owned),
            severity: self.severity().to_owned(),
            category: report.and_then(|report| report.category.as_deref()).map(str::to_owned),
            status: self.status(),
            occurrences: self.reports.max(self.counted),
            first_seen: self.first_report.unwrap_or(self.first),
            last_seen: self.last_report.unwrap_or(self.last),
            context: report
                .and_then(|report| report.context.as_deref())
                .and_then(|context| serde_json::from_str(context).ok()),
        }
    }

    pub(crate) fn to_row(&self) -> IssueRow {
        IssueRow {
            counts: (self.reports, self.counted),
            span: (self.first.micros(), self.last.micros()),
            reported: self.first_report.zip(self.last_report).map(|(first, last)| (first.micros(), last.micros())),
            report: self.report.as_ref().map(|latest| latest.to_row(Clone::clone)),
            action: self.action.as_ref().map(|latest| latest.to_row(|action| *action)),
            said: self.said.as_ref().map(|latest| latest.to_row(Clone::clone)),
        }
    }

    pub(crate) fn from_row(row: IssueRow) -> Self {
        Self {
            reports: row.counts.0,
            counted: row.counts.1,
            first: Timestamp(row.span.0),
            last: Timestamp(row.span.1),
            first_report: row.reported.map(|(first, _)| Timestamp(first)),
            last_report: row.reported.map(|(_, last)| Timestamp(last)),
            report: row.report.map(|row| LastWrite::from_row(row, |value| value)),
            action: row.action.map(|row| LastWrite::from_row(row, |value| value)),
            said: row.said.map(|row| LastWrite::from_row(row, |value| value)),
        }
    }
}

/// What counts and orders of issues go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IssueGlance {
    pub(crate) last: Timestamp,
    pub(crate) status: IssueStatus,
    pub(crate) severity: &'static str,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IssueForm<'a> {
    counts: (u64, u64),
    span: (i64, i64),
    reported: (Option<i64>, Option<i64>),
    #[serde(borrow)]
    keys: Keys<'a>,
    /// Summary, severity, category, context.
    report: Given<[Option<&'a str>; 4]>,
    action: Given<IssueAction>,
    said: Given<Option<&'a str>>,
}

impl Pack for Issue {
    type Form<'a> = IssueForm<'a>;
    type Glance = IssueGlance;

    fn form(&self) -> IssueForm<'_> {
        let mut keys = KeysBuilder::default();
        let report = keys.give(self.report.as_ref(), |Report { summary, severity, category, context }| {
            [summary, severity, category, context].map(Option::as_deref)
        });
        let action = keys.give(self.action.as_ref(), |action| *action);
        let said = keys.give(self.said.as_ref(), Option::as_deref);
        IssueForm {
            counts: (self.reports, self.counted),
            span: (self.first.micros(), self.last.micros()),
            reported: (self.first_report.map(Timestamp::micros), self.last_report.map(Timestamp::micros)),
            keys: keys.keys(),
            report,
            action,
            said,
        }
    }

    fn from_form(form: IssueForm<'_>) -> Self {
        let keys = form.keys;
        let text = |text: Option<&str>| text.map(Box::from);
        Self {
            reports: form.counts.0,
            counted: form.counts.1,
            first: Timestamp(form.span.0),
            last: Timestamp(form.span.1),
            first_report: form.reported.0.map(Timestamp),
            last_report: form.reported.1.map(Timestamp),
            report: keys.take(form.report, |texts| {
                let [summary, severity, category, context] = texts.map(text);
                Report { summary, severity, category, context }
            }),
            action: keys.take(form.action, |action| action),
            said: keys.take(form.said, text),
        }
    }

    fn glance(&self) -> IssueGlance {
        IssueGlance { last: self.last, status: self.status(), severity: self.severity() }
    }
}

/// One of the four; `medium` for what is none of them.
fn known_severity(given: Option<&str>) -> &'static str {
    ["low", "medium", "high", "critical"].into_iter().find(|known| Some(*known) == given).unwrap_or("medium")
}

/// The most pressing first.
pub(crate) fn severity_rank(severity: &str) -> u8 {
    match severity {
        "critical" => 0,
        "high" => 1,
        "medium" => 2,
        _ => 3,
    }
}
