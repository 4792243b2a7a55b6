//! Recent heartbeats of an agent, with what they carried.

use std::collections::BTreeMap;

use hiveboard_wire::{OrderKey, StoredEvent, Timestamp};
use serde::{Deserialize, Serialize};

use crate::view::HeartbeatView;

/// Heartbeats kept an agent.
const MOST: usize = 20;
/// Payloads above this are left to the event.
const PAYLOAD_BYTES: usize = 4 * 1024;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Heartbeat {
    received_micros: i64,
    summary: Option<Box<str>>,
    /// JSON object.
    payload: Option<Box<str>>,
}

/// The latest by the agent's clock.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heartbeats(BTreeMap<OrderKey, Heartbeat>);

impl Heartbeats {
    /// Answers the one that had to go: an older one, or this one itself.
    pub(crate) fn fold(&mut self, key: &OrderKey, stored: &StoredEvent, summary: Option<&str>) -> Option<OrderKey> {
        let payload = stored.event.payload.as_deref().map(serde_json::value::RawValue::get);
        let heartbeat = Heartbeat {
            received_micros: stored.received_at.micros(),
            summary: summary.map(Into::into),
            payload: payload.filter(|payload| payload.len() <= PAYLOAD_BYTES).map(Into::into),
        };
        self.0.insert(key.clone(), heartbeat);
        if self.0.len() > MOST { self.0.pop_first().map(|(key, _)| key) } else { None }
    }

    pub(crate) fn get(&self, key: &OrderKey) -> Option<&Heartbeat> {
        self.0.get(key)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &OrderKey> {
        self.0.keys()
    }

    pub(crate) fn put(&mut self, key: OrderKey, heartbeat: Heartbeat) {
        self.0.insert(key, heartbeat);
    }

    /// Newest first.
    pub(crate) fn views(&self) -> Vec<HeartbeatView> {
        let view = |(key, heartbeat): (&OrderKey, &Heartbeat)| HeartbeatView {
            timestamp: key.timestamp,
            received_at: Timestamp(heartbeat.received_micros),
            summary: heartbeat.summary.as_deref().map(str::to_owned),
            payload: heartbeat.payload.as_deref().and_then(|json| serde_json::from_str(json).ok()),
        };
        self.0.iter().rev().map(view).collect()
    }
}
