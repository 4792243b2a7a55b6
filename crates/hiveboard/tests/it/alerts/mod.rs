//! Alerts over a real socket: rules and their mistakes, what fires, and what receivers get.

mod by_now;
mod over_a_start;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, atomic::AtomicU16, atomic::Ordering},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use hiveboard::clock::{Clock, TimeSource};
use hiveboard_wire::Timestamp;
use parking_lot::Mutex;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, event};

/// Time that a test moves on, beside the machine's own.
#[derive(Clone)]
struct Moved {
    began: std::time::Instant,
    seconds: Arc<Mutex<u64>>,
}

impl Moved {
    fn new() -> Self {
        Self { began: std::time::Instant::now(), seconds: Arc::default() }
    }

    /// Lets seconds pass, each followed closely enough by the clock's ticks.
    async fn pass(&self, app: &TestApp, seconds: u32) {
        for _ in 0..seconds {
            *self.seconds.lock() += 1;
            let wanted = app.running().app.clock.ticks() + 2;
            while app.running().app.clock.ticks() < wanted {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

impl Moved {
    async fn pass_to(&self, app: &TestApp, until: Timestamp) {
        while self.wall() < until {
            self.pass(app, 1).await;
        }
    }
}

impl TimeSource for Moved {
    fn wall(&self) -> Timestamp {
        Timestamp::now().plus_seconds(*self.seconds.lock() as i64)
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed() + Duration::from_secs(*self.seconds.lock())
    }
}

/// A receiver that keeps what it gets, and answers what it is told to.
#[derive(Clone, Default)]
struct Receiver {
    got: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answer: Arc<AtomicU16>,
}

impl Receiver {
    async fn start() -> (Self, SocketAddr) {
        let receiver = Self::default();
        receiver.answer.store(200, Ordering::SeqCst);
        let take = |State(receiver): State<Self>, headers: HeaderMap, body: Bytes| async move {
            receiver.got.lock().push((headers, body));
            StatusCode::from_u16(receiver.answer.load(Ordering::SeqCst)).expect("a status")
        };
        let routes = Router::new().route("/hook", post(take)).with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        #[expect(clippy::disallowed_methods, reason = "nobody sends this receiver slow heads")]
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (receiver, addr)
    }

    fn bodies(&self) -> Vec<Value> {
        self.got.lock().iter().map(|(_, body)| serde_json::from_slice(body).expect("JSON")).collect()
    }

    fn ids(&self) -> Vec<String> {
        let id = |headers: &HeaderMap| headers["x-hiveboard-delivery"].to_str().expect("text").to_owned();
        self.got.lock().iter().map(|(headers, _)| id(headers)).collect()
    }

    /// Waits until it got so many, ten seconds at most.
    async fn wait_for(&self, count: usize) {
        for _ in 0..500 {
            if self.got.lock().len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} of {count} came", self.got.lock().len());
    }
}

/// Asks as the board's owner.
async fn ask(app: &TestApp, cookie: &str, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let mut request = app.request(method, path).header("cookie", cookie).header("origin", app.base());
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn make_channel(app: &TestApp, cookie: &str, addr: SocketAddr) -> Value {
    let channel =
        json!({"name": format!("hook {addr}"), "type": "webhook", "config": {"url": format!("http://{addr}/hook")}});
    let (status, made) = ask(app, cookie, Method::POST, "/v1/alerts/channels", Some(channel)).await;
    assert_eq!(status, 201, "{made}");
    made
}

async fn make_rule(app: &TestApp, cookie: &str, rule: Value) -> Value {
    let (status, made) = ask(app, cookie, Method::POST, "/v1/alerts/rules", Some(rule)).await;
    assert_eq!(status, 201, "{made}");
    // It is in force within a moment.
    tokio::time::sleep(Duration::from_millis(600)).await;
    made
}

/// Waits until the alerts of a query are so many, ten seconds at most.
async fn alerts(app: &TestApp, query: &str, count: usize) -> Vec<Value> {
    let mut last = Vec::new();
    for _ in 0..200 {
        let answer = app.get(&format!("/v1/alerts?{query}")).await;
        last = answer["data"].as_array().expect("a list").clone();
        if last.len() == count {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} of {count} alerts with {query}: {last:?}", last.len());
}

fn allow_private(args: &mut hiveboard::config::ServeArgs) {
    args.alerts_allow_private_targets = Some(true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_begins_with_rules_and_mistakes_are_named() {
    let app = TestApp::start().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let rules = app.get("/v1/alerts/rules").await;
    let names: Vec<(&str, bool)> = rules["data"]
        .as_array()
        .expect("rules")
        .iter()
        .map(|rule| (rule["condition"]["type"].as_str().expect("a type"), rule["enabled"].as_bool().expect("a bool")))
        .collect();
    assert_eq!(
        names,
        [("agent_stuck", true), ("task_failed", true), ("approval_waiting", true), ("cost_threshold", false)]
    );
    let cookie = app.session().await;
    let good = json!({"name": "r", "severity": "warning", "condition": {"type": "heartbeat_lost", "seconds": 60}});
    for (change, field) in [
        (json!({"colour": 1}), "colour"),
        (json!({"condition": {"type": "agent_sleepy"}}), "agent_sleepy"),
        (json!({"condition": {"type": "heartbeat_lost", "seconds": 60, "minutes": 1}}), "minutes"),
        (json!({"condition": {"type": "heartbeat_lost", "seconds": 0}}), "condition.seconds"),
        (json!({"scope": {"agents": "a"}}), "agents"),
        (json!({"severity": "bad"}), "severity"),
        (json!({"channels": ["nothing"]}), "channels"),
        (json!({"for_seconds": -1}), "for_seconds"),
        (json!({"condition": {"type": "insight", "kinds": ["loop", "lop"]}}), "condition.kinds"),
    ] {
        let mut rule = good.clone();
        rule.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        let (status, said) = ask(&app, &cookie, Method::POST, "/v1/alerts/rules", Some(rule)).await;
        assert_eq!((status, said["error"].as_str()), (400, Some("validation_error")), "{said}");
        assert!(said.to_string().contains(field), "{field}: {said}");
    }
    let (status, said) = ask(&app, &cookie, Method::GET, "/v1/alerts?colour=red", None).await;
    assert_eq!((status, said["details"]["parameter"].as_str()), (400, Some("colour")));
    for channel in [
        json!({"name": "c", "type": "webhook", "config": {"url": "http://127.0.0.1:1/x"}}),
        json!({"name": "c", "type": "slack", "config": {"url": "http://[::ffff:10.0.0.1]/x"}}),
        json!({"name": "c", "type": "email", "config": {"to": ["nobody"]}}),
        json!({"name": "c", "type": "pagerduty"}),
        json!({"name": "c", "type": "webhook", "config": {"url": "https://example.org", "to": ["a@example.org"]}}),
    ] {
        let (status, said) = ask(&app, &cookie, Method::POST, "/v1/alerts/channels", Some(channel)).await;
        assert_eq!(status, 400, "{said}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_task_fires_once_is_signed_and_a_secret_is_never_read_back() {
    let app = TestApp::start_with(allow_private).await;
    let cookie = app.session().await;
    let (receiver, addr) = Receiver::start().await;
    let channel = make_channel(&app, &cookie, addr).await;
    let secret = channel["secret"].as_str().expect("shown once").to_owned();
    let rule = json!({"name": "broken", "severity": "critical", "channels": [channel["channel_id"]],
        "condition": {"type": "task_failed", "window_seconds": 600}, "scope": {"task_type": "report"}});
    let rule = make_rule(&app, &cookie, rule).await;
    let mut stream = app.stream().await;
    stream.say(json!({"action": "subscribe", "channels": ["alerts"]})).await;
    stream.hear_of("subscribed").await;
    let fail = |task: &str, task_type: &str| {
        [
            event(json!({"event_type": "task_started", "task_id": task, "task_type": task_type})),
            event(json!({"event_type": "task_failed", "task_id": task, "task_type": task_type})),
        ]
    };
    app.send(&app.live, "a", &fail("other", "mail")).await;
    app.send(&app.live, "a", &fail("t", "report")).await;
    let query = format!("rule_id={}", rule["rule_id"].as_str().expect("an id"));
    let fired = alerts(&app, &query, 1).await.remove(0);
    assert_eq!((&fired["value"], &fired["threshold"], &fired["unit"]), (&json!(1.0), &json!(1.0), &json!("runs")));
    assert_eq!(
        fired["summary"],
        "1 run of task type report failed in the last 10 min; the last one was task \"t\" of agent \"a\"."
    );
    app.send(&app.live, "a", &fail("u", "report")).await;
    receiver.wait_for(1).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    alerts(&app, &query, 1).await;
    assert_eq!(receiver.got.lock().len(), 1, "one alert is open, and told of once");
    // The rule that the workspace began with fires as well.
    while stream.hear_of("alert.updated").await["alert_id"] != fired["alert_id"] {}

    let body = receiver.bodies().remove(0);
    assert_eq!((&body["type"], &body["rule"]["name"]), (&json!("alert.firing"), &json!("broken")));
    assert_eq!(body["alert"]["alert_id"], fired["alert_id"]);
    assert!(body["link"].as_str().expect("a link").starts_with("http://"));
    let (headers, raw) = receiver.got.lock()[0].clone();
    let signature = headers["x-hiveboard-signature"].to_str().expect("text");
    let parts: HashMap<&str, &str> = signature.split(',').filter_map(|part| part.split_once('=')).collect();
    assert_eq!(parts["v1"], hmac_hex(&secret, &format!("{}.{}", parts["t"], String::from_utf8_lossy(&raw))));

    let id = fired["alert_id"].as_str().expect("an id");
    let (status, said) = ask(&app, &cookie, Method::POST, &format!("/v1/alerts/{id}/acknowledge"), None).await;
    assert_eq!((status, &said["acknowledged_by"]), (200, &json!("owner")));
    assert_eq!(said["deliveries"][0]["status"], "delivered");
    for path in ["/v1/alerts/channels", "/v1/alerts/rules", "/v1/alerts"] {
        let (_, said) = ask(&app, &cookie, Method::GET, path, None).await;
        assert!(!said.to_string().contains(&secret) && !said.to_string().contains("/hook"), "{path}: {said}");
    }
    let (_, tested) = ask(
        &app,
        &cookie,
        Method::POST,
        &format!("/v1/alerts/channels/{}/test", channel["channel_id"].as_str().expect("an id")),
        None,
    )
    .await;
    assert_eq!((&tested["delivered"], &tested["error"]), (&json!(true), &Value::Null));
    assert_eq!(receiver.bodies()[1]["type"], "alert.test");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_rules_channels_and_prices_is_in_the_audit_log_without_secrets() {
    let app = TestApp::start_with(allow_private).await;
    let cookie = app.session().await;
    let (_receiver, addr) = Receiver::start().await;
    let channel = make_channel(&app, &cookie, addr).await;
    let channel_id = channel["channel_id"].as_str().expect("an id").to_owned();
    let rule = json!({"name": "r", "severity": "warning", "condition": {"type": "heartbeat_lost", "seconds": 60}});
    let made = make_rule(&app, &cookie, rule.clone()).await;
    let path = format!("/v1/alerts/rules/{}", made["rule_id"].as_str().expect("an id"));
    let mut stricter = rule;
    stricter["condition"]["seconds"] = json!(30);
    let price = json!({"input_per_million": 1.0, "output_per_million": 2.0});
    for (method, path, body) in [
        (Method::PUT, path.as_str(), Some(stricter)),
        (Method::POST, &format!("{path}/mute"), Some(json!({"muted_until": "2030-01-01T00:00:00Z"}))),
        (Method::DELETE, &path, None),
        (Method::DELETE, &format!("/v1/alerts/channels/{channel_id}"), None),
        (Method::PUT, "/v1/prices/own", Some(price)),
        (Method::DELETE, "/v1/prices/own", None),
    ] {
        let (status, said) = ask(&app, &cookie, method, path, body).await;
        assert_eq!(status, 200, "{path}: {said}");
    }
    let (_, log) = ask(&app, &cookie, Method::GET, "/v1/audit", None).await;
    let entries = log["data"].as_array().expect("entries");
    let actions: Vec<&str> = entries.iter().filter_map(|one| one["action"].as_str()).collect();
    assert_eq!(
        actions[..8],
        [
            "price.removed",
            "price.set",
            "alert_channel.deleted",
            "alert_rule.deleted",
            "alert_rule.muted",
            "alert_rule.changed",
            "alert_rule.created",
            "alert_channel.created"
        ]
    );
    let changed = &entries[5];
    let seconds = |side: &str| changed[side]["condition"]["seconds"].clone();
    assert_eq!((seconds("before"), seconds("after")), (json!(60), json!(30)));
    assert_eq!((&entries[0]["before"]["output_per_million"], &entries[0]["target"]), (&json!(2.0), &json!("own")));
    assert_eq!((&entries[6]["before"], &entries[3]["after"]), (&Value::Null, &Value::Null));
    let secret = channel["secret"].as_str().expect("shown once");
    assert!(!log.to_string().contains(secret) && !log.to_string().contains("/hook"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_routing_key_is_not_sent_to_a_url_that_was_given_without_it() {
    let app = TestApp::start_with(allow_private).await;
    let cookie = app.session().await;
    let (receiver, addr) = Receiver::start().await;
    let channel = |config: Value| json!({"name": "pd", "type": "pagerduty", "config": config});
    let (status, made) =
        ask(&app, &cookie, Method::POST, "/v1/alerts/channels", Some(channel(json!({"routing_key": "R0"})))).await;
    assert_eq!(status, 201, "{made}");
    let path = format!("/v1/alerts/channels/{}", made["channel_id"].as_str().expect("an id"));
    let elsewhere = json!({"url": format!("http://{addr}/hook")});
    let (status, said) = ask(&app, &cookie, Method::PUT, &path, Some(channel(elsewhere.clone()))).await;
    assert_eq!((status, said["details"]["fields"]["config.routing_key"].is_string()), (400, true), "{said}");
    let mut whole = elsewhere;
    whole["routing_key"] = json!("R1");
    assert_eq!(ask(&app, &cookie, Method::PUT, &path, Some(channel(whole))).await.0, 200);
    assert_eq!(ask(&app, &cookie, Method::PUT, &path, Some(channel(json!({})))).await.0, 200, "what stays may stay");
    let (_, tested) = ask(&app, &cookie, Method::POST, &format!("{path}/test"), None).await;
    assert_eq!((&tested["delivered"], &receiver.bodies()[0]["routing_key"]), (&json!(true), &json!("R1")));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_about_a_project_that_was_merged_is_about_the_other() {
    let app = TestApp::start().await;
    let cookie = app.session().await;
    let fail = |task: &str, project: &str| {
        let of = |kind: &str| event(json!({"event_type": kind, "task_id": task, "project_id": project}));
        [of("task_started"), of("task_failed")]
    };
    app.send(&app.live, "a", &[event(json!({"event_type": "heartbeat", "project_id": "old"}))]).await;
    app.send(&app.live, "a", &[event(json!({"event_type": "heartbeat", "project_id": "new"}))]).await;
    let condition = json!({"type": "task_failed", "window_seconds": 600});
    let rule = json!({"name": "r", "severity": "warning", "condition": condition, "scope": {"project_id": "old"}});
    let rule = make_rule(&app, &cookie, rule).await;
    let (status, said) = ask(&app, &cookie, Method::POST, "/v1/projects/old/merge", Some(json!({"into": "new"}))).await;
    assert_eq!(status, 200, "{said}");
    tokio::time::sleep(Duration::from_millis(600)).await;
    app.send(&app.live, "a", &fail("t", "new")).await;
    alerts(&app, &format!("rule_id={}", rule["rule_id"].as_str().expect("an id")), 1).await;
    let (_, seen) = ask(
        &app,
        &cookie,
        Method::POST,
        "/v1/alerts/rules/preview",
        Some(json!({"name": "r", "severity": "warning",
        "condition": {"type": "task_failed", "window_seconds": 600}, "scope": {"project_id": "old"}})),
    )
    .await;
    assert_eq!(seen["fired"], 1, "{seen}");
    app.stop().await;
}

/// By the definition, from the hash alone.
fn hmac_hex(key: &str, text: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key.as_bytes());
    let pad = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = Sha256::digest([pad(0x36), text.as_bytes().to_vec()].concat());
    let outer = Sha256::digest([pad(0x5c), inner.to_vec()].concat());
    outer.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|half| char::from_digit(half.into(), 16)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_tried_six_times_under_one_id_then_given_up_and_sent_again_when_asked() {
    let moved = Moved::new();
    let app = TestApp::start_at(Clock::new(moved.clone()), allow_private).await;
    let cookie = app.session().await;
    let (receiver, addr) = Receiver::start().await;
    let (slow, slow_addr) = silent().await;
    receiver.answer.store(500, Ordering::SeqCst);
    let channel = make_channel(&app, &cookie, addr).await;
    let other = make_channel(&app, &cookie, slow_addr).await;
    let rule = json!({"name": "r", "severity": "warning", "condition": {"type": "issue_reported"},
        "channels": [other["channel_id"], channel["channel_id"]]});
    make_rule(&app, &cookie, rule).await;
    let issue = json!({"event_type": "custom", "payload": {"kind": "issue", "summary": "disk full",
        "data": {"issue_id": "i", "severity": "high", "action": "reported"}}});
    app.send(&app.live, "a", &[event(issue)]).await;
    receiver.wait_for(1).await;
    for (wait, count) in [(6, 2), (34, 3), (133, 4)] {
        moved.pass(&app, wait).await;
        receiver.wait_for(count).await;
    }
    // The rest would take an hour of ticks: what waits is made due by hand, which counts as an attempt.
    let settings = Arc::clone(&app.running().app.settings);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let due = settings.due_deliveries(Timestamp::MAX, 10).expect("deliveries");
    let one = due.iter().find(|one| one.channel_id.to_string() == channel["channel_id"]).expect("it waits");
    assert_eq!(one.attempt, 4);
    let seconds = one.due_at.seconds_since(one.tried_at.expect("it was tried"));
    assert!((600.0..=660.0).contains(&seconds), "{seconds} s");
    let again = hiveboard_settings::Outcome::Retry { due_at: Timestamp(0), error: String::new() };
    settings.delivery_tried(one.delivery_id, Timestamp(0), &again).expect("written");
    receiver.wait_for(5).await;
    let dead = loop {
        let (_, dead) = ask(&app, &cookie, Method::GET, "/v1/alerts/deliveries?status=dead", None).await;
        if dead["data"].as_array().is_some_and(|list| !list.is_empty()) {
            break dead["data"][0].clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((&dead["status"], &dead["error"]), (&json!("dead"), &json!("it answered 500")));
    let ids = receiver.ids();
    assert!(ids.iter().all(|id| *id == ids[0] && *id == dead["delivery_id"]), "{ids:?}");
    assert!(slow.lock().len() <= 6, "the silent one holds its own");

    receiver.answer.store(204, Ordering::SeqCst);
    let path = format!("/v1/alerts/{}/resend", dead["alert_id"].as_str().expect("an id"));
    let (status, said) = ask(&app, &cookie, Method::POST, &path, None).await;
    assert_eq!((status, &said["resent"]), (200, &json!(1)));
    receiver.wait_for(ids.len() + 1).await;
    assert_eq!(receiver.ids().last(), ids.first());
    app.stop().await;
}

type Held = Arc<Mutex<Vec<tokio::net::TcpStream>>>;

/// Takes connections and says nothing.
async fn silent() -> (Held, SocketAddr) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let held: Held = Arc::default();
    let holding = Arc::clone(&held);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            holding.lock().push(socket);
        }
    });
    (held, addr)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_counts_what_stored_runs_would_have_fired() {
    let app = TestApp::start().await;
    for number in 0..3 {
        let task = format!("t{number}");
        app.send(
            &app.live,
            "a",
            &[
                event(json!({"event_type": "task_started", "task_id": task})),
                event(json!({"event_type": "task_failed", "task_id": task})),
            ],
        )
        .await;
    }
    let preview = |condition: Value| {
        let rule = json!({"name": "r", "severity": "warning", "condition": condition});
        app.request(Method::POST, "/v1/alerts/rules/preview").bearer_auth(&app.live).json(&rule).send()
    };
    for (condition, fired) in [
        (json!({"type": "task_failed", "count": 3, "window_seconds": 600}), 1),
        (json!({"type": "task_failed", "count": 4, "window_seconds": 600}), 0),
        (json!({"type": "error_rate", "percent": 50, "window_seconds": 600, "min_tasks": 2}), 1),
        (json!({"type": "duration_exceeded", "seconds": 60}), 0),
    ] {
        let said: Value = preview(condition.clone()).await.expect("an answer").json().await.expect("JSON");
        assert_eq!((&said["fired"], &said["is_complete"]), (&json!(fired), &json!(true)), "{condition}: {said}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_on_insights_tells_its_channel_what_was_found() {
    let app = TestApp::start_with(allow_private).await;
    let (receiver, addr) = Receiver::start().await;
    let cookie = app.session().await;
    let channel = make_channel(&app, &cookie, addr).await;
    // Of ten runs, one calls the same search with the same input five times in a row.
    for number in 0..10 {
        let task = format!("question-{number}");
        let labels = |more: Value| {
            let mut whole = json!({"task_id": task, "task_run_id": task, "task_type": "question"});
            whole.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            event(whole)
        };
        let mut events = vec![labels(json!({"event_type": "task_started"}))];
        for (place, query) in if number == 0 { ["x"; 5] } else { ["x", "y", "x", "y", "x"] }.into_iter().enumerate() {
            let id = format!("a{place}");
            events.push(labels(json!({"event_type": "action_started", "action_id": id,
                "payload": {"action_name": "search", "args": {"q": query}}})));
            events.push(labels(
                json!({"event_type": "action_completed", "action_id": id, "payload": {"action_name": "search"}}),
            ));
        }
        events.push(labels(json!({"event_type": "task_completed", "duration_ms": 1000})));
        app.send(&app.live, "looper", &events).await;
    }
    let rule = json!({"name": "loops", "severity": "warning", "channels": [channel["channel_id"]],
        "condition": {"type": "insight", "kinds": ["loop"], "min_severity": "info"}});
    let rule = make_rule(&app, &cookie, rule).await;
    let fired = alerts(&app, &format!("rule_id={}", rule["rule_id"].as_str().expect("an id")), 1).await;
    let insight = app.get("/v1/insights?kinds=loop").await["data"][0].clone();
    assert_eq!(fired[0]["subject"]["agent_id"], "looper", "{}", fired[0]);
    let title = insight["title"].as_str().expect("a title");
    assert!(fired[0]["summary"].as_str().expect("a sentence").contains(title), "{} says {title}", fired[0]);
    receiver.wait_for(1).await;
    let body = receiver.bodies().remove(0);
    assert_eq!((&body["type"], &body["rule"]["name"]), (&json!("alert.firing"), &json!("loops")));
    assert_eq!(body["alert"]["summary"], fired[0]["summary"]);
    app.stop().await;
}
