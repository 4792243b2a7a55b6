//! `GET /v1/members`, `PUT/DELETE /v1/members/{id}`.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_settings::{MemberChange, MemberRecord};
use hiveboard_wire::{ErrorCode, Timestamp};
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
    caller::{Caller, Role},
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoleName {
    Viewer,
    Member,
    Admin,
    Owner,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Viewer => Self::Viewer,
            RoleName::Member => Self::Member,
            RoleName::Admin => Self::Admin,
            RoleName::Owner => Self::Owner,
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MemberView {
    pub person_id: String,
    pub email: String,
    pub name: String,
    /// viewer, member, admin or owner
    pub role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub joined_at: Timestamp,
    /// At the board, to within five minutes.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen_at: Option<Timestamp>,
}

impl From<MemberRecord> for MemberView {
    fn from(record: MemberRecord) -> Self {
        Self {
            person_id: record.person_id.to_string(),
            email: record.email,
            name: record.name,
            role: record.role.as_str(),
            joined_at: record.joined_at,
            last_seen_at: record.last_seen_at,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    pub role: RoleName,
}

/// The members of the workspace, by e-mail address.
#[utoipa::path(get, path = "/v1/members", tag = "people", params(ListParams), responses((status = 200, body = Page<MemberView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageMembers>,
    Params(_paging): Params<ListParams>,
    paging: Paging,
) -> ApiResult<Json<Page<MemberView>>> {
    let after: Option<String> = paging.place()?;
    let mut members = app.settings.list_members(caller.scope().workspace)?;
    members.retain(|member| after.as_ref().is_none_or(|after| member.email > *after));
    let page = paging.cut(members, |last| last.email.clone());
    Ok(Json(page.map(MemberView::from)))
}

/// Gives a member another role. Only owners make or change owners, and one owner stays.
#[utoipa::path(put, path = "/v1/members/{person_id}", tag = "people", params(("person_id" = String, Path), ModeOnly), request_body = NewRole,
    responses((status = 200, body = MemberView), (status = 404, body = crate::error::ErrorBody), (status = 409, body = crate::error::ErrorBody)))]
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageMembers>,
    note: AuditNote,
    PathText(person_id): PathText,
    Params(_mode): Params<ModeOnly>,
    Body(new): Body<NewRole>,
) -> ApiResult<Json<MemberView>> {
    let role = Role::from(new.role);
    let caller = *caller;
    blocking(move || {
        let member = above(&app, &caller, &person_id, Some(role))?;
        match app.settings.set_role(caller.scope().workspace, member.person_id, role)? {
            MemberChange::Done(before) => {
                let after = MemberView::from(MemberRecord { role, ..before.clone() });
                note.say("member.role_changed", before.email, before.role.as_str(), role.as_str());
                Ok(Json(after))
            }
            MemberChange::NotFound => Err(nobody()),
            MemberChange::LastOwner => Err(last_owner()),
        }
    })
    .await
}

/// Removes a member; the member's sessions in this workspace end at once.
#[utoipa::path(delete, path = "/v1/members/{person_id}", tag = "people", params(("person_id" = String, Path), ModeOnly),
    responses((status = 200, body = MemberView), (status = 404, body = crate::error::ErrorBody), (status = 409, body = crate::error::ErrorBody)))]
pub async fn remove(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageMembers>,
    note: AuditNote,
    PathText(person_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<MemberView>> {
    let caller = *caller;
    blocking(move || {
        let member = above(&app, &caller, &person_id, None)?;
        match app.settings.remove_member(caller.scope().workspace, member.person_id)? {
            MemberChange::Done(before) => {
                app.auth.refresh();
                let view = MemberView::from(before);
                note.say("member.removed", &view.email, &view, ());
                Ok(Json(view))
            }
            MemberChange::NotFound => Err(nobody()),
            MemberChange::LastOwner => Err(last_owner()),
        }
    })
    .await
}

/// The member, where the caller stands high enough to change it (to another role).
fn above(app: &App, caller: &Caller, person_id: &str, role: Option<Role>) -> ApiResult<MemberRecord> {
    let id = Uuid::parse_str(person_id).map_err(|_| nobody())?;
    let members = app.settings.list_members(caller.scope().workspace)?;
    let member = members.into_iter().find(|member| member.person_id == id).ok_or_else(nobody)?;
    if caller.role() < Some(member.role) || caller.role() < role {
        return Err(ApiError::new(ErrorCode::Forbidden, "Only an owner makes, changes or removes owners."));
    }
    Ok(member)
}

fn nobody() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such member. GET /v1/members lists them.")
}

fn last_owner() -> ApiError {
    ApiError::new(ErrorCode::Conflict, "This is the workspace's only owner; make another one first.")
}
