//! `hiveboard connect`: the settings by which a coding agent on this machine reports here.

mod edit;
mod tools;

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use hiveboard_settings::{DEFAULT_WORKSPACE, KeyKind, Keys};
use hiveboard_wire::Mode;
use serde::{Deserialize, Serialize};
use similar::TextDiff;

use self::{
    edit::{Document, Form},
    tools::{Tool, Wiring},
};
use super::DataDir;
use crate::private_file::save;

#[derive(clap::Args)]
pub(super) struct ConnectArgs {
    /// The coding agent.
    #[arg(value_enum)]
    tool: Tool,
    /// The address of the board; agents send there. Without one, where the server of the data directory listens.
    #[arg(long, env = "HIVEBOARD_URL", value_name = "URL")]
    url: Option<String>,
    /// A live or test key. Without one a live key is made in the data directory when the settings are written.
    #[arg(long, env = "HIVEBOARD_API_KEY", value_name = "KEY", hide_env_values = true)]
    key: Option<String>,
    /// What the agent is called on the board. With --project it is the folder's name, else what it calls itself.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Only for this folder, where the coding agent reads settings of a folder.
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// Write the settings into its file, after showing what changes.
    #[arg(long)]
    write: bool,
    /// Take back what --write wrote.
    #[arg(long, conflicts_with = "write")]
    undo: bool,
    /// Do not ask before writing.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    data_dir: DataDir,
}

/// What a file said before, where we wrote: kept beside it for `--undo`.
#[derive(Debug, Serialize, Deserialize)]
struct Undo {
    /// The file was made by us.
    made: bool,
    changes: Vec<Change>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Change {
    path: Vec<String>,
    before: Option<serde_json::Value>,
    written: serde_json::Value,
}

const SHOWN_KEY: &str = "hb_live_YOUR_KEY";

pub(super) fn run(args: ConnectArgs) -> anyhow::Result<()> {
    let home = std::env::home_dir().context("the home directory is not known; set HOME")?;
    // What no exporter could send to is not written into anybody's settings.
    let url = match &args.url {
        Some(given) => crate::remote::address(given)?,
        None => crate::remote::server_of(&args.data_dir.config()?),
    };
    if args.key.as_deref().is_some_and(|key| key.trim_start().starts_with("hb_read_")) {
        bail!(
            "this key only reads, and a coding agent sends: give a live or test key; `hiveboard keys create --kind live` makes one"
        );
    }
    let wiring = |key: &str| {
        tools::wiring(
            args.tool,
            &Asked { home: &home, url: &url, key, name: args.name.as_deref(), project: args.project.as_deref() },
        )
    };
    if args.undo {
        return undo(&wiring(SHOWN_KEY)?);
    }
    if !args.write {
        return show(&args, &wiring(args.key.as_deref().unwrap_or(SHOWN_KEY))?);
    }
    let plan = wiring(args.key.as_deref().unwrap_or(SHOWN_KEY))?;
    if plan.files.is_empty() {
        show(&args, &plan)?;
        bail!("{} has no file for these settings: put the lines above into your shell's profile", args.tool.title());
    }
    for file in &plan.files {
        let (before, after) = edited(&file.path, file.form, &file.settings)?;
        say_part!("{}", difference(&file.path, &before, &after));
    }
    if !args.yes && !confirmed()? {
        bail!("nothing was written");
    }
    let made_key = args.key.is_none().then(|| make_key(&args)).transpose()?;
    let wired = wiring(args.key.as_deref().or(made_key.as_deref()).unwrap_or(SHOWN_KEY))?;
    for file in &wired.files {
        write(file)?;
        say!("Wrote {}", file.path.display());
    }
    tell_rest(&wired)?;
    say!("Start {} anew; `hiveboard connect {} --undo` takes this back.", args.tool.title(), args.tool.name());
    Ok(())
}

/// What was asked for, for [`tools::wiring`].
pub(super) struct Asked<'a> {
    home: &'a Path,
    url: &'a str,
    key: &'a str,
    name: Option<&'a str>,
    project: Option<&'a Path>,
}

fn make_key(args: &ConnectArgs) -> anyhow::Result<String> {
    let (_, key) =
        args.data_dir.settings()?.create_key(KeyKind::Live, Mode::Live, DEFAULT_WORKSPACE, args.tool.name())?;
    Ok(key)
}

fn show(args: &ConnectArgs, wiring: &Wiring) -> anyhow::Result<()> {
    for file in &wiring.files {
        say!("# {}", file.path.display());
        say!("{}\n", Document::fresh(file.form, &file.settings));
    }
    tell_rest(wiring)?;
    if !wiring.files.is_empty() {
        say!("`hiveboard connect {} --write` puts this into the file, with a key of its own.", args.tool.name());
    }
    Ok(())
}

fn tell_rest(wiring: &Wiring) -> anyhow::Result<()> {
    if !wiring.exports.is_empty() {
        say!("# in the shell, or its profile");
        for (name, value) in &wiring.exports {
            say!("export {name}='{value}'");
        }
        say!("");
    }
    for note in wiring.notes {
        say!("Note: {note}");
    }
    Ok(())
}

fn confirmed() -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody can be asked here: add --yes to write");
    }
    say_part!("Write this? [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn edited(path: &Path, form: Form, settings: &[tools::Setting]) -> anyhow::Result<(String, String)> {
    let before = read(path)?.unwrap_or_default();
    let mut document = Document::parse(form, &before)
        .with_context(|| format!("{} cannot be read, and was left as it is", path.display()))?;
    for setting in settings {
        document.set(&setting.path, &setting.value)?;
    }
    Ok((before, document.text()))
}

/// Shown before a key is made: one that is made is never on the screen.
fn difference(path: &Path, before: &str, after: &str) -> String {
    let name = path.display().to_string();
    TextDiff::from_lines(before, after).unified_diff().header(&name, &name).to_string()
}

fn undo_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".before-hiveboard");
    name.into()
}

fn write(file: &tools::SettingsFile) -> anyhow::Result<()> {
    let existed = file.path.exists();
    let (before, after) = edited(&file.path, file.form, &file.settings)?;
    let old = Document::parse(file.form, &before)?;
    let kept = undo_path(&file.path);
    let earlier: Option<Undo> = read(&kept)?.and_then(|text| serde_json::from_str(&text).ok());
    let changes = file.settings.iter().map(|setting| {
        // Written before by us: what stood there first is what an undo brings back.
        let first = earlier.as_ref().and_then(|undo| undo.changes.iter().find(|change| change.path == setting.path));
        let before = first.map_or_else(|| old.get(&setting.path), |change| change.before.clone());
        Change { path: setting.path.clone(), before, written: setting.value.clone() }
    });
    let undo = Undo { made: earlier.as_ref().map_or(!existed, |undo| undo.made), changes: changes.collect() };
    save(&kept, &serde_json::to_string_pretty(&undo)?)?;
    save(&file.path, &after)
}

fn undo(wiring: &Wiring) -> anyhow::Result<()> {
    let mut found = false;
    for file in &wiring.files {
        let kept = undo_path(&file.path);
        let Some(text) = read(&kept)? else { continue };
        found = true;
        let undo: Undo = serde_json::from_str(&text).with_context(|| format!("{} is damaged", kept.display()))?;
        let now = read(&file.path)?.unwrap_or_default();
        let mut document = Document::parse(file.form, &now)
            .with_context(|| format!("{} cannot be read, and was left as it is", file.path.display()))?;
        for change in undo.changes.iter().rev() {
            if document.get(&change.path).as_ref() != Some(&change.written) {
                say!("Left {} as it is: it was changed since.", change.path.join("."));
                continue;
            }
            match &change.before {
                Some(before) => document.set(&change.path, before)?,
                None => document.remove(&change.path),
            }
        }
        if undo.made && document.is_empty() {
            std::fs::remove_file(&file.path).with_context(|| format!("cannot remove {}", file.path.display()))?;
            say!("Removed {}", file.path.display());
        } else {
            save(&file.path, &document.text())?;
            say!("Took back what was written into {}", file.path.display());
        }
        std::fs::remove_file(&kept).with_context(|| format!("cannot remove {}", kept.display()))?;
    }
    if !found {
        bail!("there is nothing to take back: --write has written nothing here");
    }
    say!("The key it used still works; `hiveboard keys list` shows it, `hiveboard keys revoke` ends it.");
    Ok(())
}
