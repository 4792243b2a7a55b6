//! `hiveboard export` and `hiveboard import`: events out of a board and into one, over HTTP or straight from a data directory.

mod batches;
mod export;
mod import;
mod packed;
mod progress;
mod server;

use std::sync::Arc;

use anyhow::Context;
use hiveboard_settings::DEFAULT_WORKSPACE;
use hiveboard_wire::{Mode, Scope};

pub(super) use self::{export::ExportArgs, export::run as export, import::ImportArgs, import::run as import};
use super::{DataDir, keys::ModeArg, members};
use crate::{app::App, clock::Clock, error::ApiError, startup::Progress, telemetry, tls};

/// Which board: a running server, or a data directory that no server uses.
#[derive(clap::Args)]
struct Board {
    /// The address of a running server; without it the data directory is used, and no server may run on it.
    #[arg(long, env = "HIVEBOARD_URL", value_name = "URL")]
    url: Option<String>,
    /// A key of that server.
    #[arg(long, env = "HIVEBOARD_KEY", value_name = "KEY", hide_env_values = true)]
    key: Option<String>,
    /// Of a data directory: whose data, live or test. Keys have their own.
    #[arg(long, value_enum, default_value = "live")]
    mode: ModeArg,
    /// Of a data directory: the id of the workspace. Keys have their own.
    #[arg(long, default_value_t = DEFAULT_WORKSPACE.0, value_name = "ID")]
    workspace: u32,
    #[command(flatten)]
    data_dir: DataDir,
}

/// A board that was reached.
enum Reached {
    Server(server::Server),
    Directory { app: Arc<App>, scope: Scope },
}

impl Board {
    fn reach(self) -> anyhow::Result<Reached> {
        tls::choose_cryptography();
        if let Some(url) = self.url {
            let key = self.key.context(
                "a server asks for a key: give --key or HIVEBOARD_KEY; `hiveboard keys create --kind live` makes one",
            )?;
            return Ok(Reached::Server(server::Server::new(&url, &key)?));
        }
        let workspace = members::known(&self.data_dir.settings()?, self.workspace)?;
        let app =
            App::open(self.data_dir.config()?, telemetry::isolated_metrics(), Clock::default(), &Progress::default())
                .context("the data directory cannot be opened; where a server runs on it, give --url and --key")?;
        Ok(Reached::Directory { app, scope: Scope { workspace, mode: Mode::from(self.mode) } })
    }
}

/// The words of a refusal.
fn refusal(error: &ApiError) -> anyhow::Error {
    anyhow::anyhow!(error.body().message)
}
