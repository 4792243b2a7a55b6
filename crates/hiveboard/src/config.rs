//! All settings: by flag, by `HIVEBOARD_*`, or in `hiveboard.toml`; the first one given wins, in that order.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use anyhow::{Context, anyhow, bail};
use axum::http::Uri;
use etcetera::{BaseStrategy as _, base_strategy::choose_base_strategy};
use ipnet::IpNet;
use serde::Deserialize;

use crate::{
    alerts::notify::email::{Security, Smtp},
    cluster::config::{ClusterArgs, ClusterConfig},
    tls::TlsFiles,
};

/// Commented defaults, printed by `hiveboard config`.
pub const DEFAULTS: &str = include_str!("hiveboard.toml");

/// Settings as given on the command line or in the environment; `None` where neither says.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ServeArgs {
    /// Where all data lives; unless given, ./hiveboard-data where it is there, else ~/.local/share/hiveboard or the like.
    #[arg(long, env = "HIVEBOARD_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Address and port to listen on. Anything but loopback is reachable by others.
    #[arg(long, env = "HIVEBOARD_ADDR", value_name = "IP:PORT")]
    pub addr: Option<SocketAddr>,
    /// Address and port for OTLP over gRPC; empty switches it off.
    #[arg(long, env = "HIVEBOARD_OTLP_GRPC_ADDR", value_name = "IP:PORT")]
    pub otlp_grpc_addr: Option<String>,
    /// A settings file; `hiveboard.toml` in the working directory is read when it exists.
    #[arg(long, env = "HIVEBOARD_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Create projects that events name and nobody made (true), or reject the events (false).
    #[arg(long, env = "HIVEBOARD_AUTO_CREATE_PROJECTS", value_name = "BOOL")]
    pub auto_create_projects: Option<bool>,
    /// Ingested events a second and key; 0 switches the limit off.
    #[arg(long, env = "HIVEBOARD_RATE_LIMIT_INGEST", value_name = "N")]
    pub rate_limit_ingest: Option<u32>,
    /// Read requests a second and key; 0 switches the limit off.
    #[arg(long, env = "HIVEBOARD_RATE_LIMIT_READ", value_name = "N")]
    pub rate_limit_read: Option<u32>,
    /// Open streams a key; 0 switches the limit off.
    #[arg(long, env = "HIVEBOARD_RATE_LIMIT_STREAMS", value_name = "N")]
    pub rate_limit_streams: Option<u32>,
    /// How long a repeated event is recognised, in days.
    #[arg(long, env = "HIVEBOARD_DEDUP_DAYS", value_name = "N")]
    pub dedup_days: Option<u16>,
    /// Days that events are kept after the day they arrived on, where a workspace does not say otherwise.
    #[arg(long, env = "HIVEBOARD_RETENTION_DAYS", value_name = "N")]
    pub retention_days: Option<u16>,
    /// Ingest stops with `storage_full` when less than this is free, in MiB.
    #[arg(long, env = "HIVEBOARD_FREE_SPACE_FLOOR_MB", value_name = "N")]
    pub free_space_floor_mb: Option<u64>,
    /// The address people reach the board at, like `https://board.example.org` or `https://example.org/hive/`.
    #[arg(long, env = "HIVEBOARD_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Networks whose `Forwarded` and `X-Forwarded-*` are believed, like `127.0.0.1/32`.
    #[arg(long, env = "HIVEBOARD_TRUSTED_PROXIES", value_name = "CIDR,…", value_delimiter = ',')]
    pub trusted_proxies: Option<Vec<String>>,
    /// Connections that one address may hold; 0 switches the limit off.
    #[arg(long, env = "HIVEBOARD_CONNECTIONS_PER_ADDRESS", value_name = "N")]
    pub connections_per_address: Option<u32>,
    /// A certificate in PEM form, with those that vouch for it; with `--tls-key`, the server speaks TLS.
    #[arg(long, env = "HIVEBOARD_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// The key of the certificate, in PEM form.
    #[arg(long, env = "HIVEBOARD_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Let alerts be sent to addresses of this machine and its network.
    #[arg(long, env = "HIVEBOARD_ALERTS_ALLOW_PRIVATE_TARGETS", value_name = "BOOL")]
    pub alerts_allow_private_targets: Option<bool>,
    #[command(flatten)]
    pub smtp: SmtpArgs,
    /// What is logged: error, warn, info, debug, or per module.
    #[arg(long, env = "HIVEBOARD_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// Log lines as JSON; unless given, text on a terminal and JSON elsewhere.
    #[arg(long, env = "HIVEBOARD_LOG_JSON", value_name = "BOOL")]
    pub log_json: Option<bool>,
    #[command(flatten)]
    pub cluster: ClusterArgs,
}

/// The SMTP server that e-mail goes by.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SmtpArgs {
    /// Host of the SMTP server; without it no e-mail is sent.
    #[arg(long, env = "HIVEBOARD_SMTP_HOST", value_name = "HOST")]
    pub smtp_host: Option<String>,
    /// Its port; 587 with STARTTLS, 465 with TLS, 25 without, unless given.
    #[arg(long, env = "HIVEBOARD_SMTP_PORT", value_name = "PORT")]
    pub smtp_port: Option<u16>,
    /// How the connection is secured.
    #[arg(long, env = "HIVEBOARD_SMTP_SECURITY", value_name = "HOW")]
    pub smtp_security: Option<Security>,
    /// Who signs in there.
    #[arg(long, env = "HIVEBOARD_SMTP_USER", value_name = "NAME")]
    pub smtp_user: Option<String>,
    /// By environment or file alone: a command line is for all to see.
    #[arg(skip)]
    pub smtp_password: Option<String>,
    /// The sender, like `HiveBoard <hive@example.org>`.
    #[arg(long, env = "HIVEBOARD_SMTP_FROM", value_name = "ADDRESS")]
    pub smtp_from: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    alerts_allow_private_targets: Option<bool>,
    smtp_host: Option<String>,
    smtp_port: Option<u16>,
    smtp_security: Option<Security>,
    smtp_user: Option<String>,
    smtp_password: Option<String>,
    smtp_from: Option<String>,
    data_dir: Option<PathBuf>,
    addr: Option<SocketAddr>,
    otlp_grpc_addr: Option<String>,
    auto_create_projects: Option<bool>,
    rate_limit_ingest: Option<u32>,
    rate_limit_read: Option<u32>,
    rate_limit_streams: Option<u32>,
    dedup_days: Option<u16>,
    retention_days: Option<u16>,
    free_space_floor_mb: Option<u64>,
    public_url: Option<String>,
    trusted_proxies: Option<Vec<String>>,
    connections_per_address: Option<u32>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    log: Option<String>,
    log_json: Option<bool>,
}

/// Settings in force.
#[derive(Debug, Clone)]
pub struct Config {
    pub data_dir: PathBuf,
    pub addr: SocketAddr,
    /// `None`: nothing listens for gRPC.
    pub otlp_grpc_addr: Option<SocketAddr>,
    /// `None`: as the workspace's own setting says.
    pub auto_create_projects: Option<bool>,
    /// Events a second and key; 0 is off.
    pub rate_limit_ingest: u32,
    /// Requests a second and key; 0 is off.
    pub rate_limit_read: u32,
    /// Open streams a key; 0 is off.
    pub rate_limit_streams: u32,
    pub dedup_days: u16,
    /// The default; at least `dedup_days` hold.
    pub retention_days: u16,
    pub free_space_floor_mb: u64,
    /// Without a slash at its end.
    pub public_url: Option<String>,
    pub trusted_proxies: Vec<IpNet>,
    /// 0 is off.
    pub connections_per_address: u32,
    /// `None`: connections are not encrypted.
    pub tls: Option<TlsFiles>,
    /// Whether alerts may be sent into the server's own network.
    pub alerts_allow_private_targets: bool,
    pub smtp: Smtp,
    pub log: String,
    /// `None`: text on a terminal, JSON elsewhere.
    pub log_json: Option<bool>,
    /// `None`: it keeps its events itself.
    pub cluster: Option<ClusterConfig>,
}

impl Config {
    /// Merges flags and environment with the settings file and the defaults.
    ///
    /// # Errors
    /// When a named file cannot be read, or says something unknown.
    pub fn resolve(args: ServeArgs) -> anyhow::Result<Self> {
        let (file, cluster) = read_file(args.config.as_deref())?;
        Ok(Self {
            data_dir: args.data_dir.or(file.data_dir).unwrap_or_else(usual_data_dir),
            addr: args.addr.or(file.addr).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8000))),
            otlp_grpc_addr: optional_addr(args.otlp_grpc_addr.or(file.otlp_grpc_addr))?,
            auto_create_projects: args.auto_create_projects.or(file.auto_create_projects),
            rate_limit_ingest: args.rate_limit_ingest.or(file.rate_limit_ingest).unwrap_or(20_000),
            rate_limit_read: args.rate_limit_read.or(file.rate_limit_read).unwrap_or(30),
            rate_limit_streams: args.rate_limit_streams.or(file.rate_limit_streams).unwrap_or(5),
            dedup_days: args.dedup_days.or(file.dedup_days).unwrap_or(7),
            retention_days: args.retention_days.or(file.retention_days).unwrap_or(30),
            free_space_floor_mb: args.free_space_floor_mb.or(file.free_space_floor_mb).unwrap_or(64),
            public_url: args.public_url.or(file.public_url).map(|url| public_url(&url)).transpose()?.flatten(),
            trusted_proxies: networks(args.trusted_proxies.or(file.trusted_proxies).unwrap_or_default())?,
            connections_per_address: args.connections_per_address.or(file.connections_per_address).unwrap_or(2_000),
            tls: tls_files("tls_", args.tls_cert.or(file.tls_cert), args.tls_key.or(file.tls_key))?,
            alerts_allow_private_targets: args
                .alerts_allow_private_targets
                .or(file.alerts_allow_private_targets)
                .unwrap_or(false),
            smtp: Smtp {
                host: args.smtp.smtp_host.or(file.smtp_host),
                port: args.smtp.smtp_port.or(file.smtp_port),
                security: args.smtp.smtp_security.or(file.smtp_security).unwrap_or_default(),
                user: args.smtp.smtp_user.or(file.smtp_user),
                password: args
                    .smtp
                    .smtp_password
                    .or_else(|| std::env::var("HIVEBOARD_SMTP_PASSWORD").ok())
                    .or(file.smtp_password),
                from: args.smtp.smtp_from.or(file.smtp_from),
            },
            log: args.log.or(file.log).unwrap_or_else(|| "info".to_owned()),
            log_json: args.log_json.or(file.log_json),
            cluster: args.cluster.or(cluster).resolve()?,
        })
    }
}

/// `./hiveboard-data` where it is there; else where the platform keeps data of programs, so that commands find it from every place.
fn usual_data_dir() -> PathBuf {
    let here = PathBuf::from("./hiveboard-data");
    if here.exists() {
        return here;
    }
    choose_base_strategy().map_or(here, |base| base.data_dir().join("hiveboard"))
}

/// Where OTLP exporters send to unless told otherwise.
const OTLP_GRPC_ADDR: &str = "127.0.0.1:4317";

fn optional_addr(given: Option<String>) -> anyhow::Result<Option<SocketAddr>> {
    let given = given.as_deref().unwrap_or(OTLP_GRPC_ADDR).trim();
    if given.is_empty() {
        return Ok(None);
    }
    given.parse().map(Some).with_context(|| {
        format!("otlp_grpc_addr {given:?} is not an address and port like {OTLP_GRPC_ADDR}; empty switches it off")
    })
}

/// `None` for an empty one.
fn public_url(given: &str) -> anyhow::Result<Option<String>> {
    let url = given.trim().trim_end_matches('/');
    if url.is_empty() {
        return Ok(None);
    }
    let parsed = url.parse::<Uri>().ok().filter(|parsed| {
        matches!(parsed.scheme_str(), Some("http" | "https")) && parsed.host().is_some() && parsed.query().is_none()
    });
    if parsed.is_none() || url.contains('#') {
        bail!("public_url {given:?} is not an address like https://board.example.org or https://example.org/hive/");
    }
    Ok(Some(url.to_owned()))
}

fn networks(given: Vec<String>) -> anyhow::Result<Vec<IpNet>> {
    let network = |text: &String| {
        let text = text.trim();
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map(|network| network.trunc())
            .with_context(|| format!("trusted_proxies: {text:?} is not a network like 10.0.0.0/8 or an address"))
    };
    given.iter().filter(|text| !text.trim().is_empty()).map(network).collect()
}

/// What two settings, `prefix` + "cert" and "key", come to.
///
/// # Errors
/// When one of them is missing.
pub(crate) fn tls_files(prefix: &str, cert: Option<PathBuf>, key: Option<PathBuf>) -> anyhow::Result<Option<TlsFiles>> {
    let given = |path: Option<PathBuf>| path.filter(|path| !path.as_os_str().is_empty());
    match (given(cert), given(key)) {
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
        (None, None) => Ok(None),
        (Some(_), None) => bail!("{prefix}cert is given without {prefix}key: TLS needs both"),
        (None, Some(_)) => bail!("{prefix}key is given without {prefix}cert: TLS needs both"),
    }
}

/// What a file says of the server, and of the cluster that it is a node of.
fn read_file(named: Option<&std::path::Path>) -> anyhow::Result<(File, ClusterArgs)> {
    let default = std::path::Path::new("hiveboard.toml");
    let path = match named {
        Some(path) => path,
        None if default.exists() => default,
        None => return Ok((File::default(), ClusterArgs::default())),
    };
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read the settings file {}", path.display()))?;
    parse(&text).with_context(|| format!("the settings file {} is not valid", path.display()))
}

fn parse(text: &str) -> anyhow::Result<(File, ClusterArgs)> {
    let mut own: toml::Table = toml::from_str(text)?;
    let names: Vec<String> = own.keys().filter(|name| ClusterArgs::knows(name)).cloned().collect();
    let of_cluster: toml::Table =
        names.into_iter().filter_map(|name| Some((name.clone(), own.remove(&name)?))).collect();
    let own = own.try_into().map_err(|error: toml::de::Error| {
        let unknown = error.message().strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        match unknown {
            // Its own list would leave out those of a cluster.
            Some(name) => anyhow!("there is no setting `{name}`; `hiveboard config` prints those that there are"),
            None => error.into(),
        }
    })?;
    Ok((own, of_cluster.try_into()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::config::{LogKind, StoreKind};

    #[test]
    fn a_setting_that_is_not_there_is_named() {
        let refused = parse("cickhouse_urls = []").err().expect("there is none of this name");
        assert!(refused.to_string().starts_with("there is no setting `cickhouse_urls`;"), "{refused:#}");
        let refused = parse("clickhouse_url = []").err().expect("there is none of this name");
        assert!(refused.to_string().contains("`clickhouse_urls`"), "{refused:#}");
    }

    #[test]
    fn the_printed_defaults_are_the_defaults() {
        let text = DEFAULTS.replace("\n# ", "\n").replace("\n## ", "\n# ");
        let (file, cluster) = parse(&text).expect("valid settings");
        assert_eq!(cluster.store, Some(StoreKind::default()));
        assert_eq!(cluster.log_by, Some(LogKind::default()));
        let config = Config::resolve(ServeArgs::default()).expect("defaults resolve");
        assert_eq!((file.data_dir, config.data_dir), (None, usual_data_dir()), "it depends on the place");
        assert_eq!(file.addr, Some(config.addr));
        assert_eq!(file.otlp_grpc_addr, config.otlp_grpc_addr.map(|addr| addr.to_string()));
        assert_eq!(file.rate_limit_ingest, Some(config.rate_limit_ingest));
        assert_eq!(file.rate_limit_read, Some(config.rate_limit_read));
        assert_eq!(file.rate_limit_streams, Some(config.rate_limit_streams));
        assert_eq!(file.dedup_days, Some(config.dedup_days));
        assert_eq!(file.retention_days, Some(config.retention_days));
        assert_eq!(file.free_space_floor_mb, Some(config.free_space_floor_mb));
        assert_eq!(file.alerts_allow_private_targets, Some(config.alerts_allow_private_targets));
        assert_eq!(file.smtp_security, Some(config.smtp.security));
        assert_eq!(file.log, Some(config.log));
        assert_eq!(file.connections_per_address, Some(config.connections_per_address));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_name() {
        let refused = |change: fn(&mut ServeArgs)| {
            let mut args = ServeArgs::default();
            change(&mut args);
            format!("{:#}", Config::resolve(args).expect_err("it is refused"))
        };
        let told = refused(|args| args.public_url = Some("board.example.org".to_owned()));
        assert!(told.contains("public_url"), "{told}");
        let told = refused(|args| args.trusted_proxies = Some(vec!["10.0.0.0/33".to_owned()]));
        assert!(told.contains("trusted_proxies") && told.contains("10.0.0.0/33"), "{told}");
        let told = refused(|args| args.tls_cert = Some("a.crt".into()));
        assert!(told.contains("tls_key"), "{told}");
    }

    #[test]
    fn addresses_are_taken_as_people_write_them() {
        let config = Config::resolve(ServeArgs {
            public_url: Some("https://example.org/hive/".to_owned()),
            trusted_proxies: Some(vec!["127.0.0.1".to_owned(), " 10.1.2.3/8".to_owned(), "::1".to_owned()]),
            ..ServeArgs::default()
        })
        .expect("they resolve");
        assert_eq!(config.public_url.as_deref(), Some("https://example.org/hive"));
        let written: Vec<String> = config.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(written, ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]);
    }

    #[test]
    fn an_unknown_setting_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hiveboard.toml");
        std::fs::write(&path, "adress = \"127.0.0.1:1\"").unwrap();
        let error = Config::resolve(ServeArgs { config: Some(path), ..ServeArgs::default() }).unwrap_err();
        assert!(format!("{error:#}").contains("adress"), "{error:#}");
    }
}
