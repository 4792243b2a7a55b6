//! The parts: each makes its input, and measures only its own work.

use std::{hint::black_box, ops::RangeInclusive, sync::Arc, time::Duration};

use hiveboard_derive::Projections;
use hiveboard_fleet::Fleet;
use hiveboard_insights::fold::Memory;
use hiveboard_prices::PriceTable;
use hiveboard_store::{
    Batch, Checkpoint, EventLog, Fresh, Incoming, Position, ProjectionRow, ProjectionStore, SqliteStore, StoreAdmin,
    StoreOptions,
};
use hiveboard_wire::{Body, Decoded, Mode, Scope, StoredEvent, Timestamp, WorkspaceId, decode_batch};

use crate::Meter;

const SEED: u64 = 7;
const AGENTS: usize = 200;
const BEGIN_MICROS: i64 = 1_790_000_000_000_000;
const SCOPE: Scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
/// Made before it counts: dictionaries, tables and files exist by then.
const WARM_EVENTS: usize = 2_000;
/// Agents of a store that is filled.
const FILL_AGENTS: usize = 1_000;

/// Batches as they would come in, with the moment they come at.
struct Incomings {
    fleet: Fleet,
    turn: usize,
    now_micros: i64,
}

impl Incomings {
    fn new() -> Self {
        Self { fleet: Fleet::new(SEED, AGENTS), turn: 0, now_micros: BEGIN_MICROS }
    }

    fn json(&mut self, size: usize) -> (Timestamp, String) {
        self.turn += 1;
        self.now_micros += size as i64 * 1_000;
        let batch = self.fleet.batch(self.turn % AGENTS, size, self.now_micros, false);
        (Timestamp(self.now_micros), batch.json)
    }

    fn decoded(&mut self, size: usize) -> (Timestamp, Decoded) {
        let (now, json) = self.json(size);
        (now, decode_batch(json.as_bytes(), now).expect("the fleet's batches are well-formed"))
    }

    /// The next batch as the writer passes it on, numbered after `seq`, which moves along.
    fn fresh(&mut self, size: usize, seq: &mut u64, prices: &PriceTable) -> (Timestamp, Vec<Fresh>) {
        let (received_at, Decoded { envelope, events, .. }) = self.decoded(size);
        let fresh = events.into_iter().map(|accepted| {
            *seq += 1;
            let call_cost = if let Body::LlmCall(call) = &accepted.body { Some(prices.cost(call)) } else { None };
            let envelope = Arc::clone(&envelope);
            let stored = StoredEvent { seq: *seq, received_at, envelope, event: accepted.event };
            Fresh { stored, body: accepted.body, call_cost }
        });
        (received_at, fresh.collect())
    }
}

pub(crate) fn scan(events: usize, meter: &mut Meter) {
    let mut incomings = Incomings::new();
    for _ in 0..events.div_ceil(100) {
        let (_, json) = incomings.json(100);
        meter.measure(100, || {
            black_box(serde_json::from_str::<serde::de::IgnoredAny>(black_box(&json)).expect("valid JSON"));
        });
    }
}

/// Dropping what was read is part of it: the server does that, too.
pub(crate) fn decode(events: usize, meter: &mut Meter) {
    let mut incomings = Incomings::new();
    for _ in 0..events.div_ceil(100) {
        let (now, json) = incomings.json(100);
        meter.measure(100, || {
            let decoded = decode_batch(black_box(json.as_bytes()), now).expect("the fleet's batches are well-formed");
            assert_eq!(decoded.events.len(), 100, "{:?}", decoded.receipt.errors);
            assert!(decoded.receipt.warnings.is_empty(), "{:?}", decoded.receipt.warnings);
        });
    }
}

pub(crate) fn fold(events: usize, meter: &mut Meter) {
    let prices = PriceTable::shipped();
    let mut projections = Projections::new();
    let mut incomings = Incomings::new();
    let mut seq = 0;
    for _ in 0..events.div_ceil(100) {
        let (_, fresh) = incomings.fresh(100, &mut seq, &prices);
        meter.measure(fresh.len(), || fold_in(&mut projections, &fresh));
        // As the server does now and then; that is counted by itself, see `rows`.
        if seq % 10_000 == 0 {
            projections.take_changes();
        }
    }
}

fn fold_in(projections: &mut Projections, fresh: &[Fresh]) {
    projections.apply_all(fresh.iter().map(|one| (&one.stored, &one.body, one.call_cost)));
}

/// What folds changed, written down as the server does every few seconds: the rows made, and put into their file.
pub(crate) fn rows(events: usize, meter: &mut Meter) {
    const BETWEEN: usize = 20_000;
    let dir = tempfile::tempdir().expect("there is room for a directory");
    let options = StoreOptions { checkpoint_interval: Duration::ZERO, ..StoreOptions::default() };
    let store = SqliteStore::open(dir.path(), options).expect("an empty directory opens");
    let prices = PriceTable::shipped();
    let mut projections = Projections::new();
    let mut incomings = Incomings::new();
    let mut seq = 0;
    for _ in 0..events.div_ceil(BETWEEN) {
        let mut now = Timestamp::MIN;
        for _ in 0..BETWEEN / 100 {
            let (received_at, fresh) = incomings.fresh(100, &mut seq, &prices);
            fold_in(&mut projections, &fresh);
            now = received_at;
        }
        meter.measure(BETWEEN, || {
            let rows = projections.take_changes().take_rows().into_iter();
            let rows = rows.map(|row| ProjectionRow { scope: SCOPE, table: row.table, key: row.key, value: row.value });
            let mut rows: Vec<ProjectionRow> = rows.collect();
            rows.sort_unstable_by(|a, b| (a.table, &a.key).cmp(&(b.table, &b.key)));
            let watermark = Position::of_seq(seq);
            let checkpoint = Checkpoint { watermark, alive_at: now, version: Projections::VERSION };
            store.save_projections(&rows, checkpoint).expect("there is room");
        });
    }
}

/// What insights take in of each event, on their thread.
pub(crate) fn insights(events: usize, meter: &mut Meter) {
    let prices = PriceTable::shipped();
    let mut memory = Memory::default();
    let mut incomings = Incomings::new();
    let mut seq = 0;
    for _ in 0..events.div_ceil(100) {
        let (_, fresh) = incomings.fresh(100, &mut seq, &prices);
        meter.measure(fresh.len(), || {
            for one in &fresh {
                memory.fold(&one.stored, &one.body, one.call_cost);
            }
        });
    }
}

/// What the index of texts costs, on its thread, and the copying of the log, on another.
pub(crate) fn search(events: usize, meter: &mut Meter) {
    const BETWEEN: usize = 2_000;
    let dir = tempfile::tempdir().expect("there is room for a directory");
    let options = StoreOptions {
        checkpoint_interval: Duration::ZERO,
        // So many that some are written within what is counted.
        search_segment_stretches: 128,
        ..StoreOptions::default()
    };
    let store = SqliteStore::open(dir.path(), options).expect("an empty directory opens");
    let prices = PriceTable::shipped();
    let mut incomings = Incomings::new();
    for _ in 0..events.div_ceil(BETWEEN) {
        for _ in 0..BETWEEN / 1_000 {
            let batches = (0..10).map(|_| {
                let (received_at, decoded) = incomings.decoded(100);
                batch_of(decoded, received_at, &prices)
            });
            store.append(batches.collect()).expect("there is room");
        }
        meter.measure(BETWEEN, || store.maintain().expect("there is room"));
    }
}

/// Fills a data directory as the server would have, had it been sent so many events over so many days: by the same append, with the same
/// maintenance beside it. A server that is started on it folds them.
pub(crate) fn fill(events: usize, dir: &std::path::Path, days: u32) {
    let store = SqliteStore::open(dir, StoreOptions::default()).expect("the directory opens");
    let prices = PriceTable::shipped();
    let mut fleet = Fleet::new(u64::from(std::process::id()), FILL_AGENTS);
    let end = Timestamp::now().micros();
    let span = i64::from(days) * 86_400_000_000;
    let (mut made, mut turn) = (0, 0);
    while made < events {
        let batches: Vec<Batch> = (0..10)
            .map(|place| {
                let now_micros = end - span + (span as f64 * ((made + place * 100) as f64 / events as f64)) as i64;
                let batch = fleet.batch(turn % FILL_AGENTS, 100, now_micros.min(end), false);
                turn += 1;
                let received_at = Timestamp(now_micros.min(end));
                let decoded = decode_batch(batch.json.as_bytes(), received_at).expect("well-formed");
                batch_of(decoded, received_at, &prices)
            })
            .collect();
        made += batches.iter().map(|batch| batch.events.len()).sum::<usize>();
        store.append(batches).expect("there is room");
        if made % 500_000 < 1_000 {
            println!("{made} events");
        }
    }
    store.close().expect("the store closes");
}

fn batch_of(decoded: Decoded, received_at: Timestamp, prices: &PriceTable) -> Batch {
    let incoming = decoded.events.into_iter().map(|accepted| {
        let call_cost = if let Body::LlmCall(call) = &accepted.body { Some(prices.cost(call)) } else { None };
        Incoming { event: accepted.event, body: accepted.body, call_cost }
    });
    Batch { scope: SCOPE, position: None, events: incoming.collect(), envelope: decoded.envelope, received_at }
}

/// How many references of blocks and sums of calls may wait for their tables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// As in a server: so few events never bring as many.
    Many,
    /// So few that they go into their tables again and again: more often than in a server, whose every event pays for its part once.
    Few,
}

pub(crate) fn append(
    events: usize,
    sizes: RangeInclusive<usize>,
    batches_a_commit: usize,
    waiting: Waiting,
    meter: &mut Meter,
) {
    let dir = tempfile::tempdir().expect("there is room for a directory");
    // No thread of its own: what is counted is what the commit does.
    let mut options = StoreOptions { checkpoint_interval: Duration::ZERO, ..StoreOptions::default() };
    if waiting == Waiting::Few {
        (options.recent_references, options.recent_sums) = (1_000, 128);
    }
    let store = SqliteStore::open(dir.path(), options).expect("an empty directory opens");
    let prices = PriceTable::shipped();
    let mut incomings = Incomings::new();
    let (low, high) = (*sizes.start(), *sizes.end());
    let mut made = 0;
    while made < events + WARM_EVENTS {
        let batches: Vec<Batch> = (0..batches_a_commit)
            .map(|place| {
                let (received_at, decoded) = incomings.decoded(low + (made + place * 7) % (high - low + 1));
                batch_of(decoded, received_at, &prices)
            })
            .collect();
        let count: usize = batches.iter().map(|batch| batch.events.len()).sum();
        let work = || {
            let appended = store.append(batches).expect("there is room");
            assert!(appended.iter().all(|one| one.duplicates == 0), "the fleet repeats no event");
        };
        if made < WARM_EVENTS {
            work();
        } else {
            meter.measure(count, work);
        }
        made += count;
    }
    store.close().expect("the store closes");
    let files = std::fs::read_dir(dir.path()).expect("the directory is there").flatten();
    let bytes: u64 = files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum();
    println!("{} bytes/event on disk", bytes / made as u64);
}
