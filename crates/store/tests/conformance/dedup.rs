//! Repeated events change nothing, for as long as promised.

use std::path::Path;

use hiveboard_store::{EventLog, SqliteStore, StoreAdmin, StoreOptions};
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
        store
            .append(vec![plain(
                SCOPES[0],
                "agent-a",
                1000 + days as u32..1001 + days as u32,
                Timestamp(today.0 - days * DAY),
            )])
            .unwrap();
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
    for day in -9..=-4 {
        store.append(vec![plain(SCOPES[0], "agent-b", (day + 100) as u32..(day + 101) as u32, at(day))]).unwrap();
    }
    assert_eq!(store.append(vec![plain(SCOPES[0], "agent-a", 0..10, at(-3))]).unwrap()[0].duplicates, 10);
    assert_eq!(store.append(vec![plain(SCOPES[0], "agent-a", 0..10, at(-2))]).unwrap()[0].duplicates, 0);
}

#[test]
fn a_clock_that_jumps_ahead_forgets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let at = |days: i64| Timestamp(base() + days * DAY);
    let store = open(dir.path());
    store.append(vec![plain(SCOPES[0], "agent-a", 0..10, at(0))]).unwrap();
    assert_eq!(store.append(vec![plain(SCOPES[0], "agent-a", 0..20, at(400))]).unwrap()[0].duplicates, 10);
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.append(vec![plain(SCOPES[0], "agent-a", 0..20, at(0))]).unwrap()[0].duplicates, 20);
    assert_eq!(store.append(vec![plain(SCOPES[0], "agent-a", 0..20, at(401))]).unwrap()[0].duplicates, 20);
}

#[test]
fn the_same_id_in_two_scopes_is_two_events() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let done =
        store.append(SCOPES.iter().map(|scope| plain(*scope, "agent-a", 0..20, Timestamp(base()))).collect()).unwrap();
    assert!(done.iter().all(|appended| appended.fresh.len() == 20 && appended.duplicates == 0));
    let again =
        store.append(SCOPES.iter().map(|scope| plain(*scope, "agent-b", 0..20, Timestamp(base()))).collect()).unwrap();
    assert!(again.iter().all(|appended| appended.duplicates == 20), "whoever sends it");
    assert!(again.iter().all(|appended| appended.differing == (0..20).collect::<Vec<_>>()), "and that it is another's");
    let same = store.append(vec![plain(SCOPES[0], "agent-a", 0..20, Timestamp(base()))]).unwrap();
    assert_eq!((same[0].duplicates, same[0].differing.len()), (20, 0), "a repetition says nothing new");
}

#[test]
fn the_first_of_a_repeated_id_in_one_append_wins() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let at = Timestamp(base());
    let done = store
        .append(vec![
            plain(SCOPES[0], "agent-a", 0..5, at),
            plain(SCOPES[0], "agent-b", 3..8, at),
            plain(SCOPES[1], "agent-c", 3..4, at),
        ])
        .unwrap();
    let counts: Vec<_> = done.iter().map(|appended| (appended.fresh.len(), appended.duplicates)).collect();
    assert_eq!(counts, [(5, 0), (3, 2), (1, 0)]);
}

fn sealed_ids(dir: &Path) -> i64 {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let days = files.filter(|path| {
        path.file_name().unwrap().to_string_lossy().starts_with("ev-") && path.extension().unwrap() == "db"
    });
    days.map(|path| {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.query_row("SELECT coalesce(sum(ids), 0) FROM sealed", [], |row| row.get::<_, i64>(0)).unwrap()
    })
    .sum()
}

#[test]
fn ids_that_left_memory_are_still_known_and_new_ones_still_new() {
    let dir = tempfile::tempdir().unwrap();
    let small = || StoreOptions { dedup_ids_in_memory: 1000, ..options() };
    let store = SqliteStore::open(dir.path(), small()).unwrap();
    let at = |days: i64| Timestamp(base() + (days - 3) * DAY);
    let batch = |from: u32, days: i64| plain(SCOPES[0], "agent-a", from..from + 100, at(days));
    for step in 0..60_u32 {
        store.append(vec![batch(step * 100, i64::from(step) / 15)]).unwrap();
        if step % 7 == 0 {
            store.maintain().unwrap();
        }
    }
    store.maintain().unwrap();
    assert_eq!(store.stats().unwrap().dedup_ids, 6000);
    assert!(sealed_ids(dir.path()) >= 4500, "days 0 to 2, and what is too much for memory");
    for step in 0..60_u32 {
        let done = store.append(vec![batch(step * 100, 4), batch(100_000 + step * 100, 4)]).unwrap();
        assert_eq!((done[0].duplicates, done[1].duplicates), (100, 0), "batch {step}");
    }
    assert_eq!(store.stats().unwrap().events, 12_000);
    drop(store);
    let store = SqliteStore::open(dir.path(), small()).unwrap();
    assert_eq!(
        store
            .append((0..60).map(|step| batch(step * 100, 4)).collect())
            .unwrap()
            .iter()
            .map(|done| done.duplicates)
            .sum::<usize>(),
        6000
    );
    assert_eq!(store.stats().unwrap().dedup_ids, 12_000);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}
