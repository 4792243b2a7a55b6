//! Spans: tasks, actions, model calls.
//!
//! The topmost span of an agent's work in a trace is a task, whose id is the trace's; nested agents and tools are actions; a model
//! call is told by the innermost span that knows its tokens. Steps between them leave a note of their place, so that what hangs below
//! a step is drawn below what the step belongs to.

use std::collections::{BTreeMap, HashSet};

use hiveboard_wire::{EventType, Scope, Severity, Timestamp};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{Span, status::StatusCode},
};

use crate::{
    Mapped, agent,
    attributes::{Attributes, hex},
    batch::Identity,
    draft::{Call, Draft, failed, label, note},
    memory::{Memory, Place, Seen, SpanId, Trace, TraceId, Waiting},
    preview,
    role::Role,
    usage::Usage,
};

/// The parent is of another process (bit 9), and it is known whether it is (bit 8).
const PARENT_IS_REMOTE: u32 = 0x300;

/// Their log records tell all of it, and better; their spans are internals, or the same once more in traces of their own.
const TOLD_BY_LOGS: &[&str] = &["gemini-cli", "qwen-code", "codex_exec", "codex-app-server", "codex_cli_rs"];

/// What one span says by itself.
struct Told<'a> {
    id: SpanId,
    trace_hex: String,
    span: &'a Span,
    attributes: Attributes<'a>,
    role: Role,
    scope: &'a str,
    start: Timestamp,
    end: Timestamp,
    parent: Option<SpanId>,
    error: Option<(String, String)>,
    /// It ended for a reason that is no failure: a hand-off, a pause, a cancellation.
    diverted: Option<Diverted>,
    usage: Usage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Diverted {
    HandedOver,
    Paused,
    Cancelled,
}

impl Memory {
    /// Maps the spans of a request. `scope`: whose they are.
    pub fn spans(&self, scope: Scope, request: &ExportTraceServiceRequest) -> Mapped {
        let mut mapped = Mapped::default();
        for resource in &request.resource_spans {
            let attributes = Attributes(resource.resource.as_ref().map_or(&[], |one| &one.attributes));
            let scopes = resource.scope_spans.iter().filter_map(|one| Some(one.scope.as_ref()?.name.as_str()));
            let identity = agent::identity(attributes, scopes);
            let project = attributes.first_text(&["hiveboard.project_id", "openinference.project.name"]);
            if TOLD_BY_LOGS.contains(&identity.framework.as_str()) {
                continue;
            }
            let mut by_trace: BTreeMap<TraceId, Vec<Told<'_>>> = BTreeMap::new();
            for group in &resource.scope_spans {
                let name = group.scope.as_ref().map_or("", |scope| scope.name.as_str());
                for span in &group.spans {
                    match read(span, name) {
                        Ok((trace, told)) => by_trace.entry(trace).or_default().push(told),
                        Err(why) => mapped.reject(why),
                    }
                }
            }
            for (trace, told) in by_trace {
                let (mut drafts, settled) = self.of_trace(scope, &identity, trace, told);
                mapped
                    .settled
                    .extend(settled.into_iter().map(|one| ((scope, identity.agent_id.as_str().into(), trace), one)));
                for draft in &mut drafts {
                    draft.project_id = project.map(label);
                }
                mapped.add(&identity, &drafts);
            }
        }
        mapped
    }

    /// All spans of a request that are of one trace: first their places, then what they say, in the order in which they ended.
    fn of_trace(
        &self,
        scope: Scope,
        identity: &Identity,
        id: TraceId,
        mut all: Vec<Told<'_>>,
    ) -> (Vec<Draft>, Vec<Waiting>) {
        all.sort_by_key(|told| (told.end, std::cmp::Reverse(told.start), told.id));
        let mut traces = self.traces.lock();
        let trace = traces.trace(scope, &identity.agent_id, id);
        let mut fresh = HashSet::new();
        for told in &all {
            if !trace.spans.contains_key(&told.id) {
                fresh.insert(told.id);
            }
            trace.see(told.id, told.seen());
        }
        let mut drafts = Vec::new();
        // What is sent again says the same again: ids are the same, and nothing waits twice.
        for told in &all {
            told.say(trace, fresh.contains(&told.id), &mut drafts);
        }
        let settled = settle(trace, &mut drafts);
        (drafts, settled)
    }

    /// Forgets that what waited was said: it could not be stored, and will be said when the request comes again.
    pub fn take_back(&self, mapped: Mapped) {
        let mut traces = self.traces.lock();
        for ((scope, agent, trace), waiting) in mapped.settled {
            traces.trace(scope, &agent, trace).waiting.push(waiting);
        }
    }
}

/// Says what waited and can be said now, and answers what was said.
fn settle(trace: &mut Trace, drafts: &mut Vec<Draft>) -> Vec<Waiting> {
    let mut settled = Vec::new();
    let waiting = std::mem::take(&mut trace.waiting);
    for mut one in waiting {
        let before = one.clone();
        let place = trace.place(one.span);
        match (place, trace.is_doubled(one.span)) {
            (Place::Topmost, _) => drafts.append(&mut one.if_topmost),
            (Place::Below(_), Some(false)) => drafts.append(&mut one.if_nested),
            (Place::Below(_), Some(true)) => drafts.append(&mut one.if_doubled),
            _ => {}
        }
        let told_elsewhere = trace.is_told_elsewhere(one.span);
        if told_elsewhere == Some(false) {
            drafts.extend(one.if_alone.take());
        }
        if one.is_said(place) {
            settled.push(before);
        } else {
            trace.waiting.push(one);
        }
    }
    settled
}

fn read<'a>(span: &'a Span, scope: &'a str) -> Result<(TraceId, Told<'a>), &'static str> {
    let trace: TraceId = span
        .trace_id
        .as_slice()
        .try_into()
        .ok()
        .filter(|id| *id != [0; 16])
        .ok_or("a span's trace id must have 16 bytes, not all zero")?;
    let id = span_id(&span.span_id).ok_or("a span's id must have 8 bytes, not all zero")?;
    let start = time(span.start_time_unix_nano).ok_or("a span must have a start time")?;
    let end = time(span.end_time_unix_nano).ok_or("a span must have an end time: only ended spans are taken")?;
    let attributes = Attributes(&span.attributes);
    let role = Role::of(&span.name, attributes);
    let is_error = span.status.as_ref().is_some_and(|status| status.code == StatusCode::Error as i32);
    let (error, diverted) = if is_error || attributes.text("error.type").is_some() {
        let (kind, message) = exception(span, attributes);
        match diversion(&kind, &message) {
            Some(diverted) => (None, Some(diverted)),
            None => (Some((kind, message)), None),
        }
    } else {
        (None, None)
    };
    // An execution tells of its failure by an attribute of its own.
    let error = error.or_else(|| {
        (role == Role::Execution && attributes.truth("success") == Some(false)).then(|| exception(span, attributes))
    });
    let parent = span_id(&span.parent_span_id).filter(|_| span.flags & PARENT_IS_REMOTE != PARENT_IS_REMOTE);
    let told = Told {
        id,
        trace_hex: hex(&trace),
        span,
        attributes,
        role,
        scope,
        start: start.min(end),
        end,
        parent,
        error,
        diverted,
        usage: if role == Role::Model { Usage::read(attributes) } else { Usage::default() },
    };
    Ok((trace, told))
}

fn span_id(bytes: &[u8]) -> Option<SpanId> {
    bytes.try_into().ok().filter(|id| *id != [0; 8])
}

pub(crate) fn time(nanoseconds: u64) -> Option<Timestamp> {
    (nanoseconds > 0).then(|| Timestamp::from_micros((nanoseconds / 1_000) as i64))
}

/// Type and message of what went wrong: of the last exception, else of the status.
fn exception(span: &Span, attributes: Attributes<'_>) -> (String, String) {
    let event =
        span.events.iter().rev().find(|event| event.name == "exception").map(|event| Attributes(&event.attributes));
    let status = span.status.as_ref().map_or("", |status| status.message.as_str());
    let kind = event
        .and_then(|event| event.text("exception.type"))
        .or_else(|| attributes.first_text(&["error.type", "exception.type", "error_class"]))
        .unwrap_or("Error");
    let message = event
        .and_then(|event| event.text("exception.message"))
        .or_else(|| attributes.first_text(&["exception.message", "error.message", "error"]))
        .or(Some(status).filter(|text| !text.is_empty()))
        .unwrap_or(kind);
    (preview::cut(kind, 256), preview::preview(message))
}

/// Exceptions by which frameworks steer: they reach the status of spans, and nothing failed.
fn diversion(kind: &str, message: &str) -> Option<Diverted> {
    let names = |wanted: &[&str]| {
        let last = kind.rsplit(['.', ':']).next().unwrap_or(kind);
        wanted.iter().any(|name| last == *name || message.starts_with(&format!("{name}(")))
    };
    if names(&["ParentCommand", "GraphBubbleUp"]) {
        Some(Diverted::HandedOver)
    } else if names(&["GraphInterrupt", "NodeInterrupt"]) {
        Some(Diverted::Paused)
    } else if names(&["CancelledError", "GeneratorExit"]) {
        Some(Diverted::Cancelled)
    } else {
        None
    }
}

impl Told<'_> {
    fn seen(&self) -> Seen {
        Seen {
            parent: self.parent,
            role: self.role,
            name: self.name().into(),
            start: self.start,
            end: self.end,
            failed: self.error.is_some(),
            told_usage: self.usage.is_told(),
        }
    }

    fn duration_ms(&self) -> f64 {
        self.end.millis_since(self.start)
    }

    fn parent_hex(&self) -> Option<String> {
        self.parent.map(|parent| hex(&parent))
    }

    /// Claude Code tells of the same call by log records, too: what both name is the id.
    fn shared_id(&self) -> Option<&str> {
        let names: &[&str] = match self.role {
            Role::Model => &["request_id"],
            _ => &["tool_use_id", "gen_ai.tool.call.id"],
        };
        self.attributes.first_text(names).filter(|_| self.shared_scope())
    }

    fn shared_scope(&self) -> bool {
        self.scope.starts_with("com.anthropic.claude_code")
    }

    /// Where the framework's span of a tool and the application's own name one call, it is one action.
    fn doubled_tool(&self) -> Option<&str> {
        self.attributes.first_text(&["ai.toolCall.id", "tool.call_id"]).filter(|_| self.role == Role::Tool)
    }

    fn action_id(&self) -> String {
        match (self.role, self.shared_id().or_else(|| self.doubled_tool())) {
            (Role::Tool, Some(shared)) => shared.to_owned(),
            _ => hex(&self.id),
        }
    }

    fn event_id(&self, what: &str) -> String {
        match (self.shared_id(), self.doubled_tool()) {
            (Some(shared), _) => format!("otlp:call:{shared}:{what}"),
            (None, Some(call)) => format!("otlp:{}:{call}:{what}", self.trace_hex),
            (None, None) => format!("otlp:{}:{}:{what}", self.trace_hex, hex(&self.id)),
        }
    }

    fn name(&self) -> String {
        let span = self.span.name.as_str();
        let rest =
            |prefixes: &[&str]| prefixes.iter().find_map(|prefix| span.strip_prefix(prefix)).unwrap_or(span).to_owned();
        let given = |names: &[&str]| self.attributes.first_text(names).map(str::to_owned);
        match self.role {
            Role::Agent if self.is_prompt_of_claude_code() => "prompt".to_owned(),
            Role::Model if self.shared_scope() => "api_request".to_owned(),
            Role::Model => self.call_name().unwrap_or_else(|| span.to_owned()),
            Role::Agent => given(&["gen_ai.agent.name", "agent.name", "agent_name", "traceloop.entity.name"])
                .unwrap_or_else(|| rest(&["invoke_agent "])),
            Role::Workflow => given(&["gen_ai.workflow.name", "ai.telemetry.functionId", "traceloop.entity.name"])
                .unwrap_or_else(|| rest(&["invoke_workflow "])),
            Role::Tool => given(&[
                "gen_ai.tool.name",
                "tool.name",
                "ai.toolCall.name",
                "tool_name",
                "function_name",
                "traceloop.entity.name",
            ])
            .unwrap_or_else(|| rest(&["execute_tool ", "running tool: "])),
            _ => span.to_owned(),
        }
    }

    /// The same for all who tell of one call, whatever they call their span.
    fn call_name(&self) -> Option<String> {
        let operation = self.attributes.text("gen_ai.operation.name")?;
        let model = self.attributes.first_text(&["gen_ai.request.model", "gen_ai.response.model"])?;
        Some(format!("{operation} {model}"))
    }

    fn correlation(&self) -> Option<&str> {
        self.attributes.first_text(&[
            "gen_ai.conversation.id",
            "session.id",
            "traceloop.association.properties.session_id",
            "langfuse.session.id",
            "conversation.id",
            "thread_id",
        ])
    }

    fn draft(&self, what: &str, event_type: EventType, at: Timestamp) -> Draft {
        Draft::new(self.event_id(what), event_type, at).of_task(&self.trace_hex).correlated(self.correlation())
    }

    fn say(&self, trace: &mut Trace, fresh: bool, drafts: &mut Vec<Draft>) {
        match self.role {
            Role::Other => return,
            Role::Tool => self.say_action(trace, drafts),
            Role::Model => self.say_call(trace, fresh, drafts),
            Role::Agent => {}
            Role::Blocked => self.say_wait(drafts),
            Role::Workflow | Role::Step | Role::Execution => self.say_place(drafts),
        }
        self.say_retries(trace, drafts);
        if self.is_prompt_of_claude_code() {
            self.say_prompt(trace, drafts);
        } else if self.role.may_be_task() && (fresh || trace.place(self.id) != Place::Unknown) {
            let mut waiting = Waiting { if_topmost: self.task(), ..Waiting::of(self.id) };
            if self.role == Role::Agent {
                self.say_action(trace, &mut waiting.if_nested);
                self.say_place(&mut waiting.if_doubled);
            }
            trace.waiting.push(waiting);
        }
        self.say_end_of_failed_prompt(trace, drafts);
    }

    fn is_prompt_of_claude_code(&self) -> bool {
        self.attributes.text("span.type") == Some("interaction")
    }

    /// Its prompts are tasks wherever they hang, for a host hands its own trace over. They never tell that they failed: the last
    /// request of the prompt does. A prompt by which nothing was asked (`/exit`) is none.
    fn say_prompt(&self, trace: &Trace, drafts: &mut Vec<Draft>) {
        if trace.children(self.id).next().is_none() {
            return;
        }
        match trace.last_call_below(self.id).filter(|(_, call)| call.failed) {
            Some((_, call)) => {
                drafts.extend(self.task().into_iter().take(1));
                drafts.push(self.end_of_failed_prompt(self.end, &call.name));
            }
            None => drafts.extend(self.task()),
        }
    }

    /// The request that failed came after the prompt's own span: by now it is told as completed.
    fn say_end_of_failed_prompt(&self, trace: &Trace, drafts: &mut Vec<Draft>) {
        let Some(parent) = self.parent.filter(|_| self.shared_scope() && self.role == Role::Model) else { return };
        let Some(prompt) = trace.spans.get(&parent).filter(|seen| seen.role == Role::Agent) else { return };
        if trace.last_call_below(parent).is_some_and(|(id, call)| *id == self.id && call.failed) {
            drafts.push(self.end_of_failed_prompt(prompt.end.plus_micros(1), &self.name()));
        }
    }

    fn end_of_failed_prompt(&self, at: Timestamp, what: &str) -> Draft {
        let draft = Draft::new(format!("otlp:{}:failed", self.trace_hex), EventType::TaskFailed, at);
        failed(
            draft.of_task(&self.trace_hex).correlated(self.correlation()),
            "APIError",
            &format!("the last request of the prompt failed ({what})"),
        )
    }

    /// Start and end of the task whose topmost span this is.
    fn task(&self) -> Vec<Draft> {
        let name = self.name();
        let kind = label(&name);
        let start = Draft {
            task_type: Some(kind.clone()),
            ..self
                .draft("task:start", EventType::TaskStarted, self.start)
                .with("summary", name.as_str())
                .with_some("input", preview::prompt(self.attributes))
                .with("attributes", preview::others(self.attributes))
        };
        let end = match (&self.error, self.diverted) {
            (Some((exception, message)), _) => {
                failed(self.draft("task:end", EventType::TaskFailed, self.end), exception, message)
            }
            (None, Some(Diverted::Cancelled)) => {
                Draft { status: Some("cancelled"), ..self.draft("task:end", EventType::TaskCompleted, self.end) }
            }
            (None, _) => self.draft("task:end", EventType::TaskCompleted, self.end),
        };
        let end = Draft { task_type: Some(kind), ..end };
        vec![start, end.lasted(Some(self.duration_ms())).with_some("output", preview::response(self.attributes))]
    }

    fn say_action(&self, trace: &Trace, drafts: &mut Vec<Draft>) {
        let name = self.name();
        let id = self.action_id();
        let parent = self.parent_hex();
        let on_this = |draft: Draft| draft.action(&id, parent.as_deref()).with("action_name", name.as_str());
        let arguments = preview::of_first(
            self.attributes,
            &[
                "gen_ai.tool.call.arguments",
                "gen_ai.tool.args",
                "ai.toolCall.args",
                "tool.parameters",
                "input.value",
                "traceloop.entity.input",
                "tool_input",
            ],
        );
        let result = preview::of_first(
            self.attributes,
            &[
                "gen_ai.tool.call.result",
                "gen_ai.output",
                "ai.toolCall.result",
                "output.value",
                "traceloop.entity.output",
            ],
        );
        drafts.push(on_this(self.draft("start", EventType::ActionStarted, self.start)).with_some("args", arguments));
        let execution = trace
            .children(self.id)
            .any(|(_, child)| child.role == Role::Execution && child.failed)
            .then(|| ("ToolError".to_owned(), format!("{name} failed")));
        let end = match self.error.clone().or(execution) {
            Some((exception, message)) => {
                failed(self.draft("end", EventType::ActionFailed, self.end), &exception, &message)
            }
            None => self.draft("end", EventType::ActionCompleted, self.end),
        };
        let diverted = self.diverted.map(|diverted| match diverted {
            Diverted::HandedOver => "handed over",
            Diverted::Paused => "paused for a person",
            Diverted::Cancelled => "cancelled",
        });
        drafts.push(
            on_this(end)
                .lasted(Some(self.duration_ms()))
                .with_some("result", result)
                .with_some("outcome", diverted)
                .with("attributes", preview::others(self.attributes)),
        );
    }

    fn say_call(&self, trace: &mut Trace, fresh: bool, drafts: &mut Vec<Draft>) {
        // The innermost span that knows the tokens tells of the call; those around it repeat them.
        let told_below = trace.children(self.id).any(|(_, child)| child.role == Role::Model && child.told_usage);
        if told_below {
            return;
        }
        let draft = self.call();
        if self.usage.is_told() {
            drafts.push(draft);
            return;
        }
        match trace.is_told_elsewhere(self.id) {
            Some(false) => drafts.push(draft),
            None if fresh => {
                trace.waiting.push(Waiting { if_alone: Some(draft), ..Waiting::of(self.id) });
            }
            None | Some(true) => {}
        }
    }

    fn call(&self) -> Draft {
        let attributes = self.attributes;
        let mut call = Call {
            name: self.name(),
            model: attributes
                .first_text(&[
                    "gen_ai.response.model",
                    "ai.response.model",
                    "llm.model_name",
                    "gen_ai.request.model",
                    "ai.model.id",
                    "model",
                ])
                .map(str::to_owned),
            duration_ms: Some(self.duration_ms()),
            prompt_preview: preview::prompt(attributes),
            response_preview: preview::response(attributes),
            error: self.error.as_ref().map(|(kind, message)| format!("{kind}: {message}")),
            ..Call::default()
        };
        self.usage.write(&mut call);
        let response = attributes.first_text(&["gen_ai.response.id", "ai.response.id"]);
        call.note("response_id", response);
        call.note(
            "provider",
            attributes.first_text(&[
                "gen_ai.provider.name",
                "gen_ai.system",
                "llm.provider",
                "llm.system",
                "ai.model.provider",
            ]),
        );
        call.note("attributes", Some(preview::others(attributes)).filter(|others| !others.is_empty()));
        // Two instrumentations that tell of one call name the same answer of the provider.
        let event_id = match (self.shared_id(), response) {
            (None, Some(response)) if self.usage.is_told() => format!("otlp:{}:{response}:llm", self.trace_hex),
            _ => self.event_id("llm"),
        };
        call.draft(event_id, self.end)
            .of_task(&self.trace_hex)
            .correlated(self.correlation())
            .below(self.parent_hex().as_deref())
    }

    /// A wait for a person who was asked; what settings decide by themselves is no wait.
    fn say_wait(&self, drafts: &mut Vec<Draft>) {
        let source = self.attributes.text("source").unwrap_or("user");
        if !source.starts_with("user") {
            return;
        }
        let accepted = self.attributes.text("decision") != Some("reject");
        drafts.push(
            self.draft("approval:start", EventType::ApprovalRequested, self.start)
                .below(self.parent_hex().as_deref())
                .with("summary", "asked for permission to use a tool")
                .with("data", serde_json::json!({"approver": "user"})),
        );
        drafts.push(
            self.draft("approval:end", EventType::ApprovalReceived, self.end)
                .below(self.parent_hex().as_deref())
                .with("summary", if accepted { "allowed" } else { "refused" })
                .with(
                    "data",
                    serde_json::json!({
                        "approved_by": "user",
                        "decision": if accepted { "approved" } else { "rejected" },
                        "parent_event": self.event_id("approval:start"),
                    }),
                ),
        );
    }

    /// Leaves a note of where a step stands.
    fn say_place(&self, drafts: &mut Vec<Draft>) {
        let Some(parent) = self.parent_hex() else { return };
        // Below its tool an execution stands where the tool's own id is.
        let parent = match (self.role, self.shared_id()) {
            (Role::Execution, Some(shared)) => shared.to_owned(),
            _ => parent,
        };
        let mut data = preview::others(self.attributes);
        if let Some((kind, message)) = &self.error {
            data.insert("error".to_owned(), format!("{kind}: {message}").into());
        }
        drafts.push(
            note(format!("otlp:{}:{}:step", self.trace_hex, hex(&self.id)), self.start, "span", self.name(), data)
                .of_task(&self.trace_hex)
                .correlated(self.correlation())
                .action(&hex(&self.id), Some(&parent))
                .lasted(Some(self.duration_ms())),
        );
    }

    /// The same again below the same parent, after a failure, is a retry; and some count their attempts.
    fn say_retries(&self, trace: &Trace, drafts: &mut Vec<Draft>) {
        if !matches!(self.role, Role::Tool | Role::Model) {
            return;
        }
        let retry = |id: &str, at: Timestamp, error: Option<&str>| {
            Draft::new(id.to_owned(), EventType::RetryStarted, at)
                .of_task(&self.trace_hex)
                .correlated(self.correlation())
                .below(self.parent_hex().as_deref())
                .severe(Severity::Warn)
                .with("summary", format!("{} again after a failure", self.name()))
                .with_some("data", error.map(|error| serde_json::json!({"reason": error})))
        };
        let id_of = |span: &SpanId| format!("otlp:{}:{}:retry", self.trace_hex, hex(span));
        let me = self.seen();
        for (other, sibling) in trace.siblings(self.id, &me) {
            if sibling.failed && sibling.end <= self.start {
                drafts.push(retry(&id_of(&self.id), self.start, None));
                break;
            }
            if me.failed && sibling.start >= self.end {
                drafts.push(retry(&id_of(other), sibling.start, None));
            }
        }
        let attempts = self.attributes.count("attempt").filter(|_| self.role == Role::Model).unwrap_or(1).min(20);
        for attempt in 2..=attempts {
            let event = self.event_id(&format!("attempt:{attempt}"));
            let draft = retry(&event, self.start, None);
            drafts.push(draft.with("data", serde_json::json!({"attempt": attempt})));
        }
    }
}
