//! An alert as the API, the stream and the channels show it.

use hiveboard_alerts::Alert;
use hiveboard_settings::{AlertRecord, ChannelRecord, DeliveryRecord};
use hiveboard_wire::{Mode, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::config::Config;

/// One thing a rule found, and what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlertView {
    #[serde(flatten)]
    pub alert: Alert,
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
    pub fn new(mut alert: Alert, config: &Config, mode: Mode) -> Self {
        alert.link = link(config, mode, &alert.link);
        if !alert.threshold.is_finite() {
            alert.threshold = 0.0;
        }
        Self { alert, acknowledged_at: None, acknowledged_by: None, deliveries: Vec::new() }
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
