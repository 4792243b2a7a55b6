//! Who belongs to a workspace, and as what.

use hiveboard_wire::{Timestamp, WorkspaceId};
use uuid::Uuid;

use crate::Result;

/// What a person is in a workspace; a later one may all that an earlier one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Viewer,
    Member,
    Admin,
    Owner,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Admin, Self::Owner];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRecord {
    pub person_id: Uuid,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub joined_at: Timestamp,
    /// To within five minutes; `None` without a session in this workspace.
    pub last_seen_at: Option<Timestamp>,
}

/// What a change of a member came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberChange {
    /// The member as it was before.
    Done(MemberRecord),
    NotFound,
    /// Nothing was changed: a workspace without an owner could not be looked after.
    LastOwner,
}

pub trait Members {
    /// By e-mail address.
    fn list_members(&self, workspace: WorkspaceId) -> Result<Vec<MemberRecord>>;

    /// Workspaces that a person is in, oldest first.
    fn memberships(&self, person: Uuid) -> Result<Vec<(WorkspaceId, Role)>>;

    fn add_member(&self, workspace: WorkspaceId, person: Uuid, role: Role) -> Result<()>;

    fn set_role(&self, workspace: WorkspaceId, person: Uuid, role: Role) -> Result<MemberChange>;

    /// Removes a member, with the sessions in this workspace; whoever is in no workspace any more is forgotten.
    fn remove_member(&self, workspace: WorkspaceId, person: Uuid) -> Result<MemberChange>;
}
