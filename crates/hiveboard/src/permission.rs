//! Who may do what: one table, which the handlers ask through [`Require`] and the tests walk.

use std::{marker::PhantomData, ops::Deref};

use axum::{extract::FromRequestParts, http::request::Parts};
use hiveboard_settings::{KeyKind, KeyScope};
use hiveboard_wire::ErrorCode;

use crate::{
    audit::AuditNote,
    caller::{Caller, Principal, Role},
    error::ApiError,
};

/// Kinds of principals that permissions are given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    Viewer,
    Member,
    Admin,
    Owner,
    /// `hb_read_`
    ReadKey,
    /// `hb_live_`, `hb_test_`
    WriteKey,
}

impl From<Principal> for Holder {
    fn from(principal: Principal) -> Self {
        match principal {
            Principal::Key { kind: KeyKind::Read, .. } => Self::ReadKey,
            Principal::Key { kind: KeyKind::Live | KeyKind::Test, .. } => Self::WriteKey,
            Principal::Member { role: Role::Viewer, .. } => Self::Viewer,
            Principal::Member { role: Role::Member, .. } => Self::Member,
            Principal::Member { role: Role::Admin, .. } => Self::Admin,
            Principal::Member { role: Role::Owner, .. } => Self::Owner,
        }
    }
}

/// A permission as a type, for [`Require`].
pub trait Needed: Send + Sync + 'static {
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($(#[$meta:meta])* $name:ident: $($holder:ident)|+;)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Permission { $($(#[$meta])* $name),+ }

        impl Permission {
            /// Whom it is given to.
            pub const fn holders(self) -> &'static [Holder] {
                match self { $(Self::$name => &[$(Holder::$holder),+]),+ }
            }
        }

        /// The permissions as types.
        pub mod need {
            $(#[derive(Debug)] pub struct $name;
            impl super::Needed for $name { const PERMISSION: super::Permission = super::Permission::$name; })+
        }
    };
}

permissions! {
    /// Look at the data of its workspace and mode.
    ReadData: Viewer | Member | Admin | Owner | ReadKey | WriteKey;
    /// Send events.
    Ingest: WriteKey;
    /// Make and change projects.
    ChangeProjects: Member | Admin | Owner | WriteKey;
    /// Make and change rules of alerts, of its own mode.
    ChangeRules: Member | Admin | Owner | WriteKey;
    /// See and change where alerts are sent.
    ChangeChannels: Member | Admin | Owner;
    /// Acknowledge alerts, and have them sent again.
    HandleAlerts: Member | Admin | Owner;
    /// Set prices of the workspace's own.
    ChangePrices: Member | Admin | Owner;
    /// List and revoke keys: people all of the workspace, a key itself alone.
    ManageKeys: Admin | Owner | WriteKey;
    /// Make keys.
    MakeKeys: Admin | Owner;
    /// See and change what the workspace keeps, and for how long.
    ManageWorkspace: Admin | Owner;
    /// Keep views of the board under a name.
    SaveViews: Member | Admin | Owner;
    /// Look after one's own account and sessions; admins see those of the workspace.
    OwnAccount: Viewer | Member | Admin | Owner;
    /// Invite, change and remove members.
    ManageMembers: Admin | Owner;
    /// Make workspaces.
    ManageWorkspaces: Owner;
}

impl Permission {
    /// What a narrowed key must have kept for it; `None`: every key keeps it.
    pub const fn key_scope(self) -> Option<KeyScope> {
        match self {
            Self::ReadData => Some(KeyScope::Read),
            Self::Ingest => Some(KeyScope::Ingest),
            // A key that leaked may always end itself.
            Self::ManageKeys => None,
            _ => Some(KeyScope::Write),
        }
    }

    /// # Errors
    /// When the caller does not have it; says why.
    pub fn check(self, caller: &Caller) -> Result<(), ApiError> {
        let holder = Holder::from(caller.principal);
        if !self.holders().contains(&holder) {
            return Err(refusal(self, holder));
        }
        match (caller.principal, self.key_scope()) {
            (Principal::Key { scopes, .. }, Some(needed)) if !scopes.has(needed) => {
                let kept = scopes.iter().map(KeyScope::as_str).collect::<Vec<_>>().join(", ");
                Err(ApiError::new(
                    ErrorCode::Forbidden,
                    format!(
                        "This key is narrowed to the scopes {kept}; this takes `{}`. Use another key.",
                        needed.as_str()
                    ),
                )
                .detail("needed_scope", needed.as_str()))
            }
            _ => Ok(()),
        }
    }
}

/// The caller of a request, who has the permission.
#[derive(Debug)]
pub struct Require<P> {
    caller: Caller,
    needed: PhantomData<fn() -> P>,
}

impl<P> Deref for Require<P> {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<S: Sync, P: Needed> FromRequestParts<S> for Require<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let caller = *parts
            .extensions
            .get::<Caller>()
            .ok_or_else(|| ApiError::internal("a route without the admission layer asked for its caller"))?;
        P::PERMISSION.check(&caller)?;
        if let Some(note) = parts.extensions.get::<AuditNote>() {
            note.asked_for(P::PERMISSION);
        }
        Ok(Self { caller, needed: PhantomData })
    }
}

fn refusal(permission: Permission, holder: Holder) -> ApiError {
    match (holder, permission) {
        (Holder::ReadKey, _) => ApiError::new(
            ErrorCode::ReadOnlyKey,
            "This is a read-only key (hb_read_…); use a live or test key to send or change data.",
        ),
        (_, Permission::Ingest) => ApiError::new(
            ErrorCode::Forbidden,
            "Events are sent with a live or test key, not from the board; `hiveboard keys create` makes one.",
        ),
        (Holder::WriteKey, _) => ApiError::new(
            ErrorCode::Forbidden,
            "A key may not do this. Do it at the board, or with the `hiveboard` command line.",
        ),
        _ => ApiError::new(
            ErrorCode::Forbidden,
            "Your role in this workspace does not allow this; ask one of its admins or owners.",
        ),
    }
}
