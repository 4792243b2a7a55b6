//! `GET/PUT /v1/views`, `DELETE /v1/views/{id}`: views of the board under a name, of the whole workspace.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_settings::{Saved, SavedView};
use hiveboard_wire::{ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        blocking,
        params::{Body, ModeOnly, Params, PathText},
    },
    app::App,
    audit::{AuditNote, LOCAL},
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

/// Views that a workspace may keep.
const MOST_VIEWS: usize = 500;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ViewView {
    pub view_id: String,
    pub name: String,
    /// Path of the page, like `/tasks`.
    pub page: String,
    /// What stands behind the `?` of its address.
    pub query: String,
    pub changed_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
}

impl From<SavedView> for ViewView {
    fn from(view: SavedView) -> Self {
        Self {
            view_id: view.id.to_string(),
            name: view.name,
            page: view.page,
            query: view.query,
            changed_by: view.changed_by,
            changed_at: view.changed_at,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ViewList {
    pub data: Vec<ViewView>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewView {
    /// 1 to 100 characters; a view of the same name is replaced.
    pub name: String,
    /// Path of the page, like `/tasks`.
    pub page: String,
    /// What stands behind the `?` of its address; at most 4,000 characters.
    #[serde(default)]
    pub query: String,
}

/// The workspace's views, by name.
#[utoipa::path(get, path = "/v1/views", tag = "views", params(ModeOnly), responses((status = 200, body = ViewList)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<ViewList>> {
    let views = app.settings.list_views(caller.scope().workspace)?;
    Ok(Json(ViewList { data: views.into_iter().map(ViewView::from).collect() }))
}

/// Keeps a view under a name, in place of one of the same name.
#[utoipa::path(put, path = "/v1/views", tag = "views", params(ModeOnly), request_body = NewView,
    responses((status = 200, body = ViewView), (status = 409, body = crate::error::ErrorBody)))]
pub async fn save(
    State(app): State<Arc<App>>,
    caller: Require<need::SaveViews>,
    note: AuditNote,
    Params(_mode): Params<ModeOnly>,
    Body(new): Body<NewView>,
) -> ApiResult<Json<ViewView>> {
    let name = new.name.trim().to_owned();
    let mut wrong = Vec::new();
    if !(1..=100).contains(&name.chars().count()) {
        wrong.push(("name", "must have 1 to 100 characters"));
    }
    // A path of the board itself: a view must lead nowhere else.
    if !new.page.starts_with('/')
        || new.page.starts_with("//")
        || new.page.contains(['?', '#', '\\'])
        || new.page.len() > 200
    {
        wrong.push(("page", "must be the path of a page of the board, like /tasks"));
    }
    if new.query.chars().count() > 4_000 {
        wrong.push(("query", "may have 4,000 characters at most"));
    }
    if !wrong.is_empty() {
        return Err(ApiError::validation(&wrong));
    }
    let caller = *caller;
    blocking(move || {
        let person = caller.person().map(|id| app.settings.find_person(id)).transpose()?.flatten();
        let by = person.map_or_else(|| LOCAL.to_owned(), |person| person.name);
        let workspace = caller.scope().workspace;
        match app.settings.save_view(workspace, &name, &new.page, &new.query, &by, MOST_VIEWS)? {
            Saved::Done { before, after } => {
                let after = ViewView::from(*after);
                note.say("view.saved", &after.name, before.map(ViewView::from), &after);
                Ok(Json(after))
            }
            Saved::TooMany => Err(ApiError::new(
                ErrorCode::Conflict,
                format!("The workspace keeps {MOST_VIEWS} views already; delete one first."),
            )),
        }
    })
    .await
}

/// Forgets a view.
#[utoipa::path(delete, path = "/v1/views/{view_id}", tag = "views", params(("view_id" = String, Path), ModeOnly),
    responses((status = 200, body = ViewView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Require<need::SaveViews>,
    note: AuditNote,
    PathText(view_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<ViewView>> {
    let workspace = caller.scope().workspace;
    let deleted = match Uuid::parse_str(&view_id) {
        Ok(id) => blocking(move || Ok(app.settings.delete_view(workspace, id)?)).await?,
        Err(_) => None,
    };
    let Some(view) = deleted else {
        return Err(ApiError::new(ErrorCode::NotFound, "There is no such view. GET /v1/views lists them."));
    };
    let view = ViewView::from(view);
    note.say("view.deleted", &view.name, &view, ());
    Ok(Json(view))
}
