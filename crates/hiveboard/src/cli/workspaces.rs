//! `hiveboard workspaces`.

use std::io::{IsTerminal, Write};

use anyhow::{Context, bail};
use clap::Subcommand;
use hiveboard_settings::{AuditLog, DEFAULT_WORKSPACE, Members, People, Role, Workspaces};

use super::{DataDir, members::known};
use crate::{api::workspaces::FIRST_STAYS, audit};

#[derive(Subcommand)]
pub(super) enum WorkspacesCommand {
    /// Make a workspace and print its id as the last line.
    Create {
        name: String,
        /// E-mail address of who owns it; someone who has an account. Without, invite one with `hiveboard members invite`.
        #[arg(long, value_name = "EMAIL")]
        owner: Option<String>,
        #[command(flatten)]
        data_dir: DataDir,
    },
    /// Delete a workspace with its keys, members, rules and events. There is no way back but a backup.
    Delete {
        /// Its id; `list` shows them.
        id: u32,
        /// Its name, to say that it is this one that is meant; asked for when not given.
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
        #[command(flatten)]
        data_dir: DataDir,
    },
    /// List all workspaces.
    List {
        #[command(flatten)]
        data_dir: DataDir,
    },
}

pub(super) fn run(command: WorkspacesCommand) -> anyhow::Result<()> {
    match command {
        WorkspacesCommand::Create { name, owner, data_dir } => {
            let name = name.trim();
            if !(1..=100).contains(&name.chars().count()) {
                bail!("the name of a workspace has 1 to 100 characters");
            }
            let settings = data_dir.settings()?;
            let owner = match owner {
                Some(email) => Some(settings.find_person_by_email(&email)?.with_context(|| {
                    format!("nobody has the address {email:?}; make the workspace without --owner, and invite one")
                })?),
                None => None,
            };
            let workspace = settings.create_workspace(name)?;
            if let Some(person) = &owner {
                settings.add_member(workspace.id, person.id, Role::Owner)?;
            }
            settings.write_audit(workspace.id, &audit::by_command_line("workspace.created", name, ()))?;
            eprintln!("Made the workspace {name:?}. Its id, for --workspace:");
            say!("{}", workspace.id.0);
        }
        WorkspacesCommand::Delete { id, confirm, data_dir } => {
            let settings = data_dir.existing_settings()?;
            let id = known(&settings, id)?;
            let name = settings.workspace(id)?.map(|workspace| workspace.name).unwrap_or_default();
            if id == DEFAULT_WORKSPACE {
                bail!("{FIRST_STAYS}");
            }
            let said = match confirm {
                Some(said) => said,
                None => ask(&name)?,
            };
            if said.trim() != name {
                bail!("nothing was deleted: workspace {} is called {name:?}", id.0);
            }
            settings.delete_workspace(id)?;
            settings.write_audit(DEFAULT_WORKSPACE, &audit::by_command_line("workspace.deleted", &name, ()))?;
            say!(
                "Deleted the workspace {name:?}. A running server lets its events go within a minute, those of today within a day."
            );
        }
        WorkspacesCommand::List { data_dir } => {
            let settings = data_dir.existing_settings()?;
            say!("{:>6}  {:<7}  {:<8}  NAME", "ID", "MEMBERS", "PROJECTS");
            for workspace in settings.workspaces()? {
                let members = settings.list_members(workspace.id)?.len();
                let projects = if workspace.auto_create_projects { "by event" } else { "strict" };
                say!("{:>6}  {members:<7}  {projects:<8}  {}", workspace.id.0, workspace.name);
            }
        }
    }
    Ok(())
}

fn ask(name: &str) -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody can be asked here: add --confirm {name:?}");
    }
    say_part!("All events, keys, members and rules of {name:?} go. Type its name to delete it: ");
    std::io::stdout().flush()?;
    let mut said = String::new();
    std::io::stdin().read_line(&mut said)?;
    Ok(said)
}
