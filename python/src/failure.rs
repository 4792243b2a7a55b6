//! An exception as two texts.

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::guard::keep_interruption;

/// The most characters of a message that travel; a payload's own limit is about this.
const MAX_MESSAGE_BYTES: usize = 8 * 1024;

pub(crate) struct FailureText {
    pub(crate) exception_type: String,
    pub(crate) exception_message: String,
}

impl FailureText {
    /// The name of the exception's type and what it says; a plain string is the message of an `Exception`.
    pub(crate) fn of(exception: &Bound<'_, PyAny>) -> Self {
        let exception_type = if exception.is_instance_of::<PyString>() {
            "Exception".to_owned()
        } else {
            exception
                .get_type()
                .name()
                .map_or_else(|_| "Exception".to_owned(), |name| name.to_string_lossy().into_owned())
        };
        let mut exception_message = match exception.str() {
            Ok(text) => text.to_string_lossy().into_owned(),
            Err(error) => {
                keep_interruption(exception.py(), error);
                "<message that cannot be shown>".to_owned()
            }
        };
        if let Some(end) = (0..=MAX_MESSAGE_BYTES).rev().find(|&end| exception_message.is_char_boundary(end))
            && end < exception_message.len()
        {
            exception_message.truncate(end);
            exception_message.push('…');
        }
        Self { exception_type, exception_message }
    }

    pub(crate) fn as_failure(&self) -> hiveloop::Failure<'_> {
        hiveloop::Failure { exception_type: &self.exception_type, exception_message: &self.exception_message }
    }
}
