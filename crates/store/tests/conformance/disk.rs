//! Full disks and damaged files: a clear error, nothing half-stored, nothing lost.

use std::path::{Path, PathBuf};

use hiveboard_store::{
    EventFilter, EventLog, EventPage, EventReader, SqliteStore, StoreAdmin, StoreError, StoreOptions, query::SeqOrder,
};
use hiveboard_wire::Timestamp;

use crate::{
    open, options,
    random::{DAY, SCOPES, base, plain},
};

const ALL: EventPage = EventPage { order: SeqOrder::Newest { before: None }, limit: usize::MAX };

/// Appends batches of incompressible ids until the store is full; answers how many events went in, and the id to go on with.
fn fill(store: &SqliteStore) -> (u64, u32) {
    let mut stored = 0;
    for batch in 0..100_000 {
        match store.append(vec![plain(SCOPES[0], "agent-a", batch * 100..batch * 100 + 100, Timestamp(base()))]) {
            Ok(done) => stored += done[0].fresh.len() as u64,
            Err(StoreError::Full(_)) => return (stored, batch * 100),
            Err(other) => panic!("full is said as such: {other:?}"),
        }
    }
    panic!("the store never filled up");
}

fn goes_on_after(store: &SqliteStore, stored: u64, next_id: u32) {
    assert_eq!(store.events(SCOPES[0], &EventFilter::default(), ALL).unwrap().len() as u64, stored, "reads go on");
    assert_eq!(store.head().seq(), stored);
    let done =
        store.append(vec![plain(SCOPES[0], "agent-a", next_id..next_id + 100, Timestamp(base() + DAY))]).unwrap();
    assert_eq!((done[0].fresh.len(), done[0].duplicates), (100, 0), "what was refused does not count as seen");
    assert_eq!(done[0].fresh[0].stored.seq, stored + 1, "and took no number");
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_full_file_refuses_and_nothing_of_the_refused_stays() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), StoreOptions { max_pages: Some(60), ..options() }).unwrap();
    let (stored, next_id) = fill(&store);
    assert!(stored > 0);
    // The next day's file has room again.
    goes_on_after(&store, stored, next_id);
    drop(store);
    assert_eq!(open(dir.path()).stats().unwrap().events, stored + 100);
}

/// Mounts a file system of so many bytes; `None` where this process may not.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path, bytes: u64) -> Option<Self> {
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"])
            .arg(at)
            .stderr(std::process::Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        mounted.then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _left_to_the_system = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_refuses_and_works_again_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(dir.path(), 2 << 20) else {
        // Without the right to mount, the page limit above shows the same way through the store.
        return;
    };
    let ballast = dir.path().join("ballast");
    std::fs::write(&ballast, vec![1; 1 << 20]).unwrap();
    let store = open(dir.path());
    let (stored, next_id) = fill(&store);
    assert!(matches!(
        store.append(vec![plain(SCOPES[0], "agent-a", next_id..next_id + 100, Timestamp(base()))]),
        Err(StoreError::Full(_))
    ));
    std::fs::remove_file(&ballast).unwrap();
    goes_on_after(&store, stored, next_id);
    store.close().unwrap();
    drop(store);
    assert_eq!(open(dir.path()).stats().unwrap().events, stored + 100);
    drop(disk);
}

#[test]
fn room_below_the_floor_is_not_used() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), StoreOptions { free_space_floor_bytes: u64::MAX, ..options() }).unwrap();
    let refused = store.append(vec![plain(SCOPES[0], "agent-a", 0..1, Timestamp(base()))]);
    assert!(matches!(refused, Err(StoreError::Full(message)) if message.contains("MiB are free")));
    assert_eq!(store.stats().unwrap().events, 0);
}

fn day_file(dir: &Path) -> PathBuf {
    let mut files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files
        .find(|path| {
            path.file_name().unwrap().to_string_lossy().starts_with("ev-") && path.extension().unwrap() == "db"
        })
        .unwrap()
}

fn filled_and_closed(dir: &Path) {
    let store = open(dir);
    store
        .append(
            (0..20)
                .map(|batch| plain(SCOPES[0], "agent-a", batch * 100..batch * 100 + 100, Timestamp(base())))
                .collect(),
        )
        .unwrap();
    store.close().unwrap();
}

#[test]
fn a_file_of_a_newer_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    filled_and_closed(dir.path());
    rusqlite::Connection::open(day_file(dir.path())).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let Err(StoreError::Unusable(message)) = SqliteStore::open(dir.path(), options()) else { panic!("opened") };
    assert!(message.contains("newer"), "{message}");
}
