//! The query string as named values.
//!
//! One rule for parameters that take several values: given once, they stand between commas, and `\,` is a comma of a value; given more than
//! once, each is one value as it is. Empty values count as absent, but for [`MAY_BE_EMPTY`].

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, Error as _, IntoDeserializer, Visitor,
        value::{Error, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};

use super::words;
use crate::error::ApiError;

/// Parameters of which an empty value is one: a task may have a run without an id beside those that have one.
const MAY_BE_EMPTY: [&str; 1] = ["task_run_id"];

/// Parameters in the order of their names, with what was given for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryString(Vec<(String, Values)>);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Values {
    /// Never empty.
    texts: Vec<String>,
    is_repeated: bool,
}

impl QueryString {
    /// # Errors
    /// When it is not text with `%` escapes.
    pub fn parse(query: &str) -> Result<Self, ApiError> {
        if has_bad_escapes(query) {
            return Err(ApiError::invalid_parameter(
                "query",
                "The query string holds escapes that are not valid UTF-8.",
            ));
        }
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(|error| {
            ApiError::invalid_parameter("query", format!("The query string is malformed: {error}."))
        })?;
        let mut all: Vec<(String, Values)> = Vec::new();
        for (name, text) in pairs {
            let place = all.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                all.push((name, Values::default()));
                all.len() - 1
            });
            let values = &mut all[place].1;
            values.is_repeated |= !values.texts.is_empty() || text.is_empty();
            if !text.is_empty() || MAY_BE_EMPTY.contains(&all[place].0.as_str()) {
                all[place].1.texts.push(text);
            }
        }
        all.retain(|(_, values)| !values.texts.is_empty());
        all.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Self(all))
    }

    /// As what a handler takes.
    ///
    /// # Errors
    /// Names the parameter that is unknown or wrong.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let pairs = self.0.iter().map(|(name, values)| (name.as_str(), values));
        serde_path_to_error::deserialize(MapDeserializer::<_, Error>::new(pairs)).map_err(|error| {
            let inner = error.inner().to_string();
            let path = error.path().to_string();
            if let Some(missing) = words::of_missing_field(&inner) {
                return ApiError::invalid_parameter(missing, format!("`{missing}` is missing; this route needs it."));
            }
            // An unknown name is told by the inner error alone.
            if let Some((unknown, what)) = words::of_unknown_field(&inner) {
                return ApiError::invalid_parameter(unknown, format!("`{unknown}` {what}."));
            }
            // Of a list, the list is named.
            let name = path.split(['[', '.']).next().unwrap_or(&path);
            let what = words::of_value(&inner);
            let is_told = ["is ", "must ", "may "].iter().any(|begin| what.starts_with(begin));
            let what = if is_told { what } else { format!("is not valid: {what}") };
            ApiError::invalid_parameter(name, format!("`{name}` {what}."))
        })
    }

    /// Tells apart what is asked for: paths and parameters, but not which page of it.
    pub fn fingerprint(&self, path: &str) -> u64 {
        let mut hash = Fnv::default();
        hash.add(path);
        for (name, values) in self.0.iter().filter(|(name, _)| name != "cursor" && name != "limit") {
            hash.add(name);
            values.texts.iter().for_each(|text| hash.add(text));
        }
        hash.0
    }
}

/// A `%` without two digits after it, or bytes that are no text.
fn has_bad_escapes(query: &str) -> bool {
    if !query.contains('%') {
        return false;
    }
    let mut bytes = Vec::with_capacity(query.len());
    let mut rest = query.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let byte = match byte {
            b'%' => match (digit(), digit()) {
                (Some(high), Some(low)) => (high * 16 + low) as u8,
                _ => return true,
            },
            byte => byte,
        };
        bytes.push(byte);
    }
    std::str::from_utf8(&bytes).is_err()
}

/// FNV-1a: cursors outlive the process and the build that gave them.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl Values {
    fn one(&self) -> Result<&str, Error> {
        match &self.texts[..] {
            [text] => Ok(text.as_str()),
            _ => Err(Error::custom("given more than once")),
        }
    }

    fn list(&self) -> Vec<String> {
        if self.is_repeated {
            return self.texts.clone();
        }
        let (mut list, mut value) = (Vec::new(), String::new());
        let mut rest = self.texts.iter().flat_map(|text| text.chars()).peekable();
        while let Some(one) = rest.next() {
            match one {
                '\\' if rest.next_if_eq(&',').is_some() => value.push(','),
                ',' => list.push(std::mem::take(&mut value)),
                one => value.push(one),
            }
        }
        list.push(value);
        list.into_iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
    }
}

impl IntoDeserializer<'_, Error> for &Values {
    type Deserializer = Given;

    fn into_deserializer(self) -> Given {
        Given(self.clone())
    }
}

/// What was given for one parameter, to be read as what the parameter is.
struct Given(Values);

macro_rules! parsed {
    ($($method:ident $visit:ident,)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.0.one()?.parse().map_err(Error::custom)?)
        })*
    };
}

impl<'de> Deserializer<'de> for Given {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0.one()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(self.0.list().into_iter()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let text: serde::de::value::StrDeserializer<'_, Error> = self.0.one()?.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    parsed! {
        deserialize_bool visit_bool,
        deserialize_u8 visit_u8,
        deserialize_u16 visit_u16,
        deserialize_u32 visit_u32,
        deserialize_u64 visit_u64,
        deserialize_i8 visit_i8,
        deserialize_i16 visit_i16,
        deserialize_i32 visit_i32,
        deserialize_i64 visit_i64,
        deserialize_f32 visit_f32,
        deserialize_f64 visit_f64,
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
    }
}

/// Several values, by the rule above.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CommaList<T>(pub Vec<T>);

impl<T> Default for CommaList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::params::Range;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Example {
        limit: Option<u32>,
        range: Option<Range>,
        only: Option<bool>,
        kinds: Option<CommaList<hiveboard_wire::Kind>>,
        own: Option<CommaList<String>>,
    }

    #[derive(Debug, Deserialize)]
    struct OfRun {
        task_run_id: Option<String>,
        agent_id: Option<String>,
    }

    fn parse(query: &str) -> Result<Example, ApiError> {
        QueryString::parse(query)?.read()
    }

    #[test]
    fn reads_types_and_drops_empty_values() {
        let example = parse("limit=5&range=24h&only=true&kinds=llm_call,%20todo").ok().unwrap();
        assert_eq!((example.limit, example.range, example.only), (Some(5), Some(Range::Day), Some(true)));
        assert_eq!(example.kinds.unwrap().0, [hiveboard_wire::Kind::LlmCall, hiveboard_wire::Kind::Todo]);
        let empty = parse("limit=&range=&limit=").ok().unwrap();
        assert_eq!(empty, Example { limit: None, range: None, only: None, kinds: None, own: None });
    }

    #[test]
    fn several_values_stand_between_commas_or_one_by_one() {
        for (query, values) in [
            ("own=a,b", &["a", "b"][..]),
            ("own=a%2Cb", &["a", "b"]),
            ("own=a&own=b", &["a", "b"]),
            ("own=my,kind&own=b", &["my,kind", "b"]),
            ("own=my,kind&own=", &["my,kind"]),
            ("own=&own=my,kind", &["my,kind"]),
            (r"own=my\,kind,b", &["my,kind", "b"]),
            (r"own=my%5C%2Ckind", &["my,kind"]),
            (r"own=back\slash", &[r"back\slash"]),
            ("own=,,a, ", &["a"]),
        ] {
            assert_eq!(parse(query).ok().unwrap().own.unwrap().0, values, "{query}");
        }
    }

    #[test]
    fn escapes_that_are_no_text_are_refused_and_a_run_may_have_no_id() {
        for query in ["own=%ff", "own=%", "own=%zz", "own=%c3", "%ff=a"] {
            assert!(QueryString::parse(query).is_err(), "{query}");
        }
        assert_eq!(parse("own=%C3%A9%25").ok().unwrap().own.unwrap().0, ["é%"]);
        let read: OfRun = QueryString::parse("task_run_id=&agent_id=").ok().unwrap().read().ok().unwrap();
        assert_eq!((read.task_run_id.as_deref(), read.agent_id), (Some(""), None));
    }

    #[test]
    fn names_what_is_wrong() {
        for (query, name) in [
            ("limt=5", "limt"),
            ("limit=five", "limit"),
            ("range=2h", "range"),
            ("only=yes", "only"),
            ("kinds=nope", "kinds"),
            ("kinds=todo&kinds=nope", "kinds"),
            ("limit=1&limit=2", "limit"),
        ] {
            let error = parse(query).unwrap_err();
            assert_eq!(error.body().details["parameter"], name, "{query}: {}", error.body().message);
        }
    }

    #[test]
    fn a_fingerprint_tells_filters_apart_and_pages_not() {
        let of = |query: &str| QueryString::parse(query).ok().unwrap().fingerprint("/v1/events");
        assert_eq!(of("q=a&severity=error"), of("severity=error&limit=5&q=a&cursor=x&range="));
        for other in
            ["q=b&severity=error", "q=a", "q=a&severity=error&range=1h", "severity=a&q=error", "q=a&severit=yerror"]
        {
            assert_ne!(of("q=a&severity=error"), of(other), "{other}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_parameter_is_told_in_plain_words() {
        for (query, told) in [
            ("limit=abc", "`limit` must be a whole number, 0 or more."),
            ("limit=-1", "`limit` must be a whole number, 0 or more."),
            ("limit=1&limit=2", "`limit` is not valid: given more than once."),
            ("range=zz", "`range` is `zz`, and must be one of `1h`, `6h`, `24h`, `7d`, `30d`, `90d`."),
            ("only=maybe", "`only` must be true or false."),
            ("nope=1", "`nope` is not known here; there is `limit`, `range`, `only`, `kinds`, `own`."),
        ] {
            let refused = QueryString::parse(query).and_then(|query| query.read::<Example>()).expect_err(query);
            assert_eq!(refused.body().message, told, "{query}");
        }
    }
}
