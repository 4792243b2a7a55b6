//! Who gets in where: every route of the document with every kind of credential.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, event};

/// What a route asks for. A route of the document that is not here fails the test.
#[derive(Clone, Copy, PartialEq)]
enum Door {
    Everybody,
    Readers,
    Writers,
}

fn door(method: &str, path: &str) -> Door {
    match (method, path) {
        (_, "/health" | "/ready" | "/metrics") => Door::Everybody,
        ("get", "/v1/api-keys") | ("post" | "put" | "delete", _) => Door::Writers,
        (
            "get",
            "/v1/agents"
            | "/v1/agents/{agent_id}"
            | "/v1/agents/{agent_id}/pipeline"
            | "/v1/pipeline"
            | "/v1/tasks"
            | "/v1/tasks/{task_id}/timeline"
            | "/v1/events"
            | "/v1/metrics"
            | "/v1/cost"
            | "/v1/cost/calls"
            | "/v1/cost/timeseries"
            | "/v1/llm-calls"
            | "/v1/projects"
            | "/v1/projects/{project_id}"
            | "/v1/session"
            | "/v1/storage"
            | "/v1/stream",
        ) => Door::Readers,
        _ => panic!("{method} {path} is new: say here who may use it"),
    }
}

#[tokio::test]
async fn every_route_lets_in_whom_it_should() {
    let app = TestApp::start().await;
    let session = app.session().await;
    let (revoked_record, revoked) = {
        use hiveboard_settings::{DEFAULT_WORKSPACE, KeyKind};
        let settings = &app.running().app.settings;
        settings.create_key(KeyKind::Live, hiveboard_wire::Mode::Live, DEFAULT_WORKSPACE, "").expect("a key")
    };
    app.running().app.settings.revoke_key(revoked_record.workspace, &revoked_record.id.to_string()).expect("revoked");
    let document = app.get("/v1/openapi.json").await;
    let mut seen = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in methods
            .as_object()
            .expect("methods")
            .keys()
            .filter(|name| ["get", "post", "put", "delete"].contains(&name.as_str()))
        {
            seen += 1;
            let door = door(method, path);
            let filled = path
                .replace("{agent_id}", "nobody")
                .replace("{task_id}", "nothing")
                .replace("{project_id}", "none")
                .replace("{key_id}", "none");
            let verb: Method = method.to_uppercase().parse().expect("a method");
            let ask = |credential: &str| {
                let request = app.request(verb.clone(), &filled);
                let request = match credential {
                    "none" => request,
                    "session" => request.header("cookie", session.as_str()),
                    "session with header" => request.header("cookie", session.as_str()).header("x-hiveboard-csrf", "1"),
                    "expired session" => request.header("cookie", "hiveboard_session=0123456789abcdef"),
                    key => request.bearer_auth(key),
                };
                request.send()
            };
            let status = async |credential: &str| ask(credential).await.expect("an answer").status().as_u16();
            let let_in = |status: u16| !matches!(status, 401 | 403);
            for outsider in
                ["none", "garbage", "hb_live_00000000000000000000000000000000", revoked.as_str(), "expired session"]
            {
                let got = status(outsider).await;
                assert_eq!(got == 401, door != Door::Everybody, "{method} {path} answered {got} to {outsider}");
            }
            for writer in [app.live.as_str(), app.test.as_str(), "session with header"] {
                let got = status(writer).await;
                assert!(let_in(got), "{method} {path} answered {got} to {writer}");
            }
            let reader = status(&app.read).await;
            assert_eq!(reader == 403, door == Door::Writers, "{method} {path} answered {reader} to a read key");
            let bare = status("session").await;
            assert_eq!(
                bare == 403,
                door == Door::Writers,
                "{method} {path} answered {bare} to a session without the header"
            );
        }
    }
    assert!(seen >= 20, "the document lists {seen} routes");
    app.stop().await;
}

#[tokio::test]
async fn live_and_test_data_never_meet() {
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
async fn a_key_made_over_the_api_is_shown_once_and_works() {
    let app = TestApp::start().await;
    let made: Value = app
        .request(Method::POST, "/v1/api-keys")
        .bearer_auth(&app.live)
        .json(&json!({"kind": "read", "name": "wall"}))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let key = made["key"].as_str().expect("the secret").to_owned();
    let reads = app.request(Method::GET, "/v1/agents").bearer_auth(&key).send().await.expect("an answer");
    assert_eq!(reads.status(), 200);
    let list = app.get("/v1/api-keys").await.to_string();
    assert!(list.contains("wall") && !list.contains(&key));
    let id = made["key_id"].as_str().expect("an id");
    let gone = app
        .request(Method::DELETE, &format!("/v1/api-keys/{id}"))
        .bearer_auth(&app.live)
        .send()
        .await
        .expect("an answer");
    assert_eq!(gone.status(), 200);
    let refused = app.request(Method::GET, "/v1/agents").bearer_auth(&key).send().await.expect("an answer");
    assert_eq!(refused.status(), 401);
    app.stop().await;
}
