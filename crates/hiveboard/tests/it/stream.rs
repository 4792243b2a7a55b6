//! The stream: what changes by the clock is pushed, and a reader that comes back misses nothing.

use std::{sync::Arc, time::Duration};

use hiveboard::clock::{Clock, TimeSource};
use hiveboard_wire::Timestamp;
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::app::{TestApp, event};

/// Wall and monotonic time of the machine, plus what the test adds to each.
#[derive(Clone)]
struct Moved {
    began: std::time::Instant,
    /// Microseconds added to the wall clock, and seconds to the monotonic one.
    by: Arc<Mutex<(i64, u64)>>,
}

impl Moved {
    fn new() -> Self {
        Self { began: std::time::Instant::now(), by: Arc::default() }
    }

    fn set_wall(&self, seconds: i64) {
        self.by.lock().0 += seconds * 1_000_000;
    }

    /// Lets a second pass that every tick follows closely enough.
    async fn pass_a_second(&self, app: &TestApp) {
        {
            let mut by = self.by.lock();
            by.0 += 1_000_000;
            by.1 += 1;
        }
        // One tick may have read the time just before.
        let wanted = app.running().app.clock.ticks() + 2;
        while app.running().app.clock.ticks() < wanted {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Lets time pass until the agent is stuck: seconds.
    async fn pass_until_stuck(&self, app: &TestApp) -> u32 {
        for seconds in 1..60 {
            self.pass_a_second(app).await;
            if app.get("/v1/agents/a").await["derived_status"] == "stuck" {
                return seconds;
            }
        }
        panic!("a dead agent is found");
    }
}

impl TimeSource for Moved {
    fn wall(&self) -> Timestamp {
        Timestamp::now().plus_micros(self.by.lock().0)
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed() + Duration::from_secs(self.by.lock().1)
    }
}

async fn register(app: &TestApp, agent_id: &str, threshold: u32) {
    let events = [
        event(json!({"event_type": "agent_registered", "payload": {"data": {"stuck_threshold": threshold}}})),
        event(json!({"event_type": "task_started", "task_id": "t", "task_run_id": "r"})),
    ];
    app.send(&app.live, agent_id, &events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_the_clock_makes_stuck_and_an_event_brings_back_is_pushed() {
    let moved = Moved::new();
    let app = TestApp::start_at(Clock::new(moved.clone()), |_| {}).await;
    let mut stream = app.stream().await;
    stream.say(json!({"action": "subscribe", "channels": ["agents", "tasks"]})).await;
    stream.hear_of("subscribed").await;
    register(&app, "a", 4).await;
    assert_eq!(stream.hear_of("task.updated").await["derived_status"], "processing");
    moved.pass_until_stuck(&app).await;
    assert_eq!(stream.hear_of("agent.stuck").await["agent_id"], "a");
    let run = stream.hear_of("task.updated").await;
    assert_eq!((&run["task_id"], &run["derived_status"]), (&json!("t"), &json!("stuck")));
    app.send(&app.live, "a", &[event(json!({"event_type": "heartbeat"}))]).await;
    assert_eq!(stream.hear_of("agent.status_changed").await["new_status"], "processing");
    assert_eq!(stream.hear_of("task.updated").await["derived_status"], "processing", "it resumes with its agent");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_of_the_servers_clock_makes_nobody_stuck() {
    for by in [3_600, -3_600] {
        let moved = Moved::new();
        let app = TestApp::start_at(Clock::new(moved.clone()), |_| {}).await;
        register(&app, "a", 3).await;
        moved.set_wall(by);
        let end = std::time::Instant::now() + Duration::from_millis(1_500);
        while std::time::Instant::now() < end {
            assert_eq!(app.get("/v1/agents/a").await["derived_status"], "processing", "{by}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let seconds = moved.pass_until_stuck(&app).await;
        assert!(seconds > 0, "{by}: a dead one is found");
        app.stop().await;
    }
}

fn note(number: usize) -> Value {
    event(
        json!({"event_type": "custom", "event_id": format!("note-{number:05}"), "payload": {"kind": "k", "summary": "s"}}),
    )
}

async fn send_notes(app: &TestApp, agent_id: &str, from: usize, until: usize) {
    for start in (from..until).step_by(500) {
        let events: Vec<Value> = (start..until.min(start + 500)).map(note).collect();
        app.send(&app.live, agent_id, &events).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_comes_back_hears_all_it_missed_once_and_in_order_while_more_comes() {
    let app = TestApp::start().await;
    send_notes(&app, "a", 0, 1_700).await;
    app.send(&app.live, "b", &(90_000..90_050).map(note).collect::<Vec<_>>()).await;
    let mut stream = app.stream().await;
    stream
        .say(json!({"action": "subscribe", "channels": ["events"], "filters": {"agent_id": "a"}, "since_seq": 100}))
        .await;
    // The socket is heard meanwhile.
    stream.say(json!({"action": "ping"})).await;
    let more = async {
        send_notes(&app, "a", 1_700, 2_200).await;
        app.send(&app.live, "b", &(91_000..91_050).map(note).collect::<Vec<_>>()).await;
        send_notes(&app, "a", 2_200, 2_400).await;
    };
    let hear = async {
        let (mut ids, mut pongs) = (Vec::new(), 0);
        while ids.len() < 2_300 {
            let frame = stream.hear().await.expect("the stream goes on");
            match frame["type"].as_str().unwrap() {
                "event.new" => ids.push(frame["data"]["event_id"].as_str().unwrap().to_owned()),
                "pong" => pongs += 1,
                _ => {}
            }
        }
        (ids, pongs)
    };
    let ((), (ids, pongs)) = tokio::join!(more, hear);
    let wanted: Vec<String> = (100..2_400).map(|number| format!("note-{number:05}")).collect();
    assert_eq!(ids, wanted);
    assert_eq!(pongs, 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_from_another_store_hides_nothing() {
    let app = TestApp::start().await;
    let mut stream = app.stream().await;
    stream.say(json!({"action": "subscribe", "channels": ["events"], "since_seq": 1_000_000_000})).await;
    stream.hear_of("subscribed").await;
    app.send(&app.live, "a", &[note(1)]).await;
    assert_eq!(stream.hear_of("event.new").await["event_id"], "note-00001");
    app.stop().await;
}

/// Overwrites the compressed bytes of a day's blocks, wherever they lie: in the file or in its log.
fn spoil(data: &std::path::Path) {
    // Not the index of a log: that is what the server finds its way by.
    let is_of_a_day = |name: &str| name.starts_with("ev-") && !name.ends_with("-shm") && !name.contains("search");
    for entry in std::fs::read_dir(data).expect("the data directory").flatten() {
        if is_of_a_day(&entry.file_name().to_string_lossy()) {
            let mut bytes = std::fs::read(entry.path()).expect("a file of the day");
            let magic = [0x28, 0xb5, 0x2f, 0xfd];
            for place in 0..bytes.len().saturating_sub(40) {
                if bytes[place..].starts_with(&magic) {
                    bytes[place + 20..place + 40].fill(0x5a);
                }
            }
            // In place: the server has it open.
            let file = std::fs::OpenOptions::new().write(true).open(entry.path()).expect("it can be written");
            std::os::unix::fs::FileExt::write_all_at(&file, &bytes, 0).expect("there is room");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_told_when_what_it_missed_cannot_be_read() {
    let app = TestApp::start().await;
    // Too few for the search index to look at them first.
    send_notes(&app, "a", 0, 80).await;
    spoil(app.data());
    let mut stream = app.stream().await;
    stream.say(json!({"action": "subscribe", "channels": ["events"], "since_seq": 0})).await;
    stream.hear_of("subscribed").await;
    let mut heard = 0;
    let reason = loop {
        match tokio::time::timeout(Duration::from_secs(60), stream.hear()).await.expect("events, or a close") {
            Ok(_) => heard += 1,
            Err(reason) => break reason,
        }
    };
    assert!(reason.contains("could not be read"), "{reason}");
    assert_eq!(heard, 0);
    // What could be saved is served again, and the stream with it.
    let end = std::time::Instant::now() + Duration::from_secs(60);
    while app.get("/ready").await["status"] != "degraded" {
        assert!(std::time::Instant::now() < end, "the damage is told");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_told_why_the_stream_ends() {
    let app = TestApp::start().await;
    send_notes(&app, "a", 0, 1_000).await;
    let mut stream = app.stream().await;
    stream.say(json!({"action": "subscribe", "channels": ["events"], "since_seq": 0})).await;
    stream.hear_of("subscribed").await;
    app.running().app.stopping.send_replace(true);
    let reason = loop {
        if let Err(reason) = stream.hear().await {
            break reason;
        }
    };
    assert!(reason.contains("stopping"), "{reason}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_too_long_is_told_so_before_the_stream_ends() {
    let app = TestApp::start().await;
    let mut stream = app.stream().await;
    stream.say(json!({"action": "ping", "padding": "x".repeat(60_000)})).await;
    assert_eq!(stream.hear().await.expect("an answer")["type"], "pong");
    for (said, wrong) in [
        (
            json!({"action": "subscribe", "channels": "events"}),
            "a field that must be a list, and is the string \"events\"",
        ),
        (json!({"action": "listen"}), "`action` is `listen`, and must be one of `subscribe`"),
        (json!([1]), "`body` must be an object, and is a list"),
    ] {
        stream.say(said).await;
        let told = stream.hear_of("error").await;
        assert!(told["message"].as_str().is_some_and(|text| text.contains(wrong)), "{told}");
    }
    stream.say(json!({"action": "subscribe", "channels": ["events"], "padding": "x".repeat(70_000)})).await;
    assert_eq!(stream.hear().await, Err("a frame to the server may have 64 KiB".to_owned()));
    app.stop().await;
}
