//! CPU time per event of reading a batch: the JSON scan alone, and decoding with validation.
//!
//! `cargo run --release -p hiveboard-wire --example decode_bench`

use std::{hint::black_box, time::Instant};

use hiveboard_wire::{Timestamp, decode_batch};

const EVENTS: usize = 100;
const ROUNDS: usize = 400;

fn body() -> String {
    let events: Vec<String> = (0..EVENTS)
        .map(|number| {
            format!(
                r#"{{"event_id":"0190a5c2-0000-7000-8000-{number:012x}","timestamp":"2026-02-12T15:04:05.{number:06}Z","event_type":"custom","project_id":"benchmark","task_id":"task-{number}","task_type":"lead_processing","task_run_id":"run-1","payload":{{"kind":"llm_call","summary":"reasoning","data":{{"name":"reasoning","model":"claude-sonnet-4-20250514","tokens_in":1500,"tokens_out":200,"cost":0.0075,"duration_ms":1210,"prompt_preview":"{}","response_preview":"score 42"}},"tags":["llm"]}}}}"#,
                "You are analyzing a lead for fit and urgency. ".repeat(4)
            )
        })
        .collect();
    format!(r#"{{"envelope":{{"agent_id":"lead-qualifier"}},"events":[{}]}}"#, events.join(","))
}

/// CPU seconds of this process. It has one thread and nothing to wait for, so on a calm core the wall clock says the same.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    stat.split_whitespace().next()?.parse::<f64>().ok().map(|nanos| nanos / 1e9)
}

fn measure(name: &str, mut work: impl FnMut()) {
    let wall = Instant::now();
    let before = cpu_seconds();
    for _ in 0..ROUNDS {
        work();
    }
    let seconds = match (before, cpu_seconds()) {
        (Some(before), Some(after)) => after - before,
        _ => wall.elapsed().as_secs_f64(),
    };
    println!("{name}: {:.2} µs/event", seconds * 1e6 / (ROUNDS * EVENTS) as f64);
}

fn main() {
    let body = body();
    let now = Timestamp::now();
    println!("one event: {} bytes of JSON", body.len() / EVENTS);
    measure("scan JSON alone", || {
        black_box(serde_json::from_str::<serde::de::IgnoredAny>(black_box(&body)).expect("valid JSON"));
    });
    measure("decode and validate", || {
        black_box(decode_batch(black_box(body.as_bytes()), now).expect("a valid batch"));
    });
}
