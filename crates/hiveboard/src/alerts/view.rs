//! An alert as the API, the stream and the channels show it.

use hiveboard_alerts::{Alert, AlertState, Severity, Subject};
use hiveboard_settings::{AlertRecord, ChannelRecord, DeliveryRecord};
use hiveboard_wire::{Mode, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::config::Config;

/// One thing a rule found, from firing to resolved.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlertView {
    pub alert_id: String,
    pub rule_id: String,
    pub rule_name: String,
    /// The condition's type.
    pub condition: String,
    pub severity: Severity,
    pub state: AlertState,
    pub subject: Subject,
    /// The figure when it fired, what it is compared with, and the unit of both.
    pub value: f64,
    pub threshold: f64,
    pub unit: String,
    /// One sentence a person can act on.
    pub summary: String,
    /// Why it matters, and what to do first.
    pub advice: String,
    /// What was known when it fired, by name.
    #[schema(value_type = Object)]
    pub evidence: serde_json::Map<String, serde_json::Value>,
    /// The page of the board that shows it.
    pub link: String,
    /// Since when it has been so.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When the rule fired.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    /// How it ended.
    pub resolution: Option<String>,
    /// It fired while its rule was muted: no channel heard of it.
    pub muted: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged_at: Option<Timestamp>,
    pub acknowledged_by: Option<String>,
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
    pub fn new(alert: Alert, config: &Config, mode: Mode) -> Self {
        Self {
            link: link(config, mode, &alert.link),
            alert_id: alert.alert_id,
            rule_id: alert.rule_id,
            rule_name: alert.rule_name,
            condition: alert.condition,
            severity: alert.severity,
            state: alert.state,
            subject: alert.subject,
            value: alert.value,
            threshold: if alert.threshold.is_finite() { alert.threshold } else { 0.0 },
            unit: alert.unit,
            summary: alert.summary,
            advice: alert.advice,
            evidence: alert.evidence,
            since: alert.since,
            started_at: alert.started_at,
            resolved_at: alert.resolved_at,
            resolution: alert.resolution,
            muted: alert.muted,
            acknowledged_at: None,
            acknowledged_by: None,
            deliveries: Vec::new(),
        }
    }

    /// As it was written down; `None` when that cannot be read.
    pub fn of_record(
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

/// As it is written down.
pub(super) fn record(alert: &Alert) -> AlertRecord {
    AlertRecord {
        alert_id: Uuid::parse_str(&alert.alert_id).unwrap_or_default(),
        rule_id: alert.rule_id.clone(),
        subject: alert.subject.key(),
        severity: alert.severity.as_str().to_owned(),
        agent_id: alert.subject.agent_id().map(ToString::to_string),
        task_id: alert.subject.task_id().map(str::to_owned),
        project_id: alert.subject.project_id().map(str::to_owned),
        started_at: alert.started_at,
        resolved_at: alert.resolved_at,
        acknowledged_at: None,
        acknowledged_by: None,
        body: serde_json::to_string(alert).expect("alerts are plain data"),
    }
}
