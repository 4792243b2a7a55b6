//! Whether the server lives, takes traffic, and how it fares.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderName, Method, Uri, header, uri::Authority},
    response::{IntoResponse, Response},
};
use hiveboard_wire::ErrorCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::Credentials,
    error::{ApiError, ApiResult},
    node::Node,
    write_path,
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
    pub(crate) const fn ok() -> Self {
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
    takes_traffic(app.node())?;
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

/// The server about itself, as Prometheus text. Without a key on the server's own machine alone: not from elsewhere, not through a proxy, and
/// not where `public_url` says that there is one.
#[utoipa::path(get, path = "/metrics", tag = "server",
    responses((status = 200, body = String, content_type = "text/plain"), (status = 401, body = crate::error::ErrorBody)))]
pub async fn metrics(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    method: Method,
    headers: HeaderMap,
    uri: Uri,
) -> ApiResult<Response> {
    may_measure(app.node(), peer, &method, &headers, &uri).await?;
    write_path::measure([&*app.write_path]);
    Ok(rendered(app.node()))
}

/// # Errors
/// While the server stops, and when it cannot go on.
pub(crate) fn takes_traffic(node: &Node) -> ApiResult<()> {
    if *node.stopping.borrow() || !node.supervisor.is_sound() {
        return Err(ApiError::new(ErrorCode::NotReady, "The server is not taking traffic; try again in a moment.")
            .retry_after(2));
    }
    Ok(())
}

/// # Errors
/// For who sits elsewhere and shows no key.
pub(crate) async fn may_measure(
    node: &Node,
    peer: SocketAddr,
    method: &Method,
    headers: &HeaderMap,
    uri: &Uri,
) -> ApiResult<()> {
    let address = peer.ip().to_canonical();
    if !is_local(address, headers, node.config.public_url.as_deref()) {
        node.auth.caller(Credentials { method, uri, headers, address }).await?;
    }
    Ok(())
}

/// All figures, as they are now.
pub(crate) fn rendered(node: &Node) -> Response {
    node.metrics.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], node.metrics.render()).into_response()
}

/// Whether who asks sits at the server's own machine, and the server is nobody else's.
pub(crate) fn is_local(address: IpAddr, headers: &HeaderMap, public_url: Option<&str>) -> bool {
    address.to_canonical().is_loopback() && !is_forwarded(headers) && !is_public(public_url)
}

/// Headers by which proxies and the networks of hosters tell that they passed a request on.
const PASSED_ON: &[&str] = &[
    "forwarded",
    "via",
    "x-forwarded",
    "forwarded-for",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
    "x-original-host",
    "x-original-url",
    "x-envoy-external-address",
    "x-azure-clientip",
    "x-proxyuser-ip",
    "x-amzn-trace-id",
    "x-cloud-trace-context",
    "x-arr-log-id",
    "true-client-ip",
    "cf-connecting-ip",
    "cf-ray",
    "cdn-loop",
    "fastly-client-ip",
    "fly-client-ip",
    "front-end-https",
    "tailscale-user-login",
];

/// Whether a proxy passed the request on: it says so, or what was asked for is no name of this machine's loopback.
fn is_forwarded(headers: &HeaderMap) -> bool {
    let asked_here = headers.get(header::HOST).is_none_or(|host| {
        host.to_str().is_ok_and(|host| host.parse::<Authority>().is_ok_and(|host| is_loopback(host.host())))
    });
    let mut names = headers.keys().map(HeaderName::as_str);
    !asked_here || names.any(|name| name.starts_with("x-forwarded-") || PASSED_ON.contains(&name))
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
    bare == "localhost"
        || bare.ends_with(".localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Whether people reach the server from other machines.
fn is_public(public_url: Option<&str>) -> bool {
    let Some(url) = public_url else { return false };
    !url.parse::<Uri>().is_ok_and(|url| url.host().is_some_and(is_loopback))
}
