//! The client against a real server process's worst days, over real connections.

#![expect(clippy::unwrap_used, reason = "whatever is wrong fails the test")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{Behaviour, Server};
use hiveloop::{Agent, AgentOptions, Client, Config, Level, Logger, RetryPolicy, TaskOptions};
use serde_json::{Value, json};

#[derive(Default)]
struct Lines(Mutex<Vec<(Level, String)>>, Mutex<Vec<String>>);

impl Logger for Lines {
    fn write(&self, level: Level, line: &str) {
        self.0.lock().unwrap().push((level, line.to_owned()));
    }
    fn alarm(&self, line: &str) {
        self.1.lock().unwrap().push(line.to_owned());
    }
}

struct Fixture {
    client: Client,
    agent: Agent,
    lines: Arc<Lines>,
}

impl Fixture {
    /// A client whose waits are a hundredth of the real ones.
    fn new(url: &str, change: impl FnOnce(&mut Config)) -> Self {
        let lines = Arc::new(Lines::default());
        let mut config = Config::new("hb_live_0123456789abcdef0123456789abcdef");
        config.endpoint = url.into();
        config.logger = lines.clone();
        config.batch_size = 10;
        config.retry = RetryPolicy {
            initial: Duration::from_millis(10),
            maximum: Duration::from_millis(600),
            refused: Duration::from_millis(600),
            ..RetryPolicy::default()
        };
        change(&mut config);
        let client = Client::new(config).expect("the settings are right");
        let agent = client.agent("worker", AgentOptions { heartbeat_interval: None, ..AgentOptions::default() });
        Self { client, agent, lines }
    }

    fn emit(&self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.agent.event("custom", &json!({"kind": "number", "data": {"number": number}}));
        }
    }

    fn flush(&self) {
        assert!(self.client.flush(Duration::from_secs(20)), "everything meets its end: {:?}", self.client.stats());
    }

    fn lines_with(&self, words: &str) -> usize {
        self.lines.0.lock().unwrap().iter().filter(|(_, line)| line.contains(words)).count()
    }
}

fn numbers(events: &[Value]) -> Vec<u64> {
    events.iter().filter_map(|event| event["payload"]["data"]["number"].as_u64()).collect()
}

fn answer(status: u16, body: &Value) -> Behaviour {
    Behaviour::Answer(status, "", body.to_string())
}

#[test]
fn events_arrive_in_order_under_one_envelope() {
    let server = Server::start();
    let fixture = Fixture::new(&format!("{}/", server.url), |_| {});
    fixture.emit(0..95);
    fixture.flush();
    assert_eq!(numbers(&server.events()), (0..95).collect::<Vec<_>>());
    assert_eq!(fixture.client.stats().sent, 96, "the registration is an event too");
    let envelope = &server.envelopes()[0];
    assert_eq!(envelope["agent_id"], "worker");
    assert_eq!(envelope["instance_id"], fixture.client.instance_id());
    let request = &server.requests()[0];
    assert_eq!(request.path, "/v1/ingest");
    assert_eq!(request.headers["authorization"], "Bearer hb_live_0123456789abcdef0123456789abcdef");
    assert!(server.requests().iter().all(|request| request.events <= 10));
    let stamps: Vec<String> =
        server.events().iter().map(|event| event["timestamp"].as_str().unwrap().to_owned()).collect();
    assert!(stamps.windows(2).all(|pair| pair[0] < pair[1]), "stamps increase strictly");
}

#[test]
fn failures_of_every_sort_are_repeated_until_they_pass() {
    let server = Server::start();
    server.script([
        answer(500, &json!({})),
        Behaviour::CutRequest,
        Behaviour::DropAfterCommit,
        Behaviour::CutAnswer,
        answer(502, &json!({})),
        answer(503, &json!({})),
        Behaviour::Answer(504, "", "<html>gateway</html>".into()),
    ]);
    let fixture = Fixture::new(&server.url, |_| {});
    fixture.emit(0..25);
    fixture.flush();
    assert_eq!(numbers(&server.events()), (0..25).collect::<Vec<_>>(), "nothing lost, nothing doubled, in order");
    let stats = fixture.client.stats();
    assert_eq!((stats.sent, stats.dropped, stats.rejected, stats.retries), (26, 0, 0, 7));
    assert_eq!(fixture.lines_with("cannot deliver events"), 1, "an outage is one line");
    assert_eq!(fixture.lines_with("delivered again"), 1);
}

#[test]
fn a_server_that_comes_back_gets_everything() {
    let address = {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        closed.local_addr().unwrap().to_string()
    };
    let fixture = Fixture::new(&format!("http://{address}"), |_| {});
    fixture.emit(0..50);
    assert!(!fixture.client.flush(Duration::from_millis(300)), "nobody is there");
    assert!(fixture.client.stats().retries > 0);
    let server = Server::start_on(&address);
    fixture.flush();
    assert_eq!(numbers(&server.events()), (0..50).collect::<Vec<_>>());
}

#[test]
fn a_slow_server_costs_the_caller_nothing() {
    let server = Server::start();
    server.script([Behaviour::Slow(Duration::from_secs(1))]);
    let fixture = Fixture::new(&server.url, |_| {});
    let began = Instant::now();
    fixture.emit(0..1000);
    assert!(began.elapsed() < Duration::from_millis(500), "calls do not wait for the server");
    fixture.flush();
    assert_eq!(numbers(&server.events()).len(), 1000);
}

#[test]
fn a_request_that_never_ends_is_given_up_and_repeated() {
    let server = Server::start();
    server.script([Behaviour::Slow(Duration::from_secs(3))]);
    let fixture = Fixture::new(&server.url, |config| config.request_timeout = Duration::from_millis(200));
    fixture.emit(0..5);
    fixture.flush();
    assert_eq!(numbers(&server.events()), (0..5).collect::<Vec<_>>());
    assert!(fixture.client.stats().retries > 0);
}

#[test]
fn a_server_that_takes_no_gzip_gets_bodies_as_they_are() {
    let server = Server::start();
    server.script([Behaviour::Answer(415, "", "{}".into())]);
    let fixture = Fixture::new(&server.url, |config| config.gzip = true);
    fixture.emit(0..3);
    fixture.flush();
    assert_eq!(fixture.client.stats().rejected, 0);
    let encodings: Vec<bool> =
        server.requests().iter().map(|request| request.headers.contains_key("content-encoding")).collect();
    assert_eq!((encodings.first(), encodings.last()), (Some(&true), Some(&false)));
}

#[test]
fn retry_after_is_waited_for() {
    let server = Server::start();
    server.script([Behaviour::Answer(429, "retry-after: 1\r\n", "{}".into())]);
    let fixture = Fixture::new(&server.url, |_| {});
    fixture.emit(0..5);
    fixture.flush();
    let requests = server.requests();
    assert!(requests[1].at - requests[0].at >= Duration::from_millis(950));
    assert_eq!(numbers(&server.events()).len(), 5);
}

#[test]
fn a_batch_refused_for_itself_is_dropped_and_the_others_go_on() {
    let server = Server::start();
    server.script([answer(400, &json!({"error": "invalid_batch", "message": "events must be a list"}))]);
    let fixture = Fixture::new(&server.url, |_| {});
    fixture.emit(0..29);
    fixture.flush();
    assert_eq!(numbers(&server.events()), (9..29).collect::<Vec<_>>());
    assert_eq!((fixture.client.stats().rejected, fixture.client.stats().sent), (10, 20));
    assert_eq!(fixture.lines_with("400 events must be a list"), 1);
}

#[test]
fn a_batch_too_large_is_split_until_it_fits() {
    let server = Server::start();
    server.script([answer(413, &json!({})), answer(413, &json!({}))]);
    let fixture = Fixture::new(&server.url, |_| {});
    fixture.emit(0..19);
    fixture.flush();
    assert_eq!(numbers(&server.events()), (0..19).collect::<Vec<_>>());
    assert_eq!(server.requests()[..3].iter().map(|request| request.events).collect::<Vec<_>>(), [10, 5, 3]);
    assert_eq!(fixture.client.stats().rejected, 0);
}

#[test]
fn bodies_never_exceed_a_mebibyte() {
    let server = Server::start();
    let fixture = Fixture::new(&server.url, |config| config.batch_size = 500);
    for _ in 0..100 {
        fixture.agent.event("custom", &json!({"text": "x".repeat(31_000)}));
    }
    fixture.flush();
    assert_eq!(server.events().len(), 101);
    assert!(server.requests().iter().all(|request| request.bytes <= 1024 * 1024));
}

#[test]
fn a_refused_key_is_said_with_its_cure_and_tried_again() {
    let server = Server::start();
    let no = json!({"error": "authentication_failed", "message": "unknown key", "status": 401});
    server.script([answer(401, &no), answer(403, &json!({"error": "read_only_key", "message": "read only"}))]);
    let fixture = Fixture::new(&server.url, |config| config.max_queue_size = 20);
    fixture.emit(0..9);
    server.wait_for_requests(1);
    fixture.emit(9..60);
    fixture.flush();
    let requests = server.requests();
    assert!(requests[1].at - requests[0].at >= Duration::from_millis(550), "refusals are tried again late");
    assert_eq!(numbers(&server.events()), (40..60).collect::<Vec<_>>(), "the queue keeps its newest events");
    assert_eq!(fixture.client.stats().dropped, 41);
    let alarms = fixture.lines.1.lock().unwrap().clone();
    assert_eq!(alarms.len(), 2, "one line a refusal on standard error: {alarms:?}");
    assert!(alarms[0].contains("check api_key") && alarms[1].contains("a key that may write"));
}

#[test]
fn a_wrong_address_is_said_with_its_cure() {
    let server = Server::start();
    server.script([
        Behaviour::Answer(404, "", "not found".into()),
        Behaviour::Answer(301, "location: https://example.org/\r\n", String::new()),
    ]);
    let fixture = Fixture::new(&server.url, |_| {});
    fixture.emit(0..5);
    fixture.flush();
    assert_eq!(fixture.lines_with("check endpoint"), 2);
    assert_eq!(fixture.lines_with("https://example.org/"), 1, "a redirect is named, and not followed with the key");
    assert_eq!(numbers(&server.events()).len(), 5);
}

#[test]
fn rejected_events_are_counted_with_their_reasons() {
    let server = Server::start();
    let receipt = json!({"accepted": 8, "rejected": 2, "warnings": [], "errors": [
        {"index": 0, "event_id": "a", "error": "payload_too_large", "message": "over 32 KiB"},
        {"index": 1, "event_id": "b", "error": "payload_too_large", "message": "over 32 KiB"}]});
    server.script([answer(207, &receipt)]);
    let fixture = Fixture::new(&server.url, |_| {});
    fixture.emit(0..9);
    fixture.flush();
    assert_eq!((fixture.client.stats().sent, fixture.client.stats().rejected), (8, 2));
    assert_eq!(fixture.lines_with("rejected 2 of 10 events: 2 × payload_too_large (over 32 KiB)"), 1);
}

#[test]
fn bodies_are_compressed_when_asked_for() {
    let server = Server::start();
    let fixture = Fixture::new(&server.url, |config| config.gzip = true);
    fixture.emit(0..50);
    fixture.flush();
    assert_eq!(numbers(&server.events()), (0..50).collect::<Vec<_>>());
    assert!(server.requests().iter().all(|request| request.headers["content-encoding"] == "gzip"));
}

#[test]
fn shutting_down_without_a_server_takes_no_longer_than_told() {
    let fixture = Fixture::new("http://127.0.0.1:9", |config| config.retry = RetryPolicy::default());
    fixture.emit(0..5);
    let began = Instant::now();
    assert!(!fixture.client.shutdown(Duration::from_millis(500)));
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!((fixture.client.stats().queued, fixture.client.stats().dropped), (0, 7), "the goodbye, too");
    fixture.emit(0..5);
    assert_eq!(fixture.client.stats().queued, 0, "calls after the end do nothing");
}

#[test]
fn shutting_down_sends_what_waits_even_during_a_long_wait() {
    let server = Server::start();
    server.script([answer(500, &json!({}))]);
    let fixture = Fixture::new(&server.url, |config| {
        config.retry = RetryPolicy { initial: Duration::from_secs(60), ..RetryPolicy::default() };
    });
    fixture.emit(0..10);
    server.wait_for_requests(1);
    assert!(fixture.client.shutdown(Duration::from_secs(10)));
    assert_eq!(numbers(&server.events()), (0..10).collect::<Vec<_>>());
}

#[test]
fn a_refused_key_does_not_hold_up_an_exit() {
    let server = Server::start();
    server.script((0..100).map(|_| answer(401, &json!({"message": "no"}))));
    let fixture = Fixture::new(&server.url, |config| config.retry = RetryPolicy::default());
    fixture.emit(0..5);
    let began = Instant::now();
    assert!(!fixture.client.shutdown(Duration::from_secs(30)));
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn many_threads_lose_and_mix_nothing() {
    let server = Server::start();
    let fixture = Fixture::new(&server.url, |config| config.batch_size = 500);
    std::thread::scope(|scope| {
        for thread in 0..64 {
            let agent = &fixture.agent;
            scope.spawn(move || {
                let task = agent.task(&format!("task {thread}"), TaskOptions::default());
                for number in 0..50 {
                    let action = task.action("step");
                    task.event("custom", &json!({"thread": thread, "number": number}));
                    action.complete();
                }
                task.complete();
            });
        }
    });
    fixture.flush();
    let events = server.events();
    assert_eq!(events.len(), 1 + 64 * (2 + 50 * 3));
    for event in &events {
        if let Some(thread) = event["payload"]["thread"].as_u64() {
            assert_eq!(event["task_id"], format!("task {thread}"));
        }
    }
}

#[test]
fn a_fork_gives_the_child_a_queue_and_an_identity_of_its_own() {
    let server = Server::start();
    let fixture = Fixture::new(&server.url, |config| config.flush_interval = Duration::from_secs(3600));
    fixture.emit(0..5);
    let parent = fixture.client.instance_id().to_owned();
    // What a fork hook calls; the parent's state is there, its threads are not.
    fixture.client.after_fork_child();
    assert_ne!(fixture.client.instance_id(), parent);
    assert_eq!(fixture.client.stats().queued, 0, "what the parent had queued is the parent's to send");
    fixture.emit(5..10);
    fixture.flush();
    assert_eq!(numbers(&server.events()), (5..10).collect::<Vec<_>>());
}
