//! What people set: workspaces, keys, projects, who may enter the board.
//!
//! [`Settings`] is the whole of what the server asks for, one trait a noun; [`SqliteSettings`] keeps it in a file beside the events. Where
//! several nodes share one truth, each has such a file, and [`Replicate`] the order of their changes. Keys and tokens are kept as hashes only.

mod alerts;
mod audit;
mod invitations;
mod keys;
mod members;
mod people;
mod prices;
mod projects;
mod replicate;
mod retention;
mod secret;
mod sqlite;
mod views;
mod workspaces;

pub use alerts::{
    AlertFilter, AlertRecord, Alerts, ChannelRecord, DeliveryRecord, DeliveryState, NewDelivery, Outcome, RuleRecord,
};
pub use audit::{AuditEntry, AuditFilter, AuditLog, AuditRecord};
pub use invitations::{InvitationRecord, Invitations};
pub use keys::{KeyKind, KeyRecord, KeyScope, KeyScopes, Keys, NewKey, Revoked, Rotated};
pub use members::{MemberChange, MemberRecord, Members, Role};
pub use people::{NewPerson, PasswordHash, People, PersonRecord, SESSION_IDLE, SessionOrigin, SessionRecord, SetUp};
pub use prices::{OwnPriceRecord, Prices};
pub use projects::{DEFAULT_PROJECT, Ensured, Merged, ProjectChange, ProjectRecord, Projects};
pub use replicate::{Entries, Published, ReplicaState, Replicate, Restored, SettingsCopy};
pub use retention::Retentions;
pub use sqlite::{SqliteSettings, kept_file_name, kept_file_number};
pub use views::{Saved, SavedView, SavedViews};
pub use workspaces::{DEFAULT_WORKSPACE, Workspace, Workspaces};

/// All of it. Methods block for a moment; another process (the command line) may use the same settings at the same time.
pub trait Settings:
    Workspaces
    + Keys
    + Projects
    + People
    + Members
    + Invitations
    + AuditLog
    + SavedViews
    + Retentions
    + Alerts
    + Prices
    + Send
    + Sync
    + 'static
{
    /// A mark that differs whenever anything was changed in between, by this process or another. Costs a few microseconds.
    fn change_mark(&self) -> Result<(i64, u64)>;

    /// Whether other nodes change them, too, so that what they did a moment ago may be missing here.
    fn is_shared(&self) -> bool {
        false
    }

    /// Takes in what other nodes did before now.
    fn catch_up(&self) -> Result<()> {
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The disk is full. Nothing was changed.
    #[error("the settings cannot be written: {0}")]
    Full(String),
    /// The file is damaged or of a newer version; says what to do.
    #[error("{0}")]
    Unusable(String),
    /// The cluster's log is away. Nothing was changed that the caller may count on; the same may be tried again.
    #[error("the settings cannot be changed right now: {0}")]
    Unavailable(String),
    #[error("the settings failed: {0}")]
    Failed(String),
}

pub type Result<T, E = SettingsError> = std::result::Result<T, E>;
