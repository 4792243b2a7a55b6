//! `hiveboard keys`.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use hiveboard_settings::{
    AuditLog, DEFAULT_WORKSPACE, KeyKind, KeyRecord, KeyScope, KeyScopes, Keys, NewKey, Revoked, Rotated,
};
use hiveboard_wire::{Mode, Timestamp};

use super::{DataDir, members::known};
use crate::{api::keys::READ_KEYS_READ, audit};

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
        /// What it may, of ingest, read and write (projects and rules); all that its kind may when not given.
        #[arg(long, value_enum, value_delimiter = ',')]
        scopes: Vec<ScopeArg>,
        /// When it stops by itself: after so long (90d, 12h), or at a time (RFC 3339).
        #[arg(long, value_name = "WHEN")]
        expires: Option<String>,
        /// Id of the workspace; `hiveboard workspaces list` shows them.
        #[arg(long, default_value_t = DEFAULT_WORKSPACE.0, value_name = "ID")]
        workspace: u32,
        #[command(flatten)]
        data_dir: DataDir,
    },
    /// Make a key like another one, which goes on for a while, and print the new one as the last line.
    Rotate {
        /// Id, or beginning of the key.
        key: String,
        /// How long the old key goes on: 24h, 7d, 0h.
        #[arg(long, default_value = "24h", value_name = "TIME")]
        overlap: String,
        /// Id of the workspace.
        #[arg(long, default_value_t = DEFAULT_WORKSPACE.0, value_name = "ID")]
        workspace: u32,
        #[command(flatten)]
        data_dir: DataDir,
    },
    /// List all keys, never their secrets.
    List {
        /// Id of the workspace.
        #[arg(long, default_value_t = DEFAULT_WORKSPACE.0, value_name = "ID")]
        workspace: u32,
        #[command(flatten)]
        data_dir: DataDir,
    },
    /// Revoke a key by its id or by the beginning that the list shows.
    Revoke {
        /// Id, or beginning of the key.
        key: String,
        /// Id of the workspace.
        #[arg(long, default_value_t = DEFAULT_WORKSPACE.0, value_name = "ID")]
        workspace: u32,
        #[command(flatten)]
        data_dir: DataDir,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ScopeArg {
    Ingest,
    Read,
    Write,
}

impl From<ScopeArg> for KeyScope {
    fn from(scope: ScopeArg) -> Self {
        match scope {
            ScopeArg::Ingest => Self::Ingest,
            ScopeArg::Read => Self::Read,
            ScopeArg::Write => Self::Write,
        }
    }
}

/// `90d`, `12h`, `30m`.
fn length(text: &str) -> anyhow::Result<Duration> {
    let unit = text.chars().last().and_then(|unit| match unit {
        'd' => Some(86_400),
        'h' => Some(3_600),
        'm' => Some(60),
        _ => None,
    });
    let seconds = unit.and_then(|unit| text[..text.len() - 1].parse::<u64>().ok()?.checked_mul(unit));
    seconds.map(Duration::from_secs).with_context(|| format!("{text:?} is no length of time like 90d, 12h or 30m"))
}

fn expiry(text: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    let at = match length(text) {
        Ok(length) => now.plus_seconds(i64::try_from(length.as_secs()).unwrap_or(i64::MAX / 1_000_000)),
        Err(_) => Timestamp::parse(text).ok().with_context(|| {
            format!("--expires {text:?} is neither a length of time like 90d nor a time like 2027-01-31T00:00:00Z")
        })?,
    };
    if at <= now {
        bail!("--expires {text:?} has passed already");
    }
    Ok(at)
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    Live,
    Test,
    Read,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
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
        KeysCommand::Create { kind, mode, name, scopes, expires, workspace, data_dir } => {
            let mode = mode.map(Mode::from);
            let (kind, mode) = match (kind, mode) {
                (Kind::Live, None | Some(Mode::Live)) => (KeyKind::Live, Mode::Live),
                (Kind::Test, None | Some(Mode::Test)) => (KeyKind::Test, Mode::Test),
                (Kind::Read, mode) => (KeyKind::Read, mode.unwrap_or(Mode::Live)),
                (Kind::Live | Kind::Test, Some(_)) => {
                    bail!("--mode is for read keys: live keys see live data, test keys see test data")
                }
            };
            if kind == KeyKind::Read && scopes.iter().any(|scope| *scope != ScopeArg::Read) {
                bail!("--scopes {READ_KEYS_READ}");
            }
            let expires_at = expires.as_deref().map(|text| expiry(text, Timestamp::now())).transpose()?;
            let settings = data_dir.settings()?;
            let workspace = known(&settings, workspace)?;
            let scopes = match scopes.as_slice() {
                [] => KeyScopes::default(),
                some => KeyScopes::of(some.iter().copied().map(KeyScope::from)),
            };
            let name = name.as_deref().unwrap_or("");
            let (record, key) = settings.make_key(NewKey { kind, mode, workspace, name, scopes, expires_at })?;
            settings
                .write_audit(workspace, &audit::by_command_line("key.created", record.id.to_string(), &record.name))?;
            let until = expires_at.map_or_else(String::new, |at| format!(", until {at}"));
            eprintln!(
                "Created the {} key {} for {} data{until}. It is shown only now:",
                record.kind.as_str(),
                record.id,
                mode.as_str()
            );
            if let Err(error) = super::write_out(&format!("{key}\n")) {
                // What nobody saw opens nothing.
                settings.revoke_key(workspace, &record.id.to_string())?;
                let entry = audit::by_command_line("key.revoked", record.id.to_string(), &record.name);
                settings.write_audit(workspace, &entry)?;
                bail!("the key could not be shown, and was revoked: {error}");
            }
        }
        KeysCommand::Rotate { key, overlap, workspace, data_dir } => {
            let settings = data_dir.existing_settings()?;
            let workspace = known(&settings, workspace)?;
            match settings.rotate_key(workspace, &key, length(&overlap)?)? {
                Rotated::Done { old, new, plaintext } => {
                    let entry = audit::by_command_line("key.rotated", old.id.to_string(), new.id.to_string());
                    settings.write_audit(workspace, &entry)?;
                    let until = old.expires_at.map_or_else(String::new, |at| at.to_string());
                    eprintln!(
                        "The {} key {} ({}…) goes on until {until}. In its place comes {}, shown only now:",
                        old.kind.as_str(),
                        old.id,
                        old.prefix,
                        new.id
                    );
                    say!("{plaintext}");
                }
                Rotated::NotFound => bail!("no key is called {key:?}; `hiveboard keys list` shows them"),
                Rotated::Over(old) => bail!("the key {} was revoked or has expired; create a new one", old.id),
                Rotated::Ambiguous(keys) => bail!("{}", ambiguous(&key, &keys)),
            }
        }
        KeysCommand::List { workspace, data_dir } => {
            let settings = data_dir.existing_settings()?;
            let keys = settings.list_keys(known(&settings, workspace)?)?;
            if keys.is_empty() {
                say!("There are no keys yet. `hiveboard keys create --kind live` makes one.");
                return Ok(());
            }
            say!("{:<36}  {:<4}  {:<4}  {:<14}  {:<27}  {:<8}  NAME", "ID", "KIND", "DATA", "KEY", "CREATED", "STATE");
            for key in keys {
                say!(
                    "{:<36}  {:<4}  {:<4}  {:<14}  {:<27}  {:<8}  {}",
                    key.id,
                    key.kind.as_str(),
                    key.mode.as_str(),
                    format!("{}…", key.prefix),
                    key.created_at,
                    match (key.revoked_at, key.is_active(Timestamp::now())) {
                        (Some(_), _) => "revoked",
                        (None, true) => "active",
                        (None, false) => "expired",
                    },
                    key.name
                );
            }
        }
        KeysCommand::Revoke { key, workspace, data_dir } => {
            let settings = data_dir.existing_settings()?;
            let workspace = known(&settings, workspace)?;
            match settings.revoke_key(workspace, &key)? {
                Revoked::Done(record) => {
                    let entry = audit::by_command_line("key.revoked", record.id.to_string(), ());
                    settings.write_audit(workspace, &entry)?;
                    say!("Revoked the {} key {} ({}…).", record.kind.as_str(), record.id, record.prefix);
                }
                Revoked::NotFound => bail!("no key is called {key:?}; `hiveboard keys list` shows them"),
                Revoked::Ambiguous(keys) => bail!("{}", ambiguous(&key, &keys)),
            }
        }
    }
    Ok(())
}

fn ambiguous(name: &str, keys: &[KeyRecord]) -> String {
    let ids = keys.iter().map(|key| key.id.to_string()).collect::<Vec<_>>().join(", ");
    format!("{name:?} fits several keys; name one by its id: {ids}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_lengths_or_times_that_come() {
        let now = Timestamp::parse("2026-11-26T12:00:00Z").expect("a time");
        assert_eq!(expiry("90d", now).expect("valid"), now.plus_seconds(90 * 86_400));
        assert_eq!(expiry("2026-11-27T12:00:00Z", now).expect("valid"), now.plus_seconds(86_400));
        for wrong in ["", "d", "0h", "2026-11-25T12:00:00Z", "soon", "5 Ω", "99999999999999999999d"] {
            assert!(expiry(wrong, now).is_err(), "{wrong}");
        }
    }
}
