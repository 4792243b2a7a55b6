//! Publishing and following.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hiveboard_log_nats::{Access, Follower, Log, LogError, NatsOptions, message, place};
use hiveboard_store::{Batch, Incoming, Position};
use hiveboard_wire::{Envelope, Event, EventId, EventType, Scope, Severity, Source, Timestamp};
use serde_json::value::RawValue;

use crate::server::Server;

const SECOND: Duration = Duration::from_secs(1);

/// Scopes 2 and up are spread over the partitions.
fn batch(scope: u32, first_id: u32, count: u32, payload_bytes: usize) -> Batch {
    let events = (first_id..first_id + count).map(|number| {
        let filler: String = (0..payload_bytes).map(|_| fastrand::alphanumeric()).collect();
        let payload = RawValue::from_string(format!("{{\"n\":{number},\"filler\":\"{filler}\"}}")).expect("JSON");
        let event = Event {
            event_id: EventId::new(&format!("event-{number}")),
            timestamp: Timestamp(1_000_000 + i64::from(number)),
            event_type: EventType::Custom,
            severity: Severity::Info,
            project_id: Some("default".into()),
            task_id: None,
            task_type: None,
            task_run_id: None,
            correlation_id: None,
            action_id: None,
            parent_action_id: None,
            parent_event_id: None,
            status: None,
            duration_ms: None,
            payload: Some(payload),
            kind: None,
        };
        Incoming { body: event.body(), event, call_cost: None }
    });
    let envelope = Envelope {
        agent_id: "agent".into(),
        agent_type: "general".into(),
        agent_version: None,
        framework: "custom".into(),
        runtime: None,
        sdk_version: None,
        instance_id: None,
        environment: "production".into(),
        group: "default".into(),
        source: Source::Ingest,
    };
    Batch {
        scope: Scope::from_number(scope),
        envelope: Arc::new(envelope),
        received_at: Timestamp(2_000_000),
        position: None,
        events: events.collect(),
    }
}

fn ids(batches: &[Batch]) -> Vec<String> {
    batches.iter().flat_map(|batch| &batch.events).map(|one| one.event.event_id.to_string()).collect()
}

fn expected(count: u32) -> Vec<String> {
    (0..count).map(|number| format!("event-{number}")).collect()
}

/// Reads until so many events are there, whatever comes between.
async fn read(follower: &mut Follower, events: usize) -> Vec<Batch> {
    let until = Instant::now() + 20 * SECOND;
    let mut batches: Vec<Batch> = Vec::new();
    while batches.iter().map(|batch| batch.events.len()).sum::<usize>() < events {
        assert!(Instant::now() < until, "{} batches within 20 s", batches.len());
        match follower.next(10_000, SECOND).await {
            Ok(more) => batches.extend(more),
            Err(LogError::Unavailable(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    batches
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn what_is_published_is_followed_in_order_with_its_places() {
    let server = Server::start();
    let log = server.log().await;
    let partition = log.partition_of(Scope::from_number(2));
    assert_eq!(log.last_of_partition(partition).await.expect("a place"), Position::START);
    let mut follower = log.follow(partition, Position::START).await.expect("it follows");
    let nothing = follower.next(100, Duration::from_millis(50)).await.expect("it is reached");
    assert!(nothing.is_empty());
    let first = batch(2, 0, 3, 10);
    assert_eq!(log.publish(&first).await.expect("acknowledged"), Position::of_seq((1 << 10) + 2));
    assert_eq!(log.publish(&batch(2, 3, 1, 10)).await.expect("acknowledged"), Position::of_seq(2 << 10));
    let batches = read(&mut follower, 4).await;
    assert_eq!(ids(&batches), expected(4));
    let places: Vec<_> = batches.iter().map(|batch| batch.position).collect();
    assert_eq!(places, [Some(Position::of_seq(1 << 10)), Some(Position::of_seq(2 << 10))]);
    assert_eq!(format!("{:?}", batches[0].events), format!("{:?}", first.events));
    let last = log.last_position(Scope::from_number(2)).await.expect("a place");
    assert!(follower.position() >= last, "all that was acknowledged was handed out");
    assert_eq!(follower.behind(), 0);

    // Another reader goes on after an event: its message comes again, for it may be stored in part.
    let mut second = log.follow(partition, Position::of_seq((1 << 10) + 1)).await.expect("it follows");
    assert_eq!(ids(&read(&mut second, 4).await), expected(4));
    let mut third = log.follow(partition, place::end_of(1)).await.expect("it follows");
    assert_eq!(ids(&read(&mut third, 1).await), ["event-3"]);
    // Other nodes see the same cluster.
    let other = server.log().await;
    assert_eq!((other.cluster(), other.partitions()), (log.cluster(), 8));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn a_large_batch_goes_into_several_messages() {
    let server = Server::start();
    let log = server.log().await;
    let large = batch(2, 0, 100, 30_000);
    let last = log.publish(&large).await.expect("acknowledged");
    assert!(place::sequence_of(last) > 2, "{last}: 3 MB do not go into a message of 1 MB");
    let mut follower = log.follow(log.partition_of(large.scope), Position::START).await.expect("it follows");
    let batches = read(&mut follower, 100).await;
    assert_eq!(ids(&batches), expected(100));
    assert!(message::encode(&batches[0], &batches[0].events).len() < 1 << 20);
    let many = batch(2, 100, 2_500, 0);
    log.publish(&many).await.expect("acknowledged");
    let batches = read(&mut follower, 2_500).await;
    assert!(batches.iter().all(|batch| batch.events.len() <= place::EVENTS_A_MESSAGE) && batches.len() == 3);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn a_full_log_refuses_and_goes_on_when_what_is_stored_is_let_go() {
    let server = Server::start();
    let options = NatsOptions { max_bytes: 4 << 20, partitions: Some(1), ..server.options() };
    let log = Log::connect(&options).await.expect("it connects");
    let mut last = Position::START;
    let refused = loop {
        match log.publish(&batch(2, 0, 10, 30_000)).await {
            Ok(position) => last = position,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, LogError::Full(_)) && refused.is_passing(), "{refused}");
    assert!(last > Position::START);
    let held = log.extent(0).await.expect("an extent").messages;
    log.trim(0, last).await.expect("trimmed");
    assert_eq!(log.extent(0).await.expect("an extent").messages, held - held.min(place::sequence_of(last)) + 1);
    let more = log.publish(&batch(2, 0, 10, 30_000)).await.expect("there is room");
    let gone = log.follow(0, Position::of_seq(1 << 10)).await.err().expect("what comes after is gone");
    assert!(matches!(gone, LogError::Gone { partition: 0, .. }), "{gone}");
    let mut follower = log.follow(0, Position::START).await.expect("from what there is");
    let batches = read(&mut follower, 20).await;
    assert_eq!(batches[1].position, Some(place::start_of(place::sequence_of(more))));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn while_nats_is_away_publishing_is_refused_and_following_goes_on_after() {
    let mut server = Server::start();
    let log = server.log().await;
    let partition = log.partition_of(Scope::from_number(2));
    let mut follower = log.follow(partition, Position::START).await.expect("it follows");
    log.publish(&batch(2, 0, 5, 100)).await.expect("acknowledged");
    assert_eq!(ids(&read(&mut follower, 5).await), expected(5));

    server.kill();
    let started = Instant::now();
    let refused = log.publish(&batch(2, 5, 1, 100)).await.expect_err("nobody is there");
    assert!(matches!(refused, LogError::Unavailable(_)) && refused.is_passing(), "{refused}");
    assert!(started.elapsed() < 5 * SECOND, "{:?}", started.elapsed());
    let away = follower.next(100, Duration::from_millis(500)).await.expect_err("nothing can be read");
    assert!(matches!(away, LogError::Unavailable(_)), "{away}");
    assert!(log.last_of_partition(partition).await.expect_err("nor asked").is_passing());

    server.run();
    let until = Instant::now() + 15 * SECOND;
    while log.publish(&batch(2, 5, 5, 100)).await.is_err() {
        assert!(Instant::now() < until, "it does not come back: {}", server.said());
    }
    let mut seen = Vec::new();
    while seen.last().is_none_or(|id| id != "event-9") {
        seen.extend(ids(&read(&mut follower, 1).await));
    }
    // What was refused may have been on its way already; ids tell what comes twice.
    seen.sort();
    seen.dedup();
    assert_eq!(seen, expected(10)[5..], "nothing is lost");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn a_nats_that_stands_still_refuses_in_time_and_loses_nothing() {
    let server = Server::start();
    let log = server.log().await;
    let partition = log.partition_of(Scope::from_number(2));
    let mut follower = log.follow(partition, Position::START).await.expect("it follows");
    log.publish(&batch(2, 0, 1, 100)).await.expect("acknowledged");
    read(&mut follower, 1).await;
    server.freeze();
    let started = Instant::now();
    let refused = log.publish(&batch(2, 1, 1, 100)).await.expect_err("no answer comes");
    assert!(matches!(refused, LogError::Unavailable(_)), "{refused}");
    assert!(started.elapsed() < 5 * SECOND, "{:?}", started.elapsed());
    // Long enough for both ends to give the connection up.
    tokio::time::sleep(8 * SECOND).await;
    server.thaw();
    let until = Instant::now() + 15 * SECOND;
    while log.publish(&batch(2, 2, 1, 100)).await.is_err() {
        assert!(Instant::now() < until, "it does not come back");
    }
    let mut seen = Vec::new();
    while seen.last().is_none_or(|id| id != "event-2") {
        seen.extend(ids(&read(&mut follower, 1).await));
    }
    // What was refused may have been taken, in one message however often it was sent.
    assert!(seen == ["event-2"] || seen == ["event-1", "event-2"], "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn a_slow_reader_gets_everything_once_while_connections_break() {
    let mut server = Server::start();
    let log = server.log().await;
    let partition = log.partition_of(Scope::from_number(2));
    let writer = tokio::spawn({
        let log = log.clone();
        async move {
            for number in 0..3_000 {
                // Until it is acknowledged; the ids tell what was taken twice.
                while log.publish(&batch(2, number, 1, 2_000)).await.is_err() {}
            }
        }
    });
    let mut follower = log.follow(partition, Position::START).await.expect("it follows");
    let mut seen: Vec<Batch> = Vec::new();
    let mut breaks = 3;
    let until = Instant::now() + 180 * SECOND;
    while seen.last().is_none_or(|batch| ids(std::slice::from_ref(batch)) != ["event-2999"]) {
        assert!(Instant::now() < until, "{} batches", seen.len());
        match follower.next(50, 2 * SECOND).await {
            Ok(more) => seen.extend(more),
            Err(LogError::Unavailable(_)) => {}
            Err(error) => panic!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        if breaks > 0 && seen.len() > (4 - breaks) * 400 {
            breaks -= 1;
            server.kill();
            tokio::time::sleep(Duration::from_millis(300)).await;
            server.run();
        }
    }
    writer.await.expect("all is written");
    let places: Vec<u64> = seen.iter().map(|batch| place::sequence_of(batch.position.expect("a place"))).collect();
    assert_eq!(places, (1..=places.len() as u64).collect::<Vec<_>>(), "each message once, in order");
    let mut all = ids(&seen);
    all.dedup();
    assert_eq!(all, expected(3_000));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn an_empty_partition_can_begin_after_what_was_stored_before() {
    let server = Server::start();
    let log = server.log().await;
    let partition = log.partition_of(Scope::from_number(2));
    let before = Position::of_seq(10_000_000);
    log.begin_after(partition, before).await.expect("it is empty");
    log.begin_after(partition, before).await.expect("it does so already");
    let mut follower = log.follow(partition, before).await.expect("it follows");
    assert!(log.publish(&batch(2, 0, 1, 10)).await.expect("acknowledged") > before);
    assert_eq!(ids(&read(&mut follower, 1).await), ["event-0"]);
    let refused = log.begin_after(partition, Position::of_seq(20_000_000)).await.expect_err("it is in use");
    assert!(matches!(refused, LogError::Unusable(_)), "{refused}");
}

async fn refusal(options: NatsOptions) -> String {
    match Log::connect(&options).await {
        Err(LogError::Unusable(said)) => said,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn what_does_not_fit_is_said_in_words() {
    let server = Server::start();
    server.log().await;
    let options = || server.options();
    for (options, words) in [
        (NatsOptions { partitions: Some(9), ..options() }, "has 8 partitions, for ever"),
        (NatsOptions { max_bytes: 1 << 20, ..options() }, "max_bytes is 67108864"),
        (NatsOptions { max_age: SECOND * 60, ..options() }, "nats stream edit hiveboard-events-0"),
        (NatsOptions { replicas: 2, ..options() }, "give 1, 3 or 5"),
        (NatsOptions { replicas: 3, prefix: "three".to_owned(), ..options() }, "as many servers as `replicas`"),
        (NatsOptions { max_bytes: 1 << 40, prefix: "huge".to_owned(), ..options() }, "lower `max_bytes`"),
        (NatsOptions { prefix: "a.b".to_owned(), ..options() }, "cannot begin the names"),
        (NatsOptions { partitions: Some(0), prefix: "none".to_owned(), ..options() }, "1 to 256"),
        (NatsOptions { ca_file: Some("/nowhere/ca.pem".into()), ..options() }, "CA file /nowhere/ca.pem"),
        (NatsOptions { urls: Vec::new(), ..options() }, "no URL"),
    ] {
        let said = refusal(options).await;
        assert!(said.contains(words), "{words}: {said}");
    }
    let away = NatsOptions { urls: vec!["nats://127.0.0.1:1".to_owned()], ..options() };
    assert!(matches!(Log::connect(&away).await, Err(LogError::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn a_nats_without_jetstream_is_said_in_words() {
    let server = Server::with("accounts { A { users: [{ user: a, password: b }] } }");
    let access = Access::Password { user: "a".to_owned(), password: "b".to_owned() };
    let said = refusal(NatsOptions { access, ..server.options() }).await;
    assert!(said.contains("start the NATS servers with JetStream"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn passwords_tokens_and_tls_are_used_and_their_faults_said() {
    let server = Server::with("authorization { user: a, password: secret-word }");
    let right = Access::Password { user: "a".to_owned(), password: "secret-word".to_owned() };
    Log::connect(&NatsOptions { access: right, ..server.options() }).await.expect("it lets in");
    let wrong = Access::Password { user: "a".to_owned(), password: "other-word".to_owned() };
    let options = NatsOptions { access: wrong, ..server.options() };
    assert!(!format!("{options:?}").contains("other-word"));
    let said = refusal(options).await;
    assert!(said.contains("refuses these credentials") && !said.contains("other-word"), "{said}");

    let server = Server::with("authorization { token: t0ken }");
    Log::connect(&NatsOptions { access: Access::Token("t0ken".to_owned()), ..server.options() }).await.expect("in");

    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let files = tempfile::tempdir().expect("a directory");
    let (cert_file, key_file) = (files.path().join("cert.pem"), files.path().join("key.pem"));
    std::fs::write(&cert_file, cert.pem()).expect("written");
    std::fs::write(&key_file, signing_key.serialize_pem()).expect("written");
    let server = Server::with(&format!("tls {{ cert_file: {cert_file:?}, key_file: {key_file:?} }}"));
    let urls = vec![format!("tls://127.0.0.1:{}", server.port)];
    let trusted = NatsOptions { urls: urls.clone(), ca_file: Some(cert_file), ..server.options() };
    Log::connect(&trusted).await.expect("its certificate is trusted");
    let said =
        Log::connect(&NatsOptions { urls, ..server.options() }).await.expect_err("unknown authority").to_string();
    assert!(said.contains("TLS") || said.contains("certificate"), "{said}");
}
