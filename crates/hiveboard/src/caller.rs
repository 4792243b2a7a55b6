//! Who asks: someone who was let in.

pub use hiveboard_settings::Role;
use hiveboard_settings::{KeyKind, KeyRecord, KeyScopes, SessionRecord};
use hiveboard_wire::{Mode, Scope, WorkspaceId};
use uuid::Uuid;

/// Whom rates are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallerId {
    Key(u128),
    Session(u128),
    /// All who sent what comes out of the log of a cluster.
    Log,
}

/// A key, or a person at the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    Key {
        id: Uuid,
        kind: KeyKind,
        scopes: KeyScopes,
    },
    /// Without a person: whoever opened the board by its link, before it had an owner.
    Member {
        session: u128,
        person: Option<Uuid>,
        role: Role,
    },
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
            principal: Principal::Key { id: record.id, kind: record.kind, scopes: record.scopes },
            workspace: record.workspace,
            mode: record.mode,
        }
    }

    pub const fn session(record: &SessionRecord, mode: Mode) -> Self {
        Self {
            principal: Principal::Member { session: record.id, person: record.person, role: record.role },
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

    /// The role of a person.
    pub const fn role(self) -> Option<Role> {
        match self.principal {
            Principal::Member { role, .. } => Some(role),
            Principal::Key { .. } => None,
        }
    }

    /// The person who asks; `None` for keys and for whoever opened the board by its link.
    pub const fn person(self) -> Option<Uuid> {
        match self.principal {
            Principal::Member { person, .. } => person,
            Principal::Key { .. } => None,
        }
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
