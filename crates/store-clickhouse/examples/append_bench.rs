//! What storing an event costs, in ClickHouse and embedded: events a second, CPU of this process and of the engine, bytes on disk; and what the
//! board's queries take afterwards.
//!
//! ```text
//! python3 scripts/engines.py run --clickhouse 1 --nats 0 -- \
//!     cargo run --release -p hiveboard-store-clickhouse --example append_bench -- [events=200000]
//! ```
//! Batches of 100 events, as they travel, are decoded outside of the measurement; so many of them are appended at once.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use hiveboard_fleet::Fleet;
use hiveboard_store::{
    Batch, CallFilter, CallSort, Dimension, EventFilter, EventPage, EventStore, Incoming, Position, SqliteStore,
    StoreOptions, query::SeqOrder,
};
use hiveboard_store_clickhouse::{ClickHouseOptions, ClickHouseStore};
use hiveboard_wire::{Body, CallCost, CostSource, Mode, NanoDollars, Scope, Timestamp, WorkspaceId, decode_batch};

const SCOPE: Scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
const EVENTS_OF_BATCH: usize = 100;
const AGENTS: usize = 200;
const HOUR: i64 = 3_600_000_000;
/// Of the kernel's books.
const TICKS_A_SECOND: f64 = 100.0;

/// Process time of the engine, in seconds; `user + system` of `/proc`.
fn cpu_of(process: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or("");
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_A_SECOND
}

fn batches(events: usize, seed: u64) -> Vec<Batch> {
    let mut fleet = Fleet::new(seed, AGENTS);
    let end = Timestamp::now().0;
    let count = events / EVENTS_OF_BATCH;
    (0..count)
        .map(|number| {
            // Six hours that end now.
            let now = end - 6 * HOUR + number as i64 * 6 * HOUR / count as i64;
            let made = fleet.batch(number % AGENTS, EVENTS_OF_BATCH, now, false);
            let decoded = decode_batch(made.json.as_bytes(), Timestamp(now)).expect("the fleet makes good batches");
            let events = decoded.events.into_iter().map(|accepted| {
                let call_cost = match &accepted.body {
                    Body::LlmCall(call) => {
                        Some(CallCost { amount: call.cost.unwrap_or(NanoDollars(0)), source: CostSource::Reported })
                    }
                    _ => None,
                };
                Incoming { event: accepted.event, body: accepted.body, call_cost }
            });
            let position = Some(Position::of_seq((number as u64 + 1) << 10));
            let (envelope, received_at) = (decoded.envelope, Timestamp(now));
            Batch { scope: SCOPE, envelope, received_at, position, events: events.collect() }
        })
        .collect()
}

/// Appends everything; prints a line.
fn append(name: &str, store: &dyn EventStore, engine: Option<&str>, batches: Vec<Batch>, at_once: usize) {
    let events: usize = batches.iter().map(|batch| batch.events.len()).sum();
    let (mut own, mut wall, mut slowest) = (0.0, Duration::ZERO, Duration::ZERO);
    let server = engine.map(cpu_of);
    let mut batches = batches.into_iter().peekable();
    while batches.peek().is_some() {
        let some: Vec<Batch> = batches.by_ref().take(at_once).collect();
        let (before, began) = (cpu_of("self"), Instant::now());
        store.append(some).expect("there is room");
        let took = began.elapsed();
        own += cpu_of("self") - before;
        wall += took;
        slowest = slowest.max(took);
    }
    let server = engine.zip(server).map_or(0.0, |(engine, before)| cpu_of(engine) - before);
    let stats = store.stats().expect("the store counts");
    println!(
        "{name:<12} {:>8} {:>10.0} {:>9.1} {:>9.1} {:>9.1} {:>8.0}",
        at_once * EVENTS_OF_BATCH,
        events as f64 / wall.as_secs_f64(),
        own * 1e6 / events as f64,
        server * 1e6 / events as f64,
        slowest.as_secs_f64() * 1e3,
        stats.disk_bytes as f64 / stats.events.max(1) as f64,
    );
}

/// The median of some tries, in milliseconds.
fn median(mut ask: impl FnMut()) -> f64 {
    let mut took: Vec<f64> = (0..9)
        .map(|_| {
            let began = Instant::now();
            ask();
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    took.sort_by(f64::total_cmp);
    took[took.len() / 2]
}

fn query(store: &dyn EventStore) -> Vec<(&'static str, f64)> {
    let newest = EventPage { order: SeqOrder::Newest { before: None }, limit: 50 };
    let agent = || EventFilter { agent_id: Some("data-0003".to_owned()), ..EventFilter::default() };
    let text = || EventFilter { text: Some("no such text".to_owned()), ..EventFilter::default() };
    let by = [Dimension::Agent, Dimension::Model];
    let all = CallFilter::default();
    vec![
        ("newest 50 events", median(|| drop(store.events(SCOPE, &EventFilter::default(), newest).expect("answers")))),
        ("newest 50 of an agent", median(|| drop(store.events(SCOPE, &agent(), newest).expect("answers")))),
        ("a text that is nowhere", median(|| drop(store.events(SCOPE, &text(), newest).expect("answers")))),
        (
            "dearest 50 calls",
            median(|| drop(store.calls(SCOPE, &all, CallSort::Cost { after: None }, 50).expect("answers"))),
        ),
        (
            "cost by hour, agent, model",
            median(|| drop(store.call_groups(SCOPE, &all, &by, Some(HOUR), 20).expect("answers"))),
        ),
        ("failures by hour", median(|| drop(store.failures(SCOPE, &all, HOUR).expect("answers")))),
    ]
}

fn embedded(dir: &Path) -> SqliteStore {
    let _absent = std::fs::remove_dir_all(dir);
    SqliteStore::open(dir, StoreOptions::default()).expect("an empty directory opens")
}

fn main() {
    let events: usize = std::env::args().nth(1).map_or(200_000, |text| text.parse().expect("a number of events"));
    let url = std::env::var("HIVEBOARD_TEST_CLICKHOUSE").expect("run by scripts/engines.py, which starts ClickHouse");
    let pids = std::env::var("HIVEBOARD_TEST_ENGINE_PIDS").unwrap_or_default();
    let engine = pids.split(',').next().filter(|pid| !pid.is_empty());
    let dir = std::env::temp_dir().join(format!("store-bench-{}", std::process::id()));
    println!(
        "{:<12} {:>8} {:>10} {:>9} {:>9} {:>9} {:>8}",
        "store", "at once", "events/s", "own µs", "engine µs", "slowest ms", "B/event"
    );
    let mut stores: Vec<(&str, Box<dyn EventStore>)> = Vec::new();
    for (number, at_once) in [1, 10, 100, 500].into_iter().enumerate() {
        stores.clear();
        let some = events.min(at_once * EVENTS_OF_BATCH * 400);
        let options = ClickHouseOptions {
            urls: vec![url.clone()],
            database: format!("bench_{number}"),
            ..ClickHouseOptions::default()
        };
        let cluster = ClickHouseStore::open(options).expect("ClickHouse is there");
        append("ClickHouse", &cluster, engine, batches(some, 7), at_once);
        let store = embedded(&dir);
        append("embedded", &store, None, batches(some, 7), at_once);
        stores = vec![("ClickHouse", Box::new(cluster)), ("embedded", Box::new(store))];
    }
    println!("\nqueries over {events} events, median ms");
    let answers: Vec<Vec<(&str, f64)>> = stores.iter().map(|(_, store)| query(store.as_ref())).collect();
    println!("{:<28} {:>12} {:>12}", "", stores[0].0, stores[1].0);
    for (one, other) in answers[0].iter().zip(&answers[1]) {
        println!("{:<28} {:>12.1} {:>12.1}", one.0, one.1, other.1);
    }
    drop(stores);
    let _absent = std::fs::remove_dir_all(&dir);
}
