//! Opening, closing, time limits, and the plans of the queries.

use hiveboard_store::{
    EventFilter, EventLog, EventPage, EventReader, SqliteStore, StoreAdmin, StoreError, StoreOptions, query::SeqOrder,
};
use hiveboard_wire::Timestamp;

use crate::{
    open, options,
    random::{DAY, SCOPES, base, plain},
};

const ALL: EventPage = EventPage { order: SeqOrder::Newest { before: None }, limit: usize::MAX };

#[test]
fn a_second_server_is_refused_until_the_first_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path());
    let Err(StoreError::Unusable(message)) = SqliteStore::open(dir.path(), options()) else { panic!("opened twice") };
    assert!(message.contains("another server"), "{message}");
    drop(first);
    open(dir.path());
}

#[test]
fn closing_leaves_small_files_and_no_log() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for day in 0..3 {
        store
            .append(vec![plain(
                SCOPES[0],
                "agent-a",
                day * 100..day * 100 + 100,
                Timestamp(base() + i64::from(day) * DAY),
            )])
            .unwrap();
    }
    store.close().unwrap();
    assert!(matches!(
        store.append(vec![plain(SCOPES[0], "agent-a", 0..1, Timestamp(base()))]),
        Err(StoreError::Failed(_))
    ));
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        assert!(!name.ends_with("-wal") || entry.metadata().unwrap().len() == 0, "{name}");
    }
    assert_eq!(store.stats().unwrap().spans, 3);
}

#[test]
fn idle_connections_are_bounded_over_all_days() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), StoreOptions { idle_readers: 3, ..options() }).unwrap();
    for day in 0..10 {
        let at = Timestamp(base() + (i64::from(day) - 6) * DAY);
        store.append(vec![plain(SCOPES[0], "agent-a", day * 10..day * 10 + 10, at)]).unwrap();
    }
    std::thread::scope(|threads| {
        for _ in 0..8 {
            threads.spawn(|| assert_eq!(store.events(SCOPES[0], &EventFilter::default(), ALL).unwrap().len(), 100));
        }
    });
    assert_eq!(store.stats().unwrap().idle_readers, 3);
}
