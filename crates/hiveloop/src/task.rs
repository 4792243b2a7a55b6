//! A task: a unit of work with a beginning and an end.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::action::Action;
use crate::agent::Agent;
use crate::client::Client;
use crate::event::EventType;
use crate::payload::{ExtraFields, JsonWriter, LlmCall, PlanStep, ToJson, write_plan};
use crate::subject::Subject;

/// The server refuses longer ids of tasks.
const MAX_TASK_ID_CHARACTERS: usize = 256;

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
    task_id: String,
    task_run_id: String,
    fragment: String,
    started: OnceLock<Duration>,
    ended: AtomicBool,
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
    agent: Agent,
    state: Arc<TaskState>,
}

/// What went wrong, for the event.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// The error's type.
    pub exception_type: &'a str,
    /// Its message.
    pub exception_message: &'a str,
}

impl Failure<'_> {
    /// The names of its fields; nobody else's fields take their place.
    pub(crate) const FIELDS: &'static [&'static str] = &["exception_type", "exception_message"];

    /// Tells an error by its type, path and parameters left out, and its message.
    pub(crate) fn told_by<E: std::error::Error + ?Sized>(error: &E, tell: impl FnOnce(Failure<'_>)) {
        let whole = std::any::type_name::<E>();
        let path = whole.split_once('<').map_or(whole, |(path, _)| path);
        let exception_type = path.rsplit("::").next().unwrap_or(path);
        tell(Failure { exception_type, exception_message: &error.to_string() });
    }

    pub(crate) fn write(&self, out: &mut JsonWriter) {
        out.key("exception_type");
        out.string(self.exception_type);
        out.key("exception_message");
        out.string(self.exception_message);
    }
}

impl Task {
    pub(crate) fn prepare(agent: &Agent, task_id: &str, options: TaskOptions) -> Self {
        let task_id: String = task_id.chars().take(MAX_TASK_ID_CHARACTERS).collect();
        let task_run_id = options.task_run_id.unwrap_or_else(|| agent.client.process().random_id());
        let mut out = JsonWriter::new();
        for (name, text) in [
            ("project_id", options.project.as_deref()),
            ("task_id", Some(task_id.as_str())),
            ("task_type", options.task_type.as_deref()),
            ("task_run_id", Some(task_run_id.as_str())),
            ("correlation_id", options.correlation_id.as_deref()),
        ] {
            if let Some(text) = text {
                out.key(name);
                out.string(text);
            }
        }
        Self {
            agent: agent.clone(),
            state: Arc::new(TaskState {
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
        let now = self.client().config().clock.monotonic();
        let begins = self.state.started.set(now).is_ok();
        if begins {
            self.subject().emit(EventType::TaskStarted, |out| self.write_summary(out, "started", None));
        }
        begins
    }

    /// The client it belongs to.
    pub fn client(&self) -> &Client {
        &self.agent.client
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
        &self.agent
    }

    /// Whether the task has been completed or failed.
    pub fn is_ended(&self) -> bool {
        self.state.ended.load(Ordering::Acquire)
    }

    /// Whether both handles are of the same run.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.state, &other.state)
    }

    /// Whom an event of this task is about.
    pub fn subject(&self) -> Subject<'_> {
        if self.state.started.get().is_none() {
            // Something is told about a task that nobody began: it begins with that.
            self.begin();
        }
        Subject { task_fragment: &self.state.fragment, ..self.agent.subject() }
    }

    /// Begins an action in this task.
    pub fn action(&self, name: &str) -> Action {
        self.action_within(None, &Action::describe(name, None))
    }

    /// Begins an action in this task, inside of another; `description` comes from [`Action::describe`].
    pub fn action_within(&self, parent_action_id: Option<&str>, description: &str) -> Action {
        let agent = &self.agent;
        Action::start(agent.client.clone(), agent.info.clone(), Some(self.clone()), parent_action_id, description)
    }

    /// Emits any event; of an unknown type as `custom` with `payload.original_type`.
    pub fn event(&self, event_type: &str, payload: &serde_json::Value) {
        self.subject().named(event_type, payload);
    }

    /// Records a call of a language model.
    pub fn llm_call<V: ToJson>(&self, call: &LlmCall<V>) {
        self.llm_call_as(self.subject(), call);
    }

    /// Records a call of a language model for this subject.
    pub fn llm_call_as<V: ToJson>(&self, subject: Subject<'_>, call: &LlmCall<V>) {
        let previews = self.agent.client.config().capture_previews;
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
        self.end(EventType::TaskCompleted, "success", None);
    }

    /// Ends the task as failed. Later ends are ignored.
    pub fn fail(&self, failure: Failure<'_>) {
        self.end(EventType::TaskFailed, "failure", Some(failure));
    }

    /// Ends the task as failed by an error. Later ends are ignored.
    pub fn fail_with<E: std::error::Error + ?Sized>(&self, error: &E) {
        Failure::told_by(error, |failure| self.fail(failure));
    }

    /// Ends the task with an event of this type and status.
    pub fn end(&self, event_type: EventType, status: &str, failure: Option<Failure<'_>>) {
        if self.state.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        self.begin();
        let started = self.state.started.get().copied().unwrap_or_default();
        let elapsed = self.client().config().clock.monotonic().saturating_sub(started);
        let subject = Subject { status: Some(status), duration_ms: Some(elapsed.as_millis() as i64), ..self.subject() };
        let word = if event_type == EventType::TaskFailed { "failed" } else { "completed" };
        subject.emit(event_type, |out| self.write_summary(out, word, failure));
    }

    fn write_summary(&self, out: &mut JsonWriter, word: &str, failure: Option<Failure<'_>>) {
        let extra = self.state.extra.lock().unwrap_or_else(PoisonError::into_inner);
        out.raw("{");
        let ended = word != "started";
        if !(ended && extra.contains("summary")) {
            out.raw("\"summary\":");
            out.string(&format!("Task {} {word}", self.state.task_id));
        }
        if let Some(failure) = failure {
            failure.write(out);
        }
        if ended {
            extra.write(out, if failure.is_some() { Failure::FIELDS } else { &[] });
        }
        out.raw("}");
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if Arc::strong_count(&self.state) == 1 && !self.is_ended() && self.agent.client.config().fail_dropped {
            self.fail(Failure { exception_type: "Dropped", exception_message: "the task was dropped before its end" });
        }
    }
}
