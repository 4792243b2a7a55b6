//! What an append costs: process CPU per event (checkpoints included) and bytes per event on disk.
//!
//! ```text
//! cargo run --release -p hiveboard-store --example append_bench -- [events=200000] [events_per_day=1000000] [dir]
//! ```
//! Events look like those of a busy fleet: 715 bytes on the wire, a fifth of them model calls, 2% of the batches sent twice. Making
//! them is not measured.

use std::{path::Path, time::Duration};

use hiveboard_store::{EventStore, Group, Incoming, SqliteStore, StoreOptions};
use hiveboard_wire::{Body, CallCost, CostSource, Mode, NanoDollars, Scope, Timestamp, WorkspaceId, decode_batch};
use rustix::time::{ClockId, clock_gettime};

const SCOPE: Scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
const START_MICROS: i64 = 1_790_000_000_000_000;
const WORDS: &[&str] = &[
    "lead", "score", "customer", "invoice", "summary", "retry", "because", "the", "model", "answer", "found", "no", "match",
    "queue", "deploy", "report", "draft", "email", "review", "contract", "ticket", "refund", "order", "status", "update",
];

struct Fleet {
    random: fastrand::Rng,
    agents: usize,
    made: u64,
    events_per_day: u64,
}

impl Fleet {
    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| WORDS[self.random.usize(..WORDS.len())]).collect::<Vec<_>>().join(" ")
    }

    fn uuid(&mut self) -> String {
        let bytes: [u8; 16] = std::array::from_fn(|_| self.random.u8(..));
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    fn event(&mut self, now: i64, task: u64) -> String {
        let at = Timestamp(now - self.random.i64(0..2_000_000));
        let (event_type, payload) = match self.random.u8(0..20) {
            0..=3 => {
                let (prompt, response) = (self.words(20), self.words(20));
                let (tokens_in, tokens_out) = (self.random.u32(200..8000), self.random.u32(20..900));
                ("custom", format!(r#"{{"kind":"llm_call","summary":"reason -> gpt-4o ({tokens_in} in)","data":{{"name":"reason","model":"gpt-4o","tokens_in":{tokens_in},"tokens_out":{tokens_out},"cost":{},"duration_ms":{},"prompt_preview":"{prompt}","response_preview":"{response}"}}}}"#, f64::from(tokens_in) * 2.5e-6, self.random.u32(300..9000)))
            }
            4 => ("heartbeat", format!(r#"{{"kind":"heartbeat_status","summary":"idle","data":{{"note":"{}"}}}}"#, self.words(40))),
            5 => ("task_completed", format!(r#"{{"result":"{}"}}"#, self.words(50))),
            6 if self.random.u8(..) < 60 => ("action_failed", format!(r#"{{"action_name":"fetch","function":"crm.fetch","exception_type":"Timeout","exception_message":"{}"}}"#, self.words(40))),
            7..=12 => ("action_completed", format!(r#"{{"action_name":"fetch","function":"crm.fetch","detail":"{}"}}"#, self.words(50))),
            _ => ("action_started", format!(r#"{{"action_name":"fetch","function":"crm.fetch","args":"{}"}}"#, self.words(50))),
        };
        format!(
            r#"{{"event_id":"{}","timestamp":"{at}","event_type":"{event_type}","project_id":"sales","task_id":"task-{task}","task_type":"lead","action_id":"{}","duration_ms":{},"payload":{payload}}}"#,
            self.uuid(),
            self.uuid(),
            self.random.u32(1..5000),
        )
    }

    fn batch(&mut self, size: usize) -> Group {
        let agent = self.random.usize(..self.agents);
        let now = START_MICROS + (self.made as i128 * 86_400_000_000 / i128::from(self.events_per_day)) as i64;
        // A task takes some 12 events; an agent works on one after the other.
        let events: Vec<String> = (0..size)
            .map(|place| {
                let task = (self.made + place as u64) / 12 * 1000 + agent as u64;
                self.event(now, task)
            })
            .collect();
        self.made += size as u64;
        let body = format!(
            r#"{{"envelope":{{"agent_id":"agent-{agent}","agent_type":"worker","agent_version":"1.4.{}","framework":"custom","environment":"production"}},"events":[{}]}}"#,
            agent % 3,
            events.join(",")
        );
        let decoded = decode_batch(body.as_bytes(), Timestamp(now)).expect("the batch is well-formed");
        let incoming = decoded.events.into_iter().map(|accepted| {
            let call_cost = match &accepted.body {
                Body::LlmCall(call) => {
                    Some(CallCost { amount: call.cost.unwrap_or(NanoDollars(0)), source: CostSource::Reported })
                }
                _ => None,
            };
            Incoming { event: accepted.event, body: accepted.body, call_cost }
        });
        Group { scope: SCOPE, events: incoming.collect(), envelope: decoded.envelope, received_at: Timestamp(now) }
    }
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn run(dir: &Path, name: &str, sizes: std::ops::RangeInclusive<usize>, batches_per_commit: usize, events: u64, events_per_day: u64) {
    let dir = dir.join(name.replace([' ', ','], "-"));
    let _absent = std::fs::remove_dir_all(&dir);
    let store = SqliteStore::open(&dir, StoreOptions::default()).expect("an empty directory opens");
    let mut fleet = Fleet { random: fastrand::Rng::with_seed(7), agents: 200, made: 0, events_per_day };
    let (mut spent, mut unique, mut slowest) = (Duration::ZERO, 0_u64, Duration::ZERO);
    let mut wall = Duration::ZERO;
    let mut again: Option<Group> = None;
    while unique < events {
        let mut groups: Vec<Group> = (0..batches_per_commit)
            .map(|_| {
                let size = fleet.random.usize(sizes.clone());
                fleet.batch(size)
            })
            .collect();
        groups.extend(again.take());
        if fleet.random.usize(..50 / batches_per_commit.min(50)) == 0 {
            again = groups.first().cloned();
        }
        let (started, began) = (cpu(), std::time::Instant::now());
        let done = store.append(groups).expect("there is room");
        let took = began.elapsed();
        spent += cpu() - started;
        wall += took;
        slowest = slowest.max(took);
        unique += done.iter().map(|appended| appended.fresh.len() as u64).sum::<u64>();
    }
    let dedup_bytes = store.stats().expect("files can be listed").dedup_bytes;
    store.close().expect("closes");
    drop(store);
    let bytes: u64 = std::fs::read_dir(&dir).expect("the directory is there").map(|file| file.expect("a file").metadata().expect("has a size").len()).sum();
    let began = std::time::Instant::now();
    let reopened = SqliteStore::open(&dir, StoreOptions::default()).expect("opens again");
    let open_ms = began.elapsed().as_secs_f64() * 1e3;
    assert_eq!(reopened.head_seq(), unique, "every event is there once");
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
    println!("{:<28} {:>9} {:>9} {:>9} {:>9} {:>10} {:>8} {:>9}", "batches", "events", "CPU µs/ev", "wall µs", "B/event", "slowest ms", "open ms", "dedup B");
    let dir = Path::new(&dir);
    run(dir, "100, 1 a commit", 100..=100, 1, events, events_per_day);
    run(dir, "100, 10 a commit", 100..=100, 10, events, events_per_day);
    run(dir, "1-10, 1 a commit", 1..=10, 1, events / 10, events_per_day);
    run(dir, "1-10, 16 a commit", 1..=10, 16, events / 2, events_per_day);
    let _absent = std::fs::remove_dir_all(dir);
}
