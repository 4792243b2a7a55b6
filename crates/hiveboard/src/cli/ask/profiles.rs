//! `hiveboard login`, `logout`, `profiles`: servers that are asked again and again.

use std::io::{BufRead, IsTerminal, Write};

use super::ServerArgs;
use crate::{
    remote::{
        Fault, Query,
        answers::Session,
        profiles::{Profile, Profiles},
    },
    terminal::{
        output::Output,
        style,
        table::{Cell, Column, Table},
    },
};

#[derive(clap::Args)]
pub(crate) struct LoginArgs {
    /// The address of the server.
    #[arg(value_name = "URL")]
    url: String,
    /// A key that may read; `HIVEBOARD_API_KEY`, or asked for, when not given.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// What to call it.
    #[arg(long, default_value = "default", value_name = "NAME")]
    profile: String,
}

#[derive(clap::Args)]
pub(crate) struct LogoutArgs {
    /// Which one to forget.
    #[arg(default_value = "default", value_name = "NAME")]
    profile: String,
}

/// Keeps a server's address and key after asking it; it is the usual one from then on.
pub(crate) fn login(args: LoginArgs) -> anyhow::Result<()> {
    let key = args.key.or_else(|| std::env::var("HIVEBOARD_API_KEY").ok()).filter(|key| !key.trim().is_empty());
    let key = match key {
        Some(key) => key.trim().to_owned(),
        None => asked_for()?,
    };
    let server = ServerArgs { url: Some(args.url), key: Some(key.clone()), ..ServerArgs::default() };
    let client = server.client()?;
    let session: Session = client.read("/v1/session", &Query::default())?;
    let mut profiles = Profiles::load()?;
    profiles.profile.insert(args.profile.clone(), Profile { url: client.target().url.clone(), key });
    profiles.default = Some(args.profile.clone());
    let path = profiles.save()?;
    let mut out = Output::new();
    out.line(format!(
        "{} keeps {} as {:?}: {} data of {:?}, read with {}.",
        path.display(),
        client.target().url,
        args.profile,
        session.mode_default,
        session.workspace.name,
        client.target().shown_key()
    ))?;
    out.line("It is asked when nothing else is said.")?;
    Ok(())
}

/// From a person without an echo on the screen, or from a pipe.
fn asked_for() -> anyhow::Result<String> {
    let is_terminal = std::io::stdin().is_terminal();
    if is_terminal {
        eprint!("Key (`hiveboard keys create --kind read` makes one where the server runs): ");
        std::io::stderr().flush()?;
    }
    let key = if is_terminal { rpassword::read_password()? } else { first_line()? };
    let key = key.trim().to_owned();
    if key.is_empty() {
        return Err(Fault::Usage(
            "no key was given: --key, HIVEBOARD_API_KEY, or the first line of the input".to_owned(),
        )
        .into());
    }
    Ok(key)
}

fn first_line() -> std::io::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line)
}

pub(crate) fn logout(args: LogoutArgs) -> anyhow::Result<()> {
    let mut profiles = Profiles::load()?;
    profiles.named(&args.profile)?;
    profiles.profile.remove(&args.profile);
    if profiles.default.as_deref() == Some(&args.profile) {
        profiles.default = None;
    }
    profiles.save()?;
    Output::new()
        .line(format!("{:?} is forgotten here. Its key still works: `hiveboard keys revoke` ends it.", args.profile))?;
    Ok(())
}

pub(crate) fn list() -> anyhow::Result<()> {
    let profiles = Profiles::load()?;
    let mut out = Output::new();
    if profiles.profile.is_empty() {
        out.line("No profiles yet. `hiveboard login URL` keeps a server's address with a key.")?;
        return Ok(());
    }
    let mut table =
        Table::new([Column::text("PROFILE"), Column::text("SERVER").cut_to(20), Column::text("KEY"), Column::text("")]);
    for (name, profile) in &profiles.profile {
        let is_usual = profiles.default.as_deref() == Some(name);
        let key: String = profile.key.chars().take(12).collect();
        table.row([
            Cell::new(name).styled(style::BOLD),
            (&profile.url).into(),
            format!("{key}…").into(),
            if is_usual { "the usual one" } else { "" }.into(),
        ]);
    }
    out.lines(table.lines(out.width()))?;
    Ok(())
}
