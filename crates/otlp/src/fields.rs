//! The members of a JSON object, written as they come: what a span says is shown, never read again here.

use serde::Serialize;

/// Writes members one after the other.
#[derive(Debug)]
pub(crate) struct Members<'a> {
    to: &'a mut Vec<u8>,
    is_first: bool,
}

impl<'a> Members<'a> {
    /// Of an object that begins here; [`Self::close`] ends it.
    pub(crate) fn open(to: &'a mut Vec<u8>) -> Self {
        to.push(b'{');
        Self { to, is_first: true }
    }

    pub(crate) fn close(self) {
        self.to.push(b'}');
    }

    /// `name` is one that needs no escaping.
    pub(crate) fn put(&mut self, name: &str, value: impl Serialize) {
        self.name(name);
        serde_json::to_writer(&mut *self.to, &value).expect("what is told is plain data");
    }

    pub(crate) fn put_some(&mut self, name: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// An object within.
    pub(crate) fn put_fields(&mut self, name: &str, fields: &Fields) {
        self.name(name);
        fields.write(self.to);
    }

    fn name(&mut self, name: &str) {
        self.to.reserve(name.len() + 4);
        if !std::mem::take(&mut self.is_first) {
            self.to.push(b',');
        }
        self.to.push(b'"');
        self.to.extend_from_slice(name.as_bytes());
        self.to.extend_from_slice(b"\":");
    }
}

/// Members joined by commas, without the braces around them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<u8>);

/// Room that most need, taken at once.
const USUAL_BYTES: usize = 256;

impl Fields {
    fn members(&mut self) -> Members<'_> {
        let is_first = self.0.is_empty();
        if is_first {
            self.0.reserve(USUAL_BYTES);
        }
        Members { to: &mut self.0, is_first }
    }

    /// `name` is one that needs no escaping.
    pub(crate) fn put(&mut self, name: &str, value: impl Serialize) {
        self.members().put(name, value);
    }

    pub(crate) fn put_some(&mut self, name: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// An object within.
    pub(crate) fn put_fields(&mut self, name: &str, fields: &Self) {
        self.members().put_fields(name, fields);
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        to.reserve(self.0.len() + 2);
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
