//! The dashboard's tests read what the server answers for a handful of runs. Their answers are made here, and this says when they are stale.
//!
//! `UPDATE_FIXTURES=1 cargo test -p hiveboard-derive web_fixtures` writes them anew.

use std::{fs, path::PathBuf, sync::Arc};

use hiveboard_derive::{Projections, timeline};
use hiveboard_wire::{RunKey, StoredEvent, Timestamp, decode_batch};
use serde_json::{Value, json};

/// An hour after the runs: what is open is then neither stuck nor ended for the reader, who lets it grow.
const NOW: &str = "2026-02-12T14:30:00Z";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../web/src/components/timeline/fixtures/runs")
}

/// What `GET /v1/tasks/{task_id}/timeline` answers for events as the board knows them.
fn answer(events: &Value) -> Value {
    let first = &events[0];
    let text = |field: &str| first[field].as_str().expect("the fixtures' events say it").to_owned();
    let now = Timestamp::parse(NOW).expect("a constant");
    let envelope =
        json!({"agent_id": text("agent_id"), "agent_type": text("agent_type"), "agent_version": text("agent_version")});
    let body = json!({"envelope": envelope, "events": events}).to_string();
    let decoded = decode_batch(body.as_bytes(), now).expect("a batch");
    assert_eq!(decoded.receipt.errors, []);
    let stored: Vec<StoredEvent> = decoded
        .events
        .into_iter()
        .zip(1..)
        .map(|(accepted, seq)| StoredEvent {
            seq,
            received_at: accepted.event.timestamp,
            envelope: Arc::clone(&decoded.envelope),
            event: accepted.event,
        })
        .collect();
    let mut projections = Projections::new();
    for event in &stored {
        projections.apply(event, &event.event.body(), None);
    }
    let at = stored.last().expect("no run is empty").received_at;
    let key = RunKey {
        agent_id: text("agent_id").as_str().into(),
        task_id: text("task_id").as_str().into(),
        task_run_id: text("task_run_id").as_str().into(),
    };
    let run = projections.run(&key, at).expect("nothing is archived").expect("it was folded just now");
    serde_json::to_value(timeline::build(run.clone(), vec![run], stored, at)).expect("a view is JSON")
}

#[test]
fn the_dashboards_fixtures_are_what_the_server_answers() {
    let update = std::env::var_os("UPDATE_FIXTURES").is_some();
    let mut checked = 0;
    for entry in fs::read_dir(folder()).expect("the dashboard's fixtures are in the repository") {
        let path = entry.expect("a readable folder").path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".events.json")) else {
            continue;
        };
        let events: Value = serde_json::from_str(&fs::read_to_string(&path).expect("readable")).expect("JSON");
        let answered = answer(&events);
        let path = folder().join(format!("{name}.timeline.json"));
        if update {
            let text = serde_json::to_string_pretty(&answered).expect("a view is JSON");
            fs::write(&path, text + "\n").expect("the folder can be written");
        }
        let kept: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap_or_default()).unwrap_or_default();
        assert_eq!(kept, answered, "{name}: UPDATE_FIXTURES=1 writes it anew");
        checked += 1;
    }
    assert!(checked > 5, "the fixtures moved");
}
