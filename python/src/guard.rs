//! Nothing an agent calls may fail because of us.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hiveloop::{Client, Level};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

thread_local! {
    /// Ctrl-C, or an exit, that struck while a value was being written.
    static INTERRUPTION: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Keeps an interruption for the end of the call; other errors are what the caller makes of them.
pub(crate) fn keep_interruption(py: Python<'_>, error: PyErr) {
    if !error.is_instance_of::<PyException>(py) {
        INTERRUPTION.with(|kept| *kept.borrow_mut() = Some(error));
    }
}

/// Runs a call of the agent's. What goes wrong in it is said, and the call gives its default instead.
///
/// Ctrl-C and exits are the host's, not ours: they go on.
pub(crate) fn quietly<R: Default>(
    py: Python<'_>,
    client: &Client,
    what: &str,
    call: impl FnOnce() -> PyResult<R>,
) -> PyResult<R> {
    let result = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(result)) => result,
        Ok(Err(error)) if !error.is_instance_of::<PyException>(py) => return Err(error),
        Ok(Err(error)) => {
            client.say(Level::Error, &format!("swallowed in {what}: {error}"));
            R::default()
        }
        Err(_) => {
            client.say(Level::Error, &format!("swallowed in {what}: a defect of hiveloop; please report it"));
            R::default()
        }
    };
    match INTERRUPTION.with(|kept| kept.borrow_mut().take()) {
        Some(interruption) => Err(interruption),
        None => Ok(result),
    }
}
