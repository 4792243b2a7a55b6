//! `hiveboard export` and `hiveboard import`: events out of a board and into one, over HTTP or straight from a data directory.

mod batches;
mod export;
mod import;
mod packed;
mod progress;
mod server;

use std::sync::Arc;

use anyhow::{Context, bail};
use hiveboard_settings::DEFAULT_WORKSPACE;
use hiveboard_wire::{Mode, Scope};

pub(super) use self::{export::ExportArgs, export::run as export, import::ImportArgs, import::run as import};
use super::{DataDir, ask::ServerArgs, members};
use crate::{
    app::App,
    clock::Clock,
    error::ApiError,
    remote::{Fault, Origin},
    startup::Progress,
    telemetry, tls,
};

/// Which board: a server, on this machine or elsewhere, or a data directory that no server uses.
#[derive(clap::Args)]
struct Board {
    #[command(flatten)]
    server: ServerArgs,
    /// Of a data directory that no server uses: the id of the workspace. Keys have their own.
    #[arg(long, default_value_t = DEFAULT_WORKSPACE.0, value_name = "ID")]
    workspace: u32,
}

/// A board that was reached.
enum Reached {
    Server(server::Server),
    Directory { app: Arc<App>, scope: Scope },
}

impl Board {
    /// To read from it.
    fn reach_to_read(self) -> anyhow::Result<Reached> {
        match self.server.target() {
            Ok(target) if matches!(target.origin, Origin::DataDir(_)) && self.workspace != DEFAULT_WORKSPACE.0 => {
                bail!("a server uses the data directory: give --key, a key of that workspace, instead of --workspace")
            }
            Ok(target) => Ok(Reached::Server(server::Server::new(&target)?)),
            Err(Fault::NoAnswer(_)) => {
                let config = DataDir::of(self.server.data_dir()).config()?;
                super::ensure_data(&config.data_dir)?;
                self.directory()
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// To write into it.
    fn reach_to_write(self) -> anyhow::Result<Reached> {
        match self.server.target() {
            Ok(target) if matches!(target.origin, Origin::DataDir(_)) && !self.server.has_key() => bail!(
                "a server uses the data directory, and wants a key that may send: give --key or HIVEBOARD_API_KEY; `hiveboard keys create --kind live` makes one"
            ),
            Ok(target) => Ok(Reached::Server(server::Server::new(&target)?)),
            Err(Fault::NoAnswer(_)) => self.directory(),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Straight from the files.
    fn directory(self) -> anyhow::Result<Reached> {
        tls::choose_cryptography();
        let data_dir = DataDir::of(self.server.data_dir());
        let workspace = members::known(&data_dir.settings()?, self.workspace)?;
        let app = App::open(data_dir.config()?, telemetry::isolated_metrics(), Clock::default(), &Progress::default())
            .context("the data directory cannot be opened; where a server runs on it, give --url and --key")?;
        Ok(Reached::Directory { app, scope: Scope { workspace, mode: self.server.mode().unwrap_or(Mode::Live) } })
    }
}

/// The words of a refusal.
fn refusal(error: &ApiError) -> anyhow::Error {
    anyhow::anyhow!(error.body().message)
}
