//! Export: all rows, in each format, and what a reader of another format finds in them.

use hiveboard_settings::KeyKind;
use hiveboard_wire::Mode;
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::RowAccessor,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, event};

async fn export(app: &TestApp, key: &str, query: &str) -> Vec<u8> {
    let answer =
        app.request(Method::GET, &format!("/v1/export?{query}")).bearer_auth(key).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{query}");
    answer.bytes().await.expect("whole").to_vec()
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

async fn fill(app: &TestApp) {
    for number in 0..30 {
        let labels = |more: Value| {
            let mut whole = json!({"task_id": format!("t{number}"), "task_run_id": "r", "project_id": "p"});
            whole.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            event(whole)
        };
        let mut events = vec![labels(json!({"event_type": "task_started"}))];
        for _ in 0..30 {
            events.push(labels(json!({"event_type": "custom", "payload": {"kind": "llm_call", "summary": "s",
                "data": {"name": "=HYPERLINK(\"x\")", "model": "m", "tokens_in": 10, "tokens_out": 1, "cost": 0.25}}})));
        }
        events.push(labels(json!({"event_type": "task_completed"})));
        app.send(&app.live, "a", &events).await;
    }
}

#[tokio::test]
async fn every_row_is_exported_once_oldest_first() {
    let app = TestApp::start().await;
    fill(&app).await;
    let events = lines(&export(&app, &app.live, "of=events").await);
    assert_eq!(events.len(), 30 * 32);
    assert!(events.is_sorted_by_key(|event| event["seq"].as_u64()));
    let calls = lines(&export(&app, &app.live, "of=calls").await);
    assert_eq!(calls.len(), 900);
    let dollars: f64 = calls.iter().filter_map(|call| call["cost"].as_f64()).sum();
    assert_eq!(json!(dollars), json!(225.0));
    let ids: std::collections::HashSet<&str> = calls.iter().filter_map(|call| call["event_id"].as_str()).collect();
    assert_eq!(ids.len(), 900);
    let tasks = lines(&export(&app, &app.live, "of=tasks").await);
    assert_eq!(tasks.len(), 30);
    assert!(tasks.iter().all(|task| task["total_cost"] == 7.5));
    assert_eq!(lines(&export(&app, &app.live, "of=calls&task_id=t3").await).len(), 30);
    assert!(export(&app, &app.test, "of=events").await.is_empty(), "the other mode's data is not in it");
    let wrong = app.request(Method::GET, "/v1/export?of=keys").bearer_auth(&app.live).send().await.expect("an answer");
    assert_eq!(wrong.status(), 400);
    app.stop().await;
}

#[tokio::test]
async fn tables_hold_the_same_and_no_formulas() {
    let app = TestApp::start().await;
    fill(&app).await;
    let text = String::from_utf8(export(&app, &app.live, "of=calls&format=csv").await).expect("text");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().expect("a head").clone();
    let place = |name: &str| head.iter().position(|column| column == name).expect("a column");
    let (name, cost) = (place("call_name"), place("cost"));
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
    assert_eq!(rows.len(), 900);
    assert!(rows.iter().all(|row| row[name] == *"'=HYPERLINK(\"x\")" && row[cost] == *"0.25"));

    let bytes = export(&app, &app.live, "of=events&format=parquet").await;
    let file = SerializedFileReader::new(bytes::Bytes::from(bytes)).expect("a Parquet file");
    assert_eq!(file.metadata().file_metadata().num_rows(), 960);
    let row = file.get_row_iter(None).expect("rows").nth(1).expect("a row").expect("readable");
    let columns: Vec<&String> = row.get_column_iter().map(|(name, _)| name).collect();
    let at = |wanted: &str| columns.iter().position(|name| *name == wanted).expect("a column");
    assert_eq!(row.get_string(at("event_type")).expect("text"), "custom");
    let payload: Value = serde_json::from_str(row.get_string(at("payload")).expect("text")).expect("JSON");
    assert_eq!(payload["data"]["cost"], 0.25);
    let empty = export(&app, &app.test, "of=tasks&format=parquet").await;
    let file = SerializedFileReader::new(bytes::Bytes::from(empty)).expect("a Parquet file");
    assert_eq!(file.metadata().file_metadata().num_rows(), 0);
    app.stop().await;
}

/// Sends exported events to another server, as its users would: a batch an envelope.
#[tokio::test]
async fn what_was_exported_and_sent_again_gives_the_same_rows() {
    let app = TestApp::start().await;
    fill(&app).await;
    let other = app.running().app.settings.create_workspace("another").expect("a workspace").id;
    let key = app.key(KeyKind::Live, Mode::Live, other).1;
    for batch in lines(&export(&app, &app.live, "of=events").await).chunks(500) {
        let first = &batch[0];
        let body = json!({"envelope": first, "events": batch});
        let sent =
            app.request(Method::POST, "/v1/ingest").bearer_auth(&key).json(&body).send().await.expect("an answer");
        assert_eq!(sent.status(), 200);
    }
    for of in ["tasks", "calls"] {
        assert_eq!(
            lines(&export(&app, &app.live, &format!("of={of}")).await),
            lines(&export(&app, &key, &format!("of={of}")).await),
            "{of}"
        );
    }
    app.stop().await;
}

#[tokio::test]
async fn a_number_that_no_type_holds_breaks_no_export_and_keeps_its_digits() {
    let app = TestApp::start().await;
    let payload = r#"{"b":1e400,"a":12345678901234567890123,"a":0.10,"text":"é"}"#;
    let body = format!(
        r#"{{"envelope":{{"agent_id":"a"}},"events":[{{"event_id":"odd","timestamp":"{}","event_type":"custom","payload":{payload}}}]}}"#,
        hiveboard_wire::Timestamp::now()
    );
    let sent = app.request(Method::POST, "/v1/ingest").bearer_auth(&app.live).body(body).send().await;
    assert_eq!(sent.expect("an answer").status(), 200);
    app.send(&app.live, "a", &[event(json!({"event_type": "custom", "duration_ms": 1e308}))]).await;

    let text = String::from_utf8(export(&app, &app.live, "of=events&format=csv").await).expect("text");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().expect("a head").clone();
    let place = |name: &str| head.iter().position(|column| column == name).expect("a column");
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
    assert_eq!((rows.len(), &rows[0][place("payload")], &rows[0][place("duration_ms")]), (2, payload, ""));

    let bytes = export(&app, &app.live, "of=events&format=parquet").await;
    let file = SerializedFileReader::new(bytes::Bytes::from(bytes)).expect("a Parquet file");
    let rows: Vec<_> = file.get_row_iter(None).expect("rows").collect::<Result<_, _>>().expect("whole");
    assert_eq!((rows.len(), rows[0].get_string(place("payload")).expect("text").as_str()), (2, payload));
    let newline = export(&app, &app.live, "of=events").await;
    assert!(String::from_utf8(newline).expect("text").contains(payload));
    app.stop().await;
}
