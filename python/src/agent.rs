//! The native half of `hiveloop.Agent`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hiveloop::{AgentOptions, Issue, Level, LlmCall, QueueSnapshot, Subject, TaskOptions, Todo};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::action::{Action, ActionContext};
use crate::callbacks::PythonSource;
use crate::client::{Client, LetGo, LivesOn, note_let_go};
use crate::convert::{PyPayload, PyValue, lossy};
use crate::current;
use crate::guard::quietly;
use crate::task::Task;

type Maybe<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// A named worker.
#[pyclass(frozen, subclass, weakref, module = "hiveloop._native")]
pub(crate) struct Agent {
    core: hiveloop::Agent,
    /// The newest callbacks.
    source: Mutex<Option<Arc<PythonSource>>>,
    /// Fetched again by its id: the program relies on the client to keep the agent.
    fetched_again: AtomicBool,
    closed: AtomicBool,
    let_go: LetGo,
}

impl Agent {
    pub(crate) fn agent(&self) -> &hiveloop::Agent {
        &self.core
    }

    fn report(&self, py: Python<'_>, what: &str, call: impl FnOnce(Subject<'_>)) -> PyResult<()> {
        let client = self.core.client();
        if client.is_silent() {
            return Ok(());
        }
        quietly(py, client, what, || {
            let action = current::action_of(py, &self.core, None);
            call(self.core.subject().in_action(action.as_ref().map(|action| action.get().id())));
            Ok(())
        })
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // In doubt it beats on. The program has let go of a worker only if it had kept it after its work was done; a
        // handle that never worked, or that is fetched by its id for each piece of work, says nothing of the worker.
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        let beats = self.core.options().heartbeat_interval.is_some();
        let lives_on = beats && (self.fetched_again.load(Ordering::Acquire) || !self.core.has_rested());
        if beats && !lives_on {
            self.core.stop_heartbeats("its handle was let go of after its work");
        }
        let kept = lives_on.then(|| LivesOn { core: self.core.clone(), source: self.newest_source() });
        note_let_go(&self.let_go, self.core.agent_id(), kept);
    }
}

/// Text as it is, anything else by its `str`.
pub(crate) fn text_or_repr(value: &Bound<'_, PyAny>) -> String {
    if let Ok(text) = value.cast::<PyString>() {
        return lossy(text);
    }
    value.str().map_or_else(|_| "?".to_owned(), |text| lossy(&text))
}

pub(crate) fn optional_text(value: Maybe<'_, '_>) -> Option<String> {
    value.filter(|value| !value.is_none()).map(text_or_repr)
}

/// Says that arguments were given which this version does not know; a call is never refused for them.
#[inline]
pub(crate) fn warn_unknown(
    client: &hiveloop::Client,
    call: &str,
    more: &Bound<'_, PyTuple>,
    unknown: Option<&Bound<'_, PyDict>>,
) {
    if !more.is_empty() || unknown.is_some_and(|unknown| !unknown.is_empty()) {
        say_unknown(client, call, more, unknown);
    }
}

#[cold]
fn say_unknown(client: &hiveloop::Client, call: &str, more: &Bound<'_, PyTuple>, unknown: Option<&Bound<'_, PyDict>>) {
    if client.is_silent() {
        return;
    }
    let mut names: Vec<String> =
        unknown.map(|unknown| unknown.keys().iter().map(|name| text_or_repr(&name)).collect()).unwrap_or_default();
    if !more.is_empty() {
        names.push(format!("{} more arguments", more.len()));
    }
    client.say(Level::Warning, &format!("{call}() does not know {}: ignored", names.join(", ")));
}

/// Emits an event of any type with a payload of any kind.
pub(crate) fn named_event(subject: Subject<'_>, event_type: &str, payload: Maybe<'_, '_>) {
    match payload {
        Some(payload) => subject.named(event_type, &PyPayload(payload)),
        None => subject.named(event_type, &Option::<PyPayload<'_, '_>>::None),
    }
}

fn value<'a, 'py>(given: Maybe<'a, 'py>) -> Option<PyValue<'a, 'py>> {
    given.map(PyValue)
}

fn seconds(value: &Bound<'_, PyAny>) -> Option<f64> {
    value.extract::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds > 0.0)
}

#[pymethods]
impl Agent {
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[new]
    #[pyo3(signature = (client, agent_id, r#type=None, version=None, framework=None, heartbeat_interval=None,
        stuck_threshold=None, heartbeat_payload=None, queue_provider=None))]
    fn new(
        client: &Client,
        agent_id: &Bound<'_, PyAny>,
        r#type: Maybe<'_, '_>,
        version: Maybe<'_, '_>,
        framework: Maybe<'_, '_>,
        heartbeat_interval: Maybe<'_, '_>,
        stuck_threshold: Maybe<'_, '_>,
        heartbeat_payload: Option<Py<PyAny>>,
        queue_provider: Option<Py<PyAny>>,
    ) -> Self {
        let defaults = AgentOptions::default();
        let source = PythonSource::of(heartbeat_payload, queue_provider).map(Arc::new);
        let heartbeat_source = source.clone().map(|source| source as Arc<dyn hiveloop::HeartbeatSource>);
        let options = AgentOptions {
            agent_type: optional_text(r#type).unwrap_or(defaults.agent_type),
            version: optional_text(version),
            framework: optional_text(framework).unwrap_or(defaults.framework),
            heartbeat_interval: heartbeat_interval
                .map_or(defaults.heartbeat_interval, |given| seconds(given).map(Duration::from_secs_f64)),
            stuck_threshold_seconds: stuck_threshold.and_then(seconds).unwrap_or(defaults.stuck_threshold_seconds),
            heartbeat_source,
        };
        let agent_id = text_or_repr(agent_id);
        let (lives_on, known) = client.take_back(&agent_id);
        let (core, source) = match lives_on {
            Some(LivesOn { core, source: newest }) => (core, newest),
            None => (client.client().unregistered_agent(&agent_id, options), source),
        };
        Self {
            core,
            source: Mutex::new(source),
            fetched_again: AtomicBool::new(known),
            closed: AtomicBool::new(false),
            let_go: client.let_go().clone(),
        }
    }

    /// The type it was registered with.
    #[getter]
    fn agent_type(&self) -> &str {
        &self.core.options().agent_type
    }

    /// The version it was registered with.
    #[getter]
    fn version(&self) -> Option<&str> {
        self.core.options().version.as_deref()
    }

    /// The framework it was registered with.
    #[getter]
    fn framework(&self) -> &str {
        &self.core.options().framework
    }

    /// Seconds between heartbeats; 0 for none.
    #[getter]
    fn heartbeat_interval(&self) -> f64 {
        self.core.options().heartbeat_interval.map_or(0.0, |interval| interval.as_secs_f64())
    }

    /// Seconds of silence after which the server calls it stuck.
    #[getter]
    fn stuck_threshold(&self) -> f64 {
        self.core.options().stuck_threshold_seconds
    }

    /// The agent's id.
    #[getter]
    fn agent_id(&self) -> &str {
        self.core.agent_id()
    }

    fn __repr__(&self) -> String {
        format!("<hiveloop.Agent {:?}>", self.core.agent_id())
    }

    /// Registers the agent in this process, unless it is.
    fn register(&self, py: Python<'_>) -> PyResult<()> {
        let client = self.core.client();
        quietly(py, client, "the registration of an agent", || {
            client.register(&self.core);
            // In a forked child the first callbacks would be asked, not the newest.
            if let Some(source) = self.newest_source() {
                drop(self.core.replace_heartbeat_source(source));
            }
            Ok(())
        })
    }

    /// Takes newer callbacks; one that is not given stays.
    fn replace_callbacks(
        &self,
        py: Python<'_>,
        heartbeat_payload: Option<Py<PyAny>>,
        queue_provider: Option<Py<PyAny>>,
    ) {
        let before = self.source.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let kept = |pick: fn(&PythonSource) -> &Option<Py<PyAny>>| {
            before.as_deref().and_then(|source| pick(source).as_ref()).map(|callback| callback.clone_ref(py))
        };
        let source = PythonSource::of(
            heartbeat_payload.or_else(|| kept(|source| &source.heartbeat_payload)),
            queue_provider.or_else(|| kept(|source| &source.queue_provider)),
        );
        *self.source.lock().unwrap_or_else(PoisonError::into_inner) = source.map(Arc::new);
    }

    /// Whether it was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Say goodbye and end the agent's heartbeats.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.closed.store(true, Ordering::Release);
        quietly(py, self.core.client(), "close", || {
            self.core.close();
            Ok(())
        })
    }

    /// A handle to a run that was begun elsewhere.
    fn _task_begun_elsewhere(
        slf: &Bound<'_, Self>,
        task_id: &str,
        project: Option<String>,
        r#type: Option<String>,
        task_run_id: Option<String>,
        correlation_id: Option<String>,
    ) -> Task {
        let options = TaskOptions { project, task_type: r#type, task_run_id, correlation_id };
        let task = slf.get().core.task_begun_elsewhere(task_id, options.clone());
        Task::new(task, slf.clone().into_any().unbind(), options)
    }

    fn _silent_action(slf: &Bound<'_, Self>) -> Action {
        Action::silent(slf)
    }

    /// Notes that the program asked for the agent by its id again.
    fn mark_fetched(&self) {
        self.fetched_again.store(true, Ordering::Release);
    }

    /// Track a unit of work, as a context manager, synchronous or asynchronous.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[pyo3(signature = (task_id=None, project=None, r#type=None, task_run_id=None, correlation_id=None, *more,
        **unknown))]
    fn task(
        slf: &Bound<'_, Self>,
        task_id: Maybe<'_, '_>,
        project: Maybe<'_, '_>,
        r#type: Maybe<'_, '_>,
        task_run_id: Maybe<'_, '_>,
        correlation_id: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> Task {
        let agent = &slf.get().core;
        warn_unknown(agent.client(), "task", more, unknown);
        let task_id = optional_text(task_id).unwrap_or_else(|| "unnamed".to_owned());
        let options = TaskOptions {
            project: optional_text(project),
            task_type: optional_text(r#type),
            task_run_id: optional_text(task_run_id),
            correlation_id: optional_text(correlation_id),
        };
        let task = agent.prepare_task(&task_id, options.clone());
        Task::new(task, slf.clone().into_any().unbind(), options)
    }

    /// Begin a task that ends with `Task.complete` or `Task.fail`, and is current until then.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[pyo3(signature = (task_id=None, project=None, r#type=None, task_run_id=None, correlation_id=None, *more,
        **unknown))]
    fn start_task<'py>(
        slf: &Bound<'py, Self>,
        task_id: Maybe<'_, '_>,
        project: Maybe<'_, '_>,
        r#type: Maybe<'_, '_>,
        task_run_id: Maybe<'_, '_>,
        correlation_id: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Bound<'py, Task>> {
        let task = Self::task(slf, task_id, project, r#type, task_run_id, correlation_id, more, unknown);
        let task = Bound::new(slf.py(), task)?;
        Task::enter(&task)?;
        Ok(task)
    }

    /// A context manager that tracks what happens inside of it as an action.
    #[pyo3(signature = (action_name=None, *_more, **_unknown))]
    fn track_context(
        slf: &Bound<'_, Self>,
        action_name: Maybe<'_, '_>,
        _more: &Bound<'_, PyTuple>,
        _unknown: Option<&Bound<'_, PyDict>>,
    ) -> ActionContext {
        ActionContext::new(slf, &optional_text(action_name).unwrap_or_else(|| "unnamed".to_owned()))
    }

    /// Emit an event outside of tasks.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[pyo3(signature = (event_type=None, payload=None, severity=None, parent_event_id=None, *more, **unknown))]
    fn event(
        &self,
        py: Python<'_>,
        event_type: Maybe<'_, '_>,
        payload: Maybe<'_, '_>,
        severity: Maybe<'_, '_>,
        parent_event_id: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "event", more, unknown);
        let event_type = optional_text(event_type).unwrap_or_else(|| "custom".to_owned());
        let (severity, parent) = (optional_text(severity), optional_text(parent_event_id));
        self.report(py, "event", |subject| {
            let subject = subject.severity(severity.as_deref()).parent_event(parent.as_deref());
            named_event(subject, &event_type, payload);
        })
    }

    /// Record a call of a language model outside of tasks.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[pyo3(signature = (name=None, model=None, tokens_in=None, tokens_out=None, cost=None, duration_ms=None,
        prompt_preview=None, response_preview=None, metadata=None, *more, **unknown))]
    fn llm_call(
        &self,
        py: Python<'_>,
        name: Maybe<'_, '_>,
        model: Maybe<'_, '_>,
        tokens_in: Maybe<'_, '_>,
        tokens_out: Maybe<'_, '_>,
        cost: Maybe<'_, '_>,
        duration_ms: Maybe<'_, '_>,
        prompt_preview: Maybe<'_, '_>,
        response_preview: Maybe<'_, '_>,
        metadata: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "llm_call", more, unknown);
        let previews = self.core.client().config().capture_previews;
        self.report(py, "llm_call", |subject| {
            let call = LlmCall {
                name: value(name),
                model: value(model),
                tokens_in: value(tokens_in),
                tokens_out: value(tokens_out),
                cost: value(cost),
                duration_ms: value(duration_ms),
                prompt_preview: value(prompt_preview),
                response_preview: value(response_preview),
                metadata: value(metadata),
            };
            subject.emit(hiveloop::EventType::Custom, |out| call.write(out, previews));
        })
    }

    /// Report the state of the work queue.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[pyo3(signature = (depth=None, oldest_age_seconds=None, items=None, processing=None, *more, **unknown))]
    fn queue_snapshot(
        &self,
        py: Python<'_>,
        depth: Maybe<'_, '_>,
        oldest_age_seconds: Maybe<'_, '_>,
        items: Maybe<'_, '_>,
        processing: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "queue_snapshot", more, unknown);
        self.report(py, "queue_snapshot", |subject| {
            let snapshot = QueueSnapshot {
                depth: value(depth),
                oldest_age_seconds: value(oldest_age_seconds),
                items: value(items),
                processing: value(processing),
            };
            subject.emit(hiveloop::EventType::Custom, |out| snapshot.write(out));
        })
    }

    /// Report a step in the life of an item of work that the agent keeps for itself.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[pyo3(signature = (todo_id=None, action=None, summary=None, priority=None, source=None, context=None,
        due_by=None, *more, **unknown))]
    fn todo(
        &self,
        py: Python<'_>,
        todo_id: Maybe<'_, '_>,
        action: Maybe<'_, '_>,
        summary: Maybe<'_, '_>,
        priority: Maybe<'_, '_>,
        source: Maybe<'_, '_>,
        context: Maybe<'_, '_>,
        due_by: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "todo", more, unknown);
        self.report(py, "todo", |subject| {
            let todo = Todo {
                todo_id: value(todo_id),
                action: value(action),
                summary: value(summary),
                priority: value(priority),
                source: value(source),
                context: value(context),
                due_by: value(due_by),
            };
            subject.emit(hiveloop::EventType::Custom, |out| todo.write(out));
        })
    }

    /// Report recurring work, all of it at once.
    #[pyo3(signature = (items=None, *more, **unknown))]
    fn scheduled(
        &self,
        py: Python<'_>,
        items: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "scheduled", more, unknown);
        let count = items.and_then(|items| items.len().ok()).unwrap_or(0);
        let items: Option<PyValue<'_, '_>> = value(items).filter(|items| !items.0.is_none());
        self.report(py, "scheduled", |_| match items {
            Some(items) => self.core.scheduled(&items, count),
            None => self.core.scheduled(&hiveloop::Value::Json(serde_json::json!([])), 0),
        })
    }

    /// Report a problem that is not of one task.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[pyo3(signature = (summary=None, severity=None, issue_id=None, category=None, context=None,
        occurrence_count=None, *more, **unknown))]
    fn report_issue(
        &self,
        py: Python<'_>,
        summary: Maybe<'_, '_>,
        severity: Maybe<'_, '_>,
        issue_id: Maybe<'_, '_>,
        category: Maybe<'_, '_>,
        context: Maybe<'_, '_>,
        occurrence_count: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "report_issue", more, unknown);
        let medium = PyString::new(py, "medium");
        let severity = severity.or(Some(medium.as_any()));
        self.issue(py, "reported", [summary, severity, issue_id, category, context, occurrence_count])
    }

    /// Report that an issue is over.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[pyo3(signature = (summary=None, issue_id=None, severity=None, category=None, context=None, *more,
        **unknown))]
    fn resolve_issue(
        &self,
        py: Python<'_>,
        summary: Maybe<'_, '_>,
        issue_id: Maybe<'_, '_>,
        severity: Maybe<'_, '_>,
        category: Maybe<'_, '_>,
        context: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "resolve_issue", more, unknown);
        self.issue(py, "resolved", [summary, severity, issue_id, category, context, None])
    }
}

impl Agent {
    fn newest_source(&self) -> Option<Arc<PythonSource>> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn issue(&self, py: Python<'_>, action: &'static str, given: [Maybe<'_, '_>; 6]) -> PyResult<()> {
        let [summary, severity, issue_id, category, context, occurrence_count] = given;
        self.report(py, "issue", |subject| {
            let issue = Issue {
                summary: value(summary),
                action,
                severity: value(severity),
                issue_id: value(issue_id),
                category: value(category),
                context: value(context),
                occurrence_count: value(occurrence_count),
            };
            subject.emit(hiveloop::EventType::Custom, |out| issue.write(out));
        })
    }
}
