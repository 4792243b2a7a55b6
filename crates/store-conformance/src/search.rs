//! Text search finds what is there: in any script, form and case.

use std::sync::Arc;

use hiveboard_store::{Batch, EventFilter, EventLog, EventPage, EventStore, Incoming, Position, query::SeqOrder};
use hiveboard_wire::{Mode, Scope, Timestamp, WorkspaceId, decode_batch};

use crate::{Engine, Options};

pub const SCOPE: Scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
const DAY: i64 = 86_400_000_000;

/// Appends events that say something, one a commit.
pub fn say(store: &impl EventStore, days_ago: i64, texts: &[&str]) {
    let at = Timestamp(Timestamp::now().0 - days_ago * DAY);
    for text in texts {
        let event = serde_json::json!({
            "event_id": uuid::Uuid::new_v4().to_string(), "timestamp": at.to_string(), "event_type": "custom",
            "payload": {"kind": "note", "summary": text, "data": {"text": text}},
        });
        let body = serde_json::json!({"envelope": {"agent_id": "a"}, "events": [event]}).to_string();
        let decoded = decode_batch(body.as_bytes(), at).expect("a batch");
        let events = decoded.events.into_iter();
        let events = events.map(|accepted| Incoming { event: accepted.event, body: accepted.body, call_cost: None });
        let envelope = Arc::clone(&decoded.envelope);
        let batch = Batch { scope: SCOPE, envelope, received_at: at, position: None, events: events.collect() };
        store.append(vec![batch]).unwrap();
    }
}

pub fn filler(store: &impl EventStore, days_ago: i64, count: usize) {
    let texts: Vec<String> = (0..count).map(|number| format!("filler number {number}")).collect();
    say(store, days_ago, &texts.iter().map(String::as_str).collect::<Vec<_>>());
}

/// `seq` of what is found, newest first.
pub fn find(store: &impl EventStore, text: &str) -> Vec<u64> {
    let filter = EventFilter { text: Some(text.to_owned()), ..EventFilter::default() };
    let page = |order| EventPage { order, limit: 1000 };
    let newest = store.events(SCOPE, &filter, page(SeqOrder::Newest { before: None })).unwrap();
    let mut oldest = store.events(SCOPE, &filter, page(SeqOrder::Oldest { after: Position::START })).unwrap();
    oldest.reverse();
    let seqs = |events: &[hiveboard_wire::StoredEvent]| events.iter().map(|event| event.seq).collect::<Vec<_>>();
    assert_eq!(seqs(&newest), seqs(&oldest));
    seqs(&newest)
}

pub fn a_text_is_found_in_any_script_form_and_case<E: Engine>() {
    let engine = E::new(Options { variant: Some(0), ..Options::default() });
    let store = engine.open();
    let said = [
        ("Order ord-4821 was refunded", &["ord-4821", "ORD-48", "4821", "refund", "r ord", "REFUNDED"][..]),
        ("OrderService.retry gave up", &["OrderService.retry", "service.ret", "orderservice"]),
        (
            "trace 3f2b8c1e-77aa-4d0b-9e55-0c1d2e3f4a5b",
            &["77aa-4d0b", "8c1e-77AA", "3f2b8c1e-77aa-4d0b-9e55-0c1d2e3f4a5b"],
        ),
        ("le cafe\u{301} de Zoé", &["café", "CAFE\u{301}", "zoé", "ZOE\u{301}"]),
        ("Hauptstraße 5, Ελλάς, ПРИВЕТ", &["HAUPTSTRASSE", "ελλάσ", "привет", "иве"]),
        ("发送请求失败，请稍后再试", &["请求", "失败", "求", "稍后再试"]),
        ("한국어 검색과 日本語の検索", &["한국어", "검색", "検索", "語"]),
        ("مرحبا بالعالم สวัสดี नमस्ते", &["بالعالم", "สวัส", "नमस्ते"]),
        ("status 🚀 \"quoted\\path\"\n100%", &["🚀", "\"quoted\\p", "100%", "\"\n1", "00%"]),
        ("under_score and 'single'", &["r_s", "'SINGLE'"]),
    ];
    for round in 0..3 {
        filler(&store, 0, 9);
        let first = store.head().seq() + 1;
        say(&store, 0, &said.map(|(text, _)| text));
        for indexed in [false, true] {
            if indexed {
                filler(&store, 0, 40);
                engine.maintain(&store);
            }
            for (place, (text, queries)) in said.iter().enumerate() {
                for query in *queries {
                    let found = find(&store, query);
                    assert_eq!(found.len(), round + 1, "{query:?} in {text:?}, indexed: {indexed}");
                    assert_eq!(found[0], first + place as u64, "{query:?} in {text:?}, indexed: {indexed}");
                }
            }
            for absent in ["ord-4822", "cafe", "summary", "请失", "zq", "OrderService.return", "r%s", "rxs"] {
                assert!(find(&store, absent).is_empty(), "{absent}");
            }
        }
    }
}

pub fn two_hundred_characters_are_found_whatever_their_bytes<E: Engine>() {
    let engine = E::new(Options { variant: Some(0), ..Options::default() });
    let store = engine.open();
    let long = "é字".repeat(100);
    say(&store, 0, &[&long]);
    filler(&store, 0, 80);
    engine.maintain(&store);
    assert_eq!(find(&store, &long), [1]);
    assert!(find(&store, &format!("{long}é")).is_empty());
}
