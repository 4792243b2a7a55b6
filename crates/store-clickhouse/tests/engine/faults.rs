//! An engine that is away, comes back, or is not what it should be.

use std::time::{Duration, Instant};

use hiveboard_store::{
    Batch, EventFilter, EventLog, EventPage, EventReader, Position, StoreAdmin, StoreError, query::SeqOrder,
};
use hiveboard_store_clickhouse::{ClickHouseOptions, ClickHouseStore, ping};
use hiveboard_store_conformance::random::{SCOPES, base, plain};
use hiveboard_wire::Timestamp;

use crate::{
    ask, open, options,
    proxy::{CLOSED, LOSES_ANSWERS, OPEN, Proxy},
    tell, url,
};

const ALL: EventPage = EventPage { order: SeqOrder::Newest { before: None }, limit: usize::MAX };

fn numbered(message: u64, ids: std::ops::Range<u32>) -> Batch {
    let position = Some(Position::of_seq(message << 10));
    Batch { position, ..plain(SCOPES[0], "agent-a", ids, Timestamp(base())) }
}

#[test]
fn a_server_that_is_not_there_is_away() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let options = ClickHouseOptions { urls: vec![format!("http://{closed}")], ..ClickHouseOptions::default() };
    let refused = ClickHouseStore::open(options).map(|_| ());
    assert!(matches!(&refused, Err(StoreError::Away(what)) if what.contains("cannot be reached")), "{refused:?}");
}

#[test]
fn a_certificate_file_that_is_none_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let options = ClickHouseOptions { ca_file: Some(file.path().to_owned()), ..ClickHouseOptions::default() };
    let refused = ClickHouseStore::open(options).map(|_| ());
    assert!(matches!(&refused, Err(StoreError::Unusable(what)) if what.contains("no certificate")), "{refused:?}");
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn an_insert_whose_answer_was_lost_is_stored_once() {
    let own = options();
    let proxy = Proxy::to(&url());
    let through = ClickHouseOptions { urls: vec![proxy.url.clone()], ..own.clone() };
    let store = open(&through);
    store.append(vec![numbered(1, 0..10)]).unwrap();
    proxy.set(LOSES_ANSWERS);
    let unknown = store.append(vec![numbered(2, 10..20)]);
    assert!(matches!(&unknown, Err(StoreError::Away(_))), "{unknown:?}");
    let away = store.events(SCOPES[0], &EventFilter::default(), ALL);
    assert!(matches!(&away, Err(StoreError::Away(_))), "{away:?}");
    assert_eq!(ask(&own, "SELECT toString(count()) FROM events"), ["20"], "only the answer was lost");
    proxy.set(OPEN);
    let done = store.append(vec![numbered(2, 10..20), numbered(3, 5..15)]).unwrap();
    let counts: Vec<_> = done.iter().map(|one| (one.fresh.len(), one.duplicates)).collect();
    assert_eq!(counts, [(10, 0), (0, 10)], "tried again, it is as new as it was");
    assert_eq!(store.events(SCOPES[0], &EventFilter::default(), ALL).unwrap().len(), 20);
    assert_eq!((store.head(), open(&own).head()), (Position::of_seq((2 << 10) + 9), Position::of_seq((2 << 10) + 9)));
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn another_replica_is_asked_where_one_is_away() {
    let proxy = Proxy::to(&url());
    let options = ClickHouseOptions { urls: vec![proxy.url.clone(), url()], ..options() };
    let store = open(&options);
    store.append(vec![numbered(1, 0..10)]).unwrap();
    proxy.set(CLOSED);
    let started = Instant::now();
    assert_eq!(store.events(SCOPES[0], &EventFilter::default(), ALL).unwrap().len(), 10);
    store.append(vec![numbered(2, 10..20)]).unwrap();
    assert_eq!(store.stats().unwrap().events, 20);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn a_newer_schema_is_refused_with_words() {
    let options = options();
    drop(open(&options));
    tell(&options, "INSERT INTO schema_steps VALUES (1000)");
    let refused = ClickHouseStore::open(options).map(|_| ());
    assert!(matches!(&refused, Err(StoreError::Unusable(what)) if what.contains("newer version")), "{refused:?}");
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn a_table_that_someone_changed_is_told() {
    let options = options();
    drop(open(&options));
    tell(&options, "ALTER TABLE events DROP COLUMN status");
    let store = open(&options);
    let refused = store.append(vec![numbered(1, 0..1)]);
    assert!(matches!(&refused, Err(StoreError::Unusable(what)) if what.contains("status")), "{refused:?}");
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn a_look_at_the_server_changes_nothing() {
    let options = options();
    let before = ping(&options).unwrap();
    assert!(before.version.starts_with("26.") && !before.has_database, "{before:?}");
    drop(open(&options));
    assert!(ping(&options).unwrap().has_database);
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn a_name_that_is_none_is_refused() {
    let options = ClickHouseOptions { database: "a; DROP DATABASE b".to_owned(), ..options() };
    let refused = ClickHouseStore::open(options).map(|_| ());
    assert!(matches!(&refused, Err(StoreError::Unusable(what)) if what.contains("`database`")), "{refused:?}");
}
