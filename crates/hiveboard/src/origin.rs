//! Whether a browser's request comes from a page of the board itself. Cookies know no ports and are sent along by other pages of the same
//! machine, so a cookie alone proves nothing.

use axum::http::{HeaderMap, Uri, header};
use hiveboard_wire::ErrorCode;

use crate::error::ApiError;

/// Refuses requests whose `Origin` is neither the server's own nor that of `public_url`.
///
/// # Errors
/// Also when there is no `Origin`: browsers send one with every change and with every WebSocket.
pub(crate) fn check(headers: &HeaderMap, public_url: Option<&str>) -> Result<(), ApiError> {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let from = origin.and_then(authority);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).map(str::to_ascii_lowercase);
    let own = from.is_some() && from == host;
    let public = from.is_some() && from == public_url.and_then(authority);
    if own || public {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::Forbidden,
        format!(
            "A request with the board's session must come from a page of the board; this one comes from {}. Behind a proxy, set `public_url` to the address that people use.",
            origin.map_or_else(|| "nowhere (no `Origin` header)".to_owned(), |origin| format!("{origin:?}"))
        ),
    )
    .detail("header", "Origin"))
}

/// Host and port of a URL, the scheme's own port left out.
fn authority(url: &str) -> Option<String> {
    let uri: Uri = url.trim_end_matches('/').parse().ok()?;
    let usual = match uri.scheme_str()? {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let host = uri.host()?.to_ascii_lowercase();
    Some(match uri.port_u16() {
        Some(port) if port != usual => format!("{host}:{port}"),
        _ => host,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(origin: Option<&str>, host: &str, public_url: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a header"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("a header"));
        }
        check(&headers, public_url).is_ok()
    }

    #[test]
    fn only_the_boards_own_pages_may_use_its_session() {
        assert!(allowed(Some("http://127.0.0.1:8000"), "127.0.0.1:8000", None));
        assert!(allowed(Some("http://[::1]:8000"), "[::1]:8000", None));
        assert!(allowed(Some("https://board.example.org"), "127.0.0.1:8000", Some("https://board.example.org/hive/")));
        assert!(allowed(Some("https://Board.Example.org:443"), "x", Some("https://board.example.org")));
        for (origin, host, public_url) in [
            (None, "127.0.0.1:8000", None),
            (Some("null"), "127.0.0.1:8000", None),
            (Some("http://127.0.0.1:9000"), "127.0.0.1:8000", None),
            (Some("http://localhost:8000"), "127.0.0.1:8000", None),
            (Some("https://elsewhere.example.org"), "127.0.0.1:8000", Some("https://board.example.org")),
            (Some("https://board.example.org.evil.test"), "127.0.0.1:8000", Some("https://board.example.org")),
            (Some("file://"), "127.0.0.1:8000", None),
        ] {
            assert!(!allowed(origin, host, public_url), "{origin:?} {host}");
        }
    }
}
