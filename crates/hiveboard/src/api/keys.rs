//! `GET/POST /v1/api-keys`, `DELETE /v1/api-keys/{id}`.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use hiveboard_settings::{KeyKind, KeyRecord, Revoked};
use hiveboard_wire::{ErrorCode, Mode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        blocking,
        page::{Page, Paging},
        params::{Body, ListParams, ModeOnly, Params, PathText},
    },
    app::App,
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
}

impl From<KeyRecord> for KeyView {
    fn from(record: KeyRecord) -> Self {
        Self {
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
}

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
    let (record, key) = blocking(move || Ok(app.settings.create_key(kind, mode, workspace, &name)?)).await?;
    Ok((StatusCode::CREATED, Json(NewKeyView { record: record.into(), raw_key: key.clone(), key })))
}

/// Revokes a key; it stops within a second. A key may revoke itself alone.
#[utoipa::path(delete, path = "/v1/api-keys/{key_id}", tag = "keys", params(("key_id" = String, Path), ModeOnly),
    responses((status = 200, body = KeyView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageKeys>,
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
        Revoked::Done(record) => Ok(Json(record.into())),
        Revoked::NotFound | Revoked::Ambiguous(_) => {
            Err(ApiError::new(ErrorCode::KeyNotFound, "There is no such key. GET /v1/api-keys lists them."))
        }
    }
}
