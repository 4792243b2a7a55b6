//! Who may enter the board: people with passwords, one-time links, and sessions.

use std::{fmt, net::IpAddr, time::Duration};

use hiveboard_wire::{Timestamp, WorkspaceId};
use uuid::Uuid;

use crate::{Result, Role};

/// How long a session lasts after it was last used.
pub const SESSION_IDLE: Duration = Duration::from_secs(30 * 86_400);

/// A password as it is kept: salted and hashed by the one who calls.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordHash(…)")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRecord {
    pub id: Uuid,
    /// In lower case: the person's name at the door.
    pub email: String,
    pub name: String,
    pub password: PasswordHash,
}

/// Someone who is about to get an account.
#[derive(Debug, Clone)]
pub struct NewPerson<'a> {
    pub email: &'a str,
    pub name: &'a str,
    pub password: PasswordHash,
}

/// Where a session was opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct SessionOrigin<'a> {
    pub address: Option<IpAddr>,
    /// What the browser calls itself.
    pub user_agent: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Tells sessions apart; says nothing about the secret.
    pub id: u128,
    pub workspace: WorkspaceId,
    /// `None`: whoever opened the board by its link while it had no owner.
    pub person: Option<Uuid>,
    /// In the session's workspace, as it is now.
    pub role: Role,
    pub created_at: Timestamp,
    /// To within five minutes.
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// What setting up the first owner came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetUp {
    Done(Uuid),
    /// The link is unknown, used or expired.
    BadLink,
    HasOwner,
}

pub trait People {
    /// Makes a token that lets whoever has it in while the board has no owner, within `time_to_live`. Answers its plaintext, which is not kept.
    fn create_login_token(&self, time_to_live: Duration) -> Result<String>;

    /// Uses up a login token: answers the plaintext of a new session without a person, or `None` when the token is unknown, used, or
    /// expired, or the board has an owner.
    fn redeem_login_token(&self, plaintext: &str) -> Result<Option<String>>;

    /// Whether any workspace has an owner: from then on, people enter with passwords alone.
    fn has_owner(&self) -> Result<bool>;

    /// Makes the first owner, by a login token or (`None`) on the word of a session without a person. Those sessions end.
    fn set_up_owner(&self, login_token: Option<&str>, workspace: WorkspaceId, owner: &NewPerson<'_>) -> Result<SetUp>;

    fn find_person(&self, id: Uuid) -> Result<Option<PersonRecord>>;

    /// By e-mail address, in any case.
    fn find_person_by_email(&self, email: &str) -> Result<Option<PersonRecord>>;

    /// Changes a password, and ends the person's sessions except the one given. `false` when there is no such person.
    fn set_password(&self, person: Uuid, password: &PasswordHash, except: Option<u128>) -> Result<bool>;

    /// Makes a token with which a person sets a new password once.
    fn create_password_reset(&self, person: Uuid, time_to_live: Duration) -> Result<String>;

    /// Uses up such a token and ends all sessions of its person, who is answered.
    fn redeem_password_reset(&self, plaintext: &str, password: &PasswordHash) -> Result<Option<Uuid>>;

    /// Opens a session of a person in a workspace; answers its plaintext.
    fn create_session(
        &self,
        person: Uuid,
        workspace: WorkspaceId,
        origin: SessionOrigin<'_>,
        idle: Duration,
    ) -> Result<String>;

    /// The session with this plaintext, unless it has expired, its person is no member of its workspace any more, or it has no person and the
    /// board has an owner.
    fn find_session(&self, plaintext: &str) -> Result<Option<SessionRecord>>;

    /// Writes down that a session was used; counts as no change.
    fn touch_session(&self, plaintext: &str) -> Result<()>;

    /// Turns a session to another workspace. The caller knows that its person may see it.
    fn move_session(&self, plaintext: &str, workspace: WorkspaceId) -> Result<bool>;

    /// All sessions that are open, last used first.
    fn list_sessions(&self) -> Result<Vec<SessionRecord>>;

    /// Whether anybody has a session that has not expired.
    fn has_sessions(&self) -> Result<bool>;

    /// Ends a session. `false` when there was none.
    fn end_session(&self, plaintext: &str) -> Result<bool>;

    fn end_session_by_id(&self, id: u128) -> Result<bool>;
}
