//! What one span says by itself: its place, its names and ids.

use std::{borrow::Cow, sync::Arc};

use hiveboard_wire::{EventType, Timestamp};
use opentelemetry_proto::tonic::{
    common::v1::any_value::Value,
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};

use super::{
    failure::{Diverted, diversion, exception},
    pause::question,
    time,
};
use crate::{
    attributes::{Attributes, Name, hex, names},
    draft::{Draft, note},
    memory::{self, Place, Seen, SpanId, Trace, TraceId, Waiting},
    preview,
    role::Role,
    usage::Usage,
};

/// The parent is of another process (bit 9), and it is known whether it is (bit 8).
const PARENT_IS_REMOTE: u32 = 0x300;

/// What one span says by itself.
pub(super) struct Told<'a> {
    pub(super) id: SpanId,
    pub(super) trace_hex: Arc<str>,
    pub(super) id_hex: String,
    pub(super) span: &'a Span,
    pub(super) attributes: Attributes<'a>,
    pub(super) role: Role,
    pub(super) scope: &'a Arc<str>,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// Within its process.
    pub(super) parent: Option<SpanId>,
    /// The same, also where it is of another process.
    pub(super) above: Option<SpanId>,
    pub(super) error: Option<(String, String)>,
    /// It ended for a reason that is no failure: a hand-off, a pause, a cancellation.
    pub(super) diverted: Option<Diverted>,
    /// What it asks a person, for which it ended: empty where that is not known.
    pub(super) asks: Option<Arc<str>>,
    pub(super) usage: Usage,
    /// What the board calls it.
    pub(super) name: String,
}

/// `known`: the trace that was read last, for most spans are of the same as the one before.
pub(super) fn read<'a>(
    span: &'a Span,
    scope: &'a Arc<str>,
    known: &mut Option<(TraceId, Arc<str>)>,
) -> Result<(TraceId, Told<'a>), &'static str> {
    let trace: TraceId = span
        .trace_id
        .as_slice()
        .try_into()
        .ok()
        .filter(|id| *id != [0; 16])
        .ok_or("a span's trace id must have 16 bytes, not all zero")?;
    let id = span_id(&span.span_id).ok_or("a span's id must have 8 bytes, not all zero")?;
    let end = time(span.end_time_unix_nano).ok_or("a span must have an end time: only ended spans are taken")?;
    let start = time(span.start_time_unix_nano).unwrap_or(end);
    let attributes = Attributes::of(&span.attributes);
    let role = Role::of(&span.name, attributes);
    let is_error = span.status.as_ref().is_some_and(|status| status.code == StatusCode::Error as i32)
        || attributes.text("langfuse.observation.level") == Some("ERROR")
        // By some collectors on the way.
        || attributes.text("otel.status_code") == Some("ERROR")
        || attributes.truth("error") == Some(true)
        || ended_by_exception(span, scope);
    let is_error = is_error || attributes.text("error.type").is_some();
    let (mut error, mut diverted, mut asks) = (None, None, None);
    if is_error || span.events.iter().any(|event| event.name == "exception") {
        let (kind, message) = exception(span, attributes);
        match diversion(&kind, &message) {
            // Of some, a pause has a status as if nothing had been raised.
            Some(Diverted::Paused) => {
                (diverted, asks) = (Some(Diverted::Paused), Some(question(&message).unwrap_or_default().into()));
            }
            Some(other) if is_error => diverted = Some(other),
            None if is_error => error = Some((kind, message)),
            _ => {}
        }
    }
    // Some tell of a failure by an attribute of their own.
    let error = error.or_else(|| {
        let failed = match role {
            Role::Tool | Role::Execution => is_failed_tool(attributes),
            Role::Model => finished_with_error(attributes),
            _ => attributes.text("genkit:state") == Some("error"),
        };
        failed.then(|| exception(span, attributes))
    });
    // A record of Logfire hangs where its program says, by a context that it carried over itself.
    let is_record = attributes.text("logfire.span_type") == Some("log");
    let above = span_id(&span.parent_span_id);
    let parent = above.filter(|_| is_record || !has_remote_parent(span));
    let trace_hex = match known {
        Some((id, hex)) if *id == trace => Arc::clone(hex),
        _ => Arc::clone(&known.insert((trace, hex(&trace).into())).1),
    };
    let told = Told {
        id,
        trace_hex,
        id_hex: hex(&id),
        span,
        attributes,
        role,
        scope,
        start: start.min(end),
        end,
        parent,
        above,
        error,
        diverted,
        asks,
        usage: if role == Role::Model { Usage::read(attributes) } else { Usage::default() },
        name: String::new(),
    };
    Ok((trace, Told { name: told.name(), ..told }))
}

/// `error` is one of the reasons for which a model ends.
fn finished_with_error(attributes: Attributes<'_>) -> bool {
    match attributes.get("gen_ai.response.finish_reasons") {
        Some(Value::StringValue(reason)) => reason == "error" || reason.contains("\"error\""),
        Some(Value::ArrayValue(reasons)) => reasons
            .values
            .iter()
            .any(|reason| matches!(&reason.value, Some(Value::StringValue(reason)) if reason == "error")),
        _ => false,
    }
}

/// A tool that says by an attribute how it went.
fn is_failed_tool(attributes: Attributes<'_>) -> bool {
    let says = |names: &[&str], truth| names.iter().any(|name| attributes.truth(name) == Some(truth));
    let status = attributes.first_text(&["tool.status", "gen_ai.tool.status", "genkit:state"]);
    status.is_some_and(|status| ["error", "failed", "failure"].contains(&status.to_ascii_lowercase().as_str()))
        || says(&["success", "tool.success", "gen_ai.tool.success"], false)
        || says(&["is_error", "tool.is_error", "haystack.tool.error", "mcp.result.is_error"], true)
}

/// An exception that was noted is the end of a span whose status says nothing. `LangSmith` says of all its spans that they went well.
fn ended_by_exception(span: &Span, scope: &str) -> bool {
    let says_nothing = span.status.as_ref().is_none_or(|status| status.code == StatusCode::Unset as i32);
    (says_nothing || scope == "langsmith") && span.events.iter().any(|event| event.name == "exception")
}

/// Whether the parent is of another process: the span says so; of one that does not say, its kind does.
fn has_remote_parent(span: &Span) -> bool {
    match span.flags & PARENT_IS_REMOTE {
        0 => matches!(span.kind(), SpanKind::Server | SpanKind::Consumer),
        told => told == PARENT_IS_REMOTE,
    }
}

fn span_id(bytes: &[u8]) -> Option<SpanId> {
    bytes.try_into().ok().filter(|id| *id != [0; 8])
}

impl Told<'_> {
    pub(super) fn seen(&self) -> Seen {
        Seen {
            parent: self.parent,
            above: self.above,
            action: (self.role == Role::Tool).then(|| self.action_id().into()),
            is_said: false,
            is_settled: false,
            correlation: self.correlation_of_group().map(Into::into),
            role: self.role,
            name: self.name.as_str().into(),
            start: self.start,
            end: self.end,
            failed: self.error.is_some(),
            call: (self.role == Role::Model).then(|| self.call_seen()),
            scope: Arc::clone(self.scope),
            is_internal: matches!(self.span.kind(), SpanKind::Internal | SpanKind::Unspecified),
            asks: self.asks.clone(),
            conversation: self.correlation().filter(|_| self.role.may_be_task()).map(Into::into),
            task: (self.role == Role::Other && self.parent.is_none()).then(|| self.task().into()),
        }
    }

    fn call_seen(&self) -> memory::Told {
        memory::Told {
            tokens: (self.usage.tokens_in, self.usage.tokens_out),
            response: self.response_id().map(Into::into),
            provider: self.provider().map(Into::into),
            said: false,
            was_bare: false,
        }
    }

    pub(super) fn duration_ms(&self) -> f64 {
        self.end.millis_since(self.start)
    }

    pub(super) fn parent_hex(&self) -> Option<String> {
        self.parent.map(|parent| hex(&parent))
    }

    /// What it is drawn below: a model's call is nothing that others stand below.
    pub(super) fn home_hex(&self, trace: &Trace) -> Option<String> {
        self.parent.and_then(|parent| trace.home(parent)).map(|home| hex(&home))
    }

    /// Claude Code tells of the same call by log records, too: what both name is the id.
    pub(super) fn shared_id(&self) -> Option<&str> {
        let names: &[&str] = match self.role {
            Role::Model => &["request_id"],
            _ => &["tool_use_id", "gen_ai.tool.call.id"],
        };
        self.attributes.first_text(names).filter(|_| self.shared_scope())
    }

    pub(super) fn shared_scope(&self) -> bool {
        self.scope.starts_with("com.anthropic.claude_code")
    }

    /// Where the framework's span of a tool and the application's own name one call, it is one action.
    pub(super) fn doubled_tool(&self) -> Option<&str> {
        self.attributes.first_text(&["ai.toolCall.id", "tool.call_id"]).filter(|_| self.role == Role::Tool)
    }

    pub(super) fn action_id(&self) -> String {
        match (self.role, self.shared_id().or_else(|| self.doubled_tool())) {
            (Role::Tool, Some(shared)) => shared.to_owned(),
            _ => self.id_hex.clone(),
        }
    }

    pub(super) fn event_id(&self, what: &str) -> String {
        match (self.shared_id(), self.doubled_tool()) {
            (Some(shared), _) => ["otlp:call:", shared, ":", what].concat(),
            (None, Some(call)) => ["otlp:", &self.trace_hex, ":", call, ":", what].concat(),
            (None, None) => ["otlp:", &self.trace_hex, ":", &self.id_hex, ":", what].concat(),
        }
    }

    /// Logfire gives what a template tells of by plain names.
    pub(super) fn told_by_template(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attributes.text("logfire.msg_template")?;
        preview::of(self.attributes, name)
    }

    pub(super) fn correlation(&self) -> Option<&str> {
        const NAMES: &[Name] = &names([
            "gen_ai.conversation.id",
            "session.id",
            "traceloop.association.properties.session_id",
            "langfuse.session.id",
            "lmnr.association.properties.session_id",
            "ai.telemetry.metadata.sessionId",
            "langsmith.metadata.session_id",
            "langsmith.metadata.thread_id",
            "langwatch.thread.id",
            "confident.trace.thread_id",
            "spring.ai.chat.client.conversation.id",
            "gcp.vertex.agent.session_id",
            "gen_ai.thread.id",
            "conversation.id",
            "thread_id",
        ]);
        self.attributes.first_text_of(NAMES)
    }

    /// Of agents that talk by messages: what all topics of their group are called by.
    fn correlation_of_group(&self) -> Option<&str> {
        let topic = self.attributes.text("messaging.destination").filter(|_| self.scope.starts_with("autogen "))?;
        let (_, group) = topic.strip_suffix(")-A").or_else(|| topic.strip_suffix(")-T"))?.rsplit_once(".(")?;
        Some(group).filter(|group| !group.is_empty())
    }

    pub(super) fn prompt(&self) -> Option<Cow<'_, str>> {
        preview::prompt(self.attributes).or_else(|| preview::asked_by_events(&self.span.events))
    }

    pub(super) fn response(&self) -> Option<Cow<'_, str>> {
        preview::response(self.attributes).or_else(|| preview::answered_by_events(&self.span.events))
    }

    pub(super) fn draft(&self, what: &str, event_type: EventType, at: Timestamp) -> Draft {
        Draft::new(self.event_id(what), event_type, at).of(Arc::clone(&self.trace_hex)).correlated(self.correlation())
    }

    pub(super) fn say(&self, trace: &mut Trace, fresh: bool, drafts: &mut Vec<Draft>) {
        if let Some(parent) = self.parent.filter(|_| self.role.is_work()) {
            trace.note_parent(parent);
        }
        match self.role {
            Role::Other => return,
            Role::Tool => self.say_tool(trace, drafts),
            Role::Model => {
                self.say_call(trace, fresh, drafts);
                self.say_attempts(drafts);
                // Some run the tools that a model asked for within its call.
                if trace.was_missed(self.id) {
                    self.say_place(drafts);
                }
            }
            Role::Agent => {}
            Role::Blocked => self.say_wait(drafts),
            Role::Workflow | Role::Step | Role::Execution => self.say_place(drafts),
        }
        if self.is_prompt_of_claude_code() {
            self.say_prompt(trace, drafts);
        } else if self.role.may_be_task() {
            self.say_by_place(trace, fresh);
        }
        self.say_end_of_failed_prompt(trace, drafts);
        if fresh && matches!(self.role, Role::Agent | Role::Step) {
            self.say_end_of_failed_workflow(trace, drafts);
        }
    }

    /// What depends on what is above it, which may not be known yet.
    fn say_by_place(&self, trace: &mut Trace, fresh: bool) {
        let place = trace.place(self.id);
        let mut waiting = Waiting::of(self.id);
        match place {
            Err(_) if !fresh => return,
            // Most are neither a task nor anything but what they always are.
            Ok(Place::Below(_)) if self.role != Role::Agent => return,
            Ok(Place::Below(_)) => {}
            Ok(Place::Topmost) | Err(_) => waiting.if_topmost = self.task_of(trace),
        }
        if self.role == Role::Agent {
            self.say_action(trace, &mut waiting.if_nested);
            self.say_place(&mut waiting.if_doubled);
        }
        if !matches!(place, Ok(Place::Below(_))) {
            match self.role {
                Role::Agent => waiting.if_adopted.clone_from(&waiting.if_nested),
                Role::Workflow => self.say_action(trace, &mut waiting.if_adopted),
                _ => {}
            }
        }
        trace.look_at(waiting);
    }

    /// Leaves a note of where a step stands.
    pub(super) fn say_place(&self, drafts: &mut Vec<Draft>) {
        let Some(parent) = self.parent_hex() else { return };
        // Below its tool an execution stands where the tool's own id is.
        let parent = match (self.role, self.shared_id()) {
            (Role::Execution, Some(shared)) => shared.to_owned(),
            _ => parent,
        };
        let error = self.error.as_ref().map(|(kind, message)| format!("{kind}: {message}"));
        let data = preview::others(self.attributes).and("error", error);
        drafts.push(
            note(["otlp:", &self.trace_hex, ":", &self.id_hex, ":step"].concat(), self.start, "span", &self.name, data)
                .of(Arc::clone(&self.trace_hex))
                .correlated(self.correlation())
                .action(&self.id_hex, Some(&parent))
                .lasted(Some(self.duration_ms())),
        );
    }
}
