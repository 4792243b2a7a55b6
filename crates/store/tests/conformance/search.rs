//! The search index: missing, damaged, or of other events, it hides nothing.

use std::path::{Path, PathBuf};

use hiveboard_store::{EventLog, SqliteStore, StoreAdmin, StoreOptions};
use hiveboard_store_conformance::search::{filler, find, say};
use hiveboard_wire::Timestamp;

const DAY: i64 = 86_400_000_000;

/// Small pieces, so that few events make many.
fn open(dir: &Path) -> SqliteStore {
    let options = StoreOptions { search_stretch_events: 4, search_segment_stretches: 8, ..crate::options() };
    SqliteStore::open(dir, options).expect("the store opens")
}

fn index_files(dir: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ending| ending == "search")).collect();
    files.sort();
    files
}

#[test]
fn what_was_indexed_is_found_by_the_index() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    say(&store, 0, &["the needle"]);
    filler(&store, 0, 80);
    store.maintain().unwrap();
    assert_eq!((find(&store, "NEEDLE"), index_files(dir.path()).len()), (vec![1], 1));
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
