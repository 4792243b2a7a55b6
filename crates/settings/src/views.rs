//! Views of the board that a workspace keeps under a name.

use hiveboard_wire::{Timestamp, WorkspaceId};
use uuid::Uuid;

use crate::Result;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    pub id: Uuid,
    /// Its own within a workspace.
    pub name: String,
    /// Path of the page, like `/tasks`.
    pub page: String,
    /// What stands behind the path, without `?`.
    pub query: String,
    pub changed_by: String,
    pub changed_at: Timestamp,
}

/// What saving a view came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// The view as it was before, where there was one of this name.
    Done { before: Option<SavedView>, after: Box<SavedView> },
    /// There are as many as a workspace may have.
    TooMany,
}

pub trait SavedViews {
    /// By name.
    fn list_views(&self, workspace: WorkspaceId) -> Result<Vec<SavedView>>;

    /// Keeps a view, in place of one of the same name, while there are fewer than `most`.
    fn save_view(
        &self,
        workspace: WorkspaceId,
        name: &str,
        page: &str,
        query: &str,
        by: &str,
        most: usize,
    ) -> Result<Saved>;

    fn delete_view(&self, workspace: WorkspaceId, id: Uuid) -> Result<Option<SavedView>>;
}
