//! Nothing an agent calls may fail because of us.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hiveloop::{Client, Level};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

/// How many threads are inside of a call that may run Python code beneath Rust code.
///
/// When the interpreter ends while a daemon thread is there, some versions end the thread by unwinding it, which Rust
/// code does not survive. So the end waits until nobody is there: see [`wait_for_others`].
static INSIDE: AtomicUsize = AtomicUsize::new(0);
/// The end waits no longer than this, in steps of [`STEP`].
const STEPS: u32 = 1000;
const STEP: Duration = Duration::from_millis(1);

/// A thread that may run Python code beneath Rust code.
pub(crate) struct Inside;

impl Inside {
    /// Enters, unless the client has been shut down: then nothing may be begun.
    pub(crate) fn enter(client: &Client) -> Option<Self> {
        INSIDE.fetch_add(1, Ordering::SeqCst);
        OWN.set(OWN.get() + 1);
        let inside = Self;
        (!client.is_silent()).then_some(inside)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        OWN.set(OWN.get() - 1);
        INSIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Waits, for a second at most, until no other thread is inside. The interpreter must not be attached.
pub(crate) fn wait_for_others() {
    for _ in 0..STEPS {
        if INSIDE.load(Ordering::SeqCst) <= OWN.get() {
            return;
        }
        std::thread::sleep(STEP);
    }
}

/// Forgets the threads that a fork has left behind in the parent.
pub(crate) fn forget_others() {
    INSIDE.store(OWN.get(), Ordering::SeqCst);
}

thread_local! {
    /// How often this thread itself is inside.
    static OWN: Cell<usize> = const { Cell::new(0) };
    /// Ctrl-C, or an exit, that struck while a value was being written.
    static INTERRUPTION: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Keeps an interruption for the end of the call; other errors are what the caller makes of them.
pub(crate) fn keep_interruption(py: Python<'_>, error: PyErr) {
    if !error.is_instance_of::<PyException>(py) {
        INTERRUPTION.with(|kept| *kept.borrow_mut() = Some(error));
    }
}

/// Runs a call of the agent's. What goes wrong in it is said, and the call gives its default instead, as it does when
/// the client has been shut down.
///
/// Ctrl-C and exits are the host's, not ours: they go on.
pub(crate) fn quietly<R: Default>(
    py: Python<'_>,
    client: &Client,
    what: &str,
    call: impl FnOnce() -> PyResult<R>,
) -> PyResult<R> {
    let Some(_inside) = Inside::enter(client) else { return Ok(R::default()) };
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
    if let Some(interruption) = INTERRUPTION.with(|kept| kept.borrow_mut().take()) {
        return Err(interruption);
    }
    crate::client::pass_on_lines(py, client)?;
    Ok(result)
}
