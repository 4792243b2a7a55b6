//! From a request body to accepted and rejected events.
//!
//! The whole body is first read as what it should be. Only where that fails are its events looked at one by one, so that
//! one bad event costs itself alone and the usual batch is scanned once.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    batch::{Envelope, EventProblem, EventWarning, Receipt, Source},
    body::Body,
    codes::{EventErrorCode, EventWarningCode},
    event::Event,
    fields::Fields,
    id::EventId,
    kind::{EventType, Kind, Severity, limits},
    money::NanoDollars,
    payload::{self, PayloadProblem},
    quoted::Quoted,
    text::Text,
    time::Timestamp,
    walk::Walked,
};

/// The body is not a batch at all: nothing of it is stored (400 `invalid_batch`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidBatch(pub String);

/// An accepted event with its place in the batch and its typed payload.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub index: usize,
    pub event: Event,
    pub body: Body,
}

/// What a batch came to: accepted events in order, and the receipt so far (its `accepted` is filled).
#[derive(Debug, Clone)]
pub struct Decoded {
    pub envelope: Arc<Envelope>,
    pub events: Vec<Accepted>,
    pub receipt: Receipt,
    /// Of events that are read back from an export: what calls cost that no agent reported a cost of, by the ids of their events.
    pub estimated_costs: HashMap<EventId, NanoDollars>,
}

impl Decoded {
    /// Notes by which way it came in, where that is not `POST /v1/ingest`.
    #[must_use]
    pub fn came_by(mut self, source: Source) -> Self {
        Arc::make_mut(&mut self.envelope).source = source;
        self
    }
}

#[derive(Deserialize)]
struct BatchIn<'a> {
    #[serde(borrow)]
    envelope: Option<&'a RawValue>,
    #[serde(borrow)]
    exported: Option<&'a RawValue>,
    #[serde(borrow)]
    events: Option<Vec<EventIn<'a>>>,
}

#[derive(Deserialize)]
struct LooseBatchIn<'a> {
    #[serde(borrow)]
    envelope: Option<&'a RawValue>,
    #[serde(borrow)]
    exported: Option<&'a RawValue>,
    #[serde(borrow)]
    events: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct EnvelopeIn {
    agent_id: Option<Box<str>>,
    agent_type: Option<Box<str>>,
    agent_version: Option<Box<str>>,
    framework: Option<Box<str>>,
    runtime: Option<Box<str>>,
    sdk_version: Option<Box<str>>,
    instance_id: Option<Box<str>>,
    environment: Option<Box<str>>,
    group: Option<Box<str>>,
}

/// What a board said of events that were exported from it: `hiveboard import` sends it along, so that they mean the same as before.
#[derive(Deserialize, Default)]
struct ExportedIn {
    /// By which way they once came in.
    source: Option<Source>,
    /// US dollars by event id.
    estimated_costs: Option<HashMap<Box<str>, f64>>,
}

/// An event as it should be typed. What is missing is told apart from what is wrong later on.
#[derive(Deserialize)]
struct EventIn<'a> {
    #[serde(borrow)]
    event_id: Option<Text<'a>>,
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    event_type: Option<Text<'a>>,
    #[serde(borrow)]
    project_id: Option<Text<'a>>,
    #[serde(borrow)]
    task_id: Option<Text<'a>>,
    #[serde(borrow)]
    task_type: Option<Text<'a>>,
    #[serde(borrow)]
    task_run_id: Option<Text<'a>>,
    #[serde(borrow)]
    correlation_id: Option<Text<'a>>,
    #[serde(borrow)]
    action_id: Option<Text<'a>>,
    #[serde(borrow)]
    parent_action_id: Option<Text<'a>>,
    #[serde(borrow)]
    parent_event_id: Option<Text<'a>>,
    #[serde(default)]
    severity: Loose<'a>,
    #[serde(borrow)]
    status: Option<Text<'a>>,
    duration_ms: Option<f64>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

/// A field whose wrong type is a warning, not an error.
#[derive(Deserialize, Default)]
struct Loose<'a>(#[serde(borrow)] Option<&'a RawValue>);

/// Reads and validates one ingest body.
///
/// `now` is the server's clock, for timestamps too far in the future.
///
/// # Errors
/// [`InvalidBatch`] when it is not UTF-8 JSON of the batch's shape, has no envelope or `agent_id`, or has over 500 events.
pub fn decode_batch(body: &[u8], now: Timestamp) -> Result<Decoded, InvalidBatch> {
    // Told apart first: mending goes through the text a character at a time.
    let text = std::str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed);
    let read = decode_strictly(&text, now);
    if let Ok(Some(decoded)) = read {
        return Ok(decoded);
    }
    // One bad character costs neither the batch nor its event.
    if let Cow::Owned(mended) = payload::mend(&text) {
        return match decode_strictly(&mended, now)? {
            Some(decoded) => Ok(decoded),
            None => decode_loosely(&mended, now),
        };
    }
    read?;
    decode_loosely(&text, now)
}

/// `None` where an event is not typed as it should be.
fn decode_strictly(text: &str, now: Timestamp) -> Result<Option<Decoded>, InvalidBatch> {
    let Ok(batch) = serde_json::from_str::<BatchIn<'_>>(text) else { return Ok(None) };
    let envelope = read_envelope(batch.envelope)?;
    let events = batch.events.ok_or_else(no_events)?;
    check_count(events.len())?;
    let mut out = Building::new(envelope, events.len());
    out.exported(batch.exported)?;
    let mut walked = Walked::default();
    for (index, event) in events.into_iter().enumerate() {
        out.add(index, event, &mut walked, now);
    }
    Ok(Some(out.finish()))
}

fn decode_loosely(text: &str, now: Timestamp) -> Result<Decoded, InvalidBatch> {
    let value: LooseBatchIn<'_> = serde_json::from_str(text).map_err(|error| not_a_batch(text, &error))?;
    let envelope = read_envelope(value.envelope)?;
    let events = value.events.ok_or_else(no_events)?;
    check_count(events.len())?;
    let mut out = Building::new(envelope, events.len());
    out.exported(value.exported)?;
    for (index, raw) in events.into_iter().enumerate() {
        match serde_json::from_str::<EventIn<'_>>(raw.get()) {
            Ok(event) => out.add(index, event, &mut Walked::default(), now),
            Err(_) => out.add_by_field(index, raw, now),
        }
    }
    Ok(out.finish())
}

fn not_a_batch(text: &str, error: &serde_json::Error) -> InvalidBatch {
    if error.is_data() && !text.trim_start().starts_with('{') {
        InvalidBatch(
            "The body must be an object, {\"envelope\": {…}, \"events\": […]}, and is another JSON value.".to_owned(),
        )
    } else if error.is_data() {
        InvalidBatch(format!(
            "The body must be {{\"envelope\": {{…}}, \"events\": […]}}: {error}. See the wire format in the documentation."
        ))
    } else if text.trim().is_empty() {
        InvalidBatch("The body is empty; send {\"envelope\": {…}, \"events\": […]} as JSON.".to_owned())
    } else {
        InvalidBatch(format!("The body is not valid JSON: {error}."))
    }
}

fn no_events() -> InvalidBatch {
    InvalidBatch("`events` is missing; send a list, which may be empty.".to_owned())
}

fn check_count(count: usize) -> Result<(), InvalidBatch> {
    if count > limits::BATCH_EVENTS {
        return Err(InvalidBatch(format!(
            "The batch has {count} events; at most {} are taken at once. Send it in parts.",
            limits::BATCH_EVENTS
        )));
    }
    Ok(())
}

fn read_envelope(raw: Option<&RawValue>) -> Result<Envelope, InvalidBatch> {
    let raw =
        raw.ok_or_else(|| InvalidBatch("`envelope` is missing; it names the agent that sends the batch.".to_owned()))?;
    let given: EnvelopeIn = serde_json::from_str(raw.get())
        .map_err(|error| InvalidBatch(format!("`envelope` is malformed: {error}. Its fields are strings.")))?;
    let limited = |name: &str, value: Option<Box<str>>, most: usize| match value {
        Some(text) if too_long(&text, most) => {
            Err(InvalidBatch(format!("`envelope.{name}` has more than {most} characters.")))
        }
        Some(text) if text.is_empty() => Ok(None),
        other => Ok(other),
    };
    let agent_id = limited("agent_id", given.agent_id, limits::AGENT_ID_CHARS)?
        .ok_or_else(|| InvalidBatch("`envelope.agent_id` is missing or empty; it names the agent.".to_owned()))?;
    let label = |name, value| limited(name, value, limits::LABEL_CHARS);
    Ok(Envelope {
        agent_id,
        agent_type: label("agent_type", given.agent_type)?.unwrap_or_else(|| "general".into()),
        agent_version: label("agent_version", given.agent_version)?,
        framework: label("framework", given.framework)?.unwrap_or_else(|| "custom".into()),
        runtime: label("runtime", given.runtime)?,
        sdk_version: label("sdk_version", given.sdk_version)?,
        instance_id: label("instance_id", given.instance_id)?,
        environment: limited("environment", given.environment, limits::ENVIRONMENT_CHARS)?
            .unwrap_or_else(|| "production".into()),
        group: limited("group", given.group, limits::GROUP_CHARS)?.unwrap_or_else(|| "default".into()),
        source: Source::Ingest,
    })
}

fn too_long(text: &str, most_chars: usize) -> bool {
    text.len() > most_chars && text.chars().count() > most_chars
}

/// Why an event is refused: code and what to say.
struct Refusal(EventErrorCode, String);

struct Building {
    envelope: Arc<Envelope>,
    events: Vec<Accepted>,
    receipt: Receipt,
    estimated_costs: HashMap<EventId, NanoDollars>,
}

impl Building {
    fn new(envelope: Envelope, count: usize) -> Self {
        Self {
            envelope: Arc::new(envelope),
            events: Vec::with_capacity(count),
            receipt: Receipt::default(),
            estimated_costs: HashMap::new(),
        }
    }

    fn exported(&mut self, raw: Option<&RawValue>) -> Result<(), InvalidBatch> {
        let Some(raw) = raw else { return Ok(()) };
        let given: ExportedIn = serde_json::from_str(raw.get()).map_err(|error| {
            InvalidBatch(format!(
                "`exported` is malformed: {error}. It goes with events that are read back from an export, and says their `source` and `estimated_costs`."
            ))
        })?;
        if let Some(source) = given.source {
            Arc::make_mut(&mut self.envelope).source = source;
        }
        let costs = given.estimated_costs.unwrap_or_default();
        self.estimated_costs = costs
            .into_iter()
            .filter_map(|(id, dollars)| Some((EventId::new(&id), NanoDollars::from_dollars(dollars)?)))
            .collect();
        Ok(())
    }

    fn finish(mut self) -> Decoded {
        self.receipt.accepted = self.events.len();
        self.receipt.rejected = self.receipt.errors.len();
        Decoded {
            envelope: self.envelope,
            events: self.events,
            receipt: self.receipt,
            estimated_costs: self.estimated_costs,
        }
    }

    fn refuse(&mut self, index: usize, event_id: Option<String>, Refusal(error, message): Refusal) {
        self.receipt.errors.push(EventProblem { index, event_id, error, message });
    }

    fn add<'a>(&mut self, index: usize, mut given: EventIn<'a>, walked: &mut Walked<'a>, now: Timestamp) {
        let event_id = given.event_id.take();
        match check(event_id.as_ref().map(Text::as_str), given, walked, now) {
            Ok(checked) => {
                for (warning, message) in checked.warnings {
                    let event_id = Some(checked.event.event_id.to_string());
                    self.receipt.warnings.push(EventWarning { index, event_id, warning, message });
                }
                self.events.push(Accepted { index, event: checked.event, body: checked.body });
            }
            Err(refusal) => self.refuse(index, event_id.map(|id| id.as_str().to_owned()), refusal),
        }
    }

    /// The event does not have the types it should: finds out which field is to blame.
    fn add_by_field(&mut self, index: usize, raw: &RawValue, now: Timestamp) {
        let members: serde_json::Map<String, serde_json::Value> = match serde_json::from_str(raw.get()) {
            Ok(members) => members,
            Err(error) if error.is_data() => {
                return self.refuse(
                    index,
                    None,
                    Refusal(EventErrorCode::InvalidField, "The event is not a JSON object.".to_owned()),
                );
            }
            // Valid as JSON text, but with a number or an escape that has no value.
            Err(error) => {
                let message = format!("The event holds a value that cannot be represented: {error}.");
                return self.refuse(index, None, Refusal(EventErrorCode::InvalidField, message));
            }
        };
        let event_id = members.get("event_id").and_then(|id| id.as_str()).map(str::to_owned);
        let wrong = members.iter().find_map(|(name, value)| {
            let wanted = match name.as_str() {
                "duration_ms" => (!value.is_number() && !value.is_null()).then_some("a number of milliseconds"),
                "event_id" | "timestamp" | "event_type" | "project_id" | "task_id" | "task_type" | "task_run_id"
                | "correlation_id" | "action_id" | "parent_action_id" | "parent_event_id" | "status" => {
                    (!value.is_string() && !value.is_null()).then_some("a string")
                }
                _ => None,
            };
            wanted.map(|wanted| format!("`{name}` must be {wanted}."))
        });
        if let Some(message) = wrong {
            return self.refuse(index, event_id, Refusal(EventErrorCode::InvalidField, message));
        }
        // All types are right, so it was a repeated key: the last one counts.
        let folded = serde_json::to_string(&members).expect("a parsed object serialises");
        match serde_json::from_str::<EventIn<'_>>(&folded) {
            Ok(event) => self.add(index, event, &mut Walked::default(), now),
            Err(error) => {
                let message = format!("The event is malformed: {error}.");
                self.refuse(index, event_id, Refusal(EventErrorCode::InvalidField, message));
            }
        }
    }
}

/// The text, unless it is empty.
fn filled<'t>(text: Option<&'t Text<'_>>) -> Option<&'t str> {
    text.map(Text::as_str).filter(|text| !text.is_empty())
}

struct Checked {
    event: Event,
    body: Body,
    warnings: Vec<(EventWarningCode, String)>,
}

fn check<'a>(
    event_id: Option<&str>,
    given: EventIn<'a>,
    walked: &mut Walked<'a>,
    now: Timestamp,
) -> Result<Checked, Refusal> {
    let missing = |name: &str| Refusal(EventErrorCode::MissingRequiredField, format!("`{name}` is missing."));
    let event_id = event_id.filter(|id| !id.is_empty()).ok_or_else(|| missing("event_id"))?;
    if too_long(event_id, limits::EVENT_ID_CHARS) {
        let message = format!("`event_id` has more than {} characters.", limits::EVENT_ID_CHARS);
        return Err(Refusal(EventErrorCode::FieldSizeExceeded, message));
    }
    let timestamp = check_timestamp(filled(given.timestamp.as_ref()).ok_or_else(|| missing("timestamp"))?, now)?;
    let type_name = filled(given.event_type.as_ref()).ok_or_else(|| missing("event_type"))?;
    let event_type = EventType::parse(type_name).ok_or_else(|| {
        let known = EventType::ALL.iter().map(|known| known.as_str()).collect::<Vec<_>>().join(", ");
        let shown: String = type_name.chars().take(80).collect();
        Refusal(
            EventErrorCode::InvalidEventType,
            format!("`event_type` is {}; known types are {known}.", Quoted(&shown)),
        )
    })?;
    let duration_ms = given.duration_ms.filter(|duration| duration.is_finite());
    if duration_ms.is_some_and(|duration| duration < 0.0) {
        return Err(Refusal(EventErrorCode::InvalidField, "`duration_ms` must not be negative.".to_owned()));
    }

    let mut warnings = Vec::new();
    let given_payload = given.payload.filter(|raw| raw.get() != "null");
    let mended = match given_payload {
        None => None,
        Some(raw) => payload::check(raw.get(), walked).map_err(unfit)?,
    };
    let (kind, (body, odd)) = match (&mended, given_payload) {
        // Its members are slices of what was sent, so it is walked again; hardly anybody sends such texts.
        (Some(mended), _) => {
            let mut walked = Walked::default();
            walked.walk(mended.get());
            understand(event_type, &walked)
        }
        (None, Some(_)) => understand(event_type, walked),
        (None, None) => understand(event_type, &Walked::default()),
    };
    let payload = mended.or_else(|| given_payload.map(ToOwned::to_owned));
    if !odd.is_empty() {
        let what = kind.map_or(event_type.as_str(), Kind::as_str);
        let message = format!(
            "The payload was stored as sent, but these fields do not follow the convention of {what} and count as absent: {}.",
            odd.join(", ")
        );
        warnings.push((EventWarningCode::PayloadConvention, message));
    }
    let severity = match given.severity.0 {
        None => body.default_severity(),
        Some(raw) => {
            serde_json::from_str::<Box<str>>(raw.get()).ok().as_deref().and_then(Severity::parse).unwrap_or_else(|| {
                let severity = body.default_severity();
                let message = format!("`severity` must be one of debug, info, warn, error; {severity} was used.");
                warnings.push((EventWarningCode::InvalidSeverity, message));
                severity
            })
        }
    };
    let label = |name: &str, value: Option<Text<'_>>| match value {
        Some(text) if too_long(text.as_str(), limits::LABEL_CHARS) => Err(Refusal(
            EventErrorCode::FieldSizeExceeded,
            format!("`{name}` has more than {} characters.", limits::LABEL_CHARS),
        )),
        Some(text) if text.as_str().is_empty() => Ok(None),
        other => Ok(other.map(Text::into_boxed)),
    };
    let event = Event {
        event_id: EventId::new(event_id),
        timestamp,
        event_type,
        severity,
        project_id: label("project_id", given.project_id)?,
        task_id: label("task_id", given.task_id)?,
        task_type: label("task_type", given.task_type)?,
        task_run_id: label("task_run_id", given.task_run_id)?,
        correlation_id: label("correlation_id", given.correlation_id)?,
        action_id: label("action_id", given.action_id)?,
        parent_action_id: label("parent_action_id", given.parent_action_id)?,
        parent_event_id: label("parent_event_id", given.parent_event_id)?,
        status: label("status", given.status)?,
        duration_ms,
        payload,
        kind,
    };
    Ok(Checked { event, body, warnings })
}

fn unfit(problem: PayloadProblem) -> Refusal {
    match problem {
        PayloadProblem::NotAnObject => {
            Refusal(EventErrorCode::InvalidField, "`payload` must be a JSON object.".to_owned())
        }
        PayloadProblem::TooDeep => Refusal(
            EventErrorCode::InvalidField,
            format!("`payload` nests deeper than {} levels.", limits::PAYLOAD_DEPTH),
        ),
        PayloadProblem::TooLarge(bytes) => Refusal(
            EventErrorCode::PayloadTooLarge,
            format!("`payload` has {bytes} bytes; at most {} are taken. Shorten previews.", limits::PAYLOAD_BYTES),
        ),
    }
}

/// The well-known kind of a payload, its typed form, and the names of what was malformed in it.
fn understand(event_type: EventType, walked: &Walked<'_>) -> (Option<Kind>, (Body, Vec<String>)) {
    let kind = payload::kind_of(event_type, Fields(&walked.top));
    (kind, Body::of(event_type, kind, walked))
}

fn check_timestamp(text: &str, now: Timestamp) -> Result<Timestamp, Refusal> {
    let timestamp = Timestamp::parse(text)
        .map_err(|error| Refusal(EventErrorCode::InvalidTimestamp, format!("`timestamp` is {error}.")))?;
    if timestamp > now.plus_seconds(limits::FUTURE_SECONDS) {
        let message =
            "`timestamp` lies more than 24 hours in the future; check the clock of the agent's machine.".to_owned();
        return Err(Refusal(EventErrorCode::InvalidTimestamp, message));
    }
    Ok(timestamp)
}
