//! `hiveloop.Task`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use hiveloop::{EventType, JsonWriter, LlmCall, Outcome, PlanStep, TaskOptions, ToJson};
use pyo3::exceptions::PyGeneratorExit;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString, PyTuple};

use crate::action::restorer;
use crate::agent::{named_event, optional_text, text_or_repr, warn_unknown};
use crate::convert::{PyPayload, PyValue};
use crate::current::{self, Runner, asyncio_task, runner};
use crate::failure::{FailureText, conclude};
use crate::guard::quietly;
use crate::ready::Ready;

/// A unit of work with a beginning and an end.
#[pyclass(frozen, weakref, module = "hiveloop")]
pub(crate) struct Task {
    core: hiveloop::Task,
    agent_handle: Py<PyAny>,
    options: TaskOptions,
    /// What it was entered from.
    outer: Mutex<Option<Py<PyAny>>>,
    /// Entered by `with`: what begins in the block belongs to the task, even where it goes on after the block.
    is_block: AtomicBool,
    /// Where the block was entered.
    entered_in: Mutex<Option<Runner>>,
}

type Maybe<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

fn value<'a, 'py>(given: Maybe<'a, 'py>) -> Option<PyValue<'a, 'py>> {
    given.map(PyValue)
}

impl Task {
    pub(crate) fn new(task: hiveloop::Task, agent_handle: Py<PyAny>, options: TaskOptions) -> Self {
        Self {
            core: task,
            agent_handle,
            options,
            outer: Mutex::default(),
            is_block: AtomicBool::new(false),
            entered_in: Mutex::default(),
        }
    }

    pub(crate) fn task(&self) -> &hiveloop::Task {
        &self.core
    }

    pub(crate) fn is_block(&self) -> bool {
        self.is_block.load(Ordering::Acquire)
    }

    pub(crate) fn outer<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.lock().as_ref().map(|outer| outer.bind(py).clone())
    }

    pub(crate) fn set_outer(&self, outer: Option<Py<PyAny>>) {
        // The old one is dropped after the lock is gone: dropping may run Python.
        let old = std::mem::replace(&mut *self.lock(), outer);
        drop(old);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Py<PyAny>>> {
        self.outer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes this the current task.
    pub(crate) fn enter(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let outer = current::innermost_open(py).filter(|frame| !frame.is(slf));
        if let Some(frame) = &outer {
            current::forget_ended(frame);
        }
        slf.get().set_outer(outer.map(Bound::unbind));
        current::enter(slf.as_any());
        let core = &slf.get().core;
        quietly(py, core.client(), "the start of a task", || {
            core.begin();
            Ok(())
        })
    }

    /// Notes where the block ended. Of one that was left elsewhere than it was entered, by another thread or task, or
    /// whose generator was closed, the place where it was entered does not learn: there it must not seem to go on.
    fn leave_block(&self, asyncio_task: usize, exception: Maybe<'_, '_>) {
        let entered_in = self.entered_in.lock().unwrap_or_else(PoisonError::into_inner).take();
        let is_closed = exception.is_some_and(PyAnyMethods::is_instance_of::<PyGeneratorExit>);
        if is_closed || entered_in.is_some_and(|entered| entered != runner(asyncio_task)) {
            self.is_block.store(false, Ordering::Release);
        }
    }

    fn enter_block(slf: Bound<'_, Self>, asyncio_task: usize) -> PyResult<Bound<'_, Self>> {
        slf.get().is_block.store(true, Ordering::Release);
        *slf.get().entered_in.lock().unwrap_or_else(PoisonError::into_inner) = Some(runner(asyncio_task));
        Self::enter(&slf)?;
        Ok(slf)
    }

    fn exit_block(slf: &Bound<'_, Self>, asyncio_task: usize, exception: Maybe<'_, '_>) -> PyResult<()> {
        let ended = slf.get().end(slf.py(), None, |task| {
            conclude(exception, task.is_waiting(), |outcome| task.end(outcome));
        });
        slf.get().leave_block(asyncio_task, exception);
        Self::leave(slf);
        ended
    }

    fn leave(slf: &Bound<'_, Self>) {
        let outer = slf.get().outer(slf.py());
        current::leave(slf.as_any(), outer);
    }

    /// Runs a call about this task, inside of the action that runs.
    fn report(&self, py: Python<'_>, what: &str, call: impl FnOnce(hiveloop::Subject<'_>)) -> PyResult<()> {
        let client = self.core.client();
        if client.is_silent() {
            return Ok(());
        }
        let agent = self.core.agent();
        quietly(py, client, what, || {
            let action = current::action_of(py, agent, Some(&self.core));
            let action_id = action.as_ref().map(|action| action.get().id());
            call(self.core.subject().in_action(action_id));
            Ok(())
        })
    }

    /// Writes `{"summary": …, "data": {…}}`, the fields that are given.
    fn told(
        &self,
        py: Python<'_>,
        event_type: EventType,
        summary: Maybe<'_, '_>,
        parent_event_id: Maybe<'_, '_>,
        data: &[(&str, Maybe<'_, '_>)],
    ) -> PyResult<()> {
        let parent_event_id = optional_text(parent_event_id);
        self.core.note_approval(event_type);
        self.report(py, event_type.as_str(), |subject| {
            let subject = subject.parent_event(parent_event_id.as_deref());
            subject.emit(event_type, |out| {
                out.raw("{");
                write_field(out, "summary", summary);
                out.key("data");
                out.raw("{");
                for (name, given) in data {
                    write_field(out, name, *given);
                }
                out.raw("}}");
            });
        })
    }

    /// Ends the task, after fields have been added to its end.
    fn end(&self, py: Python<'_>, payload: Maybe<'_, '_>, end: impl FnOnce(&hiveloop::Task)) -> PyResult<()> {
        let client = self.core.client();
        quietly(py, client, "the end of a task", || {
            if let Some(payload) = payload.filter(|payload| !payload.is_none()) {
                self.merge(payload);
            }
            end(&self.core);
            Ok(())
        })
    }

    fn merge(&self, payload: &Bound<'_, PyAny>) {
        let mut out = JsonWriter::new();
        PyPayload(payload).write_json(&mut out);
        self.core.set_payload_json(&out.into_bytes());
    }
}

fn write_field(out: &mut JsonWriter, name: &str, given: Maybe<'_, '_>) {
    if let Some(given) = given.filter(|given| !given.is_none()) {
        out.key(name);
        PyValue(given).write_json(out);
    }
}

#[pymethods]
impl Task {
    /// The task's id.
    #[getter]
    fn task_id(&self) -> &str {
        self.core.task_id()
    }

    /// The id of this execution of the task.
    #[getter]
    fn task_run_id(&self) -> &str {
        self.core.task_run_id()
    }

    /// The project it belongs to.
    #[getter]
    fn project_id(&self) -> Option<&str> {
        self.options.project.as_deref()
    }

    /// Its classification.
    #[getter]
    fn task_type(&self) -> Option<&str> {
        self.options.task_type.as_deref()
    }

    /// What ties it together with tasks of other agents.
    #[getter]
    fn correlation_id(&self) -> Option<&str> {
        self.options.correlation_id.as_deref()
    }

    /// The agent that performs the task.
    #[getter]
    fn agent(&self, py: Python<'_>) -> Py<PyAny> {
        self.agent_handle.clone_ref(py)
    }

    /// Whether the task has been completed or failed.
    #[getter]
    fn ended(&self) -> bool {
        self.core.is_ended()
    }

    fn __repr__(&self) -> String {
        format!("<hiveloop.Task {:?} of agent {:?}>", self.core.task_id(), self.core.agent().agent_id())
    }

    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        Self::enter_block(slf, 0)
    }

    #[pyo3(signature = (_exception_type=None, exception=None, _traceback=None))]
    fn __exit__(
        slf: &Bound<'_, Self>,
        _exception_type: Maybe<'_, '_>,
        exception: Maybe<'_, '_>,
        _traceback: Maybe<'_, '_>,
    ) -> PyResult<bool> {
        Self::exit_block(slf, 0, exception).map(|()| false)
    }

    fn __aenter__(slf: Bound<'_, Self>) -> PyResult<Ready> {
        let running = asyncio_task(slf.py());
        Self::enter_block(slf, running).map(|task| Ready::new(task.into_any().unbind()))
    }

    #[pyo3(signature = (_exception_type=None, exception=None, _traceback=None))]
    fn __aexit__(
        slf: &Bound<'_, Self>,
        _exception_type: Maybe<'_, '_>,
        exception: Maybe<'_, '_>,
        _traceback: Maybe<'_, '_>,
    ) -> PyResult<Ready> {
        Self::exit_block(slf, asyncio_task(slf.py()), exception)?;
        Ok(Ready::new(slf.py().None()))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let own = &self.options;
        let fields = (own.project.clone(), own.task_type.clone(), self.core.task_run_id(), own.correlation_id.clone());
        let given = (self.agent_handle.clone_ref(py), self.core.task_id(), fields).into_pyobject(py)?;
        Ok((restorer(py, "task")?, given))
    }

    /// Emit an event within this task.
    #[pyo3(signature = (event_type=None, payload=None, severity=None, parent_event_id=None, *more, **unknown))]
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
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
        if let Some(known) = EventType::from_name(&event_type) {
            self.core.note_approval(known);
        }
        self.report(py, "event", |subject| {
            let subject = subject.severity(severity.as_deref()).parent_event(parent.as_deref());
            named_event(subject, &event_type, payload);
        })
    }

    /// Record a call of a language model within this task.
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
            self.core.llm_call_as(subject, &call);
        })
    }

    /// Declare a plan.
    #[pyo3(signature = (goal=None, steps=None, revision=None, *more, **unknown))]
    fn plan(
        &self,
        py: Python<'_>,
        goal: Maybe<'_, '_>,
        steps: Maybe<'_, '_>,
        revision: Option<&Bound<'_, PyAny>>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "plan", more, unknown);
        // Steps may be any iterable, of names or of dicts with a `description`.
        let mut descriptions = Vec::new();
        if let Some(steps) = steps.filter(|steps| !steps.is_none()) {
            if steps.is_instance_of::<PyString>() {
                descriptions.push(steps.clone());
            } else {
                for step in steps.try_iter().into_iter().flatten().flatten().take(1000) {
                    let described =
                        step.cast::<PyDict>().ok().and_then(|fields| fields.get_item("description").ok()?);
                    descriptions.push(described.unwrap_or(step));
                }
            }
        }
        let revision = revision.and_then(|revision| revision.extract().ok());
        self.report(py, "plan", |subject| {
            let steps: Vec<PyValue<'_, '_>> = descriptions.iter().map(PyValue).collect();
            self.core.plan_as(subject, value(goal), &steps, revision);
        })
    }

    /// Report progress of a step of the plan.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's, and the wire format's names")]
    #[pyo3(signature = (index=None, status=None, summary=None, turns=None, tokens=None, total_steps=None,
        plan_revision=None, step_index=None, action=None, *more, **unknown))]
    fn plan_step(
        &self,
        py: Python<'_>,
        index: Maybe<'_, '_>,
        status: Maybe<'_, '_>,
        summary: Maybe<'_, '_>,
        turns: Maybe<'_, '_>,
        tokens: Maybe<'_, '_>,
        total_steps: Maybe<'_, '_>,
        plan_revision: Maybe<'_, '_>,
        step_index: Maybe<'_, '_>,
        action: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "plan_step", more, unknown);
        let plan = self.core.plan_in_force();
        let of_plan = |pick: fn((i64, i64)) -> i64| plan.and_then(|plan| pick(plan).into_pyobject(py).ok());
        let (steps, revision) = (of_plan(|plan| plan.0), of_plan(|plan| plan.1));
        self.report(py, "plan_step", |subject| {
            let step = PlanStep {
                step_index: value(index.or(step_index)),
                total_steps: value(total_steps.or(steps.as_ref().map(Bound::as_any))),
                action: value(status.or(action)),
                summary: value(summary),
                turns: value(turns),
                tokens: value(tokens),
                plan_revision: value(plan_revision.or(revision.as_ref().map(Bound::as_any))),
            };
            subject.emit(EventType::Custom, |out| step.write(out));
        })
    }

    /// Hand the task to somebody else.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[pyo3(signature = (summary=None, assigned_to=None, reason=None, parent_event_id=None, *more, **unknown))]
    fn escalate(
        &self,
        py: Python<'_>,
        summary: Maybe<'_, '_>,
        assigned_to: Maybe<'_, '_>,
        reason: Maybe<'_, '_>,
        parent_event_id: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "escalate", more, unknown);
        // A reason without a summary is what there is to show; with one, it is more than the summary says.
        let extra = summary.and(reason);
        self.told(
            py,
            EventType::Escalated,
            summary.or(reason),
            parent_event_id,
            &[("assigned_to", assigned_to), ("reason", extra)],
        )
    }

    /// Ask a person to decide; the agent is waiting until `approval_received`.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[pyo3(signature = (summary=None, approver=None, reason=None, parent_event_id=None, *more, **unknown))]
    fn request_approval(
        &self,
        py: Python<'_>,
        summary: Maybe<'_, '_>,
        approver: Maybe<'_, '_>,
        reason: Maybe<'_, '_>,
        parent_event_id: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "request_approval", more, unknown);
        // A reason without a summary is what there is to show; with one, it is more than the summary says.
        let extra = summary.and(reason);
        self.told(
            py,
            EventType::ApprovalRequested,
            summary.or(reason),
            parent_event_id,
            &[("approver", approver), ("reason", extra)],
        )
    }

    /// Record what a person has decided.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[pyo3(signature = (summary=None, approved_by=None, decision=None, reason=None, parent_event_id=None, *more, **unknown))]
    fn approval_received(
        &self,
        py: Python<'_>,
        summary: Maybe<'_, '_>,
        approved_by: Maybe<'_, '_>,
        decision: Maybe<'_, '_>,
        reason: Maybe<'_, '_>,
        parent_event_id: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "approval_received", more, unknown);
        let approved = PyString::new(py, "approved");
        let decision = decision.or(Some(approved.as_any()));
        let extra = summary.and(reason);
        self.told(
            py,
            EventType::ApprovalReceived,
            summary.or(reason),
            parent_event_id,
            &[("decision", decision), ("approved_by", approved_by), ("reason", extra)],
        )
    }

    /// Record another attempt after a failure.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the manual's")]
    #[pyo3(signature = (summary=None, attempt=None, backoff_seconds=None, reason=None, parent_event_id=None, *more, **unknown))]
    fn retry(
        &self,
        py: Python<'_>,
        summary: Maybe<'_, '_>,
        attempt: Maybe<'_, '_>,
        backoff_seconds: Maybe<'_, '_>,
        reason: Maybe<'_, '_>,
        parent_event_id: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        unknown: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(self.core.client(), "retry", more, unknown);
        // A reason without a summary is what there is to show; with one, it is more than the summary says.
        let extra = summary.and(reason);
        self.told(
            py,
            EventType::RetryStarted,
            summary.or(reason),
            parent_event_id,
            &[("attempt", attempt), ("backoff_seconds", backoff_seconds), ("reason", extra)],
        )
    }

    /// Add fields to the event that ends the task, at its payload's top level.
    #[pyo3(signature = (payload=None, *_more, **fields))]
    fn set_payload(
        &self,
        py: Python<'_>,
        payload: Maybe<'_, '_>,
        _more: &Bound<'_, PyTuple>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        quietly(py, self.core.client(), "set_payload", || {
            for given in payload.into_iter().chain(fields.map(Bound::as_any)) {
                self.merge(given);
            }
            Ok(())
        })
    }

    /// End the task well. Later ends are ignored.
    #[pyo3(signature = (status=None, payload=None, *more, **fields))]
    fn complete(
        slf: &Bound<'_, Self>,
        status: Maybe<'_, '_>,
        payload: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(slf.get().core.client(), "complete", more, None);
        let status = status.filter(|status| !status.is_none());
        // What stands first is the status, or whether it went well; anything else is a payload without one.
        let (status, payload) = match status {
            Some(given) if given.is_instance_of::<PyBool>() => {
                let word = if given.is_truthy().unwrap_or(true) { "success" } else { "failure" };
                (Some(word.to_owned()), payload)
            }
            Some(given) if !given.is_instance_of::<PyString>() && payload.is_none() && !is_enumeration(given) => {
                (None, Some(given))
            }
            status => (status.map(status_text), payload),
        };
        let ended = slf.get().end(slf.py(), payload.or(fields.map(Bound::as_any)), |task| {
            let status = status.as_deref().unwrap_or("success");
            match status.trim().to_ascii_lowercase().as_str() {
                "success" | "completed" => task.complete(),
                "failure" | "failed" | "fail" | "error" => task.end(Outcome::Failed(None)),
                "cancelled" | "canceled" => task.cancel(),
                _ => task.end(Outcome::Completed { status }),
            }
        });
        Self::leave(slf);
        ended
    }

    /// End the task as failed. Later ends are ignored.
    #[pyo3(signature = (exception=None, payload=None, error=None, *more, **fields))]
    fn fail(
        slf: &Bound<'_, Self>,
        exception: Maybe<'_, '_>,
        payload: Maybe<'_, '_>,
        error: Maybe<'_, '_>,
        more: &Bound<'_, PyTuple>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        warn_unknown(slf.get().core.client(), "fail", more, None);
        let payload = payload.or(fields.map(Bound::as_any));
        let ended = slf.get().end(slf.py(), payload, |task| {
            let exception = exception.or(error).filter(|exception| !exception.is_none());
            let text = exception.map(FailureText::of);
            task.end(Outcome::Failed(text.as_ref().map(FailureText::as_failure)));
        });
        Self::leave(slf);
        ended
    }
}

/// Whether a value is a member of an enumeration, as some clients give a status.
fn is_enumeration(value: &Bound<'_, PyAny>) -> bool {
    value.get_type().hasattr("__members__").unwrap_or(false)
}

fn status_text(status: &Bound<'_, PyAny>) -> String {
    let value = if is_enumeration(status) { status.getattr("value").ok() } else { None };
    text_or_repr(value.as_ref().unwrap_or(status))
}
