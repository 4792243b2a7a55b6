//! Projects, per workspace and data mode.

use hiveboard_wire::{Scope, Timestamp};

use crate::Result;

/// The project that always exists.
pub const DEFAULT_PROJECT: &str = "default";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRecord {
    /// The slug as sent by agents: the project's identity.
    pub project_id: String,
    /// For display; the slug unless someone changed it.
    pub name: String,
    pub description: Option<String>,
    pub environment: Option<String>,
    pub is_archived: bool,
    /// Made by an event, not by a person.
    pub auto_created: bool,
    pub created_at: Timestamp,
}

/// What to change of a project; `None` leaves it. Empty texts clear `description` and `environment`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub environment: Option<String>,
    pub is_archived: Option<bool>,
}

pub trait Projects {
    /// All projects, archived ones too, by id.
    fn list_projects(&self, scope: Scope) -> Result<Vec<ProjectRecord>>;

    fn find_project(&self, scope: Scope, project_id: &str) -> Result<Option<ProjectRecord>>;

    /// Creates a project as given. `false` when its id is taken; nothing is changed then.
    fn create_project(&self, scope: Scope, project: &ProjectRecord) -> Result<bool>;

    /// Makes sure that projects named by events exist, in one commit. Answers those that were created by this.
    fn ensure_projects(&self, projects: &[(Scope, &str)]) -> Result<Vec<bool>>;

    /// Changes a project and answers it; `None` when there is none.
    fn change_project(&self, scope: Scope, project_id: &str, change: &ProjectChange) -> Result<Option<ProjectRecord>>;
}
