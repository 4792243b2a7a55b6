//! The values in a JSON text.

use std::borrow::Cow;

use crate::fold_into;

/// Visits every value of a JSON text, folded: strings without their escapes, numbers and literals as written, member names left out.
/// What is no JSON has no values.
pub fn for_each_folded_value(json: &[u8], mut visit: impl FnMut(&str)) {
    let mut folded = String::new();
    for value in RawValues::new(json) {
        folded.clear();
        fold_into(&value.text(), &mut folded);
        visit(&folded);
    }
}

/// The values in a JSON text, member names left out.
pub struct RawValues<'a> {
    rest: &'a str,
}

/// A value as it is written: of strings what stands between the quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawValue<'a> {
    pub raw: &'a str,
    pub is_escaped: bool,
}

impl<'a> RawValue<'a> {
    /// The value without its escapes.
    pub fn text(self) -> Cow<'a, str> {
        if self.is_escaped { unescape(self.raw) } else { Cow::Borrowed(self.raw) }
    }
}

/// What a part of a string says, as long as it does not cut an escape.
pub fn unescape(raw: &str) -> Cow<'_, str> {
    // A lone surrogate, say, cannot be unescaped: then as it is written.
    serde_json::from_str(&format!("\"{raw}\"")).map_or(Cow::Borrowed(raw), Cow::Owned)
}

impl<'a> RawValues<'a> {
    pub fn new(json: &'a [u8]) -> Self {
        Self { rest: std::str::from_utf8(json).unwrap_or("") }
    }
}

impl<'a> Iterator for RawValues<'a> {
    type Item = RawValue<'a>;

    fn next(&mut self) -> Option<RawValue<'a>> {
        loop {
            let bytes = self.rest.as_bytes();
            let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace() && !b"{}[],:".contains(byte))?;
            let text = &self.rest[start..];
            if bytes[start] != b'"' {
                let end = text.bytes().position(|byte| byte.is_ascii_whitespace() || b"}],".contains(&byte));
                let end = end.unwrap_or(text.len());
                self.rest = &text[end..];
                return Some(RawValue { raw: &text[..end], is_escaped: false });
            }
            let (end, is_escaped) = end_of_string(text.as_bytes());
            self.rest = &text[end..];
            if !self.rest.trim_ascii_start().starts_with(':') {
                let close = end.saturating_sub(usize::from(text.as_bytes()[end - 1] == b'"')).max(1);
                return Some(RawValue { raw: &text[1..close], is_escaped });
            }
        }
    }
}

/// Length of the string literal at the start, quotes included, and whether it holds escapes.
fn end_of_string(bytes: &[u8]) -> (usize, bool) {
    let (mut at, mut is_escaped) = (1, false);
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        if bytes[at + found] == b'"' {
            return (at + found + 1, is_escaped);
        }
        is_escaped = true;
        at += found + 2;
    }
    // Unfinished: no JSON that was ever accepted ends so.
    (bytes.len(), true)
}
