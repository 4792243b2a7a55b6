//! What went wrong, and what only looks like it.

use opentelemetry_proto::tonic::trace::v1::Span;

use crate::{attributes::Attributes, preview};

/// It ended for a reason that is no failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Diverted {
    HandedOver,
    Paused,
    Cancelled,
}

/// Type and message of what went wrong: of the last exception, else of the status.
pub(super) fn exception(span: &Span, attributes: Attributes<'_>) -> (String, String) {
    let event =
        span.events.iter().rev().find(|event| event.name == "exception").map(|event| Attributes::of(&event.attributes));
    let status = span.status.as_ref().map_or("", |status| status.message.as_str());
    let kind = event
        .and_then(|event| event.text("exception.type"))
        .or_else(|| attributes.first_text(&["error.type", "exception.type", "error_class"]))
        .unwrap_or("Error");
    let message = event
        .and_then(|event| event.text("exception.message"))
        .or_else(|| {
            attributes.first_text(&[
                "exception.message",
                "error.message",
                "error",
                "langfuse.observation.status_message",
                "haystack.agent.step.tool.output",
            ])
        })
        .or(Some(status).filter(|text| !text.is_empty()))
        .unwrap_or(kind);
    (preview::cut(kind, 256).into_owned(), preview::preview(message).into_owned())
}

/// Exceptions by which frameworks steer: they reach the status of spans, and nothing failed.
pub(super) fn diversion(kind: &str, message: &str) -> Option<Diverted> {
    let names = |wanted: &[&str]| {
        let last = kind.rsplit(['.', ':']).next().unwrap_or(kind);
        wanted.iter().any(|name| last == *name || message.starts_with(&format!("{name}(")))
    };
    if names(&["ParentCommand", "GraphBubbleUp"]) {
        Some(Diverted::HandedOver)
    } else if names(&["GraphInterrupt", "NodeInterrupt"]) {
        Some(Diverted::Paused)
    } else if names(&["CancelledError", "GeneratorExit"]) {
        Some(Diverted::Cancelled)
    } else {
        None
    }
}
