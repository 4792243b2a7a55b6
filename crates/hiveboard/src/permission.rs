//! Who may do what: one table, which the handlers ask through [`Require`] and the tests walk.

use std::{marker::PhantomData, ops::Deref};

use axum::{extract::FromRequestParts, http::request::Parts};
use hiveboard_settings::KeyKind;
use hiveboard_wire::ErrorCode;

use crate::{
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
    /// Set prices of the workspace's own.
    ChangePrices: Member | Admin | Owner;
    /// List and revoke keys: people all of the workspace, a key itself alone.
    ManageKeys: Admin | Owner | WriteKey;
    /// Make keys.
    MakeKeys: Admin | Owner;
    /// See and change what the workspace keeps, and for how long.
    ManageWorkspace: Admin | Owner;
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
        let holder = Holder::from(caller.principal);
        if P::PERMISSION.holders().contains(&holder) {
            return Ok(Self { caller, needed: PhantomData });
        }
        Err(refusal(P::PERMISSION, holder))
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
