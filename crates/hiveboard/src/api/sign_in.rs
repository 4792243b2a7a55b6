//! The door of the board: what it asks for, signing in and out, the first owner, a forgotten password.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use hiveboard_settings::{AuditEntry, DEFAULT_WORKSPACE, NewPerson, PersonRecord, SESSION_IDLE, SessionOrigin, SetUp};
use hiveboard_wire::{ErrorCode, WorkspaceId};
use metrics::counter;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    alerts::notify::email::escape,
    api::{blocking, health::is_local, params::Body},
    audit,
    auth::{SESSION_COOKIE, cookie},
    error::{ApiError, ApiResult},
    login::{self, set_cookie},
    node::Node,
    password,
    server::board_url,
};

/// What the door of the board asks for.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoorView {
    /// `password` once the board has an owner; `link` before: the one that the server prints.
    pub sign_in: &'static str,
    /// Whether a link for a new password can be had by mail; else whoever runs the server makes one.
    pub reset_by_mail: bool,
    /// Whether the link alone opens the board, without a password: on the server's own machine, until there is an owner.
    pub password_optional: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub email: String,
    pub password: String,
    /// Which workspace to open; the first one when not given.
    pub workspace_id: Option<u32>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstOwner {
    /// From the link that the server prints; not needed by whoever opened the board by it.
    pub token: Option<String>,
    pub name: String,
    pub email: String,
    /// 10 to 199 characters.
    pub password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// From the link that was mailed, or that `hiveboard members reset` prints.
    pub token: String,
    /// 10 to 199 characters.
    pub password: String,
}

/// Who is in now; the answer sets the session's cookie.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    pub person_id: String,
    pub email: String,
    pub name: String,
    pub workspace_id: u32,
}

/// What the door of the board asks for, for its page.
#[utoipa::path(get, path = "/v1/login", tag = "people", responses((status = 200, body = DoorView)))]
pub async fn door(
    State(node): State<Arc<Node>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> ApiResult<Json<DoorView>> {
    let owned = node.settings.has_owner()?;
    Ok(Json(DoorView {
        sign_in: if owned { "password" } else { "link" },
        reset_by_mail: owned && node.config.smtp.can_send(),
        password_optional: !owned && is_local(peer.ip(), &headers, node.config.public_url.as_deref()),
    }))
}

/// Enters with e-mail address and password. Tries are slowed per account and per address, and nobody is locked out for ever.
#[utoipa::path(post, path = "/v1/login", tag = "people", request_body = SignIn,
    responses((status = 200, body = SignedIn), (status = 400, body = crate::error::ErrorBody), (status = 401, body = crate::error::ErrorBody),
        (status = 403, body = crate::error::ErrorBody), (status = 408, body = crate::error::ErrorBody), (status = 429, body = crate::error::ErrorBody), (status = 503, body = crate::error::ErrorBody)))]
pub async fn sign_in(
    State(node): State<Arc<Node>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Body(asked): Body<SignIn>,
) -> ApiResult<Response> {
    from_own_page(&node, &headers)?;
    let person = known_person(&node, &asked.email, asked.password, peer).await?;
    let wanted = asked.workspace_id.map(WorkspaceId);
    let places = node.settings.memberships(person.id)?;
    let place = places.iter().find(|(workspace, _)| wanted.is_none_or(|wanted| wanted == *workspace));
    let Some((workspace, _)) = place else {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "You are no member of this workspace; ask one of its admins or owners for an invitation.",
        ));
    };
    enter(&node, &person, *workspace, peer, &headers, "session.opened").await
}

/// The person with this address and password.
///
/// # Errors
/// One and the same, whether the address or the password is wrong, and after the same time.
pub(super) async fn known_person(node: &Node, email: &str, given: String, peer: SocketAddr) -> ApiResult<PersonRecord> {
    node.door.knock(email, peer.ip())?;
    let person = node.settings.find_person_by_email(email)?;
    let kept = person.as_ref().map(|person| person.password.clone());
    let is_right = password::is_right(given, kept).await?;
    let Some(person) = person.filter(|_| is_right) else {
        counter!("hiveboard_wrong_passwords_total").increment(1);
        return Err(ApiError::new(
            ErrorCode::AuthenticationFailed,
            "E-mail address or password are wrong. Whoever runs the server can reset yours: `hiveboard members reset`.",
        ));
    };
    node.door.entered(email, peer.ip());
    Ok(person)
}

/// Opens a session, in the cookie of the answer.
pub(super) async fn enter(
    node: &Arc<Node>,
    person: &PersonRecord,
    workspace: WorkspaceId,
    peer: SocketAddr,
    headers: &HeaderMap,
    action: &'static str,
) -> ApiResult<Response> {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).map(str::to_owned);
    let (own, id, email) = (Arc::clone(node), person.id, person.email.clone());
    let session = blocking(move || {
        let origin = SessionOrigin { address: Some(peer.ip()), user_agent: agent.as_deref() };
        let session = own.settings.create_session(id, workspace, origin, SESSION_IDLE)?;
        audit::write(&*own.settings, workspace, &by_person(id, &email, peer, action));
        Ok(session)
    })
    .await?;
    let view = SignedIn {
        person_id: person.id.to_string(),
        email: person.email.clone(),
        name: person.name.clone(),
        workspace_id: workspace.0,
    };
    let mut response = Json(view).into_response();
    set_cookie(node, &mut response, &session, login::session_lives());
    Ok(response)
}

fn by_person(id: Uuid, email: &str, peer: SocketAddr, action: &str) -> AuditEntry {
    AuditEntry {
        actor_kind: "person".to_owned(),
        actor_id: Some(id.to_string()),
        actor_name: email.to_owned(),
        action: action.to_owned(),
        target: Some(email.to_owned()),
        address: Some(peer.ip().to_canonical().to_string()),
        ..AuditEntry::default()
    }
}

/// Ends the session of this browser.
#[utoipa::path(post, path = "/v1/logout", tag = "people", responses((status = 204), (status = 403, body = crate::error::ErrorBody)))]
pub async fn sign_out(
    State(node): State<Arc<Node>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    login::end_session(&node, peer, &headers)?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&node, &mut response, "", cookie_gone());
    Ok(response)
}

fn cookie_gone() -> ::cookie::time::Duration {
    ::cookie::time::Duration::ZERO
}

/// Makes the first owner, who enters at once: with the token of the link that the server prints, or from the board that this link opened.
#[utoipa::path(post, path = "/v1/setup", tag = "people", request_body = FirstOwner,
    responses((status = 200, body = SignedIn), (status = 400, body = crate::error::ErrorBody), (status = 401, body = crate::error::ErrorBody),
        (status = 403, body = crate::error::ErrorBody), (status = 408, body = crate::error::ErrorBody), (status = 409, body = crate::error::ErrorBody), (status = 429, body = crate::error::ErrorBody), (status = 503, body = crate::error::ErrorBody)))]
pub async fn set_up(
    State(node): State<Arc<Node>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Body(asked): Body<FirstOwner>,
) -> ApiResult<Response> {
    from_own_page(&node, &headers)?;
    check_new(Some(&asked.name), Some(&asked.email), &asked.password)?;
    node.door.knock(&asked.email, peer.ip())?;
    let mut workspace = DEFAULT_WORKSPACE;
    if asked.token.is_none() {
        let session = cookie(&headers, SESSION_COOKIE).map(|token| node.settings.find_session(&token)).transpose()?;
        let Some(session) = session.flatten().filter(|session| session.person.is_none()) else {
            return Err(bad_link());
        };
        node.auth.check_origin(&headers)?;
        workspace = session.workspace;
    }
    let kept = password::hash(asked.password).await?;
    let (own, name, email) = (Arc::clone(&node), asked.name.trim().to_owned(), asked.email.clone());
    let set_up = blocking(move || {
        let owner = NewPerson { email: &email, name: &name, password: kept };
        Ok(own.settings.set_up_owner(asked.token.as_deref(), workspace, &owner)?)
    })
    .await?;
    match set_up {
        SetUp::Done(id) => {
            let person = node.settings.find_person(id)?.ok_or_else(|| ApiError::internal("the owner is gone"))?;
            node.auth.refresh();
            enter(&node, &person, workspace, peer, &headers, "owner.set_up").await
        }
        SetUp::BadLink => Err(bad_link()),
        SetUp::HasOwner => Err(ApiError::new(
            ErrorCode::Conflict,
            "This board has an owner already; sign in, or ask for an invitation.",
        )),
    }
}

fn bad_link() -> ApiError {
    ApiError::new(
        ErrorCode::AuthenticationFailed,
        "The link has been used or has expired. `hiveboard login-link` prints a new one.",
    )
}

/// Sets a new password by the link of a reset. All sessions of the person end.
#[utoipa::path(post, path = "/v1/password-reset", tag = "people", request_body = NewPassword,
    responses((status = 200, body = SignedIn), (status = 400, body = crate::error::ErrorBody), (status = 401, body = crate::error::ErrorBody),
        (status = 403, body = crate::error::ErrorBody), (status = 408, body = crate::error::ErrorBody), (status = 429, body = crate::error::ErrorBody), (status = 503, body = crate::error::ErrorBody)))]
pub async fn reset_password(
    State(node): State<Arc<Node>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Body(asked): Body<NewPassword>,
) -> ApiResult<Response> {
    from_own_page(&node, &headers)?;
    check_new(None, None, &asked.password)?;
    node.door.knock_with_link(peer.ip())?;
    let kept = password::hash(asked.password).await?;
    let own = Arc::clone(&node);
    let person = blocking(move || {
        let id = own.settings.redeem_password_reset(&asked.token, &kept)?;
        own.auth.refresh();
        Ok(id.map(|id| own.settings.find_person(id)).transpose()?.flatten())
    })
    .await?;
    let Some(person) = person else {
        return Err(ApiError::new(
            ErrorCode::AuthenticationFailed,
            "The link has been used or has expired. `hiveboard members reset` prints a new one.",
        ));
    };
    let Some((workspace, _)) = node.settings.memberships(person.id)?.first().copied() else { return Err(bad_link()) };
    enter(&node, &person, workspace, peer, &headers, "password.reset").await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    pub email: String,
}

/// What was done about a forgotten password, whether or not there is such an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResetAsked {
    pub message: &'static str,
}

/// How long the link of a mail works.
const MAILED_LINK_LIVES: Duration = Duration::from_secs(3_600);

/// Mails a link for a new password, which works once, within an hour. The answer is the same whether or not there is such an account.
#[utoipa::path(post, path = "/v1/password-reset/mail", tag = "people", request_body = ForgottenPassword,
    responses((status = 202, body = ResetAsked), (status = 400, body = crate::error::ErrorBody), (status = 403, body = crate::error::ErrorBody),
        (status = 408, body = crate::error::ErrorBody), (status = 409, body = crate::error::ErrorBody), (status = 429, body = crate::error::ErrorBody)))]
pub async fn mail_reset(
    State(node): State<Arc<Node>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Body(asked): Body<ForgottenPassword>,
) -> ApiResult<(StatusCode, Json<ResetAsked>)> {
    from_own_page(&node, &headers)?;
    if !node.config.smtp.can_send() {
        return Err(ApiError::new(
            ErrorCode::Conflict,
            "This server sends no e-mail. Whoever runs it makes a link for a new password: `hiveboard members reset`.",
        ));
    }
    if !is_email(&asked.email) {
        return Err(ApiError::validation(&[("email", "must be an e-mail address")]));
    }
    node.door.knock_with_link(peer.ip())?;
    if node.door.may_mail(&asked.email) {
        // Nobody waits for it: how long the answer takes must not tell whether there is an account.
        tokio::spawn(mail_link(node, asked.email, peer));
    }
    let message =
        "If there is an account of this address, a mail with a link is on its way. It works once, within an hour.";
    Ok((StatusCode::ACCEPTED, Json(ResetAsked { message })))
}

async fn mail_link(node: Arc<Node>, email: String, peer: SocketAddr) {
    let own = Arc::clone(&node);
    let made = blocking(move || {
        let Some(person) = own.settings.find_person_by_email(&email)? else { return Ok(None) };
        let Some((workspace, _)) = own.settings.memberships(person.id)?.first().copied() else { return Ok(None) };
        let token = own.settings.create_password_reset(person.id, MAILED_LINK_LIVES)?;
        let entry = AuditEntry {
            actor_kind: "anybody".to_owned(),
            actor_id: None,
            actor_name: "whoever asked at the door".to_owned(),
            ..by_person(person.id, &person.email, peer, "password.reset_mailed")
        };
        audit::write(&*own.settings, workspace, &entry);
        Ok(Some((person, token)))
    })
    .await;
    let Ok(Some((person, token))) = made else { return };
    // Never by the address that the request names: it could lead the link elsewhere.
    let link = format!("{}/reset#token={token}", board_url(&node.config, node.config.addr));
    let (subject, parts) = reset_mail(&person.name, &link);
    let id = Uuid::new_v4().to_string();
    if let Err(failure) = node.config.smtp.send(&[person.email], subject, parts, &id).await {
        tracing::warn!(error = failure.what, "a link for a new password could not be mailed");
    }
}

/// Subject, and text and HTML.
fn reset_mail(name: &str, link: &str) -> (&'static str, (String, String)) {
    let text = format!(
        "Hello {name},\n\nsomebody asked for a new password for your account at HiveBoard. Set it here, once, within an hour:\n\n{link}\n\n\
         If it was not you, there is nothing to do: your password stays as it is.\n"
    );
    let (name, link) = (escape(name), escape(link));
    let html = format!(
        "<!doctype html><html><body style=\"font-family:sans-serif;line-height:1.4\"><p>Hello {name},</p>\
         <p>somebody asked for a new password for your account at HiveBoard.</p>\
         <p><a href=\"{link}\">Set a new password</a> (once, within an hour)</p>\
         <p>If it was not you, there is nothing to do: your password stays as it is.</p></body></html>"
    );
    ("A new password for HiveBoard", (text, html))
}

/// Browsers say where a change comes from: other pages must sign nobody in. What is no browser says nothing, and has no cookie to misuse.
pub(super) fn from_own_page(node: &Node, headers: &HeaderMap) -> ApiResult<()> {
    if headers.contains_key(header::ORIGIN) { node.auth.check_origin(headers) } else { Ok(()) }
}

/// What is wrong with a new account, all at once.
pub(super) fn check_new(name: Option<&str>, email: Option<&str>, new_password: &str) -> ApiResult<()> {
    let mut wrong: Vec<(&str, &str)> = Vec::new();
    if name.is_some_and(|name| !(1..=100).contains(&name.trim().chars().count())) {
        wrong.push(("name", "must have 1 to 100 characters"));
    }
    if email.is_some_and(|email| !is_email(email)) {
        wrong.push(("email", "must be an e-mail address"));
    }
    if let Some(objection) = password::objection(new_password) {
        wrong.push(("password", objection));
    }
    if wrong.is_empty() { Ok(()) } else { Err(ApiError::validation(&wrong)) }
}

/// Whether it looks like an address; whether it is one, only a mail can tell.
pub(crate) fn is_email(text: &str) -> bool {
    let text = text.trim();
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !"<>,;\"\\()".contains(letter);
    text.len() <= 254
        && text.chars().all(plain)
        && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}
