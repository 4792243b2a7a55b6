//! Projects that were merged into others: their events count for those, in lists and in figures.

use std::collections::HashMap;

use hiveboard_settings::Settings;
use hiveboard_wire::Scope;
use parking_lot::RwLock;

use crate::{derived::Derived, share::Share};

type OfScope = HashMap<String, String>;

/// By the slug that is gone, the project that its events count for.
#[derive(Default)]
pub struct ProjectAliases(RwLock<HashMap<Scope, OfScope>>);

impl ProjectAliases {
    /// Reads them anew where they changed, and tells the projections.
    pub fn refresh(&self, settings: &dyn Settings, derived: &Derived, share: Share) -> hiveboard_settings::Result<()> {
        for workspace in settings.workspaces()? {
            for scope in share.of(workspace.id) {
                let now: OfScope = settings.project_aliases(scope)?.into_iter().collect();
                if self.0.read().get(&scope).map_or(now.is_empty(), |known| *known == now) {
                    continue;
                }
                derived.change(scope, |projections| projections.set_project_aliases(now.clone()));
                self.0.write().insert(scope, now);
            }
        }
        Ok(())
    }

    /// Whether any slug counts for another's project.
    pub fn any(&self, scope: Scope) -> bool {
        self.0.read().get(&scope).is_some_and(|aliases| !aliases.is_empty())
    }

    /// All of a scope, by slug.
    pub fn all(&self, scope: Scope) -> HashMap<String, String> {
        self.0.read().get(&scope).cloned().unwrap_or_default()
    }

    /// The project that a slug counts for.
    pub fn canonical(&self, scope: Scope, slug: &str) -> String {
        self.0.read().get(&scope).and_then(|aliases| aliases.get(slug)).cloned().unwrap_or_else(|| slug.to_owned())
    }

    /// What a reader who asks for a project means.
    pub fn asked(&self, scope: Scope, project_id: Option<String>) -> Option<String> {
        project_id.map(|slug| self.canonical(scope, &slug))
    }

    /// The other slugs that count for a project.
    pub fn of(&self, scope: Scope, project_id: Option<&str>) -> Vec<String> {
        let Some(project_id) = project_id else { return Vec::new() };
        let aliases = self.0.read();
        let mut slugs: Vec<String> = aliases
            .get(&scope)
            .into_iter()
            .flatten()
            .filter(|(_, project)| *project == project_id)
            .map(|(slug, _)| slug.clone())
            .collect();
        slugs.sort();
        slugs
    }
}
