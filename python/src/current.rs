//! What the running code is inside of: the innermost task or action, carried by one context variable.
//!
//! Each task and action knows what it was entered from, so the variable holds a chain, and asynchronous code that
//! copies a context copies the way to the whole chain.

use std::sync::OnceLock;

use pyo3::exceptions::PyImportError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::action::Action;
use crate::task::Task;

struct Context {
    get: Py<PyAny>,
    set: Py<PyAny>,
    reset: Py<PyAny>,
}

static CONTEXT: PyOnceLock<Context> = PyOnceLock::new();

/// The interpreter that imported the package first.
static INTERPRETER: OnceLock<i64> = OnceLock::new();

/// Tells the native half which context variable is meant. Its default must be `None`.
///
/// # Errors
/// `ImportError` in another interpreter than the first: objects kept here must not be seen by two.
#[pyfunction]
pub(crate) fn bind_context(py: Python<'_>, variable: &Bound<'_, PyAny>) -> PyResult<()> {
    // SAFETY: the interpreter is attached, so there is one to ask for its id.
    let own = unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) };
    if *INTERPRETER.get_or_init(|| own) != own {
        return Err(PyImportError::new_err("hiveloop is in use by another interpreter of this process already"));
    }
    let context = Context {
        get: variable.getattr("get")?.unbind(),
        set: variable.getattr("set")?.unbind(),
        reset: variable.getattr("reset")?.unbind(),
    };
    // Bound once, when the package is imported.
    let _ = CONTEXT.set(py, context);
    Ok(())
}

/// The innermost task or action, ended or not.
pub(crate) fn innermost(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    let frame = CONTEXT.get(py)?.get.bind(py).call0().ok()?;
    (!frame.is_none()).then_some(frame)
}

/// Makes a frame the innermost; returns what undoes that.
pub(crate) fn enter(py: Python<'_>, frame: &Bound<'_, PyAny>) -> Option<Py<PyAny>> {
    Some(CONTEXT.get(py)?.set.bind(py).call1((frame,)).ok()?.unbind())
}

/// Undoes [`enter`]. In another context than it was done in (a generator closed elsewhere), there is nothing to undo.
pub(crate) fn leave(py: Python<'_>, token: Option<Py<PyAny>>) {
    if let (Some(context), Some(token)) = (CONTEXT.get(py), token) {
        let _ = context.reset.bind(py).call1((token,));
    }
}

/// Undoes [`enter`] for a task, which may end while a later one goes on: then that one stays the innermost.
pub(crate) fn leave_task(task: &Bound<'_, Task>, token: Option<Py<PyAny>>) {
    let py = task.py();
    if innermost(py).is_some_and(|frame| frame.is(task)) {
        leave(py, token);
    }
}

/// Lets go of the ended tasks that this frame was entered from, so that tasks which overlap for ever make no chain without end.
pub(crate) fn forget_ended(frame: &Bound<'_, PyAny>) {
    let Ok(task) = frame.cast_exact::<Task>() else { return };
    while let Some(outer) = task.get().outer(frame.py())
        && let Ok(outer) = outer.cast_exact::<Task>()
        && outer.get().task().is_ended()
    {
        task.get().set_outer(outer.get().outer(frame.py()).map(Bound::unbind));
    }
}

/// What a frame was entered from.
fn outer<'py>(frame: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let py = frame.py();
    if let Ok(action) = frame.cast_exact::<Action>() {
        return action.get().outer(py);
    }
    frame.cast_exact::<Task>().ok()?.get().outer(py)
}

/// The innermost frame that has not ended, from this one outwards.
pub(crate) fn innermost_open(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    let mut frame = innermost(py)?;
    loop {
        let ended = match frame.cast_exact::<Action>() {
            Ok(action) => action.get().is_ended(),
            Err(_) => frame.cast_exact::<Task>().map_or(true, |task| task.get().task().is_ended()),
        };
        if !ended {
            return Some(frame);
        }
        frame = outer(&frame)?;
    }
}

/// Where a new action of an agent belongs: its innermost task that runs, and its innermost action.
pub(crate) struct Place {
    pub(crate) task: Option<hiveloop::Task>,
    pub(crate) action_id: Option<String>,
}

/// Finds the place of a new action of this agent.
pub(crate) fn place_for(py: Python<'_>, agent: &hiveloop::Agent) -> Place {
    let mut next = innermost(py);
    while let Some(frame) = next {
        if let Ok(action) = frame.cast_exact::<Action>() {
            let action = action.get();
            if action.agent().is_same(agent) && !action.is_ended() {
                return Place { task: action.task().cloned(), action_id: Some(action.id().to_owned()) };
            }
        } else if let Ok(task) = frame.cast_exact::<Task>() {
            let task = task.get().task();
            if task.agent().is_same(agent) && !task.is_ended() {
                return Place { task: Some(task.clone()), action_id: None };
            }
        }
        next = outer(&frame);
    }
    Place { task: None, action_id: None }
}

/// The innermost running action of a task, or of an agent outside of tasks.
pub(crate) fn action_of<'py>(
    py: Python<'py>,
    agent: &hiveloop::Agent,
    task: Option<&hiveloop::Task>,
) -> Option<Bound<'py, Action>> {
    let mut next = innermost(py);
    while let Some(frame) = next {
        if let Ok(action) = frame.cast_exact::<Action>() {
            let same = match (action.get().task(), task) {
                (Some(one), Some(other)) => one.is_same(other),
                (None, None) => action.get().agent().is_same(agent),
                _ => false,
            };
            if same && !action.get().is_ended() {
                return Some(action.clone());
            }
        }
        next = outer(&frame);
    }
    None
}

/// The innermost task that has not ended, of any agent; `None` outside of tasks.
#[pyfunction]
pub(crate) fn current_task(py: Python<'_>) -> Option<Bound<'_, Task>> {
    let mut next = innermost(py);
    while let Some(frame) = next {
        if let Ok(task) = frame.cast_exact::<Task>()
            && !task.get().task().is_ended()
        {
            return Some(task.clone());
        }
        next = outer(&frame);
    }
    None
}

/// The innermost task or action that has not ended, for `hiveloop.propagate`.
#[pyfunction]
pub(crate) fn current_frame(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    innermost_open(py)
}
