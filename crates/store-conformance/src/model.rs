//! The store as a plain list, every query by looking at everything.

use std::collections::{BTreeMap, HashSet};

use hiveboard_store::{
    Batch, CallFilter, CallGroup, CallGroups, CallSort, CallTotals, Dimension, EventFilter, EventPage, FailureBucket,
    query::SeqOrder,
};
use hiveboard_wire::{
    Body, CallCost, CostSource, Envelope, Event, EventType, NanoDollars, Scope, Timestamp,
    body::{LlmCall, StepAction},
};

#[derive(Debug, Clone)]
pub struct Known {
    pub scope: Scope,
    pub seq: u64,
    pub received_at: Timestamp,
    pub envelope: Envelope,
    pub event: Event,
    pub body: Body,
    pub call_cost: Option<CallCost>,
}

#[derive(Default)]
pub struct Model {
    pub all: Vec<Known>,
    ids: HashSet<(Scope, String)>,
}

impl Model {
    /// The ids that are new, one list a group, and how many of each were repeated. Keeps nothing: see [`Self::learn`].
    pub fn expect(&mut self, groups: &[Batch]) -> Vec<(Vec<String>, usize)> {
        let mut answers = vec![(Vec::new(), 0); groups.len()];
        // Scopes are independent, so the order among them does not matter here.
        for (group, answer) in groups.iter().zip(&mut answers) {
            for incoming in &group.events {
                let id = incoming.event.event_id.to_string();
                if self.ids.insert((group.scope, id.clone())) {
                    answer.0.push(id);
                } else {
                    answer.1 += 1;
                }
            }
        }
        answers
    }

    pub fn learn(&mut self, known: Known) {
        self.all.push(known);
        self.all.sort_by_key(|known| known.seq);
    }

    pub fn events(&self, scope: Scope, filter: &EventFilter, page: EventPage) -> Vec<&Known> {
        let fits = self.all.iter().filter(|known| known.scope == scope && event_fits(known, filter));
        match page.order {
            SeqOrder::Newest { before } => fits
                .rev()
                .filter(|known| before.is_none_or(|before| known.seq < before.seq()))
                .take(page.limit)
                .collect(),
            SeqOrder::Oldest { after } => fits.filter(|known| known.seq > after.seq()).take(page.limit).collect(),
        }
    }

    fn calls_of(&self, scope: Scope, filter: &CallFilter) -> Vec<(&Known, &LlmCall)> {
        let calls = self.all.iter().filter_map(|known| match &known.body {
            Body::LlmCall(call) if known.scope == scope && call_fits(known, call.model.as_deref(), filter) => {
                Some((known, call))
            }
            _ => None,
        });
        calls.collect()
    }

    /// Sequence numbers in order.
    pub fn calls(&self, scope: Scope, filter: &CallFilter, sort: CallSort, limit: usize) -> Vec<u64> {
        let figure = |known: &Known, call: &LlmCall| match sort {
            CallSort::Newest { .. } | CallSort::Oldest { .. } => known.event.timestamp.0,
            CallSort::Cost { .. } => known.call_cost.map_or(0, |cost| cost.amount.0),
            CallSort::Tokens { .. } => (call.tokens_in.unwrap_or(0) + call.tokens_out.unwrap_or(0)) as i64,
        };
        let after = match sort {
            CallSort::Newest { after } | CallSort::Oldest { after } => after.map(|(at, place)| (at.0, place.seq())),
            CallSort::Cost { after } | CallSort::Tokens { after } => after.map(|(figure, place)| (figure, place.seq())),
        };
        let ascending = matches!(sort, CallSort::Oldest { .. });
        let says = |call: &LlmCall, text: &str| {
            let texts = [&call.name, &call.model, &call.prompt_preview, &call.response_preview];
            texts.into_iter().flatten().any(|own| hiveboard_text::fold(own).contains(&hiveboard_text::fold(text)))
        };
        let found = self.calls_of(scope, filter).into_iter();
        let found = found.filter(|(_, call)| filter.text.as_deref().is_none_or(|text| says(call, text)));
        let mut keys: Vec<(i64, u64)> = found.map(|(known, call)| (figure(known, call), known.seq)).collect();
        keys.sort_unstable();
        if !ascending {
            keys.reverse();
        }
        keys.retain(|key| after.is_none_or(|after| if ascending { *key > after } else { *key < after }));
        keys.into_iter().map(|(_, seq)| seq).take(limit).collect()
    }

    pub fn call_groups(
        &self,
        scope: Scope,
        filter: &CallFilter,
        by: &[Dimension],
        bucket: Option<i64>,
    ) -> Vec<CallGroup> {
        let mut groups: BTreeMap<(Option<Timestamp>, Vec<Option<String>>), CallTotals> = BTreeMap::new();
        if by.is_empty() && bucket.is_none() {
            groups.entry((None, Vec::new())).or_default();
        }
        for (known, call) in self.calls_of(scope, filter) {
            let keys = by.iter().map(|dimension| dimension_of(known, call, *dimension)).collect();
            let totals = groups.entry((bucket.map(|width| known.event.timestamp.bucket(width)), keys)).or_default();
            let cost = known.call_cost.expect("calls have a cost");
            totals.call_count += 1;
            totals.cost += cost.amount;
            totals.estimated_cost += if cost.source == CostSource::Estimated { cost.amount } else { NanoDollars(0) };
            totals.tokens_in += call.tokens_in.unwrap_or(0);
            totals.tokens_out += call.tokens_out.unwrap_or(0);
        }
        groups.into_iter().map(|((bucket, keys), totals)| CallGroup { keys, bucket, totals }).collect()
    }

    pub fn failures(&self, scope: Scope, filter: &CallFilter, bucket: i64) -> Vec<FailureBucket> {
        let mut counts: BTreeMap<Timestamp, u64> = BTreeMap::new();
        let filter = CallFilter { model: None, version: None, ..filter.clone() };
        for known in self.all.iter().filter(|known| known.scope == scope && call_fits(known, None, &filter)) {
            let failed = matches!(known.event.event_type, EventType::TaskFailed | EventType::ActionFailed)
                || matches!(&known.body, Body::PlanStep(step) if step.action == Some(StepAction::Failed));
            if failed {
                *counts.entry(known.event.timestamp.bucket(bucket)).or_default() += 1;
            }
        }
        counts.into_iter().map(|(bucket, count)| FailureBucket { bucket, count }).collect()
    }
}

/// Whether these are the keys that cost most, and all others are in one total.
pub fn are_the_most(found: &CallGroups, all: &[CallGroup], most: usize) {
    let mut weights: BTreeMap<Vec<Option<String>>, (i64, u64)> = BTreeMap::new();
    for group in all {
        let (cost, calls) = weights.entry(group.keys.clone()).or_default();
        *cost += group.totals.cost.0;
        *calls += group.totals.call_count;
    }
    let (apart, left): (Vec<_>, Vec<_>) =
        all.iter().partition(|group| found.groups.iter().any(|other| other.keys == group.keys));
    assert!(found.groups.iter().eq(apart.iter().copied()), "whole groups stay apart");
    let keys_apart: HashSet<_> = apart.iter().map(|group| &group.keys).collect();
    assert_eq!(keys_apart.len(), weights.len().min(most));
    assert_eq!(found.other_count, (weights.len() - keys_apart.len()) as u64);
    let least = apart.iter().map(|group| weights[&group.keys]).min();
    assert!(left.iter().all(|group| Some(weights[&group.keys]) <= least), "{found:?}");
    let mut totals: BTreeMap<Option<Timestamp>, CallTotals> = BTreeMap::new();
    for group in left {
        totals.entry(group.bucket).or_default().add(&group.totals);
    }
    let other: Vec<_> = found.other.iter().map(|group| (group.bucket, group.totals)).collect();
    assert_eq!(other, totals.into_iter().collect::<Vec<_>>());
}

fn dimension_of(known: &Known, call: &LlmCall, dimension: Dimension) -> Option<String> {
    match dimension {
        Dimension::Agent => Some(known.envelope.agent_id.to_string()),
        Dimension::Model => call.model.as_deref().map(str::to_owned),
        Dimension::Project => known.event.project_id.as_deref().map(str::to_owned),
        Dimension::TaskType => known.event.task_type.as_deref().map(str::to_owned),
        Dimension::Version => known.envelope.agent_version.as_deref().map(str::to_owned),
        Dimension::Environment => Some(known.envelope.environment.to_string()),
    }
}

fn equals(wanted: Option<&String>, actual: Option<&str>) -> bool {
    wanted.map(String::as_str).is_none_or(|wanted| actual == Some(wanted))
}

fn within(at: Timestamp, since: Option<Timestamp>, until: Option<Timestamp>) -> bool {
    since.is_none_or(|since| at >= since) && until.is_none_or(|until| at < until)
}

fn call_fits(known: &Known, model: Option<&str>, filter: &CallFilter) -> bool {
    equals(filter.agent_id.as_ref(), Some(&known.envelope.agent_id))
        && equals(filter.project_id.as_ref(), known.event.project_id.as_deref())
        && equals(filter.environment.as_ref(), Some(&known.envelope.environment))
        && equals(filter.group.as_ref(), Some(&known.envelope.group))
        && equals(filter.task_id.as_ref(), known.event.task_id.as_deref())
        && equals(filter.task_type.as_ref(), known.event.task_type.as_deref())
        && equals(filter.model.as_ref(), model)
        && equals(filter.version.as_ref(), known.envelope.agent_version.as_deref())
        && within(known.event.timestamp, filter.since, filter.until)
}

fn event_fits(known: &Known, filter: &EventFilter) -> bool {
    let event = &known.event;
    equals(filter.agent_id.as_ref(), Some(&known.envelope.agent_id))
        && equals(filter.project_id.as_ref(), event.project_id.as_deref())
        && equals(filter.environment.as_ref(), Some(&known.envelope.environment))
        && equals(filter.group.as_ref(), Some(&known.envelope.group))
        && equals(filter.task_id.as_ref(), event.task_id.as_deref())
        && equals(filter.task_run_id.as_ref(), Some(event.task_run_id.as_deref().unwrap_or("")))
        && equals(filter.correlation_id.as_ref(), event.correlation_id.as_deref())
        && (filter.event_types.is_empty() || filter.event_types.contains(&event.event_type))
        && !(filter.exclude_heartbeats && event.event_type == EventType::Heartbeat)
        && (filter.severities.is_empty() || filter.severities.contains(&event.severity))
        && ((filter.kinds.is_empty() && filter.own_kinds.is_empty())
            || match event.kind {
                Some(kind) => filter.kinds.contains(&kind),
                None => event
                    .payload
                    .as_deref()
                    .and_then(|raw| hiveboard_wire::named_kind(raw.get().as_bytes()))
                    .is_some_and(|kind| filter.own_kinds.contains(&kind)),
            })
        && within(event.timestamp, filter.since, filter.until)
        && filter.text.as_deref().is_none_or(|text| says(event, &hiveboard_text::fold(text)))
}

fn says(event: &Event, folded: &str) -> bool {
    fn any(value: &serde_json::Value, folded: &str) -> bool {
        match value {
            serde_json::Value::Object(members) => members.values().any(|value| any(value, folded)),
            serde_json::Value::Array(items) => items.iter().any(|value| any(value, folded)),
            serde_json::Value::String(text) => hiveboard_text::fold(text).contains(folded),
            other => other.to_string().contains(folded),
        }
    }
    // The one payload of the generator that is no value in Rust holds 1e400.
    let text = event.payload.as_ref().map_or("null", |payload| payload.get()).replace("1e400", "\"1e400\"");
    event.payload.is_some() && any(&serde_json::from_str(&text).expect("JSON"), folded)
}
