//! Messages hold everything, and any bytes are a batch or an error.

use std::sync::Arc;

use hiveboard_log_nats::message::{MessageError, decode, encode};
use hiveboard_store::{Batch, Incoming, Position};
use hiveboard_wire::{
    CallCost, CostSource, Envelope, Event, EventId, EventType, Kind, Mode, NanoDollars, Scope, Severity, Source,
    Timestamp, WorkspaceId,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::value::RawValue;

type Labels = Vec<Option<Box<str>>>;

fn text() -> impl Strategy<Value = Box<str>> {
    prop_oneof![
        select(&["", "a", "planner", "Größe", "\0'\u{10ffff}"][..]).prop_map(Box::from),
        ".{0,40}".prop_map(Box::from)
    ]
}

fn id() -> impl Strategy<Value = EventId> {
    prop_oneof![
        any::<[u8; 16]>().prop_map(EventId::from_uuid),
        ".{1,40}".prop_map(|text| EventId::new(&text)),
        Just(EventId::new("0192D5C8-0000-7000-8000-00000000000A")),
    ]
}

fn payload() -> impl Strategy<Value = Box<RawValue>> {
    let text = prop_oneof![
        Just(r#"{"kind":"llm_call","data":{"name":"n","model":"m","tokens_in":5e2}, "x" : [1.10, null]}"#.to_owned()),
        Just(r#"{"a":"\ud83d\ude00\u0041","n":123456789012345678901234567890}"#.to_owned()),
        ".{0,200}".prop_map(|text| serde_json::json!({ "text": text }).to_string()),
    ];
    text.prop_map(|text| RawValue::from_string(text).expect("it is JSON"))
}

fn cost() -> impl Strategy<Value = CallCost> {
    let source = select(&[CostSource::Reported, CostSource::Estimated, CostSource::Unknown][..]);
    (any::<i64>(), source).prop_map(|(amount, source)| CallCost { amount: NanoDollars(amount), source })
}

fn incoming() -> impl Strategy<Value = Incoming> {
    let heads = (id(), any::<i64>(), select(EventType::ALL), select(Severity::ALL), option::of(select(Kind::ALL)));
    let labels = vec(option::of(text()), 9);
    (heads, labels, option::of(any::<f64>()), option::of(payload()), option::of(cost())).prop_map(
        |((event_id, at, event_type, severity, kind), labels, duration_ms, payload, call_cost)| {
            let mut labels: Labels = labels;
            let mut label = || labels.pop().flatten();
            let event = Event {
                event_id,
                timestamp: Timestamp(at),
                event_type,
                severity,
                project_id: label(),
                task_id: label(),
                task_type: label(),
                task_run_id: label(),
                correlation_id: label(),
                action_id: label(),
                parent_action_id: label(),
                parent_event_id: label(),
                status: label(),
                duration_ms,
                payload,
                kind,
            };
            Incoming { body: event.body(), event, call_cost }
        },
    )
}

fn batch() -> impl Strategy<Value = Batch> {
    let names = (vec(text(), 5), vec(option::of(text()), 4), select(&Source::ALL[..]));
    (0..=u32::MAX, names, any::<i64>(), vec(incoming(), 0..40)).prop_map(
        |(scope, (needed, others, source), at, events)| {
            let envelope = Envelope {
                agent_id: needed[0].clone(),
                agent_type: needed[1].clone(),
                agent_version: others[0].clone(),
                framework: needed[2].clone(),
                runtime: others[1].clone(),
                sdk_version: others[2].clone(),
                instance_id: others[3].clone(),
                environment: needed[3].clone(),
                group: needed[4].clone(),
                source,
            };
            let (scope, envelope) = (Scope::from_number(scope), Arc::new(envelope));
            Batch { scope, envelope, received_at: Timestamp(at), position: None, events }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_with_nothing_lost(batch in batch()) {
        let message = encode(&batch, &batch.events);
        let read = decode(&message, None).expect("what was written is read");
        // Payloads are compared as written: a raw value has no equality.
        prop_assert_eq!(format!("{batch:?}"), format!("{read:?}"));
        let place = Position::of_seq(5 << 10);
        prop_assert_eq!(decode(&message, Some(place)).expect("again").position, Some(place));
    }

    #[test]
    fn any_bytes_are_a_batch_or_an_error(bytes in vec(any::<u8>(), 0..300)) {
        let _either = decode(&bytes, None);
        let mut plain = vec![1, 0];
        plain.extend(bytes);
        let _either = decode(&plain, None);
    }

    #[test]
    fn a_byte_that_changed_is_no_panic(batch in batch(), place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut message = encode(&batch, &batch.events);
        let place = place.index(message.len());
        message[place] ^= 1 << bit;
        let _either = decode(&message, None);
        let _cut = decode(&message[..place], None);
    }
}

fn heartbeats(count: usize) -> Batch {
    let json = format!(
        r#"{{"envelope":{{"agent_id":"lead-qualifier","agent_type":"sales","environment":"production"}},"events":[{}]}}"#,
        (0..count)
            .map(|number| format!(
                r#"{{"event_id":"00000000-0000-4000-8000-{number:012x}","timestamp":"2026-02-12T15:04:{:02}.5Z","event_type":"heartbeat"}}"#,
                number % 60
            ))
            .collect::<Vec<_>>()
            .join(",")
    );
    let decoded =
        hiveboard_wire::decode_batch(json.as_bytes(), Timestamp::parse("2026-02-12T16:00:00Z").expect("a time"));
    let decoded = decoded.expect("a batch");
    let events = decoded.events.into_iter();
    Batch {
        scope: Scope { workspace: WorkspaceId(1), mode: Mode::Live },
        envelope: decoded.envelope,
        received_at: Timestamp(1_770_912_000_000_000),
        position: None,
        events: events.map(|one| Incoming { event: one.event, body: one.body, call_cost: None }).collect(),
    }
}

#[test]
fn a_message_of_a_newer_version_is_refused_in_words() {
    let batch = heartbeats(1);
    let mut message = encode(&batch, &batch.events);
    assert_eq!(message[0], 1);
    message[0] = 2;
    let refused = decode(&message, None).expect_err("version 2");
    assert_eq!(refused, MessageError::Newer { version: 2 });
    assert!(refused.to_string().contains("bring this node to the newest version"), "{refused}");
    for bytes in [&[][..], &[1], &[0, 0], &[1, 9, 0]] {
        assert!(matches!(decode(bytes, None), Err(MessageError::Damaged(_))), "{bytes:?}");
    }
}

#[test]
fn a_heartbeat_takes_few_bytes_in_a_batch() {
    let batch = heartbeats(100);
    let bytes = encode(&batch, &batch.events).len();
    // Its id alone is 16; as JSON it is about 110.
    assert!(bytes < 100 * 40, "{bytes} bytes");
}
