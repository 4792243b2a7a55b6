//! The dashboard, embedded in the binary (read from disk in debug builds).

use axum::{
    Extension,
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use hiveboard_wire::ErrorCode;
use rust_embed::RustEmbed;

use crate::{docs, error::ApiError, reception::BoardRoot};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

const PAGE: &str = "index.html";
/// As it stands in the built page.
const BASE: &str = "<base href=\"./\"";

/// How files were compressed when the dashboard was built (`web/vite.config.ts`), what saves most first: the ending, and its name in headers.
const COMPRESSED: [(&str, &str); 2] = [("br", "br"), ("gz", "gzip")];

/// A file of the dashboard; its page for every other path that is not part of the API.
pub(crate) async fn serve(
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    Extension(BoardRoot(root)): Extension<BoardRoot>,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("v1/") || path == "v1" {
        let message = format!("There is no {method} /{path}. GET /v1/openapi.json lists what there is.");
        return ApiError::new(ErrorCode::NotFound, message).into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        let refusal = ApiError::new(ErrorCode::MethodNotAllowed, "The dashboard is read with GET.");
        return ([(header::ALLOW, "GET, HEAD")], refusal).into_response();
    }
    if let Some(within) = docs::path_within(path) {
        return docs::serve(within, &root);
    }
    if let Some(file) = Dist::get(path).filter(|_| path != PAGE) {
        return compressed(path, &headers).unwrap_or_else(|| respond(path, file));
    }
    // A path with an ending is a file that is not there; anything else is a page of the dashboard.
    if path != PAGE && path.rsplit('/').next().is_some_and(|name| name.contains('.')) {
        return ApiError::new(ErrorCode::NotFound, format!("There is no file /{path}.")).into_response();
    }
    match Dist::get(PAGE) {
        Some(file) => page(&file, &root),
        None => (
            StatusCode::NOT_FOUND,
            [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
            "This build has no dashboard. `make build` builds both; the API is at /v1.",
        )
            .into_response(),
    }
}

/// The page with the way to the root of the board in it: everything that it loads and asks is relative to that.
fn page(file: &rust_embed::EmbeddedFile, root: &str) -> Response {
    let text = String::from_utf8_lossy(&file.data).replacen(BASE, &format!("<base href=\"{root}\""), 1);
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, text).into_response()
}

/// A file as it was compressed ahead, if whoever asks can read that.
fn compressed(path: &str, headers: &HeaderMap) -> Option<Response> {
    let (file, encoding) = COMPRESSED
        .iter()
        .filter(|(_, encoding)| accepts(headers, encoding))
        .find_map(|(ending, encoding)| Some((Dist::get(&format!("{path}.{ending}"))?, *encoding)))?;
    let mut answer = respond(path, file);
    answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Some(answer)
}

/// Whether an encoding is among those that are accepted, and not with a weight of zero.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        name.trim().eq_ignore_ascii_case(encoding) && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// An embedded file as it is.
pub(crate) fn respond(path: &str, file: rust_embed::EmbeddedFile) -> Response {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    // File names under assets/ carry a hash of their content.
    let caching = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, kind.as_ref().to_owned()), (header::CACHE_CONTROL, caching.to_owned())];
    (headers, Body::from(file.data.into_owned())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_accepted_when_it_is_named_with_a_weight() {
        for (said, brotli, gzip) in [
            ("gzip, deflate, br, zstd", true, true),
            ("GZIP;q=0.5", false, true),
            ("br;q=0, gzip;q=1.0", false, true),
            ("br; q=0.001", true, false),
            ("brotli, x-gzip", false, false),
            ("gzip;q=much", false, false),
            ("", false, false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(said))]);
            assert_eq!((accepts(&headers, "br"), accepts(&headers, "gzip")), (brotli, gzip), "{said}");
        }
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }
}
