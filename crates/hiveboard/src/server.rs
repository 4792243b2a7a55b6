//! Starting, serving, stopping.

use std::{
    io::Write,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, anyhow};
use hiveboard_settings::Settings;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use crate::{
    alerts,
    app::App,
    clock::Clock,
    config::Config,
    ingest::otlp,
    jobs,
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
        // Before anything listens: a signal that comes right after it must not end the process the hard way.
        let mut signals = Signals::catch()?;
        let running = tokio::select! {
            running = Running::start(config, metrics) => running?,
            () = signals.wait() => return Ok(()),
        };
        let board = announce(&running)?;
        if open {
            show(&board);
        }
        let why = tokio::select! {
            () = signals.wait() => None,
            why = running.app.supervisor.fault() => Some(why),
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
    });
    // A replay that a signal came into is not waited for.
    runtime.shutdown_background();
    ended
}

/// A server that takes requests.
pub struct Running {
    pub app: Arc<App>,
    pub addr: SocketAddr,
    _address_note: AddressNote,
    serving: tokio::task::JoinHandle<()>,
    stop_serving: watch::Sender<bool>,
}

impl Running {
    /// Binds first, so that a taken port is said before anything is opened, and `/health` and `/ready` answer while events are replayed.
    pub async fn start(config: Config, metrics: PrometheusHandle) -> anyhow::Result<Self> {
        Self::start_at(config, metrics, Clock::default()).await
    }

    /// The same with a clock that is given.
    pub async fn start_at(config: Config, metrics: PrometheusHandle, clock: Clock) -> anyhow::Result<Self> {
        tls::choose_cryptography();
        // Before anything listens: a wrong pair is said at once.
        let certificate = config.tls.clone().map(tls::Certificate::open).transpose()?;
        let listener = TcpListener::bind(config.addr).await.map_err(|error| bind_error(config.addr, error))?;
        let addr = listener.local_addr()?;
        let startup = Arc::new(Startup::default());
        let (stop_serving, stopping) = watch::channel(false);
        let tls = |protocol: Protocol| certificate.as_ref().map(|own| own.acceptor(protocol.name())).transpose();
        let service = Service {
            protocol: Protocol::Http1,
            routes: startup::routes(Arc::clone(&startup)),
            reception: Arc::new(Reception::new(&config)),
            per_address: PerAddress::new(config.connections_per_address, &config.trusted_proxies),
            tls: tls(Protocol::Http1)?,
        };
        let grpc = Service { protocol: Protocol::Http2, tls: tls(Protocol::Http2)?, ..service.clone() };
        if let Some(certificate) = certificate {
            tokio::spawn(certificate.follow(stopping.clone()));
        }
        let serving = tokio::spawn(serve::serve(listener, service, stopping.clone()));
        let progress = Arc::clone(&startup.progress);
        let app = tokio::task::spawn_blocking(move || App::open(config, metrics, clock, &progress)).await??;
        let address_note = remote::announce_locally(&app.config, addr)?;
        alerts::start(&app);
        alerts::outbox::start(&app);
        jobs::of_node(app.node());
        jobs::of_events(&app);
        jobs::count(&app);
        let grpc = otlp::grpc::start(app.node(), grpc, stopping).await;
        startup.ready(router::routes(Arc::clone(&app)));
        let serving = tokio::spawn(async move {
            for port in grpc.into_iter().chain([serving]) {
                if let Err(error) = port.await {
                    tracing::error!(%error, "a port is not served any more");
                }
            }
        });
        Ok(Self { app, addr, _address_note: address_note, serving, stop_serving })
    }

    /// Stops taking work and lets requests in flight be answered, for a moment; closes nothing.
    async fn answer_what_is_in_flight(self) {
        self.stop_serving.send_replace(true);
        let _some_are_cut = tokio::time::timeout(FAULT_PATIENCE, self.serving).await;
    }

    /// Stops taking work, finishes what is in flight, closes the store.
    pub async fn stop(self) {
        self.app.stopping.send_replace(true);
        self.stop_serving.send_replace(true);
        if tokio::time::timeout(STOP_PATIENCE, self.serving).await.is_err() {
            tracing::warn!("some connections did not end in time and were cut");
        }
        let app = self.app;
        if tokio::task::spawn_blocking(move || close(&app)).await.is_err() {
            tracing::error!("closing the store failed; nothing acknowledged is lost");
        }
    }
}

fn close(app: &App) {
    app.close();
    app.node().close();
}

fn bind_error(addr: SocketAddr, error: std::io::Error) -> anyhow::Error {
    let what = match error.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "{addr} is taken: another program listens there, maybe another HiveBoard. Stop it, or choose another port with --addr {}:{}",
            addr.ip(),
            addr.port().wrapping_add(1).max(1024)
        ),
        std::io::ErrorKind::PermissionDenied => {
            format!("not allowed to listen on {addr}; ports below 1024 need more rights, choose another with --addr")
        }
        _ => format!("cannot listen on {addr}; choose another address with --addr"),
    };
    anyhow::Error::new(error).context(what)
}

pub fn board_url(config: &Config, addr: SocketAddr) -> String {
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    // What listens on all addresses is reached by this machine's own.
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    config.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", SocketAddr::new(ip, addr.port())))
}

/// A one-time link to the board.
pub fn login_link(settings: &dyn Settings, board_url: &str) -> anyhow::Result<String> {
    let token = settings.create_login_token(Duration::from_secs(LOGIN_LINK_MINUTES * 60))?;
    Ok(format!("{board_url}/enter?token={token}"))
}

/// Says where the board is, and answers the link that opens it.
fn announce(running: &Running) -> anyhow::Result<String> {
    let board = board_url(&running.app.config, running.addr);
    let mut out = std::io::stdout().lock();
    writeln!(out, "HiveBoard listens on {board}")?;
    if !running.addr.ip().is_loopback() && running.app.config.tls.is_none() {
        writeln!(
            out,
            "It is reachable from other machines, without TLS: give it --tls-cert and --tls-key, or put a proxy with TLS in front of it."
        )?;
    }
    if !running.app.settings.has_owner()? && !running.app.settings.has_sessions()? {
        let link = login_link(&*running.app.settings, &board)?;
        writeln!(
            out,
            "Enter the board with this link, which works once, within {LOGIN_LINK_MINUTES} minutes:\n{link}"
        )?;
        out.flush()?;
        return Ok(link);
    }
    out.flush()?;
    Ok(board)
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
