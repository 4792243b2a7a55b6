//! One line and one figure a request: method, route, status, time, request id, key id. Never a key, and no query string, which may hold one.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use metrics::histogram;

use crate::{caller::Caller, request_id};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken over from a proxy.
const ID_CHARS: usize = 64;

/// What is told of a request, noted before it goes anywhere.
pub(crate) struct Noted {
    started: Instant,
    request_id: String,
    method: Method,
    route: String,
}

impl Noted {
    pub(crate) fn of(request: &Request) -> Self {
        let started = Instant::now();
        let given = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| is_plain(id));
        Self {
            started,
            request_id: given.map_or_else(request_id::make, str::to_owned),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned(),
        }
    }

    /// Errors told in it name the request.
    pub(crate) fn scope<T>(&self, answer: impl Future<Output = T>) -> impl Future<Output = T> {
        request_id::scope(self.request_id.clone(), answer)
    }

    /// Refusals are logged at `info`, failures at `warn`, all else at `debug`: `request=debug` shows every request.
    pub(crate) fn log(self, response: &mut Response) {
        let Self { started, request_id, method, route } = self;
        let took = started.elapsed();
        let status = response.status();
        histogram!("hiveboard_request_seconds", "route" => route.clone(), "status" => status.as_u16().to_string())
            .record(took.as_secs_f64());
        let key_id = response.extensions().get::<Caller>().and_then(|caller| caller.key_id());
        let key_id = key_id.map(|id| id.to_string());
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(target: "request", $level, %method, route, status = status.as_u16(),
                    ms = took.as_micros() as f64 / 1e3, request_id, key_id)
            };
        }
        if status.is_server_error() {
            line!(tracing::Level::WARN);
        } else if status.is_client_error() {
            line!(tracing::Level::INFO);
        } else {
            line!(tracing::Level::DEBUG);
        }
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
    }
}

/// A layer outside of all others.
pub(crate) async fn log(request: Request, next: Next) -> Response {
    let noted = Noted::of(&request);
    let mut response = noted.scope(next.run(request)).await;
    noted.log(&mut response);
    response
}

fn is_plain(id: &str) -> bool {
    (1..=ID_CHARS).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
