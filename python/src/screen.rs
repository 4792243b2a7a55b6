//! `before_send`: the agent's own look at each event, on the thread that emits it.

use std::cell::Cell;
use std::sync::Arc;

use hiveloop::{BeforeSend, JsonWriter, Level, Logger, Screened, ToJson};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict};

use crate::convert::PyPayload;
use crate::guard::keep_interruption;

thread_local! {
    static SCREENING: Cell<bool> = const { Cell::new(false) };
}

/// Makes the hook of a function `event -> event | None`.
pub(crate) fn screen_with(function: Py<PyAny>, logger: Arc<dyn Logger>) -> BeforeSend {
    Arc::new(move |event: &mut Vec<u8>| {
        // An event emitted by the hook itself could not be screened without end: it is dropped, never sent unmasked.
        if SCREENING.replace(true) {
            return Screened::Failed;
        }
        let screened = Python::try_attach(|py| match screen(py, &function, event) {
            Ok(screened) => screened,
            Err(error) => {
                logger.write(Level::Error, &format!("before_send failed, its event is dropped: {error}"));
                keep_interruption(py, error);
                Screened::Failed
            }
        });
        SCREENING.set(false);
        // Without an interpreter nothing can be masked.
        screened.unwrap_or(Screened::Failed)
    })
}

fn screen(py: Python<'_>, function: &Py<PyAny>, event: &mut Vec<u8>) -> PyResult<Screened> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let given = LOADS.import(py, "json", "loads")?.call1((PyBytes::new(py, event),))?;
    let kept = function.bind(py).call1((given,))?;
    if kept.is_none() {
        return Ok(Screened::Discard);
    }
    let Ok(kept) = kept.cast::<PyDict>() else {
        let wrong = kept.get_type().name()?.to_string();
        return Err(pyo3::exceptions::PyTypeError::new_err(format!("it must return the event or None, not {wrong}")));
    };
    let mut out = JsonWriter::new();
    PyPayload(kept.as_any()).write_json(&mut out);
    *event = out.into_bytes();
    Ok(Screened::Keep)
}
