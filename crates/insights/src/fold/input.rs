//! What an action was called with, where its event says so.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserialize;
use serde_json::value::RawValue;

/// The names under which clients and frameworks send it.
#[derive(Deserialize)]
struct Given<'a> {
    #[serde(borrow)]
    args_preview: Option<&'a RawValue>,
    #[serde(borrow)]
    args: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    inputs: Option<&'a RawValue>,
    #[serde(borrow)]
    input_preview: Option<&'a RawValue>,
    #[serde(borrow)]
    parameters: Option<&'a RawValue>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    query: Option<&'a RawValue>,
    #[serde(borrow)]
    command: Option<&'a RawValue>,
}

/// A number for name and input together; `None` where no input was sent, so that nothing can be said of it.
pub(crate) fn call_key(name: &str, payload: Option<&RawValue>) -> Option<u64> {
    let given: Given<'_> = serde_json::from_str(payload?.get()).ok()?;
    let input = [
        given.args_preview,
        given.args,
        given.arguments,
        given.input,
        given.inputs,
        given.input_preview,
        given.parameters,
        given.params,
        given.query,
        given.command,
    ]
    .into_iter()
    .flatten()
    .map(RawValue::get)
    .find(|text| !matches!(*text, "null" | "\"\"" | "{}" | "[]"))?;
    let mut hasher = DefaultHasher::new();
    (name, input).hash(&mut hasher);
    Some(hasher.finish() | 1)
}
