//! `hiveboard prices`.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::Command,
    sync::Arc,
};

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use hiveboard_prices::{Rates, difference, merged, parse, write};
use hiveboard_settings::{AuditLog, DEFAULT_WORKSPACE, Prices as _, SqliteSettings};
use hiveboard_store::{Repriced, Repricing, reprice};
use hiveboard_wire::Timestamp;
use serde_json::json;

use super::{DataDir, maintain, members::known, open_existing_settings};
use crate::{audit, insights::remove_sums, pricing::Prices};

/// What reads the installed package; the same script writes the committed table.
const SCRIPT: &str = include_str!("../../../../scripts/prices.py");
/// Lines of each part of a difference that are shown.
const SHOWN: usize = 40;

#[derive(Subcommand)]
pub(super) enum PricesCommand {
    /// List rows: the workspace's own first.
    List {
        /// Only rows with this text in their name.
        text: Option<String>,
        #[command(flatten)]
        data_dir: DataDir,
    },
    /// Work out anew what stored calls cost whose cost no agent reported, by the prices of now. The server must not run.
    Recompute(RecomputeArgs),
    /// Replace the shared table by a newer one, after showing what changes. Costs of stored calls stay as they are.
    Update {
        /// A table as `scripts/prices.py` writes it.
        #[arg(long, value_name = "FILE", conflicts_with = "from", required_unless_present_any = ["from", "shipped"])]
        file: Option<PathBuf>,
        /// An installed Python package that keeps prices (and litellm beside it, where installed). Nothing is fetched.
        #[arg(long, value_enum)]
        from: Option<Package>,
        /// Go back to the table that came with this version.
        #[arg(long, conflicts_with_all = ["file", "from"])]
        shipped: bool,
        /// Do it without asking.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        data_dir: DataDir,
    },
}

/// What `recompute` needs.
#[derive(clap::Args)]
pub(super) struct RecomputeArgs {
    /// Calls from this day (2026-11-01) or time (RFC 3339) on.
    #[arg(long, value_name = "TIME")]
    since: String,
    /// Only of this workspace; of all unless given.
    #[arg(long, value_name = "ID")]
    workspace: Option<u32>,
    /// Only say what would change.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    data_dir: DataDir,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Package {
    GenaiPrices,
}

pub(super) fn run(command: PricesCommand) -> anyhow::Result<()> {
    match command {
        PricesCommand::List { text, data_dir } => list(&text.unwrap_or_default().to_lowercase(), &data_dir),
        PricesCommand::Recompute(args) => recompute(args),
        PricesCommand::Update { file, from: _, shipped, yes, data_dir } => {
            if shipped {
                let settings = data_dir.settings()?;
                settings.set_price_table(None)?;
                settings.write_audit(
                    DEFAULT_WORKSPACE,
                    &audit::by_command_line("prices.updated", "the shipped table", ()),
                )?;
                say!("The table that came with this version holds again.");
                return Ok(());
            }
            let source = file.as_ref().map_or_else(|| "genai-prices".to_owned(), |file| file.display().to_string());
            let text = match file {
                Some(file) => {
                    std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?
                }
                None => from_package()?,
            };
            let newer = parse(&text)?;
            let settings = Arc::new(data_dir.settings()?);
            let table = Prices::new(settings.clone()).of(DEFAULT_WORKSPACE);
            let after = merged(table.shared(), &newer);
            if !show(&difference(table.shared(), &after))? {
                say!("Nothing changes.");
                return Ok(());
            }
            if !yes && !agreed()? {
                bail!("nothing was changed; `--yes` does it without asking");
            }
            settings.set_price_table(Some(&write(&after)))?;
            let entry = audit::by_command_line("prices.updated", source, json!({"prices": after.len()}));
            settings.write_audit(DEFAULT_WORKSPACE, &entry)?;
            say!("{} prices hold for calls that arrive from now on.", after.len());
            Ok(())
        }
    }
}

fn list(text: &str, data_dir: &DataDir) -> anyhow::Result<()> {
    let table = Prices::new(Arc::new(data_dir.existing_settings()?)).of(DEFAULT_WORKSPACE);
    say!("{:<56}  {:>12}  {:>12}  {:>12}  SOURCE", "MODEL", "IN $/M", "OUT $/M", "CACHED $/M");
    let row = |name: &str, rates: &Rates, source: String| -> std::io::Result<()> {
        let cached = rates.cached_input_per_million.map_or_else(String::new, |rate| rate.to_string());
        say!("{name:<56}  {:>12}  {:>12}  {cached:>12}  {source}", rates.input_per_million, rates.output_per_million);
        Ok(())
    };
    for own in table.own().iter().filter(|own| own.pattern.contains(text)) {
        row(&own.pattern, &own.rates, format!("workspace {}", own.as_of))?;
    }
    for (name, found) in table.rows().filter(|(name, _)| name.contains(text)) {
        let source = &found.source;
        row(name, &found.rates, format!("{} {} {}", source.name, source.version, source.as_of))?;
    }
    Ok(())
}

fn recompute(args: RecomputeArgs) -> anyhow::Result<()> {
    let since = moment(&args.since)?;
    let config = args.data_dir.config()?;
    let settings = Arc::new(open_existing_settings(&config)?);
    let meant = args.workspace.map(|id| known(&settings, id)).transpose()?;
    let prices = Prices::new(Arc::<SqliteSettings>::clone(&settings));
    if !args.dry_run {
        remove_sums(&config.data_dir)?;
    }
    let repriced = reprice(
        &config.data_dir,
        &Repricing {
            since,
            is_meant: &|scope| meant.is_none_or(|meant| scope.workspace == meant),
            price: &|scope, body| prices.cost_of(scope.workspace, body),
            write: !args.dry_run,
        },
    )?;
    let Repriced { looked_at, changed, before, after } = repriced;
    say!("{looked_at} calls had no reported cost; {changed} of them cost something else by the prices of now.");
    if changed > 0 {
        say!("Those cost {} US dollars before, and {} now.", before.dollars(), after.dollars());
    }
    if args.dry_run {
        say!("Nothing was changed.");
    } else if changed > 0 {
        let entry =
            audit::by_command_line("prices.recomputed", format!("calls since {since}"), json!({"calls": changed}));
        settings.write_audit(meant.unwrap_or(DEFAULT_WORKSPACE), &entry)?;
        maintain::rebuild(config)?;
    }
    Ok(())
}

/// A time, or the beginning of a day (UTC).
fn moment(text: &str) -> anyhow::Result<Timestamp> {
    Timestamp::parse(text).or_else(|_| Timestamp::parse(&format!("{text}T00:00:00Z"))).ok().with_context(|| {
        format!("--since {text:?} is neither a day like 2026-11-01 nor a time like 2026-11-01T12:00:00Z")
    })
}

fn from_package() -> anyhow::Result<String> {
    let today = Timestamp::now().to_string();
    let output = Command::new("python3")
        .args(["-c", SCRIPT, "--stdout", "--date", today.get(..10).unwrap_or_default()])
        .output()
        .context("cannot run python3, which reads the installed package")?;
    if !output.status.success() {
        bail!(
            "python3 could not read the package genai-prices; is it installed there?\n{}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Says what changes; `false` when nothing does.
fn show(difference: &hiveboard_prices::Difference) -> anyhow::Result<bool> {
    let more = |count: usize| -> std::io::Result<()> {
        if count > SHOWN {
            say!("  … and {} more", count - SHOWN);
        }
        Ok(())
    };
    for (title, names) in [("new", &difference.added), ("gone", &difference.removed)] {
        if !names.is_empty() {
            say!("{} {title}:", names.len());
            for name in names.iter().take(SHOWN) {
                say!("  {name}");
            }
            more(names.len())?;
        }
    }
    if !difference.changed.is_empty() {
        say!("{} changed (US dollars per million tokens, in and out):", difference.changed.len());
        for (name, old, new) in difference.changed.iter().take(SHOWN) {
            say!(
                "  {name}: {} / {} → {} / {}",
                old.input_per_million,
                old.output_per_million,
                new.input_per_million,
                new.output_per_million
            );
        }
        more(difference.changed.len())?;
    }
    Ok(!(difference.added.is_empty() && difference.removed.is_empty() && difference.changed.is_empty()))
}

fn agreed() -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    say_part!("Use these prices from now on? [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
