//! Actions: `agent.track` and `agent.track_context`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use hiveloop::{JsonWriter, ToJson};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::agent::Agent;
use crate::convert::PyPayload;
use crate::current;
use crate::failure::conclude;
use crate::guard::{Inside, quietly};
use crate::ready::Ready;

/// What is the same for every call of one tracked function.
#[pyclass(frozen, module = "hiveloop._native")]
pub(crate) struct ActionKind {
    agent: hiveloop::Agent,
    /// Keeps the agent's handle, and so its heartbeats, for as long as something is tracked.
    handle: Py<Agent>,
    description: String,
    name: String,
    function: Option<String>,
}

impl ActionKind {
    /// Begins an action of this kind where the running code is.
    fn begin<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, Action>> {
        // Told or not (the client may be shut down), whoever enters gets an action to talk to.
        let _inside = Inside::enter(self.agent.client());
        let place = current::place_for(py, &self.agent);
        let action = match &place.task {
            Some(task) => task.action_within(place.action_id.as_deref(), &self.description),
            None => self.agent.action_within(place.action_id.as_deref(), &self.description),
        };
        let outer = current::innermost_open(py).map(Bound::unbind);
        Bound::new(
            py,
            Action {
                core: action,
                agent: self.agent.clone(),
                handle: self.handle.clone_ref(py),
                outer,
                before: Mutex::default(),
                ended: AtomicBool::new(false),
            },
        )
    }
}

#[pymethods]
impl ActionKind {
    #[new]
    #[pyo3(signature = (agent, name, function=None))]
    fn new(agent: &Bound<'_, Agent>, name: &str, function: Option<&str>) -> Self {
        Self {
            agent: agent.get().agent().clone(),
            handle: agent.clone().unbind(),
            description: hiveloop::Action::describe(name, function),
            name: name.to_owned(),
            function: function.map(str::to_owned),
        }
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (Py<Agent>, String, Option<String>)) {
        let own = slf.get();
        (slf.get_type().into_any(), (own.handle.clone_ref(slf.py()), own.name.clone(), own.function.clone()))
    }

    /// Begins an action and makes it current.
    fn enter<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, Action>>> {
        quietly(py, self.agent.client(), "the start of an action", || {
            let action = self.begin(py)?;
            Action::resume(&action);
            Ok(Some(action))
        })
    }

    /// Begins an action that is made current piece by piece, as a generator is run.
    fn start<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, Action>>> {
        quietly(py, self.agent.client(), "the start of an action", || Ok(Some(self.begin(py)?)))
    }
}

/// What makes, where a pickle is read, something of what was pickled.
pub(crate) fn restorer<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("hiveloop._restore")?.getattr(name)
}

/// A running action.
#[pyclass(frozen, weakref, module = "hiveloop")]
pub(crate) struct Action {
    core: hiveloop::Action,
    agent: hiveloop::Agent,
    handle: Py<Agent>,
    outer: Option<Py<PyAny>>,
    /// What was current when it was made current last.
    before: Mutex<Option<Py<PyAny>>>,
    ended: AtomicBool,
}

impl Action {
    pub(crate) fn agent(&self) -> &hiveloop::Agent {
        &self.agent
    }

    pub(crate) fn task(&self) -> Option<&hiveloop::Task> {
        self.core.task()
    }

    pub(crate) fn id(&self) -> &str {
        self.core.action_id()
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    pub(crate) fn outer<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.outer.as_ref().map(|outer| outer.bind(py).clone())
    }

    pub(crate) fn silent(agent: &Bound<'_, Agent>) -> Self {
        let core = agent.get().agent().action_within(None, &hiveloop::Action::describe("copied", None));
        Self {
            core,
            agent: agent.get().agent().clone(),
            handle: agent.clone().unbind(),
            outer: None,
            before: Mutex::default(),
            ended: AtomicBool::new(true),
        }
    }

    fn before(&self) -> std::sync::MutexGuard<'_, Option<Py<PyAny>>> {
        self.before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, py: Python<'_>, exception: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        self.ended.store(true, Ordering::Release);
        let client = self.agent.client();
        quietly(py, client, "the end of an action", || {
            let waiting = self.core.task().is_some_and(hiveloop::Task::is_waiting);
            conclude(exception, waiting, |outcome| self.core.end(outcome));
            Ok(())
        })
    }
}

#[pymethods]
impl Action {
    /// The action's id.
    #[getter]
    fn action_id(&self) -> &str {
        self.core.action_id()
    }

    /// Makes the action current.
    #[pyo3(name = "resume")]
    fn resume(slf: &Bound<'_, Self>) {
        let before = current::innermost(slf.py()).map(Bound::unbind);
        let old = std::mem::replace(&mut *slf.get().before(), before);
        drop(old);
        current::enter(slf.as_any());
    }

    /// Makes current what was before.
    fn suspend(slf: &Bound<'_, Self>) {
        let before = slf.get().before().take();
        current::leave(slf.as_any(), before.map(|before| before.into_bound(slf.py())));
    }

    /// Ends the action and makes current what was before.
    #[pyo3(signature = (exception=None))]
    fn leave(slf: &Bound<'_, Self>, exception: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let ended = slf.get().end(slf.py(), exception);
        Self::suspend(slf);
        ended
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Py<Agent>,))> {
        Ok((restorer(py, "action")?, (self.handle.clone_ref(py),)))
    }

    /// Add fields to the event that ends the action, at its payload's top level.
    #[pyo3(signature = (payload=None, *_more, **fields))]
    fn set_payload(
        &self,
        py: Python<'_>,
        payload: Option<&Bound<'_, PyAny>>,
        _more: &Bound<'_, PyTuple>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        quietly(py, self.agent.client(), "set_payload", || {
            for given in payload.into_iter().chain(fields.map(Bound::as_any)) {
                let mut out = JsonWriter::new();
                PyPayload(given).write_json(&mut out);
                self.core.set_payload_json(&out.into_bytes());
            }
            Ok(())
        })
    }
}

/// `agent.track_context(...)`: begins its action when it is entered.
#[pyclass(frozen, module = "hiveloop._native")]
pub(crate) struct ActionContext {
    kind: ActionKind,
    running: Mutex<Vec<Py<Action>>>,
}

impl ActionContext {
    pub(crate) fn new(agent: &Bound<'_, Agent>, name: &str) -> Self {
        Self { kind: ActionKind::new(agent, name, None), running: Mutex::default() }
    }

    fn begin<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, Action>> {
        // Whoever enters gets an action to talk to, even if it could not be made current.
        let action = self.kind.begin(py)?;
        Action::resume(&action);
        self.running.lock().unwrap_or_else(PoisonError::into_inner).push(action.clone().unbind());
        Ok(action)
    }

    fn finish(&self, py: Python<'_>, exception: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        match self.take_running(py) {
            Some(action) => Action::leave(action.bind(py), exception),
            None => Ok(()),
        }
    }

    /// The action that ends here: several tasks may be inside of one context at once, each with its own action, so it
    /// is the one that the running code is inside of; else the last that began.
    fn take_running(&self, py: Python<'_>) -> Option<Py<Action>> {
        let inside = current::enclosing(py);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let own = inside.iter().find_map(|frame| running.iter().rposition(|action| action.is(frame)));
        match own {
            Some(index) => Some(running.remove(index)),
            None => running.pop(),
        }
    }
}

#[pymethods]
impl ActionContext {
    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    #[expect(clippy::type_complexity, reason = "pickle's own form: a callable and its arguments")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Py<Agent>, String))> {
        Ok((restorer(py, "action_context")?, (self.kind.handle.clone_ref(py), self.kind.name.clone())))
    }

    fn __enter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, Action>> {
        self.begin(py)
    }

    #[pyo3(signature = (_exception_type=None, exception=None, _traceback=None))]
    fn __exit__(
        &self,
        py: Python<'_>,
        _exception_type: Option<&Bound<'_, PyAny>>,
        exception: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        self.finish(py, exception).map(|()| false)
    }

    fn __aenter__(&self, py: Python<'_>) -> PyResult<Ready> {
        Ok(Ready::new(self.begin(py)?.into_any().unbind()))
    }

    #[pyo3(signature = (_exception_type=None, exception=None, _traceback=None))]
    fn __aexit__(
        &self,
        py: Python<'_>,
        _exception_type: Option<&Bound<'_, PyAny>>,
        exception: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Ready> {
        self.finish(py, exception)?;
        Ok(Ready::new(py.None()))
    }
}
