//! Projects whose events count as another's.

use std::collections::HashMap;

#[derive(Debug, Clone, Default)]
pub(crate) struct Aliases(HashMap<Box<str>, Box<str>>);

impl Aliases {
    pub(crate) fn new(aliases: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(aliases.into_iter().map(|(from, to)| (from.into(), to.into())).collect())
    }

    /// The project that events of `project` count for.
    pub(crate) fn canonical<'a>(&'a self, project: &'a str) -> &'a str {
        // A chain longer than this would be a circle.
        (0..8).fold(project, |project, _| self.0.get(project).map_or(project, |to| to))
    }

    /// All slugs that count as `project`; one that counts as another has none.
    pub(crate) fn all_of(&self, project: &str) -> Vec<String> {
        let slugs = self.0.keys().map(|slug| &**slug).filter(|slug| *slug != project).chain([project]);
        let counting: Vec<String> = slugs.filter(|slug| self.canonical(slug) == project).map(str::to_owned).collect();
        // Nothing is called so, and an empty list would mean that anything goes.
        if counting.is_empty() { vec![String::from("\0")] } else { counting }
    }
}
