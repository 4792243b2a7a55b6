//! `POST /mcp`: streamable HTTP, without sessions: each request brings its key and is answered by itself.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hiveboard_wire::ErrorCode;
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
};

use super::{Hive, Source, source::Inside};
use crate::{
    app::App,
    error::{ApiError, BODY_PATIENCE, ErrorBody},
    ingest::http::read_body,
    permission::{Require, need},
    reception::IsEncrypted,
};

/// A question has no need of more.
const BODY_BYTES: usize = 256 * 1024;

/// The protocol over HTTP; answered by these routes.
#[derive(Clone)]
pub(crate) struct McpService(Router);

pub(crate) fn service(routes: Router) -> McpService {
    McpService(routes)
}

/// Answers assistants by the Model Context Protocol: one JSON-RPC message, one answer, no session.
///
/// What it offers only reads: the tools are listed by `tools/list`. A message that the protocol does not know is refused as the protocol says;
/// all else that is wrong with a request, as everywhere here.
#[utoipa::path(
    post, path = "/mcp", tag = "assistants",
    request_body(content = Object, content_type = "application/json", description = "A message of the protocol (`initialize`, `tools/list`, `tools/call`, …), at most 256 KiB."),
    responses(
        (status = 200, description = "The answer to a request, as JSON-RPC.", body = Object),
        (status = 202, description = "A notification was heard."),
        (status = 400, description = "Not a message of the protocol, or of a version of it that is not known here.", body = Object),
        (status = 404, description = "There is no such method, as JSON-RPC.", body = Object),
        (status = 413, body = ErrorBody)
    )
)]
pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    _caller: Require<need::ReadData>,
    Extension(McpService(routes)): Extension<McpService>,
    Extension(IsEncrypted(is_encrypted)): Extension<IsEncrypted>,
    request: Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = match tokio::time::timeout(BODY_PATIENCE, read_body(body, BODY_BYTES, too_large)).await {
        Ok(Ok(body)) => body,
        Ok(Err(refusal)) => return refusal.into_response(),
        Err(_) => return ApiError::stalled_body().into_response(),
    };
    let base = app.base_url(&parts.headers, is_encrypted);
    let source = Source::Inside(Arc::new(Inside { routes, parts: parts.clone(), base }));
    // Answers are always JSON: whoever forgot to say that it takes streams, too, is answered as well.
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(BODY_BYTES)
        // Who asks has shown a key, or a session whose `Origin` was looked at: a name that leads here by deceit brings neither.
        .disable_allowed_hosts();
    let service = StreamableHttpService::new(
        move || Ok(Hive::new(source.clone())),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    let answer = service.handle(Request::from_parts(parts, Body::from(body))).await.map(Body::new);
    as_everywhere(answer).await
}

/// The protocol's own errors are JSON-RPC; what it says in plain words becomes an error as all others here.
async fn as_everywhere(answer: Response) -> Response {
    let is_error = answer.status().is_client_error() || answer.status().is_server_error();
    if !is_error || answer.headers().contains_key(header::CONTENT_TYPE) {
        return answer;
    }
    let status = answer.status();
    let said = axum::body::to_bytes(answer.into_body(), BODY_BYTES).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        return ApiError::internal(said).into_response();
    }
    ApiError::new(
        ErrorCode::ValidationError,
        format!("The request is not one of the Model Context Protocol: {said}. It is a POST of one JSON-RPC message with Content-Type application/json."),
    )
    .into_response()
}

fn too_large() -> ApiError {
    ApiError::new(ErrorCode::BatchTooLarge, "The message has over 256 KiB; a question has no need of more.")
        .detail("limit_bytes", BODY_BYTES)
}
