//! An exception as texts, and as what it means for what it leaves.

use hiveloop::{JsonWriter, Outcome, ToJson};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyType};

use crate::convert::{PyValue, prefix_of};
use crate::guard::keep_interruption;

/// The most characters of a message that travel; a payload's own limit is about this.
const MAX_MESSAGE_CHARACTERS: usize = 8 * 1024;

pub(crate) struct FailureText {
    exception_type: String,
    exception_message: String,
    causes: Vec<u8>,
}

impl FailureText {
    /// The name of the exception's type, what it says, and what lies behind it; a plain string is the message of an
    /// `Exception`.
    pub(crate) fn of(exception: &Bound<'_, PyAny>) -> Self {
        if let Ok(kind) = exception.cast::<PyType>() {
            // A class was given, as `raise` takes one: it has no message.
            let exception_type =
                kind.name().map_or_else(|_| "Exception".to_owned(), |name| name.to_string_lossy().into_owned());
            return Self { exception_type, exception_message: String::new(), causes: Vec::new() };
        }
        let exception_type = if exception.is_instance_of::<PyString>() {
            "Exception".to_owned()
        } else {
            exception
                .get_type()
                .name()
                .map_or_else(|_| "Exception".to_owned(), |name| name.to_string_lossy().into_owned())
        };
        let mut exception_message = match message_of(exception) {
            Ok(text) => prefix_of(&text, MAX_MESSAGE_CHARACTERS),
            Err(error) => {
                keep_interruption(exception.py(), error);
                "<message that cannot be shown>".to_owned()
            }
        };
        let mut causes = Vec::new();
        if has_more(exception, &exception_type) {
            match behind(exception) {
                Ok((words, told)) => {
                    exception_message.push_str(&words);
                    causes = told;
                }
                Err(error) => keep_interruption(exception.py(), error),
            }
        }
        Self { exception_type, exception_message, causes }
    }

    pub(crate) fn as_failure(&self) -> hiveloop::Failure<'_> {
        hiveloop::Failure {
            exception_type: &self.exception_type,
            exception_message: &self.exception_message,
            causes: &self.causes,
        }
    }
}

/// What an exception says. Python is asked: the text may be made by the program's own code.
fn message_of<'py>(exception: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    static MESSAGE_OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if exception.is_exact_instance_of::<PyString>() {
        return exception.str();
    }
    let asked = MESSAGE_OF.import(exception.py(), "hiveloop._outcomes", "message_of")?.call1((exception,))?;
    Ok(asked.cast_into::<PyString>()?)
}

/// Whether another exception lies behind this one.
fn has_more(exception: &Bound<'_, PyAny>, type_name: &str) -> bool {
    let has = |name: &str| exception.getattr(name).is_ok_and(|other| !other.is_none());
    type_name.ends_with("Group") || has("__cause__") || has("__context__")
}

fn behind(exception: &Bound<'_, PyAny>) -> PyResult<(String, Vec<u8>)> {
    static CAUSES_OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let told = CAUSES_OF.import(exception.py(), "hiveloop._outcomes", "causes_of")?.call1((exception,))?;
    let (words, causes): (String, Bound<'_, PyAny>) = told.extract()?;
    let mut out = JsonWriter::new();
    if causes.len()? > 0 {
        PyValue(&causes).write_json(&mut out);
    }
    Ok((words, out.into_bytes()))
}

/// How something ends that an exception leaves.
enum Word {
    Completed,
    Cancelled,
    Paused,
    Failed,
}

fn word_of(exception: &Bound<'_, PyAny>, waiting: bool) -> Word {
    static OUTCOME_OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = exception.py();
    let asked = OUTCOME_OF
        .import(py, "hiveloop._outcomes", "outcome_of")
        .and_then(|outcome_of| outcome_of.call1((exception, waiting)))
        .and_then(|word| word.extract::<String>());
    match asked.as_deref() {
        Ok("completed") => Word::Completed,
        Ok("cancelled") => Word::Cancelled,
        Ok("paused") => Word::Paused,
        Ok(_) => Word::Failed,
        Err(_) => {
            if let Err(error) = asked {
                keep_interruption(py, error);
            }
            Word::Failed
        }
    }
}

/// Ends something as the exception that leaves it means it; well without one.
pub(crate) fn conclude(exception: Option<&Bound<'_, PyAny>>, waiting: bool, end: impl FnOnce(Outcome<'_>)) {
    let Some(exception) = exception.filter(|exception| !exception.is_none()) else {
        return end(Outcome::SUCCESS);
    };
    match word_of(exception, waiting) {
        Word::Completed => end(Outcome::SUCCESS),
        Word::Paused => end(Outcome::Paused),
        Word::Cancelled => end(Outcome::Cancelled(Some(FailureText::of(exception).as_failure()))),
        Word::Failed => end(Outcome::Failed(Some(FailureText::of(exception).as_failure()))),
    }
}
