//! What an append costs: process CPU per event (checkpoints included) and bytes per event on disk.
//!
//! ```text
//! cargo run --release -p hiveboard-store --example append_bench -- [events=200000] [events_per_day=1000000] [dir]
//! ```
//! Events look like those of a busy fleet: 715 bytes on the wire, a fifth of them model calls, 2% of the batches sent twice. Making
//! them is not measured.

#[path = "support/fleet.rs"]
mod fleet;

use std::{path::Path, time::Duration};

use hiveboard_store::{Batch, EventLog, SqliteStore, StoreAdmin, StoreOptions};
use rustix::time::{ClockId, clock_gettime};

use fleet::Fleet;

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn run(
    dir: &Path,
    name: &str,
    sizes: std::ops::RangeInclusive<usize>,
    batches_per_commit: usize,
    events: u64,
    events_per_day: u64,
) {
    let dir = dir.join(name.replace([' ', ','], "-"));
    let _absent = std::fs::remove_dir_all(&dir);
    let store = SqliteStore::open(&dir, StoreOptions::default()).expect("an empty directory opens");
    let mut fleet = Fleet::new(200, events_per_day);
    let (mut spent, mut unique, mut slowest) = (Duration::ZERO, 0_u64, Duration::ZERO);
    let mut wall = Duration::ZERO;
    let mut again: Option<Batch> = None;
    while unique < events {
        let mut batches: Vec<Batch> = (0..batches_per_commit)
            .map(|_| {
                let size = fleet.random.usize(sizes.clone());
                fleet.batch(size)
            })
            .collect();
        batches.extend(again.take());
        if fleet.random.usize(..50 / batches_per_commit.min(50)) == 0 {
            again = batches.first().cloned();
        }
        let (started, began) = (cpu(), std::time::Instant::now());
        let done = store.append(batches).expect("there is room");
        let took = began.elapsed();
        spent += cpu().saturating_sub(started);
        wall += took;
        slowest = slowest.max(took);
        unique += done.iter().map(|appended| appended.fresh.len() as u64).sum::<u64>();
    }
    let dedup_bytes = store.stats().expect("files can be listed").dedup_bytes;
    store.close().expect("closes");
    drop(store);
    let bytes: u64 = std::fs::read_dir(&dir)
        .expect("the directory is there")
        .map(|file| file.expect("a file").metadata().expect("has a size").len())
        .sum();
    let began = std::time::Instant::now();
    let reopened = SqliteStore::open(&dir, StoreOptions::default()).expect("opens again");
    let open_ms = began.elapsed().as_secs_f64() * 1e3;
    assert_eq!(reopened.head().seq(), unique, "every event is there once");
    println!(
        "{name:<28} {unique:>9} {:>9.2} {:>9.2} {:>9.0} {:>10.1} {:>8.0} {:>9.1}",
        spent.as_secs_f64() * 1e6 / unique as f64,
        wall.as_secs_f64() * 1e6 / unique as f64,
        bytes as f64 / unique as f64,
        slowest.as_secs_f64() * 1e3,
        open_ms,
        dedup_bytes as f64 / unique as f64,
    );
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let events: u64 = arguments.next().map_or(200_000, |text| text.parse().expect("a number of events"));
    let events_per_day: u64 = arguments.next().map_or(1_000_000, |text| text.parse().expect("events per day"));
    let dir = arguments.next().unwrap_or_else(|| std::env::temp_dir().join("append-bench").display().to_string());
    println!(
        "{:<28} {:>9} {:>9} {:>9} {:>9} {:>10} {:>8} {:>9}",
        "batches", "events", "CPU µs/ev", "wall µs", "B/event", "slowest ms", "open ms", "dedup B"
    );
    let dir = Path::new(&dir);
    run(dir, "100, 1 a commit", 100..=100, 1, events, events_per_day);
    run(dir, "100, 10 a commit", 100..=100, 10, events, events_per_day);
    run(dir, "1-10, 1 a commit", 1..=10, 1, events / 10, events_per_day);
    run(dir, "1-10, 16 a commit", 1..=10, 16, events / 2, events_per_day);
    let _absent = std::fs::remove_dir_all(dir);
}
