//! Owners of a partition that follow each other, and one that does not know yet that it is none.

use hiveboard_store::{
    Batch, CallFilter, Checkpoint, EventFilter, EventLog, EventPage, EventReader, Position, ProjectionRow,
    ProjectionStore, StoreAdmin, StoreError, query::SeqOrder,
};
use hiveboard_store_clickhouse::{ClickHouseOptions, ClickHouseStore};
use hiveboard_store_conformance::random::{DAY, SCOPES, base, calls, plain, sent};
use hiveboard_wire::Timestamp;

use crate::{ask, open, options, tell};

const ALL: EventPage = EventPage { order: SeqOrder::Newest { before: None }, limit: usize::MAX };

/// A batch as a log numbers it: its message, and the events inside.
fn numbered(message: u64, batch: Batch) -> Batch {
    Batch { position: Some(Position::of_seq(message << 10)), ..batch }
}

fn at(days: i64) -> Timestamp {
    Timestamp(base() + days * DAY)
}

fn next_owner(options: &ClickHouseOptions) -> ClickHouseOptions {
    ClickHouseOptions { epoch: options.epoch + 1, ..options.clone() }
}

fn seqs(store: &ClickHouseStore) -> Vec<u64> {
    store.events(SCOPES[0], &EventFilter::default(), ALL).unwrap().iter().map(|event| event.seq).collect()
}

fn call_count(store: &ClickHouseStore) -> u64 {
    store.call_groups(SCOPES[0], &CallFilter::default(), &[], None, 1).unwrap().groups[0].totals.call_count
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn a_log_read_again_changes_nothing() {
    let options = options();
    let store = open(&options);
    let log = || {
        vec![
            numbered(5, calls(SCOPES[0], 0..3, at(0))),
            numbered(6, calls(SCOPES[0], 2..5, at(0))),
            numbered(9, calls(SCOPES[0], 5..6, at(1))),
        ]
    };
    let first = store.append(log()).unwrap();
    assert_eq!(
        first.iter().map(|done| (done.fresh.len(), done.duplicates)).collect::<Vec<_>>(),
        [(3, 0), (2, 1), (1, 0)]
    );
    let wanted: [u64; 6] = [9 << 10, (6 << 10) + 2, (6 << 10) + 1, (5 << 10) + 2, (5 << 10) + 1, 5 << 10];
    assert_eq!(seqs(&store), wanted);
    assert_eq!(store.head(), Position::of_seq(9 << 10));

    // The next owner begins too early: it gets the same answers, and what is stored twice shows once, before and after it is merged.
    let second = open(&next_owner(&options));
    assert_eq!(second.head(), Position::of_seq(9 << 10));
    let again = second.append(log()).unwrap();
    let fresh = |done: &[hiveboard_store::Appended]| {
        done.iter().flat_map(|one| &one.fresh).map(|fresh| fresh.stored.seq).collect::<Vec<_>>()
    };
    assert_eq!((fresh(&again), again[1].duplicates), (fresh(&first), 1));
    tell(&options, "INSERT INTO events SELECT * FROM events");
    for _ in 0..2 {
        assert_eq!(seqs(&second), wanted);
        assert_eq!(call_count(&second), 6);
        let mut replayed = Vec::new();
        second.replay(Position::of_seq(5 << 10), &mut |_, stored, _| replayed.push(stored.seq)).unwrap();
        assert_eq!(replayed, wanted.iter().rev().skip(1).copied().collect::<Vec<_>>());
        let three = store.events(SCOPES[0], &EventFilter::default(), EventPage { limit: 3, ..ALL }).unwrap();
        assert_eq!(three.iter().map(|event| event.seq).collect::<Vec<_>>(), wanted[..3]);
        tell(&options, "OPTIMIZE TABLE events FINAL");
    }
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn who_owned_the_partition_before_changes_nothing_any_more() {
    let options = options();
    let row =
        |value: &str| ProjectionRow { scope: SCOPES[0], table: 1, key: vec![0, 255, b'\''], value: Some(value.into()) };
    let cold = ProjectionRow { scope: SCOPES[0], table: 200, key: b"k".to_vec(), value: Some(vec![0, 159, 146, 150]) };
    let checkpoint = |seq| Checkpoint { watermark: Position::of_seq(seq), alive_at: at(0), version: 3 };
    let before = open(&options);
    before.append(vec![numbered(1, calls(SCOPES[0], 0..10, at(0)))]).unwrap();
    before.save_projections(&[row("old"), cold.clone()], checkpoint(1 << 10)).unwrap();

    let owner = open(&next_owner(&options));
    assert_eq!(owner.checkpoint().unwrap(), Some(checkpoint(1 << 10)));
    owner.save_projections(&[row("new")], checkpoint(2 << 10)).unwrap();
    owner.append(vec![numbered(2, calls(SCOPES[0], 10..20, at(0)))]).unwrap();

    // It folds and stores the same log, late; and would save what it thinks.
    before.append(vec![numbered(2, calls(SCOPES[0], 10..20, at(0)))]).unwrap();
    let refused = before.save_projections(&[row("zombie")], checkpoint(1 << 10));
    assert!(matches!(refused, Err(StoreError::Unusable(what)) if what.contains("taken this partition over")));
    let refused = ClickHouseStore::open(options.clone());
    assert!(matches!(refused.map(|_| ()), Err(StoreError::Unusable(what)) if what.contains("is over")));

    let mut rows = Vec::new();
    owner.load_projections(&mut |row| rows.push(row)).unwrap();
    assert_eq!(rows, [row("new")]);
    assert_eq!(owner.projection_row(SCOPES[0], 200, b"k").unwrap(), cold.value);
    assert_eq!((call_count(&owner), owner.checkpoint().unwrap()), (20, Some(checkpoint(2 << 10))));
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn a_takeover_that_was_broken_off_is_not_believed() {
    let options = ClickHouseOptions { partition: 3, ..options() };
    let row = ProjectionRow { scope: SCOPES[0], table: 1, key: b"k".to_vec(), value: Some(b"v".to_vec()) };
    let checkpoint = Checkpoint { watermark: Position::of_seq(7), alive_at: at(0), version: 1 };
    open(&options).save_projections(&[row], checkpoint).unwrap();
    // Another was killed when it had made its table, before it had taken anything over.
    tell(&options, "CREATE TABLE projections_3_1 AS projections_3_0");
    let owner = open(&ClickHouseOptions { epoch: 2, ..options.clone() });
    assert_eq!((owner.checkpoint().unwrap(), owner.head()), (Some(checkpoint), Position::of_seq(7)));
    let left =
        ask(&options, "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'projections%'");
    assert_eq!(left, ["projections_3_2"]);
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn partitions_do_not_see_each_other() {
    let options = options();
    let other = ClickHouseOptions { partition: 1, ..options.clone() };
    let (one, two) = (open(&options), open(&other));
    one.append(vec![numbered(1, plain(SCOPES[0], "agent-a", 0..10, at(0)))]).unwrap();
    two.append(vec![numbered(1, plain(SCOPES[2], "agent-a", 0..20, at(0)))]).unwrap();
    assert_eq!((one.stats().unwrap().events, two.stats().unwrap().events), (10, 20));
    let mut scopes = Vec::new();
    two.replay(Position::START, &mut |scope, _, _| scopes.push(scope)).unwrap();
    assert_eq!(scopes, [SCOPES[2]; 20]);
    assert_eq!(one.erase(&|_| true).unwrap().events, 10);
    assert_eq!((seqs(&one).len(), two.stats().unwrap().events), (0, 20));
    assert_eq!(open(&next_owner(&options)).head(), Position::of_seq((1 << 10) + 9), "places stay given away");
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn ids_beyond_memory_are_looked_up_by_their_time() {
    let options = ClickHouseOptions { dedup_ids_in_memory: 100, dedup_days_in_memory: 0, ..options() };
    let store = open(&options);
    for day in 0..3 {
        let ids = day as u32 * 400..day as u32 * 400 + 400;
        store.append(vec![plain(SCOPES[0], "agent-a", ids, at(day))]).unwrap();
    }
    assert!(store.stats().unwrap().dedup_ids <= 400, "{:?}", store.stats().unwrap());
    for store in [store, open(&next_owner(&options))] {
        for day in 0..3 {
            let ids = day as u32 * 400..day as u32 * 400 + 401;
            let done = store.append(vec![sent(SCOPES[0], "agent-a", ids, at(day), at(2))]).unwrap();
            // The last is new where no day before or after has it.
            assert!(done[0].duplicates >= 400, "day {day}: {}", done[0].duplicates);
            assert!(done[0].fresh.len() <= 1);
        }
        assert!(store.stats().unwrap().events <= 1_203);
    }
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn an_append_is_one_part_and_many_are_merged() {
    let options = options();
    let store = open(&options);
    let batches = (0..100).map(|number| {
        numbered(number + 1, plain(SCOPES[0], "agent-a", number as u32 * 500..number as u32 * 500 + 500, at(0)))
    });
    store.append(batches.collect()).unwrap();
    let parts = ask(
        &options,
        "SELECT toString(rows) FROM system.parts WHERE database = currentDatabase() AND table = 'events' AND active",
    );
    assert_eq!(parts, ["50000"]);
    let mut last = 0;
    store
        .replay(Position::START, &mut |_, stored, _| {
            assert!(stored.seq > last);
            last = stored.seq;
        })
        .unwrap();
    assert_eq!(last, (100 << 10) + 499);
}
