//! The command line. What a command gives is the last line on standard output.

/// A line on standard output. Unlike `println!` it ends the command by an error where it cannot be written.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::cli::write_line(format_args!($($text)*))?
    };
}

/// The same of a document, or a part of a line.
macro_rules! say_part {
    ($($text:tt)*) => {
        $crate::cli::write_text(format_args!($($text)*))?
    };
}

mod alerts;
mod ask;
mod connect;
mod data;
mod doctor;
mod generate;
mod keys;
mod maintain;
mod members;
mod migrate;
mod prices;
mod restore_settings;
mod top;
mod transfer;
mod workspaces;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use hiveboard_settings::{People, SqliteSettings};

use crate::{
    config::{Config, DEFAULTS, ServeArgs},
    moved,
    remote::Fault,
    terminal::{
        self,
        output::{Reader, is_hung_up},
    },
};

/// Knows what your AI agents are doing.
#[derive(Parser)]
#[command(name = "hiveboard", version = env!("HIVEBOARD_VERSION"), about, max_term_width = 110)]
struct Cli {
    /// Colours: where there is a terminal that has them and `NO_COLOR` is not set, always, or never.
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    color: ColorWhen,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, ValueEnum)]
enum ColorWhen {
    Auto,
    Always,
    Never,
}

impl ColorWhen {
    fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

#[derive(Subcommand)]
enum Command {
    /// Start the server with the dashboard.
    Serve(StartArgs),
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
    /// What every agent is at, those first that need somebody.
    Agents(ask::agents::AgentsArgs),
    /// Runs of tasks: what was done, by whom, how it ended, what it cost.
    Tasks(ask::tasks::TasksArgs),
    /// The story of one task: its plan, what it did when, what failed and why.
    Task(ask::task::TaskArgs),
    /// What model calls cost, by model, agent, project, version, …
    Cost(ask::cost::CostArgs),
    /// What the figures say that nobody asked for: waste, loops, worse versions, silent failures.
    Insights(ask::insights::InsightsArgs),
    /// Search what agents said and did.
    Search(ask::search::SearchArgs),
    /// The board in this terminal: the Hive, tasks, one task's story, what happens now.
    Top(top::TopArgs),
    /// Events as they happen, one line each, until Ctrl-C.
    Tail(ask::tail::TailArgs),
    /// Look whether all agents are well; the exit code says so, for CI and cron.
    CheckFleet(ask::check_fleet::CheckFleetArgs),
    /// Answer an assistant's questions about the board, by the Model Context Protocol on standard input and output.
    Mcp(ask::mcp::McpArgs),
    /// Keep the address of a server with a key, to ask it from here.
    Login(ask::profiles::LoginArgs),
    /// Forget a server that `login` kept.
    Logout(ask::profiles::LogoutArgs),
    /// List the servers that `login` kept.
    Profiles,
    /// What fires, and rules of alerts as a file: list, apply and export.
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
    /// Make a cluster of a server: its events and settings go to ClickHouse and NATS, while it goes on until the switch.
    Migrate(migrate::MigrateArgs),
    /// Make a cluster's log anew after NATS has lost all that it kept, from a node's copy of the settings.
    RestoreSettings(restore_settings::RestoreSettingsArgs),
    /// Show or set how many days events are kept; works beside a running server.
    Retention(data::RetentionArgs),
    /// Print a settings file with all defaults.
    Config,
    /// Print the API as an OpenAPI document.
    Openapi,
    /// Print what a shell needs to complete these commands.
    Completions(generate::CompletionsArgs),
    /// Print the manual page, or write the pages of all commands.
    Man(generate::ManArgs),
}

/// Says why a command ended as it did, and what its exit code is.
pub fn ended_by(error: &anyhow::Error) -> ExitCode {
    if error.chain().any(|cause| cause.downcast_ref().is_some_and(is_hung_up)) {
        return ExitCode::SUCCESS;
    }
    let mut said = terminal::clean::lines(&format!("{error:#}"));
    if let Some(Fault::NotFound(_)) = error.downcast_ref::<Fault>() {
        said.push_str(" `hiveboard tasks` and `hiveboard agents` list what there is.");
    }
    // Where standard error is gone as well, the exit code says it.
    let _unheard = writeln!(std::io::stderr(), "hiveboard: {said}");
    error.downcast_ref::<Fault>().map_or(ExitCode::FAILURE, |fault| ExitCode::from(fault.exit_code()))
}

/// A line for people: names that others gave are shown as text. Where nobody reads any more a command goes on with what it does.
fn write_line(text: std::fmt::Arguments<'_>) -> std::io::Result<()> {
    write_out(&format!("{}\n", terminal::clean::lines(&text.to_string()))).or_else(unless_hung_up)
}

/// A document, or a part of a line, as it is.
fn write_text(text: std::fmt::Arguments<'_>) -> std::io::Result<()> {
    write_out(&text.to_string()).or_else(unless_hung_up)
}

fn write_out(text: &str) -> std::io::Result<()> {
    let mut out = Reader(std::io::stdout());
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn unless_hung_up(error: std::io::Error) -> std::io::Result<()> {
    if is_hung_up(&error) { Ok(()) } else { Err(error) }
}

/// Runs the command that was asked for.
pub fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    cli.color.write_global();
    match cli.command {
        Command::Serve(StartArgs { open, serve }) => crate::server::run(Config::resolve(serve)?, open),
        Command::Keys(command) => keys::run(command),
        Command::Connect(args) => connect::run(args),
        Command::Members(command) => members::run(command),
        Command::Workspaces(command) => workspaces::run(command),
        Command::Alerts(command) => alerts::run(command),
        Command::Agents(args) => ask::agents::run(args),
        Command::Tasks(args) => ask::tasks::run(args),
        Command::Task(args) => ask::task::run(args),
        Command::Cost(args) => ask::cost::run(args),
        Command::Insights(args) => ask::insights::run(args),
        Command::Search(args) => ask::search::run(args),
        Command::Top(args) => top::run(args),
        Command::Tail(args) => ask::tail::run(args),
        Command::CheckFleet(args) => ask::check_fleet::run(args),
        Command::Mcp(args) => ask::mcp::run(args),
        Command::Login(args) => ask::profiles::login(args),
        Command::Logout(args) => ask::profiles::logout(args),
        Command::Profiles => ask::profiles::list(),
        Command::Prices(command) => prices::run(command),
        Command::LoginLink(args) => login_link(&Config::resolve(args)?),
        Command::Rebuild(args) => maintain::rebuild(Config::resolve(args)?),
        Command::Check(args) => data::check(&Config::resolve(args)?),
        Command::Doctor(args) => doctor::run(args),
        Command::Backup(args) => data::backup(args),
        Command::Restore(args) => data::restore(args),
        Command::Export(args) => transfer::export(args),
        Command::Import(args) => transfer::import(args),
        Command::Migrate(args) => migrate::run(args),
        Command::RestoreSettings(args) => restore_settings::run(args),
        Command::Retention(args) => data::retention(args),
        Command::Config => {
            say_part!("{DEFAULTS}");
            Ok(())
        }
        Command::Completions(args) => generate::completions(args, Cli::command()),
        Command::Man(args) => generate::man(args, Cli::command()),
        Command::Openapi => {
            say!("{}", crate::router::document_text());
            Ok(())
        }
    }
}

#[derive(clap::Args)]
struct StartArgs {
    /// Open the board in a browser once the server listens.
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    serve: ServeArgs,
}

/// Where the data lives, for commands that need nothing else.
#[derive(clap::Args)]
struct DataDir {
    /// Where all data lives.
    #[arg(long, env = "HIVEBOARD_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The settings file of the server, where it is a node of a cluster.
    #[arg(long, env = "HIVEBOARD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl DataDir {
    /// The one that is named by a flag, else by the environment.
    fn of(named: Option<PathBuf>) -> Self {
        let from_environment = |name| std::env::var_os(name).filter(|text| !text.is_empty()).map(PathBuf::from);
        Self {
            data_dir: named.or_else(|| from_environment("HIVEBOARD_DATA_DIR")),
            config: from_environment("HIVEBOARD_CONFIG"),
        }
    }

    fn config(&self) -> anyhow::Result<Config> {
        let (data_dir, config) = (self.data_dir.clone(), self.config.clone());
        Config::resolve(ServeArgs { data_dir, config, ..ServeArgs::default() })
    }

    /// For what may come before a server ever ran.
    fn settings(&self) -> anyhow::Result<SqliteSettings> {
        open_settings(&self.config()?)
    }

    fn existing_settings(&self) -> anyhow::Result<SqliteSettings> {
        open_existing_settings(&self.config()?)
    }
}

fn open_settings(config: &Config) -> anyhow::Result<SqliteSettings> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("cannot create the data directory {}", config.data_dir.display()))?;
    match &config.cluster {
        None => {
            moved::refuse_elsewhere(&config.data_dir)?;
            Ok(SqliteSettings::open(&config.data_dir)?)
        }
        Some(cluster) => crate::cluster::settings::open(&config.data_dir, cluster),
    }
}

/// For what is about something that is there: a mistyped directory is neither made nor answered for.
fn open_existing_settings(config: &Config) -> anyhow::Result<SqliteSettings> {
    if config.cluster.is_none() {
        moved::refuse_elsewhere(&config.data_dir)?;
        ensure_data(&config.data_dir)?;
    }
    open_settings(config)
}

fn ensure_data(dir: &Path) -> anyhow::Result<()> {
    if !dir.join("settings.db").exists() {
        anyhow::bail!(
            "{} is no data directory: there is no settings.db in it. --data-dir names another; `hiveboard serve` begins one",
            dir.display()
        );
    }
    Ok(())
}

/// Sees that the events a command is about are in the data directory.
///
/// # Errors
/// In a cluster, where they are not; says `instead` what does the same there.
fn ensure_own_events(config: &Config, instead: &str) -> anyhow::Result<()> {
    if config.cluster.is_some() || moved::is_of_a_node(&config.data_dir) {
        anyhow::bail!(
            "the events of a cluster are in ClickHouse and NATS, not in {}: {instead}",
            config.data_dir.display()
        );
    }
    Ok(())
}

fn login_link(config: &Config) -> anyhow::Result<()> {
    let settings = open_existing_settings(config)?;
    if settings.has_owner()? {
        anyhow::bail!(
            "the board has an owner: people enter with e-mail address and password. `hiveboard members reset EMAIL` prints a link for a new password, `hiveboard members invite EMAIL` one for somebody new"
        );
    }
    say!("{}", crate::server::login_link(&settings, &crate::remote::board_of(config))?);
    Ok(())
}
