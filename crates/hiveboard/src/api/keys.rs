//! `GET/POST /v1/api-keys`, `DELETE /v1/api-keys/{id}`.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use hiveboard_settings::{self as settings, KeyKind, KeyRecord, KeyScope, KeyScopes, Revoked, Rotated};
use hiveboard_wire::{ErrorCode, Mode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        blocking,
        page::{Page, Paging},
        params::{Body, ListParams, ModeOnly, Params, PathText},
    },
    app::App,
    audit::AuditNote,
    caller::Caller,
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

/// A key, never its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyView {
    pub key_id: String,
    /// live, test or read
    pub kind: &'static str,
    /// The same as `kind`.
    pub key_type: &'static str,
    /// Whose data it sees.
    #[schema(value_type = String)]
    pub mode: Mode,
    pub name: String,
    /// The same as `name`.
    pub label: String,
    /// The first characters, to tell keys apart.
    pub prefix: String,
    /// The same as `prefix`.
    pub key_prefix: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// What it may: ingest, read, write; a read key never more than read.
    pub scopes: Vec<&'static str>,
    /// When it stops by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Whether it works now.
    pub is_active: bool,
    /// The key that was made in its place.
    pub replaced_by: Option<String>,
}

impl From<KeyRecord> for KeyView {
    fn from(record: KeyRecord) -> Self {
        Self {
            scopes: scopes_of(&record),
            expires_at: record.expires_at,
            is_active: record.is_active(Timestamp::now()),
            replaced_by: record.replaced_by.map(|id| id.to_string()),
            key_id: record.id.to_string(),
            kind: record.kind.as_str(),
            key_type: record.kind.as_str(),
            mode: record.mode,
            label: record.name.clone(),
            name: record.name,
            key_prefix: record.prefix.clone(),
            prefix: record.prefix,
            created_at: record.created_at,
            revoked_at: record.revoked_at,
            last_used_at: record.last_used_at,
        }
    }
}

/// Said where a read key is to keep what it never had.
pub(crate) const READ_KEYS_READ: &str = "of a read key can be `read` alone: it never sends nor changes anything";

/// What is left of its kind's by its scopes.
fn scopes_of(record: &KeyRecord) -> Vec<&'static str> {
    let of_kind = |scope: &KeyScope| record.kind != KeyKind::Read || *scope == KeyScope::Read;
    record.scopes.iter().filter(of_kind).map(KeyScope::as_str).collect()
}

/// A new key with its secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewKeyView {
    #[serde(flatten)]
    pub record: KeyView,
    pub key: String,
    /// The same as `key`.
    pub raw_key: String,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NewKeyKind {
    Live,
    Test,
    Read,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// `key_type` means the same.
    #[serde(alias = "key_type")]
    pub kind: NewKeyKind,
    /// Whose data a read key sees; live when not given.
    #[schema(value_type = Option<String>)]
    pub mode: Option<Mode>,
    /// What it is for, at most 200 characters; `label` means the same.
    #[serde(alias = "label")]
    pub name: Option<String>,
    /// What it may: some of ingest, read, write; all that its kind may when not given.
    pub scopes: Option<Vec<ScopeName>>,
    /// When it stops by itself (RFC 3339); never when not given.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScopeName {
    /// Send events.
    Ingest,
    /// Look at data.
    Read,
    /// Change projects and rules.
    Write,
}

impl From<ScopeName> for KeyScope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Ingest => Self::Ingest,
            ScopeName::Read => Self::Read,
            ScopeName::Write => Self::Write,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// How long the old key goes on, 0 to 720 hours; 24 when not given.
    pub overlap_hours: Option<u32>,
}

/// A key in the place of another; its secret is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct RotatedView {
    /// The new key.
    #[serde(flatten)]
    pub new: NewKeyView,
    /// The old one, with when it stops.
    pub replaces: KeyView,
}

/// Longest time that an old key goes on beside its successor.
const MOST_OVERLAP_HOURS: u32 = 720;

/// Keys, never their secrets: of the whole workspace for people, itself alone for a key.
#[utoipa::path(get, path = "/v1/api-keys", tag = "keys", params(ListParams), responses((status = 200, body = Page<KeyView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageKeys>,
    Params(_paging): Params<ListParams>,
    paging: Paging,
) -> ApiResult<Json<Page<KeyView>>> {
    let offset: usize = paging.place()?.unwrap_or(0);
    let keys = blocking(move || Ok(visible(&app, &caller)?)).await?;
    let rest: Vec<KeyView> = keys.into_iter().skip(offset).take(paging.limit + 1).map(KeyView::from).collect();
    Ok(Json(paging.cut(rest, |_| offset + paging.limit)))
}

/// The keys that exist for this caller.
fn visible(app: &App, caller: &Caller) -> hiveboard_settings::Result<Vec<KeyRecord>> {
    let mut keys = app.settings.list_keys(caller.scope().workspace)?;
    if let Some(own) = caller.key_id() {
        keys.retain(|key| key.id == own);
    }
    Ok(keys)
}

/// Makes a key. The secret is in this answer and nowhere else. People make keys; a key cannot.
#[utoipa::path(post, path = "/v1/api-keys", tag = "keys", params(ModeOnly), request_body = NewKey, responses((status = 201, body = NewKeyView)))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Require<need::MakeKeys>,
    note: AuditNote,
    Params(_mode): Params<ModeOnly>,
    Body(new): Body<NewKey>,
) -> ApiResult<(StatusCode, Json<NewKeyView>)> {
    let name = new.name.unwrap_or_default();
    if name.chars().count() > 200 {
        return Err(ApiError::validation(&[("name", "may have 200 characters at most")]));
    }
    let (kind, mode) = match (new.kind, new.mode) {
        (NewKeyKind::Live, None | Some(Mode::Live)) => (KeyKind::Live, Mode::Live),
        (NewKeyKind::Test, None | Some(Mode::Test)) => (KeyKind::Test, Mode::Test),
        (NewKeyKind::Read, mode) => (KeyKind::Read, mode.unwrap_or(Mode::Live)),
        (NewKeyKind::Live | NewKeyKind::Test, Some(_)) => {
            return Err(ApiError::validation(&[(
                "mode",
                "is for read keys: live keys see live data, test keys test data",
            )]));
        }
    };
    let workspace = caller.scope().workspace;
    if new.scopes.as_ref().is_some_and(Vec::is_empty) {
        return Err(ApiError::validation(&[("scopes", "must name one at least: ingest, read, write")]));
    }
    if kind == KeyKind::Read
        && new.scopes.as_ref().is_some_and(|names| names.iter().any(|name| *name != ScopeName::Read))
    {
        return Err(ApiError::validation(&[("scopes", READ_KEYS_READ)]));
    }
    if new.expires_at.is_some_and(|at| at <= Timestamp::now()) {
        return Err(ApiError::validation(&[("expires_at", "must lie in the future")]));
    }
    let scopes =
        new.scopes.map_or_else(KeyScopes::default, |names| KeyScopes::of(names.into_iter().map(KeyScope::from)));
    let expires_at = new.expires_at;
    let (record, key) = blocking(move || {
        let name = name.as_str();
        Ok(app.settings.make_key(settings::NewKey { kind, mode, workspace, name, scopes, expires_at })?)
    })
    .await?;
    let view = KeyView::from(record);
    note.say("key.created", &view.key_id, (), &view);
    Ok((StatusCode::CREATED, Json(NewKeyView { record: view, raw_key: key.clone(), key })))
}

/// Makes a key like another one, which goes on for a while: time to bring the new one to where the old one is used.
#[utoipa::path(post, path = "/v1/api-keys/{key_id}/rotate", tag = "keys", params(("key_id" = String, Path), ModeOnly), request_body = Rotation,
    responses((status = 201, body = RotatedView), (status = 404, body = crate::error::ErrorBody), (status = 409, body = crate::error::ErrorBody)))]
pub async fn rotate(
    State(app): State<Arc<App>>,
    caller: Require<need::MakeKeys>,
    note: AuditNote,
    PathText(key_id): PathText,
    Params(_mode): Params<ModeOnly>,
    Body(rotation): Body<Rotation>,
) -> ApiResult<(StatusCode, Json<RotatedView>)> {
    let hours = rotation.overlap_hours.unwrap_or(24);
    if hours > MOST_OVERLAP_HOURS {
        return Err(ApiError::validation(&[("overlap_hours", "may be 720 at most")]));
    }
    let workspace = caller.scope().workspace;
    let rotated = blocking(move || {
        // By its whole id alone: a beginning of a key is for people at the command line.
        let Ok(id) = Uuid::parse_str(&key_id) else { return Ok(Rotated::NotFound) };
        let overlap = Duration::from_secs(u64::from(hours) * 3_600);
        let rotated = app.settings.rotate_key(workspace, &id.to_string(), overlap)?;
        app.auth.refresh();
        Ok(rotated)
    })
    .await?;
    match rotated {
        Rotated::Done { old, new, plaintext } => {
            let (old, new) = (KeyView::from(old), KeyView::from(new));
            note.say("key.rotated", &old.key_id, &old, &new);
            let new = NewKeyView { record: new, raw_key: plaintext.clone(), key: plaintext };
            Ok((StatusCode::CREATED, Json(RotatedView { new, replaces: old })))
        }
        Rotated::Over(_) => {
            Err(ApiError::new(ErrorCode::Conflict, "The key was revoked or has expired; make a new one instead."))
        }
        Rotated::NotFound | Rotated::Ambiguous(_) => Err(missing()),
    }
}

/// Revokes a key; it stops within a second. A key may revoke itself alone.
#[utoipa::path(delete, path = "/v1/api-keys/{key_id}", tag = "keys", params(("key_id" = String, Path), ModeOnly),
    responses((status = 200, body = KeyView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageKeys>,
    note: AuditNote,
    PathText(key_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<KeyView>> {
    let revoked = blocking(move || {
        if !visible(&app, &caller)?.iter().any(|key| key.id.to_string() == key_id) {
            return Ok(Revoked::NotFound);
        }
        let revoked = app.settings.revoke_key(caller.scope().workspace, &key_id)?;
        app.auth.refresh();
        Ok(revoked)
    })
    .await?;
    match revoked {
        Revoked::Done(record) => {
            let view = KeyView::from(record);
            note.say("key.revoked", &view.key_id, (), &view);
            Ok(Json(view))
        }
        Revoked::NotFound | Revoked::Ambiguous(_) => Err(missing()),
    }
}

fn missing() -> ApiError {
    ApiError::new(ErrorCode::KeyNotFound, "There is no such key. GET /v1/api-keys lists them.")
}
