//! Reads of the store by project: with the events of projects that were merged into it, under it. The store knows slugs as they were sent.

use std::{
    collections::{BTreeMap, HashSet},
    ops::ControlFlow,
};

use hiveboard_store::{
    CallFilter, CallGroup, CallGroups, CallRow, CallSort, CallTotals, Dimension, EventFilter, EventPage, Position,
    StoreError, query::SeqOrder,
};
use hiveboard_wire::{CallCost, NanoDollars, Scope, StoredEvent, Timestamp};

use crate::app::App;

type Result<T> = std::result::Result<T, StoreError>;

impl App {
    /// The slugs that a filter by project means; one `None` where it does not narrow.
    fn slugs(&self, scope: Scope, project_id: Option<&str>) -> Vec<Option<String>> {
        let Some(project_id) = project_id else { return vec![None] };
        let project = self.project_aliases.canonical(scope, project_id);
        let mut slugs: Vec<Option<String>> =
            self.project_aliases.of(scope, Some(&project)).into_iter().map(Some).collect();
        slugs.push(Some(project));
        slugs
    }

    pub fn events(&self, scope: Scope, filter: &EventFilter, page: EventPage) -> Result<Vec<StoredEvent>> {
        let mut events = Vec::new();
        for project_id in self.slugs(scope, filter.project_id.as_deref()) {
            events.extend(self.store.events(scope, &EventFilter { project_id, ..filter.clone() }, page)?);
        }
        events.sort_by_key(|event| event.seq);
        if matches!(page.order, SeqOrder::Newest { .. }) {
            events.reverse();
        }
        events.truncate(page.limit);
        if self.project_aliases.any(scope) {
            for event in &mut events {
                self.under_its_project(scope, event);
            }
        }
        Ok(events)
    }

    /// As the store answers.
    pub fn scan_events(
        &self,
        scope: Scope,
        filter: &EventFilter,
        after: Position,
        visit: &mut dyn FnMut(StoredEvent, Option<CallCost>) -> ControlFlow<()>,
    ) -> Result<()> {
        if !self.project_aliases.any(scope) {
            return self.store.scan_events(scope, filter, after, visit);
        }
        // Several slugs in one order: what they have in common is looked for, and parted here.
        let wanted = self.project_aliases.asked(scope, filter.project_id.clone());
        let filter = EventFilter { project_id: None, ..filter.clone() };
        self.store.scan_events(scope, &filter, after, &mut |mut event, cost| {
            self.under_its_project(scope, &mut event);
            if wanted.is_some() && event.event.project_id.as_deref() != wanted.as_deref() {
                return ControlFlow::Continue(());
            }
            visit(event, cost)
        })
    }

    fn under_its_project(&self, scope: Scope, event: &mut StoredEvent) {
        if let Some(slug) = event.event.project_id.take() {
            event.event.project_id = Some(self.project_aliases.canonical(scope, &slug).into());
        }
    }

    pub fn calls(&self, scope: Scope, filter: &CallFilter, sort: CallSort, limit: usize) -> Result<Vec<CallRow>> {
        let slugs = self.slugs(scope, filter.project_id.as_deref());
        let mut calls = Vec::new();
        for project_id in &slugs {
            let filter = CallFilter { project_id: project_id.clone(), ..filter.clone() };
            calls.extend(self.store.calls(scope, &filter, sort, limit)?);
        }
        if slugs.len() > 1 {
            // As each part is sorted.
            let place = |call: &CallRow| {
                let figure = match sort {
                    CallSort::Newest { .. } | CallSort::Oldest { .. } => call.timestamp.micros(),
                    CallSort::Cost { .. } => call.cost.map_or(0, |NanoDollars(amount)| amount),
                    CallSort::Tokens { .. } => {
                        (call.tokens_in.unwrap_or(0) + call.tokens_out.unwrap_or(0)).cast_signed()
                    }
                };
                (figure, call.position)
            };
            calls.sort_by_key(place);
            if !matches!(sort, CallSort::Oldest { .. }) {
                calls.reverse();
            }
            calls.truncate(limit);
        }
        if self.project_aliases.any(scope) {
            for call in &mut calls {
                call.project_id = self.project_aliases.asked(scope, call.project_id.take());
            }
        }
        Ok(calls)
    }

    /// As the store answers, with projects under those that they count for.
    pub fn call_groups(
        &self,
        scope: Scope,
        filter: &CallFilter,
        by: &[Dimension],
        bucket_micros: Option<i64>,
        most: usize,
    ) -> Result<CallGroups> {
        let slugs = self.slugs(scope, filter.project_id.as_deref());
        let renames = by.contains(&Dimension::Project) && self.project_aliases.any(scope);
        if slugs.len() == 1 && !renames {
            let project_id = slugs.into_iter().next().flatten();
            let filter = CallFilter { project_id, ..filter.clone() };
            return self.store.call_groups(scope, &filter, by, bucket_micros, most);
        }
        let mut sums: BTreeMap<(Option<Timestamp>, Keys), CallTotals> = BTreeMap::new();
        for project_id in slugs {
            let filter = CallFilter { project_id, ..filter.clone() };
            for CallGroup { mut keys, bucket, totals } in
                self.store.call_groups(scope, &filter, by, bucket_micros, usize::MAX)?.groups
            {
                for (dimension, key) in by.iter().zip(&mut keys) {
                    if let (Dimension::Project, Some(slug)) = (dimension, key.as_mut()) {
                        *slug = self.project_aliases.canonical(scope, slug);
                    }
                }
                sums.entry((bucket, keys)).or_default().add(&totals);
            }
        }
        Ok(dearest(sums, most))
    }

    pub fn failures(
        &self,
        scope: Scope,
        filter: &CallFilter,
        bucket_micros: i64,
    ) -> Result<Vec<hiveboard_store::FailureBucket>> {
        let mut failures = Vec::new();
        for project_id in self.slugs(scope, filter.project_id.as_deref()) {
            let filter = CallFilter { project_id, ..filter.clone() };
            failures.extend(self.store.failures(scope, &filter, bucket_micros)?);
        }
        Ok(failures)
    }
}

type Keys = Vec<Option<String>>;

/// Those that cost most over all buckets stay apart; the others are one total a bucket.
fn dearest(sums: BTreeMap<(Option<Timestamp>, Keys), CallTotals>, most: usize) -> CallGroups {
    let mut costs: BTreeMap<&Keys, NanoDollars> = BTreeMap::new();
    for ((_, keys), totals) in &sums {
        *costs.entry(keys).or_default() += totals.cost;
    }
    let mut order: Vec<(&Keys, NanoDollars)> = costs.into_iter().collect();
    order.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
    let beyond: HashSet<Keys> = order.into_iter().skip(most).map(|(keys, _)| keys.clone()).collect();
    let mut found = CallGroups { other_count: beyond.len() as u64, ..CallGroups::default() };
    let mut other: BTreeMap<Option<Timestamp>, CallTotals> = BTreeMap::new();
    for ((bucket, keys), totals) in sums {
        if beyond.contains(&keys) {
            other.entry(bucket).or_default().add(&totals);
        } else {
            found.groups.push(CallGroup { keys, bucket, totals });
        }
    }
    found.other = other.into_iter().map(|(bucket, totals)| CallGroup { keys: Vec::new(), bucket, totals }).collect();
    found
}
