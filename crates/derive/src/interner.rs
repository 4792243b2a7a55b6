//! Texts that repeat (labels) and texts that are UUIDs most of the time (ids), in few bytes.

use std::{num::NonZeroU32, sync::Arc};

use hashbrown::HashMap;
use hiveboard_wire::EventId;

/// A label, by number. Numbers are given in order of arrival and mean nothing outside of one [`Interner`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Symbol(NonZeroU32);

/// A process by its instance id, likewise. Apart from the labels, for there are ever more of them: those that nothing names any more are
/// forgotten, see [`crate::bounds`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Process(NonZeroU32);

/// What stands for a text.
pub(crate) trait Name: Copy {
    fn of(text: &str, interner: &mut Interner) -> Self;
    fn text(self, interner: &Interner) -> &str;
}

/// Texts by number.
#[derive(Debug, Default)]
struct Texts {
    texts: Vec<Arc<str>>,
    by_text: HashMap<Arc<str>, NonZeroU32>,
}

impl Texts {
    fn get_or_add(&mut self, text: &str) -> NonZeroU32 {
        if let Some(number) = self.by_text.get(text) {
            return *number;
        }
        let text: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&text));
        let number = u32::try_from(self.texts.len()).ok().and_then(NonZeroU32::new);
        let number = number.expect("four billion texts do not fit into memory");
        self.by_text.insert(text, number);
        number
    }

    fn text(&self, number: NonZeroU32) -> &str {
        &self.texts[number.get() as usize - 1]
    }
}

/// All labels of a scope (types, versions, projects, environments, groups), which never shrink while it is open, and its processes.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    labels: Texts,
    processes: Texts,
}

impl Interner {
    pub(crate) fn get_or_add(&mut self, text: &str) -> Symbol {
        Symbol(self.labels.get_or_add(text))
    }

    pub(crate) fn text(&self, name: Symbol) -> &str {
        self.labels.text(name.0)
    }

    pub(crate) fn optional(&self, name: Option<Symbol>) -> Option<&str> {
        name.map(|name| self.text(name))
    }

    pub(crate) fn processes(&self) -> usize {
        self.processes.texts.len()
    }

    /// Begins to number the processes anew; what is answered names those of before.
    pub(crate) fn renumber_processes(&mut self) -> Renumbering<'_> {
        Renumbering { before: std::mem::take(&mut self.processes), interner: self }
    }
}

/// Gives the processes that are still named their new numbers.
pub(crate) struct Renumbering<'a> {
    before: Texts,
    interner: &'a mut Interner,
}

impl Renumbering<'_> {
    pub(crate) fn of(&mut self, process: Process) -> Process {
        Process(self.interner.processes.get_or_add(self.before.text(process.0)))
    }
}

impl Name for Symbol {
    fn of(text: &str, interner: &mut Interner) -> Self {
        interner.get_or_add(text)
    }

    fn text(self, interner: &Interner) -> &str {
        interner.text(self)
    }
}

impl Name for Process {
    fn of(text: &str, interner: &mut Interner) -> Self {
        Self(interner.processes.get_or_add(text))
    }

    fn text(self, interner: &Interner) -> &str {
        interner.processes.text(self.0)
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
