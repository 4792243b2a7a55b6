//! The native half of the Python package `hiveloop`: the calls that an agent makes often, from Python objects
//! straight to bytes. What Python does better (decorators, integrations, documentation) is in `python/hiveloop`.

mod action;
mod agent;
mod callbacks;
mod client;
mod convert;
mod current;
mod failure;
mod guard;
mod logger;
mod ready;
mod screen;
mod task;

use pyo3::prelude::*;

/// `hiveloop._native`, described by `hiveloop/_native.pyi`.
#[pymodule]
mod _native {
    use pyo3::prelude::*;
    use pyo3::types::PyString;

    #[pymodule_export]
    use crate::action::{Action, ActionContext, ActionKind};
    #[pymodule_export]
    use crate::agent::Agent;
    #[pymodule_export]
    use crate::callbacks::{CallbackTicket, next_callback, poll_callback};
    #[pymodule_export]
    use crate::client::Client;
    #[pymodule_export]
    use crate::current::{bind_context, current_frame, current_task, replace_frame};
    #[pymodule_export]
    use crate::task::Task;

    #[pyfunction]
    fn scrubbed(text: &Bound<'_, PyString>) -> String {
        hiveloop::scrubbed(&crate::convert::lossy(text)).into_owned()
    }

    /// A value as it would travel.
    #[pyfunction]
    fn json_of(value: &Bound<'_, PyAny>) -> String {
        use hiveloop::ToJson;
        let mut out = hiveloop::JsonWriter::new();
        crate::convert::PyPayload(value).write_json(&mut out);
        String::from_utf8_lossy(&out.into_bytes()).into_owned()
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("VERSION", env!("CARGO_PKG_VERSION"))
    }
}
