//! A server as one node of several: the log (NATS `JetStream`) takes what arrives, the store (`ClickHouse`) keeps it, and each partition of the
//! data is folded and answered by the one node that has its lease.
//!
//! ```text
//! any node:    intake ─▶ log                         front ─▶ proxy ─▶ the owner's front
//! the owner:   log ─▶ shard: write_path ─▶ store, fold, publish        ─▶ waiting ─▶ the same routes as ever
//! ```
//!
//! A [`shard`] is the same [`App`](crate::app::App) that an embedded server is, for the scopes of its partition; what a node has once is its
//! [`Node`].

mod about;
mod beside;
pub mod config;
pub(crate) mod doctor;
mod front;
pub(crate) mod intake;
mod proxy;
pub(crate) mod restore;
pub mod settings;
mod shard;
mod shards;
mod store;
mod waiting;

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use hiveboard_log_nats::{Leases, Log};
use hiveboard_store::EventsBeside;
use metrics_exporter_prometheus::PrometheusHandle;
use rustls::ClientConfig;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

use self::{
    about::About,
    beside::NodeBeside,
    config::{ClusterConfig, NodeTls, Role},
    front::Front,
    intake::LogIntake,
    shards::Shards,
};
use crate::{
    clock::Clock,
    config::Config,
    intake::Intake,
    jobs,
    node::Node,
    reception::Reception,
    serve::{self, PerAddress, Protocol, Service},
    server::{Ports, Serving, bind_error},
    tls,
};

/// How long requests of other nodes may take to end when this one stops.
const STOP_PATIENCE: Duration = Duration::from_secs(8);

/// A node that takes requests.
pub struct Running {
    pub node: Arc<Node>,
    pub addr: SocketAddr,
    ports: Ports,
    leases: Arc<Leases>,
    shards: Arc<Shards>,
    serving_nodes: JoinHandle<()>,
    stop_nodes: watch::Sender<bool>,
}

impl Running {
    /// Binds first, so that a taken port is said before anything is reached; then sees that log and store fit what the settings say.
    ///
    /// # Errors
    /// When they do not, and says what to do.
    pub async fn start(config: Config, cluster: ClusterConfig, metrics: PrometheusHandle) -> anyhow::Result<Self> {
        tls::choose_cryptography();
        // Before anything listens: what is wrong with it is said at once.
        cluster.ensure_believed()?;
        let encrypted = cluster.node_tls.as_ref().map(Encrypted::new).transpose()?;
        let ports = Ports::open(&config).await?;
        let nodes_at = cluster.node_addr;
        let for_nodes = TcpListener::bind(nodes_at).await.map_err(|error| bind_error("node_addr", nodes_at, error))?;
        std::fs::create_dir_all(&config.data_dir)
            .with_context(|| format!("cannot create the data directory {}", config.data_dir.display()))?;
        ensure_no_own_events(&config.data_dir)?;
        store::look(&cluster.clickhouse).await.context("the store of the cluster (clickhouse_…)")?;
        let beside = NodeBeside::new(&cluster, &config.data_dir);
        let log = Log::connect_beside(&cluster.nats, &beside).await.context("the log of the cluster (nats_…)")?;
        if cluster.roles.contains(&Role::Fold) {
            store::prepare(&cluster.clickhouse, &log).await.context("the store of the cluster (clickhouse_…)")?;
        }
        let (data_dir, settings_of) = (config.data_dir.clone(), cluster.clone());
        let settings = tokio::task::spawn_blocking(move || settings::open(&data_dir, &settings_of)).await??;
        let intake = Intake::Log(LogIntake::new(log.clone()));
        let node_id = id_of(&config)?;
        let node = Node::new(config, metrics, Arc::new(settings), Arc::new(Clock::default()), intake);
        let (stop_nodes, stopping_nodes) = watch::channel(false);
        let entry = hiveboard_log_nats::Node {
            id: node_id,
            address: cluster.node_advertise.clone(),
            can_own: cluster.roles.contains(&Role::Fold),
        };
        let shards = Shards::new(Arc::clone(&node), log.clone(), cluster.clickhouse.clone());
        let (leases, duties) = Leases::join(&log, entry).await.context("joining the cluster")?;
        let leases = Arc::new(leases);
        let about = About {
            node: Arc::clone(&node),
            log: log.clone(),
            leases: Arc::clone(&leases),
            shards: Arc::clone(&shards),
        };
        let front = Front::new(
            Arc::clone(&node),
            log,
            Arc::clone(&leases),
            Arc::clone(&shards),
            cluster.roles.clone(),
            about::routes(about),
            encrypted.as_ref().map(|encrypted| encrypted.client.clone()),
        );
        let service = Service {
            protocol: Protocol::Http1,
            routes: front.for_nodes(),
            reception: Arc::new(Reception::default()),
            per_address: PerAddress::new(0, &[]),
            tls: encrypted.as_ref().map(|encrypted| encrypted.acceptor.clone()),
        };
        if let Some(Encrypted { certificate, .. }) = encrypted {
            tokio::spawn(certificate.follow(stopping_nodes.clone()));
        }
        let serving_nodes = tokio::spawn(serve::serve(for_nodes, service, stopping_nodes));
        tokio::spawn(Arc::clone(&shards).serve(duties));
        jobs::of_node(&node);
        if cluster.roles.contains(&Role::Jobs) {
            jobs::tidy_settings(&node);
        }
        jobs::tick(&node);
        let counted = Arc::clone(&shards);
        jobs::count(&node, move || counted.open().iter().map(|shard| Arc::clone(&shard.app)).collect());
        let ports = ports.begin(&node, front.public()).await;
        Ok(Self { node, addr: ports.addr, ports, leases, shards, serving_nodes, stop_nodes })
    }

    /// Gives back its partitions, each as soon as it is written down, while it still answers; then stops taking work.
    pub async fn stop(self) {
        self.node.stopping.send_replace(true);
        // First, so that the others share what it gives back.
        self.leases.leave().await;
        self.shards.leave().await;
        self.ports.close().await;
        self.stop_nodes.send_replace(true);
        if tokio::time::timeout(STOP_PATIENCE, self.serving_nodes).await.is_err() {
            tracing::warn!("some connections of other nodes did not end in time and were cut");
        }
        let node = self.node;
        if tokio::task::spawn_blocking(move || node.close()).await.is_err() {
            tracing::error!("closing failed; nothing acknowledged is lost");
        }
    }
}

impl Serving for Running {
    fn node(&self) -> &Arc<Node> {
        &self.node
    }

    fn addr(&self) -> SocketAddr {
        self.addr
    }

    fn stop(self) -> impl Future<Output = ()> {
        Self::stop(self)
    }

    fn answer_what_is_in_flight(self) -> impl Future<Output = ()> {
        self.ports.answer_what_is_in_flight()
    }
}

/// How nodes speak TLS to each other: what this one shows, and whom it believes.
struct Encrypted {
    certificate: Arc<tls::Certificate>,
    acceptor: TlsAcceptor,
    client: ClientConfig,
}

impl Encrypted {
    fn new(given: &NodeTls) -> anyhow::Result<Self> {
        let certificate = tls::Certificate::open(given.files.clone()).context("node_tls_cert and node_tls_key")?;
        let acceptor = certificate.acceptor(Protocol::Http1.name())?;
        let client = tls::trusting(given.ca_file.as_deref()).context("node_ca_file")?;
        Ok(Self { certificate, acceptor, client })
    }
}

/// A server that keeps its events itself must not become a node without them.
fn ensure_no_own_events(data_dir: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        EventsBeside::of(data_dir).count()? == 0,
        "{} holds the events of a server of its own: `hiveboard migrate` brings them into the cluster; give the node another data_dir",
        data_dir.display()
    );
    Ok(())
}

/// The node's own id, the same after a restart.
fn id_of(config: &Config) -> anyhow::Result<String> {
    let file = config.data_dir.join("node.id");
    if let Ok(known) = std::fs::read_to_string(&file) {
        return Ok(known.trim().to_owned());
    }
    let id = uuid::Uuid::new_v4().simple().to_string();
    std::fs::write(&file, &id).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(id)
}
