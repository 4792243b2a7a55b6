//! Attributes by name, read leniently: numbers may come as texts, and so may truth.

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};

/// The attributes of a span, a record or a resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attributes<'a> {
    list: &'a [KeyValue],
    names: Names,
}

/// A bit for each name: most names that are asked for are not there, and need not be looked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Names([u64; 2]);

impl Names {
    #[inline]
    const fn may_have(self, bit: u8) -> bool {
        self.0[(bit >> 6) as usize & 1] >> (bit & 63) & 1 != 0
    }

    /// Notes a name; false if it may have been noted before.
    #[inline]
    pub(crate) const fn note(&mut self, name: &str) -> bool {
        let bit = bit(name);
        let is_new = !self.may_have(bit);
        self.0[(bit >> 6) as usize & 1] |= 1 << (bit & 63);
        is_new
    }
}

/// Which of 128 bits stands for a name.
#[inline]
const fn bit(name: &str) -> u8 {
    let bytes = name.as_bytes();
    let length = bytes.len();
    let (last, within) = match length {
        0 => (0, 0),
        1..5 => (bytes[length - 1], 0),
        _ => (bytes[length - 1], bytes[length - 5]),
    };
    (length as u8).wrapping_mul(29).wrapping_add(last.wrapping_mul(5)).wrapping_add(within.wrapping_mul(11)) & 127
}

/// A name that attributes are looked for by, with its bit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name {
    pub(crate) text: &'static str,
    bit: u8,
}

pub(crate) const fn names<const COUNT: usize>(texts: [&'static str; COUNT]) -> [Name; COUNT] {
    let mut names = [Name { text: "", bit: 0 }; COUNT];
    let mut index = 0;
    while index < COUNT {
        names[index] = Name { text: texts[index], bit: bit(texts[index]) };
        index += 1;
    }
    names
}

impl<'a> Attributes<'a> {
    pub(crate) fn of(list: &'a [KeyValue]) -> Self {
        let mut names = Names::default();
        for one in list {
            names.note(&one.key);
        }
        Self { list, names }
    }

    #[inline]
    pub(crate) fn get(self, name: &str) -> Option<&'a Value> {
        if !self.names.may_have(bit(name)) {
            return None;
        }
        self.list.iter().find(|one| one.key == name)?.value.as_ref()?.value.as_ref()
    }

    /// Those of these names that are there.
    #[inline]
    pub(crate) fn of_names(self, names: &'static [Name]) -> impl Iterator<Item = (&'static Name, &'a Value)> {
        names
            .iter()
            .filter(move |name| self.names.may_have(name.bit))
            .filter_map(move |name| Some((name, self.get(name.text)?)))
    }

    /// A text that is not empty.
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        match self.get(name)? {
            Value::StringValue(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The first of these names that has a text.
    pub(crate) fn first_text_of(self, names: &'static [Name]) -> Option<&'a str> {
        self.of_names(names).find_map(|(_, value)| match value {
            Value::StringValue(text) if !text.is_empty() => Some(text.as_str()),
            _ => None,
        })
    }

    /// The same, of names that are seldom asked for.
    pub(crate) fn first_text(self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.text(name))
    }

    pub(crate) fn number(self, name: &str) -> Option<f64> {
        number(self.get(name)?)
    }

    pub(crate) fn first_number(self, names: &'static [Name]) -> Option<f64> {
        self.of_names(names).find_map(|(_, value)| number(value))
    }

    /// A count of something: whole, and not below zero.
    pub(crate) fn count(self, name: &str) -> Option<u64> {
        self.number(name).and_then(count)
    }

    pub(crate) fn first_count(self, names: &'static [Name]) -> Option<u64> {
        self.of_names(names).find_map(|(_, value)| number(value).and_then(count))
    }

    pub(crate) fn truth(self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::BoolValue(truth) => Some(*truth),
            Value::StringValue(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::StringValue(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// A text that some senders write as JSON, in its quotes.
    pub(crate) fn unquoted(self, name: &str) -> Option<&'a str> {
        let text = self.text(name)?;
        let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        inner.or(Some(text)).filter(|text| !text.is_empty())
    }

    /// A map, which may be written as JSON.
    pub(crate) fn map(self, name: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
        map(self.get(name)?)
    }

    pub(crate) fn first_map(self, names: &'static [Name]) -> Option<serde_json::Map<String, serde_json::Value>> {
        self.of_names(names).find_map(|(_, value)| map(value))
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.list.iter().filter_map(|one| Some((one.key.as_str(), one.value.as_ref()?.value.as_ref()?)))
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::IntValue(number) => Some(*number as f64),
        Value::DoubleValue(number) => Some(*number).filter(|number| number.is_finite()),
        Value::StringValue(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

fn count(number: f64) -> Option<u64> {
    Some(number).filter(|number| *number >= 0.0).map(|number| number.round() as u64)
}

fn map(value: &Value) -> Option<serde_json::Map<String, serde_json::Value>> {
    let json = match value {
        Value::StringValue(text) if text.starts_with('{') => serde_json::from_str(text).ok()?,
        value @ Value::KvlistValue(_) => as_json(value, 0),
        _ => return None,
    };
    match json {
        serde_json::Value::Object(map) => Some(map),
        _ => None,
    }
}

/// A value as text: texts as they are, all else as JSON would show it.
pub(crate) fn as_text(value: &Value) -> String {
    if let Value::StringValue(text) = value {
        return text.clone();
    }
    as_json(value, 0).to_string()
}

/// Levels of lists and maps that are kept.
const MOST_LEVELS: usize = 16;

pub(crate) fn as_json(value: &Value, level: usize) -> serde_json::Value {
    let inner = |any: &AnyValue| any.value.as_ref().map_or(serde_json::Value::Null, |value| as_json(value, level + 1));
    match value {
        Value::StringValue(text) => text.as_str().into(),
        Value::BoolValue(truth) => (*truth).into(),
        Value::IntValue(number) => (*number).into(),
        Value::DoubleValue(number) => (*number).into(),
        _ if level >= MOST_LEVELS => "…".into(),
        Value::ArrayValue(list) => list.values.iter().map(inner).collect::<Vec<_>>().into(),
        Value::KvlistValue(list) => list
            .values
            .iter()
            .map(|one| (one.key.clone(), one.value.as_ref().map_or(serde_json::Value::Null, inner)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::BytesValue(bytes) => hex(bytes).into(),
        // A reference into a table that only profiles have.
        Value::StringValueStrindex(_) => serde_json::Value::Null,
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: Value) -> [KeyValue; 1] {
        [KeyValue { key: "n".to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }]
    }

    #[test]
    fn numbers_and_truths_may_be_texts() {
        assert_eq!(Attributes::of(&one(Value::StringValue("70".to_owned()))).number("n"), Some(70.0));
        assert_eq!(Attributes::of(&one(Value::IntValue(-3))).count("n"), None);
        assert_eq!(Attributes::of(&one(Value::StringValue("NaN".to_owned()))).number("n"), None);
        assert_eq!(Attributes::of(&one(Value::StringValue("true".to_owned()))).truth("n"), Some(true));
        assert_eq!(Attributes::of(&one(Value::StringValue("yes".to_owned()))).truth("n"), None);
        assert_eq!(Attributes::of(&one(Value::StringValue(String::new()))).text("n"), None);
    }

    #[test]
    fn maps_and_texts_may_be_json() {
        let json = one(Value::StringValue(r#"{"total": 3}"#.to_owned()));
        assert_eq!(Attributes::of(&json).map("n").unwrap()["total"], 3);
        assert_eq!(Attributes::of(&one(Value::StringValue("{".to_owned()))).map("n"), None);
        assert_eq!(Attributes::of(&one(Value::StringValue("\"AGENT\"".to_owned()))).unquoted("n"), Some("AGENT"));
        assert_eq!(Attributes::of(&one(Value::StringValue("AGENT".to_owned()))).unquoted("n"), Some("AGENT"));
        assert_eq!(Attributes::of(&one(Value::StringValue("\"\"".to_owned()))).unquoted("n"), None);
    }

    #[test]
    fn bytes_are_shown_as_hex() {
        assert_eq!(as_text(&Value::BytesValue(vec![0, 171])), "\"00ab\"");
    }
}
