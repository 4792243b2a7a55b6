//! One pass over a payload: its shape, and the members that its kind may need, as slices of the text.
//!
//! The text is known to be JSON, so that only brackets, commas and strings matter: the inside of a string is passed over by the search
//! for its end, and no value is parsed before somebody asks for it.

use std::borrow::Cow;

/// A member of a JSON object; the value is unparsed.
pub(crate) struct Member<'a> {
    key: Cow<'a, str>,
    value: &'a str,
}

impl<'a> Member<'a> {
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) const fn value(&self) -> &'a str {
        self.value
    }
}

/// What one pass finds; its lists are reused from payload to payload.
#[derive(Default)]
pub(crate) struct Walked<'a> {
    /// Members of the object itself, in order.
    pub(crate) top: Vec<Member<'a>>,
    /// Members of its last `data` that is an object.
    pub(crate) data: Vec<Member<'a>>,
    /// Levels of nesting; the object itself is one.
    pub(crate) depth: usize,
    /// Holds `\ud8…` to `\udf…` escapes, paired or not.
    pub(crate) surrogates: bool,
}

/// An object whose members are kept, while the pass is inside of it.
struct Level<'a> {
    key: Option<Cow<'a, str>>,
    value_at: usize,
}

impl<'a> Level<'a> {
    const OPENED: Self = Level { key: None, value_at: 0 };

    /// The member that ends here, when there is one: an empty object has none.
    fn ends(&mut self, text: &'a str, end: usize) -> Option<Member<'a>> {
        let key = self.key.take()?;
        let value = &text[self.value_at..end];
        // Most writers leave no white space, and looking for it takes longer than seeing that.
        let (first, last) = (value.as_bytes().first(), value.as_bytes().last());
        let is_tight = first.is_some_and(|byte| *byte > b' ') && last.is_some_and(|byte| *byte > b' ');
        Some(Member { key, value: if is_tight { value } else { value.trim_matches([' ', '\n', '\r', '\t']) } })
    }
}

impl<'a> Walked<'a> {
    /// `text` must be a JSON object.
    pub(crate) fn walk(&mut self, text: &'a str) {
        self.top.clear();
        self.data.clear();
        (self.depth, self.surrogates) = (0, false);
        let bytes = text.as_bytes();
        let (mut outer, mut inner, mut in_data) = (Level::OPENED, Level::OPENED, false);
        let (mut at, mut depth) = (0, 0_usize);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => {
                    let begin = at + 1;
                    let (end, escaped) = self.string_end(bytes, begin);
                    at = end;
                    let level = match depth {
                        1 => &mut outer,
                        2 if in_data => &mut inner,
                        _ => {
                            at += 1;
                            continue;
                        }
                    };
                    // Where a key is known already, this is its value.
                    if level.key.is_none() {
                        level.key = Some(unescaped(text, begin, end, escaped));
                    }
                }
                b':' => match depth {
                    1 => outer.value_at = at + 1,
                    2 if in_data => inner.value_at = at + 1,
                    _ => {}
                },
                b',' => match depth {
                    1 => self.top.extend(outer.ends(text, at)),
                    2 if in_data => self.data.extend(inner.ends(text, at)),
                    _ => {}
                },
                b'{' | b'[' => {
                    depth += 1;
                    self.depth = self.depth.max(depth);
                    if depth == 2 && *byte == b'{' && outer.key.as_deref() == Some("data") {
                        in_data = true;
                        self.data.clear();
                    }
                }
                b'}' | b']' => {
                    match depth {
                        1 => self.top.extend(outer.ends(text, at)),
                        2 if in_data => {
                            self.data.extend(inner.ends(text, at));
                            in_data = false;
                        }
                        _ => {}
                    }
                    depth = depth.saturating_sub(1);
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Where the closing quote stands, and whether there was an escape before it.
    fn string_end(&mut self, bytes: &[u8], mut at: usize) -> (usize, bool) {
        let mut escaped = false;
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
            at += found;
            if bytes[at] == b'"' {
                return (at, escaped);
            }
            escaped = true;
            self.surrogates |= bytes.get(at + 1) == Some(&b'u') && matches!(bytes.get(at + 2), Some(b'd' | b'D'));
            at += 2;
        }
        (bytes.len(), escaped)
    }
}

fn unescaped(text: &str, begin: usize, end: usize, escaped: bool) -> Cow<'_, str> {
    if escaped {
        // A lone surrogate has no text; it is mended before anybody asks for the key.
        Cow::Owned(text.get(begin - 1..=end).and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default())
    } else {
        Cow::Borrowed(&text[begin..end])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn walked(text: &str) -> Walked<'_> {
        let mut walked = Walked::default();
        walked.walk(text);
        walked
    }

    fn told(members: &[Member<'_>]) -> Vec<(String, String)> {
        members.iter().map(|member| (member.key().to_owned(), member.value().to_owned())).collect()
    }

    #[test]
    fn members_are_slices_without_white_space() {
        let found =
            walked("{ \"a\" : [1, {\"b\": 2}] ,\n\"data\":{\"x\" : \"}\\\",{\" , \"y\":{} }, \"k\\u0069nd\":null }");
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let data = "{\"x\" : \"}\\\",{\" , \"y\":{} }";
        assert_eq!(told(&found.top), [pair("a", "[1, {\"b\": 2}]"), pair("data", data), pair("kind", "null")]);
        assert_eq!(told(&found.data), [pair("x", "\"}\\\",{\""), pair("y", "{}")]);
        assert_eq!((found.depth, found.surrogates), (3, false));
    }

    #[test]
    fn of_several_data_the_last_object_counts() {
        assert_eq!(told(&walked(r#"{"data":{"a":1},"data":{"b":2}}"#).data), [("b".to_owned(), "2".to_owned())]);
        assert!(walked(r#"{"data":{"a":1},"data":{}}"#).data.is_empty());
        assert!(walked(r#"{"x":{"data":{"a":1}},"y":[{"data":{}}]}"#).data.is_empty());
    }

    #[test]
    fn depth_counts_levels_outside_of_strings() {
        assert_eq!(walked(r#"{"a":[[{"b":"[[[[\"[["}]]}"#).depth, 4);
        assert_eq!(walked("{}").depth, 1);
    }

    #[test]
    fn only_escapes_of_surrogates_are_noted() {
        assert!(walked(r#"{"a":"\ud83d\ude00"}"#).surrogates);
        assert!(walked(r#"{"\uDC00":1}"#).surrogates);
        assert!(!walked(r#"{"a":"\\ud83d \u00fc"}"#).surrogates);
    }

    /// Objects as JSON has them, spaced at random.
    fn any_object() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "[\\PC\\n\"\\\\{}\\[\\],:]{0,9}".prop_map(Into::into),
        ];
        let value = leaf.prop_recursive(4, 20, 5, |inner| {
            let key = prop_oneof![Just("data".to_owned()), "[a-z\"\\\\{,]{0,3}"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::vec((key, inner), 0..5)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        });
        value.prop_map(|value| {
            if value.is_object() { value } else { serde_json::json!({ "data": value, "more": {"data": 1} }) }
        })
    }

    fn depth_of(value: &serde_json::Value) -> usize {
        match value {
            serde_json::Value::Array(items) => 1 + items.iter().map(depth_of).max().unwrap_or(0),
            serde_json::Value::Object(members) => 1 + members.values().map(depth_of).max().unwrap_or(0),
            _ => 0,
        }
    }

    proptest! {
        #[test]
        fn a_walk_finds_what_a_parser_finds(value in any_object(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let text = text.expect("a value serialises");
            let found = walked(&text);
            let same = |members: &[Member<'_>], object: &serde_json::Value| {
                let object = object.as_object().expect("asked for objects alone");
                members.len() == object.len()
                    && members.iter().zip(object).all(|(member, (key, value))| {
                        member.key() == key
                            && serde_json::from_str::<serde_json::Value>(member.value()).ok().as_ref() == Some(value)
                    })
            };
            prop_assert!(same(&found.top, &value), "{text}");
            let data = value.get("data").filter(|data| data.is_object());
            prop_assert!(data.is_none_or(|data| same(&found.data, data)), "{text}");
            prop_assert_eq!(found.depth, depth_of(&value));
        }
    }
}
