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

/// An answer, and what the server warns of: code and message each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    pub(crate) warnings: Vec<(String, String)>,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self { answer, warnings: Vec::new() }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Receipt {
    /// What only a receipt of this service has.
    accepted: Option<u64>,
    rejected: usize,
    errors: Vec<Rejection>,
    warnings: Vec<Warning>,
    message: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Rejection {
    error: String,
    message: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Warning {
    warning: String,
    message: String,
}

impl Answer {
    /// Whether the server has taken what it will ever take.
    pub(crate) fn is_delivered(&self) -> bool {
        matches!(self, Self::Accepted | Self::Partly { .. })
    }

    /// Whether it tells of this batch, rather than of the server or the way to it.
    pub(crate) fn is_about_the_batch(&self) -> bool {
        matches!(self, Self::Accepted | Self::Partly { .. } | Self::Faulty { .. } | Self::TooLarge)
    }

    /// Reads the answer from its status, its `Retry-After` and its body.
    pub(crate) fn read(status: u16, retry_after: Option<Duration>, location: Option<&str>, body: &[u8]) -> Reply {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let receipt: Receipt = serde_json::from_slice(body).unwrap_or_default();
        let warnings = receipt.warnings.into_iter().map(|found| (quoted(&found.warning), quoted(&found.message)));
        let warnings = warnings.collect();
        let message = receipt.message.or(receipt.error).unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
        let message = quoted(&message);
        let answer = match status {
            // A page, or another service's answer, is no receipt: nobody has stored anything.
            200..=299 if receipt.accepted.is_none() && !is_empty_object(body) => Self::Misplaced { status, message },
            200..=299 => {
                let rejected = receipt.rejected.max(receipt.errors.len());
                if rejected == 0 {
                    Self::Accepted
                } else {
                    Self::Partly { rejected, reasons: reasons(&receipt.errors) }
                }
            }
            300..=399 => {
                let target = location.map_or_else(String::new, |place| format!("it redirects to {}", quoted(place)));
                Self::Misplaced { status, message: target }
            }
            // What servers of TLS answer to whoever speaks plain HTTP: nobody has looked at the batch.
            400 if message.contains("HTTPS server") || message.contains("HTTPS port") => {
                Self::Misplaced { status, message: format!("{message}: it should begin with https://") }
            }
            401 | 403 | 407 => Self::Refused { status, message },
            404 | 405 | 410 | 501 => Self::Misplaced { status, message },
            413 => Self::TooLarge,
            // 408 and 425: the server did not wait for the whole body, or not now; the batch itself is well.
            408 | 425 | 429 | 503 => Self::Busy { status, retry_after },
            500..=599 => Self::Failed { reason: format!("the server answered {status} {message}") },
            // Sent again, it would be refused again.
            400 | 422 => Self::Faulty { status, message },
            // Not of what is in the batch: a bill, a law, a lock, a gate on the way. Nobody has looked at the batch.
            _ => Self::Failed { reason: format!("what answers is not about these events: {status} {message}") },
        };
        Reply { answer, warnings }
    }
}

/// Whether somebody has answered with an object that says nothing: not a page, nor another service's status.
fn is_empty_object(body: &[u8]) -> bool {
    let mut signs = body.iter().filter(|byte| !byte.is_ascii_whitespace());
    (signs.next(), signs.next(), signs.next()) == (Some(&b'{'), Some(&b'}'), None)
}

/// A few words of the server's, on one line, that tell a terminal nothing.
fn quoted(message: &str) -> String {
    let message = message.replace(|sign: char| sign.is_control(), " ");
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
        let read = |status: u16| {
            let refusal = format!(r#"{{"error":"code","message":"why","status":{status}}}"#);
            Answer::read(status, None, None, refusal.as_bytes()).answer
        };
        let receipt = br#"{"accepted":1,"rejected":0,"warnings":[],"errors":[]}"#;
        let message = || "why".to_owned();
        assert_eq!(Answer::read(200, None, None, receipt).answer, Answer::Accepted);
        assert_eq!(read(400), Answer::Faulty { status: 400, message: message() });
        assert_eq!(read(422), Answer::Faulty { status: 422, message: message() });
        assert_eq!(read(401), Answer::Refused { status: 401, message: message() });
        assert_eq!(read(403), Answer::Refused { status: 403, message: message() });
        assert_eq!(read(404), Answer::Misplaced { status: 404, message: message() });
        assert_eq!(read(413), Answer::TooLarge);
        for status in [408, 425, 429, 503] {
            assert_eq!(read(status), Answer::Busy { status, retry_after: None });
        }
        assert_eq!(read(502), Answer::Failed { reason: "the server answered 502 why".into() });
        assert!(matches!(read(308), Answer::Misplaced { status: 308, .. }));
    }

    #[test]
    fn reasons_of_rejections_are_counted() {
        let body = br#"{"accepted": 1, "rejected": 3, "errors": [
            {"index": 0, "event_id": "a", "error": "payload_too_large", "message": "over 32 KiB"},
            {"index": 2, "event_id": "b", "error": "invalid_event_type", "message": "x"},
            {"index": 3, "event_id": "c", "error": "payload_too_large", "message": "over 32 KiB"}]}"#;
        let Answer::Partly { rejected, reasons } = Answer::read(207, None, None, body).answer else {
            panic!("207 is partly")
        };
        assert_eq!(rejected, 3);
        // Whatever the status, a receipt that tells of rejected events does.
        assert!(matches!(Answer::read(200, None, None, body).answer, Answer::Partly { rejected: 3, .. }));
        assert_eq!(reasons, "2 × payload_too_large (over 32 KiB), 1 × invalid_event_type (x)");
    }

    #[test]
    fn an_answer_that_is_no_json_is_quoted_shortly() {
        let page = format!("<html>\n{}</html>", "long ".repeat(1000));
        let Answer::Faulty { message, .. } = Answer::read(400, None, None, page.as_bytes()).answer else {
            panic!("faulty")
        };
        assert!(message.chars().count() <= MAX_QUOTED_CHARACTERS + 1 && !message.contains('\n'));
    }

    #[test]
    fn what_is_not_about_the_batch_loses_none_of_it() {
        let refusal = |status: u16| format!(r#"{{"error":"code","message":"why","status":{status}}}"#);
        for status in [402, 406, 409, 411, 418, 421, 423, 424, 426, 428, 431, 451, 499] {
            for body in [refusal(status), "<html>Payment required</html>".into(), String::new()] {
                let answer = Answer::read(status, None, None, body.as_bytes()).answer;
                assert!(matches!(answer, Answer::Failed { .. }), "{status} {body}: {answer:?}");
            }
        }
        for status in [400, 422] {
            for body in [refusal(status), "<html>Bad request</html>".into(), String::new()] {
                let answer = Answer::read(status, None, None, body.as_bytes()).answer;
                assert!(matches!(answer, Answer::Faulty { .. }), "{status} {body}: {answer:?}");
            }
        }
    }

    #[test]
    fn a_web_page_is_no_receipt_whatever_its_status() {
        for body in ["<html><title>Tasks</title></html>", "", "ok", r#"{"status":"ok"}"#, "[]", "null"] {
            let reply = Answer::read(200, None, None, body.as_bytes());
            assert!(matches!(reply.answer, Answer::Misplaced { status: 200, .. }), "{body:?}: {:?}", reply.answer);
        }
    }

    #[test]
    fn a_server_that_wants_tls_has_not_refused_the_batch() {
        for body in [
            "Client sent an HTTP request to an HTTPS server.\n",
            "<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>",
        ] {
            let Answer::Misplaced { status: 400, message } = Answer::read(400, None, None, body.as_bytes()).answer
            else {
                panic!("the address is wrong")
            };
            assert!(message.ends_with("it should begin with https://"), "{message}");
        }
    }

    #[test]
    fn what_is_quoted_gives_a_terminal_no_orders() {
        let reply = Answer::read(400, None, None, b"\x1b[2J\x1b]0;title\x07gone\r\n\0");
        assert_eq!(reply.answer, Answer::Faulty { status: 400, message: "[2J ]0;title gone".into() });
    }

    #[test]
    fn a_mark_of_byte_order_before_a_receipt_is_passed_over() {
        let receipt = "\u{feff}{\"accepted\":1,\"rejected\":0,\"warnings\":[],\"errors\":[]}";
        assert_eq!(Answer::read(200, None, None, receipt.as_bytes()).answer, Answer::Accepted);
    }

    #[test]
    fn a_receipt_may_say_nothing() {
        assert_eq!(Answer::read(200, None, None, b" {} ").answer, Answer::Accepted);
    }

    #[test]
    fn warnings_are_read_beside_the_answer() {
        let body = br#"{"accepted": 1, "rejected": 0, "errors": [],
            "warnings": [{"index": 0, "event_id": "a", "warning": "payload_convention", "message": "no number"}]}"#;
        let reply = Answer::read(200, None, None, body);
        assert_eq!(reply.answer, Answer::Accepted);
        assert_eq!(reply.warnings, [("payload_convention".to_owned(), "no number".to_owned())]);
    }
}
