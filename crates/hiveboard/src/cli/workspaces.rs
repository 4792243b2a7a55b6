//! `hiveboard workspaces`.

use anyhow::{Context, bail};
use clap::Subcommand;
use hiveboard_settings::{AuditLog, Members, People, Role, Workspaces};

use super::DataDir;
use crate::audit;

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
    /// List all workspaces.
    List {
        #[command(flatten)]
        data_dir: DataDir,
    },
}

pub(super) fn run(command: WorkspacesCommand) -> anyhow::Result<()> {
    match command {
        WorkspacesCommand::Create { name, owner, data_dir } => {
            let settings = data_dir.settings()?;
            let name = name.trim();
            if !(1..=100).contains(&name.chars().count()) {
                bail!("the name of a workspace has 1 to 100 characters");
            }
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
            println!("{}", workspace.id.0);
        }
        WorkspacesCommand::List { data_dir } => {
            let settings = data_dir.settings()?;
            println!("{:>6}  {:<7}  {:<8}  NAME", "ID", "MEMBERS", "PROJECTS");
            for workspace in settings.workspaces()? {
                let members = settings.list_members(workspace.id)?.len();
                let projects = if workspace.auto_create_projects { "by event" } else { "strict" };
                println!("{:>6}  {members:<7}  {projects:<8}  {}", workspace.id.0, workspace.name);
            }
        }
    }
    Ok(())
}
