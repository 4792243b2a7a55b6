//! Repeated events change nothing, for as long as promised.

use hiveboard_store::{EventStore, SqliteStore, StoreOptions};
use hiveboard_wire::Timestamp;

use crate::{
    open, options,
    random::{DAY, SCOPES, base, plain},
};

#[test]
fn a_batch_sent_again_is_all_duplicates_days_later_and_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let today = Timestamp(base() + 3 * DAY);
    let batch = |days: i64| plain(SCOPES[0], "agent-a", 0..300, Timestamp(today.0 - days * DAY));
    let store = open(dir.path());
    assert_eq!(store.append(vec![batch(6)]).unwrap()[0].fresh.len(), 300);
    for days in (0..6).rev() {
        let done = store.append(vec![batch(days)]).unwrap();
        assert_eq!((done[0].fresh.len(), done[0].duplicates), (0, 300), "{days} days ago");
        store.append(vec![plain(SCOPES[0], "agent-a", 1000 + days as u32..1001 + days as u32, Timestamp(today.0 - days * DAY))]).unwrap();
    }
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.append(vec![batch(0)]).unwrap()[0].duplicates, 300);
    assert_eq!(store.stats().unwrap().events, 306);
}

#[test]
fn ids_are_forgotten_after_the_window_and_only_then() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), StoreOptions { dedup_days: 7, ..options() }).unwrap();
    let at = |days: i64| Timestamp(base() + days * DAY);
    store.append(vec![plain(SCOPES[0], "agent-a", 0..10, at(-10))]).unwrap();
    assert_eq!(store.append(vec![plain(SCOPES[0], "agent-a", 0..10, at(-3))]).unwrap()[0].duplicates, 10);
    assert_eq!(store.append(vec![plain(SCOPES[0], "agent-a", 0..10, at(-2))]).unwrap()[0].duplicates, 0);
}

#[test]
fn the_same_id_in_two_scopes_is_two_events() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let done = store.append(SCOPES.iter().map(|scope| plain(*scope, "agent-a", 0..20, Timestamp(base()))).collect()).unwrap();
    assert!(done.iter().all(|appended| appended.fresh.len() == 20 && appended.duplicates == 0));
    let again = store.append(SCOPES.iter().map(|scope| plain(*scope, "agent-b", 0..20, Timestamp(base()))).collect()).unwrap();
    assert!(again.iter().all(|appended| appended.duplicates == 20), "whoever sends it");
}

#[test]
fn the_first_of_a_repeated_id_in_one_append_wins() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let at = Timestamp(base());
    let done = store
        .append(vec![plain(SCOPES[0], "agent-a", 0..5, at), plain(SCOPES[0], "agent-b", 3..8, at), plain(SCOPES[1], "agent-c", 3..4, at)])
        .unwrap();
    let counts: Vec<_> = done.iter().map(|appended| (appended.fresh.len(), appended.duplicates)).collect();
    assert_eq!(counts, [(5, 0), (3, 2), (1, 0)]);
}
