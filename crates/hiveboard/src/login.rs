//! Entering the board by a one-time link, and its session cookie.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use cookie::{Cookie, SameSite, time::Duration};
use hiveboard_settings::{AuditEntry, DEFAULT_WORKSPACE, SESSION_IDLE};
use hiveboard_wire::Mode;
use serde::Deserialize;

use crate::{
    api::health::is_local,
    audit,
    auth::{SESSION_COOKIE, cookie},
    caller::Caller,
    error::ApiError,
    node::Node,
};

/// The cookie is given anew with every sign-in; the server ends sessions by when they were last used.
pub(crate) fn session_lives() -> Duration {
    Duration::seconds(SESSION_IDLE.as_secs().cast_signed() * 12)
}

#[derive(Deserialize)]
pub(crate) struct Token {
    token: Option<String>,
}

/// Follows a one-time link. While the board has no owner, it opens the board on the server's own machine, and elsewhere leads to where name,
/// e-mail address and password are set. With a used or wrong one, to the page that says what to do.
pub(crate) async fn login(
    State(node): State<Arc<Node>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Query(Token { token }): Query<Token>,
    headers: HeaderMap,
) -> Response {
    match follow(&node, peer, token.as_deref(), &headers) {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

fn follow(node: &Node, peer: SocketAddr, token: Option<&str>, headers: &HeaderMap) -> Result<Response, ApiError> {
    let plain = |token: &&str| token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if let Some(token) = token.filter(plain)
        && !node.settings.has_owner()?
    {
        if !is_local(peer.ip(), headers, node.config.public_url.as_deref()) {
            // Behind the `#`, which browsers send to no server and write into no log.
            return Ok(Redirect::to(&format!("/set-up#token={token}")).into_response());
        }
        if let Some(session) = node.settings.redeem_login_token(token)? {
            let entry = AuditEntry {
                actor_kind: "local".to_owned(),
                actor_name: audit::LOCAL.to_owned(),
                action: "session.opened".to_owned(),
                address: Some(peer.ip().to_canonical().to_string()),
                ..AuditEntry::default()
            };
            audit::write(&*node.settings, DEFAULT_WORKSPACE, &entry);
            let mut response = Redirect::to("/").into_response();
            set_cookie(node, &mut response, &session, session_lives());
            return Ok(response);
        }
    }
    // Opening the link again in the browser it was used in is no mistake.
    let inside = cookie(headers, SESSION_COOKIE)
        .is_some_and(|token| node.settings.find_session(&token).is_ok_and(|session| session.is_some()));
    Ok(Redirect::to(if inside { "/" } else { "/sign-in?link=used" }).into_response())
}

/// Ends the session of this browser.
pub(crate) async fn logout(
    State(node): State<Arc<Node>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    end_session(&node, peer, &headers)?;
    let mut response = Redirect::to("/sign-in").into_response();
    set_cookie(&node, &mut response, "", Duration::ZERO);
    Ok(response)
}

/// # Errors
/// When the request comes from another page than the board's own.
pub(crate) fn end_session(node: &Node, peer: SocketAddr, headers: &HeaderMap) -> Result<(), ApiError> {
    if let Some(token) = cookie(headers, SESSION_COOKIE) {
        node.auth.check_origin(headers)?;
        if let Some(session) = node.settings.find_session(&token)? {
            node.settings.end_session(&token)?;
            node.auth.refresh();
            let caller = Caller::session(&session, Mode::Live);
            let entry = AuditEntry { action: "session.closed".to_owned(), ..AuditEntry::default() };
            audit::write(&*node.settings, session.workspace, &audit::by(&*node.settings, &caller, peer.ip(), entry));
        }
    }
    Ok(())
}

pub(crate) fn set_cookie(node: &Node, response: &mut Response, session: &str, lives: Duration) {
    let secure = node.config.public_url.as_deref().is_some_and(|url| url.starts_with("https:"));
    let cookie = Cookie::build((SESSION_COOKIE, session))
        .path("/")
        .max_age(lives)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .build();
    let value = HeaderValue::from_str(&cookie.to_string()).expect("session tokens are plain ASCII");
    response.headers_mut().insert(header::SET_COOKIE, value);
}
