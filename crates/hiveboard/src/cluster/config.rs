//! The settings of a cluster: by which a server is one node of several.

use std::{collections::BTreeSet, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context, bail, ensure};
use hiveboard_log_nats::{Access, NatsOptions};
use serde::Deserialize;

use crate::{
    config::tls_files,
    tls::{self, TlsFiles},
};

/// Where events are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// In files of this server's own.
    #[default]
    Embedded,
    Clickhouse,
}

/// By what events reach where they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogKind {
    /// At once.
    #[default]
    Embedded,
    Nats,
}

/// What a node does. All of it, unless told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Take events, by HTTP and gRPC.
    Ingest,
    /// Own partitions: store their events, fold them, and answer what they say.
    Fold,
    /// Answer people and programs: what it does not own itself, it passes on.
    Api,
    /// Tidy the settings, and let go what is kept no longer.
    Jobs,
}

/// As given on the command line or in the environment.
#[derive(Debug, Clone, Default, Deserialize, clap::Args)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterArgs {
    /// Where events are kept: embedded (in the data directory) or clickhouse.
    #[arg(long, env = "HIVEBOARD_STORE", value_name = "KIND")]
    pub store: Option<StoreKind>,
    /// By what events get there: embedded (at once) or nats.
    #[arg(long, env = "HIVEBOARD_LOG_BY", value_name = "KIND")]
    pub log_by: Option<LogKind>,
    /// What this node of a cluster does.
    #[arg(long, env = "HIVEBOARD_ROLES", value_name = "ROLE,…", value_delimiter = ',')]
    pub roles: Option<Vec<Role>>,
    /// Address and port for the other nodes; only they may reach it.
    #[arg(long, env = "HIVEBOARD_NODE_ADDR", value_name = "IP:PORT")]
    pub node_addr: Option<SocketAddr>,
    /// The same as the other nodes reach it, where that is another, like `hive-1:8100`.
    #[arg(long, env = "HIVEBOARD_NODE_ADVERTISE", value_name = "HOST:PORT")]
    pub node_advertise: Option<String>,
    /// The node's certificate for the others, in PEM form; with it they speak TLS to each other. For all nodes, or none.
    #[arg(long, env = "HIVEBOARD_NODE_TLS_CERT", value_name = "FILE")]
    pub node_tls_cert: Option<PathBuf>,
    /// The key of that certificate.
    #[arg(long, env = "HIVEBOARD_NODE_TLS_KEY", value_name = "FILE")]
    pub node_tls_key: Option<PathBuf>,
    /// Who vouches for the nodes' certificates, in PEM form, where the system does not know.
    #[arg(long, env = "HIVEBOARD_NODE_CA_FILE", value_name = "FILE")]
    pub node_ca_file: Option<PathBuf>,
    /// HTTP addresses of ClickHouse.
    #[arg(long, env = "HIVEBOARD_CLICKHOUSE_URLS", value_name = "URL,…", value_delimiter = ',')]
    pub clickhouse_urls: Option<Vec<String>>,
    /// The database there.
    #[arg(long, env = "HIVEBOARD_CLICKHOUSE_DATABASE", value_name = "NAME")]
    pub clickhouse_database: Option<String>,
    /// The cluster of ClickHouse servers that hold copies, by its name in their configuration; without, one server.
    #[arg(long, env = "HIVEBOARD_CLICKHOUSE_CLUSTER", value_name = "NAME")]
    pub clickhouse_cluster: Option<String>,
    /// Who signs in there.
    #[arg(long, env = "HIVEBOARD_CLICKHOUSE_USER", value_name = "NAME")]
    pub clickhouse_user: Option<String>,
    /// By environment or file alone: a command line is for all to see.
    #[arg(skip)]
    pub clickhouse_password: Option<String>,
    /// Who vouches for its certificate, in PEM form, where the system does not know.
    #[arg(long, env = "HIVEBOARD_CLICKHOUSE_CA_FILE", value_name = "FILE")]
    pub clickhouse_ca_file: Option<PathBuf>,
    /// Addresses of NATS, like `nats://10.0.0.1:4222`.
    #[arg(long, env = "HIVEBOARD_NATS_URLS", value_name = "URL,…", value_delimiter = ',')]
    pub nats_urls: Option<Vec<String>>,
    /// Who signs in there.
    #[arg(long, env = "HIVEBOARD_NATS_USER", value_name = "NAME")]
    pub nats_user: Option<String>,
    /// By environment or file alone.
    #[arg(skip)]
    pub nats_password: Option<String>,
    /// By environment or file alone.
    #[arg(skip)]
    pub nats_token: Option<String>,
    /// A credentials file of NATS.
    #[arg(long, env = "HIVEBOARD_NATS_CREDENTIALS_FILE", value_name = "FILE")]
    pub nats_credentials_file: Option<PathBuf>,
    /// Who vouches for its certificate, in PEM form, where the system does not know.
    #[arg(long, env = "HIVEBOARD_NATS_CA_FILE", value_name = "FILE")]
    pub nats_ca_file: Option<PathBuf>,
    /// Copies of the log: 1, 3 or 5.
    #[arg(long, env = "HIVEBOARD_NATS_REPLICAS", value_name = "N")]
    pub nats_replicas: Option<u8>,
    /// What names of streams begin with, so that several clusters share a NATS.
    #[arg(long, env = "HIVEBOARD_NATS_PREFIX", value_name = "NAME")]
    pub nats_prefix: Option<String>,
    /// Parts that the cluster's data is divided in, once for all; at least as many as there will be nodes.
    #[arg(long, env = "HIVEBOARD_NATS_PARTITIONS", value_name = "N")]
    pub nats_partitions: Option<u16>,
    /// How long the log keeps what is not stored yet, in hours.
    #[arg(long, env = "HIVEBOARD_NATS_LOG_HOURS", value_name = "N")]
    pub nats_log_hours: Option<u32>,
    /// How much of it a partition, in MiB.
    #[arg(long, env = "HIVEBOARD_NATS_LOG_MB", value_name = "N")]
    pub nats_log_mb: Option<u64>,
}

/// Settings in force.
#[derive(Debug, Clone)]
pub struct ClusterConfig {
    pub roles: BTreeSet<Role>,
    pub node_addr: SocketAddr,
    /// `host:port`.
    pub node_advertise: String,
    /// Where nodes speak TLS to each other.
    pub node_tls: Option<NodeTls>,
    pub clickhouse: ClickHouseConfig,
    pub nats: NatsOptions,
}

/// How nodes speak TLS to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeTls {
    /// What this node shows.
    pub files: TlsFiles,
    /// Who vouches for what the others show, where the system does not know.
    pub ca_file: Option<PathBuf>,
}

impl ClusterConfig {
    /// Where other nodes reach this one, without the port.
    pub fn host(&self) -> &str {
        self.node_advertise.rsplit_once(':').map_or(&self.node_advertise, |(host, _)| host)
    }

    /// Sees that the other nodes, which have the same settings, believe this one's certificate.
    ///
    /// # Errors
    /// When they would not; says why.
    pub fn ensure_believed(&self) -> anyhow::Result<()> {
        let Some(NodeTls { files, ca_file }) = &self.node_tls else { return Ok(()) };
        tls::ensure_believed(files, ca_file.as_deref(), self.host()).context(
            "the other nodes would not talk to this one (node_tls_cert, node_tls_key, node_ca_file, node_advertise)",
        )
    }
}

#[derive(Clone)]
pub struct ClickHouseConfig {
    pub urls: Vec<String>,
    pub database: String,
    pub user: String,
    pub password: Option<String>,
    pub cluster: Option<String>,
    pub ca_file: Option<PathBuf>,
}

impl std::fmt::Debug for ClickHouseConfig {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ClickHouseConfig")
            .field("urls", &self.urls)
            .field("database", &self.database)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl ClusterArgs {
    /// Whether a setting is one of these.
    pub fn knows(name: &str) -> bool {
        name.starts_with("clickhouse_")
            || name.starts_with("nats_")
            || name.starts_with("node_")
            || matches!(name, "store" | "log_by" | "roles")
    }

    /// What is given here counts before what a file says.
    #[must_use]
    pub fn or(self, file: Self) -> Self {
        Self {
            store: self.store.or(file.store),
            log_by: self.log_by.or(file.log_by),
            roles: self.roles.or(file.roles),
            node_addr: self.node_addr.or(file.node_addr),
            node_advertise: self.node_advertise.or(file.node_advertise),
            node_tls_cert: self.node_tls_cert.or(file.node_tls_cert),
            node_tls_key: self.node_tls_key.or(file.node_tls_key),
            node_ca_file: self.node_ca_file.or(file.node_ca_file),
            clickhouse_urls: self.clickhouse_urls.or(file.clickhouse_urls),
            clickhouse_database: self.clickhouse_database.or(file.clickhouse_database),
            clickhouse_cluster: self.clickhouse_cluster.or(file.clickhouse_cluster),
            clickhouse_user: self.clickhouse_user.or(file.clickhouse_user),
            clickhouse_password: self
                .clickhouse_password
                .or_else(|| secret("HIVEBOARD_CLICKHOUSE_PASSWORD"))
                .or(file.clickhouse_password),
            clickhouse_ca_file: self.clickhouse_ca_file.or(file.clickhouse_ca_file),
            nats_urls: self.nats_urls.or(file.nats_urls),
            nats_user: self.nats_user.or(file.nats_user),
            nats_password: self.nats_password.or_else(|| secret("HIVEBOARD_NATS_PASSWORD")).or(file.nats_password),
            nats_token: self.nats_token.or_else(|| secret("HIVEBOARD_NATS_TOKEN")).or(file.nats_token),
            nats_credentials_file: self.nats_credentials_file.or(file.nats_credentials_file),
            nats_ca_file: self.nats_ca_file.or(file.nats_ca_file),
            nats_replicas: self.nats_replicas.or(file.nats_replicas),
            nats_prefix: self.nats_prefix.or(file.nats_prefix),
            nats_partitions: self.nats_partitions.or(file.nats_partitions),
            nats_log_hours: self.nats_log_hours.or(file.nats_log_hours),
            nats_log_mb: self.nats_log_mb.or(file.nats_log_mb),
        }
    }

    /// What it comes to: `None` for a server that keeps its events itself.
    ///
    /// # Errors
    /// When it fits together in no way; says what to do.
    pub fn resolve(self) -> anyhow::Result<Option<ClusterConfig>> {
        match (self.store.unwrap_or_default(), self.log_by.unwrap_or_default()) {
            (StoreKind::Embedded, LogKind::Embedded) => {
                if let Some(name) = self.first_given() {
                    bail!(
                        "{name} is a setting of a cluster, and this server keeps its events itself: set store = \"clickhouse\" and log_by = \"nats\", or leave it out"
                    );
                }
                return Ok(None);
            }
            (StoreKind::Clickhouse, LogKind::Nats) => {}
            (StoreKind::Clickhouse, LogKind::Embedded) => {
                bail!(
                    "store = \"clickhouse\" needs log_by = \"nats\": several nodes share the store, and the log tells who writes what"
                )
            }
            (StoreKind::Embedded, LogKind::Nats) => {
                bail!(
                    "log_by = \"nats\" needs store = \"clickhouse\": what comes out of the log is stored for all nodes"
                )
            }
        }
        let Some(node_addr) = self.node_addr else {
            bail!(
                "node_addr is missing: the address and port on which the other nodes reach this one, like 10.0.0.1:8100"
            )
        };
        let node_advertise = if let Some(given) = self.node_advertise {
            let port = given.rsplit_once(':').filter(|(host, _)| !host.is_empty());
            let port = port.and_then(|(_, port)| port.parse::<u16>().ok());
            ensure!(
                port.is_some_and(|port| port > 0),
                "node_advertise {given:?} is not a host and port like hive-1:8100"
            );
            given
        } else {
            ensure!(
                !node_addr.ip().is_unspecified(),
                "node_addr {node_addr} is every address of this machine: say with node_advertise which of them the other nodes reach"
            );
            node_addr.to_string()
        };
        let roles: BTreeSet<Role> = match self.roles {
            Some(given) => given.into_iter().collect(),
            None => [Role::Ingest, Role::Fold, Role::Api, Role::Jobs].into(),
        };
        let ca_file = self.node_ca_file.filter(|path| !path.as_os_str().is_empty());
        let node_tls = tls_files("node_tls_", self.node_tls_cert, self.node_tls_key)?;
        ensure!(
            ca_file.is_none() || node_tls.is_some(),
            "node_ca_file is given without node_tls_cert and node_tls_key: nodes speak TLS with those"
        );
        let node_tls = node_tls.map(|files| NodeTls { files, ca_file });
        let database = self.clickhouse_database.unwrap_or_else(|| "hiveboard".to_owned());
        ensure!(
            !database.is_empty() && database.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'_'),
            "clickhouse_database {database:?} is no name of a database: letters, digits and _ make it"
        );
        ensure!(!roles.is_empty(), "roles is empty: a node does at least one of ingest, fold, api and jobs");
        Ok(Some(ClusterConfig {
            roles,
            node_addr,
            node_advertise,
            node_tls,
            clickhouse: ClickHouseConfig {
                urls: urls("clickhouse_urls", self.clickhouse_urls, &["http://", "https://"])?,
                database,
                user: self.clickhouse_user.unwrap_or_else(|| "default".to_owned()),
                password: self.clickhouse_password,
                cluster: self.clickhouse_cluster,
                ca_file: self.clickhouse_ca_file,
            },
            nats: NatsOptions {
                urls: urls("nats_urls", self.nats_urls, &["nats://", "tls://", "ws://", "wss://"])?,
                access: access(self.nats_user, self.nats_password, self.nats_token, self.nats_credentials_file)?,
                ca_file: self.nats_ca_file,
                replicas: self.nats_replicas.unwrap_or(1),
                prefix: self.nats_prefix.unwrap_or_else(|| "hiveboard".to_owned()),
                partitions: self.nats_partitions,
                max_age: Duration::from_secs(u64::from(self.nats_log_hours.unwrap_or(168)) * 3_600),
                max_bytes: self.nats_log_mb.unwrap_or(16_384) << 20,
                ..NatsOptions::default()
            },
        }))
    }

    /// A setting that means nothing without a cluster.
    fn first_given(&self) -> Option<&'static str> {
        [
            ("node_addr", self.node_addr.is_some()),
            ("node_advertise", self.node_advertise.is_some()),
            ("node_tls_cert", self.node_tls_cert.is_some()),
            ("clickhouse_urls", self.clickhouse_urls.is_some()),
            ("nats_urls", self.nats_urls.is_some()),
        ]
        .into_iter()
        .find_map(|(name, is_given)| is_given.then_some(name))
    }
}

fn secret(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|text| !text.is_empty())
}

fn urls(name: &str, given: Option<Vec<String>>, schemes: &[&str]) -> anyhow::Result<Vec<String>> {
    let given = given.unwrap_or_default();
    ensure!(!given.is_empty(), "{name} is missing: addresses that begin with {}", schemes.join(" or "));
    for url in &given {
        ensure!(
            schemes.iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty())),
            "{name}: {url:?} does not begin with {}",
            schemes.join(" or ")
        );
    }
    Ok(given)
}

fn access(
    user: Option<String>,
    password: Option<String>,
    token: Option<String>,
    credentials: Option<PathBuf>,
) -> anyhow::Result<Access> {
    Ok(match (user, password, token, credentials) {
        (None, None, None, None) => Access::Open,
        (Some(user), Some(password), None, None) => Access::Password { user, password },
        (None, None, Some(token), None) => Access::Token(token),
        (None, None, None, Some(file)) => Access::CredentialsFile(file),
        (Some(_), None, ..) => bail!("nats_user is given without nats_password (HIVEBOARD_NATS_PASSWORD)"),
        (None, Some(_), ..) => bail!("nats_password is given without nats_user"),
        _ => {
            bail!("one way into NATS is enough: nats_user with nats_password, or nats_token, or nats_credentials_file")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> ClusterArgs {
        ClusterArgs {
            store: Some(StoreKind::Clickhouse),
            log_by: Some(LogKind::Nats),
            node_addr: Some(([10, 0, 0, 1], 8100).into()),
            clickhouse_urls: Some(vec!["http://10.0.0.7:8123".to_owned()]),
            nats_urls: Some(vec!["nats://10.0.0.8:4222".to_owned()]),
            ..ClusterArgs::default()
        }
    }

    #[test]
    fn what_is_whole_is_taken_with_its_defaults() {
        let config = whole().resolve().expect("valid").expect("a cluster");
        let printed = crate::config::DEFAULTS;
        for (name, value) in [
            ("clickhouse_database", format!("{:?}", config.clickhouse.database)),
            ("nats_replicas", config.nats.replicas.to_string()),
            ("nats_prefix", format!("{:?}", config.nats.prefix)),
            ("nats_log_hours", (config.nats.max_age.as_secs() / 3_600).to_string()),
            ("nats_log_mb", (config.nats.max_bytes >> 20).to_string()),
            ("roles", "[\"ingest\", \"fold\", \"api\", \"jobs\"]".to_owned()),
        ] {
            assert!(printed.contains(&format!("\n# {name} = {value}\n")), "{name} = {value}");
        }
        assert_eq!(config.node_advertise, "10.0.0.1:8100");
        assert_eq!(config.roles.len(), 4);
        assert_eq!(config.clickhouse.database, "hiveboard");
        assert_eq!((config.nats.replicas, config.nats.max_bytes), (1, 16 * 1024 * 1024 * 1024));
        assert!(ClusterArgs::default().resolve().expect("valid").is_none(), "nothing said is a server of its own");
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_name() {
        type Change = fn(&mut ClusterArgs);
        let cases: [(&str, Change); 13] = [
            ("clickhouse_database", |args| args.clickhouse_database = Some("no-name".to_owned())),
            ("log_by", |args| args.log_by = None),
            ("store", |args| args.store = None),
            ("node_addr", |args| args.node_addr = None),
            ("node_advertise", |args| args.node_addr = Some(([0, 0, 0, 0], 8100).into())),
            ("node_advertise", |args| args.node_advertise = Some("hive-1".to_owned())),
            ("node_tls_key", |args| args.node_tls_cert = Some("node.crt".into())),
            ("node_tls_cert", |args| args.node_ca_file = Some("ca.crt".into())),
            ("clickhouse_urls", |args| args.clickhouse_urls = None),
            ("clickhouse_urls", |args| args.clickhouse_urls = Some(vec!["tcp://10.0.0.7:9000".to_owned()])),
            ("nats_urls", |args| args.nats_urls = Some(vec!["10.0.0.8:4222".to_owned()])),
            ("nats_password", |args| args.nats_user = Some("hive".to_owned())),
            ("roles", |args| args.roles = Some(Vec::new())),
        ];
        for (name, change) in cases {
            let mut args = whole();
            change(&mut args);
            let told = args.resolve().expect_err(name).to_string();
            assert!(told.contains(name), "{name}: {told}");
        }
        let alone = ClusterArgs { nats_urls: whole().nats_urls, ..ClusterArgs::default() };
        let told = alone.resolve().expect_err("no cluster").to_string();
        assert!(told.contains("nats_urls"), "{told}");
    }
}
