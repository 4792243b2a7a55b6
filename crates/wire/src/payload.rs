//! Bounds of a payload: an object, at most 32 KiB in compact form, at most 64 levels deep, and valid Unicode.

use std::{borrow::Cow, fmt::Write};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    fields::Fields,
    kind::{EventType, Kind, limits},
    walk::Walked,
};

pub(crate) enum PayloadProblem {
    NotAnObject,
    TooDeep,
    /// Size in compact form, bytes.
    TooLarge(usize),
}

/// Checks the bounds; leaves the members of what is fine in `walked`. `None` for what is fine as it is, else what to store instead.
pub(crate) fn check<'a>(text: &'a str, walked: &mut Walked<'a>) -> Result<Option<Box<RawValue>>, PayloadProblem> {
    if !text.starts_with('{') {
        return Err(PayloadProblem::NotAnObject);
    }
    walked.walk(text);
    if walked.depth > limits::PAYLOAD_DEPTH {
        return Err(PayloadProblem::TooDeep);
    }
    if text.len() > limits::PAYLOAD_BYTES {
        let compact = compact_bytes(text);
        if compact > limits::PAYLOAD_BYTES {
            return Err(PayloadProblem::TooLarge(compact));
        }
    }
    Ok(walked.surrogates.then(|| {
        RawValue::from_string(mend_surrogates(text).into_owned())
            .expect("escapes were replaced by escapes of the same length")
    }))
}

/// The well-known kind a payload names. Only `custom` events and heartbeats carry them.
pub(crate) fn kind_of(event_type: EventType, top: Fields<'_, '_>) -> Option<Kind> {
    if !matches!(event_type, EventType::Custom | EventType::Heartbeat) {
        return None;
    }
    Kind::parse(top.raw("kind")?.strip_prefix('"')?.strip_suffix('"')?)
}

/// The kind a payload names, well-known or the agent's own. `payload` is JSON, or empty.
pub fn named_kind(payload: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        kind: Option<String>,
    }
    serde_json::from_slice::<Named>(payload).ok()?.kind
}

/// Size without white space between tokens and with escapes of plain characters written out.
fn compact_bytes(text: &str) -> usize {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => serde_json::to_string(&value).map_or(text.len(), |compact| compact.len()),
        // Not a value we could write again (a lone surrogate, 1e400): its own size is the bound.
        Err(_) => text.len(),
    }
}

/// Makes JSON of what is JSON but for single characters: lone surrogates, and control characters that were not escaped.
pub(crate) fn mend(text: &str) -> Cow<'_, str> {
    match escape_controls(text) {
        Cow::Borrowed(text) => mend_surrogates(text),
        Cow::Owned(escaped) => Cow::Owned(mend_surrogates(&escaped).into_owned()),
    }
}

/// Writes control characters that stand in strings as they are (tabs, ends of lines, NUL) as JSON wants them written.
fn escape_controls(text: &str) -> Cow<'_, str> {
    let (mut in_string, mut after_backslash) = (false, false);
    let mut out = String::new();
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if !in_string => in_string = byte == b'"',
            0..0x20 => {
                out.push_str(&text[copied..at]);
                copied = at + 1;
                // A backslash before it began no escape that there is: it stands for itself.
                let backslash = if after_backslash { "\\" } else { "" };
                let _infallible = write!(out, "{backslash}\\u{byte:04x}");
                after_backslash = false;
            }
            b'\\' => after_backslash = !after_backslash,
            b'"' if !after_backslash => in_string = false,
            _ => after_backslash = false,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Replaces `\uD800`-like escapes that stand alone, which no string can hold, by the replacement character.
pub(crate) fn mend_surrogates(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    let mut from = 0;
    while let Some(found) = out[from..].find("\\u") {
        let at = from + found;
        let backslashes = out[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        from = at + 2;
        if backslashes % 2 == 1 {
            continue;
        }
        let unit = |at: usize| out.get(at + 2..at + 6).and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let follows = out.get(at + 6..).is_some_and(|rest| rest.starts_with("\\u")).then(|| unit(at + 6)).flatten();
        match (unit(at), follows) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => from = at + 12,
            (Some(0xD800..=0xDFFF), _) => out.to_mut().replace_range(at + 2..at + 6, "fffd"),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mend(text: &str) -> String {
        mend_surrogates(text).into_owned()
    }

    #[test]
    fn control_characters_are_kept_as_they_were_meant() {
        for (given, meant) in
            [("{\"a\":\"x\ty\nz\0\"}", "x\ty\nz\0"), ("{\n\t\"a\" : \"\\\"\t\"}", "\"\t"), ("{\"a\":\"\\\t\"}", "\\\t")]
        {
            let mended = super::mend(given);
            let value: serde_json::Value = serde_json::from_str(&mended).unwrap();
            assert_eq!(value["a"], meant, "{mended}");
        }
        assert!(matches!(escape_controls("{\n\t\"a\": 1}"), Cow::Borrowed(_)));
    }

    #[test]
    fn lone_surrogates_become_replacement_characters() {
        assert_eq!(mend(r#"{"a":"\ud83d\ude00"}"#), r#"{"a":"\ud83d\ude00"}"#);
        assert_eq!(mend(r#"{"a":"\ud83d"}"#), r#"{"a":"\ufffd"}"#);
        assert_eq!(mend(r#"{"a":"\udc00\ud83d\ude00"}"#), r#"{"a":"\ufffd\ud83d\ude00"}"#);
        assert_eq!(mend(r#"{"a":"\\ud83d"}"#), r#"{"a":"\\ud83d"}"#);
    }
}
