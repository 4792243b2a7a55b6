//! A data directory that an earlier version wrote opens, and answers what that version answered.
//!
//! `fixtures/first-layout.tar.zst` holds a directory of the first layout of day files, as it lay when its server was killed, and what that server's API had
//! answered just before: four days of arrival, two data modes, late events, repeated batches.

use std::{io::Read, path::Path};

use hiveboard_store::{
    CallFilter, CallSort, Dimension, EventFilter, EventLog, EventPage, EventReader, Position, SqliteStore, StoreAdmin,
    query::SeqOrder,
};
use hiveboard_wire::{EventType, Kind, Mode, Scope, Severity, Timestamp, WorkspaceId};
use serde_json::{Value, json};

use crate::{open, random::plain};

/// Of a nano-dollar: costs were whole ones.
const HUNDREDTHS: i64 = 100;
const HOUR: i64 = 3_600_000_000;
const ALL: EventPage = EventPage { order: SeqOrder::Oldest { after: Position::START }, limit: usize::MAX };
const NEWEST: EventPage = EventPage { order: SeqOrder::Newest { before: None }, limit: usize::MAX };

/// Unpacks regular files of a plain tar, whatever directory they lie in.
fn unpack(to: &Path) {
    let packed = include_bytes!("../fixtures/first-layout.tar.zst");
    let mut tar = Vec::new();
    zstd::stream::read::Decoder::new(&packed[..]).unwrap().read_to_end(&mut tar).unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().trim_end_matches(['\0', ' ']).to_owned();
    let mut rest = &tar[..];
    while rest.first().is_some_and(|byte| *byte != 0) {
        let (header, body) = rest.split_at(512);
        let size = usize::from_str_radix(&text(&header[124..136]), 8).unwrap();
        let name = text(&header[..100]);
        if header[156] == b'0' {
            std::fs::write(to.join(name.rsplit('/').next().unwrap()), &body[..size]).unwrap();
        }
        rest = &body[size.div_ceil(512) * 512..];
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn in_window(filter: EventFilter) -> EventFilter {
    EventFilter {
        since: Some(at("2026-11-16T00:00:00Z")),
        until: Some(at("2026-11-25T00:00:00Z")),
        exclude_heartbeats: true,
        ..filter
    }
}

/// All that was asked of the earlier version, in the shape it was noted in.
fn answers(store: &SqliteStore, scope: Scope) -> Value {
    let events: Vec<Value> = store
        .events(scope, &EventFilter::default(), ALL)
        .unwrap()
        .into_iter()
        .map(|stored| {
            let event = stored.event;
            let payload: Option<Value> = event.payload.map(|raw| serde_json::from_str(raw.get()).unwrap());
            json!([
                stored.seq,
                event.event_id.to_string(),
                event.timestamp.to_string(),
                event.event_type.as_str(),
                event.severity.as_str(),
                stored.envelope.agent_id,
                event.task_id,
                payload
            ])
        })
        .collect();
    let numbers = |filter: EventFilter| -> Vec<u64> {
        store.events(scope, &in_window(filter), NEWEST).unwrap().iter().map(|stored| stored.seq).collect()
    };
    let window = CallFilter {
        since: Some(at("2026-11-16T00:00:00Z")),
        until: Some(at("2026-11-25T00:00:00Z")),
        ..CallFilter::default()
    };
    let calls = |sort| -> Vec<Value> {
        let since = CallFilter { since: Some(at("2026-11-01T00:00:00Z")), ..CallFilter::default() };
        let rows = store.calls(scope, &since, sort, usize::MAX).unwrap();
        rows.iter()
            .map(|row| json!([row.event_id, row.cost.map(|cost| cost.0 / HUNDREDTHS), row.tokens_in, row.tokens_out]))
            .collect()
    };
    let groups = |filter: &CallFilter, by| -> Vec<Value> {
        let groups = store.call_groups(scope, filter, &[by], None, usize::MAX).unwrap().groups;
        let row = |group: &hiveboard_store::CallGroup| {
            let totals = group.totals;
            json!([
                group.keys[0],
                totals.call_count,
                totals.cost.0 / HUNDREDTHS,
                totals.estimated_cost.0 / HUNDREDTHS,
                totals.tokens_in,
                totals.tokens_out
            ])
        };
        groups.iter().map(row).collect()
    };
    let hours: Vec<Value> = store
        .call_groups(scope, &window, &[], Some(HOUR), usize::MAX)
        .unwrap()
        .groups
        .iter()
        .map(|group| {
            let (bucket, totals) = (group.bucket.unwrap().to_string(), group.totals);
            json!([bucket, totals.call_count, totals.cost.0 / HUNDREDTHS, totals.tokens_in, totals.tokens_out])
        })
        .collect();
    let failures: Vec<Value> = store
        .failures(scope, &window, 24 * HOUR)
        .unwrap()
        .iter()
        .map(|bucket| json!([bucket.bucket.to_string(), bucket.count]))
        .collect();
    let none = EventFilter::default;
    json!({
        "events": events,
        "errors": numbers(EventFilter { severities: vec![Severity::Error], ..none() }),
        "escalated": numbers(EventFilter { event_types: vec![EventType::Escalated], ..none() }),
        "issues": numbers(EventFilter { kinds: vec![Kind::Issue], ..none() }),
        "case": numbers(EventFilter { correlation_id: Some("case-2".to_owned()), ..none() }),
        "calls_newest": calls(CallSort::Newest { after: None }),
        "calls_oldest": calls(CallSort::Oldest { after: None }),
        "calls_cost": calls(CallSort::Cost { after: None }),
        "calls_tokens": calls(CallSort::Tokens { after: None }),
        "by_model": groups(&window, Dimension::Model),
        "by_agent": groups(&window, Dimension::Agent),
        "of_scout": groups(&CallFilter { agent_id: Some("scout".to_owned()), ..window.clone() }, Dimension::Model),
        "of_task": groups(&CallFilter { task_id: Some("task-3".to_owned()), ..window.clone() }, Dimension::Model),
        "hours": hours,
        "failures": failures,
    })
}

fn same_answers(store: &SqliteStore, expected: &Value) {
    for (mode, name) in [(Mode::Live, "live"), (Mode::Test, "test")] {
        let found = answers(store, Scope { workspace: WorkspaceId(1), mode });
        for (what, expected) in expected[name].as_object().unwrap() {
            assert_eq!(&found[what], expected, "{name} {what}");
        }
    }
}

#[test]
fn a_directory_of_the_first_layout_answers_as_it_did() {
    let dir = tempfile::tempdir().unwrap();
    unpack(dir.path());
    let expected: Value = serde_json::from_slice(&std::fs::read(dir.path().join("expected.json")).unwrap()).unwrap();
    let store = open(dir.path());
    same_answers(&store, &expected);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    let head = store.head();
    drop(store);
    // Migrated by now; it goes on where it was, and what comes is told from what was.
    let store = open(dir.path());
    same_answers(&store, &expected);
    let live = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
    let newest = at("2026-11-24T10:00:00Z");
    let done = store.append(vec![plain(live, "scout", 0..100, newest)]).unwrap();
    assert_eq!((done[0].fresh.len(), done[0].fresh[0].stored.seq), (100, head.seq() + 1));
    assert_eq!(
        store
            .events(live, &EventFilter { task_id: Some("t3".to_owned()), ..EventFilter::default() }, ALL)
            .unwrap()
            .len(),
        14
    );
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn failures_of_a_task_type_are_told_apart_in_rows_that_did_not_note_it() {
    let dir = tempfile::tempdir().unwrap();
    unpack(dir.path());
    let store = open(dir.path());
    let live = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
    let count = |task_type: Option<&str>| -> u64 {
        let filter = CallFilter { task_type: task_type.map(str::to_owned), ..CallFilter::default() };
        store.failures(live, &filter, HOUR).unwrap().iter().map(|bucket| bucket.count).sum()
    };
    let of_type = |task_type: Option<&str>| {
        let mut failures = 0;
        let mut look = |stored: hiveboard_wire::StoredEvent, _cost| {
            let failed = matches!(stored.event.event_type, EventType::TaskFailed | EventType::ActionFailed)
                || matches!(stored.event.body(), hiveboard_wire::Body::PlanStep(step)
                    if step.action == Some(hiveboard_wire::body::StepAction::Failed));
            failures += u64::from(failed && stored.event.task_type.as_deref() == task_type);
            std::ops::ControlFlow::Continue(())
        };
        store.scan_events(live, &EventFilter::default(), Position::START, &mut look).unwrap();
        failures
    };
    let (leads, invoices, without) = (of_type(Some("lead")), of_type(Some("invoice")), of_type(None));
    assert!(leads > 0 && invoices > 0 && leads != invoices + leads + without, "the fixture holds some of each");
    assert_eq!((count(Some("lead")), count(Some("invoice")), count(Some("no such type"))), (leads, invoices, 0));
    assert_eq!(count(None), leads + invoices + without);
}
