//! Ids that left memory.

use std::path::Path;

use hiveboard_store::{EventLog, SqliteStore, StoreAdmin, StoreOptions};
use hiveboard_wire::Timestamp;

use crate::{
    options,
    random::{DAY, SCOPES, base, plain},
};

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
