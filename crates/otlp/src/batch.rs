//! What comes out: batches as a client would send them.

use hiveboard_wire::kind::limits::{AGENT_ID_CHARS, ENVIRONMENT_CHARS, GROUP_CHARS, LABEL_CHARS, PAYLOAD_BYTES};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    draft::Draft,
    fields::Fields,
    memory::{Key, Waiting},
    preview,
};

/// Who sent the events; the envelope of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Identity {
    pub(crate) agent_id: String,
    pub(crate) agent_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agent_version: Option<String>,
    pub(crate) framework: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) runtime: Option<String>,
    pub(crate) sdk_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instance_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
}

impl Identity {
    /// Cuts what is longer than a label may be.
    pub(crate) fn bounded(mut self) -> Self {
        let cut = |text: &mut String, most: usize| {
            if let Some((end, _)) = text.char_indices().nth(most) {
                text.truncate(end);
            }
        };
        cut(&mut self.agent_id, AGENT_ID_CHARS);
        cut(&mut self.agent_type, LABEL_CHARS);
        cut(&mut self.framework, LABEL_CHARS);
        for label in [&mut self.agent_version, &mut self.runtime, &mut self.instance_id].into_iter().flatten() {
            cut(label, LABEL_CHARS);
        }
        self.environment.iter_mut().for_each(|text| cut(text, ENVIRONMENT_CHARS));
        self.group.iter_mut().for_each(|text| cut(text, GROUP_CHARS));
        self
    }
}

/// Events of one agent, as the body of `POST /v1/ingest`: at most 500, and within a mebibyte.
#[derive(Debug, Clone)]
pub struct AgentBatch {
    pub agent_id: String,
    pub body: Vec<u8>,
    pub events: usize,
}

/// What an export request came to.
#[derive(Debug, Clone, Default)]
pub struct Mapped {
    pub batches: Vec<AgentBatch>,
    /// Spans, records or points that cannot be read.
    pub rejected: usize,
    /// Why the first of them was rejected.
    pub reason: Option<String>,
    /// What waited for its place in earlier requests and is said with this one.
    pub(crate) settled: Vec<(Key, Waiting)>,
}

impl Mapped {
    pub(crate) fn reject(&mut self, why: &str) {
        self.rejected += 1;
        self.reason.get_or_insert_with(|| why.to_owned());
    }

    pub(crate) fn add(&mut self, identity: &Identity, drafts: &[Draft]) {
        /// Well below what a batch may have.
        const MOST_EVENTS: usize = 400;
        const MOST_BYTES: usize = 900_000;
        let envelope = serde_json::to_vec(identity).expect("texts serialise");
        let mut body: Vec<u8> = Vec::new();
        let mut events = 0;
        let mut finish = |body: &mut Vec<u8>, events: &mut usize| {
            if *events > 0 {
                body.extend_from_slice(b"]}");
                let batch =
                    AgentBatch { agent_id: identity.agent_id.clone(), body: std::mem::take(body), events: *events };
                self.batches.push(batch);
                *events = 0;
            }
        };
        for draft in drafts {
            if events >= MOST_EVENTS || body.len() >= MOST_BYTES {
                finish(&mut body, &mut events);
            }
            if events == 0 {
                /// What an event has beside its payload, in most cases.
                const BESIDE_PAYLOAD: usize = 320;
                let bytes: usize = drafts.iter().map(|draft| draft.payload.len() + BESIDE_PAYLOAD).sum();
                body.reserve(envelope.len() + bytes.min(MOST_BYTES + PAYLOAD_BYTES));
                body.extend_from_slice(b"{\"envelope\":");
                body.extend_from_slice(&envelope);
                body.extend_from_slice(b",\"events\":[");
            } else {
                body.push(b',');
            }
            write(&mut body, draft);
            events += 1;
        }
        finish(&mut body, &mut events);
    }
}

/// Writes an event, within what a payload may have. Texts are bounded already; only what must be escaped letter by letter makes them longer.
fn write(body: &mut Vec<u8>, draft: &Draft) {
    let start = body.len();
    draft.write(&draft.payload, body);
    for most_chars in [500, 100, 20] {
        if body.len() - start <= PAYLOAD_BYTES {
            return;
        }
        body.truncate(start);
        let mut whole = Vec::new();
        draft.payload.write(&mut whole);
        let whole: Map<String, Value> = serde_json::from_slice(&whole).expect("it was written here");
        let mut payload = Fields::default();
        for (name, value) in &whole {
            payload.put(name, shortened(value, most_chars));
        }
        draft.write(&payload, body);
    }
}

fn shortened(value: &Value, most_chars: usize) -> Value {
    match value {
        Value::String(text) => preview::cut(text, most_chars).into(),
        Value::Array(list) => list.iter().map(|one| shortened(one, most_chars)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(name, one)| (preview::cut(name, most_chars).into_owned(), shortened(one, most_chars)))
            .collect(),
        plain => plain.clone(),
    }
}
