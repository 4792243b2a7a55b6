//! Entering the board: a one-time link sets a session cookie.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{
    app::App,
    auth::{SESSION_COOKIE, cookie},
};

/// How long a session lasts.
pub(crate) const SESSION_DAYS: i64 = 30;

#[derive(Deserialize)]
pub(crate) struct Token {
    token: Option<String>,
}

/// Takes a one-time token for a session and goes on to the board; with a used or wrong one, to the page that says what to do.
pub(crate) async fn login(
    State(app): State<Arc<App>>,
    Query(Token { token }): Query<Token>,
    headers: HeaderMap,
) -> Response {
    let redeemed = token.as_deref().map(|token| app.settings.redeem_login_token(token));
    match redeemed {
        Some(Ok(Some(session))) => {
            let secure = if app.config.public_url.as_deref().is_some_and(|url| url.starts_with("https:")) {
                "; Secure"
            } else {
                ""
            };
            let value = format!(
                "{SESSION_COOKIE}={session}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
                SESSION_DAYS * 86_400
            );
            let mut response = Redirect::to("/").into_response();
            let cookie = HeaderValue::from_str(&value).expect("session tokens are plain ASCII");
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            response
        }
        Some(Err(error)) => crate::error::ApiError::from(error).into_response(),
        Some(Ok(None)) | None => {
            // Opening the link again in the browser it was used in is no mistake.
            let inside = cookie(&headers, SESSION_COOKIE)
                .is_some_and(|token| app.settings.find_session(&token).is_ok_and(|session| session.is_some()));
            Redirect::to(if inside { "/" } else { "/sign-in?link=used" }).into_response()
        }
    }
}

/// Ends the session of this browser.
pub(crate) async fn logout(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    if let Some(token) = cookie(&headers, SESSION_COOKIE)
        && let Err(error) = app.settings.end_session(&token)
    {
        return crate::error::ApiError::from(error).into_response();
    }
    let mut response = Redirect::to("/sign-in").into_response();
    let cleared = format!("{SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    response
        .headers_mut()
        .insert(header::SET_COOKIE, HeaderValue::from_str(&cleared).expect("the text is plain ASCII"));
    response
}
