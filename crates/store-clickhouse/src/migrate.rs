//! From another store: its events under their own numbers, and the proof that all are there.
//!
//! A partition takes events in their order, so its head says how far a copy came: one that was broken off goes on from there, and one that is made
//! again while the source grows copies what is new.

use std::{
    collections::BTreeMap,
    hash::{Hash, Hasher},
};

use hiveboard_store::{EventLog, Fresh, Position, Result, StoreError};
use hiveboard_wire::{CallCost, Scope, StoredEvent, Timestamp};
use serde_json::value::RawValue;
use siphasher::sip::SipHasher13;

use crate::ClickHouseStore;

/// Events of one insert.
const AT_ONCE: usize = 20_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Migrated {
    /// Stored just now.
    pub copied: u64,
    /// Of an earlier copy.
    pub already_there: u64,
}

/// Copies all events into the partitions of their scopes. `partitions[n]` is partition n. Calls `progress` with how many were looked at.
///
/// # Errors
/// Of either store. What was copied until then stays, and the next copy goes on behind it.
pub fn copy(
    source: &dyn EventLog,
    partitions: &[ClickHouseStore],
    partition_of: &dyn Fn(Scope) -> u16,
    progress: &mut dyn FnMut(u64),
) -> Result<Migrated> {
    let heads: Vec<u64> = partitions.iter().map(|partition| partition.head().seq()).collect();
    // The events of a partition that has nothing yet may be anywhere: then all are looked at.
    let after = heads.iter().min().copied().unwrap_or(0);
    let mut waiting: Vec<Vec<(Scope, Fresh)>> = partitions.iter().map(|_| Vec::new()).collect();
    let (mut migrated, mut failure, mut seen) = (Migrated::default(), None, 0_u64);
    source.replay(Position::of_seq(after), &mut |scope, stored: StoredEvent, call_cost| {
        if failure.is_some() {
            return;
        }
        seen += 1;
        let number = usize::from(partition_of(scope));
        let Some(partition) = partitions.get(number) else {
            failure = Some(StoreError::Unusable(format!("there is no partition {number}")));
            return;
        };
        if stored.seq <= heads[number] {
            migrated.already_there += 1;
            return;
        }
        let body = stored.event.body();
        waiting[number].push((scope, Fresh { stored, body, call_cost }));
        if waiting[number].len() >= AT_ONCE {
            let events = std::mem::take(&mut waiting[number]);
            migrated.copied += events.len() as u64;
            failure = partition.take_over(events).err();
            progress(seen);
        }
    })?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    for (partition, events) in partitions.iter().zip(waiting) {
        migrated.copied += events.len() as u64;
        if !events.is_empty() {
            partition.take_over(events)?;
        }
    }
    migrated.already_there += if after == 0 { 0 } else { count_until(source, after)? };
    progress(seen);
    Ok(migrated)
}

fn count_until(source: &dyn EventLog, until: u64) -> Result<u64> {
    let mut count = 0;
    source.replay(Position::START, &mut |_, stored, _| count += u64::from(stored.seq <= until))?;
    Ok(count)
}

/// Events of a scope and a day of arrival: how many, and a sum of their hashes that no order changes.
type Sums = BTreeMap<(u16, Scope, i64), (u64, u64)>;

fn add(sums: &mut Sums, partition: u16, scope: Scope, stored: &StoredEvent, cost: Option<CallCost>) {
    let (count, sum) = sums.entry((partition, scope, stored.received_at.day())).or_default();
    *count += 1;
    *sum = sum.wrapping_add(hash(stored, cost));
}

/// Of everything that an event says.
fn hash(stored: &StoredEvent, cost: Option<CallCost>) -> u64 {
    let mut hasher = SipHasher13::new();
    let event = &stored.event;
    (stored.seq, stored.received_at, &*stored.envelope).hash(&mut hasher);
    (&event.event_id, event.timestamp, event.event_type, event.severity, event.kind).hash(&mut hasher);
    for text in [
        &event.project_id,
        &event.task_id,
        &event.task_type,
        &event.task_run_id,
        &event.correlation_id,
        &event.action_id,
        &event.parent_action_id,
        &event.parent_event_id,
        &event.status,
    ] {
        text.hash(&mut hasher);
    }
    event.duration_ms.map(f64::to_bits).hash(&mut hasher);
    event.payload.as_deref().map(RawValue::get).hash(&mut hasher);
    cost.map(|cost| (cost.amount, cost.source)).hash(&mut hasher);
    hasher.finish()
}

/// Reads both sides whole and compares counts and hashes of every scope and day; what differs, in words. Empty: all is there, and nothing else.
pub fn differences(
    source: &dyn EventLog,
    partitions: &[ClickHouseStore],
    partition_of: &dyn Fn(Scope) -> u16,
) -> Result<Vec<String>> {
    let until = source.head().seq();
    let (mut wanted, mut found) = (Sums::new(), Sums::new());
    source.replay(Position::START, &mut |scope, stored, cost| {
        add(&mut wanted, partition_of(scope), scope, &stored, cost);
    })?;
    for partition in partitions {
        partition.replay(Position::START, &mut |scope, stored, cost| {
            if stored.seq <= until {
                add(&mut found, partition.partition(), scope, &stored, cost);
            }
        })?;
    }
    let mut places: Vec<_> = wanted.keys().chain(found.keys()).copied().collect();
    places.sort_unstable();
    places.dedup();
    let mut told = Vec::new();
    for place in places {
        let (one, other) =
            (wanted.get(&place).copied().unwrap_or_default(), found.get(&place).copied().unwrap_or_default());
        if one != other {
            let (partition, scope, day) = place;
            let day = Timestamp(day * crate::days::DAY_MICROS).to_string();
            let what = if one.0 == other.0 {
                "other contents".to_owned()
            } else {
                format!("{} events there, {} here", one.0, other.0)
            };
            told.push(format!(
                "workspace {} ({}), partition {partition}, {}: {what}",
                scope.workspace.0,
                scope.mode.as_str(),
                day.get(..10).unwrap_or(&day)
            ));
        }
    }
    Ok(told)
}
