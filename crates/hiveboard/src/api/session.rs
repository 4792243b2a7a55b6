//! `GET /v1/session`: what the board needs to know before it shows anything.

use std::sync::Arc;

use axum::{Extension, Json, extract::State, http::HeaderMap};
use hiveboard_wire::{Mode, WorkspaceId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::params::{ModeOnly, Params},
    app::App,
    error::ApiResult,
    permission::{Require, need},
    reception::IsEncrypted,
};

#[derive(Debug, Serialize, ToSchema)]
pub struct Workspace {
    pub id: u32,
    pub name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    pub workspace: Workspace,
    /// What is shown when a request does not say.
    #[schema(value_type = String)]
    pub mode_default: Mode,
    /// What may be looked at: live, test.
    #[schema(value_type = Vec<String>)]
    pub modes: Vec<Mode>,
    pub server_version: &'static str,
    /// As given at start, for the commands that the first-run guide shows.
    pub data_dir_hint: Option<String>,
    /// Where clients send to: `endpoint` of `hiveloop.init`.
    pub ingest_url: String,
}

/// Who is looking, and where agents report to.
#[utoipa::path(get, path = "/v1/session", tag = "session", params(ModeOnly), responses((status = 200, body = SessionView)))]
pub(crate) async fn session(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(_mode): Params<ModeOnly>,
    Extension(IsEncrypted(is_encrypted)): Extension<IsEncrypted>,
    headers: HeaderMap,
) -> ApiResult<Json<SessionView>> {
    let WorkspaceId(id) = caller.scope().workspace;
    let name = app.settings.workspace(caller.scope().workspace)?.map_or_else(String::new, |workspace| workspace.name);
    let from_request = || {
        let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:8000");
        format!("{}://{host}", if is_encrypted { "https" } else { "http" })
    };
    Ok(Json(SessionView {
        workspace: Workspace { id, name },
        mode_default: caller.key_mode().unwrap_or(Mode::Live),
        modes: caller.key_mode().map_or_else(|| Mode::ALL.to_vec(), |mode| vec![mode]),
        server_version: env!("CARGO_PKG_VERSION"),
        data_dir_hint: caller.is_session().then(|| app.config.data_dir.display().to_string()),
        ingest_url: app.config.public_url.clone().unwrap_or_else(from_request),
    }))
}
