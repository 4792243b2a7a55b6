//! Starting, serving, stopping.

use std::{io::Write, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, anyhow};
use axum::Router;
use hiveboard_settings::Settings;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

use crate::{
    alerts,
    app::App,
    clock::Clock,
    cluster,
    config::Config,
    ingest::otlp,
    jobs,
    node::Node,
    reception::Reception,
    remote::{self, AddressNote},
    router,
    serve::{self, PerAddress, Protocol, Service},
    startup::{self, Startup},
    telemetry, tls,
};

/// How long a one-time link to the board works.
pub const LOGIN_LINK_MINUTES: u64 = 60;
/// After SIGTERM, requests in flight get so long.
const STOP_PATIENCE: Duration = Duration::from_secs(8);
/// The same after a part failed that nothing goes on without: who waits for an answer is told to send again.
const FAULT_PATIENCE: Duration = Duration::from_secs(1);

/// Serves until SIGINT or SIGTERM. With `open`, a browser is shown the board.
pub fn run(config: Config, open: bool) -> anyhow::Result<()> {
    telemetry::start_logs(&config)?;
    let metrics = telemetry::start_metrics()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    let ended = runtime.block_on(async {
        match config.cluster.clone() {
            None => until_told(Running::start(config, metrics), open).await,
            // Not on the stack: it is large.
            Some(cluster) => until_told(Box::pin(cluster::Running::start(config, cluster, metrics)), open).await,
        }
    });
    // A replay that a signal came into is not waited for.
    runtime.shutdown_background();
    ended
}

/// What serves, by itself or as one of several.
pub(crate) trait Serving {
    fn node(&self) -> &Arc<Node>;
    fn addr(&self) -> SocketAddr;
    fn stop(self) -> impl Future<Output = ()>;
    /// Stops taking work and lets requests in flight be answered, for a moment; closes nothing.
    fn answer_what_is_in_flight(self) -> impl Future<Output = ()>;
}

async fn until_told<S: Serving>(start: impl Future<Output = anyhow::Result<S>>, open: bool) -> anyhow::Result<()> {
    // Before anything listens: a signal that comes right after it must not end the process the hard way.
    let mut signals = Signals::catch()?;
    let running = tokio::select! {
        running = start => running?,
        () = signals.wait() => return Ok(()),
    };
    let board = announce(running.node(), running.addr())?;
    if open {
        show(&board);
    }
    let node = Arc::clone(running.node());
    let why = tokio::select! {
        () = signals.wait() => None,
        why = node.supervisor.fault() => Some(why),
    };
    match why {
        None => {
            tracing::info!("stopping: finishing what is in flight");
            running.stop().await;
            Ok(())
        }
        // Nothing more is written: what is in memory may be half done, what was acknowledged is on disk.
        Some(why) => {
            running.answer_what_is_in_flight().await;
            Err(anyhow!(
                "{why}, and the server ends; the log says more. Nothing acknowledged is lost: start it again, and it folds the events anew."
            ))
        }
    }
}

/// A server that takes requests, and serves all its events itself.
pub struct Running {
    pub app: Arc<App>,
    pub addr: SocketAddr,
    _address_note: AddressNote,
    ports: Ports,
}

impl Running {
    /// Binds first, so that a taken port is said before anything is opened, and `/health` and `/ready` answer while events are replayed.
    pub async fn start(config: Config, metrics: PrometheusHandle) -> anyhow::Result<Self> {
        Self::start_at(config, metrics, Clock::default()).await
    }

    /// The same with a clock that is given.
    pub async fn start_at(config: Config, metrics: PrometheusHandle, clock: Clock) -> anyhow::Result<Self> {
        let ports = Ports::open(&config).await?;
        let progress = Arc::clone(&ports.startup.progress);
        let app = tokio::task::spawn_blocking(move || App::open(config, metrics, clock, &progress)).await??;
        let address_note = remote::announce_locally(&app.config, ports.addr)?;
        alerts::start(&app);
        alerts::outbox::start(&app);
        jobs::of_node(app.node());
        jobs::tidy_settings(app.node());
        jobs::of_events(&app);
        let served = Arc::clone(&app);
        jobs::count(app.node(), move || vec![Arc::clone(&served)]);
        let ports = ports.begin(app.node(), router::routes(Arc::clone(&app))).await;
        Ok(Self { addr: ports.addr, app, _address_note: address_note, ports })
    }

    /// Stops taking work, finishes what is in flight, closes the store.
    pub async fn stop(self) {
        self.app.stopping.send_replace(true);
        self.ports.close().await;
        let app = self.app;
        if tokio::task::spawn_blocking(move || close(&app)).await.is_err() {
            tracing::error!("closing the store failed; nothing acknowledged is lost");
        }
    }
}

impl Serving for Running {
    fn node(&self) -> &Arc<Node> {
        self.app.node()
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

fn close(app: &App) {
    app.close();
    app.node().close();
}

/// Where people and programs come in.
pub(crate) struct Ports {
    pub(crate) addr: SocketAddr,
    startup: Arc<Startup>,
    grpc: Service,
    serving: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl Ports {
    /// Listens, and says that the server is not ready.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        tls::choose_cryptography();
        // Before anything listens: a wrong pair is said at once.
        let certificate = config.tls.clone().map(tls::Certificate::open).transpose()?;
        let listener = TcpListener::bind(config.addr).await.map_err(|error| bind_error("addr", config.addr, error))?;
        let addr = listener.local_addr()?;
        let startup = Arc::new(Startup::default());
        let (stop, stopping) = watch::channel(false);
        let tls = |protocol: Protocol| certificate.as_ref().map(|own| own.acceptor(protocol.name())).transpose();
        let service = Service {
            protocol: Protocol::Http1,
            routes: startup::routes(Arc::clone(&startup)),
            reception: Arc::new(Reception::new(config)),
            per_address: PerAddress::new(config.connections_per_address, &config.trusted_proxies),
            tls: tls(Protocol::Http1)?,
        };
        let grpc = Service { protocol: Protocol::Http2, tls: tls(Protocol::Http2)?, ..service.clone() };
        if let Some(certificate) = certificate {
            tokio::spawn(certificate.follow(stopping.clone()));
        }
        let serving = vec![tokio::spawn(serve::serve(listener, service, stopping))];
        Ok(Self { addr, startup, grpc, serving, stop })
    }

    /// From now on these routes answer, and OTLP comes in over gRPC.
    pub(crate) async fn begin(mut self, node: &Arc<Node>, routes: Router) -> Self {
        let grpc = otlp::grpc::start(node, self.grpc.clone(), self.stop.subscribe()).await;
        self.serving.extend(grpc);
        self.startup.ready(routes);
        self
    }

    /// Takes no more, and lets what is in flight be answered, for a moment.
    pub(crate) async fn answer_what_is_in_flight(self) {
        self.stop.send_replace(true);
        let ended = futures_util::future::join_all(self.serving);
        let _some_are_cut = tokio::time::timeout(FAULT_PATIENCE, ended).await;
    }

    /// Takes no more, and finishes what is in flight.
    pub(crate) async fn close(self) {
        self.stop.send_replace(true);
        let ended = async {
            for port in self.serving {
                if let Err(error) = port.await {
                    tracing::error!(%error, "a port is not served any more");
                }
            }
        };
        if tokio::time::timeout(STOP_PATIENCE, ended).await.is_err() {
            tracing::warn!("some connections did not end in time and were cut");
        }
    }
}

/// Says what is in the way of listening, by the setting's name.
pub(crate) fn bind_error(setting: &str, addr: SocketAddr, error: std::io::Error) -> anyhow::Error {
    let flag = format!("--{}", setting.replace('_', "-"));
    let what = match error.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "{addr} is taken: another program listens there, maybe another HiveBoard. Stop it, or choose another port with {flag} {}:{}",
            addr.ip(),
            addr.port().wrapping_add(1).max(1024)
        ),
        std::io::ErrorKind::PermissionDenied => {
            format!("not allowed to listen on {addr}; ports below 1024 need more rights, choose another with {flag}")
        }
        _ => format!("cannot listen on {addr}; choose another address with {flag}"),
    };
    anyhow::Error::new(error).context(what)
}

/// Where people find the board of a server that listens there.
pub fn board_url(config: &Config, addr: SocketAddr) -> String {
    config.public_url.clone().unwrap_or_else(|| remote::reached_at(config, addr))
}

/// A one-time link to the board.
pub fn login_link(settings: &dyn Settings, board_url: &str) -> anyhow::Result<String> {
    let token = settings.create_login_token(Duration::from_secs(LOGIN_LINK_MINUTES * 60))?;
    Ok(format!("{board_url}/enter?token={token}"))
}

/// Says where the board is, and answers the link that opens it.
fn announce(node: &Node, addr: SocketAddr) -> anyhow::Result<String> {
    let board = board_url(&node.config, addr);
    let mut said = vec![format!("HiveBoard listens on {board}")];
    if !addr.ip().is_loopback() && node.config.tls.is_none() {
        said.push(
            "It is reachable from other machines, without TLS: give it --tls-cert and --tls-key, or put a proxy with TLS in front of it."
                .to_owned(),
        );
    }
    let is_new = !node.settings.has_owner()? && !node.settings.has_sessions()?;
    let door = if is_new { login_link(&*node.settings, &board)? } else { board };
    if is_new {
        said.push(format!("Enter the board with this link, which works once, within {LOGIN_LINK_MINUTES} minutes:"));
        said.push(door.clone());
    }
    let mut out = std::io::stdout().lock();
    if let Err(error) = writeln!(out, "{}", said.join("\n")).and_then(|()| out.flush()) {
        tracing::warn!(%error, "nobody reads the standard output: it serves all the same");
    }
    Ok(door)
}

fn show(board: &str) {
    if let Err(error) = open::that_detached(board) {
        tracing::warn!(%error, "no browser could be opened; the link is printed above");
    }
}

/// What asks the server to stop.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn catch() -> anyhow::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServeArgs;

    #[test]
    fn where_all_addresses_are_listened_on_links_lead_to_the_machines_own() {
        let config = Config { public_url: None, ..Config::resolve(ServeArgs::default()).unwrap() };
        let url = |addr: &str| board_url(&config, addr.parse().unwrap());
        assert_eq!(
            ["0.0.0.0:80", "[::]:80", "192.0.2.1:80", "[::1]:80"].map(url),
            ["http://127.0.0.1:80", "http://[::1]:80", "http://192.0.2.1:80", "http://[::1]:80"]
        );
    }
}
