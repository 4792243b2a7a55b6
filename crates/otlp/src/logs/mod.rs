//! Log records: the coding agents tell of their work by them, each in its own words; of others only failures are kept.

mod claude_code;
mod codex;
mod gemini;

use std::collections::{BTreeMap, HashMap};

use hiveboard_wire::{EventType, Scope, Severity, Timestamp};
use opentelemetry_proto::tonic::{collector::logs::v1::ExportLogsServiceRequest, logs::v1::LogRecord};

use crate::{
    Mapped, agent,
    attributes::{Attributes, as_text, hex},
    draft::{Draft, failed, label, note},
    memory::Memory,
    preview,
    spans::time,
};

/// Which task a conversation is at, by when its prompts came.
#[derive(Debug, Default)]
pub(crate) struct Conversations {
    prompts: HashMap<(Scope, Box<str>), BTreeMap<Timestamp, Box<str>>>,
}

/// Conversations whose prompts are kept; when there are more, all are forgotten.
const MOST_CONVERSATIONS: usize = 10_000;
/// Prompts kept of one.
const MOST_PROMPTS: usize = 200;

impl Conversations {
    fn prompted(&mut self, scope: Scope, conversation: &str, at: Timestamp, task: &str) {
        let key = (scope, conversation.into());
        if self.prompts.len() >= MOST_CONVERSATIONS && !self.prompts.contains_key(&key) {
            self.prompts.clear();
        }
        let prompts = self.prompts.entry(key).or_default();
        prompts.insert(at, task.into());
        if prompts.len() > MOST_PROMPTS {
            prompts.pop_first();
        }
    }

    /// The task of the last prompt at that time; the conversation itself where none is known.
    fn task_at(&self, scope: Scope, conversation: &str, at: Timestamp) -> Box<str> {
        self.prompts
            .get(&(scope, conversation.into()))
            .and_then(|prompts| prompts.range(..=at).next_back())
            .map_or_else(|| conversation.into(), |(_, task)| task.clone())
    }
}

/// A record with what all of them share read out.
pub(crate) struct Record<'a> {
    pub(crate) attributes: Attributes<'a>,
    /// Of the attribute `event.name`, else of the field.
    pub(crate) name: &'a str,
    pub(crate) at: Timestamp,
    /// Hex, where the record is of a trace.
    pub(crate) trace: Option<String>,
    sent: &'a LogRecord,
    place: usize,
}

impl<'a> Record<'a> {
    fn read(record: &'a LogRecord, place: usize) -> Option<Self> {
        let attributes = Attributes::of(&record.attributes);
        let stamped = || Timestamp::parse(attributes.text("event.timestamp")?).ok();
        let at = time(record.time_unix_nano).or_else(stamped).or_else(|| time(record.observed_time_unix_nano))?;
        let trace = (record.trace_id.len() == 16 && record.trace_id.iter().any(|byte| *byte != 0))
            .then(|| hex(&record.trace_id));
        let name = attributes.text("event.name").unwrap_or(&record.event_name);
        Some(Self { attributes, name, at, trace, sent: record, place })
    }

    /// An id that is the same when the record is sent again.
    pub(crate) fn id(&self, session: &str, what: &str) -> String {
        let sequence = self.attributes.count("event.sequence").map_or_else(String::new, |number| format!(":{number}"));
        format!("otlp:{session}:{}{sequence}:{}:{what}", self.at.micros(), self.name)
    }

    fn draft(&self, session: &str, what: &str, event_type: EventType, task: &str) -> Draft {
        Draft::new(self.id(session, what), event_type, self.at).of_task(task).correlated(Some(session))
    }

    /// Milliseconds, as a number or a text.
    pub(crate) fn duration_ms(&self) -> Option<f64> {
        self.attributes.number("duration_ms").filter(|duration| *duration >= 0.0)
    }

    fn started_at(&self) -> Timestamp {
        self.at.plus_micros(-((self.duration_ms().unwrap_or(0.0) * 1_000.0) as i64))
    }

    /// A text that was not blacked out by its sender.
    fn open_text(&self, name: &str) -> Option<String> {
        self.attributes
            .text(name)
            .filter(|text| !matches!(*text, "<REDACTED>" | "[REDACTED]" | "REDACTED"))
            .map(|text| preview::preview(text).into_owned())
    }
}

impl Memory {
    /// Maps the log records of a request. `scope`: whose they are.
    pub fn logs(&self, scope: Scope, request: &ExportLogsServiceRequest) -> Mapped {
        let mut mapped = Mapped::default();
        for resource in &request.resource_logs {
            let attributes = Attributes::of(resource.resource.as_ref().map_or(&[], |one| &one.attributes));
            let scopes = resource.scope_logs.iter().filter_map(|one| Some(one.scope.as_ref()?.name.as_str()));
            let identity = agent::identity(attributes, scopes);
            let mut records = Vec::new();
            for record in resource.scope_logs.iter().flat_map(|group| &group.log_records) {
                match Record::read(record, records.len()) {
                    Some(record) => records.push(record),
                    None => mapped.reject("a log record must have a time"),
                }
            }
            records.sort_by_key(|record| (record.at, record.place));
            let mut conversations = self.conversations.lock();
            let mut drafts = Vec::new();
            for record in &records {
                codex::note_prompt(&mut conversations, scope, record);
                gemini::note_prompt(&mut conversations, scope, record);
            }
            for record in &records {
                if record.name.starts_with("codex.") {
                    codex::say(&conversations, scope, record, &mut drafts);
                } else if let Some(name) = gemini::own_name(record.name) {
                    gemini::say(&conversations, scope, record, name, &mut drafts);
                } else if is_claude_code(record) {
                    claude_code::say(record, &mut drafts);
                } else {
                    say_other(record, &identity.agent_id, &mut drafts);
                }
            }
            drop(conversations);
            let project = attributes.text("hiveboard.project_id");
            for draft in &mut drafts {
                draft.project_id = project.map(|project| label(project).into());
            }
            mapped.add(&identity, &drafts);
        }
        mapped
    }
}

fn is_claude_code(record: &Record<'_>) -> bool {
    let body = record.sent.body.as_ref().and_then(|body| body.value.as_ref());
    body.is_some_and(|body| as_text(body).starts_with("claude_code."))
}

/// Of records in nobody's own words, failures within a trace are kept; what repeats a span's usage is not.
fn say_other(record: &Record<'_>, agent: &str, drafts: &mut Vec<Draft>) {
    /// `SEVERITY_NUMBER_ERROR`.
    const ERROR: i32 = 17;
    let Some(trace) = &record.trace else { return };
    if record.sent.severity_number < ERROR {
        return;
    }
    let words = record.sent.body.as_ref().and_then(|body| body.value.as_ref()).map(as_text);
    let words = words.filter(|words| !words.is_empty()).unwrap_or_else(|| record.name.to_owned());
    let data = preview::others(record.attributes).and("severity", Some(record.sent.severity_text.clone()));
    drafts.push(
        note(record.id(agent, "log"), record.at, "log", preview::cut(&words, 500), data)
            .severe(Severity::Error)
            .of_task(trace),
    );
}

/// The start of a task by a prompt.
fn prompted(record: &Record<'_>, session: &str, task: &str) -> Draft {
    let prompt = record.open_text("prompt");
    let summary =
        prompt.as_deref().map_or_else(|| "a prompt".to_owned(), |prompt| preview::cut(prompt, 120).into_owned());
    goes_on(record, session, task, "start")
        .with("summary", summary)
        .with_some("input", prompt)
        .with("attributes", preview::others(record.attributes))
}

/// Something by which a task that seemed to be at its end goes on.
fn goes_on(record: &Record<'_>, session: &str, task: &str, what: &str) -> Draft {
    Draft { task_type: Some("prompt".to_owned()), ..record.draft(session, what, EventType::TaskStarted, task) }
}

/// A tool that was used, as it is told once it is done.
struct UsedTool<'a> {
    /// Ids of its events begin so.
    event: String,
    id: &'a str,
    name: &'a str,
    /// Type and message, where it failed.
    failure: Option<(String, String)>,
    arguments: Option<String>,
    result: Option<String>,
}

impl UsedTool<'_> {
    fn say(self, record: &Record<'_>, session: &str, task: &str, drafts: &mut Vec<Draft>) {
        let on_this = |draft: Draft| {
            draft.of_task(task).correlated(Some(session)).action(self.id, None).with("action_name", self.name)
        };
        let start = format!("{}:start", self.event);
        drafts.push(on_this(Draft::new(start, EventType::ActionStarted, record.started_at())));
        let end = format!("{}:end", self.event);
        let end = match self.failure {
            Some((kind, message)) => {
                failed(Draft::new(end, EventType::ActionFailed, record.at), &kind, &preview::preview(&message))
            }
            None => Draft::new(end, EventType::ActionCompleted, record.at),
        };
        drafts.push(
            on_this(end)
                .lasted(record.duration_ms())
                .with_some("args", self.arguments)
                .with_some("result", self.result)
                .with("attributes", preview::others(record.attributes)),
        );
    }
}

/// A person did not let a tool be used.
fn refusal() -> (String, String) {
    ("Refused".to_owned(), "the use of the tool was refused".to_owned())
}

/// What a tool says of its failure; `None` where it does not say that it failed.
fn failure_of(record: &Record<'_>) -> Option<(String, String)> {
    let attributes = record.attributes;
    (attributes.truth("success") == Some(false)).then(|| {
        let kind = attributes.first_text(&["error_type", "error.type"]).unwrap_or("ToolError");
        let message = attributes.first_text(&["error", "error.message"]).unwrap_or("the tool failed");
        (kind.to_owned(), message.to_owned())
    })
}

/// A question to a person and the answer, where only the answer is told.
fn answered(record: &Record<'_>, session: &str, task: &str, tool: &str, accepted: bool, drafts: &mut Vec<Draft>) {
    let at = record.at;
    let request =
        Draft { timestamp: at.plus_micros(-1), ..record.draft(session, "asked", EventType::ApprovalRequested, task) };
    drafts.push(
        request
            .with("summary", format!("asked for permission to use {tool}"))
            .with("data", serde_json::json!({"approver": "user"})),
    );
    drafts.push(
        record
            .draft(session, "answered", EventType::ApprovalReceived, task)
            .with("summary", if accepted { "allowed" } else { "refused" })
            .with(
                "data",
                serde_json::json!({
                    "approved_by": "user",
                    "decision": if accepted { "approved" } else { "rejected" },
                }),
            ),
    );
}
