//! The members of a JSON object, written as they come: what a span says is shown, never read again here.

use serde::Serialize;

/// Members joined by commas, without the braces around them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<u8>);

impl Fields {
    /// `name` is one that needs no escaping.
    pub(crate) fn put(&mut self, name: &str, value: impl Serialize) {
        self.name(name);
        serde_json::to_writer(&mut self.0, &value).expect("what is told is plain data");
    }

    pub(crate) fn put_some(&mut self, name: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// An object within.
    pub(crate) fn put_fields(&mut self, name: &str, fields: &Self) {
        self.name(name);
        fields.write(&mut self.0);
    }

    fn name(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        to.push(b'{');
        to.extend_from_slice(&self.0);
        to.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_beside_and_within_one_another() {
        let mut inner = Fields::default();
        inner.put("n", 1.5);
        let mut fields = Fields::default();
        assert!(fields.is_empty());
        fields.put("text", "a\"b");
        fields.put_some("nothing", None::<u8>);
        fields.put_fields("inner", &inner);
        let mut written = Vec::new();
        fields.write(&mut written);
        assert_eq!(written, br#"{"text":"a\"b","inner":{"n":1.5}}"#);
    }
}
