//! Costs worked out anew: estimates change from a time on, what agents reported stays, and all that is summed up says the same.

use hiveboard_store::{
    CallFilter, CallGroups, CallSort, EventFilter, EventLog, EventPage, EventReader, Repriced, Repricing, SqliteStore,
    StoreAdmin, StoreError, check, query::SeqOrder, reprice,
};
use hiveboard_wire::{CallCost, CostSource, NanoDollars, Scope, Timestamp};

use crate::{
    open,
    random::{DAY, SCOPES, base, group, plain},
};

/// A call each of what an agent reported, what was estimated, and what was unknown.
fn calls(scope: Scope, name: &str, at: Timestamp) -> hiveboard_store::Batch {
    let data = [r#""cost":0.5"#, r#""tokens_in":30"#, r#""tokens_out":1"#];
    let events: Vec<String> = data
        .iter()
        .enumerate()
        .map(|(place, data)| {
            format!(
                r#"{{"event_id":"{name} {place}","timestamp":"{at}","event_type":"custom","task_id":"t","payload":{{"kind":"llm_call","summary":"s",
                    "data":{{"name":"think","model":"m",{data}}}}}}}"#
            )
        })
        .collect();
    group(scope, r#"{"agent_id":"agent-a"}"#, &events, at)
}

fn costs(store: &SqliteStore, scope: Scope) -> Vec<(String, Option<i64>, CostSource)> {
    let rows = store.calls(scope, &CallFilter::default(), CallSort::Oldest { after: None }, 100).unwrap();
    rows.into_iter().map(|row| (row.event_id, row.cost.map(|cost| cost.0), row.cost_source)).collect()
}

fn total(store: &SqliteStore, scope: Scope) -> i64 {
    let CallGroups { groups, .. } = store.call_groups(scope, &CallFilter::default(), &[], None, 1).unwrap();
    groups[0].totals.cost.0
}

#[test]
fn estimates_change_from_a_time_on_and_nothing_else_does() {
    let dir = tempfile::tempdir().unwrap();
    let at = |days: i64| Timestamp(base() + days * DAY);
    let store = open(dir.path());
    for (day, name) in [(0, "early"), (1, "late"), (2, "later")] {
        let batches = [SCOPES[0], SCOPES[2]].map(|scope| calls(scope, name, at(day)));
        store
            .append(
                batches
                    .into_iter()
                    .chain([plain(SCOPES[0], "agent-b", day as u32 * 300..day as u32 * 300 + 300, at(day))])
                    .collect(),
            )
            .unwrap();
    }
    let everything = |store: &SqliteStore| {
        let all = EventPage { order: SeqOrder::Newest { before: None }, limit: usize::MAX };
        let events = store.events(SCOPES[0], &EventFilter::default(), all).unwrap();
        events.iter().map(|event| (event.seq, format!("{:?}", event.event))).collect::<Vec<_>>()
    };
    let events = everything(&store);
    let price =
        |_: Scope, _: &hiveboard_wire::Body| Some(CallCost { amount: NanoDollars(7), source: CostSource::Estimated });
    let is_meant = |scope: Scope| scope == SCOPES[0];
    let asked = |write| Repricing { since: at(1), is_meant: &is_meant, price: &price, write };
    assert!(matches!(reprice(dir.path(), &asked(true)), Err(StoreError::Unusable(_))), "a server uses it");
    store.close().unwrap();
    drop(store);

    let expected = Repriced { looked_at: 4, changed: 4, before: NanoDollars(60_000), after: NanoDollars(28) };
    assert_eq!(reprice(dir.path(), &asked(false)).unwrap(), expected);
    assert_eq!(total(&open(dir.path()), SCOPES[0]), 3 * 50_000_030_000, "only looked at");
    assert_eq!(reprice(dir.path(), &asked(true)).unwrap(), expected);

    let store = open(dir.path());
    let row = |name: &str, place: u32, cost, source| (format!("{name} {place}"), cost, source);
    let reported = |name| row(name, 0, Some(50_000_000_000), CostSource::Reported);
    assert_eq!(
        costs(&store, SCOPES[0]),
        [
            reported("early"),
            row("early", 1, Some(30_000), CostSource::Estimated),
            row("early", 2, None, CostSource::Unknown),
            reported("late"),
            row("late", 1, Some(7), CostSource::Estimated),
            row("late", 2, Some(7), CostSource::Estimated),
            reported("later"),
            row("later", 1, Some(7), CostSource::Estimated),
            row("later", 2, Some(7), CostSource::Estimated),
        ]
    );
    assert_eq!(total(&store, SCOPES[0]), 3 * 50_000_000_000 + 30_000 + 28);
    assert_eq!(total(&store, SCOPES[2]), 3 * 50_000_030_000, "another workspace's stay");
    assert_eq!(everything(&store), events);
    assert_eq!(store.append(vec![calls(SCOPES[0], "late", at(2))]).unwrap()[0].duplicates, 3, "ids are still known");
    assert_eq!(store.stats().unwrap().events, 918);
    store.close().unwrap();
    drop(store);
    assert_eq!(check(dir.path()).unwrap().faults, Vec::<String>::new());
    assert_eq!(reprice(dir.path(), &asked(true)).unwrap().changed, 0, "done is done");
}
