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

/// What a project that an event names came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ensured {
    /// There is one with this id, or with this name for display. The id is what counts.
    Exists(String),
    Created,
    /// There are too many.
    Refused,
}

/// What merging a project into another came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// The project that is gone, and the one that its events count for.
    Done {
        from: Box<ProjectRecord>,
        into: Box<ProjectRecord>,
    },
    NoSource,
    NoTarget,
    /// It is its own target, or the project that always exists.
    Refused,
}

pub trait Projects {
    /// All projects, archived ones too, by id.
    fn list_projects(&self, scope: Scope) -> Result<Vec<ProjectRecord>>;

    fn find_project(&self, scope: Scope, project_id: &str) -> Result<Option<ProjectRecord>>;

    /// The project with this id, else the oldest with this name for display.
    fn find_project_named(&self, scope: Scope, name: &str) -> Result<Option<ProjectRecord>>;

    /// The ids of the projects that names lead to, as [`Self::find_project_named`] finds them; `None` for a name that leads to none.
    fn find_projects_named(&self, scope: Scope, names: &[&str]) -> Result<Vec<Option<String>>>;

    /// Creates a project as given. `false` when its id is taken; nothing is changed then.
    fn create_project(&self, scope: Scope, project: &ProjectRecord) -> Result<bool>;

    /// What projects named by events come to, in one commit: unknown ones are created while the scope has fewer than `most`.
    fn ensure_projects(&self, scope: Scope, names: &[&str], most: usize) -> Result<Vec<Ensured>>;

    /// Changes a project and answers it; `None` when there is none.
    fn change_project(&self, scope: Scope, project_id: &str, change: &ProjectChange) -> Result<Option<ProjectRecord>>;

    /// Removes a project; from then on its slug, and those that counted as it, count as another project. Events stay as they were sent.
    fn merge_project(&self, scope: Scope, project_id: &str, into: &str) -> Result<Merged>;

    /// Agents that people put into a project, by id, and when.
    fn project_agents(&self, scope: Scope, project_id: &str) -> Result<Vec<(String, Timestamp)>>;

    /// Puts an agent into a project; one that is there stays as it is.
    fn add_project_agent(&self, scope: Scope, project_id: &str, agent_id: &str) -> Result<()>;

    /// `false` when people had not put it there.
    fn remove_project_agent(&self, scope: Scope, project_id: &str, agent_id: &str) -> Result<bool>;

    /// Slugs that count as a project, with that project; never one that is an alias itself.
    fn project_aliases(&self, scope: Scope) -> Result<Vec<(String, String)>>;
}
