//! Numbers that agents sent and no type here holds, like `1e400`: payloads travel as they were sent.

/// JSON with such numbers as texts, so that it can be read; `None` where there are none.
pub(super) fn as_texts(json: &str) -> Option<String> {
    let bytes = json.as_bytes();
    let mut written = String::new();
    let (mut kept, mut at) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = end_of_text(bytes, at),
            b'-' | b'0'..=b'9' => {
                let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
                let end = bytes[at..].iter().position(|byte| !is_part(byte)).map_or(bytes.len(), |length| at + length);
                if json[at..end].parse().is_ok_and(f64::is_infinite) {
                    written.push_str(&json[kept..at]);
                    written.push('"');
                    written.push_str(&json[at..end]);
                    written.push('"');
                    kept = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    (kept > 0).then(|| written + &json[kept..])
}

fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::as_texts;

    #[test]
    fn only_numbers_that_no_type_holds_become_texts() {
        let sent = r#"{"a":1e400,"b":[-1E+999,5,1e308],"c":"1e400 \" 1e400","é":{"d":-2e400}}"#;
        let read = r#"{"a":"1e400","b":["-1E+999",5,1e308],"c":"1e400 \" 1e400","é":{"d":"-2e400"}}"#;
        assert_eq!(as_texts(sent).as_deref(), Some(read));
        for usual in [r#"{"a":12345678901234567890123}"#, "", "\"1e400", "\"\\", "-", "[1e]", "{}"] {
            assert_eq!(as_texts(usual), None, "{usual}");
        }
    }
}
