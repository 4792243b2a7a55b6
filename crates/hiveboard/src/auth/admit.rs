//! The layer before every route that asks for a caller.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::Credentials;
use crate::{
    audit::{self, AuditNote},
    blocking::blocking,
    caller::Caller,
    error::ApiError,
    node::Node,
    rate::RateLimitStatus,
};

/// Whether a request is counted by what it brings.
pub(crate) fn takes_events(method: &Method, path: &str) -> bool {
    let path = path.strip_prefix("/otlp").unwrap_or(path);
    method == Method::POST && matches!(path, "/v1/ingest" | "/v1/traces" | "/v1/logs" | "/v1/metrics")
}

/// Lets callers in and counts what they ask; every route under `/v1` stands behind it.
pub async fn admit(
    State(node): State<Arc<Node>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    // Let in already, where it was to be known whose data is meant.
    let caller = if let Some(caller) = request.extensions().get::<Caller>().copied() {
        caller
    } else {
        let (method, uri, headers) = (request.method(), request.uri(), request.headers());
        let asked = Credentials { method, uri, headers, address: peer.ip() };
        node.auth.caller_or_count(asked, &node.limits).await?
    };
    // Ingest is counted by events, in its own place.
    let counted =
        if takes_events(request.method(), request.uri().path()) { Ok(None) } else { node.limits.read(caller.id()) };
    let (rate, mut response) = match counted {
        Ok(rate) => {
            request.extensions_mut().insert(caller);
            let noted = AuditNote::default();
            request.extensions_mut().insert(noted.clone());
            let (method, uri) = (request.method().clone(), request.uri().clone());
            let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
            let response = next.run(request).await;
            let done = response.status().is_success();
            let entry = done.then(|| noted.entry(&method, route.as_deref().unwrap_or(uri.path()), &uri)).flatten();
            if let Some(entry) = entry {
                // Before the answer: who is told that it is done finds it written down.
                blocking(move || {
                    let entry = audit::by(&*node.settings, &caller, peer.ip(), entry);
                    audit::write(&*node.settings, caller.scope().workspace, &entry);
                    Ok(())
                })
                .await?;
            }
            (rate, response)
        }
        Err(refusal) => (None, refusal.into_response()),
    };
    response.extensions_mut().insert(caller);
    if let Some(rate) = rate.or_else(|| response.extensions().get::<RateLimitStatus>().copied()) {
        rate.write(response.headers_mut());
    }
    Ok(response)
}
