//! `GET /v1/session`: what the board needs to know before it shows anything.

use std::sync::Arc;

use axum::{Extension, Json, extract::State, http::HeaderMap};
use hiveboard_wire::{Mode, WorkspaceId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        params::{ModeOnly, Params},
        workspaces::{self, WorkspaceView},
    },
    app::App,
    caller::Role,
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
pub struct PersonView {
    pub person_id: String,
    pub email: String,
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
    /// viewer, member, admin or owner; `null` for keys.
    pub role: Option<&'static str>,
    /// Who is signed in; `null` for keys, and for whoever opened the board by its link before it had an owner.
    pub person: Option<PersonView>,
    /// Whether the board has no owner yet: POST /v1/setup makes one.
    pub needs_owner: bool,
    /// The workspaces that a person may turn to.
    pub workspaces: Vec<WorkspaceView>,
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
    let person = caller.person().map(|id| app.settings.find_person(id)).transpose()?.flatten();
    Ok(Json(SessionView {
        workspace: Workspace { id, name },
        mode_default: caller.key_mode().unwrap_or(Mode::Live),
        modes: caller.key_mode().map_or_else(|| Mode::ALL.to_vec(), |mode| vec![mode]),
        server_version: env!("CARGO_PKG_VERSION"),
        data_dir_hint: caller.is_session().then(|| app.config.data_dir.display().to_string()),
        role: caller.role().map(Role::as_str),
        needs_owner: caller.is_session() && caller.person().is_none(),
        workspaces: if caller.is_session() { workspaces::of(&app, &caller)? } else { Vec::new() },
        person: person.map(|person| PersonView {
            person_id: person.id.to_string(),
            email: person.email,
            name: person.name,
        }),
        ingest_url: app.config.public_url.clone().unwrap_or_else(|| app.base_url(&headers, is_encrypted)),
    }))
}
