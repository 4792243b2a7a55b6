//! Prints what the projections cost: CPU per event folded, memory per run, time to write, restore and read them.
//!
//! `cargo run --release -p hiveboard-derive --example fold_bench -- [runs] [agents]`

use std::{
    collections::HashMap,
    fs::File,
    os::unix::fs::FileExt,
    sync::{Arc, Mutex},
};

use hiveboard_derive::{
    AgentFilter, AgentSort, ArchiveLimits, Bucketing, ColdRowError, ColdRows, FIRST_COLD_TABLE, GroupBy, Projections,
    RunFilter, RunSort, view::TaskStatus,
};
use hiveboard_prices::PriceTable;
use hiveboard_wire::{Body, StoredEvent, Timestamp, decode_batch};
use serde_json::json;

const NOW: Timestamp = Timestamp(1_770_000_000_000_000);

/// Resident memory of this process, in mebibytes.
fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// CPU time of this thread so far: wall time would measure the neighbours, too.
fn cpu_micros() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0) / 1000.0
}

/// Archived rows in a file that goes with this process; only their places are in memory.
/// Where a row stands in the file, and how long it is.
type Places = HashMap<(u8, Vec<u8>), (u64, usize)>;

struct RowsInFile {
    file: File,
    places: Mutex<(Places, u64)>,
}

impl RowsInFile {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("fold_bench-{}", std::process::id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path).expect("a file can be made");
        std::fs::remove_file(&path).expect("it was made just now");
        Self { file, places: Mutex::default() }
    }

    fn save(&self, projections: &mut Projections) {
        let mut changes = projections.take_changes();
        for change in changes.take_rows() {
            if let (FIRST_COLD_TABLE.., Some(value)) = (change.table, change.value) {
                let (places, end) = &mut *self.places.lock().expect("nobody panicked");
                self.file.write_all_at(&value, *end).expect("the file can be written");
                places.insert((change.table, change.key), (*end, value.len()));
                *end += value.len() as u64;
            }
        }
        changes.saved();
    }

    fn bytes(&self) -> u64 {
        self.places.lock().expect("nobody panicked").1
    }
}

impl ColdRows for RowsInFile {
    fn row(&self, table: u8, key: &[u8]) -> Result<Option<Arc<Vec<u8>>>, ColdRowError> {
        let place = self.places.lock().expect("nobody panicked").0.get(&(table, key.to_vec())).copied();
        let Some((place, length)) = place else { return Ok(None) };
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, place).map_err(|error| ColdRowError(error.to_string()))?;
        Ok(Some(Arc::new(bytes)))
    }
}

fn timed<T>(what: &str, unit: f64, work: impl FnOnce() -> T) -> T {
    let begin = cpu_micros();
    let result = work();
    let micros = cpu_micros() - begin;
    if unit > 1.0 {
        println!("{what:<34} {:>10.3} µs each, {:>9.1} ms in all", micros / unit, micros / 1000.0);
    } else {
        println!("{what:<34} {:>10.3} ms", micros / 1000.0);
    }
    result
}

/// The events of one run of ten events, as they would be stored.
fn run_events(run: u64, agents: u64, seq: &mut u64) -> Vec<(StoredEvent, Body)> {
    let started = NOW.plus_micros((run as i64 - 500_000) * 7_000);
    let task = format!("lead-{run:07}");
    let run_id = format!("5e0f3c1a-93a5-4c0e-b8f6-{run:012x}");
    let kinds = [
        "task_started",
        "action_started",
        "custom",
        "action_completed",
        "action_started",
        "custom",
        "action_completed",
        "custom",
        "custom",
        "task_completed",
    ];
    let events: Vec<_> = kinds
        .iter()
        .enumerate()
        .map(|(place, event_type)| {
            json!({
                "event_id": format!("0190a5c2-7b1e-7000-8000-{:012x}", run * 16 + place as u64),
                "timestamp": started.plus_micros(place as i64 * 1_000_000).to_string(), "event_type": event_type,
                "task_id": task, "task_run_id": run_id, "project_id": "sales", "task_type": "lead_processing",
                "payload": if *event_type == "custom" {
                    json!({"kind": "llm_call", "data": {"name": "n", "model": "gpt-4o", "tokens_in": 1500, "tokens_out": 200, "duration_ms": 900}})
                } else { json!({"action_name": "score"}) },
            })
        })
        .collect();
    let agent = format!("agent-{:04}", run % agents);
    let batch = json!({"envelope": {"agent_id": agent, "agent_version": "1.2.0", "instance_id": format!("i-{agent}")}, "events": events});
    let decoded =
        decode_batch(batch.to_string().as_bytes(), NOW.plus_seconds(86_400)).expect("the batch is well-formed");
    decoded
        .events
        .into_iter()
        .map(|accepted| {
            *seq += 1;
            let received_at = accepted.event.timestamp;
            (
                StoredEvent { seq: *seq, received_at, envelope: Arc::clone(&decoded.envelope), event: accepted.event },
                accepted.body,
            )
        })
        .collect()
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|text| text.parse::<u64>().ok());
    let (runs, agents) = (arguments.next().unwrap_or(500_000), arguments.next().unwrap_or(1_000));
    let prices = PriceTable::shipped();
    let cold = Arc::new(RowsInFile::new());
    let archive = Arc::clone(&cold);
    let mut projections = Projections::with_archive(archive, ArchiveLimits::default());
    let (mut seq, mut micros, mut archiving, mut rows) = (0, 0.0, 0.0, HashMap::new());
    let before = resident_mib();
    for chunk in 0..runs.div_ceil(1000) {
        let events: Vec<_> =
            (chunk * 1000..((chunk + 1) * 1000).min(runs)).flat_map(|run| run_events(run, agents, &mut seq)).collect();
        let begin = cpu_micros();
        for (stored, body) in &events {
            let cost = if let Body::LlmCall(call) = body { Some(prices.cost(call)) } else { None };
            projections.apply(stored, body, cost);
        }
        micros += cpu_micros() - begin;
        let begin = cpu_micros();
        while projections.archive_some() {}
        archiving += cpu_micros() - begin;
        cold.save(&mut projections);
    }
    println!("{runs} runs of {agents} agents, {seq} events");
    println!("{:<34} {:>10.3} µs each", "fold an event", micros / seq as f64);
    println!("{:<34} {:>10.3} µs each", "archive a run, under the lock", archiving / runs as f64);
    let (in_memory, archived) = projections.run_counts();
    println!("{in_memory} runs in memory, {archived} archived");
    println!("{:<34} {:>10.1} MiB", "heads and filters in memory", projections.archive_bytes() as f64 / 1_048_576.0);
    println!("{:<34} {:>10.0} B", "archived rows a run, on disk", cold.bytes() as f64 / archived.max(1) as f64);
    println!("{:<34} {:>10.1} MiB", "memory, all included", resident_mib() - before);
    println!("{:<34} {:>10.0} B", "memory a run, all included", (resident_mib() - before) * 1_048_576.0 / runs as f64);
    let now = NOW.plus_seconds(12);
    let all = RunFilter::default();
    timed("first sweep", 1.0, || projections.liveness_sweep(now));
    timed("sweep", 1.0, || projections.liveness_sweep(now));
    for _ in 0..2 {
        timed("list all agents", 1.0, || projections.agents(&AgentFilter::default(), AgentSort::Attention, now));
    }
    let page = |filter: &RunFilter, sort| {
        let query = projections.runs(filter, sort, None, 50, now).expect("there is no cursor");
        query.finish().expect("the archive can be read")
    };
    let _page = timed("newest 50 runs", 1.0, || page(&all, RunSort::Newest));
    let failed = RunFilter { status: vec![TaskStatus::Failed], ..RunFilter::default() };
    let _page = timed("newest failed runs, of none", 1.0, || page(&failed, RunSort::Newest));
    let one = RunFilter { agent_id: Some("agent-0007".to_owned()), ..RunFilter::default() };
    let _page = timed("newest 50 runs of an agent", 1.0, || page(&one, RunSort::Newest));
    let _page = timed("50 oldest runs", 1.0, || page(&all, RunSort::Oldest));
    for (name, sort) in [
        ("dearest", RunSort::Cost),
        ("longest", RunSort::Duration),
        ("largest", RunSort::Tokens),
        ("worst", RunSort::Errors),
    ] {
        let _page = timed(&format!("50 {name} runs"), 1.0, || page(&all, sort));
    }
    let _page = timed("50 dearest runs of an agent", 1.0, || page(&one, RunSort::Cost));
    let hour = RunFilter { since: Some(now.plus_seconds(-3600)), ..RunFilter::default() };
    timed("metrics of an hour", 1.0, || {
        projections.task_metrics(&hour, Some(Bucketing::Width(60_000_000)), None, now).finish()
    })
    .expect("the archive can be read");
    timed("metrics of all by agent", 1.0, || {
        projections.task_metrics(&all, Some(Bucketing::Width(600_000_000)), Some(GroupBy::Agent), now).finish()
    })
    .expect("the archive can be read");
    timed("one agent", 1.0, || projections.agent("agent-0007", now));
    timed("all runs of a task", 1.0, || projections.runs_of_task("lead-0000007", None, 50, now))
        .expect("the archive can be read");
    timed("figures of projects", 1.0, || projections.project_stats(now).finish()).expect("the archive can be read");
    // Everything once, as after a rebuild.
    let mut again = Projections::new();
    let sample = 100_000.min(runs);
    for run in 0..sample {
        for (stored, body) in run_events(run, agents, &mut seq) {
            again.apply(&stored, &body, None);
        }
    }
    timed("rows of 100,000 runs", sample as f64, || {
        let changes = again.take_changes().take_rows().into_iter();
        rows.extend(changes.filter_map(|change| Some(((change.table, change.key), change.value?))));
    });
    let bytes: usize = rows.iter().map(|((_, key), value)| key.len() + value.len()).sum();
    println!("{:<34} {:>10.0} B", "row bytes a run, all included", bytes as f64 / sample as f64);
    timed("restore 100,000 runs", sample as f64, || {
        let rows = rows.into_iter().map(|((table, key), value)| (table, key, value));
        Projections::new().restored(rows).map(|restored| restored.run_counts())
    })
    .expect("rows just written are readable");
}
