//! Repeated events change nothing, for as long as promised.

use hiveboard_store::{EventLog, StoreAdmin};
use hiveboard_wire::Timestamp;

use crate::{
    Engine, Options,
    random::{DAY, SCOPES, base, plain, sent},
};

fn at(days: i64) -> Timestamp {
    Timestamp(base() + days * DAY)
}

pub fn a_batch_sent_again_is_all_duplicates_days_later_and_after_reopening<E: Engine>() {
    let engine = E::new(Options::default());
    let batch = |day: i64| sent(SCOPES[0], "agent-a", 0..300, at(-3), at(day));
    let store = engine.open();
    assert_eq!(store.append(vec![batch(-3)]).unwrap()[0].fresh.len(), 300);
    for day in -2..=3 {
        let done = store.append(vec![batch(day)]).unwrap();
        assert_eq!((done[0].fresh.len(), done[0].duplicates, done[0].differing.len()), (0, 300, 0), "on day {day}");
        let id = 1000 + (day + 3) as u32;
        store.append(vec![plain(SCOPES[0], "agent-a", id..id + 1, at(day))]).unwrap();
    }
    drop(store);
    let store = engine.open();
    assert_eq!(store.append(vec![batch(3)]).unwrap()[0].duplicates, 300);
    assert_eq!(store.stats().unwrap().events, 306);
}

pub fn ids_are_forgotten_after_the_window_and_only_then<E: Engine>() {
    let engine = E::new(Options { dedup_days: 7, ..Options::default() });
    let store = engine.open();
    let again = |day| sent(SCOPES[0], "agent-a", 0..10, at(-10), at(day));
    store.append(vec![again(-10)]).unwrap();
    for day in -9..=-4 {
        store.append(vec![plain(SCOPES[0], "agent-b", (day + 100) as u32..(day + 101) as u32, at(day))]).unwrap();
    }
    assert_eq!(store.append(vec![again(-3)]).unwrap()[0].duplicates, 10);
    assert_eq!(store.append(vec![again(-2)]).unwrap()[0].duplicates, 0);
}

pub fn a_clock_that_jumps_ahead_forgets_nothing<E: Engine>() {
    let engine = E::new(Options::default());
    let ids = |last, day| sent(SCOPES[0], "agent-a", 0..last, at(0), at(day));
    let store = engine.open();
    store.append(vec![ids(10, 0)]).unwrap();
    assert_eq!(store.append(vec![ids(20, 400)]).unwrap()[0].duplicates, 10);
    drop(store);
    let store = engine.open();
    assert_eq!(store.append(vec![ids(20, 0)]).unwrap()[0].duplicates, 20);
    assert_eq!(store.append(vec![ids(20, 401)]).unwrap()[0].duplicates, 20);
}

pub fn the_same_id_in_two_scopes_is_two_events<E: Engine>() {
    let engine = E::new(Options::default());
    let store = engine.open();
    let done = store.append(SCOPES.iter().map(|scope| plain(*scope, "agent-a", 0..20, at(0))).collect()).unwrap();
    assert!(done.iter().all(|appended| appended.fresh.len() == 20 && appended.duplicates == 0));
    let again = store.append(SCOPES.iter().map(|scope| plain(*scope, "agent-b", 0..20, at(0))).collect()).unwrap();
    assert!(again.iter().all(|appended| appended.duplicates == 20), "whoever sends it");
    assert!(again.iter().all(|appended| appended.differing == (0..20).collect::<Vec<_>>()), "and that it is another's");
    let same = store.append(vec![plain(SCOPES[0], "agent-a", 0..20, at(0))]).unwrap();
    assert_eq!((same[0].duplicates, same[0].differing.len()), (20, 0), "a repetition says nothing new");
}

pub fn the_first_of_a_repeated_id_in_one_append_wins<E: Engine>() {
    let engine = E::new(Options::default());
    let store = engine.open();
    let done = store
        .append(vec![
            plain(SCOPES[0], "agent-a", 0..5, at(0)),
            plain(SCOPES[0], "agent-b", 3..8, at(0)),
            plain(SCOPES[1], "agent-c", 3..4, at(0)),
        ])
        .unwrap();
    let counts: Vec<_> = done.iter().map(|appended| (appended.fresh.len(), appended.duplicates)).collect();
    assert_eq!(counts, [(5, 0), (3, 2), (1, 0)]);
    assert_eq!(done[1].differing, [0, 1], "of another agent");
}
