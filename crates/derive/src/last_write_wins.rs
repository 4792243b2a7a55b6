//! The last writer by the order of events, not of arrival.

use hiveboard_wire::{EventId, OrderKey, Timestamp};
use serde::{Deserialize, Serialize};

/// A value with the place of the event that gave it.
#[derive(Debug, Clone)]
pub(crate) struct LastWrite<T> {
    pub(crate) key: OrderKey,
    pub(crate) value: T,
}

/// Replaces the value when `key` is later than the one it came with; true when it did.
pub(crate) fn offer<T>(slot: &mut Option<LastWrite<T>>, key: &OrderKey, value: impl FnOnce() -> T) -> bool {
    if slot.as_ref().is_some_and(|known| known.key >= *key) {
        return false;
    }
    *slot = Some(LastWrite { key: key.clone(), value: value() });
    true
}

/// [`OrderKey`] in rows: microseconds instead of text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeyRow(i64, u8, EventId);

impl From<&OrderKey> for KeyRow {
    fn from(key: &OrderKey) -> Self {
        Self(key.timestamp.micros(), key.rank, key.event_id.clone())
    }
}

impl From<KeyRow> for OrderKey {
    fn from(KeyRow(micros, rank, event_id): KeyRow) -> Self {
        Self { timestamp: Timestamp(micros), rank, event_id }
    }
}

/// [`LastWrite`] in rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LastWriteRow<T> {
    key: KeyRow,
    pub(crate) value: T,
}

impl<T> LastWrite<T> {
    pub(crate) fn to_row<R>(&self, value: impl FnOnce(&T) -> R) -> LastWriteRow<R> {
        LastWriteRow { key: KeyRow::from(&self.key), value: value(&self.value) }
    }

    pub(crate) fn from_row<R>(row: LastWriteRow<R>, value: impl FnOnce(R) -> T) -> Self {
        Self { key: row.key.into(), value: value(row.value) }
    }
}
