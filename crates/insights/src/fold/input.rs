//! What an action was called with, where its event says so.

use std::hash::{DefaultHasher, Hash, Hasher};

use hiveboard_wire::first_told;
use serde_json::value::RawValue;

/// The names under which clients and frameworks send it.
const NAMES: [&str; 10] = [
    "args_preview",
    "args",
    "arguments",
    "input",
    "inputs",
    "input_preview",
    "parameters",
    "params",
    "query",
    "command",
];

/// A number for name and input together; `None` where no input was sent, so that nothing can be said of it.
pub(crate) fn call_key(name: &str, payload: Option<&RawValue>) -> Option<u64> {
    let input = first_told(payload?.get(), &NAMES)?;
    let mut hasher = DefaultHasher::new();
    (name, input).hash(&mut hasher);
    Some(hasher.finish() | 1)
}
