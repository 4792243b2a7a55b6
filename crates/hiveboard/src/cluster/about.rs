//! How a node of a cluster fares: `/ready` and `/metrics`.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Json, Router,
    extract::{ConnectInfo, State},
    http::{HeaderMap, Method, Uri},
    response::Response,
    routing::get,
};
use hiveboard_log_nats::{Leases, Log};
use metrics::gauge;
use serde::Serialize;

use super::shards::Shards;
use crate::{
    api::health::{self, Health},
    error::ApiResult,
    node::Node,
    write_path,
};

pub(super) struct About {
    pub(super) node: Arc<Node>,
    pub(super) log: Log,
    pub(super) leases: Arc<Leases>,
    pub(super) shards: Arc<Shards>,
}

/// What `/ready` says beside [`Health`].
#[derive(Debug, Serialize)]
struct NodeHealth {
    #[serde(flatten)]
    health: Health,
    node: String,
    /// Whether the log can be reached.
    log: bool,
    /// Partitions that are served here, and how many batches each has yet to fold.
    partitions: Vec<PartitionHealth>,
    nodes: usize,
}

#[derive(Debug, Serialize)]
struct PartitionHealth {
    partition: u16,
    behind: u64,
    is_stalled: bool,
}

pub(super) fn routes(about: About) -> Router {
    Router::new().route("/ready", get(ready)).route("/metrics", get(metrics)).with_state(Arc::new(about))
}

/// The node takes requests. It says so without the log as well: what can be read is read, and the rest is answered with what to do.
async fn ready(State(about): State<Arc<About>>) -> ApiResult<Json<impl Serialize>> {
    health::takes_traffic(&about.node)?;
    let open = about.shards.open();
    let is_connected = about.log.is_connected();
    let mut partitions: Vec<PartitionHealth> = open
        .iter()
        .map(|shard| PartitionHealth {
            partition: shard.partition(),
            behind: shard.behind(),
            is_stalled: shard.waiting.is_stalled(),
        })
        .collect();
    partitions.sort_by_key(|one| one.partition);
    // One that lost its streams, or has no room, answers and takes nothing.
    let is_taking = about.leases.is_written();
    let is_well = is_connected && is_taking && partitions.iter().all(|one| !one.is_stalled);
    Ok(Json(NodeHealth {
        health: Health { status: if is_well { "ok" } else { "degraded" }, ..Health::ok() },
        node: about.leases.node().id.clone(),
        log: is_connected,
        partitions,
        nodes: about.leases.nodes().len(),
    }))
}

async fn metrics(
    State(about): State<Arc<About>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    method: Method,
    headers: HeaderMap,
    uri: Uri,
) -> ApiResult<Response> {
    health::may_measure(&about.node, peer, &method, &headers, &uri).await?;
    let open = about.shards.open();
    write_path::measure(open.iter().map(|shard| &*shard.app.write_path));
    gauge!("hiveboard_log_connected").set(f64::from(u8::from(about.log.is_connected())));
    gauge!("hiveboard_nodes").set(about.leases.nodes().len() as f64);
    Ok(health::rendered(&about.node))
}
