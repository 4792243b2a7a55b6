//! How tasks, agents and clients end, and how fast a slow server is served, over real connections.

#![expect(clippy::unwrap_used, reason = "whatever is wrong fails the test")]

#[expect(dead_code, reason = "what misbehaves is the other tests'")]
mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::{Behaviour, Server};
use hiveloop::{AgentOptions, Client, Config, Level, Logger, ManualClock, Outcome, TaskOptions};
use serde_json::{Value, json};

#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl Logger for Lines {
    fn write(&self, _: Level, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
    fn alarm(&self, _: &str) {}
}

fn client(url: &str, change: impl FnOnce(&mut Config)) -> (Client, Arc<Lines>) {
    let lines = Arc::new(Lines::default());
    let mut config = Config::new("hb_live_0123456789abcdef0123456789abcdef");
    config.endpoint = url.into();
    config.logger = lines.clone();
    change(&mut config);
    (Client::new(config).expect("the settings are right"), lines)
}

fn quiet() -> AgentOptions {
    AgentOptions { heartbeat_interval: None, ..AgentOptions::default() }
}

fn of_type<'a>(events: &'a [Value], event_type: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event_type"] == event_type).collect()
}

#[test]
fn a_task_whose_last_two_handles_are_dropped_at_once_does_not_stay_open() {
    let server = Server::start();
    let (client, _) = client(&server.url, |_| {});
    let agent = client.agent("worker", quiet());
    for number in 0..500 {
        let one = agent.task(&format!("t{number}"), TaskOptions::default());
        let other = one.clone();
        let together = Barrier::new(2);
        thread::scope(|scope| {
            for handle in [one, other] {
                let together = &together;
                scope.spawn(move || {
                    together.wait();
                    drop(handle);
                });
            }
        });
    }
    assert!(client.flush(Duration::from_secs(20)));
    let events = server.events();
    assert_eq!(of_type(&events, "task_started").len(), 500);
    let failed = of_type(&events, "task_failed");
    assert_eq!(failed.len(), 500);
    assert_eq!(failed[0]["payload"]["exception_type"], json!("Dropped"));
}

#[test]
fn every_event_is_counted_as_sent_or_dropped_whenever_the_client_ends() {
    let server = Server::start();
    for wait_ms in 0..20 {
        server.script([Behaviour::DropAfterCommit]);
        let (client, _) = client(&server.url, |config| config.batch_size = 1);
        client.agent("worker", quiet());
        thread::sleep(Duration::from_millis(wait_ms));
        client.shutdown(Duration::ZERO);
        let end = Instant::now() + Duration::from_secs(10);
        let settled = || {
            let stats = client.stats();
            // The registration and the goodbye.
            stats.queued == 0 && stats.sent + stats.dropped == 2
        };
        while !settled() {
            assert!(Instant::now() < end, "{:?}", client.stats());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_stalled_body_is_sent_again_when_the_server_says_so() {
    let server = Server::start();
    server.script([Behaviour::Answer(408, "retry-after: 0\r\n", "{}".into())]);
    let (client, _) = client(&server.url, |_| {});
    client.agent("worker", quiet()).event("custom", &json!({}));
    assert!(client.flush(Duration::from_secs(20)));
    assert_eq!((server.events().len(), client.stats().rejected), (2, 0));
}

#[test]
fn a_clock_set_back_within_a_task_ends_it_all_the_same() {
    let server = Server::start();
    let clock = Arc::new(ManualClock::at(1_795_384_717_000_000));
    let (client, _) = client(&server.url, |config| config.clock = clock.clone());
    let agent = client.agent("worker", quiet());
    let task = agent.task("t", TaskOptions::default());
    let action = task.action("a");
    clock.set_unix_micros(1_795_384_717_000_000 - 600_000_000);
    clock.advance(Duration::from_secs(2));
    action.complete();
    task.complete();
    // The clock stands still, so what is queued is asked for, and waited for by the wall's time.
    client.begin_flush();
    let end = Instant::now() + Duration::from_secs(20);
    while of_type(&server.events(), "task_completed").is_empty() {
        assert!(Instant::now() < end, "{:?}", client.stats());
        thread::sleep(Duration::from_millis(5));
    }
    let events = server.events();
    let run: Vec<&Value> = events.iter().filter(|event| event["task_id"] == "t").collect();
    let stamps: Vec<&str> = run.iter().map(|event| event["timestamp"].as_str().unwrap()).collect();
    assert!(stamps.windows(2).all(|pair| pair[0] < pair[1]), "{stamps:?}");
    assert_eq!(run.last().unwrap()["duration_ms"], json!(2000));
    assert_eq!(run[0]["task_run_id"], run[3]["task_run_id"]);
}

#[test]
fn a_cancelled_task_is_neither_failed_nor_a_success() {
    let server = Server::start();
    let (client, _) = client(&server.url, |_| {});
    let agent = client.agent("worker", quiet());
    let task = agent.task("t", TaskOptions::default());
    task.action("a").end(Outcome::Cancelled(None));
    task.cancel();
    assert!(client.flush(Duration::from_secs(20)));
    let events = server.events();
    let (action, task) = (of_type(&events, "action_completed")[0], of_type(&events, "task_completed")[0]);
    assert_eq!((&action["status"], &task["status"]), (&json!("cancelled"), &json!("cancelled")));
    assert_eq!(task["payload"]["summary"], json!("Task t cancelled"));
}

#[test]
fn an_end_says_goodbye_for_agents_that_leave_nothing_open() {
    let server = Server::start();
    let (client, lines) = client(&server.url, |_| {});
    let idle = client.agent("idle", AgentOptions::default());
    let busy = client.agent("busy", AgentOptions::default());
    let closed = client.agent("closed", AgentOptions::default());
    let task = busy.task("t", TaskOptions::default());
    closed.close();
    assert!(client.shutdown(Duration::from_secs(20)));
    let events = server.events();
    let goodbyes: Vec<&Value> = events.iter().filter(|event| event["payload"]["kind"] == "goodbye").collect();
    assert_eq!(goodbyes.len(), 2);
    assert!(goodbyes.iter().all(|event| event["task_id"].is_null()));
    let lines = lines.0.lock().unwrap().join("\n");
    assert!(lines.contains("heartbeats of agent \"closed\" end: it was closed"), "{lines}");
    assert!(lines.contains("heartbeats of 2 agents end: the client is shut down"), "{lines}");
    drop((idle, task));
}

#[test]
fn a_server_far_away_is_kept_up_with() {
    let server = Server::start();
    server.script((0..1000).map(|_| Behaviour::Slow(Duration::from_millis(100))));
    let (client, _) = client(&server.url, |config| config.flush_interval = Duration::from_millis(200));
    let agents: Vec<_> = (0..100).map(|number| client.agent(&number.to_string(), quiet())).collect();
    let began = Instant::now();
    for round in 0..10 {
        for agent in &agents {
            agent.event("custom", &json!({"round": round, "agent": agent.agent_id()}));
        }
        thread::sleep(Duration::from_millis(100));
    }
    assert!(client.flush(Duration::from_secs(60)));
    // One request at a time would take more than ten seconds for every round of a hundred agents.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(client.stats().sent, 1100);
    let events = server.events();
    let rounds = |agent: usize| {
        let own = events.iter().filter(|event| event["payload"]["agent"] == json!(agent.to_string()));
        own.map(|event| event["payload"]["round"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert!((0..100).all(|agent| rounds(agent) == (0..10).collect::<Vec<_>>()), "each agent's in order");
}

/// A SOCKS5 proxy for one connection: takes the greeting and the address that is asked for, and passes on what comes. Answers that address.
fn socks_proxy(server: &str) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("socks5h://{}", listener.local_addr().unwrap());
    let server = server.trim_start_matches("http://").to_owned();
    let passing = thread::spawn(move || {
        let (mut near, _) = listener.accept().unwrap();
        let mut read = |count: usize| {
            let mut bytes = vec![0; count];
            near.read_exact(&mut bytes).unwrap();
            bytes
        };
        let methods = read(2)[1];
        read(usize::from(methods));
        near.write_all(&[5, 0]).unwrap();
        let mut read = |count: usize| {
            let mut bytes = vec![0; count];
            near.read_exact(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(read(4), [5, 1, 0, 3], "connect, to a name that the proxy resolves");
        let length = read(1)[0];
        let asked = String::from_utf8(read(usize::from(length))).unwrap();
        let port = read(2);
        near.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).unwrap();
        let mut far = TcpStream::connect(server).unwrap();
        let (mut back, mut to) = (far.try_clone().unwrap(), near.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut back, &mut to));
        let _until_either_closes = std::io::copy(&mut near, &mut far);
        format!("{asked}:{}", u16::from_be_bytes([port[0], port[1]]))
    });
    (address, passing)
}

#[test]
fn a_socks_proxy_is_gone_through() {
    let server = Server::start();
    let (proxy, passing) = socks_proxy(&server.url);
    let (client, _) = client("http://board.test:8000", |config| config.proxy = Some(proxy));
    client.agent("worker", quiet()).task("t", TaskOptions::default()).end(Outcome::Completed { status: "success" });
    assert!(client.flush(Duration::from_secs(30)));
    client.shutdown(Duration::from_secs(30));
    drop(client);
    assert_eq!(of_type(&server.events(), "task_completed").len(), 1);
    assert_eq!(passing.join().unwrap(), "board.test:8000");
}

#[test]
fn a_proxy_that_cannot_be_used_is_said_without_its_password() {
    let server = Server::start();
    let (client, lines) = client(&server.url, |config| config.proxy = Some("gopher://me:s3cret@p:70".to_owned()));
    client.agent("worker", quiet()).task("t", TaskOptions::default()).end(Outcome::Completed { status: "success" });
    assert!(client.flush(Duration::from_secs(30)));
    let told = lines.0.lock().unwrap().join("\n");
    assert!(told.contains("cannot be used") && !told.contains("s3cret"), "{told}");
}
