//! What may stand as a value in a payload.

use super::writer::JsonWriter;

/// Something that can be written as JSON.
///
/// Implementations write exactly one JSON value and never fail: what has no JSON form becomes a string.
pub trait ToJson {
    /// Whether there is nothing to write; such fields are left out.
    fn is_absent(&self) -> bool {
        false
    }
    /// Writes the value.
    fn write_json(&self, out: &mut JsonWriter);
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }
    fn write_json(&self, out: &mut JsonWriter) {
        (**self).write_json(out);
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn is_absent(&self) -> bool {
        self.as_ref().is_none_or(ToJson::is_absent)
    }
    fn write_json(&self, out: &mut JsonWriter) {
        match self {
            Some(value) => value.write_json(out),
            None => out.raw("null"),
        }
    }
}

impl ToJson for str {
    fn write_json(&self, out: &mut JsonWriter) {
        out.string(self);
    }
}

impl ToJson for serde_json::Value {
    fn write_json(&self, out: &mut JsonWriter) {
        write_serde(self, out, 1);
    }
}

fn write_serde(value: &serde_json::Value, out: &mut JsonWriter, depth: usize) {
    use serde_json::Value as Json;
    match value {
        Json::String(text) => out.string(text),
        Json::Array(_) | Json::Object(_) if depth >= super::MAX_NESTING => out.leave_out("nested too deep"),
        Json::Array(items) => {
            out.raw("[");
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.raw(",");
                }
                if out.is_over_budget() {
                    out.leave_out(&format!("{} more items", items.len() - index));
                    break;
                }
                write_serde(item, out, depth + 1);
            }
            out.raw("]");
        }
        Json::Object(fields) => {
            out.raw("{");
            for (name, field) in fields {
                out.key(name);
                if out.is_over_budget() {
                    out.leave_out("further fields");
                    break;
                }
                write_serde(field, out, depth + 1);
            }
            out.raw("}");
        }
        scalar => out.raw(&scalar.to_string()),
    }
}

/// A field of a well-known payload, made with `.into()` from text, figures or `serde_json::Value`.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// Text.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Anything else.
    Json(serde_json::Value),
}

impl ToJson for Value<'_> {
    fn write_json(&self, out: &mut JsonWriter) {
        match self {
            Self::Text(text) => out.string(text),
            Self::Integer(number) => out.integer(*number),
            Self::Float(number) => out.float(*number),
            Self::Json(value) => value.write_json(out),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<serde_json::Value> for Value<'_> {
    fn from(value: serde_json::Value) -> Self {
        Self::Json(value)
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Value<'_> {
            fn from(number: $number) -> Self {
                Self::Integer(i64::from(number))
            }
        }
    )*};
}
whole_numbers!(i32, i64, u32);
