//! How a task or an action ends.

use crate::event::EventType;
use crate::payload::{JsonWriter, scrubbed};

/// Causes that are told at most.
const MAX_CAUSES: usize = 10;

/// How a task or an action ended.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// Well; the status is `success` unless the agent calls it otherwise.
    Completed {
        /// `status` of the end event.
        status: &'a str,
    },
    /// It was cancelled: neither well nor badly.
    Cancelled(Option<Failure<'a>>),
    /// It was left because somebody has to decide first. A task then has no end yet; its actions have.
    Paused,
    /// Badly.
    Failed(Option<Failure<'a>>),
}

impl<'a> Outcome<'a> {
    /// Well, as usual.
    pub const SUCCESS: Self = Self::Completed { status: "success" };

    /// The status of the end event, the word of its summary, and what went wrong.
    pub(crate) fn told(self) -> (&'a str, &'static str, Option<Failure<'a>>) {
        match self {
            Self::Completed { status } => (status, "completed", None),
            Self::Cancelled(failure) => ("cancelled", "cancelled", failure),
            Self::Paused => ("paused", "paused", None),
            Self::Failed(failure) => ("failure", "failed", failure),
        }
    }

    /// What ends a task. A cancelled one travels as completed, with a status of its own: any server knows that as an end,
    /// and none takes it for a failure.
    pub(crate) fn of_task(self) -> EventType {
        if matches!(self, Self::Failed(_)) { EventType::TaskFailed } else { EventType::TaskCompleted }
    }

    /// What ends an action.
    pub(crate) fn of_action(self) -> EventType {
        if matches!(self, Self::Failed(_)) { EventType::ActionFailed } else { EventType::ActionCompleted }
    }
}

/// What went wrong, for the event.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// The error's type.
    pub exception_type: &'a str,
    /// Its message.
    pub exception_message: &'a str,
    /// What caused it: a JSON array of `{"exception_type", "exception_message"}`; empty for nothing.
    pub causes: &'a [u8],
}

impl Failure<'_> {
    /// The names of its fields; nobody else's fields take their place.
    pub(crate) const FIELDS: &'static [&'static str] = &["exception_type", "exception_message", "exception_causes"];
    pub(crate) const DROPPED_TASK: Self =
        Self { exception_type: "Dropped", exception_message: "the task was dropped before its end", causes: &[] };
    pub(crate) const DROPPED_ACTION: Self =
        Self { exception_type: "Dropped", exception_message: "the action was dropped before its end", causes: &[] };

    /// Tells an error by its type, path and parameters left out, its message, and its sources.
    pub(crate) fn told_by<E: std::error::Error + ?Sized>(error: &E, tell: impl FnOnce(Failure<'_>)) {
        let whole = std::any::type_name::<E>();
        let path = whole.split_once('<').map_or(whole, |(path, _)| path);
        let exception_type = path.rsplit("::").next().unwrap_or(path);
        tell(Failure { exception_type, exception_message: &error.to_string(), causes: &causes_of(error) });
    }

    /// Writes the fields; texts of exceptions travel, so passwords in addresses are masked in them, if so wished.
    pub(crate) fn write(&self, out: &mut JsonWriter, scrub_urls: bool) {
        let masked = |text: &'_ str| if scrub_urls { scrubbed(text).into_owned() } else { text.to_owned() };
        out.key("exception_type");
        out.string(self.exception_type);
        out.key("exception_message");
        out.string(&masked(self.exception_message));
        if let Ok(causes) = std::str::from_utf8(self.causes)
            && !causes.is_empty()
        {
            out.key("exception_causes");
            out.raw(&masked(causes));
        }
    }
}

/// What caused an error, from the nearest on.
fn causes_of<E: std::error::Error + ?Sized>(error: &E) -> Vec<u8> {
    let mut out = JsonWriter::new();
    let mut next = error.source();
    for _ in 0..MAX_CAUSES {
        let Some(cause) = next else { break };
        out.raw(if out.is_empty() { "[{" } else { ",{" });
        out.key("exception_message");
        out.string(&cause.to_string());
        out.raw("}");
        next = cause.source();
    }
    if !out.is_empty() {
        out.raw("]");
    }
    out.into_bytes()
}
