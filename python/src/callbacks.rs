//! Heartbeat callbacks are Python's, so they run on threads of Python's (`hiveloop/_callbacks.py`); the clock only
//! leaves them jobs here.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use hiveloop::{CallbackExecutor, CallbackJob, HeartbeatReport, HeartbeatSource, JsonWriter, QueueSnapshot, ToJson};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::client::Client;
use crate::convert::{PyPayload, PyValue};
use crate::guard::Inside;

/// The callbacks of an agent.
pub(crate) struct PythonSource {
    pub(crate) heartbeat_payload: Option<Py<PyAny>>,
    pub(crate) queue_provider: Option<Py<PyAny>>,
}

impl PythonSource {
    /// The callbacks, if there is any; `None` of Python's counts as none.
    pub(crate) fn of(heartbeat_payload: Option<Py<PyAny>>, queue_provider: Option<Py<PyAny>>) -> Option<Self> {
        (heartbeat_payload.is_some() || queue_provider.is_some()).then_some(Self { heartbeat_payload, queue_provider })
    }
}

impl HeartbeatSource for PythonSource {
    fn report(&self) -> HeartbeatReport {
        // Only the threads of `hiveloop/_callbacks.py` call these, and they do so themselves.
        HeartbeatReport::default()
    }
}

/// Where jobs wait for a thread.
#[derive(Default)]
pub(crate) struct PythonExecutor {
    state: Mutex<Jobs>,
    arrived: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<CallbackJob>,
    closed: bool,
}

impl CallbackExecutor for PythonExecutor {
    fn submit(&self, job: CallbackJob) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).waiting.push_back(job);
        self.arrived.notify_one();
    }
}

impl PythonExecutor {
    pub(crate) fn close(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed = true;
        state.waiting.clear();
        self.arrived.notify_all();
    }

    fn next(&self) -> Option<CallbackJob> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.closed {
            if let Some(job) = state.waiting.pop_front() {
                return Some(job);
            }
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        None
    }
}

impl PythonExecutor {
    /// A job if one waits: without waiting for one.
    fn poll(&self) -> Polled {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.waiting.pop_front() {
            Some(job) => Polled::Job(job),
            None if state.closed => Polled::Closed,
            None => Polled::Nothing,
        }
    }
}

enum Polled {
    Job(CallbackJob),
    Nothing,
    Closed,
}

pub(crate) fn executor_of(client: &hiveloop::Client) -> Arc<dyn CallbackExecutor> {
    client.callback_executor()
}

/// Waits for a heartbeat that wants its callbacks called; `None` when the client is shut down.
#[pyfunction]
pub(crate) fn next_callback(py: Python<'_>, client: &Client) -> Option<CallbackTicket> {
    let executor = executor_of(client.client());
    let job = py.detach(move || {
        let any: &dyn std::any::Any = &*executor;
        any.downcast_ref::<PythonExecutor>().and_then(PythonExecutor::next)
    })?;
    Some(CallbackTicket { job: Mutex::new(Some(job)), client: client.client().clone() })
}

/// A heartbeat that wants its callbacks called, if there is one; `False` when the client is shut down.
///
/// For programs whose threads are greenlets: one that waited natively would stop all of them.
#[pyfunction]
pub(crate) fn poll_callback<'py>(py: Python<'py>, client: &Client) -> PyResult<Option<Bound<'py, PyAny>>> {
    let executor = executor_of(client.client());
    let any: &dyn std::any::Any = &*executor;
    let polled = any.downcast_ref::<PythonExecutor>().map_or(Polled::Closed, PythonExecutor::poll);
    match polled {
        Polled::Job(job) => {
            let ticket = CallbackTicket { job: Mutex::new(Some(job)), client: client.client().clone() };
            Ok(Some(Bound::new(py, ticket)?.into_any()))
        }
        Polled::Nothing => Ok(None),
        Polled::Closed => Ok(Some(pyo3::types::PyBool::new(py, false).to_owned().into_any())),
    }
}

/// One heartbeat that waits for what its callbacks say.
#[pyclass(frozen, module = "hiveloop._native")]
pub(crate) struct CallbackTicket {
    job: Mutex<Option<CallbackJob>>,
    client: hiveloop::Client,
}

#[pymethods]
impl CallbackTicket {
    /// The agent's two callbacks: `(heartbeat_payload, queue_provider)`.
    fn callbacks(&self, py: Python<'_>) -> (Option<Py<PyAny>>, Option<Py<PyAny>>) {
        let job = self.job.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(job) = &*job else { return (None, None) };
        let any: &dyn std::any::Any = &**job.source();
        any.downcast_ref::<PythonSource>().map_or((None, None), |source| {
            let own = |callback: &Option<Py<PyAny>>| callback.as_ref().map(|callback| callback.clone_ref(py));
            (own(&source.heartbeat_payload), own(&source.queue_provider))
        })
    }

    /// Sends the heartbeat with what the callbacks gave.
    #[pyo3(signature = (payload, queue, problem=None))]
    fn finish(&self, payload: &Bound<'_, PyAny>, queue: &Bound<'_, PyAny>, problem: Option<String>) {
        let Some(_inside) = Inside::enter(&self.client) else { return };
        let report = HeartbeatReport {
            payload: payload.cast::<PyDict>().ok().map(write_heartbeat),
            queue_snapshot: queue.cast::<PyDict>().ok().map(write_queue),
            problem,
        };
        let job = self.job.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(job) = job {
            job.finish(report);
        }
    }
}

/// A callback may give the whole payload, or only what belongs under `data`.
fn write_heartbeat(given: &Bound<'_, PyDict>) -> Vec<u8> {
    let mut out = JsonWriter::new();
    let is_whole = ["kind", "data", "summary"].iter().any(|name| given.contains(name).unwrap_or(false));
    if is_whole {
        PyPayload(given.as_any()).write_json(&mut out);
    } else {
        out.raw("{\"kind\":\"heartbeat_status\",\"summary\":\"Heartbeat\",\"data\":");
        PyValue(given.as_any()).write_json(&mut out);
        out.raw("}");
    }
    out.into_bytes()
}

fn write_queue(given: &Bound<'_, PyDict>) -> Vec<u8> {
    let field = |name: &str| given.get_item(name).ok().flatten();
    let (depth, oldest, items, processing) =
        (field("depth"), field("oldest_age_seconds"), field("items"), field("processing"));
    let mut out = JsonWriter::new();
    QueueSnapshot {
        depth: depth.as_ref().map(PyValue),
        oldest_age_seconds: oldest.as_ref().map(PyValue),
        items: items.as_ref().map(PyValue),
        processing: processing.as_ref().map(PyValue),
    }
    .write(&mut out);
    out.into_bytes()
}
