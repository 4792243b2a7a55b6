//! API keys.

use std::time::Duration;

use hiveboard_wire::{Mode, Timestamp, WorkspaceId};
use uuid::Uuid;

use crate::Result;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    Live,
    Test,
    /// May only read, live or test data as its mode says.
    Read,
}

impl KeyKind {
    pub const ALL: [Self; 3] = [Self::Live, Self::Test, Self::Read];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
            Self::Read => "read",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A part of what a key may do; a key may be narrowed to some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyScope {
    /// Send events.
    Ingest,
    /// Look at data.
    Read,
    /// Change projects and rules.
    Write,
}

impl KeyScope {
    pub const ALL: [Self; 3] = [Self::Ingest, Self::Read, Self::Write];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// What a key is narrowed to; all that its kind may when nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyScopes(u8);

impl Default for KeyScopes {
    fn default() -> Self {
        Self::of(KeyScope::ALL)
    }
}

impl KeyScopes {
    pub fn of(scopes: impl IntoIterator<Item = KeyScope>) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | 1 << scope as u8))
    }

    pub const fn has(self, scope: KeyScope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    pub fn iter(self) -> impl Iterator<Item = KeyScope> {
        KeyScope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }
}

/// A key that is about to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewKey<'a> {
    pub kind: KeyKind,
    /// Counts for read keys; live and test keys bring their own.
    pub mode: Mode,
    pub workspace: WorkspaceId,
    pub name: &'a str,
    pub scopes: KeyScopes,
    /// When it stops by itself.
    pub expires_at: Option<Timestamp>,
}

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    pub id: Uuid,
    pub workspace: WorkspaceId,
    pub kind: KeyKind,
    pub mode: Mode,
    pub name: String,
    /// The first 12 characters, to tell keys apart.
    pub prefix: String,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    /// To within the server's habit of writing it down.
    pub last_used_at: Option<Timestamp>,
    pub scopes: KeyScopes,
    pub expires_at: Option<Timestamp>,
    /// The key that was made in its place.
    pub replaced_by: Option<Uuid>,
}

impl KeyRecord {
    /// Whether it lets anybody in at `now`.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| at > now)
    }
}

/// What rotating came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotated {
    /// The old key with its end, the new one, and the new one's plaintext.
    Done {
        old: KeyRecord,
        new: KeyRecord,
        plaintext: String,
    },
    NotFound,
    /// The name fits several keys.
    Ambiguous(Vec<KeyRecord>),
    /// It was revoked or has expired.
    Over(KeyRecord),
}

/// What revoking came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// Revoked now, or already before.
    Done(KeyRecord),
    NotFound,
    /// The prefix fits several keys; name one by its id.
    Ambiguous(Vec<KeyRecord>),
}

pub trait Keys {
    /// Makes a key and answers it with its plaintext, which is not kept.
    fn make_key(&self, new: NewKey<'_>) -> Result<(KeyRecord, String)>;

    /// A key that may all that its kind may, for ever.
    fn create_key(&self, kind: KeyKind, mode: Mode, workspace: WorkspaceId, name: &str) -> Result<(KeyRecord, String)> {
        self.make_key(NewKey { kind, mode, workspace, name, scopes: KeyScopes::default(), expires_at: None })
    }

    /// Makes a key like another, which goes on for `overlap` and no longer: time to bring the new one to where the old one is used.
    fn rotate_key(&self, workspace: WorkspaceId, id_or_prefix: &str, overlap: Duration) -> Result<Rotated>;

    /// The key with this plaintext, unless it was revoked or has expired.
    fn find_key(&self, plaintext: &str) -> Result<Option<KeyRecord>>;

    /// All keys, revoked ones too, oldest first.
    fn list_keys(&self, workspace: WorkspaceId) -> Result<Vec<KeyRecord>>;

    /// Revokes a key by its id, or by a beginning of it that fits one key only (12 characters at most).
    fn revoke_key(&self, workspace: WorkspaceId, id_or_prefix: &str) -> Result<Revoked>;

    /// Writes down when keys were last used. Meant to be called now and then with what has gathered; counts as no change.
    fn touch_keys(&self, used: &[(Uuid, Timestamp)]) -> Result<()>;
}
