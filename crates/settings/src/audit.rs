//! Who changed what, when and from where. Never a secret: what is written here, admins read.

use hiveboard_wire::{Timestamp, WorkspaceId};

use crate::Result;

/// Something that was done, before it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditEntry {
    /// person, key, local (whoever opened the board by its link before it had an owner), command line, anybody
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub actor_name: String,
    /// Noun and verb, like `key.created`.
    pub action: String,
    /// What it was done to.
    pub target: Option<String>,
    /// Where it came from; `None` for the command line.
    pub address: Option<String>,
    /// As it was, and as it is; JSON.
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    pub id: i64,
    pub at: Timestamp,
    pub entry: AuditEntry,
}

/// Which entries; what is `None` does not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    pub action: Option<String>,
    /// Id or name of who did it.
    pub actor: Option<String>,
    pub target: Option<String>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

pub trait AuditLog {
    fn write_audit(&self, workspace: WorkspaceId, entry: &AuditEntry) -> Result<()>;

    /// Newest first, from before an id when given.
    fn read_audit(
        &self,
        workspace: WorkspaceId,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditRecord>>;

    /// Forgets what was written before a time, and links and sessions that are long over.
    fn forget_before(&self, before: Timestamp) -> Result<()>;
}
