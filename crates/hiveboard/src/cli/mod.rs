//! The command line. What a command gives is the last line on standard output.

mod keys;
mod maintain;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};
use hiveboard_settings::{Settings, SqliteSettings};

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
    /// Print a new one-time link to the board.
    LoginLink(ServeArgs),
    /// Drop all derived state and fold it anew from the events. The server must not run.
    Rebuild(ServeArgs),
    /// Read all stored data and say whether it is sound. The server must not run.
    Check(ServeArgs),
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
        Command::LoginLink(args) => login_link(&Config::resolve(args)?),
        Command::Rebuild(args) => maintain::rebuild(Config::resolve(args)?),
        Command::Check(args) => maintain::check(&Config::resolve(args)?),
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
    fn settings(&self) -> anyhow::Result<SqliteSettings> {
        let config = Config::resolve(ServeArgs { data_dir: self.data_dir.clone(), ..ServeArgs::default() })?;
        open_settings(&config)
    }
}

fn open_settings(config: &Config) -> anyhow::Result<SqliteSettings> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("cannot create the data directory {}", config.data_dir.display()))?;
    Ok(SqliteSettings::open(&config.data_dir)?)
}

fn login_link(config: &Config) -> anyhow::Result<()> {
    let settings = open_settings(config)?;
    let base = crate::server::board_url(config, config.addr);
    println!("{}", crate::server::login_link(&settings, &base)?);
    Ok(())
}
