//! From a data directory into ClickHouse.

use hiveboard_store::{EventLog, EventsBeside, Position, SqliteStore, StoreOptions};
use hiveboard_store_clickhouse::{ClickHouseOptions, ClickHouseStore, Migrated, copy, differences};
use hiveboard_store_conformance::random::{DAY, SCOPES, base, calls, plain};
use hiveboard_wire::{Scope, Timestamp};

use crate::{open, options, tell};

fn partition_of(scope: Scope) -> u16 {
    u16::from(scope == SCOPES[2])
}

fn all_differences(source: &SqliteStore, partitions: &[ClickHouseStore]) -> Vec<String> {
    let all = (Position::START, source.head());
    differences(source, partitions, &partition_of, all, &mut |_| {}).unwrap()
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn a_data_directory_moves_goes_on_and_is_verified() {
    let dir = tempfile::tempdir().unwrap();
    let source =
        SqliteStore::open(dir.path(), StoreOptions { free_space_floor_bytes: 0, ..StoreOptions::default() }).unwrap();
    let at = |day: u32| Timestamp(base() + i64::from(day) * DAY);
    let grow = |day: u32, ids: std::ops::Range<u32>| {
        let batches = SCOPES.map(|scope| calls(scope, ids.clone(), at(day)));
        source
            .append(
                batches
                    .into_iter()
                    .chain([plain(SCOPES[1], "agent-b", ids.start + 50_000..ids.end + 50_000, at(day))])
                    .collect(),
            )
            .unwrap();
    };
    grow(0, 0..450);
    grow(1, 450..650);
    let options = options();
    let partitions = |epoch| -> Vec<ClickHouseStore> {
        (0..2).map(|partition| open(&ClickHouseOptions { partition, epoch, ..options.clone() })).collect()
    };
    let stores = partitions(1);
    let mut told = 0;
    let first = copy(&source, &stores, &partition_of, &mut |seen| told = seen).unwrap();
    assert_eq!((first, told), (Migrated { copied: 2_600, until: source.head() }, source.head().seq()));
    assert_eq!(all_differences(&source, &stores), Vec::<String>::new());
    drop(stores);

    // The source has grown; what is there is left alone.
    grow(2, 900..950);
    let stores = partitions(2);
    let second = copy(&source, &stores, &partition_of, &mut |_| {}).unwrap();
    assert_eq!(second, Migrated { copied: 200, until: source.head() });
    assert_eq!(all_differences(&source, &stores), Vec::<String>::new());
    let third = copy(&source, &stores, &partition_of, &mut |_| panic!("nothing is looked at twice")).unwrap();
    assert_eq!(third, Migrated { copied: 0, until: source.head() });

    // Ids that came along still tell what is repeated.
    let again = partitions(3)[0].append(vec![plain(SCOPES[1], "agent-b", 50_900..50_950, at(2))]).unwrap();
    assert_eq!((again[0].fresh.len(), again[0].duplicates), (0, 50));

    tell(&options, "ALTER TABLE events DELETE WHERE partition = 1 AND seq % 100 = 7 SETTINGS mutations_sync = 2");
    tell(
        &options,
        "ALTER TABLE events UPDATE payload = '{}' WHERE partition = 0 AND seq = 10 SETTINGS mutations_sync = 2",
    );
    let told = all_differences(&source, &stores);
    assert!(
        told.iter().any(|line| line.contains("workspace 2 (live), partition 1") && line.contains("events there")),
        "{told:?}"
    );
    assert!(told.iter().any(|line| line.contains("other contents")), "{told:?}");

    // What the source let go since, from its oldest day on, is no fault.
    let empty = tempfile::tempdir().unwrap();
    let all = (Position::START, source.head());
    let gone = differences(&EventsBeside::of(empty.path()), &stores, &partition_of, all, &mut |_| {}).unwrap();
    assert_eq!(gone, Vec::<String>::new());
}

/// A partition that has no events yet is not looked for in all of the source again, and gives places behind the source's.
#[test]
#[ignore = "needs engines: make test-scale"]
fn partitions_without_events_know_how_far_the_copy_came() {
    let dir = tempfile::tempdir().unwrap();
    let source =
        SqliteStore::open(dir.path(), StoreOptions { free_space_floor_bytes: 0, ..StoreOptions::default() }).unwrap();
    source.append(vec![plain(SCOPES[0], "agent-a", 0..500, Timestamp(base()))]).unwrap();
    let options = options();
    let open_both = |epoch| -> Vec<ClickHouseStore> {
        (0..2).map(|partition| open(&ClickHouseOptions { partition, epoch, ..options.clone() })).collect()
    };
    let beside = EventsBeside::of(dir.path());
    let first = copy(&beside, &open_both(0), &partition_of, &mut |_| {}).unwrap();
    assert_eq!(first, Migrated { copied: 500, until: Position::of_seq(500) });
    let stores = open_both(1);
    assert_eq!([stores[0].head(), stores[1].head()], [Position::of_seq(500); 2]);
    let again = copy(&beside, &stores, &partition_of, &mut |_| panic!("all of it was looked at")).unwrap();
    assert_eq!(again, Migrated { copied: 0, until: Position::of_seq(500) });
    let fresh = stores[1].append(vec![plain(SCOPES[2], "agent-c", 0..1, Timestamp(base()))]).unwrap();
    assert_eq!(fresh[0].fresh[0].stored.seq, 501);
}
