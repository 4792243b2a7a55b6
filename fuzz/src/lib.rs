//! What must hold for any bytes whatever, one function a parser. A fuzzer looks for bytes for which it doesn't (`make fuzz`); those that taught
//! something are kept in `corpus/`, and a test goes through them all.

use hiveboard_otlp::{
    Mapped, Mapper,
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
};
use hiveboard_wire::{Body, EventErrorCode, Mode, Scope, Timestamp, WorkspaceId, decode_batch, live::ClientFrame};
use prost::Message;
use serde::de::DeserializeOwned;

pub type Target = fn(&[u8]);

pub const TARGETS: &[(&str, Target)] = &[
    ("ingest", ingest),
    ("block", block),
    ("message", message),
    ("cursor", cursor),
    ("query", query),
    ("frame", frame),
    ("search", search),
    ("otlp", otlp),
];

const NOW: Timestamp = Timestamp(1_790_000_000_000_000);

/// A request body becomes events, each within its bounds, and what is stored of them reads back as it was.
pub fn ingest(data: &[u8]) {
    let Ok(decoded) = decode_batch(data, NOW) else { return };
    assert_eq!(decoded.receipt.accepted, decoded.events.len());
    for accepted in &decoded.events {
        let event = &accepted.event;
        assert_eq!(event.body(), accepted.body, "the same payload reads the same again");
        if let Body::LlmCall(call) = &accepted.body {
            assert!(call.cost.is_none_or(|cost| cost.0 >= 0));
        }
    }
    hiveboard_store::fuzzing::round_trip(decoded, NOW);
}

/// A block that is damaged reads as broken, and never further than it goes.
pub fn block(data: &[u8]) {
    hiveboard_store::fuzzing::open_block(data);
}

/// A message of a cluster's log is a batch, which says the same when written again, or an error.
pub fn message(data: &[u8]) {
    use hiveboard_log_nats::message::{decode, encode};
    let Ok(batch) = decode(data, None) else { return };
    let again = decode(&encode(&batch, &batch.events), None).expect("what was written is read");
    assert_eq!(format!("{batch:?}"), format!("{again:?}"));
}

/// A cursor is one that a list gave, or refused.
pub fn cursor(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        hiveboard::fuzzing::cursor(text);
    }
}

/// A query string is read or refused by name.
pub fn query(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        hiveboard::fuzzing::query(text);
    }
}

/// What a reader of the stream says is understood, or not; what was understood says the same when written again.
pub fn frame(data: &[u8]) {
    let Ok(frame) = serde_json::from_slice::<ClientFrame>(data) else { return };
    let written = serde_json::to_string(&frame).expect("frames are plain data");
    assert_eq!(serde_json::from_str::<ClientFrame>(&written).ok(), Some(frame));
}

/// Text before the first line break is found in the JSON behind it exactly when a folded value holds it, and then the index knows it.
pub fn search(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((needle, payload)) = text.split_once('\n') else { return };
    if serde_json::from_str::<serde_json::Value>(payload).is_err() {
        return;
    }
    let folded = hiveboard_text::fold(needle);
    let mut holds = false;
    hiveboard_text::for_each_folded_value(payload.as_bytes(), |value| holds |= value.contains(&folded));
    let found = hiveboard_text::Needle::new(needle).is_in_payload(payload.as_bytes());
    assert_eq!(found, holds, "{needle:?} in {payload}");
    assert!(!found || hiveboard_store::fuzzing::index_may_hold(payload.as_bytes(), &folded), "{needle:?} in {payload}");
}

/// An export request, in either encoding, becomes batches that are taken as they are; only a time may be out of bounds.
pub fn otlp(data: &[u8]) {
    fn either<M: Message + Default + DeserializeOwned>(data: &[u8]) -> Option<M> {
        M::decode(data).ok().or_else(|| serde_json::from_slice(data).ok())
    }
    const SCOPE: Scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
    let mapper = Mapper::default();
    let taken = |mapped: Mapped| {
        for batch in &mapped.batches {
            let decoded = decode_batch(&batch.body, NOW).expect("what was mapped is a batch");
            assert_eq!(decoded.events.len() + decoded.receipt.errors.len(), batch.events);
            for problem in &decoded.receipt.errors {
                assert_eq!(problem.error, EventErrorCode::InvalidTimestamp, "{}", problem.message);
            }
        }
    };
    if let Some(request) = either::<ExportTraceServiceRequest>(data) {
        // Sent again as well: what waited is said at most once more.
        taken(mapper.spans(SCOPE, &request));
        taken(mapper.spans(SCOPE, &request));
    }
    if let Some(request) = either::<ExportLogsServiceRequest>(data) {
        taken(mapper.logs(SCOPE, &request));
    }
    if let Some(request) = either::<ExportMetricsServiceRequest>(data) {
        taken(mapper.metrics(SCOPE, &request));
    }
}
