//! Tenants.

use hiveboard_wire::WorkspaceId;

use crate::Result;

/// The workspace made at first open.
pub const DEFAULT_WORKSPACE: WorkspaceId = WorkspaceId(1);

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    /// Whether events may name projects that do not exist yet; they are created then.
    pub auto_create_projects: bool,
}

pub trait Workspaces {
    fn workspace(&self, id: WorkspaceId) -> Result<Option<Workspace>>;

    fn workspaces(&self) -> Result<Vec<Workspace>>;

    /// Makes a workspace with its projects `default`.
    fn create_workspace(&self, name: &str) -> Result<Workspace>;

    /// Whether events may create projects. `false` when there is no such workspace.
    fn set_auto_create_projects(&self, id: WorkspaceId, auto_create: bool) -> Result<bool>;

    /// Deletes a workspace with all that is kept of it, its audit log apart. Its id is never given away again. `false` when there is none, and for
    /// [`DEFAULT_WORKSPACE`], which stays.
    fn delete_workspace(&self, id: WorkspaceId) -> Result<bool>;

    /// Those that were deleted: nothing may be left of them.
    fn deleted_workspaces(&self) -> Result<Vec<WorkspaceId>>;

    /// Gives a workspace another name. `false` when there is no such workspace.
    fn rename_workspace(&self, id: WorkspaceId, name: &str) -> Result<bool>;
}
