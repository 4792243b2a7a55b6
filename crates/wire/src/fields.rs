//! Lenient reading of a JSON object: a field of the wrong type counts as absent and is noted, never an error.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

/// Members of one JSON object, in order, values unparsed. Of repeated keys the last one counts.
pub(crate) struct Fields<'a> {
    members: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// Names of fields whose value was of the wrong type.
pub(crate) type Oddities = Vec<String>;

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Fields<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(map.size_hint().unwrap_or(8));
                while let Some((Key(key), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    members.push((key, value));
                }
                Ok(Fields { members })
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// A key that borrows when it holds no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        deserializer.deserialize_str(Visitor).map(Key)
    }
}

impl<'a> Fields<'a> {
    pub(crate) const EMPTY: Self = Self { members: Vec::new() };

    pub(crate) fn parse(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    pub(crate) fn raw(&self, name: &str) -> Option<&'a RawValue> {
        let found = self.members.iter().rev().find(|(key, _)| key == name)?.1;
        (found.get() != "null").then_some(found)
    }

    fn typed<T: Deserialize<'a>>(&self, name: &str, odd: &mut Oddities) -> Option<T> {
        let raw = self.raw(name)?;
        let parsed = serde_json::from_str(raw.get()).ok();
        if parsed.is_none() {
            odd.push(name.to_owned());
        }
        parsed
    }

    /// A string; an empty one is a value, too.
    pub(crate) fn text(&self, name: &str, odd: &mut Oddities) -> Option<Box<str>> {
        self.typed::<Box<str>>(name, odd)
    }

    /// A string, or a number or boolean in its written form: for labels that agents send as either.
    pub(crate) fn label(&self, name: &str, odd: &mut Oddities) -> Option<Box<str>> {
        let raw = self.raw(name)?.get();
        match raw.as_bytes().first() {
            Some(b'"') => self.text(name, odd),
            Some(b'{' | b'[') | None => {
                odd.push(name.to_owned());
                None
            }
            Some(_) => Some(raw.into()),
        }
    }

    /// A finite number of any sign.
    pub(crate) fn number(&self, name: &str, odd: &mut Oddities) -> Option<f64> {
        self.typed::<f64>(name, odd).filter(|number| number.is_finite())
    }

    /// A finite number, not negative.
    pub(crate) fn amount(&self, name: &str, odd: &mut Oddities) -> Option<f64> {
        let number = self.number(name, odd)?;
        if number < 0.0 {
            odd.push(name.to_owned());
            return None;
        }
        Some(number)
    }

    /// A whole number, not negative, at most 2⁵³; a float without a fraction counts.
    pub(crate) fn count(&self, name: &str, odd: &mut Oddities) -> Option<u64> {
        let number = self.amount(name, odd)?;
        if number.fract() != 0.0 || number > 9_007_199_254_740_992.0 {
            odd.push(name.to_owned());
            return None;
        }
        Some(number as u64)
    }

    pub(crate) fn object(&self, name: &str, odd: &mut Oddities) -> Option<Fields<'a>> {
        self.typed(name, odd)
    }

    /// Objects of a list; members that are not objects are noted and passed over.
    pub(crate) fn objects(&self, name: &str, odd: &mut Oddities) -> Option<Vec<Fields<'a>>> {
        let items = self.typed::<Vec<&'a RawValue>>(name, odd)?;
        let mut objects = Vec::with_capacity(items.len());
        for item in items {
            match Fields::parse(item.get()) {
                Some(object) => objects.push(object),
                None => odd.push(name.to_owned()),
            }
        }
        Some(objects)
    }

    pub(crate) fn list(&self, name: &str, odd: &mut Oddities) -> Option<Vec<&'a RawValue>> {
        self.typed(name, odd)
    }
}
