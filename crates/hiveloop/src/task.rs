//! A task: a unit of work with a beginning and an end.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::agent::Agent;
use crate::agent_info::cut_to_id;
use crate::client::Client;
use crate::event::EventType;
use crate::event_identity::RunClock;
use crate::outcome::{Failure, Outcome};
use crate::payload::{ExtraFields, JsonWriter, LlmCall, PlanStep, ToJson, write_plan};
use crate::subject::Subject;

/// What to know about a task when it begins.
#[derive(Debug, Clone, Default)]
pub struct TaskOptions {
    /// The project it belongs to.
    pub project: Option<String>,
    /// Classification.
    pub task_type: Option<String>,
    /// Tells apart several executions of one task; made up unless given.
    pub task_run_id: Option<String>,
    /// Ties together tasks of several agents.
    pub correlation_id: Option<String>,
}

struct TaskState {
    agent: Agent,
    task_id: String,
    task_run_id: String,
    fragment: String,
    clock: RunClock,
    started: OnceLock<Duration>,
    ended: AtomicBool,
    /// Begun elsewhere, whose work it is.
    is_guest: AtomicBool,
    /// An approval has been asked for and not received.
    is_waiting: AtomicBool,
    /// Merged into the end event at the top level.
    extra: Mutex<ExtraFields>,
    total_steps: AtomicI64,
    plan_revision: AtomicI64,
}

/// A handle to a task. Cheap to clone; all clones are the same task.
///
/// The task fails when its last handle is dropped before [`Task::complete`] or [`Task::fail`].
#[derive(Clone)]
pub struct Task {
    state: Arc<TaskState>,
}

impl Agent {
    /// Begins a task, which ends when it is completed, failed, or dropped (then it has failed).
    pub fn task(&self, task_id: &str, options: TaskOptions) -> Task {
        let task = Task::prepare(self, task_id, options);
        task.begin();
        task
    }

    /// Makes a task that begins with [`Task::begin`], or with the first thing reported about it.
    pub fn prepare_task(&self, task_id: &str, options: TaskOptions) -> Task {
        Task::prepare(self, task_id, options)
    }

    /// A handle to a run that was begun elsewhere: it sends no start of its own.
    pub fn task_begun_elsewhere(&self, task_id: &str, options: TaskOptions) -> Task {
        let task = Task::prepare(self, task_id, options);
        // Nobody else has the task yet, so this is the first setting.
        let _ = task.state.started.set(self.client.config().clock.monotonic());
        task.state.is_guest.store(true, Ordering::Release);
        task
    }
}

impl Task {
    pub(crate) fn prepare(agent: &Agent, task_id: &str, options: TaskOptions) -> Self {
        let task_id = cut_to_id(task_id).to_owned();
        let made_up = || agent.client.process().random_id();
        let task_run_id = options.task_run_id.map_or_else(made_up, |id| cut_to_id(&id).to_owned());
        let mut out = JsonWriter::new();
        for (name, text) in [
            ("project_id", options.project.as_deref().map(cut_to_id)),
            ("task_id", Some(task_id.as_str())),
            ("task_type", options.task_type.as_deref().map(cut_to_id)),
            ("task_run_id", Some(task_run_id.as_str())),
            ("correlation_id", options.correlation_id.as_deref().map(cut_to_id)),
        ] {
            if let Some(text) = text {
                out.key(name);
                out.string(text);
            }
        }
        Self {
            state: Arc::new(TaskState {
                agent: agent.clone(),
                clock: RunClock::default(),
                is_guest: AtomicBool::new(false),
                is_waiting: AtomicBool::new(false),
                fragment: String::from_utf8(out.into_bytes()).expect("the writer writes only whole characters"),
                started: OnceLock::new(),
                ended: AtomicBool::new(false),
                extra: Mutex::default(),
                total_steps: AtomicI64::new(-1),
                plan_revision: AtomicI64::new(-1),
                task_id,
                task_run_id,
            }),
        }
    }

    /// Begins the task, once; returns whether it was this call that did.
    pub fn begin(&self) -> bool {
        self.state.begin()
    }

    /// The client it belongs to.
    pub fn client(&self) -> &Client {
        &self.state.agent.client
    }

    /// The task's id.
    pub fn task_id(&self) -> &str {
        &self.state.task_id
    }

    /// The id of this execution.
    pub fn task_run_id(&self) -> &str {
        &self.state.task_run_id
    }

    /// The agent that performs the task.
    pub fn agent(&self) -> &Agent {
        &self.state.agent
    }

    /// Whether the task has been completed or failed.
    pub fn is_ended(&self) -> bool {
        self.state.ended.load(Ordering::Acquire)
    }

    /// Notes that an approval is asked for, or received; other events change nothing.
    pub fn note_approval(&self, event_type: EventType) {
        match event_type {
            EventType::ApprovalRequested => self.state.is_waiting.store(true, Ordering::Release),
            EventType::ApprovalReceived => self.state.is_waiting.store(false, Ordering::Release),
            _ => {}
        }
    }

    /// Whether an approval has been asked for and not received.
    pub fn is_waiting(&self) -> bool {
        self.state.is_waiting.load(Ordering::Acquire)
    }

    /// Whether both handles are of the same run.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.state, &other.state)
    }

    /// Whom an event of this task is about.
    pub fn subject(&self) -> Subject<'_> {
        self.state.subject()
    }

    /// Emits any event; of an unknown type as `custom` with `payload.original_type`.
    pub fn event(&self, event_type: &str, payload: &serde_json::Value) {
        if let Some(known) = EventType::from_name(event_type) {
            self.note_approval(known);
        }
        self.subject().named(event_type, payload);
    }

    /// Records a call of a language model.
    pub fn llm_call<V: ToJson>(&self, call: &LlmCall<V>) {
        self.llm_call_as(self.subject(), call);
    }

    /// Records a call of a language model for this subject.
    pub fn llm_call_as<V: ToJson>(&self, subject: Subject<'_>, call: &LlmCall<V>) {
        let previews = self.state.agent.client.config().capture_previews;
        subject.emit(EventType::Custom, |out| call.write(out, previews));
    }

    /// Declares a plan; each further plan of a task is a further revision unless one is given.
    pub fn plan<V: ToJson>(&self, goal: Option<V>, steps: &[V], revision: Option<i64>) {
        self.plan_as(self.subject(), goal, steps, revision);
    }

    /// Declares a plan for this subject.
    pub fn plan_as<V: ToJson>(&self, subject: Subject<'_>, goal: Option<V>, steps: &[V], revision: Option<i64>) {
        let revision = revision.unwrap_or_else(|| self.state.plan_revision.load(Ordering::Acquire) + 1);
        self.state.plan_revision.store(revision, Ordering::Release);
        self.state.total_steps.store(steps.len() as i64, Ordering::Release);
        subject.emit(EventType::Custom, |out| write_plan(out, goal.as_ref(), steps, revision));
    }

    /// The number of steps and the revision of the latest plan, for steps that do not say so themselves.
    pub fn plan_in_force(&self) -> Option<(i64, i64)> {
        let revision = self.state.plan_revision.load(Ordering::Acquire);
        (revision >= 0).then(|| (self.state.total_steps.load(Ordering::Acquire), revision))
    }

    /// Records the progress of a step of the plan in force, unless the step names another.
    pub fn plan_step<V: ToJson>(&self, step: &PlanStep<V>) {
        let plan = self.plan_in_force();
        self.subject().emit(EventType::Custom, |out| step.write_within(out, plan));
    }

    /// Adds fields, given as the text of a JSON object, to the event that ends the task.
    pub fn set_payload_json(&self, object: &[u8]) {
        self.state.extra.lock().unwrap_or_else(PoisonError::into_inner).merge(object);
    }

    /// Adds the fields of a JSON object to the event that ends the task.
    pub fn set_payload(&self, payload: &serde_json::Value) {
        self.set_payload_json(payload.to_string().as_bytes());
    }

    /// Ends the task well. Later ends are ignored.
    pub fn complete(&self) {
        self.end(Outcome::SUCCESS);
    }

    /// Ends the task as failed. Later ends are ignored.
    pub fn fail(&self, failure: Failure<'_>) {
        self.end(Outcome::Failed(Some(failure)));
    }

    /// Ends the task as failed by an error. Later ends are ignored.
    pub fn fail_with<E: std::error::Error + ?Sized>(&self, error: &E) {
        Failure::told_by(error, |failure| self.fail(failure));
    }

    /// Ends the task as cancelled: neither well nor badly. Later ends are ignored.
    pub fn cancel(&self) {
        self.end(Outcome::Cancelled(None));
    }

    /// Ends the task. Later ends are ignored.
    pub fn end(&self, outcome: Outcome<'_>) {
        self.state.end(outcome);
    }
}

impl TaskState {
    fn begin(&self) -> bool {
        let client = &self.agent.client;
        let begins = self.started.set(client.config().clock.monotonic()).is_ok();
        if begins {
            self.agent.info.work.begin(client.process().generation);
            self.subject().emit(EventType::TaskStarted, |out| self.write_summary(out, "started", None));
        }
        begins
    }

    fn subject(&self) -> Subject<'_> {
        if self.started.get().is_none() {
            // Something is told about a task that nobody began: it begins with that.
            self.begin();
        }
        Subject { task_fragment: &self.fragment, run: Some(&self.clock), ..self.agent.subject() }
    }

    fn end(&self, outcome: Outcome<'_>) {
        if matches!(outcome, Outcome::Paused) {
            // It waits for somebody: it stays open, on the board and here, and may be entered or ended later.
            self.begin();
            return;
        }
        if self.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        self.begin();
        let client = &self.agent.client;
        let started = self.started.get().copied().unwrap_or_default();
        let elapsed = client.config().clock.monotonic().saturating_sub(started);
        let (status, word, failure) = outcome.told();
        let duration_ms = (!self.is_guest.load(Ordering::Acquire)).then_some(elapsed.as_millis() as i64);
        let subject = Subject { status: Some(status), duration_ms, ..self.subject() };
        subject.emit(outcome.of_task(), |out| self.write_summary(out, word, failure));
        if !self.is_guest.load(Ordering::Acquire) {
            self.agent.info.work.end(client.process().generation);
        }
    }

    fn write_summary(&self, out: &mut JsonWriter, word: &str, failure: Option<Failure<'_>>) {
        let extra = self.extra.lock().unwrap_or_else(PoisonError::into_inner);
        out.raw("{");
        let ended = word != "started";
        if !(ended && extra.contains("summary")) {
            out.raw("\"summary\":");
            out.string(&format!("Task {} {word}", self.task_id));
        }
        if let Some(failure) = failure {
            failure.write(out, self.agent.client.config().scrub_urls);
        }
        if ended {
            extra.write(out, if failure.is_some() { Failure::FIELDS } else { &[] });
        }
        out.raw("}");
    }
}

impl Drop for TaskState {
    fn drop(&mut self) {
        // The last handle is gone, whichever threads dropped theirs at the same time.
        let is_open = self.started.get().is_some() && !*self.ended.get_mut();
        if is_open && self.agent.client.config().fail_dropped {
            self.end(Outcome::Failed(Some(Failure::DROPPED_TASK)));
        }
    }
}
