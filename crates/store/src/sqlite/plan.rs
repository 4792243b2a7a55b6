//! How a filter finds its blocks: by a reference where one leads to few, and by the masks of their rows.

use hiveboard_wire::{EventType, Kind, Scope};

use super::{
    keys::{Reference, StoreKey, is_rare_kind, is_rare_severity, is_rare_type},
    row::NO_KIND,
};
use crate::EventFilter;

/// Masks that a block's row must meet, one bit in common each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) scope: Scope,
    /// The blocks must be listed under all of them; at most two.
    pub(super) references: Vec<i64>,
    pub(super) types: i64,
    pub(super) severities: i64,
    pub(super) kinds: i64,
    pub(super) projects: i64,
    pub(super) environments: i64,
    pub(super) groups: i64,
    /// Timestamps, inclusive and exclusive.
    pub(super) since: i64,
    pub(super) until: i64,
}

/// Every bit: does not narrow.
const ANY: i64 = -1;

impl Plan {
    pub(super) fn new(key: &StoreKey, scope: Scope, filter: &EventFilter) -> Self {
        let bit = |text: &Option<String>| text.as_deref().map_or(ANY, |text| key.mask_bit(text));
        let mut types = bits(filter.event_types.iter().map(|one| one.number()));
        if filter.exclude_heartbeats {
            types &= !(1 << EventType::Heartbeat.number());
        }
        // A kind of the agent's own is among the events without a well-known one.
        let own = (!filter.own_kinds.is_empty()).then_some(NO_KIND);
        let kinds = bits(filter.kinds.iter().map(|one| one.number()).chain(own));
        debug_assert!(Kind::ALL.len() < usize::from(NO_KIND), "the bit for no kind is free");
        Self {
            scope,
            references: references(filter).into_iter().map(|one| key.reference(scope, one)).collect(),
            types,
            severities: bits(filter.severities.iter().map(|one| one.number())),
            kinds,
            projects: bit(&filter.project_id),
            environments: bit(&filter.environment),
            groups: bit(&filter.group),
            since: filter.since.map_or(i64::MIN, |at| at.0),
            until: filter.until.map_or(i64::MAX, |at| at.0),
        }
    }
}

fn bits(numbers: impl Iterator<Item = u8>) -> i64 {
    match numbers.fold(0, |mask, number| mask | 1 << number) {
        0 => ANY,
        mask => mask,
    }
}

/// The most selective first.
fn references(filter: &EventFilter) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    found.extend(filter.task_id.as_deref().map(Reference::Task));
    found.extend(filter.correlation_id.as_deref().map(Reference::Correlation));
    if let [one] = filter.event_types[..] {
        found.extend(is_rare_type(one).then_some(Reference::Type(one)));
    }
    if let [one] = filter.kinds[..]
        && filter.own_kinds.is_empty()
    {
        found.extend(is_rare_kind(one).then_some(Reference::Kind(one)));
    }
    if let [one] = filter.severities[..] {
        found.extend(is_rare_severity(one).then_some(Reference::Severity(one)));
    }
    found.extend(filter.agent_id.as_deref().map(Reference::Agent));
    found.truncate(2);
    found
}
