//! Whether the server lives, takes traffic, and how it fares.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Response},
};
use hiveboard_wire::ErrorCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    error::{ApiError, ApiResult},
};

#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`
    pub status: &'static str,
    pub version: &'static str,
}

const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// The process is alive.
#[utoipa::path(get, path = "/health", tag = "server", responses((status = 200, body = Health)))]
pub async fn health() -> Json<Health> {
    Json(OK)
}

/// Stored events are replayed and the writer takes more.
#[utoipa::path(get, path = "/ready", tag = "server", responses((status = 200, body = Health), (status = 503, body = crate::error::ErrorBody)))]
pub async fn ready(State(app): State<Arc<App>>) -> ApiResult<Json<Health>> {
    if *app.stopping.borrow() || !app.write_path.is_alive() {
        return Err(ApiError::new(ErrorCode::NotReady, "The server is not taking traffic; try again in a moment.")
            .retry_after(2));
    }
    Ok(Json(OK))
}

/// The server about itself, as Prometheus text. From other machines with a key only.
#[utoipa::path(get, path = "/metrics", tag = "server", responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn metrics(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    uri: Uri,
) -> ApiResult<Response> {
    if !peer.ip().is_loopback() {
        app.auth.caller(&headers, &uri)?;
    }
    app.metrics.run_upkeep();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render()).into_response())
}
