//! What a server's answer means.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

/// Different reasons of rejected events that one line names.
const MAX_NAMED_REASONS: usize = 5;
/// Words of the server's that a line repeats, in characters.
const MAX_QUOTED_CHARACTERS: usize = 300;

/// The outcome of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// All events are stored.
    Accepted,
    /// Some are stored, `rejected` never will be.
    Partly { rejected: usize, reasons: String },
    /// The batch is faulty; it would be refused again.
    Faulty { status: u16, message: String },
    /// The batch is too large.
    TooLarge,
    /// The key is refused.
    Refused { status: u16, message: String },
    /// There is no such service at this address.
    Misplaced { status: u16, message: String },
    /// The server asks to come back later.
    Busy { status: u16, retry_after: Option<Duration> },
    /// The server failed, or could not be reached.
    Failed { reason: String },
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Receipt {
    rejected: usize,
    errors: Vec<Rejection>,
    message: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Rejection {
    error: String,
    message: String,
}

impl Answer {
    /// Reads the answer from its status, its `Retry-After` and its body.
    pub(crate) fn read(status: u16, retry_after: Option<Duration>, location: Option<&str>, body: &[u8]) -> Self {
        let receipt: Receipt = serde_json::from_slice(body).unwrap_or_default();
        let message = receipt.message.or(receipt.error).unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
        let message = quoted(&message);
        match status {
            207 => {
                let rejected = receipt.rejected.max(receipt.errors.len());
                if rejected == 0 {
                    return Self::Accepted;
                }
                Self::Partly { rejected, reasons: reasons(&receipt.errors) }
            }
            200..=299 => Self::Accepted,
            300..=399 => {
                let target = location.map_or_else(String::new, |location| format!("it redirects to {location}"));
                Self::Misplaced { status, message: target }
            }
            401 | 403 | 407 => Self::Refused { status, message },
            404 | 405 | 410 | 501 => Self::Misplaced { status, message },
            413 => Self::TooLarge,
            429 | 503 => Self::Busy { status, retry_after },
            408 | 425 | 500..=599 => Self::Failed { reason: format!("the server answered {status} {message}") },
            _ => Self::Faulty { status, message },
        }
    }
}

/// A few words of the server's, on one line.
fn quoted(message: &str) -> String {
    let line: String = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_QUOTED_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn reasons(rejections: &[Rejection]) -> String {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for rejection in rejections {
        let reason = quoted(&match (rejection.error.as_str(), rejection.message.as_str()) {
            (code, "") => code.to_owned(),
            (code, message) => format!("{code} ({message})"),
        });
        match counted.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => counted.push((reason, 1)),
        }
    }
    counted.sort_by(|(_, left), (_, right)| right.cmp(left));
    let named: Vec<String> =
        counted.iter().take(MAX_NAMED_REASONS).map(|(reason, count)| format!("{count} × {reason}")).collect();
    let more = counted.len().saturating_sub(MAX_NAMED_REASONS);
    if more > 0 { format!("{}, and {more} other reasons", named.join(", ")) } else { named.join(", ") }
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => write!(formatter, "accepted"),
            Self::Partly { rejected, .. } => write!(formatter, "{rejected} rejected, the others accepted"),
            Self::TooLarge => write!(formatter, "413 too large"),
            Self::Faulty { status, .. }
            | Self::Refused { status, .. }
            | Self::Misplaced { status, .. }
            | Self::Busy { status, .. } => write!(formatter, "{status}"),
            Self::Failed { reason } => write!(formatter, "{reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_mean_what_the_contract_says() {
        let read = |status| Answer::read(status, None, None, br#"{"error":"code","message":"why","status":1}"#);
        let message = || "why".to_owned();
        assert_eq!(read(200), Answer::Accepted);
        assert_eq!(read(400), Answer::Faulty { status: 400, message: message() });
        assert_eq!(read(422), Answer::Faulty { status: 422, message: message() });
        assert_eq!(read(401), Answer::Refused { status: 401, message: message() });
        assert_eq!(read(403), Answer::Refused { status: 403, message: message() });
        assert_eq!(read(404), Answer::Misplaced { status: 404, message: message() });
        assert_eq!(read(413), Answer::TooLarge);
        assert_eq!(read(429), Answer::Busy { status: 429, retry_after: None });
        assert_eq!(read(502), Answer::Failed { reason: "the server answered 502 why".into() });
        assert!(matches!(read(308), Answer::Misplaced { status: 308, .. }));
    }

    #[test]
    fn reasons_of_rejections_are_counted() {
        let body = br#"{"accepted": 1, "rejected": 3, "errors": [
            {"index": 0, "event_id": "a", "error": "payload_too_large", "message": "over 32 KiB"},
            {"index": 2, "event_id": "b", "error": "invalid_event_type", "message": "x"},
            {"index": 3, "event_id": "c", "error": "payload_too_large", "message": "over 32 KiB"}]}"#;
        let Answer::Partly { rejected, reasons } = Answer::read(207, None, None, body) else { panic!("207 is partly") };
        assert_eq!(rejected, 3);
        assert_eq!(reasons, "2 × payload_too_large (over 32 KiB), 1 × invalid_event_type (x)");
    }

    #[test]
    fn an_answer_that_is_no_json_is_quoted_shortly() {
        let page = format!("<html>\n{}</html>", "long ".repeat(1000));
        let Answer::Faulty { message, .. } = Answer::read(400, None, None, page.as_bytes()) else { panic!("faulty") };
        assert!(message.chars().count() <= MAX_QUOTED_CHARACTERS + 1 && !message.contains('\n'));
    }
}
