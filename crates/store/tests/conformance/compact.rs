//! Days that are over are written anew: smaller, and the same to whoever asks.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use hiveboard_store::{
    CallFilter, CallSort, EventFilter, EventLog, EventPage, EventReader, Position, SqliteStore, StoreAdmin,
    StoreOptions, check, query::SeqOrder,
};
use hiveboard_store_conformance::{
    random::{SCOPES, calls, group},
    search::{SCOPE, filler, find, say},
};
use hiveboard_wire::{StoredEvent, Timestamp};

use crate::{open, random::DAY};

fn day_files(dir: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ending| ending == "db")).collect();
    files.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with("ev-"));
    files.sort();
    files
}

fn count(path: &Path, what: &str) -> u64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row(&format!("SELECT {what}"), [], |row| row.get::<_, i64>(0)).unwrap() as u64
}

/// A day that is over, and one that goes on. Texts of yesterday as people write them: much in common, and all different.
fn two_days(dir: &Path, events: usize) -> SqliteStore {
    let store = open(dir);
    let mut random = fastrand::Rng::with_seed(7);
    let words = ["invoice", "customer", "the", "refund", "was", "sent", "to", "order", "could", "not", "be", "found"];
    let texts: Vec<String> = (0..events)
        .map(|number| {
            let words: Vec<&str> = (0..60).map(|_| words[random.usize(..words.len())]).collect();
            format!("{number:05} {}", words.join(" "))
        })
        .collect();
    say(&store, 1, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    filler(&store, 0, 3);
    store
}

fn all(store: &SqliteStore) -> Vec<StoredEvent> {
    let page = EventPage { order: SeqOrder::Oldest { after: Position::START }, limit: 100_000 };
    store.events(SCOPE, &EventFilter::default(), page).unwrap()
}

fn replayed(store: &SqliteStore, after: u64) -> Vec<u64> {
    let mut seqs = Vec::new();
    store.replay(Position::of_seq(after), &mut |_, event, _| seqs.push(event.seq)).unwrap();
    seqs
}

#[test]
fn a_day_that_came_an_event_at_a_time_lies_in_blocks_of_many_and_answers_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let store = two_days(dir.path(), 3_000);
    let before = format!("{:?}", all(&store));
    store.maintain().unwrap();
    let [yesterday, today] = &day_files(dir.path())[..] else { panic!("two days") };
    assert!(count(yesterday, "count(*) FROM block") <= 3_000 / 100, "joined");
    assert_eq!(count(yesterday, "count(*) FROM zstd_dictionary"), 2);
    assert_eq!(count(today, "count(*) FROM block"), 3, "the day that goes on is left as it is");
    assert_eq!(format!("{:?}", all(&store)), before);
    assert_eq!(find(&store, "02999 "), [3_000]);
    assert_eq!(find(&store, "filler number 2"), [3_003]);
    // From anywhere within a block.
    for after in [0, 1, 127, 128, 1_000, 2_999, 3_001] {
        assert_eq!(replayed(&store, after), (after + 1..=3_003).collect::<Vec<_>>());
        let page = EventPage { order: SeqOrder::Newest { before: Some(Position::of_seq(after + 2)) }, limit: 1 };
        assert_eq!(store.events(SCOPE, &EventFilter::default(), page).unwrap()[0].seq, after + 1);
    }
    assert!(check(dir.path()).unwrap().faults.is_empty());
    // Its index is made anew from the joined blocks as well, whole or from its middle on.
    std::fs::remove_file(yesterday.with_extension("search")).unwrap();
    drop(store);
    let store = open(dir.path());
    store.maintain().unwrap();
    for number in [0, 1, 95, 96, 1_500, 2_999] {
        assert_eq!(find(&store, &format!("{number:05} ")), [number + 1]);
    }
}

#[test]
fn what_is_looked_for_in_a_task_or_among_calls_is_found_in_joined_blocks() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let yesterday = Timestamp(Timestamp::now().0 - DAY);
    for first in (0..400).step_by(4) {
        store.append(vec![calls(SCOPES[0], first..first + 4, yesterday)]).unwrap();
    }
    filler(&store, 0, 3);
    let answers = |store: &SqliteStore| {
        let text = |text: &str| CallFilter { text: Some(text.to_owned()), ..CallFilter::default() };
        let event_text = EventFilter {
            text: Some("think".to_owned()),
            kinds: vec![hiveboard_wire::Kind::LlmCall],
            ..EventFilter::default()
        };
        let page = EventPage { order: SeqOrder::Newest { before: None }, limit: 500 };
        (
            store.calls(SCOPES[0], &CallFilter::default(), CallSort::Cost { after: None }, 50).unwrap(),
            store.calls(SCOPES[0], &text("think"), CallSort::Cost { after: None }, 500).unwrap(),
            store.events(SCOPES[0], &event_text, page).unwrap(),
            store.call_groups(SCOPES[0], &CallFilter::default(), &[], None, 10).unwrap(),
        )
    };
    let before = answers(&store);
    assert!(before.0.len() == 50 && before.1.len() + before.2.len() > 400, "there is something to be found");
    store.maintain().unwrap();
    assert!(count(&day_files(dir.path())[0], "count(*) FROM block") <= 4);
    assert_eq!(format!("{:?}", answers(&store)), format!("{before:?}"));
}

/// Small pieces, so that few events make many.
fn open_finely(dir: &Path) -> SqliteStore {
    let options = StoreOptions { search_stretch_events: 4, search_segment_stretches: 8, ..crate::options() };
    SqliteStore::open(dir, options).expect("the store opens")
}

#[test]
fn an_index_goes_on_from_within_a_joined_block() {
    let dir = tempfile::tempdir().unwrap();
    let texts: Vec<String> = (0..300).map(|number| format!("said {number:03} once")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let store = open_finely(dir.path());
    say(&store, 1, &texts[..70]);
    store.maintain().unwrap();
    say(&store, 1, &texts[70..]);
    filler(&store, 0, 3);
    drop(store);
    // By itself, before anything else was indexed; no ids of yesterday wait to leave memory.
    let alone = StoreOptions { compaction_interval: Duration::from_millis(1), dedup_days: 0, ..crate::options() };
    let store = SqliteStore::open(dir.path(), alone).unwrap();
    let yesterday = day_files(dir.path())[0].clone();
    let until = Instant::now() + Duration::from_secs(60);
    // Looks at a copy: who has the day open holds the exchange up.
    let looked_at = dir.path().join("looked-at");
    let blocks = || {
        std::fs::copy(&yesterday, &looked_at).unwrap();
        count(&looked_at, "count(*) FROM block")
    };
    while blocks() >= 300 {
        assert!(Instant::now() < until, "it is compacted in time");
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(store);
    let store = open_finely(dir.path());
    store.maintain().unwrap();
    for (place, text) in texts.iter().enumerate() {
        assert_eq!(find(&store, text), [place as u64 + 1], "{text}");
    }
}

#[test]
fn a_call_is_found_by_its_text_anywhere_in_a_joined_block() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_finely(dir.path());
    let yesterday = Timestamp(Timestamp::now().0 - DAY);
    for number in 0..300 {
        let call = format!(
            r#"{{"event_id":"c{number}","timestamp":"{yesterday}","event_type":"custom","task_id":"t",
                "payload":{{"kind":"llm_call","data":{{"name":"asked {number:03} once","model":"m","cost":0.{number:03}}}}}}}"#
        );
        store.append(vec![group(SCOPE, r#"{"agent_id":"a"}"#, &[call], yesterday)]).unwrap();
    }
    filler(&store, 0, 3);
    store.maintain().unwrap();
    for number in 0..300 {
        let filter = CallFilter { text: Some(format!("asked {number:03} once")), ..CallFilter::default() };
        let found = store.calls(SCOPE, &filter, CallSort::Cost { after: None }, 10).unwrap();
        assert_eq!(found.iter().map(|call| call.event_id.as_str()).collect::<Vec<_>>(), [format!("c{number}")]);
    }
}

#[test]
fn a_day_that_somebody_else_has_open_waits_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = two_days(dir.path(), 300);
    let yesterday = day_files(dir.path())[0].clone();
    let other = rusqlite::Connection::open(&yesterday).unwrap();
    let blocks = |connection: &rusqlite::Connection| {
        connection.query_row("SELECT count(*) FROM block", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(blocks(&other), 300);
    store.maintain().unwrap();
    assert_eq!((blocks(&other), all(&store).len()), (300, 303));
    drop(other);
    store.maintain().unwrap();
    assert_eq!((count(&yesterday, "count(*) FROM block") < 10, all(&store).len()), (true, 303));
    assert!(check(dir.path()).unwrap().faults.is_empty());
}

#[test]
fn what_a_killed_server_had_begun_is_removed_and_done_again() {
    let dir = tempfile::tempdir().unwrap();
    drop(two_days(dir.path(), 200));
    let yesterday = day_files(dir.path())[0].clone();
    let begun = dir.path().join(format!("{}.compacting", yesterday.file_name().unwrap().to_string_lossy()));
    std::fs::write(&begun, b"half a file").unwrap();
    let store = open(dir.path());
    assert!(!begun.exists());
    assert_eq!(count(&yesterday, "count(*) FROM block"), 200);
    store.maintain().unwrap();
    assert_eq!((count(&yesterday, "count(*) FROM block") < 10, all(&store).len()), (true, 203));
}

#[test]
fn repeated_events_of_a_compacted_day_are_known() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let yesterday = Timestamp(Timestamp::now().0 - DAY);
    let batch = || calls(SCOPES[0], 0..50, yesterday);
    store.append(vec![batch()]).unwrap();
    filler(&store, 0, 1);
    store.maintain().unwrap();
    assert_eq!(store.append(vec![batch()]).unwrap()[0].duplicates, 50);
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.append(vec![batch()]).unwrap()[0].duplicates, 50);
}

#[test]
fn one_copy_of_the_dictionary_is_enough_and_without_any_the_day_is_told_as_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let store = two_days(dir.path(), 3_000);
    store.maintain().unwrap();
    drop(store);
    let yesterday = day_files(dir.path())[0].clone();
    let spoil = |copy: u8| {
        let connection = rusqlite::Connection::open(&yesterday).unwrap();
        connection.execute("UPDATE zstd_dictionary SET bytes = zeroblob(100) WHERE copy = ?1", [copy]).unwrap();
    };
    spoil(1);
    assert_eq!(all(&open(dir.path())).len(), 3_003);
    spoil(2);
    let store = open(dir.path());
    assert_eq!(all(&store).len(), 3, "the other day is served");
    store.maintain().unwrap();
    assert!(store.damages().iter().any(|damage| damage.what.contains("0 of 2")), "{:?}", store.damages());
}
