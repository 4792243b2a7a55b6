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
        page::{self, Page},
        params::{Body, ListParams, ModeOnly, Params, PathText},
    },
    app::App,
    auth::Writer,
    error::{ApiError, ApiResult},
};

/// A key, never its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyView {
    pub key_id: String,
    /// live, test or read
    pub kind: &'static str,
    /// Whose data it sees.
    #[schema(value_type = String)]
    pub mode: Mode,
    pub name: String,
    /// The first characters, to tell keys apart.
    pub prefix: String,
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
            mode: record.mode,
            name: record.name,
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
    pub kind: NewKeyKind,
    /// Whose data a read key sees; live when not given.
    #[schema(value_type = Option<String>)]
    pub mode: Option<Mode>,
    /// What it is for, at most 200 characters.
    pub name: Option<String>,
}

/// Keys of the workspace, never their secrets.
#[utoipa::path(get, path = "/v1/api-keys", tag = "keys", params(ListParams), responses((status = 200, body = Page<KeyView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Writer(caller): Writer,
    Params(params): Params<ListParams>,
) -> ApiResult<Json<Page<KeyView>>> {
    let limit = page::limit(params.limit)?;
    let offset: usize = page::decode(params.cursor.as_deref())?.unwrap_or(0);
    let keys = blocking(move || Ok(app.settings.list_keys(caller.scope().workspace)?)).await?;
    let rest: Vec<KeyView> = keys.into_iter().skip(offset).take(limit + 1).map(KeyView::from).collect();
    Ok(Json(Page::cut(rest, limit, |_| offset + limit)))
}

/// Makes a key. The secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/api-keys", tag = "keys", params(ModeOnly), request_body = NewKey, responses((status = 201, body = NewKeyView)))]
pub async fn create(
    State(app): State<Arc<App>>,
    Writer(caller): Writer,
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
    // A key may not make one that sees more than itself.
    if caller.key_mode().is_some_and(|own| own != mode) {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            format!("A {} key cannot make keys for {} data.", caller.scope().mode.as_str(), mode.as_str()),
        ));
    }
    let (record, key) =
        blocking(move || Ok(app.settings.create_key(kind, mode, caller.scope().workspace, &name)?)).await?;
    Ok((StatusCode::CREATED, Json(NewKeyView { record: record.into(), key })))
}

/// Revokes a key; it stops within a second.
#[utoipa::path(delete, path = "/v1/api-keys/{key_id}", tag = "keys", params(("key_id" = String, Path), ModeOnly),
    responses((status = 200, body = KeyView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    Writer(caller): Writer,
    PathText(key_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<KeyView>> {
    let revoked = blocking(move || {
        let revoked = app.settings.revoke_key(caller.scope().workspace, &key_id)?;
        app.auth.forget();
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
