//! API keys.

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
    /// Makes a key and answers it with its plaintext, which is not kept. `mode` counts for read keys; live and test keys bring their own.
    fn create_key(&self, kind: KeyKind, mode: Mode, workspace: WorkspaceId, name: &str) -> Result<(KeyRecord, String)>;

    /// The key with this plaintext, unless it was revoked.
    fn find_key(&self, plaintext: &str) -> Result<Option<KeyRecord>>;

    /// All keys, revoked ones too, oldest first.
    fn list_keys(&self, workspace: WorkspaceId) -> Result<Vec<KeyRecord>>;

    /// Revokes a key by its id, or by a beginning of it that fits one key only (12 characters at most).
    fn revoke_key(&self, workspace: WorkspaceId, id_or_prefix: &str) -> Result<Revoked>;

    /// Writes down when keys were last used. Meant to be called now and then with what has gathered; counts as no change.
    fn touch_keys(&self, used: &[(Uuid, Timestamp)]) -> Result<()>;
}
