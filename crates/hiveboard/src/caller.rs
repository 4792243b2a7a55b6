//! Who asks: someone who was let in.

use hiveboard_settings::{KeyKind, KeyRecord, SessionRecord};
use hiveboard_wire::{Mode, Scope, WorkspaceId};
use uuid::Uuid;

/// Whom rates are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallerId {
    Key(u128),
    Session(u128),
}

/// A key, or a person at the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    Key { id: Uuid, kind: KeyKind },
    Member { session: u128, role: Role },
}

/// What a person is in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Viewer,
    Member,
    Admin,
    Owner,
}

/// A principal, and whose data it may see.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    pub principal: Principal,
    workspace: WorkspaceId,
    /// Of the key; for people as the request asked.
    mode: Mode,
}

impl Caller {
    pub fn key(record: &KeyRecord) -> Self {
        Self {
            principal: Principal::Key { id: record.id, kind: record.kind },
            workspace: record.workspace,
            mode: record.mode,
        }
    }

    /// Whoever followed the one-time link owns the workspace.
    pub const fn session(record: &SessionRecord, mode: Mode) -> Self {
        Self {
            principal: Principal::Member { session: record.id, role: Role::Owner },
            workspace: record.workspace,
            mode,
        }
    }

    pub const fn scope(self) -> Scope {
        Scope { workspace: self.workspace, mode: self.mode }
    }

    pub const fn id(self) -> CallerId {
        match self.principal {
            Principal::Key { id, .. } => CallerId::Key(id.as_u128()),
            Principal::Member { session, .. } => CallerId::Session(session),
        }
    }

    pub const fn is_session(self) -> bool {
        matches!(self.principal, Principal::Member { .. })
    }

    /// The mode a key is bound to; people choose theirs with each request.
    pub const fn key_mode(self) -> Option<Mode> {
        if self.is_session() { None } else { Some(self.mode) }
    }

    /// The id of the key that asks.
    pub const fn key_id(self) -> Option<Uuid> {
        match self.principal {
            Principal::Key { id, .. } => Some(id),
            Principal::Member { .. } => None,
        }
    }
}
