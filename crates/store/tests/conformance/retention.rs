//! Retention: what has served its time goes, with its room on the disk, and no append waits for it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use hiveboard_store::{
    CallFilter, Checkpoint, EventFilter, EventLog, EventPage, EventReader, ProjectionRow, ProjectionStore, Retired,
    SqliteStore, StoreAdmin, StoreOptions, query::SeqOrder,
};
use hiveboard_wire::{Scope, Timestamp};

use crate::{
    options,
    random::{DAY, SCOPES, base, group, plain},
};

const ALL: EventPage = EventPage { order: SeqOrder::Newest { before: None }, limit: usize::MAX };

/// Ids are forgotten at once, so that days may go at once.
fn open(dir: &Path) -> SqliteStore {
    SqliteStore::open(dir, StoreOptions { dedup_days: 0, ..options() }).unwrap()
}

fn day(number: i64) -> Timestamp {
    Timestamp(base() + number * DAY)
}

/// Calls and failures with payloads that do not compress well.
fn calls(scope: Scope, ids: std::ops::Range<u32>, at: Timestamp) -> hiveboard_store::Batch {
    let events: Vec<String> = ids
        .map(|id| {
            let noise = (0..40).map(|_| format!("{:08x}", fastrand::u32(..))).collect::<Vec<_>>().concat();
            format!(
                r#"{{"event_id":"call {id}","timestamp":"{at}","event_type":"custom","task_id":"t{}","severity":"error","payload":{{"kind":"llm_call","summary":"{noise}",
                    "data":{{"name":"think","model":"m","tokens_in":3,"tokens_out":1,"cost":0.5}}}}}}"#,
                id % 7
            )
        })
        .collect();
    group(scope, r#"{"agent_id":"agent-a"}"#, &events, at)
}

fn count(store: &SqliteStore, scope: Scope) -> (usize, u64) {
    let calls = store.call_groups(scope, &CallFilter::default(), &[], None, 1).unwrap();
    (store.events(scope, &EventFilter::default(), ALL).unwrap().len(), calls.groups[0].totals.call_count)
}

fn blocks_on_disk(dir: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().metadata().unwrap());
    entries.filter(std::fs::Metadata::is_file).map(|file| file.blocks() * 512).sum()
}

#[test]
fn a_day_goes_with_its_file_when_all_its_scopes_are_over() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for number in 0..3 {
        let ids = number as u32 * 100..number as u32 * 100 + 100;
        store.append(vec![plain(SCOPES[0], "agent-a", ids, day(number))]).unwrap();
        store.events(SCOPES[0], &EventFilter::default(), ALL).unwrap();
    }
    let usage = store.usage().unwrap();
    assert_eq!(usage.iter().map(|day| day.scopes[0].events).collect::<Vec<_>>(), [100, 100, 100]);
    let first_end = usage[0].span.until;
    assert_eq!(store.retire(&|_, until| until < first_end).unwrap(), Retired::default(), "a day goes as a whole");
    let retired = store.retire(&|_, until| until <= first_end).unwrap();
    assert_eq!((retired.spans, retired.events, retired.bytes), (1, 100, usage[0].span.bytes));
    let left = store.events(SCOPES[0], &EventFilter::default(), ALL).unwrap();
    assert_eq!((left.len(), left.last().unwrap().seq), (200, 101));
    store.close().unwrap();
    drop(store);
    let names: Vec<String> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(
        names
            .iter()
            .filter(|name| name.starts_with("ev-")
                && std::path::Path::new(name.as_str()).extension().is_some_and(|ending| ending == "db"))
            .count(),
        2,
        "{names:?}"
    );
    let store = open(dir.path());
    assert_eq!(store.stats().unwrap().events, 200);
    assert_eq!(store.append(vec![plain(SCOPES[0], "agent-a", 900..901, day(2))]).unwrap()[0].fresh[0].stored.seq, 301);
}

#[test]
fn a_scope_that_is_over_leaves_a_day_that_others_keep() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for part in 0..20 {
        let ids = part * 200..part * 200 + 200;
        store
            .append(vec![
                calls(SCOPES[0], ids.clone(), day(0)),
                calls(SCOPES[1], ids.clone(), day(0)),
                calls(SCOPES[2], ids, day(0)),
            ])
            .unwrap();
    }
    store.append(vec![plain(SCOPES[0], "agent-a", 0..10, day(1))]).unwrap();
    store.maintain().unwrap();
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    let before = store.usage().unwrap();
    assert_eq!(before[0].scopes.len(), 3);
    assert_eq!(
        before[0].scopes.iter().map(|scope| scope.event_bytes + scope.index_bytes).sum::<u64>(),
        before[0].span.bytes,
        "every byte is somebody's"
    );
    let disk_before = blocks_on_disk(dir.path());
    let retired = store.retire(&|scope, until| scope != SCOPES[1] && until <= day(1)).unwrap();
    assert_eq!((retired.spans, retired.events), (0, 8_000));
    let freed = disk_before - blocks_on_disk(dir.path());
    assert!(
        freed * 10 > disk_before * 5,
        "two of three scopes were half of the disk and more: {freed} of {disk_before}"
    );
    assert_eq!([0, 1, 2].map(|place| count(&store, SCOPES[place])), [(10, 0), (4_000, 4_000), (0, 0)]);
    let task = EventFilter { task_id: Some("t3".to_owned()), ..EventFilter::default() };
    assert!(store.events(SCOPES[0], &task, ALL).unwrap().len() < 10);
    assert_eq!(store.check().unwrap(), Vec::<String>::new(), "what stays is whole");
    drop(store);
    assert_eq!(count(&open(dir.path()), SCOPES[1]), (4_000, 4_000));
}

#[test]
fn no_append_waits_for_retention() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for number in 0..2 {
        for part in 0..40 {
            let ids = part * 200..part * 200 + 200;
            store.append(vec![calls(SCOPES[0], ids.clone(), day(number)), calls(SCOPES[1], ids, day(number))]).unwrap();
        }
    }
    store.append(vec![plain(SCOPES[0], "agent-b", 0..10, day(2))]).unwrap();
    let (retired, slowest) = std::thread::scope(|threads| {
        let retiring = threads.spawn(|| {
            // One scope of the first two days; then all of the first day.
            let first = store.retire(&|scope, until| scope == SCOPES[0] && until <= day(2)).unwrap();
            (first, store.retire(&|_, until| until <= day(1)).unwrap())
        });
        let (mut slowest, mut next) = (Duration::ZERO, 10);
        while !retiring.is_finished() {
            let started = Instant::now();
            store.append(vec![plain(SCOPES[0], "agent-b", next..next + 20, day(2))]).unwrap();
            slowest = slowest.max(started.elapsed());
            next += 20;
        }
        (retiring.join().unwrap(), slowest)
    });
    assert_eq!((retired.0.events, retired.1.events), (16_000, 8_000));
    println!("slowest append while 24,000 events left: {slowest:?}");
    // The promise is 50 ms; a busy machine alone may take longer for one fsync.
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
}

#[test]
fn what_a_killed_retention_left_is_finished_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.append(vec![plain(SCOPES[0], "agent-a", 0..100, day(0))]).unwrap();
    store.append(vec![plain(SCOPES[0], "agent-a", 100..200, day(1))]).unwrap();
    store.close().unwrap();
    drop(store);
    let first = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "db") && path.to_string_lossy().contains("ev-"))
        .min()
        .unwrap();
    // Renamed, its log still there: as the kill between the two would leave it.
    std::fs::write(format!("{}-wal", first.display()), b"left over").unwrap();
    std::fs::rename(&first, format!("{}.gone", first.display())).unwrap();
    let store = open(dir.path());
    assert_eq!((store.stats().unwrap().events, store.stats().unwrap().spans), (100, 1));
    assert!(!Path::new(&format!("{}.gone", first.display())).exists());
    assert!(!Path::new(&format!("{}-wal", first.display())).exists());
}

#[test]
fn what_is_erased_goes_whatever_its_age_and_others_keep_their_ids() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), options()).unwrap();
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
    assert_eq!(store.append(vec![calls(stays, 0..50, Timestamp::now())]).unwrap()[0].duplicates, 50);

    store.append(vec![calls(stays, 100..150, Timestamp::now()), calls(goes, 100..150, Timestamp::now())]).unwrap();
    assert_eq!(store.erase(&is_erased).unwrap(), Retired::default(), "today is being written");
    assert_eq!((count(&store, goes).0, count(&store, stays)), (50, (100, 100)));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}
