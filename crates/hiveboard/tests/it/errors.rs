//! Wrong requests get an answer that says what is wrong, in one shape.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

#[tokio::test]
async fn errors_have_one_shape_and_name_what_is_wrong() {
    let app = TestApp::start().await;
    for (method, path, status, code, named) in [
        (Method::GET, "/v1/nothing", 404, "not_found", "/v1/nothing"),
        (Method::DELETE, "/v1/agents", 405, "method_not_allowed", "method"),
        (Method::GET, "/v1/agents?limt=5", 400, "invalid_parameter", "limt"),
        (Method::GET, "/v1/agents?limit=0", 400, "invalid_parameter", "limit"),
        (Method::GET, "/v1/agents?status=asleep", 400, "invalid_parameter", "asleep"),
        (Method::GET, "/v1/events?cursor=%21%21", 400, "invalid_parameter", "cursor"),
        (Method::GET, "/v1/events?since=yesterday", 400, "invalid_parameter", "since"),
        (Method::GET, "/v1/events?event_type=nap", 400, "invalid_parameter", "nap"),
        (Method::GET, "/v1/metrics?range=2h", 400, "invalid_parameter", "range"),
        (Method::GET, "/v1/metrics?range=90d&interval=1m", 400, "invalid_parameter", "interval"),
        (Method::GET, "/v1/agents/nobody", 404, "agent_not_found", "agent"),
        (Method::GET, "/v1/tasks/nothing/timeline", 404, "task_not_found", "task"),
        (Method::GET, "/v1/projects/none", 404, "project_not_found", "project"),
        (Method::GET, "/v1/agents/%FF", 400, "invalid_parameter", "path"),
        (Method::GET, "/v1/stream", 400, "validation_error", "WebSocket"),
        (Method::DELETE, "/v1/api-keys/none", 404, "key_not_found", "key"),
    ] {
        let response = app.request(method.clone(), path).bearer_auth(&app.live).send().await.expect("an answer");
        let got = response.status().as_u16();
        let body: Value = response.json().await.expect("JSON");
        assert_eq!((got, body["error"].as_str()), (status, Some(code)), "{method} {path}: {body}");
        assert_eq!(body["status"], status);
        assert!(body["details"].is_object());
        assert!(body["message"].as_str().expect("a message").contains(named), "{path}: {body}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_refusal_leaves_the_connection_usable() {
    let app = TestApp::start().await;
    let body = vec![b' '; 300 * 1024];
    for _ in 0..20 {
        let refused = app
            .request(Method::POST, "/v1/ingest")
            .bearer_auth(&app.read)
            .body(body.clone())
            .send()
            .await
            .expect("an answer");
        assert_eq!(refused.status(), 403);
        let unknown = app
            .request(Method::POST, "/v1/ingest")
            .bearer_auth("hb_live_x")
            .body(body.clone())
            .send()
            .await
            .expect("an answer");
        assert_eq!(unknown.status(), 401);
        let large = app
            .request(Method::POST, "/v1/ingest")
            .bearer_auth(&app.live)
            .body(vec![b' '; 3 << 20])
            .send()
            .await
            .expect("an answer");
        assert_eq!(large.status(), 413);
        // The client keeps connections alive and uses one of them again.
        app.get("/v1/agents").await;
    }
    app.stop().await;
}

#[tokio::test]
async fn a_project_is_made_once() {
    let app = TestApp::start().await;
    let create = |body: Value| app.request(Method::POST, "/v1/projects").bearer_auth(&app.live).json(&body).send();
    let made = create(json!({"name": "Sales Pipeline"})).await.expect("an answer");
    assert_eq!(made.status(), 201);
    let project: Value = made.json().await.expect("JSON");
    assert_eq!(project["project_id"], "sales-pipeline");
    assert_eq!(create(json!({"project_id": "sales-pipeline"})).await.expect("an answer").status(), 409);
    let unknown: Value = create(json!({"nam": "x"})).await.expect("an answer").json().await.expect("JSON");
    assert_eq!(unknown["error"], "validation_error");
    assert!(unknown["details"]["fields"].to_string().contains("nam"), "{unknown}");
    app.stop().await;
}

#[tokio::test]
async fn over_the_rate_says_when_to_come_back() {
    let app = TestApp::start_with(|args| args.rate_limit_read = Some(3)).await;
    let mut refused = None;
    for _ in 0..20 {
        let response = app.request(Method::GET, "/v1/agents").bearer_auth(&app.live).send().await.expect("an answer");
        assert_eq!(response.headers()["x-ratelimit-limit"], "3");
        if response.status() == 429 {
            refused = Some(response);
            break;
        }
    }
    let refused = refused.expect("20 requests in a row are more than 3 a second");
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(refused.headers()["x-ratelimit-remaining"], "0");
    let body: Value = refused.json().await.expect("JSON");
    assert_eq!(
        (body["error"].as_str(), body["details"]["retry_after_seconds"].as_u64()),
        (Some("rate_limit_exceeded"), Some(1))
    );
    app.stop().await;
}
