//! A text that is looked for.

use memchr::memmem::Finder;

use crate::{fold, values::RawValues};

/// What is looked for, folded once.
#[derive(Debug, Clone)]
pub struct Needle {
    finder: Finder<'static>,
    /// Set when the text stands in JSON as it is, so that a look at the bytes tells quickly where it is not.
    is_plain: bool,
}

impl Needle {
    pub fn new(text: &str) -> Self {
        let folded = fold(text);
        let is_plain = folded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _-.:,;@#=+()".contains(&byte));
        Self { finder: Finder::new(folded.as_bytes()).into_owned(), is_plain }
    }

    /// The folded text.
    pub fn folded(&self) -> &str {
        std::str::from_utf8(self.finder.needle()).expect("it was made from a text")
    }

    /// Where it begins in a text that was folded already.
    pub fn find_in_folded(&self, folded: &str) -> Option<usize> {
        self.finder.find(folded.as_bytes())
    }

    /// Whether a text holds it.
    pub fn is_in_text(&self, text: &str) -> bool {
        let ascii = text.is_ascii();
        if ascii && self.is_plain {
            return holds_caseless(text.as_bytes(), self.finder.needle());
        }
        // Folding a text of ASCII yields ASCII.
        (!ascii || self.finder.needle().is_ascii()) && self.finder.find(fold(text).as_bytes()).is_some()
    }

    /// Whether a value of the payload holds it. `payload` is JSON, or empty.
    pub fn is_in_payload(&self, payload: &[u8]) -> bool {
        if self.is_plain
            && payload.is_ascii()
            && !holds_caseless(payload, self.finder.needle())
            && memchr::memchr(b'\\', payload).is_none()
        {
            return false;
        }
        RawValues::new(payload).any(|value| self.is_in_text(&value.text()))
    }
}

/// Whether a folded ASCII `needle` stands in a text, in either case.
fn holds_caseless(text: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return true };
    let upper = first.to_ascii_uppercase();
    memchr::memchr2_iter(*first, upper, text)
        .any(|at| text.get(at + 1..at + 1 + rest.len()).is_some_and(|here| here.eq_ignore_ascii_case(rest)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_values_in_any_case_and_escape_but_not_names() {
        let payload = br#"{"summary": "Sent \"R\u00e9sum\u00e9\" to caf\u00e9\/bar", "data": {"code": 429, "ok": true, "list": ["Deep", null]}}"#;
        for text in ["sent", "RÉSUMÉ", "re\u{301}sume\u{301}", "\"r", "café/BAR", "429", "true", "deep", "to c"] {
            assert!(Needle::new(text).is_in_payload(payload), "{text}");
        }
        for text in ["summary", "code", "absent", "430", "null,", "resume", "cafe"] {
            assert!(!Needle::new(text).is_in_payload(payload), "{text}");
        }
        assert!(!Needle::new("a").is_in_payload(b""));
        assert!(Needle::new("a").is_in_payload(br#"{"b":"\u0041"}"#));
        assert!(Needle::new("strasse").is_in_payload("{\"b\":\"Hauptstraße 1\"}".as_bytes()));
        assert!(Needle::new("请求").is_in_payload("{\"b\":\"发送请求失败\"}".as_bytes()));
    }

    proptest! {
        #[test]
        fn short_cuts_find_what_folding_finds(text in "[a-cA-C\"\\\\éÉſ é]{0,12}", needle in "[a-cA-Cs\"\\\\éÉ ]{1,3}") {
            let payload = serde_json::json!({ "k": text, "n": [text.len()] }).to_string();
            let right = fold(&text).contains(&fold(&needle));
            prop_assert_eq!(Needle::new(&needle).is_in_text(&text), right);
            prop_assert_eq!(Needle::new(&needle).is_in_payload(payload.as_bytes()), right);
        }
    }
}
