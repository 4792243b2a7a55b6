//! Text search in payloads: in the values, not in the names of members, and whatever escapes the JSON is written with.

/// What is looked for, in lower case.
pub(super) struct Needle {
    lower: String,
    /// Set when the text cannot stand escaped in JSON, so that a look at the bytes tells quickly where it is not.
    plain: bool,
}

impl Needle {
    pub(super) fn new(text: &str) -> Self {
        let lower = text.to_lowercase();
        let plain = lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _-.:,;@#=+()".contains(&byte));
        Self { lower, plain }
    }

    /// Whether a value of the payload (a string, number or literal) contains the text. `payload` is JSON, or empty.
    pub(super) fn is_in(&self, payload: &[u8]) -> bool {
        if self.plain && !contains_folded(payload, self.lower.as_bytes()) && !payload.contains(&b'\\') {
            return false;
        }
        std::str::from_utf8(payload)
            .is_ok_and(|text| Values { rest: text }.any(|value| value.to_lowercase().contains(&self.lower)))
    }
}

/// Whether the lower-case ASCII `needle` stands in `text`, in any case.
fn contains_folded(text: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return true };
    let upper = first.to_ascii_uppercase();
    let mut from = 0;
    while let Some(found) = text[from..].iter().position(|byte| byte == first || *byte == upper) {
        let at = from + found + 1;
        if text.get(at..at + rest.len()).is_some_and(|here| here.eq_ignore_ascii_case(rest)) {
            return true;
        }
        from = at;
    }
    false
}

/// The values in a JSON text, member names left out, strings unescaped.
struct Values<'a> {
    rest: &'a str,
}

impl Iterator for Values<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            let start = self.rest.find(|one: char| !one.is_ascii_whitespace() && !"{}[],:".contains(one))?;
            let text = &self.rest[start..];
            if !text.starts_with('"') {
                let end = text.find(|one: char| one.is_ascii_whitespace() || "}],".contains(one)).unwrap_or(text.len());
                self.rest = &text[end..];
                return Some(text[..end].to_owned());
            }
            let end = end_of_string(text);
            self.rest = &text[end..];
            let is_name = self.rest.trim_start().starts_with(':');
            if !is_name {
                let raw = &text[..end];
                // A lone surrogate, say, cannot be unescaped: then as it is written.
                return Some(serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned()));
            }
        }
    }
}

/// Length of the string literal at the start, quotes included.
fn end_of_string(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_values_in_any_case_and_escape_but_not_names() {
        let payload = br#"{"summary": "Sent \"R\u00e9sum\u00e9\" to caf\u00e9\/bar", "data": {"code": 429, "ok": true, "list": ["Deep", null]}}"#;
        for text in ["sent", "RÉSUMÉ", "\"r", "café/BAR", "429", "true", "deep", "to c"] {
            assert!(Needle::new(text).is_in(payload), "{text}");
        }
        for text in ["summary", "code", "absent", "430", "null,"] {
            assert!(!Needle::new(text).is_in(payload), "{text}");
        }
        assert!(!Needle::new("a").is_in(b""));
        assert!(Needle::new("a").is_in(br#"{"b":"\u0041"}"#));
    }
}
