//! `hiveboard keys`.

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use hiveboard_settings::{DEFAULT_WORKSPACE, KeyKind, Keys, Revoked};
use hiveboard_wire::Mode;

use super::DataDir;

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Make a key and print it as the last line. It is shown this once and stored as a hash.
    Create {
        /// live and test keys read and write their own data; read keys only read.
        #[arg(long, value_enum)]
        kind: Kind,
        /// Whose data a read key sees.
        #[arg(long, value_enum)]
        mode: Option<ModeArg>,
        /// What the key is for, for the list.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        data_dir: DataDir,
    },
    /// List all keys, never their secrets.
    List {
        #[command(flatten)]
        data_dir: DataDir,
    },
    /// Revoke a key by its id or by the beginning that the list shows.
    Revoke {
        /// Id, or beginning of the key.
        key: String,
        #[command(flatten)]
        data_dir: DataDir,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    Live,
    Test,
    Read,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum ModeArg {
    Live,
    Test,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Live => Self::Live,
            ModeArg::Test => Self::Test,
        }
    }
}

pub(super) fn run(command: KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::Create { kind, mode, name, data_dir } => {
            let mode = mode.map(Mode::from);
            let (kind, mode) = match (kind, mode) {
                (Kind::Live, None | Some(Mode::Live)) => (KeyKind::Live, Mode::Live),
                (Kind::Test, None | Some(Mode::Test)) => (KeyKind::Test, Mode::Test),
                (Kind::Read, mode) => (KeyKind::Read, mode.unwrap_or(Mode::Live)),
                (Kind::Live | Kind::Test, Some(_)) => {
                    bail!("--mode is for read keys: live keys see live data, test keys see test data")
                }
            };
            let (record, key) =
                data_dir.settings()?.create_key(kind, mode, DEFAULT_WORKSPACE, name.as_deref().unwrap_or(""))?;
            eprintln!(
                "Created the {} key {} for {} data. It is shown only now:",
                record.kind.as_str(),
                record.id,
                mode.as_str()
            );
            println!("{key}");
        }
        KeysCommand::List { data_dir } => {
            let keys = data_dir.settings()?.list_keys(DEFAULT_WORKSPACE)?;
            if keys.is_empty() {
                println!("There are no keys yet. `hiveboard keys create --kind live` makes one.");
                return Ok(());
            }
            println!(
                "{:<36}  {:<4}  {:<4}  {:<14}  {:<27}  {:<8}  NAME",
                "ID", "KIND", "DATA", "KEY", "CREATED", "STATE"
            );
            for key in keys {
                println!(
                    "{:<36}  {:<4}  {:<4}  {:<14}  {:<27}  {:<8}  {}",
                    key.id,
                    key.kind.as_str(),
                    key.mode.as_str(),
                    format!("{}…", key.prefix),
                    key.created_at,
                    if key.revoked_at.is_some() { "revoked" } else { "active" },
                    key.name
                );
            }
        }
        KeysCommand::Revoke { key, data_dir } => match data_dir.settings()?.revoke_key(DEFAULT_WORKSPACE, &key)? {
            Revoked::Done(record) => {
                println!("Revoked the {} key {} ({}…).", record.kind.as_str(), record.id, record.prefix);
            }
            Revoked::NotFound => bail!("no key is called {key:?}; `hiveboard keys list` shows them"),
            Revoked::Ambiguous(keys) => {
                let ids = keys.iter().map(|key| key.id.to_string()).collect::<Vec<_>>().join(", ");
                bail!("{key:?} fits several keys; name one by its id: {ids}")
            }
        },
    }
    Ok(())
}
