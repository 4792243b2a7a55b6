//! What a request shows of who sent it.

use axum::http::{HeaderMap, Uri, header};
use cookie::Cookie;
use hiveboard_wire::Mode;

use crate::error::ApiError;

pub const SESSION_COOKIE: &str = "hiveboard_session";

pub(super) fn key(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or("");
        let key = text.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("bearer ")).map_or(text, |_| &text[7..]);
        return Some(key.trim().to_owned());
    }
    if let Some(value) = headers.get("x-api-key").or_else(|| headers.get("api-key")) {
        return Some(value.to_str().unwrap_or("").trim().to_owned());
    }
    (uri.path() == "/v1/stream").then(|| query_value(uri, "token")).flatten()
}

pub(super) fn mode(uri: &Uri) -> Result<Option<Mode>, ApiError> {
    match query_value(uri, "mode").as_deref() {
        None | Some("") => Ok(None),
        Some(text) => Mode::parse(text)
            .map(Some)
            .ok_or_else(|| ApiError::invalid_parameter("mode", "`mode` must be live or test.")),
    }
}

fn query_value(uri: &Uri, name: &str) -> Option<String> {
    form_urlencoded::parse(uri.query()?.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| Cookie::split_parse(line).filter_map(Result::ok))
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}
