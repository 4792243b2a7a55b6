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

use crate::{ClickHouseStore, days::DAY_MICROS};

/// Events of one insert.
const AT_ONCE: usize = 20_000;
/// After so many events it is written down how far the copy came, also for partitions that none of them is of.
const MARKED_AFTER: u64 = 400_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Migrated {
    /// Events that were stored.
    pub copied: u64,
    /// All events of the source up to here are in the partitions.
    pub until: Position,
}

/// Copies the events that are not there yet into the partitions of their scopes. `partitions[n]` is partition n. Calls `progress` with each event's
/// place. Afterwards every partition's next place is behind that of the source's last event, whether any of its events are there.
///
/// # Errors
/// Of either store. What was copied until then stays, and the next copy goes on behind it.
pub fn copy(
    source: &dyn EventLog,
    partitions: &[ClickHouseStore],
    partition_of: &dyn Fn(Scope) -> u16,
    progress: &mut dyn FnMut(u64),
) -> Result<Migrated> {
    // All events up to its head are in a partition, and those of others are none of its.
    let heads: Vec<u64> = partitions.iter().map(|partition| partition.head().seq()).collect();
    let after = heads.iter().min().copied().unwrap_or(0);
    let mut copying = Copying { partitions, waiting: partitions.iter().map(|_| Vec::new()).collect(), copied: 0 };
    let (mut failure, mut seen, mut until) = (None, 0_u64, after);
    source.replay(Position::of_seq(after), &mut |scope, stored: StoredEvent, call_cost| {
        if failure.is_some() {
            return;
        }
        let (seq, number) = (stored.seq, usize::from(partition_of(scope)));
        let Some(head) = heads.get(number) else {
            failure = Some(StoreError::Unusable(format!("there is no partition {number}")));
            return;
        };
        if seq > *head {
            let body = stored.event.body();
            failure = copying.add(number, scope, Fresh { stored, body, call_cost }).err();
        }
        (seen, until) = (seen + 1, seq);
        if failure.is_none() && seen.is_multiple_of(MARKED_AFTER) {
            failure = copying.mark(until).err();
        }
        progress(seq);
    })?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    copying.mark(until)?;
    Ok(Migrated { copied: copying.copied, until: Position::of_seq(until) })
}

struct Copying<'a> {
    partitions: &'a [ClickHouseStore],
    /// Of each partition.
    waiting: Vec<Vec<(Scope, Fresh)>>,
    copied: u64,
}

impl Copying<'_> {
    fn add(&mut self, number: usize, scope: Scope, fresh: Fresh) -> Result<()> {
        self.waiting[number].push((scope, fresh));
        if self.waiting[number].len() >= AT_ONCE { self.store(number) } else { Ok(()) }
    }

    fn store(&mut self, number: usize) -> Result<()> {
        let events = std::mem::take(&mut self.waiting[number]);
        let count = events.len() as u64;
        if count > 0 {
            self.partitions[number].take_over(events)?;
        }
        self.copied += count;
        Ok(())
    }

    /// Stores what waits, and writes down that all up to a place is stored.
    fn mark(&mut self, until: u64) -> Result<()> {
        (0..self.partitions.len()).try_for_each(|number| self.store(number))?;
        let behind = self.partitions.iter().filter(|partition| partition.head().seq() < until);
        behind.into_iter().try_for_each(|partition| partition.go_on_after(until))
    }
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

/// Reads both sides and compares counts and hashes of every scope and day, over the events after one place and up to another; what differs, in
/// words. Empty: all is there, and nothing else. What the source let go meanwhile, by its retention, is no fault: those are the oldest days of a scope.
/// Calls `progress` with each event's place.
///
/// # Errors
/// Of either store.
pub fn differences(
    source: &dyn EventLog,
    partitions: &[ClickHouseStore],
    partition_of: &dyn Fn(Scope) -> u16,
    (after, until): (Position, Position),
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<String>> {
    let (mut wanted, mut found) = (Sums::new(), Sums::new());
    source.replay(after, &mut |scope, stored, cost| {
        if stored.seq <= until.seq() {
            progress(stored.seq);
            add(&mut wanted, partition_of(scope), scope, &stored, cost);
        }
    })?;
    for partition in partitions {
        partition.replay_until(after, until, &mut |scope, stored, cost| {
            add(&mut found, partition.partition(), scope, &stored, cost);
        })?;
    }
    let mut places: Vec<_> = wanted.keys().chain(found.keys()).copied().collect();
    places.sort_unstable();
    places.dedup();
    let mut oldest: BTreeMap<Scope, i64> = BTreeMap::new();
    for (_, scope, day) in wanted.keys() {
        oldest.entry(*scope).and_modify(|known| *known = *day.min(known)).or_insert(*day);
    }
    let mut told = Vec::new();
    for place in places {
        let (one, other) =
            (wanted.get(&place).copied().unwrap_or_default(), found.get(&place).copied().unwrap_or_default());
        let (partition, scope, day) = place;
        let may_be_gone = oldest.get(&scope).is_none_or(|oldest| day <= *oldest);
        if one == other || (one.0 < other.0 && may_be_gone) {
            continue;
        }
        let day = Timestamp(day * DAY_MICROS).to_string();
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
    Ok(told)
}
