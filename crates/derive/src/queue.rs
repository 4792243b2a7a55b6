//! The latest snapshots an agent sent: its queue and its schedule.

use hiveboard_wire::{
    Timestamp,
    body::{QueueSnapshot, Scheduled},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::view::{QueueView, ScheduledView};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Queue {
    depth: Option<u64>,
    oldest_age_seconds: Option<f64>,
    /// JSON list.
    items: Option<Box<str>>,
    /// JSON object.
    processing: Option<Box<str>>,
}

fn list(json: Option<&str>) -> Vec<Value> {
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

impl Queue {
    pub(crate) fn new(snapshot: &QueueSnapshot) -> Self {
        Self {
            depth: snapshot.depth,
            oldest_age_seconds: snapshot.oldest_age_seconds,
            items: snapshot.items.clone(),
            processing: snapshot.processing.clone(),
        }
    }

    /// As said, else as many as were listed.
    pub(crate) fn depth(&self) -> u64 {
        self.depth.unwrap_or_else(|| list(self.items.as_deref()).len() as u64)
    }

    pub(crate) fn view(&self, at: Timestamp, now: Timestamp) -> QueueView {
        QueueView {
            depth: self.depth(),
            oldest_age_seconds: self.oldest_age_seconds,
            items: list(self.items.as_deref()),
            processing: self.processing.as_deref().and_then(|json| serde_json::from_str(json).ok()),
            snapshot_at: at,
            snapshot_age_seconds: now.seconds_since(at).max(0.0),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Schedule {
    /// JSON list.
    items: Option<Box<str>>,
}

impl Schedule {
    pub(crate) fn new(scheduled: &Scheduled) -> Self {
        Self { items: scheduled.items.clone() }
    }

    pub(crate) fn view(&self, at: Timestamp) -> ScheduledView {
        ScheduledView { items: list(self.items.as_deref()), reported_at: at }
    }
}
