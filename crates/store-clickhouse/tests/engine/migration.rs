//! From a data directory into ClickHouse.

use hiveboard_store::{EventLog, SqliteStore, StoreOptions};
use hiveboard_store_clickhouse::{ClickHouseOptions, ClickHouseStore, Migrated, copy, differences};
use hiveboard_store_conformance::random::{DAY, SCOPES, base, calls, plain};
use hiveboard_wire::{Scope, Timestamp};

use crate::{open, options, tell};

fn partition_of(scope: Scope) -> u16 {
    u16::from(scope == SCOPES[2])
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
    assert_eq!((first, told), (Migrated { copied: 2_600, already_there: 0 }, 2_600));
    assert_eq!(differences(&source, &stores, &partition_of).unwrap(), Vec::<String>::new());
    drop(stores);

    // The source has grown; what is there is left alone.
    grow(2, 900..950);
    let stores = partitions(2);
    let second = copy(&source, &stores, &partition_of, &mut |_| {}).unwrap();
    assert_eq!(second, Migrated { copied: 200, already_there: 2_600 });
    assert_eq!(differences(&source, &stores, &partition_of).unwrap(), Vec::<String>::new());
    assert_eq!(
        copy(&source, &stores, &partition_of, &mut |_| {}).unwrap(),
        Migrated { copied: 0, already_there: 2_800 }
    );

    // Ids that came along still tell what is repeated.
    let again = partitions(3)[0].append(vec![plain(SCOPES[1], "agent-b", 50_900..50_950, at(2))]).unwrap();
    assert_eq!((again[0].fresh.len(), again[0].duplicates), (0, 50));

    tell(&options, "ALTER TABLE events DELETE WHERE partition = 1 AND seq % 100 = 7 SETTINGS mutations_sync = 2");
    tell(
        &options,
        "ALTER TABLE events UPDATE payload = '{}' WHERE partition = 0 AND seq = 10 SETTINGS mutations_sync = 2",
    );
    let told = differences(&source, &stores, &partition_of).unwrap();
    assert!(
        told.iter().any(|line| line.contains("workspace 2 (live), partition 1") && line.contains("events there")),
        "{told:?}"
    );
    assert!(told.iter().any(|line| line.contains("other contents")), "{told:?}");
}
