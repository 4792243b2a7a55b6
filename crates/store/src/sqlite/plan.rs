//! How a filter finds its blocks: by a reference where one leads to few, and by the masks of their rows.

use hiveboard_wire::{EventType, Kind, Scope};
use rusqlite::ToSql;

use super::{
    keys::{Reference, StoreKey, is_rare_kind, is_rare_severity, is_rare_type},
    row::NO_KIND,
};
use crate::EventFilter;

/// Masks that a block's row must meet, one bit in common each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) scope: Scope,
    /// Sets of references: a block that matches is listed under one of each. At most two, the most selective first.
    pub(super) listed: Vec<Vec<i64>>,
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

impl Plan {
    /// For statements with the masks: `?1` to `?10`.
    pub(super) fn parameters<'a>(&'a self, scope: &'a u32, bound: &'a i64) -> [&'a dyn ToSql; 10] {
        [
            scope,
            &self.types,
            &self.severities,
            &self.kinds,
            &self.projects,
            &self.environments,
            &self.groups,
            &self.since,
            &self.until,
            bound,
        ]
    }
}

/// Every bit: does not narrow.
const ANY: i64 = -1;

impl Plan {
    /// `all_labels`: whether blocks are listed under every label they hold.
    pub(super) fn new(key: &StoreKey, scope: Scope, filter: &EventFilter, all_labels: bool) -> Self {
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
            listed: listed(filter, all_labels)
                .into_iter()
                .map(|set| set.into_iter().map(|one| key.reference(scope, one)).collect())
                .collect(),
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

/// Sets of more references than this are not worth merging.
const MOST_OF_A_SET: usize = 8;

/// The most selective first.
fn listed(filter: &EventFilter, all_labels: bool) -> Vec<Vec<Reference<'_>>> {
    let mut sets: Vec<Vec<Reference<'_>>> = Vec::new();
    sets.extend(filter.task_id.as_deref().map(|id| vec![Reference::Task(id)]));
    sets.extend(filter.correlation_id.as_deref().map(|id| vec![Reference::Correlation(id)]));
    if !filter.event_types.is_empty() && filter.event_types.iter().all(|one| is_rare_type(*one)) {
        sets.push(filter.event_types.iter().map(|one| Reference::Type(*one)).collect());
    }
    if !filter.kinds.is_empty() && filter.own_kinds.is_empty() && filter.kinds.iter().all(|one| is_rare_kind(*one)) {
        sets.push(filter.kinds.iter().map(|one| Reference::Kind(*one)).collect());
    }
    if !filter.severities.is_empty() && filter.severities.iter().all(|one| is_rare_severity(*one)) {
        sets.push(filter.severities.iter().map(|one| Reference::Severity(*one)).collect());
    }
    sets.extend(filter.agent_id.as_deref().map(|id| vec![Reference::Agent(id)]));
    if all_labels {
        sets.extend(filter.project_id.as_deref().map(|id| vec![Reference::Project(id)]));
        sets.extend(filter.group.as_deref().map(|name| vec![Reference::Group(name)]));
        sets.extend(filter.environment.as_deref().map(|name| vec![Reference::Environment(name)]));
    }
    sets.retain(|set| set.len() <= MOST_OF_A_SET);
    sets.truncate(2);
    sets
}
