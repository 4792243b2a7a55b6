//! JSON at its edges: nothing panics, nothing is taken for something else.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hiveboard_wire::{Body, EventErrorCode as Error, Timestamp, decode_batch, validate::Decoded};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_770_000_000_000_000);

fn with_event(members: &str) -> String {
    format!(
        r#"{{"envelope":{{"agent_id":"a"}},"events":[{{"event_id":"e","timestamp":"{NOW}","event_type":"custom"{members}}}]}}"#
    )
}

fn decode(members: &str) -> Decoded {
    decode_batch(with_event(members).as_bytes(), NOW).unwrap_or_else(|error| panic!("{members}: {error}"))
}

fn call(data: &str) -> hiveboard_wire::body::LlmCall {
    let decoded = decode(&format!(r#","payload":{{"kind":"llm_call","data":{data}}}"#));
    let Body::LlmCall(call) = decoded.events[0].body.clone() else { panic!("a call") };
    call
}

#[test]
fn of_repeated_keys_the_last_one_counts() {
    let decoded = decode(r#","task_id":"first","task_id":"second""#);
    assert_eq!(decoded.events[0].event.task_id.as_deref(), Some("second"));
    assert_eq!(call(r#"{"name":"a","name":"b","tokens_in":"x","tokens_in":7}"#).tokens_in, Some(7));
}

#[test]
fn numbers_beyond_all_bounds_are_absent() {
    assert_eq!(call(r#"{"cost":1e400,"tokens_in":5}"#).tokens_in, Some(5));
    assert_eq!(call(r#"{"cost":1e400}"#).cost, None);
    assert_eq!(call(r#"{"tokens_in":9223372036854775808}"#).tokens_in, None, "2^63");
    assert_eq!(call(r#"{"tokens_in":9007199254740992}"#).tokens_in, Some(1 << 53));
    assert_eq!(call(r#"{"tokens_in":1e3}"#).tokens_in, Some(1000));
    assert_eq!(call(r#"{"tokens_in":-0.0}"#).tokens_in, Some(0));
    let decoded = decode(r#","duration_ms":1e400"#);
    assert_eq!(decoded.receipt.errors[0].error, Error::InvalidField);
    assert_eq!(
        decode(r#","duration_ms":9223372036854775808"#).events[0].event.duration_ms,
        Some(9_223_372_036_854_775_808.0)
    );
}

#[test]
fn characters_that_no_text_can_hold_become_replacement_characters_everywhere() {
    let decoded = decode(r#","payload":{"kind":"x","summary":"a\ud800b"}"#);
    assert!(decoded.events[0].event.payload.as_ref().unwrap().get().contains("a\\ufffdb"));
    let Body::Custom { summary, .. } = &decoded.events[0].body else { panic!("custom") };
    assert_eq!(summary.as_deref(), Some("a\u{fffd}b"));
    assert_eq!(decode(r#","task_id":"\udc00""#).events[0].event.task_id.as_deref(), Some("\u{fffd}"));
    let whole = format!(
        r#"{{"envelope":{{"agent_id":"a\ud83d"}},"events":[{{"event_id":"1","timestamp":"{NOW}","event_type":"custom","task_id":"x@y"}}]}}"#
    );
    let body: Vec<u8> = whole.bytes().map(|byte| if byte == b'@' { 0xff } else { byte }).collect();
    let decoded = decode_batch(&body, NOW).unwrap();
    assert_eq!(&*decoded.envelope.agent_id, "a\u{fffd}");
    assert_eq!(decoded.events[0].event.task_id.as_deref(), Some("x\u{fffd}y"));
}

#[test]
fn nul_is_a_character_like_any_other() {
    let decoded = decode(r#","task_id":"a\u0000b","payload":{"kind":"x","summary":"\u0000"}"#);
    assert_eq!(decoded.events[0].event.task_id.as_deref(), Some("a\0b"));
}

#[test]
fn ten_thousand_levels_are_refused_not_followed() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    for members in [
        format!(r#","payload":{{"a":{deep}}}"#),
        format!(r#","payload":{objects}"#),
        format!(r#","severity":{deep}"#),
        format!(r#","unknown":{objects}"#),
        format!(r#","task_id":{deep}"#),
    ] {
        match decode_batch(with_event(&members).as_bytes(), NOW) {
            Ok(decoded) => assert_eq!(decoded.receipt.accepted + decoded.receipt.rejected, 1),
            Err(error) => assert!(!error.0.is_empty()),
        }
    }
    assert!(decode_batch(deep.as_bytes(), NOW).is_err());
}

#[test]
fn odd_keys_and_empty_texts_are_fine() {
    let decoded = decode(
        r#","":1,"\u0065vent_type":"custom","payload":{"":{"":""},"k\u0069nd":"llm_call","data":{"nam\u0065":"n"}}"#,
    );
    assert_eq!(decoded.receipt.rejected, 0, "{:?}", decoded.receipt.errors);
}

fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("1e400".to_owned()),
        Just("9223372036854775808".to_owned()),
        Just(r#""\ud800""#.to_owned()),
        Just(r#""\u0000""#.to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("JSON has no such number", |number| number.is_finite())
            .prop_map(|number| number.to_string()),
        ".{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        prop::sample::select(vec![
            "llm_call",
            "plan_step",
            "issue",
            "todo",
            "scheduled",
            "queue_snapshot",
            "plan_created",
            "started",
            "heartbeat_status"
        ])
        .prop_map(|word| format!("\"{word}\"")),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        let key = prop::sample::select(vec![
            "kind",
            "data",
            "summary",
            "cost",
            "tokens_in",
            "steps",
            "index",
            "items",
            "step_index",
            "action",
            "severity",
            "processing",
            "depth",
            "revision",
            "x",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((key, inner), 0..6).prop_map(|members| format!(
                "{{{}}}",
                members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect::<Vec<_>>().join(",")
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_event_is_accepted_or_refused(
        event_type in prop::sample::select(vec!["custom", "heartbeat", "task_failed", "action_failed", "agent_registered", "retry_started", "escalated"]),
        payload in any_json(), severity in any_json(), task_id in any_json(), duration in any_json(),
    ) {
        let body = format!(
            r#"{{"envelope":{{"agent_id":"a"}},"events":[{{"event_id":"e","timestamp":"{NOW}","event_type":"{event_type}","payload":{payload},"severity":{severity}}},{{"event_id":"f","timestamp":"{NOW}","event_type":"{event_type}","task_id":{task_id},"duration_ms":{duration}}}]}}"#
        );
        let decoded = decode_batch(body.as_bytes(), NOW).unwrap();
        prop_assert_eq!(decoded.receipt.accepted + decoded.receipt.rejected, 2);
        prop_assert_eq!(decoded.events.len(), decoded.receipt.accepted);
        for one in &decoded.events {
            // What is stored reads back as what was understood.
            prop_assert_eq!(format!("{:?}", one.event.body()), format!("{:?}", one.body));
        }
    }

    #[test]
    fn any_bytes_are_a_batch_or_not(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(decode_batch(&bytes, NOW).is_err());
    }

    #[test]
    fn any_cut_of_a_batch_is_refused(cut in 0_usize..150) {
        let whole = with_event(r#","payload":{"kind":"x","data":{"a":[1,2]}}"#);
        let cut = cut.min(whole.len() - 1);
        prop_assert!(decode_batch(&whole.as_bytes()[..cut], NOW).is_err());
    }
}
