//! The documentation's pages, embedded in the binary (read from disk in debug builds).

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use hiveboard_wire::ErrorCode;
use rust_embed::RustEmbed;

use crate::{assets, error::ApiError};

#[derive(RustEmbed)]
#[folder = "../../docs/site"]
#[allow_missing = true]
struct Site;

const INDEX: &str = "index.html";

/// What of a path of the server is a path of the documentation; empty for its root.
pub(crate) fn path_within(path: &str) -> Option<&str> {
    path.strip_prefix("docs").filter(|rest| rest.is_empty() || rest.starts_with('/')).map(|rest| rest.trim_matches('/'))
}

/// A page or a file of the documentation; `root` is the way to the root of the board.
pub(crate) fn serve(path: &str, root: &str) -> Response {
    if Site::get(INDEX).is_none() {
        let said = "This build has no documentation. `make build` builds it; its pages are also readable in docs/.";
        return (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], said).into_response();
    }
    // Pages link to each other by relative addresses, so they are read from below `docs/` alone.
    if path.is_empty() {
        return lead_to(&format!("{root}docs/{INDEX}"));
    }
    if let Some(file) = Site::get(path) {
        return assets::respond(path, file);
    }
    if Site::get(&format!("{path}.html")).is_some() {
        return lead_to(&format!("{root}docs/{path}.html"));
    }
    let said = format!("The documentation has no page {path}. /docs lists what there is.");
    ApiError::new(ErrorCode::NotFound, said).into_response()
}

fn lead_to(page: &str) -> Response {
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, page)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_below_the_documentation_is_its_own() {
        for (path, within) in [
            ("docs", Some("")),
            ("docs/", Some("")),
            ("docs/start.html", Some("start.html")),
            ("docs/_static/a.css", Some("_static/a.css")),
            ("docsy", None),
            ("agents", None),
            ("", None),
        ] {
            assert_eq!(path_within(path), within, "{path}");
        }
    }
}
