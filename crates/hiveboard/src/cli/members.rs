//! `hiveboard members`.

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use hiveboard_settings::{
    AuditLog, DEFAULT_WORKSPACE, Invitations, MemberChange, MemberRecord, Members, People, Role, SqliteSettings,
    Workspaces,
};
use hiveboard_wire::WorkspaceId;

use super::open_existing_settings;
use crate::{
    api::{invitations::INVITATION_LIVES, sign_in::is_email},
    audit,
    config::{Config, ServeArgs},
    remote::board_of,
};

/// How long the link of a reset works.
const RESET_HOURS: u64 = 24;

#[derive(Subcommand)]
pub(super) enum MembersCommand {
    /// List who belongs to a workspace.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Invite someone and print the link, which works once, for seven days.
    Invite {
        email: String,
        #[arg(long, value_enum, default_value = "member")]
        role: RoleArg,
        #[command(flatten)]
        place: Place,
    },
    /// Print a link with which a member sets a new password, once, within 24 hours.
    Reset {
        email: String,
        #[command(flatten)]
        place: Place,
    },
    /// Remove a member; the sessions in the workspace end within a second.
    Remove {
        email: String,
        #[command(flatten)]
        place: Place,
    },
    /// Give a member another role.
    Role {
        email: String,
        #[arg(value_enum)]
        role: RoleArg,
        #[command(flatten)]
        place: Place,
    },
}

/// Which workspace of which server.
#[derive(clap::Args)]
pub(super) struct Place {
    /// Id of the workspace; `hiveboard workspaces list` shows them.
    #[arg(long, default_value_t = DEFAULT_WORKSPACE.0, value_name = "ID")]
    workspace: u32,
    #[command(flatten)]
    serve: ServeArgs,
}

impl Place {
    fn open(self) -> anyhow::Result<(SqliteSettings, WorkspaceId, Config)> {
        let config = Config::resolve(self.serve)?;
        let settings = open_existing_settings(&config)?;
        let workspace = known(&settings, self.workspace)?;
        Ok((settings, workspace, config))
    }
}

/// The workspace with this id.
pub(super) fn known(settings: &SqliteSettings, id: u32) -> anyhow::Result<WorkspaceId> {
    if settings.workspace(WorkspaceId(id))?.is_none() {
        bail!("there is no workspace {id}; `hiveboard workspaces list` shows them");
    }
    Ok(WorkspaceId(id))
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum RoleArg {
    Viewer,
    Member,
    Admin,
    Owner,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Viewer => Self::Viewer,
            RoleArg::Member => Self::Member,
            RoleArg::Admin => Self::Admin,
            RoleArg::Owner => Self::Owner,
        }
    }
}

pub(super) fn run(command: MembersCommand) -> anyhow::Result<()> {
    match command {
        MembersCommand::List { place } => list(place),
        MembersCommand::Invite { email, role, place } => invite(&email, role.into(), place),
        MembersCommand::Reset { email, place } => reset(&email, place),
        MembersCommand::Remove { email, place } => remove(&email, place),
        MembersCommand::Role { email, role, place } => change_role(&email, role.into(), place),
    }
}

fn list(place: Place) -> anyhow::Result<()> {
    let (settings, workspace, _) = place.open()?;
    let members = settings.list_members(workspace)?;
    if members.is_empty() {
        say!("There are no members yet. Follow the link of `hiveboard login-link`, or use `hiveboard members invite`.");
        return Ok(());
    }
    say!("{:<6}  {:<40}  {:<27}  NAME", "ROLE", "E-MAIL", "LAST SEEN");
    for member in members {
        let seen = member.last_seen_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
        say!("{:<6}  {:<40}  {seen:<27}  {}", member.role.as_str(), member.email, member.name);
    }
    Ok(())
}

fn invite(email: &str, role: Role, place: Place) -> anyhow::Result<()> {
    let (settings, workspace, config) = place.open()?;
    if !is_email(email) {
        bail!("{email:?} is no e-mail address");
    }
    if member(&settings, workspace, email).is_ok() {
        bail!("{email} is a member already; `hiveboard members role` changes what they may");
    }
    let (record, token) = settings.invite(workspace, email, role, "the owner of this server", INVITATION_LIVES)?;
    settings.write_audit(workspace, &audit::by_command_line("invitation.created", &record.email, role.as_str()))?;
    eprintln!("Invited {} as {}. The link works once, until {}:", record.email, role.as_str(), record.expires_at);
    say!("{}/invitation#token={token}", board_of(&config));
    Ok(())
}

fn reset(email: &str, place: Place) -> anyhow::Result<()> {
    let (settings, workspace, config) = place.open()?;
    let person = settings
        .find_person_by_email(email)?
        .with_context(|| format!("nobody has the address {email:?}; `hiveboard members list` shows who there is"))?;
    let token = settings.create_password_reset(person.id, std::time::Duration::from_secs(RESET_HOURS * 3_600))?;
    settings.write_audit(workspace, &audit::by_command_line("password.reset_link_made", &person.email, ()))?;
    eprintln!("A new password for {} is set with this link, once, within {RESET_HOURS} hours:", person.email);
    say!("{}/reset#token={token}", board_of(&config));
    Ok(())
}

fn remove(email: &str, place: Place) -> anyhow::Result<()> {
    let (settings, workspace, _) = place.open()?;
    let before = done(settings.remove_member(workspace, member(&settings, workspace, email)?.person_id)?)?;
    settings.write_audit(workspace, &audit::by_command_line("member.removed", &before.email, ()))?;
    say!("Removed {}, who was {}.", before.email, before.role.as_str());
    Ok(())
}

fn change_role(email: &str, role: Role, place: Place) -> anyhow::Result<()> {
    let (settings, workspace, _) = place.open()?;
    let before = done(settings.set_role(workspace, member(&settings, workspace, email)?.person_id, role)?)?;
    settings.write_audit(workspace, &audit::by_command_line("member.role_changed", &before.email, role.as_str()))?;
    say!("{} was {}, and is {} now.", before.email, before.role.as_str(), role.as_str());
    Ok(())
}

fn member(settings: &SqliteSettings, workspace: WorkspaceId, email: &str) -> anyhow::Result<MemberRecord> {
    let email = email.trim().to_lowercase();
    let found = settings.list_members(workspace)?.into_iter().find(|member| member.email == email);
    found.with_context(|| format!("{email:?} is no member; `hiveboard members list` shows who is"))
}

fn done(change: MemberChange) -> anyhow::Result<MemberRecord> {
    match change {
        MemberChange::Done(before) => Ok(before),
        MemberChange::NotFound => bail!("there is no such member; `hiveboard members list` shows who there is"),
        MemberChange::LastOwner => bail!("this is the workspace's only owner; make another one first"),
    }
}
