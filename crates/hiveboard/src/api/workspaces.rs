//! `GET/POST /v1/workspaces`, `PUT/DELETE /v1/workspaces/{id}`, and turning to another one.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use hiveboard_settings::{DEFAULT_WORKSPACE, Workspace};
use hiveboard_wire::{ErrorCode, Quoted, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{
        blocking,
        params::{Body, ModeOnly, Params, PathText},
    },
    app::App,
    audit::AuditNote,
    auth::{SESSION_COOKIE, cookie},
    caller::{Caller, Role},
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkspaceView {
    pub workspace_id: u32,
    pub name: String,
    /// What the caller is there.
    pub role: &'static str,
    /// Whether events make the projects that they name; `false` is strict: they are rejected.
    pub auto_create_projects: bool,
    /// Whether the session looks at it now.
    pub is_current: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WorkspaceList {
    pub data: Vec<WorkspaceView>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWorkspace {
    /// 1 to 100 characters.
    pub name: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceChange {
    /// 1 to 100 characters.
    pub name: Option<String>,
    /// `false` is strict: events that name a project which does not exist are rejected.
    pub auto_create_projects: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    pub workspace_id: u32,
}

/// The workspaces that the caller is in.
#[utoipa::path(get, path = "/v1/workspaces", tag = "people", params(ModeOnly), responses((status = 200, body = WorkspaceList)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::OwnAccount>,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<WorkspaceList>> {
    let caller = *caller;
    Ok(Json(WorkspaceList { data: blocking(move || of(&app, &caller)).await? }))
}

/// The workspaces of a person; whoever opened the board by its link owns them all.
pub(super) fn of(app: &App, caller: &Caller) -> ApiResult<Vec<WorkspaceView>> {
    let roles = match caller.person() {
        Some(person) => Some(app.settings.memberships(person)?),
        None => None,
    };
    let view = |workspace: Workspace| {
        let role = match &roles {
            Some(roles) => roles.iter().find(|(id, _)| *id == workspace.id)?.1,
            None => Role::Owner,
        };
        Some(WorkspaceView {
            workspace_id: workspace.id.0,
            name: workspace.name,
            role: role.as_str(),
            auto_create_projects: app.config.auto_create_projects.unwrap_or(workspace.auto_create_projects),
            is_current: workspace.id == caller.scope().workspace,
        })
    };
    Ok(app.settings.workspaces()?.into_iter().filter_map(view).collect())
}

/// Makes a workspace, which its maker owns.
#[utoipa::path(post, path = "/v1/workspaces", tag = "people", params(ModeOnly), request_body = NewWorkspace, responses((status = 201, body = WorkspaceView)))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageWorkspaces>,
    note: AuditNote,
    Params(_mode): Params<ModeOnly>,
    Body(new): Body<NewWorkspace>,
) -> ApiResult<(StatusCode, Json<WorkspaceView>)> {
    let name = named(&new.name)?;
    let person = caller.person();
    blocking(move || {
        let workspace = app.settings.create_workspace(&name)?;
        if let Some(person) = person {
            app.settings.add_member(workspace.id, person, Role::Owner)?;
        }
        let view = WorkspaceView {
            workspace_id: workspace.id.0,
            name,
            role: Role::Owner.as_str(),
            auto_create_projects: workspace.auto_create_projects,
            is_current: false,
        };
        note.say("workspace.created", &view.name, (), &view);
        Ok((StatusCode::CREATED, Json(view)))
    })
    .await
}

/// Renames the workspace that one looks at, or makes it strict about projects.
#[utoipa::path(put, path = "/v1/workspaces/{workspace_id}", tag = "people", params(("workspace_id" = u32, Path), ModeOnly), request_body = WorkspaceChange,
    responses((status = 200, body = WorkspaceView), (status = 404, body = crate::error::ErrorBody), (status = 409, body = crate::error::ErrorBody)))]
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageWorkspace>,
    note: AuditNote,
    PathText(workspace_id): PathText,
    Params(_mode): Params<ModeOnly>,
    Body(change): Body<WorkspaceChange>,
) -> ApiResult<Json<WorkspaceView>> {
    let id = caller.scope().workspace;
    if workspace_id != id.0.to_string() {
        return Err(ApiError::new(
            ErrorCode::NotFound,
            "The session does not look at such a workspace. GET /v1/workspaces lists yours, PUT /v1/session turns to one.",
        ));
    }
    let name = change.name.as_deref().map(named).transpose()?;
    let caller = *caller;
    blocking(move || {
        if change.auto_create_projects.is_some() && app.config.auto_create_projects.is_some() {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                "The server was started with `auto_create_projects`, which counts for all workspaces; leave it out there first.",
            ));
        }
        let current = |app: &App| -> ApiResult<WorkspaceView> {
            let views = of(app, &caller)?;
            views
                .into_iter()
                .find(|view| view.is_current)
                .ok_or_else(|| ApiError::internal("a session looks at a workspace that is not there"))
        };
        let before = current(&app)?;
        if let Some(name) = name {
            app.settings.rename_workspace(id, &name)?;
        }
        if let Some(auto_create) = change.auto_create_projects {
            app.settings.set_auto_create_projects(id, auto_create)?;
            app.projects_changed()?;
        }
        let after = current(&app)?;
        note.say("workspace.changed", &after.name, &before, &after);
        Ok(Json(after))
    })
    .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DeletionParams {
    /// The name of the workspace, to say that it is this one that is meant.
    pub confirm: String,
    /// Whose data a session of the board looks at; keys have their own.
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<hiveboard_wire::Mode>,
}

/// Deletes a workspace that the caller owns, with its keys, members, rules and events. Nobody sees it from then on, and there is no way back but a
/// backup; the disk is given back within a minute, by the events of today within a day.
#[utoipa::path(delete, path = "/v1/workspaces/{workspace_id}", tag = "people", params(("workspace_id" = u32, Path), DeletionParams),
    responses((status = 200, body = WorkspaceView), (status = 404, body = crate::error::ErrorBody), (status = 409, body = crate::error::ErrorBody)))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageWorkspaces>,
    note: AuditNote,
    PathText(workspace_id): PathText,
    Params(asked): Params<DeletionParams>,
) -> ApiResult<Json<WorkspaceView>> {
    let caller = *caller;
    blocking(move || {
        let found = of(&app, &caller)?.into_iter().find(|view| view.workspace_id.to_string() == workspace_id);
        let Some(view) = found.filter(|view| view.role == Role::Owner.as_str()) else {
            return Err(ApiError::new(
                ErrorCode::NotFound,
                "You own no such workspace. GET /v1/workspaces lists yours.",
            ));
        };
        if asked.confirm != view.name {
            return Err(ApiError::invalid_parameter(
                "confirm",
                format!("`confirm` must be the name of the workspace, {}: all its data goes.", Quoted(&view.name)),
            ));
        }
        if view.workspace_id == DEFAULT_WORKSPACE.0 {
            return Err(ApiError::new(ErrorCode::Conflict, FIRST_STAYS));
        }
        if view.is_current {
            // What is written down of it would go along.
            return Err(ApiError::new(
                ErrorCode::Conflict,
                "The session looks at this workspace. Turn to another one first (PUT /v1/session), or use `hiveboard workspaces delete`.",
            ));
        }
        app.settings.delete_workspace(WorkspaceId(view.workspace_id))?;
        app.auth.refresh();
        app.projects_changed()?;
        app.alerts.reload();
        app.forget_deleted_workspaces()?;
        note.say("workspace.deleted", &view.name, &view, ());
        Ok(Json(view))
    })
    .await
}

/// Why the first workspace cannot go.
pub(crate) const FIRST_STAYS: &str = "The first workspace of a server stays: what has no other place belongs to it. Its projects and keys can go one by one.";

fn named(name: &str) -> ApiResult<String> {
    let name = name.trim();
    if (1..=100).contains(&name.chars().count()) {
        return Ok(name.to_owned());
    }
    Err(ApiError::validation(&[("name", "must have 1 to 100 characters")]))
}

/// Turns this session to another workspace of one's own.
#[utoipa::path(put, path = "/v1/session", tag = "session", params(ModeOnly), request_body = Turn,
    responses((status = 200, body = WorkspaceView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn turn(
    State(app): State<Arc<App>>,
    caller: Require<need::OwnAccount>,
    note: AuditNote,
    Params(_mode): Params<ModeOnly>,
    headers: HeaderMap,
    Body(Turn { workspace_id }): Body<Turn>,
) -> ApiResult<Json<WorkspaceView>> {
    let caller = *caller;
    let token = cookie(&headers, SESSION_COOKIE).unwrap_or_default();
    blocking(move || {
        let found = of(&app, &caller)?.into_iter().find(|view| view.workspace_id == workspace_id);
        let Some(view) = found else {
            return Err(ApiError::new(
                ErrorCode::NotFound,
                "You are in no such workspace. GET /v1/workspaces lists yours.",
            ));
        };
        app.settings.move_session(&token, WorkspaceId(workspace_id))?;
        app.auth.refresh();
        note.say("session.turned", &view.name, (), ());
        Ok(Json(WorkspaceView { is_current: true, ..view }))
    })
    .await
}
