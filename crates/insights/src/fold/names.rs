//! Names, each once.

use std::{collections::HashSet, sync::Arc};

use crate::aggregates::Name;

/// Names that are remembered; beyond it they are shared by those alone that came together.
const MOST: usize = 100_000;

#[derive(Debug, Default)]
pub(crate) struct Names(HashSet<Name, hashbrown::DefaultHashBuilder>);

impl Names {
    pub(crate) fn of(&mut self, text: &str) -> Name {
        if let Some(name) = self.0.get(text) {
            return Arc::clone(name);
        }
        let name: Name = text.into();
        if self.0.len() < MOST {
            self.0.insert(Arc::clone(&name));
        }
        name
    }

    pub(crate) fn optional(&mut self, text: Option<&str>) -> Option<Name> {
        text.map(|text| self.of(text))
    }
}
