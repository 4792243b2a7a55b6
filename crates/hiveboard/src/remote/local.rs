//! The server of a data directory on this machine: where it listens, and a key to read with.
//!
//! Whoever may read the directory may read every event in it; a key that only reads, kept in it, opens nothing more.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use hiveboard_settings::{
    AuditLog, DEFAULT_WORKSPACE, KeyKind, KeyScopes, Keys, NewKey, SettingsError, SqliteSettings,
};
use hiveboard_wire::{Mode, Timestamp};
use serde::{Deserialize, Serialize};

use super::Fault;
use crate::{
    audit,
    config::{Config, ServeArgs},
    private_file,
};

/// Written by a server when it listens, taken away when it stops.
const ADDRESS_FILE: &str = "server.json";

#[derive(Debug, Serialize, Deserialize)]
struct Address {
    /// Where it can be reached from this machine.
    url: String,
    /// Where people find it, if its settings say so: links are made beside it by commands that do not see them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_url: Option<String>,
    pid: u32,
}

/// A server on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalServer {
    pub url: String,
    pub data_dir: PathBuf,
}

/// Says in the data directory where its server listens, for commands on this machine; the file goes when it is dropped.
#[derive(Debug)]
pub struct AddressNote(PathBuf);

impl Drop for AddressNote {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.0);
    }
}

/// # Errors
/// When the data directory cannot be written.
pub fn announce_locally(config: &Config, addr: SocketAddr) -> anyhow::Result<AddressNote> {
    let path = config.data_dir.join(ADDRESS_FILE);
    let address =
        Address { url: reached_at(config, addr), public_url: config.public_url.clone(), pid: std::process::id() };
    private_file::save(&path, &serde_json::to_string(&address)?)?;
    Ok(AddressNote(path))
}

/// The address by which this machine reaches a server, which may listen on all of them.
pub fn reached_at(config: &Config, addr: SocketAddr) -> String {
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let ip = match addr.ip() {
        ip if !ip.is_unspecified() => ip,
        std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    format!("{scheme}://{}", SocketAddr::new(ip, addr.port()))
}

/// Where the server of a data directory listens, reached from this machine: as it says itself, or where it would listen.
pub fn server_of(config: &Config) -> String {
    address_in(&config.data_dir).map_or_else(|| reached_at(config, config.addr), |note| note.url)
}

/// Where people find the board of a data directory, for commands beside its server: as the settings say, where it listens, or where it would.
pub fn board_of(config: &Config) -> String {
    let running = || address_in(&config.data_dir).map(|note| note.public_url.unwrap_or(note.url));
    config.public_url.clone().or_else(running).unwrap_or_else(|| reached_at(config, config.addr))
}

impl LocalServer {
    /// The server of a data directory; of the usual one when none is named.
    ///
    /// # Errors
    /// When there is no data, or no server uses it.
    pub fn find(data_dir: Option<PathBuf>) -> Result<Self, Fault> {
        // The environment and `hiveboard.toml` say where the data is, as they do for `serve`.
        let from_environment =
            || std::env::var_os("HIVEBOARD_DATA_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let args = ServeArgs { data_dir: data_dir.or_else(from_environment), ..ServeArgs::default() };
        let config = Config::resolve(args).map_err(|error| Fault::Usage(format!("{error:#}")))?;
        let data_dir = config.data_dir.clone();
        if !data_dir.join("settings.db").exists() {
            return Err(Fault::NoAnswer(format!(
                "no server is named, and {} holds no data: `hiveboard serve` starts one here; --url with --key, --data-dir, or a profile (`hiveboard login URL`) names another",
                data_dir.display()
            )));
        }
        let Some(Address { url, .. }) = address_in(&data_dir) else {
            return Err(Fault::NoAnswer(format!(
                "no server uses {}: `hiveboard serve` starts one; --url with --key, --data-dir, or a profile (`hiveboard login URL`) names another",
                data_dir.display()
            )));
        };
        Ok(Self { url, data_dir })
    }

    /// A key that reads, made once and kept in the directory; made anew when it was revoked.
    ///
    /// # Errors
    /// When the directory cannot be read or written.
    pub fn key(&self, mode: Mode) -> Result<String, Fault> {
        let failed = |what: String| {
            Fault::NotAllowed(format!("{what}. Run this as the user of the server, or give --url and --key."))
        };
        let path = self.data_dir.join(format!("command-line-{}.key", mode.as_str()));
        let told = |error: SettingsError| failed(format!("no key can be made in {}: {error}", self.data_dir.display()));
        let settings = SqliteSettings::open(&self.data_dir).map_err(told)?;
        match std::fs::read_to_string(&path) {
            Ok(key) if is_active(&settings, key.trim()).map_err(told)? => return Ok(key.trim().to_owned()),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(format!("cannot read {}: {error}", path.display()))),
        }
        let wanted = NewKey {
            kind: KeyKind::Read,
            mode,
            workspace: DEFAULT_WORKSPACE,
            name: "command line on the server's machine",
            scopes: KeyScopes::default(),
            expires_at: None,
        };
        let (record, key) = settings.make_key(wanted).map_err(told)?;
        let entry = audit::by_command_line("key.created", record.id.to_string(), &record.name);
        settings.write_audit(DEFAULT_WORKSPACE, &entry).map_err(told)?;
        private_file::save(&path, &key).map_err(|error| failed(format!("{error:#}")))?;
        Ok(key)
    }
}

fn is_active(settings: &SqliteSettings, key: &str) -> Result<bool, SettingsError> {
    Ok(settings.find_key(key)?.is_some_and(|record| record.is_active(Timestamp::now())))
}

/// Where the server of a directory listens; `None` when none does.
fn address_in(data_dir: &Path) -> Option<Address> {
    let address: Address = serde_json::from_str(&std::fs::read_to_string(data_dir.join(ADDRESS_FILE)).ok()?).ok()?;
    // Left behind by a server that was killed: the directory is free, or somebody else's.
    match hiveboard_store::user_of(data_dir) {
        Some(pid) if pid != address.pid => None,
        None if std::path::Path::new("/proc/locks").exists() => None,
        _ => Some(address),
    }
}
