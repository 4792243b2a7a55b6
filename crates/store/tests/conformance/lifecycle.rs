//! Opening, closing, time limits, and the plans of the queries.

use std::time::Duration;

use hiveboard_store::{
    CallFilter, EventFilter, EventLog, EventPage, EventReader, Position, Retired, SqliteStore, StoreAdmin, StoreError,
    StoreOptions, query::SeqOrder,
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
fn a_query_over_its_time_is_cancelled() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), StoreOptions { query_time_limit: Duration::ZERO, ..options() }).unwrap();
    store
        .append(
            (0..10)
                .map(|batch| plain(SCOPES[0], "agent-a", batch * 300..batch * 300 + 300, Timestamp(base())))
                .collect(),
        )
        .unwrap();
    assert!(matches!(store.events(SCOPES[0], &EventFilter::default(), ALL), Err(StoreError::TimedOut)));
    let mut replayed = 0;
    store.replay(Position::START, &mut |_, _, _| replayed += 1).unwrap();
    assert_eq!(replayed, 3000, "a replay takes the time it needs");
}

#[test]
fn readers_and_the_writer_do_not_wait_for_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let interval = Duration::from_millis(1);
    let store = SqliteStore::open(
        dir.path(),
        StoreOptions { checkpoint_interval: interval, log_limit_bytes: 256 << 10, ..options() },
    )
    .unwrap();
    std::thread::scope(|threads| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                threads.spawn(|| {
                    let mut last = 0;
                    while last < 20_000 {
                        let head = store.head().seq();
                        let page = EventPage {
                            order: SeqOrder::Oldest { after: Position::of_seq(head.saturating_sub(10)) },
                            limit: 5,
                        };
                        let found = store.events(SCOPES[0], &EventFilter::default(), page).unwrap();
                        assert!(head == 0 || !found.is_empty(), "acknowledged means visible");
                        store.call_groups(SCOPES[0], &CallFilter::default(), &[], None).unwrap();
                        last = head;
                    }
                })
            })
            .collect();
        for batch in 0..200 {
            store.append(vec![plain(SCOPES[0], "agent-a", batch * 100..batch * 100 + 100, Timestamp(base()))]).unwrap();
        }
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_retired_day_is_gone_with_its_file_and_the_newest_stays() {
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
        store.events(SCOPES[0], &EventFilter::default(), ALL).unwrap();
    }
    let spans = store.spans().unwrap();
    assert_eq!(spans.iter().map(|span| span.events).collect::<Vec<_>>(), [100, 100, 100]);
    let early = Timestamp(spans[0].until.0 - 1);
    assert_eq!(store.retire_before(early).unwrap(), Retired::default(), "a span goes as a whole");
    let retired = store.retire_before(spans[0].until).unwrap();
    assert_eq!((retired.spans, retired.events, retired.bytes), (1, 100, spans[0].bytes));
    assert_eq!(store.retire_before(spans[0].until).unwrap(), Retired::default());
    let left = store.events(SCOPES[0], &EventFilter::default(), ALL).unwrap();
    assert_eq!((left.len(), left.last().unwrap().seq), (200, 101));
    let files = || {
        let names =
            std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.strip_prefix("ev-").is_some_and(|rest| rest.strip_suffix(".db").is_some())).count()
    };
    store.close().unwrap();
    drop(store);
    assert_eq!(files(), 2);
    let store = open(dir.path());
    assert_eq!(store.spans().unwrap().iter().map(|span| span.from).collect::<Vec<_>>(), [spans[1].from, spans[2].from]);
    assert_eq!(store.head().seq(), 300);
    let retired = store.retire_before(Timestamp(i64::MAX)).unwrap();
    assert_eq!((retired.spans, store.spans().unwrap().len()), (1, 1), "the newest always stays");
    // Forgotten with its day, so it may come again.
    assert_eq!(
        store.append(vec![plain(SCOPES[0], "agent-a", 0..100, Timestamp(base() + 2 * DAY))]).unwrap()[0].fresh.len(),
        100
    );
}
