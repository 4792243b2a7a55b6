//! Lenient reading of a JSON object's members: a field of the wrong type counts as absent and is noted, never an error.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::walk::{Member, Walked};

/// Members of one JSON object, in order, values unparsed. Of repeated keys the last one counts.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'m, 'a>(pub(crate) &'m [Member<'a>]);

/// Names of fields whose value was of the wrong type.
pub(crate) type Oddities = Vec<String>;

/// The members of an object that stands alone, like one of a list.
pub(crate) fn members(json: &str) -> Option<Vec<Member<'_>>> {
    json.starts_with('{').then(|| {
        let mut walked = Walked::default();
        walked.walk(json);
        walked.top
    })
}

/// Digits of a number that every f64 holds exactly.
const EXACT_DIGITS: usize = 15;

impl<'a> Fields<'_, 'a> {
    pub(crate) const EMPTY: Self = Self(&[]);

    pub(crate) fn raw(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().rev().find(|member| member.key() == name)?.value();
        (found != "null").then_some(found)
    }

    /// The value of the first of `names` that says something: JSON, as sent.
    pub(crate) fn first_told(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().filter_map(|name| self.raw(name)).find(|value| !matches!(*value, "\"\"" | "{}" | "[]"))
    }

    fn typed<T: Deserialize<'a>>(&self, name: &str, odd: &mut Oddities) -> Option<T> {
        noted(name, serde_json::from_str(self.raw(name)?).ok(), odd)
    }

    /// A string; an empty one is a value, too.
    pub(crate) fn text(&self, name: &str, odd: &mut Oddities) -> Option<Box<str>> {
        noted(name, string(self.raw(name)?), odd)
    }

    /// A string, or a number or boolean in its written form: for labels that agents send as either.
    pub(crate) fn label(&self, name: &str, odd: &mut Oddities) -> Option<Box<str>> {
        let raw = self.raw(name)?;
        match raw.as_bytes().first() {
            Some(b'"') => self.text(name, odd),
            Some(b'{' | b'[') | None => noted(name, None, odd),
            Some(_) => Some(raw.into()),
        }
    }

    /// A finite number of any sign.
    pub(crate) fn number(&self, name: &str, odd: &mut Oddities) -> Option<f64> {
        let raw = self.raw(name)?;
        if raw.len() <= EXACT_DIGITS && raw.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(raw.bytes().fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0')) as f64);
        }
        self.typed::<f64>(name, odd).filter(|number| number.is_finite())
    }

    /// A finite number, not negative.
    pub(crate) fn amount(&self, name: &str, odd: &mut Oddities) -> Option<f64> {
        let number = self.number(name, odd)?;
        noted(name, (number >= 0.0).then_some(number), odd)
    }

    /// A whole number, not negative, at most 2⁵³; a float without a fraction counts.
    pub(crate) fn count(&self, name: &str, odd: &mut Oddities) -> Option<u64> {
        let number = self.amount(name, odd)?;
        noted(name, (number.fract() == 0.0 && number <= 9_007_199_254_740_992.0).then_some(number as u64), odd)
    }

    /// The JSON of an object, as sent.
    pub(crate) fn object(&self, name: &str, odd: &mut Oddities) -> Option<&'a str> {
        let raw = self.raw(name)?;
        noted(name, raw.starts_with('{').then_some(raw), odd)
    }

    /// The JSON of a list, as sent; members that are not objects are noted.
    pub(crate) fn objects(&self, name: &str, odd: &mut Oddities) -> Option<&'a str> {
        for item in self.list(name, odd)? {
            if !item.get().starts_with('{') {
                odd.push(name.to_owned());
            }
        }
        self.raw(name)
    }

    pub(crate) fn list(&self, name: &str, odd: &mut Oddities) -> Option<Vec<&'a RawValue>> {
        self.typed(name, odd)
    }
}

/// Passes on what was found, and notes the name where the value was of no use.
fn noted<T>(name: &str, found: Option<T>, odd: &mut Oddities) -> Option<T> {
    if found.is_none() {
        odd.push(name.to_owned());
    }
    found
}

/// The text of a JSON string.
pub(crate) fn string(raw: &str) -> Option<Box<str>> {
    let inside = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') { serde_json::from_str(raw).ok() } else { Some(inside.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_says_something_is_told() {
        let told = |payload| Fields(&members(payload).expect("an object")).first_told(&["args", "input", "query"]);
        assert_eq!(told(r#"{"query":"q","input":{"a":[1, 2]},"args":[]}"#), Some(r#"{"a":[1, 2]}"#));
        assert_eq!(told(r#"{"args":null,"input":"","query":0}"#), Some("0"));
        assert_eq!(told(r#"{"data":{"args":1}}"#), None);
        assert_eq!(told("{}"), None);
    }
}
