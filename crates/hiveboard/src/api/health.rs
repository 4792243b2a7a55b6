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
    /// `ok`; `degraded` when something stored is damaged, and the rest is served
    pub status: &'static str,
    pub version: &'static str,
    /// Files that are damaged; `GET /v1/storage` says more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub damaged: Vec<String>,
}

impl Health {
    const fn ok() -> Self {
        Self { status: "ok", version: env!("CARGO_PKG_VERSION"), damaged: Vec::new() }
    }
}

/// The process is alive.
#[utoipa::path(get, path = "/health", tag = "server", responses((status = 200, body = Health)))]
pub async fn health() -> Json<Health> {
    Json(Health::ok())
}

/// Stored events are replayed and the writer takes more.
#[utoipa::path(get, path = "/ready", tag = "server", responses((status = 200, body = Health), (status = 503, body = crate::error::ErrorBody)))]
pub async fn ready(State(app): State<Arc<App>>) -> ApiResult<Json<Health>> {
    if *app.stopping.borrow() || !app.write_path.is_alive() {
        return Err(ApiError::new(ErrorCode::NotReady, "The server is not taking traffic; try again in a moment.")
            .retry_after(2));
    }
    // Names alone: anybody may ask, and where things lie is nobody's business.
    let name = |damage: hiveboard_store::Damage| {
        std::path::Path::new(&damage.file)
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    let damaged: Vec<String> = app.store.damages().into_iter().map(name).collect();
    let status = if damaged.is_empty() { "ok" } else { "degraded" };
    Ok(Json(Health { status, damaged, ..Health::ok() }))
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
