//! Copies made beside a running store, and put back.

use hiveboard_store::{
    EventFilter, EventLog, EventPage, EventReader, StoreAdmin, StoreError, backup, check, query::SeqOrder, restore,
};
use hiveboard_wire::Timestamp;

use crate::{
    open,
    random::{DAY, SCOPES, base, plain},
};

const ALL: EventPage =
    EventPage { order: SeqOrder::Oldest { after: hiveboard_store::Position::START }, limit: usize::MAX };

fn settings_in(dir: &std::path::Path) {
    rusqlite::Connection::open(dir.join("settings.db")).unwrap().execute_batch("CREATE TABLE kept(x)").unwrap();
}

#[test]
fn a_backup_under_load_is_all_events_up_to_one_of_them() {
    for target in ["copy", "copy.tar"] {
        let (dir, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        settings_in(dir.path());
        let store = open(dir.path());
        store.append(vec![plain(SCOPES[0], "agent-a", 0..100, Timestamp(base()))]).unwrap();
        let to = away.path().join(target);
        std::thread::scope(|threads| {
            let making = threads.spawn(|| backup(dir.path(), &to, "1").unwrap());
            let mut next = 100;
            while !making.is_finished() {
                let at = Timestamp(base() + i64::from(next > 200) * DAY);
                store.append(vec![plain(SCOPES[0], "agent-a", next..next + 20, at)]).unwrap();
                next += 20;
            }
            making.join().unwrap();
        });
        let restored = away.path().join("restored");
        let what = restore(&to, &restored, false).unwrap();
        assert!(what.files.iter().any(|file| file.name == "settings.db"));
        assert_eq!(check(&restored).unwrap().faults, Vec::<String>::new());
        let second = open(&restored);
        let (kept, all) = (
            second.events(SCOPES[0], &EventFilter::default(), ALL).unwrap(),
            store.events(SCOPES[0], &EventFilter::default(), ALL).unwrap(),
        );
        assert!(kept.len() >= 100);
        let ids = |events: &[hiveboard_wire::StoredEvent]| -> Vec<String> {
            events.iter().map(|event| format!("{} {:?}", event.seq, event.event.event_id)).collect()
        };
        assert_eq!(ids(&kept), ids(&all[..kept.len()]), "a beginning without a gap");
        let next = second.append(vec![plain(SCOPES[0], "agent-a", 0..50, Timestamp(base() + DAY))]).unwrap();
        assert_eq!(next[0].duplicates, 50, "it knows what it holds");
    }
}

#[test]
fn a_restore_spares_what_is_there_and_refuses_what_is_not_whole() {
    let (dir, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    settings_in(dir.path());
    let store = open(dir.path());
    store.append(vec![plain(SCOPES[0], "agent-a", 0..100, Timestamp(base()))]).unwrap();
    let copy = away.path().join("copy");
    backup(dir.path(), &copy, "1").unwrap();
    assert!(matches!(backup(dir.path(), &copy, "1"), Err(StoreError::Unusable(what)) if what.contains("exists")));
    assert!(matches!(restore(&copy, dir.path(), true), Err(StoreError::Unusable(what)) if what.contains("in use")));
    store.append(vec![plain(SCOPES[0], "agent-a", 100..200, Timestamp(base()))]).unwrap();
    drop(store);
    assert!(matches!(restore(&copy, dir.path(), false), Err(StoreError::Unusable(what)) if what.contains("--force")));

    let day = std::fs::read_dir(&copy)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("ev-"))
        .unwrap();
    let sound = std::fs::read(&day).unwrap();
    let mut flipped = sound.clone();
    flipped[sound.len() / 2] ^= 1;
    std::fs::write(&day, flipped).unwrap();
    assert!(
        matches!(restore(&copy, dir.path(), true), Err(StoreError::Unusable(what)) if what.contains("not as it was"))
    );
    assert_eq!(open(dir.path()).stats().unwrap().events, 200, "nothing was touched");

    std::fs::write(&day, sound).unwrap();
    restore(&copy, dir.path(), true).unwrap();
    assert_eq!(open(dir.path()).stats().unwrap().events, 100);
    let kept = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("replaced-"))
        .expect("what was there is kept aside");
    assert_eq!(open(&kept).stats().unwrap().events, 200);
}
