//! Invitations into a workspace: links that work once.

use std::time::Duration;

use hiveboard_wire::{Timestamp, WorkspaceId};
use uuid::Uuid;

use crate::{NewPerson, Result, Role};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRecord {
    pub id: Uuid,
    pub workspace: WorkspaceId,
    pub email: String,
    pub role: Role,
    /// Who invited, for people to read.
    pub invited_by: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

pub trait Invitations {
    /// Makes an invitation and answers it with its plaintext token, which is not kept. An earlier one of the same address stops working.
    fn invite(
        &self,
        workspace: WorkspaceId,
        email: &str,
        role: Role,
        invited_by: &str,
        time_to_live: Duration,
    ) -> Result<(InvitationRecord, String)>;

    /// Those that may still be accepted, newest first.
    fn list_invitations(&self, workspace: WorkspaceId) -> Result<Vec<InvitationRecord>>;

    /// The invitation with this token, while it may be accepted.
    fn find_invitation(&self, token: &str) -> Result<Option<InvitationRecord>>;

    /// Uses an invitation up: makes the person where nobody has the address yet, and the member. `None` when it may not be accepted any more.
    fn accept_invitation(&self, token: &str, person: &NewPerson<'_>) -> Result<Option<Uuid>>;

    /// `None` when there is none that may still be accepted.
    fn revoke_invitation(&self, workspace: WorkspaceId, id: Uuid) -> Result<Option<InvitationRecord>>;
}
