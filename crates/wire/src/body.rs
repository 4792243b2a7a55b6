//! Payloads in typed form: one variant a kind. Reading is lenient: a malformed figure counts as absent and is named.

use serde_json::value::RawValue;

use crate::{
    fields::{self, Fields, Oddities},
    fingerprint::fingerprint,
    id::PayloadAction,
    kind::{EventType, Kind, Severity},
    money::{MAX_COST_DOLLARS, NanoDollars},
    walk::Walked,
};

/// What an event says, by its type and well-known kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Registered(Registered),
    Heartbeat {
        summary: Option<Box<str>>,
    },
    TaskStarted,
    TaskCompleted,
    TaskFailed(Exception),
    ActionStarted(Action),
    ActionCompleted(Action),
    ActionFailed(Action),
    Escalated(Escalation),
    ApprovalRequested(ApprovalRequest),
    ApprovalReceived(ApprovalDecision),
    RetryStarted(Retry),
    LlmCall(LlmCall),
    PlanCreated(PlanCreated),
    PlanStep(PlanStep),
    QueueSnapshot(QueueSnapshot),
    Todo(Todo),
    Scheduled(Scheduled),
    Issue(Issue),
    /// Anything else, with its own `kind` when it names one.
    Custom {
        kind: Option<Box<str>>,
        summary: Option<Box<str>>,
    },
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Registered {
    pub agent_type: Option<Box<str>>,
    pub version: Option<Box<str>>,
    pub framework: Option<Box<str>>,
    pub stuck_threshold_seconds: Option<f64>,
    pub heartbeat_interval_seconds: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exception {
    pub exception_type: Option<Box<str>>,
    pub exception_message: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Action {
    pub name: Option<Box<str>>,
    pub function: Option<Box<str>>,
    pub exception: Exception,
    /// A number for what it was called with, where the payload says so: the same for the same.
    pub input: Option<u64>,
}

/// The names under which clients and frameworks send what an action was called with.
const INPUTS: [&str; 10] = [
    "args_preview",
    "args",
    "arguments",
    "input",
    "inputs",
    "input_preview",
    "parameters",
    "params",
    "query",
    "command",
];

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Escalation {
    pub summary: Option<Box<str>>,
    pub assigned_to: Option<Box<str>>,
    pub reason: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct ApprovalRequest {
    pub summary: Option<Box<str>>,
    pub approver: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct ApprovalDecision {
    pub summary: Option<Box<str>>,
    pub approved_by: Option<Box<str>>,
    pub decision: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Retry {
    pub summary: Option<Box<str>>,
    pub attempt: Option<u64>,
    pub backoff_seconds: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct LlmCall {
    pub name: Option<Box<str>>,
    pub model: Option<Box<str>>,
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    /// As reported by the agent.
    pub cost: Option<NanoDollars>,
    pub duration_ms: Option<f64>,
    pub prompt_preview: Option<Box<str>>,
    pub response_preview: Option<Box<str>>,
    /// JSON object, as sent: what parts the tokens by kind may stand in it.
    pub metadata: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlanCreated {
    /// The summary where the plan names none.
    pub goal: Option<Box<str>>,
    /// `(index, description)`, by index.
    pub steps: Vec<(u32, Box<str>)>,
    pub revision: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepAction {
    Started,
    Completed,
    Failed,
    Skipped,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PlanStep {
    pub step_index: Option<u32>,
    pub total_steps: Option<u32>,
    pub action: Option<StepAction>,
    pub turns: Option<u64>,
    pub tokens: Option<u64>,
    pub plan_revision: Option<u32>,
    pub summary: Option<Box<str>>,
}

/// The snapshot itself stays in the payload (`data`), to be shown as sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueueSnapshot {
    pub depth: Option<u64>,
    pub oldest_age_seconds: Option<f64>,
    /// JSON list, as sent.
    pub items: Option<Box<str>>,
    /// JSON object, as sent.
    pub processing: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Todo {
    pub todo_id: Option<Box<str>>,
    /// created, completed, failed, dismissed, deferred; or the agent's own word.
    pub action: Option<Box<str>>,
    pub summary: Option<Box<str>>,
    pub priority: Option<Box<str>>,
    pub source: Option<Box<str>>,
    /// JSON, as sent.
    pub context: Option<Box<str>>,
    pub due_by: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scheduled {
    /// JSON list, as sent.
    pub items: Option<Box<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueAction {
    Reported,
    Resolved,
    Dismissed,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    pub issue_id: Option<Box<str>>,
    pub summary: Option<Box<str>>,
    pub severity: Option<Box<str>>,
    pub category: Option<Box<str>>,
    /// JSON, as sent.
    pub context: Option<Box<str>>,
    /// Reported when the payload does not say.
    pub action: IssueAction,
    pub occurrence_count: Option<u64>,
}

impl Body {
    /// The typed form, and the names of what was malformed in it.
    pub fn read(event_type: EventType, kind: Option<Kind>, payload: Option<&RawValue>) -> (Self, Vec<String>) {
        let mut walked = Walked::default();
        match payload.map(RawValue::get) {
            None => {}
            Some(text) if text.starts_with('{') => walked.walk(text),
            Some(_) => {
                let (body, mut odd) = Self::of(event_type, kind, &walked);
                odd.insert(0, "payload".to_owned());
                return (body, odd);
            }
        }
        Self::of(event_type, kind, &walked)
    }

    /// The same, of a payload that was walked through.
    pub(crate) fn of(event_type: EventType, kind: Option<Kind>, walked: &Walked<'_>) -> (Self, Vec<String>) {
        let mut odd = Oddities::new();
        let top = Fields(&walked.top);
        // Read only where its shape is a convention: elsewhere `data` is the agent's own.
        let has_data = match event_type {
            EventType::Heartbeat | EventType::TaskStarted | EventType::TaskCompleted => false,
            EventType::Custom => kind.is_some(),
            _ => true,
        };
        let is_object = has_data && top.object("data", &mut odd).is_some();
        let data = if is_object { Fields(&walked.data) } else { Fields::EMPTY };
        let body = Reader { top, data, odd: &mut odd }.body(event_type, kind);
        (body, odd)
    }

    /// What a well-known custom payload does to the thing it names, for the order at equal timestamps.
    pub fn payload_action(&self) -> Option<PayloadAction> {
        match self {
            Self::PlanCreated(_) => Some(PayloadAction::Begins),
            Self::PlanStep(step) => step.action.map(|action| match action {
                StepAction::Started => PayloadAction::Begins,
                StepAction::Failed => PayloadAction::Fails,
                StepAction::Completed | StepAction::Skipped => PayloadAction::Ends,
            }),
            Self::Todo(todo) => match todo.action.as_deref() {
                Some("created") => Some(PayloadAction::Begins),
                Some("failed") => Some(PayloadAction::Fails),
                Some("completed" | "dismissed") => Some(PayloadAction::Ends),
                _ => None,
            },
            Self::Issue(issue) => Some(match issue.action {
                IssueAction::Reported => PayloadAction::Begins,
                IssueAction::Resolved | IssueAction::Dismissed => PayloadAction::Ends,
            }),
            _ => None,
        }
    }

    /// The severity of an event that names none.
    pub fn default_severity(&self) -> Severity {
        match self {
            Self::Heartbeat { .. } | Self::QueueSnapshot(_) => Severity::Debug,
            Self::TaskFailed(_) | Self::ActionFailed(_) => Severity::Error,
            Self::PlanStep(step) if step.action == Some(StepAction::Failed) => Severity::Error,
            Self::RetryStarted(_) | Self::Escalated(_) => Severity::Warn,
            Self::Todo(todo) if todo.action.as_deref() == Some("failed") => Severity::Warn,
            Self::Issue(issue) => match issue.severity.as_deref() {
                Some("high" | "critical") => Severity::Error,
                Some("medium") => Severity::Warn,
                _ => Severity::Info,
            },
            _ => Severity::Info,
        }
    }
}

struct Reader<'m, 'a, 'o> {
    top: Fields<'m, 'a>,
    data: Fields<'m, 'a>,
    odd: &'o mut Oddities,
}

impl Reader<'_, '_, '_> {
    fn body(mut self, event_type: EventType, kind: Option<Kind>) -> Body {
        match event_type {
            EventType::AgentRegistered => self.registered(),
            EventType::Heartbeat => Body::Heartbeat { summary: self.top.text("summary", self.odd) },
            EventType::TaskStarted => Body::TaskStarted,
            EventType::TaskCompleted => Body::TaskCompleted,
            EventType::TaskFailed => Body::TaskFailed(self.exception()),
            EventType::ActionStarted => Body::ActionStarted(self.action()),
            EventType::ActionCompleted => Body::ActionCompleted(self.action()),
            EventType::ActionFailed => Body::ActionFailed(self.action()),
            EventType::Escalated => Body::Escalated(Escalation {
                assigned_to: self.either("assigned_to"),
                reason: self.either("reason"),
                summary: self.summary(),
            }),
            EventType::ApprovalRequested => {
                Body::ApprovalRequested(ApprovalRequest { approver: self.either("approver"), summary: self.summary() })
            }
            EventType::ApprovalReceived => Body::ApprovalReceived(ApprovalDecision {
                approved_by: self.either("approved_by"),
                decision: self.either("decision"),
                summary: self.summary(),
            }),
            EventType::RetryStarted => self.retry(),
            EventType::Custom => self.custom(kind),
        }
    }

    fn summary(&mut self) -> Option<Box<str>> {
        self.top.text("summary", self.odd)
    }

    /// A text in `data`, else at the top level.
    fn either(&mut self, name: &str) -> Option<Box<str>> {
        self.data.label(name, self.odd).or_else(|| self.top.label(name, self.odd))
    }

    fn exception(&mut self) -> Exception {
        Exception { exception_type: self.either("exception_type"), exception_message: self.either("exception_message") }
    }

    fn action(&mut self) -> Action {
        Action {
            name: self.either("action_name"),
            function: self.either("function"),
            exception: self.exception(),
            input: self.top.first_told(&INPUTS).map(|input| fingerprint(&[input])),
        }
    }

    fn registered(&mut self) -> Body {
        let (data, odd) = (&self.data, &mut *self.odd);
        Body::Registered(Registered {
            agent_type: data.text("type", odd),
            version: data.label("version", odd),
            framework: data.text("framework", odd),
            stuck_threshold_seconds: data.amount("stuck_threshold", odd),
            heartbeat_interval_seconds: data.amount("heartbeat_interval", odd),
        })
    }

    fn retry(&mut self) -> Body {
        Body::RetryStarted(Retry {
            attempt: self.data.count("attempt", self.odd).or_else(|| self.top.count("attempt", self.odd)),
            backoff_seconds: self
                .data
                .amount("backoff_seconds", self.odd)
                .or_else(|| self.top.amount("backoff_seconds", self.odd)),
            summary: self.summary(),
        })
    }

    fn custom(mut self, kind: Option<Kind>) -> Body {
        let Some(kind) = kind else {
            return Body::Custom {
                kind: self.top.label("kind", self.odd),
                summary: self.top.label("summary", self.odd),
            };
        };
        if self.top.raw("data").is_none() && kind != Kind::HeartbeatStatus {
            self.odd.push("data".to_owned());
        }
        let summary = self.summary();
        let (data, odd) = (self.data, self.odd);
        match kind {
            Kind::LlmCall => Body::LlmCall(llm_call(&data, odd)),
            Kind::PlanCreated => Body::PlanCreated(plan_created(&data, summary, odd)),
            Kind::PlanStep => Body::PlanStep(plan_step(&data, summary, odd)),
            Kind::QueueSnapshot => Body::QueueSnapshot(QueueSnapshot {
                depth: data.count("depth", odd),
                oldest_age_seconds: data.amount("oldest_age_seconds", odd),
                items: data.list("items", odd).and_then(|_| verbatim(&data, "items")),
                processing: data.object("processing", odd).map(Into::into),
            }),
            Kind::Todo => Body::Todo(Todo {
                todo_id: data.label("todo_id", odd),
                action: data.text("action", odd),
                summary,
                priority: data.label("priority", odd),
                source: data.text("source", odd),
                context: verbatim(&data, "context"),
                due_by: data.label("due_by", odd),
            }),
            Kind::Scheduled => Body::Scheduled(Scheduled { items: data.objects("items", odd).map(Into::into) }),
            Kind::Issue => Body::Issue(issue(&data, summary, odd)),
            Kind::HeartbeatStatus => Body::Custom { kind: Some(Kind::HeartbeatStatus.as_str().into()), summary },
        }
    }
}

fn verbatim(data: &Fields<'_, '_>, name: &str) -> Option<Box<str>> {
    data.raw(name).map(Into::into)
}

fn llm_call(data: &Fields<'_, '_>, odd: &mut Oddities) -> LlmCall {
    let cost = data.amount("cost", odd);
    if cost.is_some_and(|dollars| dollars > MAX_COST_DOLLARS) {
        odd.push("cost".to_owned());
    }
    LlmCall {
        name: data.text("name", odd),
        model: data.text("model", odd),
        tokens_in: data.count("tokens_in", odd),
        tokens_out: data.count("tokens_out", odd),
        cost: cost.and_then(NanoDollars::from_dollars),
        duration_ms: data.amount("duration_ms", odd),
        prompt_preview: data.text("prompt_preview", odd),
        response_preview: data.text("response_preview", odd),
        // The agent's own; of another shape it is nobody's mistake.
        metadata: data.raw("metadata").filter(|raw| raw.starts_with('{')).map(Into::into),
    }
}

fn plan_created(data: &Fields<'_, '_>, summary: Option<Box<str>>, odd: &mut Oddities) -> PlanCreated {
    let mut steps = Vec::new();
    for (place, step) in data.list("steps", odd).unwrap_or_default().into_iter().enumerate() {
        if let Some(members) = fields::members(step.get()) {
            let fields = Fields(&members);
            let index = fields.count("index", odd).and_then(|index| u32::try_from(index).ok()).unwrap_or(place as u32);
            steps.push((index, fields.label("description", odd).unwrap_or_default()));
        } else if let Some(text) = fields::string(step.get()) {
            steps.push((place as u32, text));
        } else {
            odd.push("steps".to_owned());
        }
    }
    steps.sort();
    steps.dedup_by_key(|(index, _)| *index);
    PlanCreated {
        goal: data.text("goal", odd).or(summary),
        steps,
        revision: data.count("revision", odd).and_then(|revision| u32::try_from(revision).ok()).unwrap_or(0),
    }
}

fn plan_step(data: &Fields<'_, '_>, summary: Option<Box<str>>, odd: &mut Oddities) -> PlanStep {
    let mut small = |name: &str| data.count(name, odd).and_then(|number| u32::try_from(number).ok());
    let (step_index, total_steps, plan_revision) = (small("step_index"), small("total_steps"), small("plan_revision"));
    let action = data.text("action", odd).and_then(|word| match &*word {
        "started" => Some(StepAction::Started),
        "completed" => Some(StepAction::Completed),
        "failed" => Some(StepAction::Failed),
        "skipped" => Some(StepAction::Skipped),
        _ => {
            odd.push("action".to_owned());
            None
        }
    });
    if step_index.is_none() && !odd.iter().any(|name| name == "step_index") {
        odd.push("step_index".to_owned());
    }
    PlanStep {
        step_index,
        total_steps,
        action,
        turns: data.count("turns", odd),
        tokens: data.count("tokens", odd),
        plan_revision,
        summary,
    }
}

fn issue(data: &Fields<'_, '_>, summary: Option<Box<str>>, odd: &mut Oddities) -> Issue {
    let action = match data.text("action", odd).as_deref() {
        None | Some("reported") => IssueAction::Reported,
        Some("resolved") => IssueAction::Resolved,
        Some("dismissed") => IssueAction::Dismissed,
        Some(_) => {
            odd.push("action".to_owned());
            IssueAction::Reported
        }
    };
    let severity = data.text("severity", odd);
    if severity.as_deref().is_some_and(|word| !matches!(word, "low" | "medium" | "high" | "critical")) {
        odd.push("severity".to_owned());
    }
    Issue {
        issue_id: data.label("issue_id", odd),
        summary,
        severity,
        category: data.text("category", odd),
        context: verbatim(data, "context"),
        action,
        occurrence_count: data.count("occurrence_count", odd),
    }
}
