//! OTLP in JSON: read as the protocol writes it, else as the general rules of protobuf in JSON allow it, which some emitters keep to: fields
//! by the names of the schema, enumerations by name.

use hiveboard_otlp::{AggregationTemporality, SeverityNumber, SpanKind, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Error, Value, from_slice, from_value};

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    // A list would be taken for the fields in their order.
    if body.trim_ascii_start().first() == Some(&b'{') && !names_fields_otherwise(body) {
        match from_slice(body) {
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
                as_the_protocol_writes_it(&mut value);
                let name = camel_case(&name);
                let number = value.as_str().and_then(|word| number_of(&name, word));
                fields.insert(name, number.map_or(value, Value::from));
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
