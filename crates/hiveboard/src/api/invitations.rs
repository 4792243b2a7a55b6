//! `GET/POST /v1/invitations`, `DELETE /v1/invitations/{id}`, and following one.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use hiveboard_settings::{InvitationRecord, NewPerson};
use hiveboard_wire::{ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{members::RoleName, sign_in};
use crate::{
    api::{
        blocking,
        page::{Page, Paging},
        params::{Body, ListParams, ModeOnly, Params, PathText},
    },
    app::App,
    audit::AuditNote,
    caller::Role,
    error::{ApiError, ApiResult},
    node::Node,
    password,
    permission::{Require, need},
    reception::IsEncrypted,
};

/// How long an invitation may be accepted.
pub(crate) const INVITATION_LIVES: Duration = Duration::from_secs(7 * 86_400);

/// An invitation, never its link.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvitationView {
    pub invitation_id: String,
    pub email: String,
    /// viewer, member, admin or owner
    pub role: &'static str,
    pub invited_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

impl From<InvitationRecord> for InvitationView {
    fn from(record: InvitationRecord) -> Self {
        Self {
            invitation_id: record.id.to_string(),
            email: record.email,
            role: record.role.as_str(),
            invited_by: record.invited_by,
            created_at: record.created_at,
            expires_at: record.expires_at,
        }
    }
}

/// A new invitation with its link, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewInvitationView {
    #[serde(flatten)]
    pub record: InvitationView,
    /// Works once, for seven days. Whoever has it gets in.
    pub link: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    pub email: String,
    pub role: RoleName,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationToken {
    /// From the link.
    pub token: String,
}

/// What an invitation is for.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenedInvitation {
    pub workspace: String,
    pub email: String,
    pub role: &'static str,
    pub invited_by: String,
    /// Whether the address has an account already: then its password is asked for, else a new one.
    pub has_account: bool,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedInvitation {
    /// From the link.
    pub token: String,
    /// For people; not needed where the address has an account already.
    pub name: Option<String>,
    /// A new one, 10 to 199 characters; that of the account where the address has one.
    pub password: String,
}

/// Invitations that may still be accepted, newest first.
#[utoipa::path(get, path = "/v1/invitations", tag = "people", params(ListParams), responses((status = 200, body = Page<InvitationView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageMembers>,
    Params(_paging): Params<ListParams>,
    paging: Paging,
) -> ApiResult<Json<Page<InvitationView>>> {
    let offset: usize = paging.place()?.unwrap_or(0);
    let all = app.settings.list_invitations(caller.scope().workspace)?;
    let rest = all.into_iter().skip(offset).take(paging.limit + 1).map(InvitationView::from).collect();
    Ok(Json(paging.cut(rest, |_| offset + paging.limit)))
}

/// Invites someone. The link is in this answer and nowhere else; an earlier invitation of the same address stops working.
#[utoipa::path(post, path = "/v1/invitations", tag = "people", params(ModeOnly), request_body = NewInvitation,
    responses((status = 201, body = NewInvitationView), (status = 409, body = crate::error::ErrorBody)))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageMembers>,
    note: AuditNote,
    Params(_mode): Params<ModeOnly>,
    Extension(IsEncrypted(is_encrypted)): Extension<IsEncrypted>,
    headers: HeaderMap,
    Body(new): Body<NewInvitation>,
) -> ApiResult<(StatusCode, Json<NewInvitationView>)> {
    if !sign_in::is_email(&new.email) {
        return Err(ApiError::validation(&[("email", "must be an e-mail address")]));
    }
    let role = Role::from(new.role);
    if caller.role() < Some(role) {
        return Err(ApiError::new(ErrorCode::Forbidden, "Only an owner makes owners."));
    }
    let workspace = caller.scope().workspace;
    let base = app.base_url(&headers, is_encrypted);
    let person = caller.person();
    blocking(move || {
        let email = new.email.trim().to_lowercase();
        if app.settings.list_members(workspace)?.iter().any(|member| member.email == email) {
            return Err(ApiError::new(ErrorCode::Conflict, format!("{email} is a member of this workspace already.")));
        }
        let inviter = person.map(|id| app.settings.find_person(id)).transpose()?.flatten();
        let by = inviter.map_or_else(|| "the owner of this server".to_owned(), |person| person.name);
        let (record, token) = app.settings.invite(workspace, &email, role, &by, INVITATION_LIVES)?;
        let view = InvitationView::from(record);
        note.say("invitation.created", &view.email, (), &view);
        // Behind the `#`, which browsers send to no server and write into no log.
        let link = format!("{base}/invitation#token={token}");
        Ok((StatusCode::CREATED, Json(NewInvitationView { record: view, link })))
    })
    .await
}

/// Takes an invitation back.
#[utoipa::path(delete, path = "/v1/invitations/{invitation_id}", tag = "people", params(("invitation_id" = String, Path), ModeOnly),
    responses((status = 200, body = InvitationView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageMembers>,
    note: AuditNote,
    PathText(id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<InvitationView>> {
    let workspace = caller.scope().workspace;
    let revoked = match Uuid::parse_str(&id) {
        Ok(id) => blocking(move || Ok(app.settings.revoke_invitation(workspace, id)?)).await?,
        Err(_) => None,
    };
    let Some(record) = revoked else {
        return Err(ApiError::new(
            ErrorCode::NotFound,
            "There is no such invitation, or it was accepted or has expired. GET /v1/invitations lists them.",
        ));
    };
    let view = InvitationView::from(record);
    note.say("invitation.revoked", &view.email, &view, ());
    Ok(Json(view))
}

/// What an invitation is for, before it is accepted.
#[utoipa::path(post, path = "/v1/invitations/open", tag = "people", request_body = InvitationToken,
    responses((status = 200, body = OpenedInvitation), (status = 400, body = crate::error::ErrorBody), (status = 401, body = crate::error::ErrorBody),
        (status = 403, body = crate::error::ErrorBody), (status = 408, body = crate::error::ErrorBody), (status = 429, body = crate::error::ErrorBody)))]
pub async fn open(
    State(node): State<Arc<Node>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Body(asked): Body<InvitationToken>,
) -> ApiResult<Json<OpenedInvitation>> {
    sign_in::from_own_page(&node, &headers)?;
    node.door.knock_with_link(peer.ip())?;
    let invitation = node.settings.find_invitation(&asked.token)?.ok_or_else(over)?;
    let workspace = node.settings.workspace(invitation.workspace)?.map_or_else(String::new, |workspace| workspace.name);
    Ok(Json(OpenedInvitation {
        workspace,
        has_account: node.settings.find_person_by_email(&invitation.email)?.is_some(),
        email: invitation.email,
        role: invitation.role.as_str(),
        invited_by: invitation.invited_by,
        expires_at: invitation.expires_at,
    }))
}

/// Accepts an invitation and enters.
#[utoipa::path(post, path = "/v1/invitations/accept", tag = "people", request_body = AcceptedInvitation,
    responses((status = 200, body = sign_in::SignedIn), (status = 400, body = crate::error::ErrorBody), (status = 401, body = crate::error::ErrorBody),
        (status = 403, body = crate::error::ErrorBody), (status = 408, body = crate::error::ErrorBody), (status = 429, body = crate::error::ErrorBody), (status = 503, body = crate::error::ErrorBody)))]
pub async fn accept(
    State(node): State<Arc<Node>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Body(asked): Body<AcceptedInvitation>,
) -> ApiResult<Response> {
    sign_in::from_own_page(&node, &headers)?;
    let invitation = node.settings.find_invitation(&asked.token)?.ok_or_else(over)?;
    let has_account = node.settings.find_person_by_email(&invitation.email)?.is_some();
    let kept = if has_account {
        sign_in::known_person(&node, &invitation.email, asked.password, peer).await?.password
    } else {
        sign_in::check_new(Some(asked.name.as_deref().unwrap_or("")), None, &asked.password)?;
        node.door.knock(&invitation.email, peer.ip())?;
        password::hash(asked.password).await?
    };
    let own = Arc::clone(&node);
    let person = blocking(move || {
        let name = asked.name.unwrap_or_default();
        let new = NewPerson { email: "", name: name.trim(), password: kept };
        let id = own.settings.accept_invitation(&asked.token, &new)?;
        Ok(id.map(|id| own.settings.find_person(id)).transpose()?.flatten())
    })
    .await?
    .ok_or_else(over)?;
    sign_in::enter(&node, &person, invitation.workspace, peer, &headers, "invitation.accepted").await
}

fn over() -> ApiError {
    ApiError::new(
        ErrorCode::AuthenticationFailed,
        "The invitation was accepted, taken back, or has expired. Ask whoever invited you for a new one.",
    )
}
