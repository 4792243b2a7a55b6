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

/// A thread, and the task of asyncio's that it runs.
pub(crate) type Runner = (std::thread::ThreadId, usize);

pub(crate) fn runner(asyncio_task: usize) -> Runner {
    (std::thread::current().id(), asyncio_task)
}

/// Which task of asyncio's runs, told apart from the others that live; 0 for none.
pub(crate) fn asyncio_task(py: Python<'_>) -> usize {
    static CURRENT_TASK: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let current = match CURRENT_TASK.get(py) {
        Some(current) => current.bind(py).clone(),
        // A program that has not imported it has none, and is not made to.
        None => match loaded(py, "asyncio").and_then(|asyncio| asyncio.getattr("current_task")) {
            Ok(current) => CURRENT_TASK.get_or_init(py, || current.unbind()).bind(py).clone(),
            Err(_) => return 0,
        },
    };
    // Where there is no loop, it raises.
    current.call0().map_or(0, |task| task.as_ptr() as usize)
}

fn loaded<'py>(py: Python<'py>, module: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("sys")?.getattr("modules")?.get_item(module)
}

struct Context {
    get: Py<PyAny>,
    set: Py<PyAny>,
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
    let context = Context { get: variable.getattr("get")?.unbind(), set: variable.getattr("set")?.unbind() };
    // Bound once, when the package is imported.
    let _ = CONTEXT.set(py, context);
    Ok(())
}

/// The innermost task or action, ended or not.
pub(crate) fn innermost(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    let frame = CONTEXT.get(py)?.get.bind(py).call0().ok()?;
    (!frame.is_none()).then_some(frame)
}

/// Makes a frame the innermost.
pub(crate) fn enter(frame: &Bound<'_, PyAny>) {
    set(frame.py(), Some(frame));
}

fn set(py: Python<'_>, frame: Option<&Bound<'_, PyAny>>) {
    if let Some(context) = CONTEXT.get(py) {
        let _ = context.set.bind(py).call1((frame,));
    }
}

/// Undoes [`enter`]: what the frame was entered from is the innermost again, as far as it still runs.
///
/// A frame that is not the innermost (it ends while a later one goes on, or in another context) leaves things as they
/// are. No token of the context variable is kept: a token holds the whole context of who entered, for as long as a task
/// is open, and a task may never end.
///
/// An action restores even a task whose block has ended: its code runs on after that block, in a context of its own.
pub(crate) fn leave(frame: &Bound<'_, PyAny>, outer: Option<Bound<'_, PyAny>>) {
    let keeps_blocks = frame.is_exact_instance_of::<Action>();
    let py = frame.py();
    if innermost(py).is_some_and(|current| current.is(frame)) {
        set(py, outer.and_then(|outer| running_from(outer, keeps_blocks)).as_ref());
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

/// The innermost frame that has not ended.
pub(crate) fn innermost_open(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    innermost(py).and_then(|frame| running_from(frame, false))
}

/// The first frame that has not ended, from this one outwards; ended blocks count as running if they are kept.
fn running_from(mut frame: Bound<'_, PyAny>, keeps_blocks: bool) -> Option<Bound<'_, PyAny>> {
    loop {
        let ended = match frame.cast_exact::<Action>() {
            Ok(action) => action.get().is_ended(),
            Err(_) => frame
                .cast_exact::<Task>()
                .map_or(true, |task| task.get().task().is_ended() && !(keeps_blocks && task.get().is_block())),
        };
        if !ended {
            return Some(frame);
        }
        frame = outer(&frame)?;
    }
}

/// Everything that the running code is inside of, from the innermost out.
pub(crate) fn enclosing(py: Python<'_>) -> Vec<Bound<'_, PyAny>> {
    std::iter::successors(innermost(py), outer).collect()
}

/// Where a new action of an agent belongs: its innermost task that runs, and its innermost action.
pub(crate) struct Place {
    pub(crate) task: Option<hiveloop::Task>,
    pub(crate) action_id: Option<String>,
}

/// Finds the place of a new action of this agent.
///
/// Work that was begun within a `with` block and goes on after it (a task of asyncio's) belongs to that block's task,
/// though it has ended.
pub(crate) fn place_for(py: Python<'_>, agent: &hiveloop::Agent) -> Place {
    let mut next = innermost(py);
    while let Some(frame) = next {
        if let Ok(action) = frame.cast_exact::<Action>() {
            let action = action.get();
            if action.agent().is_same(agent) && !action.is_ended() {
                return Place { task: action.task().cloned(), action_id: Some(action.id().to_owned()) };
            }
        } else if let Ok(task) = frame.cast_exact::<Task>() {
            let is_block = task.get().is_block();
            let task = task.get().task();
            if task.agent().is_same(agent) && (is_block || !task.is_ended()) {
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

/// The innermost task that has not ended, of any agent, or whose block the running code was begun in; `None` outside
/// of tasks.
#[pyfunction]
pub(crate) fn current_task(py: Python<'_>) -> Option<Bound<'_, Task>> {
    let mut next = innermost(py);
    while let Some(frame) = next {
        if let Ok(task) = frame.cast_exact::<Task>()
            && (task.get().is_block() || !task.get().task().is_ended())
        {
            return Some(task.clone());
        }
        next = outer(&frame);
    }
    None
}

/// Makes a frame the innermost for a while; gives what was before.
#[pyfunction]
pub(crate) fn replace_frame<'py>(py: Python<'py>, frame: Option<&Bound<'py, PyAny>>) -> Option<Bound<'py, PyAny>> {
    let before = innermost(py);
    set(py, frame);
    before
}

/// The innermost task or action that has not ended, for `hiveloop.propagate`.
#[pyfunction]
pub(crate) fn current_frame(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    innermost(py).and_then(|frame| running_from(frame, true))
}
