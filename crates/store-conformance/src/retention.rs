//! Retention: what has served its time goes, and nothing else.

use hiveboard_store::{
    Batch, CallFilter, Checkpoint, EventFilter, EventLog, EventPage, EventReader, EventStore, ProjectionRow,
    ProjectionStore, Retired, StoreAdmin, query::SeqOrder,
};
use hiveboard_wire::{Scope, Timestamp};

use crate::{
    Engine, Options,
    random::{DAY, SCOPES, base, calls, plain},
};

const ALL: EventPage = EventPage { order: SeqOrder::Newest { before: None }, limit: usize::MAX };

/// Ids are forgotten at once, so that days may go at once.
fn forgetful<E: Engine>() -> E {
    E::new(Options { dedup_days: 0, ..Options::default() })
}

fn day(number: i64) -> Timestamp {
    Timestamp(base() + number * DAY)
}

/// How many events, and how many calls among them.
pub fn count(store: &impl EventStore, scope: Scope) -> (usize, u64) {
    let calls = store.call_groups(scope, &CallFilter::default(), &[], None, 1).unwrap();
    (store.events(scope, &EventFilter::default(), ALL).unwrap().len(), calls.groups[0].totals.call_count)
}

fn one(id: u32, at: Timestamp) -> Vec<Batch> {
    vec![plain(SCOPES[0], "agent-a", id..id + 1, at)]
}

pub fn a_day_goes_when_all_its_scopes_are_over<E: Engine>() {
    let engine: E = forgetful();
    let store = engine.open();
    for number in 0..3 {
        let ids = number as u32 * 100..number as u32 * 100 + 100;
        store.append(vec![plain(SCOPES[0], "agent-a", ids, day(number))]).unwrap();
    }
    let usage = store.usage().unwrap();
    assert_eq!(usage.iter().map(|day| day.scopes[0].events).collect::<Vec<_>>(), [100, 100, 100]);
    assert!(usage.iter().all(|day| day.span.from < day.span.until && day.span.bytes > 0), "{usage:?}");
    let first_end = usage[0].span.until;
    assert_eq!(store.retire(&|_, until| until < first_end).unwrap(), Retired::default(), "a day goes as a whole");
    let retired = store.retire(&|_, until| until <= first_end).unwrap();
    assert_eq!((retired.spans, retired.events), (1, 100));
    let left = store.events(SCOPES[0], &EventFilter::default(), ALL).unwrap();
    assert_eq!((left.len(), left.last().unwrap().seq), (200, 101));
    drop(store);
    let store = engine.open();
    assert_eq!((store.stats().unwrap().events, store.stats().unwrap().spans), (200, 2));
    assert_eq!(store.append(one(900, day(2))).unwrap()[0].fresh[0].stored.seq, 301);
}

pub fn the_newest_day_goes_too_and_numbers_go_on<E: Engine>() {
    let engine: E = forgetful();
    let store = engine.open();
    store.append(vec![plain(SCOPES[0], "agent-a", 0..100, day(0))]).unwrap();
    assert_eq!(store.retire(&|_, _| true).unwrap().events, 100);
    assert_eq!(count(&store, SCOPES[0]).0, 0);
    drop(store);
    let store = engine.open();
    let done = store.append(one(0, Timestamp::now())).unwrap();
    assert_eq!(done[0].fresh[0].stored.seq, 101, "a number is never given away twice");
}

pub fn days_whose_ids_are_known_stay<E: Engine>() {
    let engine = E::new(Options { dedup_days: 3, ..Options::default() });
    let store = engine.open();
    store.append(vec![plain(SCOPES[0], "agent-a", 0..100, day(0))]).unwrap();
    store.append(vec![plain(SCOPES[0], "agent-a", 100..200, day(1))]).unwrap();
    assert_eq!(store.retire(&|_, _| true).unwrap(), Retired::default());
    assert_eq!(store.append(vec![plain(SCOPES[0], "agent-a", 0..100, day(1))]).unwrap()[0].duplicates, 100);
}

pub fn a_scope_that_is_over_leaves_a_day_that_others_keep<E: Engine>() {
    let engine: E = forgetful();
    let store = engine.open();
    for part in 0..5 {
        let ids = part * 200..part * 200 + 200;
        let batches = SCOPES.map(|scope| calls(scope, ids.clone(), day(0)));
        store.append(batches.into()).unwrap();
    }
    store.append(vec![plain(SCOPES[0], "agent-a", 0..10, day(1))]).unwrap();
    engine.maintain(&store);
    let before = store.usage().unwrap();
    assert_eq!(before[0].scopes.len(), 3);
    assert_eq!(
        before[0].scopes.iter().map(|scope| scope.event_bytes + scope.index_bytes).sum::<u64>(),
        before[0].span.bytes,
        "every byte is somebody's"
    );
    let retired = store.retire(&|scope, until| scope != SCOPES[1] && until <= day(1)).unwrap();
    assert_eq!((retired.spans, retired.events), (0, 2_000));
    assert_eq!([0, 1, 2].map(|place| count(&store, SCOPES[place])), [(10, 0), (1_000, 1_000), (0, 0)]);
    let task = EventFilter { task_id: Some("t3".to_owned()), ..EventFilter::default() };
    assert!(store.events(SCOPES[0], &task, ALL).unwrap().len() < 10);
    assert_eq!(store.check().unwrap(), Vec::<String>::new(), "what stays is whole");
    drop(store);
    let store = engine.open();
    assert_eq!((count(&store, SCOPES[1]), store.stats().unwrap().events), ((1_000, 1_000), 1_010));
}

pub fn what_is_erased_goes_whatever_its_age_and_others_keep_their_ids<E: Engine>() {
    let engine = E::new(Options::default());
    let store = engine.open();
    let (stays, goes) = (SCOPES[0], SCOPES[2]);
    let is_erased = |scope: Scope| scope == goes;
    store.append(vec![calls(stays, 0..50, day(0)), calls(goes, 0..50, day(0))]).unwrap();
    store.append(vec![calls(goes, 50..100, day(1))]).unwrap();
    let row = |scope| ProjectionRow { scope, table: 1, key: b"k".to_vec(), value: Some(b"v".to_vec()) };
    let checkpoint = Checkpoint { watermark: store.head(), alive_at: day(1), version: 1 };
    store.save_projections(&[row(stays), row(goes)], checkpoint).unwrap();

    let gone = store.erase(&is_erased).unwrap();
    assert_eq!((gone.spans, gone.events), (1, 100));
    assert_eq!((count(&store, goes), count(&store, stays)), ((0, 0), (50, 50)));
    assert_eq!(store.projection_row(goes, 1, b"k").unwrap(), None);
    assert_eq!(store.projection_row(stays, 1, b"k").unwrap(), Some(b"v".to_vec()));
    let again = calls(stays, 0..50, day(0));
    let again = Batch { received_at: Timestamp::now(), ..again };
    assert_eq!(store.append(vec![again]).unwrap()[0].duplicates, 50);
}
