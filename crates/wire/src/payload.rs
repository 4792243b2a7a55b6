//! Bounds of a payload: an object, at most 32 KiB in compact form, at most 64 levels deep, and valid Unicode.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::kind::{EventType, Kind, limits};

pub(crate) enum PayloadProblem {
    NotAnObject,
    TooDeep,
    /// Size in compact form, bytes.
    TooLarge(usize),
}

/// The payload as it will be stored. `null` is absent.
pub(crate) fn check(raw: Option<&RawValue>) -> Result<Option<Box<RawValue>>, PayloadProblem> {
    let Some(raw) = raw else { return Ok(None) };
    let text = raw.get();
    if text == "null" {
        return Ok(None);
    }
    if !text.starts_with('{') {
        return Err(PayloadProblem::NotAnObject);
    }
    let shape = scan(text.as_bytes());
    if shape.depth > limits::PAYLOAD_DEPTH {
        return Err(PayloadProblem::TooDeep);
    }
    if text.len() > limits::PAYLOAD_BYTES {
        let compact = compact_bytes(text);
        if compact > limits::PAYLOAD_BYTES {
            return Err(PayloadProblem::TooLarge(compact));
        }
    }
    if shape.surrogates {
        return Ok(Some(mend_surrogates(text)));
    }
    Ok(Some(raw.to_owned()))
}

/// The well-known kind a payload names. Only `custom` events and heartbeats carry them.
pub(crate) fn kind_of(event_type: EventType, payload: &RawValue) -> Option<Kind> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow)]
        kind: Option<&'a RawValue>,
    }
    if !matches!(event_type, EventType::Custom | EventType::Heartbeat) {
        return None;
    }
    let named: Named<'_> = serde_json::from_str(payload.get()).ok()?;
    let text = named.kind?.get();
    Kind::parse(text.strip_prefix('"')?.strip_suffix('"')?)
}

/// The kind a payload names, well-known or the agent's own. `payload` is JSON, or empty.
pub fn named_kind(payload: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        kind: Option<String>,
    }
    serde_json::from_slice::<Named>(payload).ok()?.kind
}

struct Shape {
    depth: usize,
    /// Holds `\ud8…` to `\udf…` escapes, paired or not.
    surrogates: bool,
}

fn scan(text: &[u8]) -> Shape {
    let (mut depth, mut deepest, mut surrogates) = (0_usize, 0_usize, false);
    let mut at = 0;
    let mut in_string = false;
    while at < text.len() {
        let byte = text[at];
        if in_string {
            match byte {
                b'\\' => {
                    surrogates |= text.get(at + 1) == Some(&b'u') && matches!(text.get(at + 2), Some(b'd' | b'D'));
                    at += 1;
                }
                b'"' => in_string = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => in_string = true,
                b'{' | b'[' => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                b'}' | b']' => depth -= 1,
                _ => {}
            }
        }
        at += 1;
    }
    Shape { depth: deepest, surrogates }
}

/// Size without white space between tokens and with escapes of plain characters written out.
fn compact_bytes(text: &str) -> usize {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => serde_json::to_string(&value).map_or(text.len(), |compact| compact.len()),
        // Not a value we could write again (a lone surrogate, 1e400): its own size is the bound.
        Err(_) => text.len(),
    }
}

/// Replaces `\uD800`-like escapes that stand alone, which no string can hold, by the replacement character.
fn mend_surrogates(text: &str) -> Box<RawValue> {
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
        let follows = out[at + 6..].starts_with("\\u").then(|| unit(at + 6)).flatten();
        match (unit(at), follows) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => from = at + 12,
            (Some(0xD800..=0xDFFF), _) => out.to_mut().replace_range(at + 2..at + 6, "fffd"),
            _ => {}
        }
    }
    RawValue::from_string(out.into_owned()).expect("escapes were replaced by escapes of the same length")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mend(text: &str) -> String {
        mend_surrogates(text).get().to_owned()
    }

    #[test]
    fn lone_surrogates_become_replacement_characters() {
        assert_eq!(mend(r#"{"a":"\ud83d\ude00"}"#), r#"{"a":"\ud83d\ude00"}"#);
        assert_eq!(mend(r#"{"a":"\ud83d"}"#), r#"{"a":"\ufffd"}"#);
        assert_eq!(mend(r#"{"a":"\udc00\ud83d\ude00"}"#), r#"{"a":"\ufffd\ud83d\ude00"}"#);
        assert_eq!(mend(r#"{"a":"\\ud83d"}"#), r#"{"a":"\\ud83d"}"#);
    }

    #[test]
    fn depth_counts_levels_outside_of_strings() {
        assert_eq!(scan(br#"{"a":[[{"b":"[[[[\"[["}]]}"#).depth, 4);
    }
}
