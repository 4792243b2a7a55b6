//! An alert as the API, the stream and the channels show it.

use hiveboard_alerts::{Alert, Words, words};
use hiveboard_derive::view::TaskStatus;
use hiveboard_settings::{AlertRecord, ChannelRecord, DeliveryRecord};
use hiveboard_wire::{Mode, RunKey, Scope, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::engine;
use crate::{app::App, config::Config};

/// One thing a rule found, and what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlertView {
    #[serde(flatten)]
    pub alert: Alert,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged_at: Option<Timestamp>,
    pub acknowledged_by: Option<String>,
    /// What it said when it fired, and channels heard; `null` where it still says that.
    pub told: Option<Words>,
    pub deliveries: Vec<DeliveryView>,
}

/// Whether a channel heard of an alert.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeliveryView {
    /// The same on every attempt.
    pub delivery_id: String,
    pub alert_id: Option<String>,
    pub channel_id: String,
    /// `null` for a channel that was deleted.
    pub channel_name: Option<String>,
    /// alert.firing, alert.resolved or alert.test
    pub kind: String,
    /// waiting, delivered or dead
    pub status: &'static str,
    /// How often it was tried.
    pub attempt: u32,
    /// When it was tried last, or when it was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When it is tried next.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    pub error: Option<String>,
}

impl DeliveryView {
    pub fn new(record: &DeliveryRecord, channels: &[ChannelRecord]) -> Self {
        let channel = channels.iter().find(|channel| channel.channel_id == record.channel_id);
        let waits = record.state == hiveboard_settings::DeliveryState::Waiting;
        Self {
            delivery_id: record.delivery_id.to_string(),
            alert_id: record.alert_id.map(|id| id.to_string()),
            channel_id: record.channel_id.to_string(),
            channel_name: channel.map(|channel| channel.name.clone()),
            kind: record.kind.clone(),
            status: record.state.as_str(),
            attempt: record.attempt,
            at: record.tried_at.unwrap_or(record.created_at),
            next_at: waits.then_some(record.due_at),
            error: record.error.clone(),
        }
    }
}

/// The board's address, with a path of it.
pub fn link(config: &Config, mode: Mode, path: &str) -> String {
    let base = crate::server::board_url(config, config.addr);
    let mark = if path.contains('?') { '&' } else { '?' };
    match mode {
        Mode::Live => format!("{base}{path}"),
        Mode::Test => format!("{base}{path}{mark}mode=test"),
    }
}

impl AlertView {
    pub fn new(mut alert: Alert, config: &Config, mode: Mode) -> Self {
        alert.link = link(config, mode, &alert.link);
        if !alert.threshold.is_finite() {
            alert.threshold = 0.0;
        }
        Self { alert, acknowledged_at: None, acknowledged_by: None, told: None, deliveries: Vec::new() }
    }

    /// What it says by now, beside what it said.
    fn say(&mut self, words: Words) {
        let alert = &mut self.alert;
        let told = Words {
            value: std::mem::replace(&mut alert.value, words.value),
            summary: std::mem::replace(&mut alert.summary, words.summary),
            evidence: std::mem::replace(&mut alert.evidence, words.evidence),
        };
        self.told.get_or_insert(told);
    }

    /// As it was written down; `None` when that cannot be read.
    fn of_record(
        record: &AlertRecord,
        deliveries: &[DeliveryRecord],
        channels: &[ChannelRecord],
        config: &Config,
        mode: Mode,
    ) -> Option<Self> {
        let alert: Alert = serde_json::from_str(&record.body).ok()?;
        let mut view = Self::new(alert, config, mode);
        view.acknowledged_at = record.acknowledged_at;
        view.acknowledged_by.clone_from(&record.acknowledged_by);
        view.deliveries = deliveries
            .iter()
            .filter(|delivery| delivery.alert_id == Some(record.alert_id))
            .map(|delivery| DeliveryView::new(delivery, channels))
            .collect();
        Some(view)
    }
}

/// Alerts as they are shown: what was written down, and what is so by now.
pub fn of_records(app: &App, scope: Scope, records: &[AlertRecord]) -> hiveboard_settings::Result<Vec<AlertView>> {
    let ids: Vec<Uuid> = records.iter().map(|record| record.alert_id).collect();
    let deliveries = app.settings.deliveries_of(scope, &ids)?;
    let channels = app.settings.alert_channels(scope.workspace)?;
    let view = |record| AlertView::of_record(record, &deliveries, &channels, &app.config, scope.mode);
    let mut views: Vec<AlertView> = records.iter().filter_map(view).collect();
    let mut by_now = engine::by_now(app, scope, views.iter().map(|view| &view.alert));
    for view in &mut views {
        if let Some((words, path)) = by_now.remove(&view.alert.alert_id) {
            view.alert.link = link(&app.config, scope.mode, &path);
            view.say(words);
        }
        if let Some(words) = went_on(app, scope, &view.alert) {
            view.say(words);
        }
    }
    Ok(views)
}

/// What became of the failed run that an alert names last, when it fired and by now: it may have been tried again since.
fn went_on(app: &App, scope: Scope, alert: &Alert) -> Option<Words> {
    let named = alert.evidence.get(words::LAST_FAILED)?;
    let text = |name: &str| named.get(name).and_then(serde_json::Value::as_str);
    let key = RunKey {
        agent_id: text("agent_id")?.into(),
        task_id: text("task_id")?.into(),
        task_run_id: text("task_run_id")?.into(),
    };
    let now = app.clock.now();
    let (run, latest) = app.derived.look(scope, |projections| {
        let run = projections.run(&key, now).ok()??.derived_status;
        if run != TaskStatus::Failed {
            return Some((run, run));
        }
        let latest = projections.runs_of_task(&key.task_id, Some(&key.agent_id), 1, now).ok()?.0.pop();
        Some((run, latest.map_or(run, |latest| latest.derived_status)))
    })?;
    let summary = words::went_on(&alert.summary, run, latest)?;
    let mut evidence = alert.evidence.clone();
    if let Some(last) = evidence.get_mut(words::LAST_FAILED).and_then(serde_json::Value::as_object_mut) {
        last.insert("status_now".to_owned(), run.as_str().into());
        last.insert("latest_run_status".to_owned(), latest.as_str().into());
    }
    Some(Words { value: alert.value, summary, evidence })
}

/// As it is written down.
pub(super) fn record(alert: &Alert) -> AlertRecord {
    AlertRecord {
        alert_id: Uuid::parse_str(&alert.alert_id).unwrap_or_default(),
        rule_id: alert.rule_id.clone(),
        subject: alert.subject.key(),
        severity: alert.severity.as_str().to_owned(),
        agent_id: alert.labels.agent_id.clone(),
        task_id: alert.labels.task_id.clone(),
        project_id: alert.labels.project_id.clone(),
        environment: alert.labels.environment.clone(),
        group: alert.labels.group.clone(),
        started_at: alert.started_at,
        resolved_at: alert.resolved_at,
        acknowledged_at: None,
        acknowledged_by: None,
        body: serde_json::to_string(alert).expect("alerts are plain data"),
    }
}
