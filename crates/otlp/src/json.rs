//! OTLP in JSON: read as the protocol writes it, else as the general rules of protobuf in JSON allow it, which some emitters keep to: fields
//! by the names of the schema, enumerations by name, ids in base64, `null` for what is not there, whole numbers with a point.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::de::DeserializeOwned;
use serde_json::{Error, Value, from_slice, from_str, from_value};

use crate::{AggregationTemporality, SeverityNumber, SpanKind, StatusCode, attributes::hex};

/// Reads an export request.
///
/// # Errors
///
/// What is wrong with it, read as the protocol writes it.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    // A list would be taken for the fields in their order.
    if body.trim_ascii_start().first() == Some(&b'{') && !names_fields_otherwise(body) {
        // Checked once, rather than text by text.
        let read = std::str::from_utf8(body).map_or_else(|_| from_slice(body), from_str);
        match read {
            Ok(request) => return Ok(request),
            Err(error) => return read_otherwise(body).map_err(|_| error),
        }
    }
    read_otherwise(body)
}

/// The outermost fields by the names of the schema.
const NAMES_OF_THE_SCHEMA: [&[u8]; 3] = [b"\"resource_spans\"", b"\"resource_logs\"", b"\"resource_metrics\""];

/// Fields of other names would be passed over, and all in them lost.
fn names_fields_otherwise(body: &[u8]) -> bool {
    let beginning = body.get(..128).unwrap_or(body);
    NAMES_OF_THE_SCHEMA.iter().any(|name| beginning.windows(name.len()).any(|found| found == *name))
}

fn read_otherwise<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    let fields: serde_json::Map<String, Value> = from_slice(body)?;
    let mut value = Value::Object(fields);
    as_the_protocol_writes_it(&mut value);
    from_value(value)
}

fn as_the_protocol_writes_it(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(as_the_protocol_writes_it),
        Value::Object(fields) => {
            for (name, mut value) in std::mem::take(fields) {
                if value.is_null() {
                    continue;
                }
                as_the_protocol_writes_it(&mut value);
                let name = camel_case(&name);
                let otherwise = match &value {
                    Value::String(word) => number_of(&name, word).map(Value::from).or_else(|| id_of(&name, word)),
                    Value::Number(number) if name == "intValue" => whole(number.as_f64()),
                    _ => None,
                };
                fields.insert(name, otherwise.unwrap_or(value));
            }
        }
        _ => {}
    }
}

/// `start_time_unix_nano` is `startTimeUnixNano`.
fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// The number of a named value of an enumeration.
fn number_of(field: &str, word: &str) -> Option<i32> {
    match field {
        "kind" => SpanKind::from_str_name(word).map(|kind| kind as i32),
        "code" => StatusCode::from_str_name(word).map(|code| code as i32),
        "severityNumber" => SeverityNumber::from_str_name(word).map(|severity| severity as i32),
        "aggregationTemporality" => AggregationTemporality::from_str_name(word).map(|one| one as i32),
        _ => None,
    }
}

/// An id in base64, as hex.
fn id_of(field: &str, text: &str) -> Option<Value> {
    let bytes = match field {
        "traceId" => 16,
        "spanId" | "parentSpanId" => 8,
        _ => return None,
    };
    let id = STANDARD.decode(text).ok().filter(|id| id.len() == bytes && text.len() != bytes * 2)?;
    Some(hex(&id).into())
}

fn whole(number: Option<f64>) -> Option<Value> {
    number.filter(|number| number.fract() == 0.0 && number.abs() < 9e15).map(|number| Value::from(number as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::trace::v1::ExportTraceServiceRequest;

    #[test]
    fn what_the_general_rules_allow_is_read_as_the_protocol_writes_it() {
        let body = serde_json::json!({"resource_spans": [{"resource": null, "scope_spans": [{"spans": [{
            "trace_id": "AQIDBAUGBwgJCgsMDQ4PEA==", "span_id": "AQIDBAUGBwg=", "parent_span_id": null, "kind": "SPAN_KIND_CLIENT",
            "start_time_unix_nano": "1", "end_time_unix_nano": 2, "attributes": [{"key": "n", "value": {"int_value": 5.0}}],
        }]}]}]});
        let request: ExportTraceServiceRequest = read(body.to_string().as_bytes()).unwrap();
        let span = &request.resource_spans[0].scope_spans[0].spans[0];
        assert_eq!((span.trace_id[15], span.span_id[7], span.parent_span_id.len()), (16, 8, 0));
        assert_eq!((span.kind(), span.end_time_unix_nano), (SpanKind::Client, 2));
        assert_eq!(crate::attributes::Attributes::of(&span.attributes).count("n"), Some(5));
        assert!(read::<ExportTraceServiceRequest>(b"[]").is_err());
        assert!(read::<ExportTraceServiceRequest>(b"{}").unwrap().resource_spans.is_empty());
    }
}
