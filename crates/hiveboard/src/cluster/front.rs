//! Where a request is answered: by the node itself, by a partition that it owns, or by the node that does.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt as _;
use hiveboard_log_nats::{Leases, Log, Owner};
use hiveboard_wire::ErrorCode;
use rustls::ClientConfig;
use tower::ServiceExt;

use super::{
    config::Role,
    proxy::{Gone, Proxy},
    shard::Shard,
    shards::{Shards, Standing},
};
use crate::{
    auth::{Credentials, takes_events},
    caller::Caller,
    error::{ApiError, ApiResult},
    node::Node,
    router,
    startup::Progress,
};

/// For what a node that the others count on no more still had to say. With it a takeover is seen within ten seconds by whoever waits for an answer.
const LAST_WORDS: Duration = Duration::from_secs(1);

pub(super) struct Front {
    pub(super) node: Arc<Node>,
    pub(super) log: Log,
    pub(super) leases: Arc<Leases>,
    pub(super) shards: Arc<Shards>,
    pub(super) proxy: Proxy,
    pub(super) roles: BTreeSet<Role>,
    /// What needs no events.
    own: Router,
    own_paths: router::OwnPaths,
    /// What every answer passes that this node does not make itself.
    elsewhere: Router,
}

/// Who answers.
enum Way {
    Own,
    Here(Arc<Shard>, Caller),
    There(Holder),
}

/// Another node, and what it owns.
#[derive(Clone)]
struct Holder {
    partition: u16,
    owner: Owner,
}

/// Where a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// From people and programs.
    Public,
    /// From another node, which says that this one owns the data.
    Nodes,
}

/// What [`Front::elsewhere`] is to do.
#[derive(Clone)]
enum Errand {
    PassOn(Arc<Front>, Holder),
    Refuse(ApiError),
}

impl Front {
    pub(super) fn new(
        node: Arc<Node>,
        log: Log,
        leases: Arc<Leases>,
        shards: Arc<Shards>,
        roles: BTreeSet<Role>,
        about: Router,
        tls: Option<ClientConfig>,
    ) -> Arc<Self> {
        let proxy = Proxy::new(log.cluster(), tls, node.stopping.clone());
        Arc::new(Self {
            own: router::of_a_node(&node, about),
            own_paths: router::OwnPaths::default(),
            elsewhere: router::around(Router::new().fallback(run)),
            node,
            log,
            leases,
            shards,
            proxy,
            roles,
        })
    }

    /// All that people and programs ask for.
    pub(super) fn public(self: &Arc<Self>) -> Router {
        Router::new().fallback(answer_public).with_state(Arc::clone(self))
    }

    /// All that other nodes pass on.
    pub(super) fn for_nodes(self: &Arc<Self>) -> Router {
        Router::new().fallback(answer_node).with_state(Arc::clone(self))
    }

    async fn answer(self: Arc<Self>, mut request: Request, door: Door) -> Response {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let asked = Credentials {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            address: peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        };
        let errand = match self.way(asked, door).await {
            Ok(Way::Own) => return self.own.clone().oneshot(request).await.into_response(),
            Ok(Way::Here(shard, caller)) => {
                request.extensions_mut().insert(caller);
                return shard.routes.clone().oneshot(request).await.into_response();
            }
            Ok(Way::There(holder)) => Errand::PassOn(Arc::clone(&self), holder),
            Err(refusal) => Errand::Refuse(refusal),
        };
        request.extensions_mut().insert(errand);
        self.elsewhere.clone().oneshot(request).await.into_response()
    }

    async fn way(&self, asked: Credentials<'_>, door: Door) -> ApiResult<Way> {
        let path = asked.uri.path();
        let is_intake = takes_events(asked.method, path);
        if is_intake && !self.roles.contains(&Role::Ingest) {
            return Err(not_here("ingest", "takes no events"));
        }
        if is_intake || self.own_paths.have(path) {
            return Ok(Way::Own);
        }
        if door == Door::Public && !self.roles.contains(&Role::Api) {
            return Err(not_here("api", "answers no questions"));
        }
        let caller = self.node.auth.caller_or_count(asked, &self.node.limits).await?;
        let partition = self.log.partition_of(caller.scope());
        match self.shards.standing(partition) {
            Standing::Open(shard) if shard.is_current() => return Ok(Way::Here(shard, caller)),
            Standing::Open(shard) => return Err(catching_up(shard.behind())),
            Standing::Opening(progress) => return Err(opening(&progress)),
            Standing::NotHere => {}
        }
        let owner = self.leases.owner_of(partition).filter(|owner| owner.node != self.leases.node().id);
        match owner {
            Some(owner) if door == Door::Public => Ok(Way::There(Holder { partition, owner })),
            _ => Err(nobody()),
        }
    }

    /// Comes when a node neither owns what it owned nor is among the others any more. One that stops is no node from then on, and owns what it has
    /// not given back yet.
    fn gone(&self, holder: &Holder) -> Gone {
        let leases = Arc::clone(&self.leases);
        let (partition, node) = (holder.partition, holder.owner.node.clone());
        async move {
            let mut changes = leases.watch();
            let is_there = || {
                leases.owner_of(partition).is_some_and(|owner| owner.node == node)
                    || leases.nodes().iter().any(|other| other.id == node)
            };
            loop {
                while is_there() {
                    if changes.changed().await.is_err() {
                        return;
                    }
                }
                tokio::time::sleep(LAST_WORDS).await;
                if !is_there() {
                    return;
                }
            }
        }
        .boxed()
    }
}

async fn answer_public(State(front): State<Arc<Front>>, request: Request) -> Response {
    front.answer(request, Door::Public).await
}

async fn answer_node(State(front): State<Arc<Front>>, mut request: Request) -> Response {
    match front.proxy.take_in(&mut request) {
        Ok(()) => front.answer(request, Door::Nodes).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn run(mut request: Request) -> Response {
    let done = match request.extensions_mut().remove::<Errand>() {
        Some(Errand::PassOn(front, holder)) => {
            front.proxy.pass_on(&holder.owner.address, front.gone(&holder), request).await
        }
        Some(Errand::Refuse(refusal)) => Err(refusal),
        None => Err(ApiError::internal("an errand without words")),
    };
    done.into_response()
}

fn not_here(role: &str, what: &str) -> ApiError {
    ApiError::new(ErrorCode::NotReady, format!("This node {what}: its `roles` leave {role:?} out. Ask another node."))
        .retry_after(1)
}

fn nobody() -> ApiError {
    ApiError::new(
        ErrorCode::NotReady,
        "No node serves these data yet: one takes over within some seconds. Try again in a moment.",
    )
    .retry_after(1)
}

fn opening(progress: &Progress) -> ApiError {
    let (done, total) = progress.so_far();
    ApiError::new(
        ErrorCode::NotReady,
        format!("These data are being opened by another node than before: {done} of {total} stored events are read. Try again in a moment."),
    )
    .detail("events_done", done)
    .detail("events_total", total)
    .retry_after(1)
}

fn catching_up(behind: u64) -> ApiError {
    ApiError::new(
        ErrorCode::NotReady,
        format!("These data are catching up: {behind} batches wait in the log. Try again in a moment."),
    )
    .detail("batches_behind", behind)
    .retry_after(1)
}
