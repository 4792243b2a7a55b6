//! Damaged files: found, told, put aside, the rest served; no panic, and no wrong figure that nobody says is wrong.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use hiveboard_store::{
    CallFilter, Checkpoint, EventFilter, EventLog, EventPage, EventReader, Position, ProjectionStore, SqliteStore,
    StoreAdmin, StoreError, check, query::SeqOrder,
};
use hiveboard_wire::Timestamp;

use crate::{
    open, options,
    random::{DAY, SCOPES, base, group, plain},
};

const ALL: EventPage = EventPage { order: SeqOrder::Newest { before: None }, limit: usize::MAX };

/// Two days of events of two scopes, with calls and failures, in many small blocks.
fn filled(dir: &Path, close: bool) -> SqliteStore {
    let store = open(dir);
    for batch in 0..60_u32 {
        let at = Timestamp(base() + i64::from(batch / 30) * DAY + i64::from(batch));
        let events: Vec<String> = (0..10)
            .map(|place| {
                format!(
                    r#"{{"event_id":"event {batch} {place}","timestamp":"{at}","event_type":"{}","task_id":"t{}","payload":{{"kind":"llm_call","summary":"asked {batch} {place}",
                        "data":{{"name":"think","model":"m{}","tokens_in":3,"tokens_out":1,"cost":0.5}}}}}}"#,
                    if place == 9 { "action_failed" } else { "custom" },
                    batch % 7,
                    batch % 3,
                )
            })
            .collect();
        store.append(vec![group(SCOPES[batch as usize % 2], r#"{"agent_id":"agent-a"}"#, &events, at)]).unwrap();
    }
    if close {
        store.close().unwrap();
    }
    store
}

/// What a store answers, scope by scope.
type Answers = Vec<(BTreeMap<u64, String>, usize, String, String)>;

fn answers(store: &SqliteStore) -> Result<Answers, StoreError> {
    SCOPES[..2]
        .iter()
        .map(|scope| {
            let events = store.events(*scope, &EventFilter::default(), ALL)?;
            let task = EventFilter { task_id: Some("t3".to_owned()), ..EventFilter::default() };
            let of_task = store.events(*scope, &task, ALL)?.len();
            let calls = store.call_groups(*scope, &CallFilter::default(), &[], None, 1)?;
            let failures = store.failures(*scope, &CallFilter::default(), DAY)?;
            let told = events.into_iter().map(|event| (event.seq, format!("{:?}", event.event))).collect();
            Ok((told, of_task, format!("{calls:?}"), format!("{failures:?}")))
        })
        .collect()
}

fn files_in(dir: &Path, start: &str, end: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.starts_with(start) && name.ends_with(end)
        })
        .collect();
    found.sort();
    found
}

/// Every event that is answered is one that was stored, under its own number.
fn is_part_of(part: &Answers, whole: &Answers) -> bool {
    part.iter().zip(whole).all(|(part, whole)| part.0.iter().all(|(seq, event)| whole.0.get(seq) == Some(event)))
}

#[test]
fn a_file_that_is_no_database_is_put_aside_and_the_rest_served() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), true));
    let path = files_in(dir.path(), "ev-", ".db").remove(0);
    std::fs::write(&path, vec![42; 64 << 10]).unwrap();
    let store = open(dir.path());
    let damages = store.damages();
    assert_eq!(damages.len(), 1, "{damages:?}");
    assert!(damages[0].file.contains("damaged") && damages[0].what.contains("0 of"), "{damages:?}");
    let told = answers(&store).unwrap();
    assert_eq!(told[0].0.len() + told[1].0.len(), 300, "the other day is whole");
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    assert_eq!(
        store.append(vec![plain(SCOPES[0], "agent-a", 0..1, Timestamp(base() + DAY))]).unwrap()[0].fresh[0].stored.seq,
        601
    );
    drop(store);
    assert_eq!(open(dir.path()).damages(), damages, "it is told until someone tidies up");
    std::fs::remove_dir_all(dir.path().join("damaged")).unwrap();
    assert!(open(dir.path()).damages().is_empty());
}

#[test]
fn a_block_that_cannot_be_opened_costs_its_own_events_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), true));
    for path in files_in(dir.path(), "ev-", ".db") {
        let connection = rusqlite::Connection::open(&path).unwrap();
        let data: Vec<u8> = connection.query_row("SELECT data FROM block_data LIMIT 1", [], |row| row.get(0)).unwrap();
        let mut flipped = data.clone();
        flipped[data.len() / 2] ^= 4;
        connection
            .execute("UPDATE block_data SET data = ?1 WHERE id = (SELECT min(id) FROM block_data)", [flipped])
            .unwrap();
    }
    let found = check(dir.path()).unwrap();
    assert_eq!(found.faults.len(), 2, "{found:?}");
    let store = open(dir.path());
    let while_damaged = answers(&store).unwrap();
    assert!(while_damaged.iter().all(|scope| scope.0.is_empty()), "nothing is answered from a file that is damaged");
    assert_eq!(store.whole_after(Position::START), None, "who reads on is told that something is left out");
    store.maintain().unwrap();
    assert_eq!(store.whole_after(Position::START), Some(2), "two days were left out");
    let saved = answers(&store).unwrap();
    assert_eq!(saved[0].0.len() + saved[1].0.len(), 580, "two blocks of ten are gone");
    assert_eq!(store.check().unwrap(), Vec::<String>::new(), "what is left agrees with itself");
    assert!(store.damages().iter().any(|damage| damage.what.contains("290 of 300")), "{:?}", store.damages());
    // The writer goes on in the file that was saved.
    let more = store.append(vec![plain(SCOPES[0], "agent-a", 0..10, Timestamp(base() + DAY))]).unwrap();
    assert_eq!(more[0].fresh[0].stored.seq, 601);
    let again = filled_again(&store);
    assert_eq!(again, (20, 580), "what is gone may come again; what is there is known");
}

/// Sends everything once more; answers how many were new, and how many known.
fn filled_again(store: &SqliteStore) -> (usize, usize) {
    let (mut fresh, mut known) = (0, 0);
    for batch in 0..60_u32 {
        let at = Timestamp(base() + DAY);
        let events: Vec<String> = (0..10)
            .map(|place| {
                format!(
                    r#"{{"event_id":"event {batch} {place}","timestamp":"{at}","event_type":"custom","task_id":"t"}}"#
                )
            })
            .collect();
        let done =
            store.append(vec![group(SCOPES[batch as usize % 2], r#"{"agent_id":"agent-a"}"#, &events, at)]).unwrap();
        fresh += done[0].fresh.len();
        known += done[0].duplicates;
    }
    (fresh, known)
}

#[test]
fn a_log_broken_in_its_middle_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let crashed = tempfile::tempdir().unwrap();
    let store = filled(dir.path(), false);
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, crashed.path().join(path.file_name().unwrap())).unwrap();
    }
    let whole = answers(&store).unwrap();
    drop(store);
    let log = files_in(crashed.path(), "ev-", ".db-wal").pop().unwrap();
    let mut bytes = std::fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&log, bytes).unwrap();
    let store = open(crashed.path());
    let damages = store.damages();
    assert!(damages.iter().any(|damage| damage.what.contains("its log")), "{damages:?}");
    let saved = answers(&store).unwrap();
    assert!(is_part_of(&saved, &whole));
    assert!(saved[0].0.len() + saved[1].0.len() >= 300, "the day before is whole");
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_torn_end_of_the_log_is_a_power_cut_and_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let crashed = tempfile::tempdir().unwrap();
    let store = filled(dir.path(), false);
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, crashed.path().join(path.file_name().unwrap())).unwrap();
    }
    drop(store);
    let log = files_in(crashed.path(), "ev-", ".db-wal").pop().unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(&log).unwrap();
    file.set_len(std::fs::metadata(&log).unwrap().len() - 100).unwrap();
    let store = open(crashed.path());
    assert!(store.damages().is_empty(), "{:?}", store.damages());
    let left = answers(&store).unwrap();
    assert_eq!(left[0].0.len() + left[1].0.len(), 590, "the last commit is gone, whole");
}

#[test]
fn a_damaged_derived_state_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), true));
    std::fs::write(dir.path().join("meta.db"), vec![7; 40_000]).unwrap();
    let store = open(dir.path());
    assert!(store.checkpoint().unwrap().is_none());
    assert_eq!(answers(&store).unwrap()[0].0.len(), 300);
}

/// Flips or truncates at random places. Whatever happens: the store opens or says which file it is; what it answers was stored; and when
/// an answer differs from the truth, the store or its check says that something is wrong.
#[test]
fn no_damage_goes_unnoticed() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path(), false);
    // As the server does every few seconds: so the end of a log is missed, too.
    let checkpoint = Checkpoint { watermark: store.head(), alive_at: Timestamp::now(), version: 1 };
    store.save_projections(&[], checkpoint).unwrap();
    let truth = answers(&store).unwrap();
    // With a log beside the newest file, and without.
    let crashed = tempfile::tempdir().unwrap();
    copy(dir.path(), crashed.path());
    store.close().unwrap();
    drop(store);
    let mut dice = fastrand::Rng::with_seed(7);
    let (mut differing, mut told) = (0, 0);
    for round in 0..60 {
        let source = if round % 2 == 0 { dir.path() } else { crashed.path() };
        let victim = tempfile::tempdir().unwrap();
        copy(source, victim.path());
        let mut files = files_in(victim.path(), "ev-", "");
        files.retain(|path| !path.to_string_lossy().ends_with("-shm") && path.metadata().unwrap().len() > 0);
        let path = files[dice.usize(..files.len())].clone();
        let mut bytes = std::fs::read(&path).unwrap();
        let place = dice.usize(..bytes.len());
        let what = if dice.bool() {
            bytes.truncate(place);
            "truncated"
        } else {
            bytes[place] ^= 1 << dice.u32(..8);
            "flipped"
        };
        std::fs::write(&path, bytes).unwrap();
        let case = format!("round {round}: {} {what} at {place}", path.display());
        let before = check(victim.path()).map_or(true, |checked| !checked.faults.is_empty());
        let store = match SqliteStore::open(victim.path(), options()) {
            Ok(store) => store,
            Err(error) => {
                assert!(error.to_string().contains("ev-"), "{case}: {error}");
                told += 1;
                continue;
            }
        };
        let mut seen = answers(&store);
        if seen.is_err() {
            store.maintain().unwrap();
            seen = answers(&store);
        }
        let seen = seen.unwrap_or_else(|error| panic!("{case}: {error}"));
        assert!(before || is_part_of(&seen, &truth), "{case}: an event that was never stored");
        if seen != truth {
            differing += 1;
            let is_told = before || !store.damages().is_empty() || !store.check().unwrap().is_empty();
            assert!(is_told, "{case}: answers differ, and nobody says so");
            told += usize::from(is_told);
        }
    }
    println!("{differing} of 60 answered differently, {told} told");
    assert!(told > 10);
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().unwrap() != "lock" {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}
