//! One run of a task, folded from its events in any order.

use hiveboard_wire::{
    Body, CallCost, CostSource, Envelope, EventId, EventType, OrderKey, StoredEvent, Timestamp,
    body::{ApprovalRequest, StepAction},
};
use serde::{Deserialize, Serialize};

use crate::{
    failures::{Failure, Trail},
    interner::{CompactId, Interner, Name, Process, Symbol},
    plan::PlanState,
    view::TaskStatus,
};

/// A label with the time of the event that gave it; at one instant the greater text wins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Label<T> {
    pub(crate) micros: i64,
    pub(crate) value: Option<T>,
}

impl<T> Default for Label<T> {
    fn default() -> Self {
        Self { micros: i64::MIN, value: None }
    }
}

impl<T: Name> Label<T> {
    fn offer(&mut self, micros: i64, text: Option<&str>, interner: &mut Interner) {
        let Some(text) = text else { return };
        if micros < self.micros {
            return;
        }
        match self.value {
            // Labels repeat: the usual event confirms the one known.
            Some(known) if text == known.text(interner) => self.micros = micros,
            Some(known) if micros == self.micros && text < known.text(interner) => {}
            _ => *self = Self { micros, value: Some(T::of(text, interner)) },
        }
    }
}

impl Label<CompactId> {
    fn offer(&mut self, micros: i64, text: Option<&str>) {
        let Some(text) = text else { return };
        if micros < self.micros {
            return;
        }
        match &self.value {
            Some(known) if micros == self.micros && known.with_str(|known| text <= known) => {}
            _ => *self = Self { micros, value: Some(CompactId::new(text)) },
        }
    }
}

/// Events that arrive later than this after they are said to have happened are taken for those of a clock that is off.
const LATE_MICROS: i64 = 3_600 * hiveboard_wire::MICROS_PER_SECOND;

/// The latest end. Ordered: later wins, at one instant completed over failed, then by event id.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct End {
    pub(crate) micros: i64,
    /// It did not fail.
    pub(crate) completed: bool,
    /// It was called off: neither a success nor a failure.
    pub(crate) cancelled: bool,
    pub(crate) event_id: EventId,
    pub(crate) duration_ms: Option<f64>,
    /// Of a failure: its exception's type, and what that says.
    pub(crate) exception: Option<Box<Raised>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Raised {
    pub(crate) exception_type: Option<Box<str>>,
    pub(crate) message: Option<Box<str>>,
}

/// What the run had to do with people: when approvals were last asked for and last given, and when it was last escalated; `i64::MIN`
/// where it never was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct People {
    pub(crate) requested_micros: i64,
    pub(crate) received_micros: i64,
    pub(crate) escalated_micros: i64,
    /// The latest request.
    pub(crate) request: Option<Request>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) event_id: EventId,
    pub(crate) summary: Option<Box<str>>,
    pub(crate) approver: Option<Box<str>>,
}

impl Raised {
    fn of(failure: Failure) -> Option<Box<Self>> {
        let exception_type = Some(failure.exception_type).filter(|name| !name.is_empty());
        let said = exception_type.is_some() || failure.message.is_some();
        said.then(|| Box::new(Self { exception_type, message: failure.message }))
    }
}

impl Default for People {
    fn default() -> Self {
        Self { requested_micros: i64::MIN, received_micros: i64::MIN, escalated_micros: i64::MIN, request: None }
    }
}

impl People {
    /// At one instant the greater event id is the later one.
    fn asked(&mut self, micros: i64, event_id: &EventId, request: &ApprovalRequest) {
        let known = self.request.as_ref().map(|request| &request.event_id);
        if (micros, Some(event_id)) > (self.requested_micros, known) {
            self.requested_micros = micros;
            self.request = Some(Request {
                event_id: event_id.clone(),
                summary: request.summary.clone(),
                approver: request.approver.clone(),
            });
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) actions_started: u32,
    pub(crate) actions_ended: u32,
    pub(crate) errors: u32,
    pub(crate) retries: u32,
    pub(crate) llm_calls: u32,
    pub(crate) escalations: u32,
    pub(crate) calls_with_tokens_in: u32,
    pub(crate) calls_with_tokens_out: u32,
    pub(crate) calls_with_cost: u32,
    pub(crate) tokens_in: u64,
    pub(crate) tokens_out: u64,
    /// Nano-dollars, reported plus estimated.
    pub(crate) cost: i64,
    /// Nano-dollars.
    pub(crate) estimated_cost: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    /// Number of the agent in the projections.
    pub(crate) agent: u32,
    pub(crate) task_id: Box<str>,
    pub(crate) task_run_id: CompactId,
    pub(crate) task_type: Label<Symbol>,
    pub(crate) project: Label<Symbol>,
    pub(crate) correlation: Label<CompactId>,
    pub(crate) environment: Label<Symbol>,
    pub(crate) group: Label<Symbol>,
    pub(crate) version: Label<Symbol>,
    pub(crate) instance: Label<Process>,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    /// The latest `task_started`; `i64::MIN` without one.
    pub(crate) start_micros: i64,
    /// How many `task_started` there are.
    pub(crate) starts: u32,
    pub(crate) end: Option<End>,
    pub(crate) first_arrival: Timestamp,
    /// Arrival of the last event to arrive, or the start of the server where it was granted grace.
    pub(crate) last_sign: Timestamp,
    /// The place of its last event.
    pub(crate) last_seq: u64,
    pub(crate) people: Option<Box<People>>,
    pub(crate) counts: Counts,
    pub(crate) plan: Option<Box<PlanState>>,
    /// What failed in it.
    pub(crate) trail: Option<Box<Trail>>,
}

/// What the indexes and roll-ups need to know about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) open: bool,
    pub(crate) pending: bool,
    /// Of the latest end, whether it reopened or not.
    pub(crate) latest_end: Option<(Timestamp, bool)>,
    pub(crate) ended: Option<Ended>,
}

/// What an ended run adds to the roll-ups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) at: Timestamp,
    pub(crate) completed: bool,
    pub(crate) cancelled: bool,
    pub(crate) duration_micros: i64,
    pub(crate) escalated: bool,
    pub(crate) with_errors: bool,
    pub(crate) actions: u32,
}

impl Ended {
    pub(crate) const fn status(&self) -> TaskStatus {
        match (self.cancelled, self.completed) {
            (true, _) => TaskStatus::Cancelled,
            (false, true) => TaskStatus::Completed,
            (false, false) => TaskStatus::Failed,
        }
    }
}

impl Run {
    pub(crate) fn new(agent: u32, task_id: &str, task_run_id: &str) -> Self {
        Self {
            agent,
            task_id: task_id.into(),
            task_run_id: CompactId::new(task_run_id),
            task_type: Label::default(),
            project: Label::default(),
            correlation: Label::default(),
            environment: Label::default(),
            group: Label::default(),
            version: Label::default(),
            instance: Label::default(),
            first: Timestamp::MAX,
            last: Timestamp::MIN,
            start_micros: i64::MIN,
            starts: 0,
            end: None,
            first_arrival: Timestamp::MAX,
            last_sign: Timestamp::MIN,
            last_seq: 0,
            people: None,
            counts: Counts::default(),
            plan: None,
            trail: None,
        }
    }

    pub(crate) fn fold(
        &mut self,
        stored: &StoredEvent,
        key: &OrderKey,
        body: &Body,
        call_cost: Option<CallCost>,
        interner: &mut Interner,
    ) {
        let event = &stored.event;
        let micros = key.timestamp.micros();
        self.first = self.first.min(key.timestamp);
        self.last = self.last.max(key.timestamp);
        self.first_arrival = self.first_arrival.min(stored.received_at);
        self.last_sign = self.last_sign.max(stored.received_at);
        self.last_seq = self.last_seq.max(stored.seq);
        self.task_type.offer(micros, event.task_type.as_deref(), interner);
        self.project.offer(micros, event.project_id.as_deref(), interner);
        self.correlation.offer(micros, event.correlation_id.as_deref());
        self.fold_envelope(micros, &stored.envelope, interner);
        match event.event_type {
            EventType::TaskStarted => {
                self.start_micros = self.start_micros.max(micros);
                self.starts += 1;
            }
            EventType::TaskCompleted | EventType::TaskFailed => self.fold_end(stored, micros, body),
            _ => {}
        }
        self.fold_people(micros, &event.event_id, body);
        self.fold_body(micros, body, call_cost);
    }

    fn fold_envelope(&mut self, micros: i64, envelope: &Envelope, interner: &mut Interner) {
        self.environment.offer(micros, Some(&envelope.environment), interner);
        self.group.offer(micros, Some(&envelope.group), interner);
        self.version.offer(micros, envelope.agent_version.as_deref(), interner);
        self.instance.offer(micros, envelope.instance_id.as_deref(), interner);
    }

    fn fold_end(&mut self, stored: &StoredEvent, micros: i64, body: &Body) {
        let event = &stored.event;
        let completed = event.event_type == EventType::TaskCompleted;
        let later = self
            .end
            .as_ref()
            .is_none_or(|end| (end.micros, end.completed, &end.event_id) < (micros, completed, &event.event_id));
        if later {
            let event_id = event.event_id.clone();
            let cancelled = completed && event.status.as_deref() == Some("cancelled");
            let exception = Failure::of(event, body).and_then(Raised::of);
            self.end = Some(End { micros, completed, cancelled, event_id, duration_ms: event.duration_ms, exception });
        }
    }

    fn fold_people(&mut self, micros: i64, event_id: &EventId, body: &Body) {
        let side = match body {
            Body::ApprovalRequested(request) => {
                self.people.get_or_insert_default().asked(micros, event_id, request);
                return;
            }
            Body::ApprovalReceived(_) => &mut self.people.get_or_insert_default().received_micros,
            Body::Escalated(_) => &mut self.people.get_or_insert_default().escalated_micros,
            _ => return,
        };
        *side = micros.max(*side);
    }

    fn fold_body(&mut self, micros: i64, body: &Body, call_cost: Option<CallCost>) {
        let counts = &mut self.counts;
        match body {
            Body::ActionStarted(_) => counts.actions_started += 1,
            Body::ActionCompleted(_) => counts.actions_ended += 1,
            Body::ActionFailed(_) => {
                counts.actions_ended += 1;
                counts.errors += 1;
            }
            Body::TaskFailed(_) => counts.errors += 1,
            Body::Escalated(_) => counts.escalations += 1,
            Body::RetryStarted(_) => counts.retries += 1,
            Body::LlmCall(call) => {
                counts.llm_calls += 1;
                counts.calls_with_tokens_in += u32::from(call.tokens_in.is_some());
                counts.calls_with_tokens_out += u32::from(call.tokens_out.is_some());
                counts.tokens_in = counts.tokens_in.saturating_add(call.tokens_in.unwrap_or(0));
                counts.tokens_out = counts.tokens_out.saturating_add(call.tokens_out.unwrap_or(0));
                counts.add_cost(call_cost);
            }
            Body::PlanCreated(plan) => self.plan.get_or_insert_default().created(micros, plan),
            Body::PlanStep(step) => {
                counts.errors += u32::from(step.action == Some(StepAction::Failed));
                self.plan.get_or_insert_default().step(micros, step);
            }
            Body::Registered(_)
            | Body::Heartbeat { .. }
            | Body::TaskStarted
            | Body::TaskCompleted
            | Body::ApprovalRequested(_)
            | Body::ApprovalReceived(_)
            | Body::QueueSnapshot(_)
            | Body::Todo(_)
            | Body::Scheduled(_)
            | Body::Issue(_)
            | Body::Custom { .. } => {}
        }
    }

    /// Closed by its latest end, unless a start opened it again.
    pub(crate) fn closed(&self) -> Option<&End> {
        let named = !self.task_run_id.is("");
        self.end.as_ref().filter(|end| is_closed(end.micros, self.start_micros, self.starts, named))
    }

    /// An approval was asked for with none given since.
    pub(crate) fn approval_pending(&self) -> bool {
        self.people.as_ref().is_some_and(|people| people.requested_micros > people.received_micros)
    }

    /// Any approval was asked for or given.
    pub(crate) fn had_approvals(&self) -> bool {
        self.people.as_ref().is_some_and(|people| people.requested_micros.max(people.received_micros) > i64::MIN)
    }

    pub(crate) fn standing(&self) -> Standing {
        let ended = self.closed().map(|end| Ended {
            at: Timestamp(end.micros),
            completed: end.completed,
            cancelled: end.cancelled,
            duration_micros: self.ended_duration_micros(end),
            escalated: self.counts.escalations > 0,
            with_errors: self.counts.errors > 0,
            actions: self.action_count(),
        });
        Standing {
            open: ended.is_none(),
            pending: ended.is_none() && self.approval_pending(),
            latest_end: self.end.as_ref().map(|end| (Timestamp(end.micros), end.completed)),
            ended,
        }
    }

    fn ended_duration_micros(&self, end: &End) -> i64 {
        match end.duration_ms {
            Some(duration_ms) => (duration_ms * 1000.0).round() as i64,
            None => self.last.micros().saturating_sub(self.first.micros()),
        }
    }

    /// Of the end; stopped at the last event when orphaned; else until `now`.
    pub(crate) fn duration_ms(&self, orphaned: bool, now: Timestamp) -> f64 {
        if let Some(end) = self.closed() {
            return self.ended_duration_micros(end) as f64 / 1000.0;
        }
        // A reopened run counts from the start that opened it again.
        let from = if self.end.is_some() { Timestamp(self.start_micros) } else { self.first };
        if orphaned {
            return self.last.millis_since(from).max(0.0);
        }
        now.millis_since(self.plausible_start(from)).max(0.0)
    }

    /// Where the agent's clock cannot be right about when the run began, its arrival tells.
    fn plausible_start(&self, from: Timestamp) -> Timestamp {
        let earliest = self.first_arrival.plus_micros(-LATE_MICROS);
        if self.end.is_none() && (from < earliest || from > self.first_arrival) { self.first_arrival } else { from }
    }

    /// Each failure once, wherever it was passed on to.
    pub(crate) fn cause_count(&self) -> u32 {
        self.trail.as_deref().map_or(self.counts.errors, |trail| trail.causes(self.counts.errors))
    }

    pub(crate) fn action_count(&self) -> u32 {
        self.counts.actions_started.max(self.counts.actions_ended)
    }
}

/// Whether a run's latest end closes it. A start later than that opens it again; but where the client names the run (`named`) and it
/// started once only, that start is the one which the end belongs to, whatever the clocks say: a wall clock may have been set back
/// between them.
pub(crate) const fn is_closed(end_micros: i64, latest_start_micros: i64, starts: u32, named: bool) -> bool {
    latest_start_micros <= end_micros || (named && starts == 1)
}

impl Counts {
    fn add_cost(&mut self, call_cost: Option<CallCost>) {
        let Some(CallCost { amount, source }) = call_cost else { return };
        if source == CostSource::Unknown {
            return;
        }
        self.calls_with_cost += 1;
        self.cost = self.cost.saturating_add(amount.0);
        if source == CostSource::Estimated {
            self.estimated_cost = self.estimated_cost.saturating_add(amount.0);
        }
    }
}
