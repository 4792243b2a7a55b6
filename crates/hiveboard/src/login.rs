//! Entering the board: a one-time link sets a session cookie.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use cookie::{Cookie, SameSite, time::Duration};
use serde::Deserialize;

use crate::{
    app::App,
    auth::{SESSION_COOKIE, cookie},
    error::ApiError,
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
            let mut response = Redirect::to("/").into_response();
            set_cookie(&app, &mut response, &session, Duration::days(SESSION_DAYS));
            response
        }
        Some(Err(error)) => ApiError::from(error).into_response(),
        Some(Ok(None)) | None => {
            // Opening the link again in the browser it was used in is no mistake.
            let inside = cookie(&headers, SESSION_COOKIE)
                .is_some_and(|token| app.settings.find_session(&token).is_ok_and(|session| session.is_some()));
            Redirect::to(if inside { "/" } else { "/sign-in?link=used" }).into_response()
        }
    }
}

/// Ends the session of this browser.
pub(crate) async fn logout(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(token) = cookie(&headers, SESSION_COOKIE) {
        app.auth.check_origin(&headers)?;
        app.settings.end_session(&token)?;
    }
    let mut response = Redirect::to("/sign-in").into_response();
    set_cookie(&app, &mut response, "", Duration::ZERO);
    Ok(response)
}

fn set_cookie(app: &App, response: &mut Response, session: &str, lives: Duration) {
    let secure = app.config.public_url.as_deref().is_some_and(|url| url.starts_with("https:"));
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
