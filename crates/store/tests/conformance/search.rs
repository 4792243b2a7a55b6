//! Text search finds what is there, with an index, without one, and with one that lies.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use hiveboard_store::{
    Batch, EventFilter, EventLog, EventPage, EventReader, Incoming, Position, SqliteStore, StoreAdmin, StoreOptions,
    query::SeqOrder,
};
use hiveboard_wire::{Mode, Scope, Timestamp, WorkspaceId, decode_batch};

const SCOPE: Scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
const DAY: i64 = 86_400_000_000;

/// Small pieces, so that few events make many.
fn open(dir: &Path) -> SqliteStore {
    let options = StoreOptions { search_stretch_events: 4, search_segment_stretches: 8, ..crate::options() };
    SqliteStore::open(dir, options).expect("the store opens")
}

/// Appends events that say something, one a commit.
fn say(store: &SqliteStore, days_ago: i64, texts: &[&str]) {
    let at = Timestamp(Timestamp::now().0 - days_ago * DAY);
    for text in texts {
        let event = serde_json::json!({
            "event_id": uuid::Uuid::new_v4().to_string(), "timestamp": at.to_string(), "event_type": "custom",
            "payload": {"kind": "note", "summary": text, "data": {"text": text}},
        });
        let body = serde_json::json!({"envelope": {"agent_id": "a"}, "events": [event]}).to_string();
        let decoded = decode_batch(body.as_bytes(), at).expect("a batch");
        let events = decoded.events.into_iter();
        let events = events.map(|accepted| Incoming { event: accepted.event, body: accepted.body, call_cost: None });
        let envelope = Arc::clone(&decoded.envelope);
        store.append(vec![Batch { scope: SCOPE, envelope, received_at: at, events: events.collect() }]).unwrap();
    }
}

fn filler(store: &SqliteStore, days_ago: i64, count: usize) {
    let texts: Vec<String> = (0..count).map(|number| format!("filler number {number}")).collect();
    say(store, days_ago, &texts.iter().map(String::as_str).collect::<Vec<_>>());
}

/// `seq` of what is found, newest first.
fn find(store: &SqliteStore, text: &str) -> Vec<u64> {
    let filter = EventFilter { text: Some(text.to_owned()), ..EventFilter::default() };
    let page = |order| EventPage { order, limit: 1000 };
    let newest = store.events(SCOPE, &filter, page(SeqOrder::Newest { before: None })).unwrap();
    let mut oldest = store.events(SCOPE, &filter, page(SeqOrder::Oldest { after: Position::START })).unwrap();
    oldest.reverse();
    let seqs = |events: &[hiveboard_wire::StoredEvent]| events.iter().map(|event| event.seq).collect::<Vec<_>>();
    assert_eq!(seqs(&newest), seqs(&oldest));
    seqs(&newest)
}

fn index_files(dir: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ending| ending == "search")).collect();
    files.sort();
    files
}

#[test]
fn a_text_is_found_in_any_script_form_and_case() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let said = [
        ("Order ord-4821 was refunded", &["ord-4821", "ORD-48", "4821", "refund", "r ord", "REFUNDED"][..]),
        ("OrderService.retry gave up", &["OrderService.retry", "service.ret", "orderservice"]),
        (
            "trace 3f2b8c1e-77aa-4d0b-9e55-0c1d2e3f4a5b",
            &["77aa-4d0b", "8c1e-77AA", "3f2b8c1e-77aa-4d0b-9e55-0c1d2e3f4a5b"],
        ),
        ("le cafe\u{301} de Zoé", &["café", "CAFE\u{301}", "zoé", "ZOE\u{301}"]),
        ("Hauptstraße 5, Ελλάς, ПРИВЕТ", &["HAUPTSTRASSE", "ελλάσ", "привет", "иве"]),
        ("发送请求失败，请稍后再试", &["请求", "失败", "求", "稍后再试"]),
        ("한국어 검색과 日本語の検索", &["한국어", "검색", "検索", "語"]),
        ("مرحبا بالعالم สวัสดี नमस्ते", &["بالعالم", "สวัส", "नमस्ते"]),
        ("status 🚀 \"quoted\\path\"\n100%", &["🚀", "\"quoted\\p", "100%", "\"\n1"]),
    ];
    for round in 0..3 {
        filler(&store, 0, 9);
        let first = store.head().seq() + 1;
        say(&store, 0, &said.map(|(text, _)| text));
        for indexed in [false, true] {
            if indexed {
                filler(&store, 0, 40);
                store.maintain().unwrap();
            }
            for (place, (text, queries)) in said.iter().enumerate() {
                for query in *queries {
                    let found = find(&store, query);
                    assert_eq!(found.len(), round + 1, "{query:?} in {text:?}, indexed: {indexed}");
                    assert_eq!(found[0], first + place as u64, "{query:?} in {text:?}, indexed: {indexed}");
                }
            }
            for absent in ["ord-4822", "cafe", "summary", "请失", "zq", "OrderService.return"] {
                assert!(find(&store, absent).is_empty(), "{absent}");
            }
        }
    }
    assert_eq!(index_files(dir.path()).len(), 1, "it was the index that was asked");
}

#[test]
fn two_hundred_characters_are_found_whatever_their_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let long = "é字".repeat(100);
    say(&store, 0, &[&long]);
    filler(&store, 0, 80);
    store.maintain().unwrap();
    assert_eq!(find(&store, &long), [1]);
    assert!(find(&store, &format!("{long}é")).is_empty());
}

#[test]
fn a_missing_or_damaged_index_is_made_anew_and_hides_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    filler(&store, 0, 70);
    say(&store, 0, &["the needle"]);
    filler(&store, 0, 70);
    store.maintain().unwrap();
    let files = index_files(dir.path());
    let [path] = &files[..] else { panic!("one index") };
    let whole = std::fs::read(path).unwrap();
    let mut random = fastrand::Rng::with_seed(3);
    for round in 0..20 {
        assert_eq!(find(&store, "needle"), [71]);
        assert_eq!(find(&store, "filler").len(), 140);
        assert_eq!(store.check().unwrap(), Vec::<String>::new());
        // Under the store's hands, as a disk does it.
        let mut bytes = std::fs::read(path).unwrap();
        match round % 3 {
            0 => (0..bytes.len() / 50).for_each(|_| bytes[random.usize(..whole.len() - 1)] ^= 1 << random.u32(..8)),
            1 => bytes.truncate(random.usize(..whole.len() / 2)),
            _ => bytes.fill(0),
        }
        std::fs::write(path, &bytes).unwrap();
        assert_eq!(find(&store, "needle"), [71]);
        store.maintain().unwrap();
        assert_eq!(store.check().unwrap(), Vec::<String>::new());
        assert_eq!(std::fs::read(path).unwrap(), whole, "the same again");
    }
    store.close().unwrap();
    drop(store);
    let mut bytes = whole.clone();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(path, &bytes).unwrap();
    let faults = hiveboard_store::check(dir.path()).unwrap().faults;
    assert!(faults.len() == 1 && faults[0].contains("search index"), "{faults:?}");
    std::fs::remove_file(path).unwrap();
    let store = open(dir.path());
    assert_eq!(find(&store, "needle"), [71]);
    store.maintain().unwrap();
    assert_eq!(std::fs::read(path).unwrap(), whole);
}

#[test]
fn an_index_of_other_events_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    filler(&store, 0, 40);
    store.close().unwrap();
    drop(store);
    let backup = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, backup.path().join(path.file_name().unwrap())).unwrap();
    }
    let store = open(dir.path());
    filler(&store, 0, 80);
    store.maintain().unwrap();
    store.close().unwrap();
    drop(store);
    // The backup is put back, the newer index stays, and other events get the numbers.
    for entry in std::fs::read_dir(backup.path()).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, dir.path().join(path.file_name().unwrap())).unwrap();
    }
    let store = open(dir.path());
    assert_eq!(store.head().seq(), 40);
    say(&store, 0, &["the needle"; 80]);
    assert_eq!(find(&store, "needle").len(), 80);
    store.close().unwrap();
    drop(store);
    let store = open(dir.path());
    assert_eq!(find(&store, "needle").len(), 80);
    store.maintain().unwrap();
    assert_eq!(find(&store, "needle").len(), 80);
    assert_eq!(find(&store, "filler").len(), 40);
}

#[test]
fn the_index_of_a_day_goes_with_its_day() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for days_ago in [20, 1, 0] {
        filler(&store, days_ago, 50);
        say(&store, days_ago, &["the needle"]);
    }
    store.maintain().unwrap();
    assert_eq!(index_files(dir.path()).len(), 3);
    assert_eq!(find(&store, "needle"), [153, 102, 51]);
    let long_ago = Timestamp(Timestamp::now().0 - 15 * DAY);
    store.retire(&|_, until| until <= long_ago).unwrap();
    assert_eq!(index_files(dir.path()).len(), 2);
    store.maintain().unwrap();
    assert_eq!(index_files(dir.path()).len(), 2);
    assert_eq!(find(&store, "needle"), [153, 102]);
}

#[test]
fn what_the_background_has_not_reached_is_found_while_it_works() {
    let dir = tempfile::tempdir().unwrap();
    let options = StoreOptions {
        checkpoint_interval: std::time::Duration::from_millis(1),
        search_stretch_events: 4,
        search_segment_stretches: 8,
        ..crate::options()
    };
    let store = SqliteStore::open(dir.path(), options).unwrap();
    for round in 1..=60 {
        say(&store, 0, &["the needle"]);
        filler(&store, 0, 3);
        assert_eq!(find(&store, "needle").len(), round);
    }
    store.close().unwrap();
}
