//! Who may enter the board: one-time links, and the sessions they open.

use std::time::Duration;

use hiveboard_wire::{Timestamp, WorkspaceId};

use crate::Result;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Tells sessions apart; says nothing about the secret.
    pub id: u128,
    pub workspace: WorkspaceId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

pub trait People {
    /// Makes a token that opens one session, within `time_to_live`. Answers its plaintext, which is not kept.
    fn create_login_token(&self, time_to_live: Duration) -> Result<String>;

    /// Uses up a login token: answers the plaintext of a new session, or `None` when the token is unknown, used, or expired.
    fn redeem_login_token(&self, plaintext: &str) -> Result<Option<String>>;

    /// The session with this plaintext, unless it has expired.
    fn find_session(&self, plaintext: &str) -> Result<Option<SessionRecord>>;

    /// Whether anybody has a session that has not expired.
    fn has_sessions(&self) -> Result<bool>;

    /// Ends a session. `false` when there was none.
    fn end_session(&self, plaintext: &str) -> Result<bool>;
}
