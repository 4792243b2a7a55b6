//! One made-up fleet into both engines: every query answers the same.

use std::fmt::Debug;

use hiveboard_fleet::Fleet;
use hiveboard_store::{
    Batch, CallFilter, CallSort, Dimension, EventFilter, EventLog, EventPage, EventStore, Incoming, Position,
    SqliteStore, StoreOptions, query::SeqOrder,
};
use hiveboard_store_conformance::random::{DAY, SCOPES};
use hiveboard_wire::{
    Body, CallCost, CostSource, EventType, Kind, NanoDollars, Scope, Severity, StoredEvent, Timestamp, decode_batch,
};

use crate::{open, options};

use Dimension::{Agent, Environment, Model, Project, TaskType, Version};

const HOUR: i64 = 3_600_000_000;
const BATCHES: usize = 400;

/// Batches of many agents over three days, in three scopes; some again.
fn fleet() -> Vec<Batch> {
    let mut fleet = Fleet::new(11, 40);
    let start = Timestamp::now().0 - 3 * DAY;
    let mut batches: Vec<Batch> = Vec::new();
    for number in 0..BATCHES {
        let now = start + number as i64 * 3 * DAY / BATCHES as i64;
        let made = fleet.batch(number * 7 % 40, 25 + number % 20, now, number % 9 == 0);
        let decoded = decode_batch(made.json.as_bytes(), Timestamp(now)).expect("a good batch");
        let events = decoded.events.into_iter().map(|accepted| {
            let call_cost = match &accepted.body {
                Body::LlmCall(call) => Some(match (call.cost, call.tokens_in) {
                    (Some(amount), _) => CallCost { amount, source: CostSource::Reported },
                    (None, Some(tokens)) => {
                        CallCost { amount: NanoDollars(tokens as i64 * 31), source: CostSource::Estimated }
                    }
                    (None, None) => CallCost { amount: NanoDollars(0), source: CostSource::Unknown },
                }),
                _ => None,
            };
            Incoming { event: accepted.event, body: accepted.body, call_cost }
        });
        let batch = Batch {
            scope: SCOPES[number % 5 % 3],
            envelope: decoded.envelope,
            received_at: Timestamp(now),
            position: None,
            events: events.collect(),
        };
        if number % 17 == 0 {
            batches.push(batch.clone());
        }
        batches.push(batch);
    }
    batches
}

fn filters(events: &[StoredEvent]) -> Vec<EventFilter> {
    let some = &events[events.len() / 2];
    let text = |text: &str| Some(text.to_owned());
    let owned = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    let mut all = vec![
        EventFilter::default(),
        EventFilter { agent_id: text(&some.envelope.agent_id), ..EventFilter::default() },
        EventFilter { project_id: owned(&some.event.project_id), ..EventFilter::default() },
        EventFilter { environment: text("staging"), exclude_heartbeats: true, ..EventFilter::default() },
        EventFilter { group: text("night-shift"), ..EventFilter::default() },
        EventFilter { task_id: owned(&some.event.task_id), ..EventFilter::default() },
        EventFilter { task_run_id: text(""), ..EventFilter::default() },
        EventFilter { severities: vec![Severity::Error, Severity::Warn], ..EventFilter::default() },
        EventFilter { own_kinds: vec!["note".to_owned(), "no such".to_owned()], ..EventFilter::default() },
        EventFilter { kinds: vec![Kind::Issue], own_kinds: vec!["note".to_owned()], ..EventFilter::default() },
        EventFilter {
            since: Some(Timestamp(some.event.timestamp.0 - 3 * HOUR)),
            until: Some(some.event.timestamp),
            ..EventFilter::default()
        },
    ];
    all.extend(EventType::ALL.iter().map(|one| EventFilter { event_types: vec![*one], ..EventFilter::default() }));
    all.extend(Kind::ALL.iter().map(|one| EventFilter { kinds: vec![*one], ..EventFilter::default() }));
    all.extend(
        ["gpt", "TIMEOUT", "a", "invoice", "%", "no such text"]
            .map(|one| EventFilter { text: text(one), ..EventFilter::default() }),
    );
    all
}

fn call_filters(events: &[StoredEvent]) -> Vec<CallFilter> {
    let call = events.iter().find(|event| event.event.kind == Some(Kind::LlmCall)).expect("a fleet calls models");
    let Body::LlmCall(body) = call.event.body() else { panic!("a call") };
    let text = |text: &str| Some(text.to_owned());
    let owned = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    vec![
        CallFilter::default(),
        CallFilter { agent_id: text(&call.envelope.agent_id), ..CallFilter::default() },
        CallFilter { project_id: owned(&call.event.project_id), ..CallFilter::default() },
        CallFilter { model: owned(&body.model), ..CallFilter::default() },
        CallFilter { task_type: owned(&call.event.task_type), group: text("default"), ..CallFilter::default() },
        CallFilter { task_id: owned(&call.event.task_id), ..CallFilter::default() },
        CallFilter { environment: text("nowhere"), ..CallFilter::default() },
        CallFilter { version: call.envelope.agent_version.as_deref().map(str::to_owned), ..CallFilter::default() },
        CallFilter { text: body.name.as_deref().map(str::to_uppercase), ..CallFilter::default() },
        CallFilter {
            since: Some(Timestamp(call.event.timestamp.0 - HOUR)),
            until: Some(Timestamp(call.event.timestamp.0 + 20 * HOUR)),
            ..CallFilter::default()
        },
    ]
}

/// Asks both, and shows what differs.
fn both<T: Debug>(embedded: &SqliteStore, cluster: &dyn EventStore, ask: impl Fn(&dyn EventStore) -> T) -> T {
    let (one, other) = (ask(embedded), ask(cluster));
    assert_eq!(format!("{one:#?}"), format!("{other:#?}"));
    one
}

fn compare_events(embedded: &SqliteStore, cluster: &dyn EventStore, scope: Scope) -> usize {
    let all = EventPage { order: SeqOrder::Oldest { after: Position::START }, limit: usize::MAX };
    let events = both(embedded, cluster, |store| store.events(scope, &EventFilter::default(), all).unwrap());
    assert!(events.len() > 1_000);
    let middle = Position::from(&events[events.len() / 2]);
    let mut found = 0;
    for filter in filters(&events) {
        for order in [
            SeqOrder::Newest { before: None },
            SeqOrder::Newest { before: Some(middle) },
            SeqOrder::Oldest { after: middle },
        ] {
            let page = EventPage { order, limit: 70 };
            found += both(embedded, cluster, |store| store.events(scope, &filter, page).unwrap()).len();
        }
    }
    for event in events.iter().step_by(97) {
        both(embedded, cluster, |store| store.event(scope, &event.event.event_id).unwrap());
        let Some(task_id) = event.event.task_id.as_deref() else { continue };
        let page = EventPage { order: SeqOrder::Oldest { after: Position::START }, limit: 50 };
        both(embedded, cluster, |store| {
            store
                .task_events(scope, &event.envelope.agent_id, task_id, event.event.task_run_id.as_deref(), page)
                .unwrap()
        });
    }
    for filter in call_filters(&events) {
        found += compare_calls(embedded, cluster, scope, &filter);
    }
    found
}

fn compare_calls(embedded: &SqliteStore, cluster: &dyn EventStore, scope: Scope, filter: &CallFilter) -> usize {
    let mut found = 0;
    for sort in [
        CallSort::Newest { after: None },
        CallSort::Oldest { after: None },
        CallSort::Cost { after: None },
        CallSort::Tokens { after: None },
    ] {
        let rows = both(embedded, cluster, |store| store.calls(scope, filter, sort, 40).unwrap());
        found += rows.len();
        let Some(last) = rows.last() else { continue };
        let (at, place) = (last.timestamp, last.position);
        let tokens = last.tokens_in.unwrap_or(0) + last.tokens_out.unwrap_or(0);
        let next = match sort {
            CallSort::Newest { .. } => CallSort::Newest { after: Some((at, place)) },
            CallSort::Oldest { .. } => CallSort::Oldest { after: Some((at, place)) },
            CallSort::Cost { .. } => CallSort::Cost { after: Some((last.cost.map_or(0, |cost| cost.0), place)) },
            CallSort::Tokens { .. } => CallSort::Tokens { after: Some((tokens as i64, place)) },
        };
        found += both(embedded, cluster, |store| store.calls(scope, filter, next, 40).unwrap()).len();
    }
    let all_together: &[Dimension] = &[];
    for by in [all_together, &[Agent], &[Model], &[Project, TaskType], &[Version], &[Environment, Model, Agent]] {
        for bucket in [None, Some(HOUR), Some(DAY), Some(7_777_777)] {
            both(embedded, cluster, |store| store.call_groups(scope, filter, by, bucket, usize::MAX).unwrap());
            if !by.is_empty() {
                both(embedded, cluster, |store| store.call_groups(scope, filter, by, bucket, 2).unwrap());
            }
        }
    }
    for bucket in [HOUR, DAY, 900_000_000] {
        both(embedded, cluster, |store| store.failures(scope, filter, bucket).unwrap());
    }
    found
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn every_query_of_a_fleet_is_answered_alike() {
    let dir = tempfile::tempdir().unwrap();
    let embedded =
        SqliteStore::open(dir.path(), StoreOptions { free_space_floor_bytes: 0, ..StoreOptions::default() }).unwrap();
    let cluster = open(&options());
    let mut events = 0;
    for batch in fleet() {
        let (one, other) = (embedded.append(vec![batch.clone()]).unwrap(), cluster.append(vec![batch]).unwrap());
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
        events += one[0].fresh.len();
    }
    both(&embedded, &cluster, |store| store.head().seq());
    let replayed = |store: &dyn EventStore| {
        let mut seen = Vec::new();
        store
            .replay(Position::START, &mut |scope, stored, cost| seen.push(format!("{scope:?} {stored:?} {cost:?}")))
            .unwrap();
        seen
    };
    assert_eq!(replayed(&embedded), replayed(&cluster));
    both(&embedded, &cluster, |store| store.stats().unwrap().events);
    let usage = |store: &dyn EventStore| -> Vec<_> {
        let usage = store.usage().unwrap();
        usage
            .iter()
            .map(|day| {
                (
                    day.span.from,
                    day.span.until,
                    day.scopes.iter().map(|one| (one.scope, one.events)).collect::<Vec<_>>(),
                )
            })
            .collect()
    };
    both(&embedded, &cluster, usage);
    let found: usize = SCOPES.into_iter().map(|scope| compare_events(&embedded, &cluster, scope)).sum();
    println!("{events} events, {found} rows compared");
    assert!(found > 5_000);
}
