//! `hiveboard backup`, `restore`, `check`, `retention`: the data directory, beside a running server where that is possible.

use std::path::PathBuf;

use anyhow::bail;
use hiveboard_settings::{AuditLog, DEFAULT_WORKSPACE, Retentions};
use hiveboard_store as store;
use hiveboard_wire::{Mode, Scope};

use super::{DataDir, keys::ModeArg, members::known};
use crate::{
    audit::{self, WithBefore},
    config::{Config, ServeArgs},
};

#[derive(clap::Args)]
pub(super) struct BackupArgs {
    /// A directory that does not exist yet, or a file whose name ends with `.tar`.
    target: PathBuf,
    #[command(flatten)]
    data_dir: DataDir,
}

#[derive(clap::Args)]
pub(super) struct RestoreArgs {
    /// What `hiveboard backup` made: a directory or a `.tar` file.
    source: PathBuf,
    /// Replace what is in the data directory; it is kept aside, in a folder in it.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    data_dir: DataDir,
}

#[derive(clap::Args)]
pub(super) struct RetentionArgs {
    /// Whose events: live or test data. Without it, what is set is shown.
    #[arg(long, value_enum, requires = "days")]
    mode: Option<ModeArg>,
    /// Days to keep events after the day they arrived on; `default` goes back to the server's.
    #[arg(long, requires = "mode")]
    days: Option<String>,
    /// Id of the workspace; `hiveboard workspaces list` shows them.
    #[arg(long, default_value_t = DEFAULT_WORKSPACE.0, value_name = "ID")]
    workspace: u32,
    // As the server is started: its defaults are shown, too.
    #[command(flatten)]
    serve: ServeArgs,
}

pub(super) fn backup(args: BackupArgs) -> anyhow::Result<()> {
    let config = args.data_dir.config()?;
    super::ensure_own_events(
        &config,
        "`BACKUP DATABASE` lets ClickHouse copy them, and each node's settings.db has all settings, as the page \"Beyond one machine\" tells",
    )?;
    let made = store::backup(&config.data_dir, &args.target, env!("CARGO_PKG_VERSION"))?;
    say!("Backed up {} files, {} bytes, as of {}.", made.files.len(), made.bytes(), made.made_at);
    say!("{}", args.target.display());
    Ok(())
}

pub(super) fn restore(args: RestoreArgs) -> anyhow::Result<()> {
    let config = args.data_dir.config()?;
    super::ensure_own_events(
        &config,
        "restore the backup into a directory of its own, and bring that into a new cluster with `hiveboard migrate`",
    )?;
    let made = store::restore(&args.source, &config.data_dir, args.force)?;
    say!(
        "Verified and restored {} files, {} bytes, as of {}. `hiveboard serve` goes on from there.",
        made.files.len(),
        made.bytes(),
        made.made_at
    );
    Ok(())
}

/// Reads everything there is; the exit code says whether it is sound.
pub(super) fn check(config: &Config) -> anyhow::Result<()> {
    super::ensure_own_events(
        config,
        "`hiveboard doctor --config FILE` looks at both engines, and `CHECK TABLE events` lets ClickHouse verify what it keeps",
    )?;
    super::ensure_data(&config.data_dir)?;
    let checked = store::check(&config.data_dir)?;
    let damages = store::damages(&config.data_dir);
    for damage in &damages {
        say!("put aside: {}: {}", damage.file, damage.what);
    }
    for fault in &checked.faults {
        say!("{fault}");
    }
    if checked.faults.is_empty() {
        say!("Sound: {} events in {} day files.", checked.events, checked.day_files);
        return Ok(());
    }
    bail!(
        "{} faults found. Restart the server: it saves what can be read of a damaged file and serves the rest; \
         what is lost can be had from a backup (`hiveboard restore`)",
        checked.faults.len()
    )
}

pub(super) fn retention(args: RetentionArgs) -> anyhow::Result<()> {
    let config = Config::resolve(args.serve)?;
    let set = match (args.mode, args.days) {
        (Some(mode), Some(days)) => Some((mode, days_of(&days)?)),
        _ => None,
    };
    let settings = if set.is_some() { super::open_settings(&config)? } else { super::open_existing_settings(&config)? };
    let workspace = known(&settings, args.workspace)?;
    if let Some((mode, days)) = set {
        let scope = Scope { workspace, mode: mode.into() };
        let before = settings.retentions()?.into_iter().find(|(of, _)| *of == scope).map(|(_, days)| days);
        settings.set_retention(scope, days)?;
        let entry = audit::by_command_line("retention.changed", scope.mode.as_str(), days).with_before(before);
        settings.write_audit(workspace, &entry)?;
    }
    let set = settings.retentions()?;
    for mode in Mode::ALL {
        let found = set.iter().find(|(scope, _)| scope.workspace == workspace && scope.mode == mode);
        let days = found.map_or(config.retention_days, |(_, days)| *days);
        let least = config.dedup_days;
        let why = match found {
            _ if days < least => format!(" (raised from {days}: repeated events are known for {least} days)"),
            Some(_) => String::new(),
            None => " (the server's default)".to_owned(),
        };
        say!("{:<5} {} days{why}", mode.as_str(), days.max(least));
    }
    Ok(())
}

/// Days as people give them; `None` for the server's default.
fn days_of(text: &str) -> anyhow::Result<Option<u16>> {
    match text {
        "default" => Ok(None),
        number => match number.parse::<u16>() {
            Ok(days) if days > 0 => Ok(Some(days)),
            _ => bail!("--days takes a number of days from 1 to 65535, or `default`; {number:?} is neither"),
        },
    }
}
