//! Who gets in where: every route with every kind of caller, by the table of permissions.

use hiveboard::permission::{Holder, Permission};
use hiveboard_settings::{DEFAULT_WORKSPACE, KeyKind};
use hiveboard_wire::{Mode, WorkspaceId};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::app::{TestApp, event};

/// What each route asks for; `None` is for everybody. A route of the document that is not here fails the test.
const ROUTES: &[(&str, &str, Option<Permission>)] = &[
    ("get", "/health", None),
    ("get", "/ready", None),
    ("get", "/metrics", None),
    ("post", "/v1/ingest", Some(Permission::Ingest)),
    ("post", "/v1/traces", Some(Permission::Ingest)),
    ("post", "/v1/logs", Some(Permission::Ingest)),
    ("post", "/v1/metrics", Some(Permission::Ingest)),
    ("get", "/v1/agents", Some(Permission::ReadData)),
    ("get", "/v1/agents/{agent_id}", Some(Permission::ReadData)),
    ("get", "/v1/agents/{agent_id}/pipeline", Some(Permission::ReadData)),
    ("get", "/v1/pipeline", Some(Permission::ReadData)),
    ("get", "/v1/tasks", Some(Permission::ReadData)),
    ("get", "/v1/tasks/{task_id}/timeline", Some(Permission::ReadData)),
    ("get", "/v1/events", Some(Permission::ReadData)),
    ("get", "/v1/metrics", Some(Permission::ReadData)),
    ("get", "/v1/insights", Some(Permission::ReadData)),
    ("get", "/v1/cost", Some(Permission::ReadData)),
    ("get", "/v1/cost/calls", Some(Permission::ReadData)),
    ("get", "/v1/cost/timeseries", Some(Permission::ReadData)),
    ("get", "/v1/llm-calls", Some(Permission::ReadData)),
    ("get", "/v1/cost/explain", Some(Permission::ReadData)),
    ("get", "/v1/export", Some(Permission::ReadData)),
    ("get", "/v1/prices", Some(Permission::ReadData)),
    ("put", "/v1/prices/{pattern}", Some(Permission::ChangePrices)),
    ("delete", "/v1/prices/{pattern}", Some(Permission::ChangePrices)),
    ("get", "/v1/projects", Some(Permission::ReadData)),
    ("post", "/v1/projects", Some(Permission::ChangeProjects)),
    ("get", "/v1/projects/{project_id}", Some(Permission::ReadData)),
    ("get", "/v1/api-keys", Some(Permission::ManageKeys)),
    ("post", "/v1/api-keys", Some(Permission::MakeKeys)),
    ("delete", "/v1/api-keys/{key_id}", Some(Permission::ManageKeys)),
    ("get", "/v1/session", Some(Permission::ReadData)),
    ("get", "/v1/storage", Some(Permission::ReadData)),
    ("get", "/v1/stream", Some(Permission::ReadData)),
];

/// Someone who asks.
struct Asker {
    name: &'static str,
    credential: Credential,
    /// `None`: is let in nowhere.
    holder: Option<Holder>,
    /// Whether the live data of the first workspace is this one's own.
    at_home: bool,
}

enum Credential {
    None,
    Key(String),
    Session { cookie: String, mode: Mode },
}

impl Asker {
    fn ask(&self, app: &TestApp, method: &Method, path: &str) -> RequestBuilder {
        match &self.credential {
            Credential::None => app.request(method.clone(), path),
            Credential::Key(key) => app.request(method.clone(), path).bearer_auth(key),
            Credential::Session { cookie, mode } => app
                .request(method.clone(), &format!("{path}?mode={}", mode.as_str()))
                .header("cookie", cookie)
                .header("origin", app.base()),
        }
    }
}

async fn askers(app: &TestApp) -> Vec<Asker> {
    let settings = &app.running().app.settings;
    let other = settings.create_workspace("another").expect("a workspace").id;
    let (revoked, revoked_key) = app.key(KeyKind::Live, Mode::Live, DEFAULT_WORKSPACE);
    settings.revoke_key(revoked.workspace, &revoked.id.to_string()).expect("revoked");
    let cookie = app.session().await;
    let key = |kind, mode, workspace: WorkspaceId| Credential::Key(app.key(kind, mode, workspace).1);
    let outsider = |name, credential| Asker { name, credential, holder: None, at_home: false };
    let insider = |name, credential, holder, at_home| Asker { name, credential, holder: Some(holder), at_home };
    let (write, read, owner) = (Holder::WriteKey, Holder::ReadKey, Holder::Owner);
    let session = |mode| Credential::Session { cookie: cookie.clone(), mode };
    vec![
        outsider("nobody", Credential::None),
        outsider("garbage", Credential::Key("garbage".to_owned())),
        outsider("an unknown key", Credential::Key("hb_live_00000000000000000000000000000000".to_owned())),
        outsider("a revoked key", Credential::Key(revoked_key)),
        outsider(
            "an expired session",
            Credential::Session { cookie: "hiveboard_session=0123456789abcdef".to_owned(), mode: Mode::Live },
        ),
        insider("a live key", key(KeyKind::Live, Mode::Live, DEFAULT_WORKSPACE), write, true),
        insider("a test key", key(KeyKind::Test, Mode::Test, DEFAULT_WORKSPACE), write, false),
        insider("a read key of live data", key(KeyKind::Read, Mode::Live, DEFAULT_WORKSPACE), read, true),
        insider("a read key of test data", key(KeyKind::Read, Mode::Test, DEFAULT_WORKSPACE), read, false),
        insider("another workspace's live key", key(KeyKind::Live, Mode::Live, other), write, false),
        insider("another workspace's read key", key(KeyKind::Read, Mode::Live, other), read, false),
        insider("a session that looks at live data", session(Mode::Live), owner, true),
        insider("a session that looks at test data", session(Mode::Test), owner, false),
    ]
}

/// A path of a route with ids that exist in the live data of the first workspace.
fn filled(path: &str, key_id: &str) -> String {
    path.replace("{agent_id}", "twin")
        .replace("{task_id}", "t")
        .replace("{project_id}", "p")
        .replace("{key_id}", key_id)
}

#[tokio::test]
async fn every_route_lets_in_whom_the_table_of_permissions_says() {
    let app = TestApp::start().await;
    app.send(&app.live, "twin", &[event(json!({"event_type": "task_started", "task_id": "t", "project_id": "p"}))])
        .await;
    let document = app.get("/v1/openapi.json").await;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            assert!(
                ROUTES.iter().any(|row| row.0 == method && row.1 == path),
                "{method} {path} is new: say here who may use it"
            );
        }
    }
    let askers = askers(&app).await;
    let key_id = app.key(KeyKind::Live, Mode::Live, DEFAULT_WORKSPACE).0.id.to_string();
    for (method, path, needed) in ROUTES {
        let verb: Method = method.to_uppercase().parse().expect("a method");
        let own_path = filled(path, &key_id);
        for asker in &askers {
            let answer = asker.ask(&app, &verb, &own_path).send().await.expect("an answer");
            let got = answer.status().as_u16();
            let said: Value = answer.json().await.unwrap_or_default();
            let place = format!("{method} {path} answered {got} to {}: {}", asker.name, said["message"]);
            match (needed, asker.holder) {
                (None, _) => assert_eq!(got, 200, "{place}"),
                (Some(_), None) => assert_eq!(got, 401, "{place}"),
                (Some(needed), Some(holder)) if !needed.holders().contains(&holder) => assert_eq!(got, 403, "{place}"),
                (Some(_), Some(holder)) => {
                    // Keys are the workspace's: people see those of both modes, a key itself alone.
                    let exists = if *method == "delete" { holder == Holder::Owner } else { asker.at_home };
                    match path.contains('{') {
                        // Not an id: any text may be set, and one that is not set cannot be deleted.
                        _ if path.contains("{pattern}") => assert!(!matches!(got, 401 | 403), "{place}"),
                        true if exists => assert_eq!(got, 200, "{place}"),
                        true => assert_eq!(got, 404, "{place}"),
                        false => assert!(!matches!(got, 401 | 403 | 404), "{place}"),
                    }
                }
            }
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn a_cookie_changes_nothing_for_a_page_of_another_origin() {
    let app = TestApp::start().await;
    let cookie = app.session().await;
    let port = app.running().addr.port();
    let elsewhere = [
        None,
        Some("null".to_owned()),
        Some(format!("http://127.0.0.1:{}", port ^ 1)),
        Some("https://a.test".to_owned()),
    ];
    for (method, path, needed) in ROUTES {
        let verb: Method = method.to_uppercase().parse().expect("a method");
        let is_stream = *path == "/v1/stream";
        if needed.is_none() || (verb == Method::GET && !is_stream) {
            continue;
        }
        for origin in &elsewhere {
            let mut request = app.request(verb.clone(), &filled(path, "none")).header("cookie", &cookie);
            if is_stream {
                request = request.header("connection", "upgrade").header("upgrade", "websocket");
            }
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), 403, "{method} {path} from {origin:?}");
        }
    }
    let leave = app.request(Method::POST, "/leave").header("cookie", &cookie).send().await.expect("an answer");
    assert_eq!(leave.status(), 403, "nobody else's page signs one out");
    let leave = app.request(Method::POST, "/leave").header("cookie", &cookie).header("origin", app.base());
    assert_eq!(leave.send().await.expect("an answer").headers()["location"], "/sign-in");
    app.stop().await;
}

#[tokio::test]
async fn data_of_other_modes_and_workspaces_is_never_seen() {
    let app = TestApp::start().await;
    let same = |summary: &str| {
        vec![
            event(json!({"event_type": "task_started", "task_id": "t", "project_id": "p"})),
            event(json!({"event_type": "custom", "task_id": "t", "project_id": "p",
                "payload": {"kind": "llm_call", "summary": summary, "data": {"name": summary, "model": "m", "cost": 1.0}}})),
        ]
    };
    app.send(&app.live, "twin", &same("secret of live")).await;
    app.send(&app.test, "twin", &same("secret of test")).await;
    let session = app.session().await;
    let other = app.running().app.settings.create_workspace("another").expect("a workspace").id;
    let elsewhere = app.key(KeyKind::Live, Mode::Live, other).1;
    let reads = [
        "/v1/agents",
        "/v1/agents/twin",
        "/v1/agents/twin/pipeline",
        "/v1/pipeline",
        "/v1/tasks",
        "/v1/tasks/t/timeline",
        "/v1/events",
        "/v1/metrics",
        "/v1/cost",
        "/v1/cost/calls",
        "/v1/cost/timeseries",
        "/v1/llm-calls",
        "/v1/projects",
    ];
    for read in reads {
        for (name, request, other) in [
            ("live key", app.request(Method::GET, read).bearer_auth(&app.live), "secret of test"),
            ("test key", app.request(Method::GET, read).bearer_auth(&app.test), "secret of live"),
            ("another workspace's key", app.request(Method::GET, read).bearer_auth(&elsewhere), "secret of"),
            (
                "session",
                app.request(Method::GET, &format!("{read}?mode=test")).header("cookie", session.as_str()),
                "secret of live",
            ),
        ] {
            let text = request.send().await.expect("an answer").text().await.expect("text");
            assert!(!text.contains(other), "{read} showed {name} the other mode's data: {text}");
        }
    }
    let cost = app.get("/v1/cost").await;
    assert_eq!(cost["totals"]["cost"], 1.0);
    let wrong =
        app.request(Method::GET, "/v1/agents?mode=test").bearer_auth(&app.live).send().await.expect("an answer");
    assert_eq!(wrong.status(), 403);
    app.stop().await;
}

#[tokio::test]
async fn a_one_time_link_works_once() {
    let app = TestApp::start().await;
    let token = app.running().app.settings.create_login_token(std::time::Duration::from_secs(60)).expect("a token");
    let path = format!("/enter?token={token}");
    let first = app.request(Method::GET, &path).send().await.expect("an answer");
    assert_eq!(first.headers()["location"], "/");
    assert!(first.headers().contains_key("set-cookie"));
    let second = app.request(Method::GET, &path).send().await.expect("an answer");
    assert_eq!(second.headers()["location"], "/sign-in?link=used");
    assert!(!second.headers().contains_key("set-cookie"));
    app.stop().await;
}

#[tokio::test]
async fn people_make_keys_that_are_shown_once_and_work() {
    let app = TestApp::start().await;
    let cookie = app.session().await;
    let as_owner =
        |method, path: &str| app.request(method, path).header("cookie", &cookie).header("origin", app.base());
    let made: Value = as_owner(Method::POST, "/v1/api-keys")
        .json(&json!({"key_type": "live", "label": "wall"}))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let key = made["key"].as_str().expect("the secret").to_owned();
    assert_eq!((made["raw_key"].as_str(), made["label"].as_str()), (Some(key.as_str()), Some("wall")));
    let reads = app.request(Method::GET, "/v1/agents").bearer_auth(&key).send().await.expect("an answer");
    assert_eq!(reads.status(), 200);
    let list = as_owner(Method::GET, "/v1/api-keys").send().await.expect("an answer").text().await.expect("text");
    assert!(list.contains("wall") && !list.contains(&key));
    let own: Value = app
        .request(Method::GET, "/v1/api-keys")
        .bearer_auth(&key)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(own["data"].as_array().map(Vec::len), Some(1), "a key lists itself alone: {own}");
    assert_eq!(
        (own["data"][0]["key_type"].as_str(), &own["data"][0]["key_prefix"]),
        (Some("live"), &own["data"][0]["prefix"])
    );
    let id = made["key_id"].as_str().expect("an id");
    let itself = app.request(Method::DELETE, &format!("/v1/api-keys/{id}")).bearer_auth(&key);
    assert_eq!(itself.send().await.expect("an answer").status(), 200, "a key may revoke itself");
    let refused = app.request(Method::GET, "/v1/agents").bearer_auth(&key).send().await.expect("an answer");
    assert_eq!(refused.status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn wrong_keys_are_slowed_and_right_ones_are_not() {
    let app = TestApp::start().await;
    let guess = |number: usize| {
        let request = app.request(Method::GET, "/v1/agents").bearer_auth(format!("hb_live_{number:032}"));
        tokio::spawn(async move { request.send().await.expect("an answer").status().as_u16() })
    };
    let guesses: Vec<_> = (0..200).map(guess).collect();
    for _ in 0..5 {
        let (_, key) = app.key(KeyKind::Read, Mode::Live, DEFAULT_WORKSPACE);
        let answer = app.request(Method::GET, "/v1/agents").bearer_auth(key).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "a key that was never seen before");
    }
    assert!(guesses.iter().any(|guess| !guess.is_finished()), "some guesses still wait");
    for guess in guesses {
        assert_eq!(guess.await.expect("no panic"), 401, "never locked");
    }
    app.stop().await;
}

#[tokio::test]
async fn when_a_key_was_last_used_is_written_down() {
    let app = TestApp::start().await;
    app.get("/v1/agents").await;
    let (_, unused) = app.key(KeyKind::Read, Mode::Live, DEFAULT_WORKSPACE);
    let settings = std::sync::Arc::clone(&app.running().app.settings);
    let live = app.live.clone();
    app.stop().await;
    let keys = settings.list_keys(DEFAULT_WORKSPACE).expect("keys");
    let of =
        |plaintext: &str| keys.iter().find(|key| plaintext.starts_with(&key.prefix)).expect("the key").last_used_at;
    assert!(of(&live).is_some());
    assert_eq!(of(&unused), None);
}
