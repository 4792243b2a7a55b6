//! `GET /v1/sessions`, `DELETE /v1/sessions/{id}`, and one's own password.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use axum::{
    Json,
    extract::{ConnectInfo, State},
};
use hiveboard_settings::SessionRecord;
use hiveboard_wire::{ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sign_in;
use crate::{
    api::{
        blocking,
        page::{Page, Paging},
        params::{Body, ListParams, ModeOnly, Params, PathText},
    },
    app::App,
    audit::{AuditNote, LOCAL},
    caller::{Caller, CallerId, Role},
    error::{ApiError, ApiResult},
    password,
    permission::{Require, need},
};

/// A browser that is signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionRow {
    pub session_id: String,
    /// Whose it is; `null` for whoever opened the board by its link, before it had an owner.
    pub person_id: Option<String>,
    pub email: Option<String>,
    /// Whether this request came with it.
    pub is_current: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// To within five minutes.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Timestamp,
    /// When it ends unless it is used before.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// Where it was opened.
    pub address: Option<String>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedPassword {
    pub current_password: String,
    /// 10 to 199 characters.
    pub new_password: String,
}

/// Sessions of the workspace, last used first: one's own; admins and owners see everybody's.
#[utoipa::path(get, path = "/v1/sessions", tag = "people", params(ListParams), responses((status = 200, body = Page<SessionRow>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::OwnAccount>,
    Params(_paging): Params<ListParams>,
    paging: Paging,
) -> ApiResult<Json<Page<SessionRow>>> {
    let offset: usize = paging.place()?.unwrap_or(0);
    let caller = *caller;
    let rows = blocking(move || rows(&app, &caller)).await?;
    let rest = rows.into_iter().skip(offset).take(paging.limit + 1).collect();
    Ok(Json(paging.cut(rest, |_| offset + paging.limit)))
}

fn rows(app: &App, caller: &Caller) -> ApiResult<Vec<SessionRow>> {
    let workspace = caller.scope().workspace;
    let emails: HashMap<_, _> =
        app.settings.list_members(workspace)?.into_iter().map(|member| (member.person_id, member.email)).collect();
    let sessions = app.settings.list_sessions()?.into_iter().filter(|session| session.workspace == workspace);
    Ok(sessions.filter(|session| may_see(caller, session)).map(|session| row(caller, session, &emails)).collect())
}

fn may_see(caller: &Caller, session: &SessionRecord) -> bool {
    caller.role() >= Some(Role::Admin) || (caller.person().is_some() && session.person == caller.person())
}

fn row(caller: &Caller, session: SessionRecord, emails: &HashMap<uuid::Uuid, String>) -> SessionRow {
    SessionRow {
        session_id: format!("{:032x}", session.id),
        email: session.person.and_then(|id| emails.get(&id).cloned()),
        person_id: session.person.map(|id| id.to_string()),
        is_current: caller.id() == CallerId::Session(session.id),
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
        address: session.address,
        user_agent: session.user_agent,
    }
}

/// Ends a session: one's own, or any of the workspace for admins and owners. It stops within a second, its streams too.
#[utoipa::path(delete, path = "/v1/sessions/{session_id}", tag = "people", params(("session_id" = String, Path), ModeOnly),
    responses((status = 200, body = SessionRow), (status = 404, body = crate::error::ErrorBody)))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    caller: Require<need::OwnAccount>,
    note: AuditNote,
    PathText(session_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<SessionRow>> {
    let caller = *caller;
    blocking(move || {
        let missing = || ApiError::new(ErrorCode::NotFound, "There is no such session. GET /v1/sessions lists them.");
        let found = rows(&app, &caller)?.into_iter().find(|row| row.session_id == session_id).ok_or_else(missing)?;
        let id = u128::from_str_radix(&session_id, 16).map_err(|_| missing())?;
        if !app.settings.end_session_by_id(id)? {
            return Err(missing());
        }
        app.auth.refresh();
        note.say("session.revoked", found.email.as_deref().unwrap_or(LOCAL), &found, ());
        Ok(Json(found))
    })
    .await
}

/// Changes one's own password. All other sessions of one's own end.
#[utoipa::path(put, path = "/v1/account/password", tag = "people", params(ModeOnly), request_body = ChangedPassword,
    responses((status = 200, body = PasswordChanged)))]
pub async fn change_password(
    State(app): State<Arc<App>>,
    caller: Require<need::OwnAccount>,
    note: AuditNote,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Params(_mode): Params<ModeOnly>,
    Body(asked): Body<ChangedPassword>,
) -> ApiResult<Json<PasswordChanged>> {
    let (Some(id), CallerId::Session(session)) = (caller.person(), caller.id()) else {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "The board was opened by its link, which has no password; set up an owner with POST /v1/setup.",
        ));
    };
    if let Some(objection) = password::objection(&asked.new_password) {
        return Err(ApiError::validation(&[("new_password", objection)]));
    }
    let person = app.settings.find_person(id)?.ok_or_else(|| ApiError::internal("a session without its person"))?;
    // Not a 401: the session is good, and pages send people to the door by that.
    sign_in::known_person(&app, &person.email, asked.current_password, peer).await.map_err(|error| {
        if error.code() == ErrorCode::AuthenticationFailed {
            ApiError::validation(&[("current_password", "is wrong")])
        } else {
            error
        }
    })?;
    let kept = password::hash(asked.new_password).await?;
    blocking(move || {
        app.settings.set_password(id, &kept, Some(session))?;
        app.auth.refresh();
        note.say("password.changed", person.email, (), ());
        Ok(Json(PasswordChanged { changed: true }))
    })
    .await
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordChanged {
    pub changed: bool,
}
