//! Two workspaces and two data modes with the same ids everywhere: no endpoint and no stream shows one a byte of another.

use std::collections::BTreeMap;

use futures_util::{SinkExt, StreamExt};
use hiveboard_settings::{DEFAULT_WORKSPACE, KeyKind, Role, Saved};
use hiveboard_wire::{Mode, WorkspaceId};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use crate::app::{Member, TestApp, event};

/// One workspace and mode, with a word that stands in all of its texts and nowhere else.
struct Side {
    workspace: WorkspaceId,
    mode: Mode,
    word: &'static str,
    live_or_test: String,
    read: String,
}

/// What belongs to a workspace, whatever the mode, has its own words.
const WORKSPACE_WORDS: [&str; 2] = ["quartz", "feldspar"];
const WORDS: [&str; 4] = ["walnut", "hazel", "chestnut", "acorn"];

/// Draws by a seed: the same events again for the same seed.
struct Draws(u64);

impl Draws {
    fn below(&mut self, most: u64) -> u64 {
        // Knuth's constants; good enough to mix kinds.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Events with ids that are the same for every side, and texts that are not.
fn events(draws: &mut Draws, word: &str) -> Vec<Value> {
    let mut all = vec![
        json!({"event_type": "agent_registered", "payload": {"summary": word, "data": {"type": word, "version": word, "framework": word}}}),
        json!({"event_type": "task_started", "task_id": "t", "project_id": "p", "task_type": word, "correlation_id": "c"}),
    ];
    for number in 0..20 {
        let (kind, data) = match draws.below(6) {
            0 => (
                "llm_call",
                json!({"name": word, "model": word, "cost": 1.0, "prompt_preview": word, "response_preview": word}),
            ),
            1 => {
                ("issue", json!({"issue_id": "i", "severity": "high", "action": "reported", "context": {"word": word}}))
            }
            2 => ("todo", json!({"todo_id": "d", "action": "created", "context": word})),
            3 => ("queue_snapshot", json!({"depth": 1, "items": [{"id": "q", "summary": word, "source": word}]})),
            4 => ("scheduled", json!({"items": [{"id": "s", "name": word}]})),
            _ => ("plan_created", json!({"goal": word, "steps": [{"index": 0, "description": word}]})),
        };
        let mut one = json!({"event_type": "custom", "task_id": "t", "project_id": "p",
            "payload": {"kind": kind, "summary": word, "data": data, "tags": [word]}});
        one["event_id"] = json!(format!("same-{number}"));
        all.push(one);
    }
    all.push(
        json!({"event_type": "action_started", "task_id": "t", "action_id": "a", "payload": {"action_name": word}}),
    );
    all.push(json!({"event_type": "action_failed", "task_id": "t", "action_id": "a", "payload": {"action_name": word, "exception_message": word}}));
    all.push(json!({"event_type": "approval_requested", "task_id": "t", "payload": {"summary": word, "data": {"approver": word}}}));
    all.push(
        json!({"event_type": "escalated", "task_id": "t", "payload": {"summary": word, "data": {"reason": word}}}),
    );
    all.into_iter().map(event).collect()
}

async fn filled(app: &TestApp, seed: u64) -> (Vec<Side>, Vec<Member>) {
    let settings = &app.running().app.settings;
    let workspaces = [DEFAULT_WORKSPACE, settings.create_workspace("another").expect("a workspace").id];
    let mut sides = Vec::new();
    let mut owners = Vec::new();
    for (workspace, own) in workspaces.into_iter().zip(WORKSPACE_WORDS) {
        settings.rename_workspace(workspace, own).expect("renamed");
        let owner = app.member(Role::Owner, workspace);
        let email = format!("{own}@example.org");
        settings.invite(workspace, &email, Role::Viewer, own, std::time::Duration::from_secs(60)).expect("invited");
        let saved = settings.save_view(workspace, own, "/", own, own, 10).expect("saved");
        assert!(matches!(saved, Saved::Done { .. }));
        for mode in Mode::ALL {
            let word = WORDS[sides.len()];
            let kind = if mode == Mode::Live { KeyKind::Live } else { KeyKind::Test };
            let live_or_test = settings.create_key(kind, mode, workspace, own).expect("a key").1;
            let read = settings.create_key(KeyKind::Read, mode, workspace, own).expect("a key").1;
            let mut draws = Draws(seed + sides.len() as u64);
            app.send(&live_or_test, "twin", &events(&mut draws, word)).await;
            let made = app
                .at_board(Method::PUT, &format!("/v1/projects/p?mode={}", mode.as_str()), &owner.cookie)
                .json(&json!({"description": word}));
            assert_eq!(made.send().await.expect("an answer").status(), 200);
            sides.push(Side { workspace, mode, word, live_or_test, read });
        }
        owners.push(owner);
    }
    (sides, owners)
}

/// Every read of the document, with ids that all sides have.
fn reads(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().expect("paths");
    let fill = |path: &String| {
        path.replace("{agent_id}", "twin")
            .replace("{task_id}", "t")
            .replace("{project_id}", "p")
            .replace("{workspace_id}", "1")
    };
    let known: BTreeMap<&String, String> = paths
        .iter()
        .filter(|(path, methods)| methods.get("get").is_some() && path.starts_with("/v1/"))
        .map(|(path, _)| (path, fill(path)))
        .collect();
    known.into_values().filter(|path| !path.contains("/stream")).collect()
}

fn check(text: &str, side: &Side, place: &str, sees_workspace: bool) {
    for word in WORDS.iter().filter(|word| **word != side.word) {
        assert!(!text.contains(word), "{place} showed {} a word of {word}: {text}", side.word);
    }
    let own = WORKSPACE_WORDS[usize::from(side.workspace != DEFAULT_WORKSPACE)];
    for word in WORKSPACE_WORDS.iter().filter(|word| **word != own || !sees_workspace) {
        let named = place.contains("/v1/session") || place.contains("/v1/views") || place.contains("/v1/api-keys");
        assert!(
            !text.contains(word) || (*word == own && named),
            "{place} showed {} a word of {word}: {text}",
            side.word
        );
    }
}

#[tokio::test]
async fn no_side_sees_a_byte_of_another_on_any_endpoint_or_stream() {
    for seed in [1, 20, 300] {
        let app = TestApp::start().await;
        let (sides, owners) = filled(&app, seed).await;
        let document = app.get("/v1/openapi.json").await;
        let reads = reads(&document);
        assert!(reads.len() >= 20, "{reads:?}");
        for side in &sides {
            let mode = side.mode.as_str();
            let owner = &owners[usize::from(side.workspace != DEFAULT_WORKSPACE)];
            let mut seen = 0;
            for read in &reads {
                for (who, key) in [("a key", &side.live_or_test), ("a read key", &side.read)] {
                    let answer = app.request(Method::GET, read).bearer_auth(key).send().await.expect("an answer");
                    let text = answer.text().await.expect("text");
                    check(&text, side, &format!("{read} of {who}"), false);
                    seen += usize::from(text.contains(side.word));
                }
                // A person looks at both modes, one at a time; what is the workspace's own shows in both.
                let path = format!("{read}?mode={mode}");
                let text = app.at_board(Method::GET, &path, &owner.cookie).send().await.expect("an answer");
                let text = text.text().await.expect("text");
                if read == "/v1/audit" {
                    // The log is the workspace's, whatever the mode.
                    let elsewhere = usize::from(side.workspace == DEFAULT_WORKSPACE);
                    for word in WORDS[elsewhere * 2..][..2].iter().chain([&WORKSPACE_WORDS[elsewhere]]) {
                        assert!(!text.contains(word), "{text}");
                    }
                } else {
                    check(&text, side, &path, true);
                }
            }
            assert!(seen >= 16, "the words are there to be seen: {seen} answers held {}", side.word);
            for (key, cookie) in
                [(Some(&side.live_or_test), None), (Some(&side.read), None), (None, Some(&owner.cookie))]
            {
                let texts = stream(&app, key, cookie, mode).await;
                assert!(texts.contains(side.word), "the stream shows its own");
                check(&texts, side, "/v1/stream", false);
            }
        }
        app.stop().await;
    }
}

/// All that a stream from the first event on says.
async fn stream(app: &TestApp, key: Option<&String>, cookie: Option<&String>, mode: &str) -> String {
    let mut request = format!("{}/v1/stream?mode={mode}", app.base().replacen("http", "ws", 1))
        .into_client_request()
        .expect("a request");
    let headers = request.headers_mut();
    if let Some(key) = key {
        headers.insert("authorization", format!("Bearer {key}").parse().expect("a header"));
    }
    if let Some(cookie) = cookie {
        headers.insert("cookie", cookie.parse().expect("a header"));
        headers.insert("origin", app.base().parse().expect("a header"));
    }
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("the stream opens");
    let subscribe = json!({"action": "subscribe", "channels": ["events", "agents", "tasks"], "since_seq": 0});
    socket.send(Message::Text(subscribe.to_string().into())).await.expect("sent");
    let mut texts = String::new();
    // The last event of the batch is an escalation.
    while !texts.contains("\"escalated\"") {
        let frame = tokio::time::timeout(std::time::Duration::from_secs(10), socket.next()).await.expect("goes on");
        if let Some(Ok(Message::Text(text))) = frame {
            texts.push_str(&text);
        }
    }
    texts
}

#[tokio::test]
async fn a_key_is_not_told_how_much_the_others_store() {
    let app = TestApp::start().await;
    for key in [&app.live, &app.test, &app.read] {
        let answer = app.request(Method::GET, "/v1/storage").bearer_auth(key).send().await.expect("an answer");
        let storage: Value = answer.json().await.expect("JSON");
        assert_eq!((&storage["disk_bytes"], &storage["free_bytes"]), (&Value::Null, &Value::Null));
    }
    let other = app.running().app.settings.create_workspace("another").expect("a workspace").id;
    for (role, workspace, told) in [
        (Role::Owner, DEFAULT_WORKSPACE, true),
        (Role::Admin, DEFAULT_WORKSPACE, true),
        (Role::Member, DEFAULT_WORKSPACE, false),
        (Role::Owner, other, false),
    ] {
        let member = app.member(role, workspace);
        let answer = app.at_board(Method::GET, "/v1/storage", &member.cookie).send().await.expect("an answer");
        let storage: Value = answer.json().await.expect("JSON");
        assert_eq!(storage["disk_bytes"].is_number(), told, "{role:?}");
    }
    app.stop().await;
}
