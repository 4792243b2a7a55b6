//! What text search costs: the index in bytes and CPU per event, searches in milliseconds; and SQLite's FTS5 beside it.
//!
//! ```text
//! cargo run --release -p hiveboard-store --example search_bench -- [events=1000000] [events_per_day=1000000] [dir]
//! ```
//! CPU is told in units too: what Python's `json.loads` takes for the same event, measured in the same minute.

use std::{
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use hiveboard_fleet::Fleet;
use hiveboard_store::{
    Batch, EventFilter, EventLog, EventPage, EventReader, Incoming, Position, SqliteStore, StoreAdmin, StoreOptions,
    query::SeqOrder,
};
use hiveboard_wire::{Mode, Scope, Timestamp, WorkspaceId, decode_batch};
use rustix::time::{ClockId, clock_gettime};

const SCOPE: Scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
const START_MICROS: i64 = 1_790_000_000_000_000;
const DAY_MICROS: i128 = 86_400_000_000;
const RUNS: usize = 9;

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Appends what the fleet sends until there are so many events; 100 a batch, 10 batches a commit. The last body is answered.
fn fill(store: &SqliteStore, events: u64, events_per_day: u64) -> String {
    let (agents, mut turn, mut body) = (200, 0, String::new());
    let mut fleet = Fleet::new(7, agents);
    while store.head().seq() < events {
        let batches = (0..10).map(|_| {
            let made = i128::from(store.head().seq());
            let now = START_MICROS + (made * DAY_MICROS / i128::from(events_per_day)) as i64;
            turn += 1;
            body = fleet.batch(turn % agents, 100, now, false).json;
            let decoded = decode_batch(body.as_bytes(), Timestamp(now)).expect("the fleet sends batches");
            let events = decoded.events.into_iter();
            let events = events.map(|one| Incoming { event: one.event, body: one.body, call_cost: None }).collect();
            Batch {
                scope: SCOPE,
                position: None,
                envelope: Arc::clone(&decoded.envelope),
                received_at: Timestamp(now),
                events,
            }
        });
        store.append(batches.collect()).expect("there is room");
    }
    body
}

/// Microseconds of Python's `json.loads` for an event of a batch.
fn json_loads_micros(body: &str) -> Option<f64> {
    let script = "import json,sys,time\nevents=[json.dumps(e) for e in json.load(sys.stdin)['events']]\nt=time.process_time()\n\
        for _ in range(200):\n for e in events: json.loads(e)\nprint((time.process_time()-t)*1e6/200/len(events))";
    let mut child = Command::new("python3")
        .args(["-c", script])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .ok()?;
    std::io::Write::write_all(&mut child.stdin.take()?, body.as_bytes()).ok()?;
    String::from_utf8(child.wait_with_output().ok()?.stdout).ok()?.trim().parse().ok()
}

fn bytes_of(dir: &Path, ending: &str) -> u64 {
    let files = std::fs::read_dir(dir).expect("the directory is there").map(|file| file.expect("a file").path());
    let files = files.filter(|path| path.to_string_lossy().contains(ending));
    files.map(|path| path.metadata().expect("has a size").len()).sum()
}

fn search(store: &SqliteStore, name: &str, filter: &EventFilter) {
    let mut found = 0;
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            let page = EventPage { order: SeqOrder::Newest { before: None }, limit: 50 };
            found = store.events(SCOPE, filter, page).expect("finds").len();
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name:<44} {:>9.2} {:>9.2} {found:>9}", times[RUNS / 2], times[RUNS - 1]);
}

/// The same texts in FTS5 with trigrams, without positions and without the texts themselves.
fn fts5(store: &SqliteStore, dir: &Path, most: u64, unit: f64) {
    let path = dir.join("fts5.sqlite");
    let connection = rusqlite::Connection::open(&path).expect("opens");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
             CREATE VIRTUAL TABLE texts USING fts5(text, content='', detail=none, tokenize='trigram');",
        )
        .expect("FTS5 is built in");
    let (mut spent, mut events) = (Duration::ZERO, 0);
    let mut waiting = Vec::new();
    let visited = store.replay(Position::START, &mut |_, event, _| {
        if events >= most {
            return;
        }
        events += 1;
        waiting.push((event.seq, event.event.payload.map_or(String::new(), |payload| payload.get().to_owned())));
        if waiting.len() == 1000 {
            let began = cpu();
            connection.execute_batch("BEGIN").expect("begins");
            let mut insert =
                connection.prepare_cached("INSERT INTO texts(rowid, text) VALUES (?1, ?2)").expect("a table");
            for row in waiting.drain(..) {
                insert.execute(row).expect("inserts");
            }
            connection.execute_batch("COMMIT").expect("commits");
            spent += cpu().saturating_sub(began);
        }
    });
    visited.expect("replays");
    connection
        .execute_batch("INSERT INTO texts(texts) VALUES ('optimize'); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("tidies");
    let micros = spent.as_secs_f64() * 1e6 / events as f64;
    let bytes = bytes_of(dir, "fts5.sqlite") as f64 / events as f64;
    println!(
        "FTS5 trigram, detail=none ({events} events): {micros:.2} µs/event ({:.2} json.loads), {bytes:.1} B/event",
        micros / unit
    );
    drop(connection);
    let _gone = std::fs::remove_file(path);
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let events: u64 = arguments.next().map_or(1_000_000, |text| text.parse().expect("a number of events"));
    let events_per_day: u64 = arguments.next().map_or(1_000_000, |text| text.parse().expect("events per day"));
    let dir = arguments.next().unwrap_or_else(|| std::env::temp_dir().join("search-bench").display().to_string());
    let dir = Path::new(&dir);
    // Without background work, so that it can be measured.
    let options = StoreOptions { checkpoint_interval: Duration::ZERO, ..StoreOptions::default() };
    let store = SqliteStore::open(dir, options).expect("the directory opens");
    let body = fill(&store, events, events_per_day);
    let unit = json_loads_micros(&body).unwrap_or(f64::NAN);
    let began = cpu();
    store.maintain().expect("indexes");
    let micros = cpu().saturating_sub(began).as_secs_f64() * 1e6 / events as f64;
    store.close().expect("closes");
    drop(store);
    let (index, all) = (bytes_of(dir, ".search") as f64, bytes_of(dir, "ev-") as f64);
    println!(
        "index: {micros:.2} µs/event ({:.2} json.loads of {unit:.2} µs; 0 where it was made before), {:.1} B/event, {:.1} % of {:.1} B/event without it",
        micros / unit,
        index / events as f64,
        index * 100.0 / (all - index),
        (all - index) / events as f64
    );
    let store = SqliteStore::open(dir, StoreOptions::default()).expect("opens again");
    let rare = hiveboard_fleet::RARE;
    println!("{:<44} {:>9} {:>9} {:>9}", "search of the newest 50", "p50 ms", "max ms", "rows");
    for (name, text) in [
        ("a rare word", rare),
        ("a word that never came", "zyxomma"),
        ("a frequent word", "invoice"),
        ("the number of an order", "ORD-4821"),
        ("part of an identifier that never came", "OrderService.retry"),
        ("the middle of a UUID", "4b7a-9c1d"),
        ("two signs of Chinese", "東京"),
        ("two signs of Chinese that never came", "請求"),
        ("a decomposed accent", "cafe\u{301}"),
        ("two letters", "qz"),
    ] {
        search(&store, name, &EventFilter { text: Some(text.to_owned()), ..EventFilter::default() });
    }
    let of_agent =
        EventFilter { text: Some("invoice".to_owned()), agent_id: Some("nobody".to_owned()), ..EventFilter::default() };
    search(&store, "a frequent word of an agent without events", &of_agent);
    fts5(&store, dir, 50_000, unit);
}
