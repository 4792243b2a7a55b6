//! The command line. What a command gives is the last line on standard output.

mod alerts;
mod connect;
mod data;
mod doctor;
mod keys;
mod maintain;
mod members;
mod prices;
mod transfer;
mod workspaces;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};
use hiveboard_settings::{People, SqliteSettings};

use crate::config::{Config, DEFAULTS, ServeArgs};

/// Knows what your AI agents are doing.
#[derive(Parser)]
#[command(name = "hiveboard", version, about, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server with the dashboard.
    Serve(ServeArgs),
    /// Make, list and revoke API keys; works beside a running server.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Let a coding agent on this machine report here: prints its settings, or writes them into its file.
    Connect(connect::ConnectArgs),
    /// List, invite, reset and remove people; works beside a running server.
    #[command(subcommand)]
    Members(members::MembersCommand),
    /// Make and list workspaces; works beside a running server.
    #[command(subcommand)]
    Workspaces(workspaces::WorkspacesCommand),
    /// Rules of alerts as a file: apply and export; works beside a running server.
    #[command(subcommand)]
    Alerts(alerts::AlertsCommand),
    /// Look up and update prices of models; works beside a running server.
    #[command(subcommand)]
    Prices(prices::PricesCommand),
    /// Print a new one-time link to the board, while it has no owner.
    LoginLink(ServeArgs),
    /// Drop all derived state and fold it anew from the events. The server must not run.
    Rebuild(ServeArgs),
    /// Read and verify all stored data; works beside a running server. Exit code 1 when something is wrong.
    Check(ServeArgs),
    /// Look at the installation and say what is wrong and what to do: disk, clock, port, limits, TLS, versions, damage, agents.
    Doctor(doctor::DoctorArgs),
    /// Copy all data, as of one moment, to a directory or a `.tar` file; works beside a running server.
    Backup(data::BackupArgs),
    /// Verify a backup and put it into the data directory. The server must not run.
    Restore(data::RestoreArgs),
    /// Write events, tasks or calls of a board into a file.
    Export(transfer::ExportArgs),
    /// Read events that were exported into a board; what is there already changes nothing.
    Import(transfer::ImportArgs),
    /// Show or set how many days events are kept; works beside a running server.
    Retention(data::RetentionArgs),
    /// Print a settings file with all defaults.
    Config,
    /// Print the API as an OpenAPI document.
    Openapi,
}

/// Runs the command that was asked for.
pub fn run() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(args) => crate::server::run(Config::resolve(args)?),
        Command::Keys(command) => keys::run(command),
        Command::Connect(args) => connect::run(args),
        Command::Members(command) => members::run(command),
        Command::Workspaces(command) => workspaces::run(command),
        Command::Alerts(command) => alerts::run(command),
        Command::Prices(command) => prices::run(command),
        Command::LoginLink(args) => login_link(&Config::resolve(args)?),
        Command::Rebuild(args) => maintain::rebuild(Config::resolve(args)?),
        Command::Check(args) => data::check(&Config::resolve(args)?),
        Command::Doctor(args) => doctor::run(args),
        Command::Backup(args) => data::backup(args),
        Command::Restore(args) => data::restore(args),
        Command::Export(args) => transfer::export(args),
        Command::Import(args) => transfer::import(args),
        Command::Retention(args) => data::retention(args),
        Command::Config => {
            print!("{DEFAULTS}");
            Ok(())
        }
        Command::Openapi => {
            println!("{}", crate::router::document_text());
            Ok(())
        }
    }
}

/// Where the data lives, for commands that need nothing else.
#[derive(clap::Args)]
struct DataDir {
    /// Where all data lives.
    #[arg(long, env = "HIVEBOARD_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl DataDir {
    fn config(&self) -> anyhow::Result<Config> {
        Config::resolve(ServeArgs { data_dir: self.data_dir.clone(), ..ServeArgs::default() })
    }

    fn settings(&self) -> anyhow::Result<SqliteSettings> {
        open_settings(&self.config()?)
    }
}

fn open_settings(config: &Config) -> anyhow::Result<SqliteSettings> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("cannot create the data directory {}", config.data_dir.display()))?;
    Ok(SqliteSettings::open(&config.data_dir)?)
}

fn login_link(config: &Config) -> anyhow::Result<()> {
    let settings = open_settings(config)?;
    if settings.has_owner()? {
        anyhow::bail!(
            "the board has an owner: people enter with e-mail address and password. `hiveboard members reset EMAIL` prints a link for a new password, `hiveboard members invite EMAIL` one for somebody new"
        );
    }
    let base = crate::server::board_url(config, config.addr);
    println!("{}", crate::server::login_link(&settings, &base)?);
    Ok(())
}
