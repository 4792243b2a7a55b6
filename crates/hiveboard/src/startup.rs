//! What answers before the server is ready: alive at once, ready when all is replayed.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use hiveboard_wire::ErrorCode;
use tower::{Layer, ServiceExt};
use tower_http::normalize_path::{NormalizePath, NormalizePathLayer};

use crate::{api::health::Health, error::ApiError, id_by_query};

/// How far the replay has come.
#[derive(Debug, Default)]
pub struct Progress {
    events_done: AtomicU64,
    events_total: AtomicU64,
}

impl Progress {
    /// So many events are to be folded.
    pub fn expect(&self, events: u64) {
        self.events_total.store(events, Ordering::Relaxed);
    }

    /// Events folded, and those there are.
    pub fn so_far(&self) -> (u64, u64) {
        (self.events_done.load(Ordering::Relaxed), self.events_total.load(Ordering::Relaxed))
    }

    pub fn one_done(&self) {
        self.events_done.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Default)]
pub(crate) struct Startup {
    pub(crate) progress: Arc<Progress>,
    routes: OnceLock<NormalizePath<Router>>,
}

impl Startup {
    /// From now on these routes answer. A slash at the end of a path means nothing.
    pub(crate) fn ready(&self, routes: Router) {
        let set = self.routes.set(NormalizePathLayer::trim_trailing_slash().layer(routes));
        assert!(set.is_ok(), "a server starts once");
    }

    fn not_ready(&self) -> ApiError {
        let (done, total) = self.progress.so_far();
        ApiError::new(
            ErrorCode::NotReady,
            format!("The server is starting: {done} of {total} stored events are read. Try again in a moment."),
        )
        .detail("events_done", done)
        .detail("events_total", total)
        .retry_after(2)
    }

    /// The same for whoever opens the board meanwhile.
    fn page(&self) -> Response {
        let (done, total) = self.progress.so_far();
        let read = if total > 0 { format!("{done} of {total} stored events are read.") } else { String::new() };
        let headers = [(header::RETRY_AFTER, "2"), (header::CACHE_CONTROL, "no-store")];
        (StatusCode::SERVICE_UNAVAILABLE, headers, Html(PAGE.replace("{read}", &read))).into_response()
    }
}

/// Asks again by itself.
const PAGE: &str = include_str!("startup.html");

/// Whether a person asks: a browser for a page of the board.
fn is_for_a_page(request: &Request) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|accepts| accepts.to_str().ok());
    !request.uri().path().starts_with("/v1/") && accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

pub(crate) fn routes(startup: Arc<Startup>) -> Router {
    Router::new().fallback(answer).with_state(startup)
}

async fn answer(State(startup): State<Arc<Startup>>, mut request: Request) -> Response {
    if let Some(resolved) = id_by_query::resolve(request.uri()) {
        *request.uri_mut() = resolved;
    }
    match startup.routes.get() {
        Some(routes) => routes.clone().oneshot(request).await.into_response(),
        None if request.uri().path() == "/health" => Json(Health::ok()).into_response(),
        None if is_for_a_page(&request) => startup.page(),
        None => startup.not_ready().into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[tokio::test]
    async fn who_opens_the_board_meanwhile_sees_a_page_that_asks_again() {
        let startup = Arc::new(Startup::default());
        startup.progress.expect(7);
        let ask = async |path: &str| {
            let request = Request::get(path).header(header::ACCEPT, "text/html,*/*;q=0.8");
            let request = request.body(Body::empty()).expect("a request");
            let answer = routes(Arc::clone(&startup)).oneshot(request).await.expect("infallible");
            let (status, kind) = (answer.status().as_u16(), answer.headers()[header::CONTENT_TYPE].clone());
            let body = axum::body::to_bytes(answer.into_body(), 10_000).await.expect("a body");
            (status, kind, String::from_utf8(body.to_vec()).expect("a text"))
        };
        for path in ["/", "/cost"] {
            let (status, kind, page) = ask(path).await;
            assert_eq!((status, kind.to_str().expect("a type")), (503, "text/html; charset=utf-8"), "{path}");
            assert!(page.contains("0 of 7 stored events") && page.contains("http-equiv=\"refresh\""), "{page}");
        }
        assert_eq!(ask("/v1/agents").await.1, "application/json", "a program's question has a program's answer");
    }

    #[tokio::test]
    async fn while_events_are_replayed_the_server_lives_and_says_how_far_it_is() {
        let startup = Arc::new(Startup::default());
        startup.progress.expect(3);
        startup.progress.one_done();
        let ask = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).expect("a request");
            let answer = routes(Arc::clone(&startup)).oneshot(request).await.expect("infallible");
            let status = answer.status().as_u16();
            let body = axum::body::to_bytes(answer.into_body(), 10_000).await.expect("a body");
            (status, serde_json::from_slice::<serde_json::Value>(&body).unwrap_or_default())
        };
        assert_eq!(ask("/health").await.0, 200);
        for path in ["/ready", "/v1/agents", "/"] {
            let (status, body) = ask(path).await;
            assert_eq!((status, body["error"].as_str()), (503, Some("not_ready")), "{path}");
            assert_eq!(
                (body["details"]["events_done"].as_u64(), body["details"]["events_total"].as_u64()),
                (Some(1), Some(3))
            );
        }
        startup.ready(Router::new().route("/v1/agents", axum::routing::get(async || "agents")));
        assert_eq!(ask("/v1/agents").await.0, 200);
        assert_eq!(ask("/v1/agents/").await.0, 200, "a slash at the end means nothing");
    }
}
