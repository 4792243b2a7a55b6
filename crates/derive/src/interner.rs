//! Texts that repeat (labels) and texts that are UUIDs most of the time (ids), in few bytes.

use std::{num::NonZeroU32, sync::Arc};

use hashbrown::HashMap;
use hiveboard_wire::EventId;

/// A label, by number. Numbers are given in order of arrival and mean nothing outside of one [`Interner`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Symbol(NonZeroU32);

/// All labels of a scope: types, versions, projects, environments, groups, instances. Never shrinks while it is open.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    texts: Vec<Arc<str>>,
    by_text: HashMap<Arc<str>, Symbol>,
}

impl Interner {
    pub(crate) fn get_or_add(&mut self, text: &str) -> Symbol {
        if let Some(name) = self.by_text.get(text) {
            return *name;
        }
        let text: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&text));
        let number = u32::try_from(self.texts.len()).ok().and_then(NonZeroU32::new);
        let name = Symbol(number.expect("four billion labels do not fit into memory"));
        self.by_text.insert(text, name);
        name
    }

    pub(crate) fn text(&self, name: Symbol) -> &str {
        &self.texts[name.0.get() as usize - 1]
    }

    pub(crate) fn optional(&self, name: Option<Symbol>) -> Option<&str> {
        name.map(|name| self.text(name))
    }
}

/// An id that is a UUID most of the time: those take no allocation, and neither does the empty text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CompactId(EventId);

impl CompactId {
    pub(crate) fn new(text: &str) -> Self {
        Self(EventId::new(text))
    }

    pub(crate) fn with_str<R>(&self, visit: impl FnOnce(&str) -> R) -> R {
        self.0.with_str(visit)
    }

    /// The 16 bytes, when it is a canonical UUID.
    pub(crate) const fn as_uuid(&self) -> Option<&[u8; 16]> {
        self.0.as_uuid()
    }

    pub(crate) fn is(&self, text: &str) -> bool {
        self.0.is(text)
    }
}

impl std::fmt::Display for CompactId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
