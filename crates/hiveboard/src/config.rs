//! All settings: by flag, by `HIVEBOARD_*`, or in `hiveboard.toml`; the first one given wins, in that order.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use serde::Deserialize;

/// Commented defaults, printed by `hiveboard config`.
pub const DEFAULTS: &str = include_str!("hiveboard.toml");

/// Settings as given on the command line or in the environment; `None` where neither says.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ServeArgs {
    /// Where all data lives.
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
    /// The address people reach the board at, for printed links, like `https://board.example.org`.
    #[arg(long, env = "HIVEBOARD_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// What is logged: error, warn, info, debug, or per module.
    #[arg(long, env = "HIVEBOARD_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// Log lines as JSON.
    #[arg(long, env = "HIVEBOARD_LOG_JSON", value_name = "BOOL")]
    pub log_json: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
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
    log: Option<String>,
    log_json: Option<bool>,
}

/// Settings in force.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub public_url: Option<String>,
    pub log: String,
    pub log_json: bool,
}

impl Config {
    /// Merges flags and environment with the settings file and the defaults.
    ///
    /// # Errors
    /// When a named file cannot be read, or says something unknown.
    pub fn resolve(args: ServeArgs) -> anyhow::Result<Self> {
        let file = read_file(args.config.as_deref())?;
        Ok(Self {
            data_dir: args.data_dir.or(file.data_dir).unwrap_or_else(|| PathBuf::from("./hiveboard-data")),
            addr: args.addr.or(file.addr).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8000))),
            otlp_grpc_addr: optional_addr(args.otlp_grpc_addr.or(file.otlp_grpc_addr))?,
            auto_create_projects: args.auto_create_projects.or(file.auto_create_projects),
            rate_limit_ingest: args.rate_limit_ingest.or(file.rate_limit_ingest).unwrap_or(20_000),
            rate_limit_read: args.rate_limit_read.or(file.rate_limit_read).unwrap_or(30),
            rate_limit_streams: args.rate_limit_streams.or(file.rate_limit_streams).unwrap_or(5),
            dedup_days: args.dedup_days.or(file.dedup_days).unwrap_or(7),
            retention_days: args.retention_days.or(file.retention_days).unwrap_or(30),
            free_space_floor_mb: args.free_space_floor_mb.or(file.free_space_floor_mb).unwrap_or(64),
            public_url: args.public_url.or(file.public_url),
            log: args.log.or(file.log).unwrap_or_else(|| "info".to_owned()),
            log_json: args.log_json.or(file.log_json).unwrap_or(false),
        })
    }
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

fn read_file(named: Option<&std::path::Path>) -> anyhow::Result<File> {
    let default = std::path::Path::new("hiveboard.toml");
    let path = match named {
        Some(path) => path,
        None if default.exists() => default,
        None => return Ok(File::default()),
    };
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read the settings file {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("the settings file {} is not valid", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_defaults_are_the_defaults() {
        let file: File = toml::from_str(&DEFAULTS.replace("\n# ", "\n").replace("\n## ", "\n# ")).expect("valid TOML");
        let config = Config::resolve(ServeArgs::default()).expect("defaults resolve");
        assert_eq!(file.data_dir, Some(config.data_dir));
        assert_eq!(file.addr, Some(config.addr));
        assert_eq!(file.otlp_grpc_addr, config.otlp_grpc_addr.map(|addr| addr.to_string()));
        assert_eq!(file.rate_limit_ingest, Some(config.rate_limit_ingest));
        assert_eq!(file.rate_limit_read, Some(config.rate_limit_read));
        assert_eq!(file.rate_limit_streams, Some(config.rate_limit_streams));
        assert_eq!(file.dedup_days, Some(config.dedup_days));
        assert_eq!(file.retention_days, Some(config.retention_days));
        assert_eq!(file.free_space_floor_mb, Some(config.free_space_floor_mb));
        assert_eq!(file.log, Some(config.log));
        assert_eq!(file.log_json, Some(config.log_json));
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
