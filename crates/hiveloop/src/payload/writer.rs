//! JSON, written straight into bytes, bounded in depth and size.

use super::limit::MAX_PAYLOAD_BYTES;

/// How deep a payload may nest, the payload itself included.
pub const MAX_NESTING: usize = 64;

/// Beyond this many bytes no more items are taken in; what is there is then cut to the limit of a payload.
///
/// It leaves room for the longest strings to be cut first while bounding the time that a call may take.
const BUDGET_BYTES: usize = 8 * MAX_PAYLOAD_BYTES;

/// Writes JSON text. Whoever writes keeps the commas and brackets in order; the writer keeps strings and figures valid.
#[derive(Debug, Default)]
pub struct JsonWriter {
    pub(crate) bytes: Vec<u8>,
    /// Something was left out.
    pub(crate) truncated: bool,
    budget_end: usize,
}

impl JsonWriter {
    /// An empty writer.
    pub fn new() -> Self {
        Self { bytes: Vec::new(), truncated: false, budget_end: BUDGET_BYTES }
    }

    /// A writer that reuses a buffer.
    pub(crate) fn over(mut bytes: Vec<u8>) -> Self {
        bytes.clear();
        Self { bytes, truncated: false, budget_end: BUDGET_BYTES }
    }

    /// The text written so far.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// How many bytes are written.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether so much is written that further items should be left out with [`Self::leave_out`].
    pub fn is_over_budget(&self) -> bool {
        self.bytes.len() > self.budget_end
    }

    /// Whether so much is written that not even single figures and words should follow.
    pub fn is_far_over_budget(&self) -> bool {
        self.bytes.len() > 2 * self.budget_end
    }

    /// Writes again what stands at these places, one whole value.
    pub fn repeat(&mut self, places: std::ops::Range<usize>) {
        self.bytes.extend_from_within(places);
    }

    /// Writes a marker in place of what was left out, and marks the payload as truncated.
    pub fn leave_out(&mut self, what: &str) {
        self.truncated = true;
        self.string(&format!("<left out: {what}>"));
    }

    /// Writes text that is valid JSON already.
    #[inline]
    pub fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Writes bytes that are valid JSON already.
    #[inline]
    pub(crate) fn raw_bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes `"name":`, after a comma unless the object was just opened.
    #[inline]
    pub fn key(&mut self, name: &str) {
        if self.bytes.last() != Some(&b'{') {
            self.bytes.push(b',');
        }
        self.string(name);
        self.bytes.push(b':');
    }

    /// Writes a string, cut where it is longer than a whole payload may be.
    #[inline]
    pub fn string(&mut self, text: &str) {
        if text.len() > MAX_PAYLOAD_BYTES {
            self.truncated = true;
            let end = (0..=MAX_PAYLOAD_BYTES).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
            return self.whole_string(&text[..end]);
        }
        self.whole_string(text);
    }

    fn whole_string(&mut self, text: &str) {
        let source = text.as_bytes();
        self.bytes.reserve(source.len() + 2);
        self.bytes.push(b'"');
        let mut written = 0;
        let mut index = 0;
        while index < source.len() {
            // Most text needs no escapes: look at sixteen bytes at a time.
            if let Some(chunk) = source[index..].first_chunk::<16>()
                && !chunk.iter().fold(false, |found, &byte| found | needs_escape(byte))
            {
                index += 16;
                continue;
            }
            let byte = source[index];
            if needs_escape(byte) {
                self.bytes.extend_from_slice(&source[written..index]);
                self.escape(byte);
                written = index + 1;
            }
            index += 1;
        }
        self.bytes.extend_from_slice(&source[written..]);
        self.bytes.push(b'"');
    }

    fn escape(&mut self, byte: u8) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let short = match byte {
            b'"' => b'"',
            b'\\' => b'\\',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            _ => {
                self.bytes.extend_from_slice(b"\\u00");
                self.bytes.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
                return;
            }
        };
        self.bytes.extend_from_slice(&[b'\\', short]);
    }

    /// Writes a whole number.
    #[inline]
    pub fn integer(&mut self, number: i64) {
        self.raw(itoa::Buffer::new().format(number));
    }

    /// Writes a whole number above the signed range.
    pub fn unsigned(&mut self, number: u64) {
        self.raw(itoa::Buffer::new().format(number));
    }

    /// Writes a number; what JSON has no number for becomes the string `NaN`, `Infinity` or `-Infinity`.
    #[inline]
    pub fn float(&mut self, number: f64) {
        if number.is_finite() {
            self.raw(ryu::Buffer::new().format_finite(number));
        } else if number.is_nan() {
            self.raw("\"NaN\"");
        } else {
            self.raw(if number > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
        }
    }
}

#[inline]
fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_string_survives(text in any::<String>()) {
            let mut writer = JsonWriter::new();
            writer.string(&text);
            prop_assert_eq!(serde_json::from_slice::<String>(&writer.bytes).unwrap(), text);
        }

        #[test]
        fn every_finite_number_survives(number in any::<f64>(), whole in any::<i64>()) {
            let written = |write: &dyn Fn(&mut JsonWriter)| {
                let mut writer = JsonWriter::new();
                write(&mut writer);
                String::from_utf8(writer.bytes).unwrap()
            };
            prop_assert_eq!(written(&|out| out.integer(whole)).parse::<i64>().unwrap(), whole);
            let text = written(&|out| out.float(number));
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
            if number.is_finite() {
                prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), number.to_bits());
            } else {
                prop_assert!(text.starts_with('"'));
            }
        }
    }

    #[test]
    fn a_string_longer_than_a_payload_is_cut_between_characters() {
        let mut writer = JsonWriter::new();
        writer.string(&"é".repeat(MAX_PAYLOAD_BYTES));
        assert!(writer.truncated);
        assert!(serde_json::from_slice::<String>(&writer.bytes).unwrap().chars().all(|letter| letter == 'é'));
        assert!(writer.len() <= MAX_PAYLOAD_BYTES + 2);
    }
}
