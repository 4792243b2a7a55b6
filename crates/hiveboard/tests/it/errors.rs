//! Wrong requests get an answer that says what is wrong, in one shape.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, event};

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
        (Method::GET, "/v1/tasks?q=%FF", 400, "invalid_parameter", "UTF-8"),
        (Method::GET, "/v1/tasks?q=50%", 400, "invalid_parameter", "escapes"),
        (Method::PUT, "/tasks", 405, "method_not_allowed", "GET"),
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

#[tokio::test]
async fn ids_that_are_pieces_of_a_path_are_opened_by_query() {
    let app = TestApp::start().await;
    let ids = [".", "..", "a/b", "%2F", "a?b#c", "-", "__proto__", "\u{e9}", "e\u{301}", "a\0b", " ", "+"];
    for id in ids {
        app.send(&app.live, id, &[event(json!({"event_type": "task_started", "task_id": id, "project_id": id}))]).await;
    }
    for id in ids {
        let by_query = async |path: &str, name: &str| {
            let query: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
            let request = app.request(Method::GET, &format!("{path}?{name}={query}")).bearer_auth(&app.live);
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), 200, "{path} {id:?}");
            answer.json::<Value>().await.expect("JSON")
        };
        assert_eq!(by_query("/v1/agents/-", "agent_id").await["agent_id"], id);
        assert_eq!(by_query("/v1/agents/-/pipeline", "agent_id").await["agent_id"], id);
        // An accent by itself makes no other project.
        let project = if id == "e\u{301}" { "\u{e9}" } else { id };
        assert_eq!(by_query("/v1/projects/-", "project_id").await["project_id"], project);
        let story = by_query("/v1/tasks/-/timeline", "task_id").await;
        assert_eq!((&story["task_id"], &story["agent_id"]), (&json!(id), &json!(id)));
    }
    app.stop().await;
}

#[tokio::test]
async fn a_slash_at_the_end_means_nothing() {
    let app = TestApp::start().await;
    let made = app.request(Method::POST, "/v1/projects/").bearer_auth(&app.live).json(&json!({"name": "Sales EU"}));
    assert_eq!(made.send().await.expect("an answer").status(), 201);
    app.stop().await;
}

#[tokio::test]
async fn events_that_name_a_project_as_people_do_belong_to_it() {
    let app = TestApp::start().await;
    let create = |body: Value| app.request(Method::POST, "/v1/projects").bearer_auth(&app.live).json(&body).send();
    assert_eq!(create(json!({"name": "Sales EU"})).await.expect("an answer").status(), 201);
    let started = || event(json!({"event_type": "task_started", "task_id": "t", "project_id": "Sales EU"}));
    let receipt = app.send(&app.live, "a", &[started(), started()]).await;
    assert_eq!(receipt["warnings"], json!([]));
    let projects = app.get("/v1/projects").await;
    let ids: Vec<&str> =
        projects["data"].as_array().expect("data").iter().filter_map(|one| one["project_id"].as_str()).collect();
    assert_eq!(ids, ["default", "sales-eu"]);
    assert_eq!(app.get("/v1/events?project_id=sales-eu").await["data"].as_array().map(Vec::len), Some(2));
    for otherwise in ["sales EU", " Sales EU "] {
        let event = event(json!({"event_type": "task_started", "task_id": "t", "project_id": otherwise}));
        assert_eq!(app.send(&app.live, "a", &[event]).await["warnings"], json!([]), "{otherwise:?}");
    }
    assert_eq!(app.get("/v1/projects").await["data"].as_array().map(Vec::len), Some(2));
    app.send(&app.live, "a", &[event(json!({"event_type": "task_started", "task_id": "t", "project_id": "Ops"}))])
        .await;
    assert_eq!(create(json!({"name": "Ops"})).await.expect("an answer").status(), 409, "there is one of this name");
    app.stop().await;
}

#[tokio::test]
async fn five_hundred_new_projects_cost_one_commit_and_are_bounded_by_nothing_else() {
    let app = TestApp::start().await;
    let events: Vec<Value> = (0..500)
        .map(|number| {
            event(json!({"event_type": "task_started", "task_id": "t", "project_id": format!("p{number:03}")}))
        })
        .collect();
    let receipt = app.send(&app.live, "a", &events).await;
    assert_eq!((receipt["accepted"].as_u64(), receipt["warnings"].as_array().map(Vec::len)), (Some(500), Some(500)));
    assert_eq!(app.send(&app.live, "a", &events).await["warnings"], json!([]), "made once");
    app.stop().await;
}

#[tokio::test]
async fn every_answer_says_what_is_left_of_the_rate_and_names_its_request() {
    let app = TestApp::start_with(|args| args.rate_limit_read = Some(1_000)).await;
    for (method, path, body, status) in [
        (Method::GET, "/v1/agents", "", 200),
        (Method::GET, "/v1/agents/nobody", "", 404),
        (Method::GET, "/v1/agents?limt=1", "", 400),
        (Method::POST, "/v1/ingest", "nonsense", 400),
        (Method::POST, "/v1/ingest", "{\"envelope\": {\"agent_id\": \"a\"}, \"events\": []}", 200),
        (Method::POST, "/v1/projects", "nonsense", 400),
        (Method::GET, "/v1/stream", "", 400),
    ] {
        let request =
            app.request(method.clone(), path).bearer_auth(&app.live).body(body).header("x-request-id", "mine-1");
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), status, "{method} {path}");
        for header in ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] {
            assert!(answer.headers().contains_key(header), "{method} {path} has no {header}");
        }
        assert_eq!(answer.headers()["x-request-id"], "mine-1");
    }
    let answer =
        app.request(Method::GET, "/health").header("x-request-id", "two words").send().await.expect("an answer");
    assert_eq!(answer.headers()["x-request-id"].len(), 36, "a name that is none gets a new one");
    app.stop().await;
}

#[tokio::test]
async fn figures_of_the_server_need_a_key_where_a_proxy_passes_requests_on() {
    let app = TestApp::start().await;
    let ask = async |app: &TestApp, header: Option<(&str, &str)>| {
        let mut request = app.request(Method::GET, "/metrics");
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(ask(&app, None).await, 200);
    for header in [
        ("x-forwarded-for", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
        ("x-forwarded-host", "a.test"),
        ("cf-connecting-ip", "203.0.113.9"),
        ("true-client-ip", "203.0.113.9"),
        ("fly-client-ip", "203.0.113.9"),
        ("x-amzn-trace-id", "Root=1-2-3"),
        // A proxy that tells nothing, or a page of elsewhere whose name was made to mean this machine.
        ("host", "board.example.org"),
        ("host", "203.0.113.9:8000"),
    ] {
        assert_eq!(ask(&app, Some(header)).await, 401, "{header:?}");
    }
    for host in ["localhost:8000", "LOCALHOST", "127.0.0.1", "[::1]:8000", "board.localhost"] {
        assert_eq!(ask(&app, Some(("host", host))).await, 200, "{host}");
    }
    let key = format!("Bearer {}", app.read);
    assert_eq!(ask(&app, Some(("authorization", &key))).await, 200);
    app.stop().await;
    for (url, status) in
        [("https://board.example.org", 401), ("http://localhost:8000", 200), ("http://[::1]:8000", 200)]
    {
        let app = TestApp::start_with(|args| args.public_url = Some(url.to_owned())).await;
        assert_eq!(ask(&app, None).await, status, "{url}");
        app.stop().await;
    }
    let app = TestApp::start_with(|args| args.addr = Some((std::net::Ipv6Addr::UNSPECIFIED, 0).into())).await;
    let mapped = app.client.get(format!("http://127.0.0.1:{}/metrics", app.running().addr.port())).send().await;
    assert_eq!(mapped.expect("an answer").status(), 200, "::ffff:127.0.0.1 is loopback");
    app.stop().await;
}

#[tokio::test]
async fn a_byte_order_mark_before_a_body_is_no_fault_of_it() {
    let app = TestApp::start().await;
    let batch = json!({"envelope": {"agent_id": "a"}, "events": [event(json!({"event_type": "custom"}))]});
    let body = format!("\u{feff}{batch}");
    let answer = app.request(Method::POST, "/v1/ingest").bearer_auth(&app.live).body(body).send().await;
    let receipt: Value = answer.expect("an answer").json().await.expect("JSON");
    assert_eq!((&receipt["accepted"], &receipt["rejected"]), (&json!(1), &json!(0)), "{receipt}");
    app.stop().await;
}

#[tokio::test]
async fn an_id_that_another_event_has_is_said_and_a_repetition_is_not() {
    let app = TestApp::start().await;
    let numbered = |task: &str| -> Vec<Value> {
        (1..=5)
            .map(|number| {
                let mut one = event(json!({"event_type": "task_started", "task_id": format!("{task}-{number}")}));
                one["event_id"] = json!(number.to_string());
                one
            })
            .collect()
    };
    let of_a = numbered("a");
    for _ in 0..2 {
        assert_eq!(app.send(&app.live, "a", &of_a).await["warnings"], json!([]));
    }
    let receipt = app.send(&app.live, "b", &numbered("b")).await;
    assert_eq!(receipt["accepted"], 5);
    let warnings = receipt["warnings"].as_array().expect("warnings");
    assert_eq!(warnings.len(), 5);
    for (index, warning) in warnings.iter().enumerate() {
        assert_eq!((&warning["warning"], &warning["index"]), (&json!("duplicate_event_id"), &json!(index)));
    }
    // Within one batch, and across data modes, the same rule.
    let twice =
        [event(json!({"event_type": "heartbeat"})), event(json!({"event_type": "task_started", "task_id": "x"}))];
    let twice: Vec<Value> = twice
        .into_iter()
        .map(|mut one| {
            one["event_id"] = json!("same");
            one
        })
        .collect();
    assert_eq!(app.send(&app.live, "a", &twice).await["warnings"].as_array().map(Vec::len), Some(1));
    assert_eq!(app.send(&app.test, "b", &numbered("b")).await["warnings"], json!([]));
    app.stop().await;
}

#[tokio::test]
async fn what_is_meant_is_understood() {
    let app = TestApp::start().await;
    // Characters that JSON wants escaped, as some emitters write them.
    let at = hiveboard_wire::Timestamp::now();
    let body = format!(
        "{{\"envelope\": {{\"agent_id\": \"a\tb\"}}, \"events\": [{{\"event_id\": \"1\", \"timestamp\": \"{at}\", \"event_type\": \"custom\", \"payload\": {{\"kind\": \"note\", \"summary\": \"two\nlines\"}}}}]}}"
    );
    let response =
        app.request(Method::POST, "/v1/ingest").bearer_auth(&app.live).body(body).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    let events = app.get("/v1/events").await;
    assert_eq!(
        (&events["data"][0]["agent_id"], &events["data"][0]["payload"]["summary"]),
        (&json!("a\tb"), &json!("two\nlines"))
    );
    // A run without an id beside one that has one.
    let of_run = |id: Option<&str>, event_type: &str| {
        event(json!({"event_type": event_type, "task_id": "runs", "task_run_id": id}))
    };
    app.send(&app.live, "a", &[of_run(None, "task_started"), of_run(None, "task_completed")]).await;
    app.send(&app.live, "a", &[of_run(Some("r2"), "task_started"), of_run(Some("r2"), "task_failed")]).await;
    for (path, status) in [("?task_run_id=", "completed"), ("?task_run_id=r2", "failed")] {
        let timeline = app.get(&format!("/v1/tasks/runs/timeline{path}")).await;
        assert_eq!(timeline["derived_status"], status, "{path}: {timeline}");
    }
    // Whoever refuses what is not compressed still gets an answer.
    let request = app.request(Method::GET, "/v1/agents").bearer_auth(&app.live);
    let answer = request.header("accept-encoding", "identity;q=0, *;q=0").send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    // An answer to HEAD tells the length that the plain one has.
    let plain = app.request(Method::GET, "/v1/openapi.json").header("accept-encoding", "identity");
    let length = plain.send().await.expect("an answer").bytes().await.expect("a document").len();
    for accepted in ["gzip", "identity", "br, gzip;q=0.5"] {
        let request = app.request(Method::HEAD, "/v1/openapi.json").header("accept-encoding", accepted);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.headers()["content-length"], length.to_string(), "{accepted}");
        assert!(!answer.headers().contains_key("content-encoding"), "{accepted}");
    }
    let refused = app.request(Method::PUT, "/tasks").send().await.expect("an answer");
    assert_eq!(refused.headers()["allow"], "GET, HEAD");
    for body in ["null", "[]", "[1, 2]"] {
        for path in ["/v1/ingest", "/v1/projects"] {
            let request = app.request(Method::POST, path).bearer_auth(&app.live);
            let answer = request.header("content-type", "application/json").body(body).send().await.expect("an answer");
            assert_eq!(answer.status(), 400, "{path} {body}");
            let said = answer.text().await.expect("text");
            assert!(
                said.contains("object") && !said.contains("struct") && !said.contains("elements"),
                "{path} {body}: {said}"
            );
        }
    }
    app.stop().await;
}
