//! Fields that an agent adds to the event that will end a task or an action.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::writer::JsonWriter;

/// Fields by name; one given again replaces the one before.
#[derive(Debug, Default)]
pub struct ExtraFields {
    fields: BTreeMap<String, Box<RawValue>>,
}

impl ExtraFields {
    /// Adds the fields of a JSON object; any other JSON value becomes the field `value`.
    pub fn merge(&mut self, json: &[u8]) {
        if let Ok(fields) = serde_json::from_slice::<BTreeMap<String, Box<RawValue>>>(json) {
            self.fields.extend(fields);
        } else if let Ok(value) = serde_json::from_slice::<Box<RawValue>>(json) {
            self.fields.insert("value".to_owned(), value);
        }
    }

    /// Writes all fields whose names are not among `taken`, into an open object.
    pub fn write(&self, out: &mut JsonWriter, taken: &[&str]) {
        for (name, value) in self.fields.iter().filter(|(name, _)| !taken.contains(&name.as_str())) {
            out.key(name);
            out.raw(value.get());
        }
    }

    /// Whether a field of this name is there.
    pub fn contains(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }
}
