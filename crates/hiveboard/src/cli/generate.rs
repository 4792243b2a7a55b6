//! `hiveboard completions`, `hiveboard man`: what shells and readers of manuals know of these commands, made from the commands themselves.

use std::path::PathBuf;

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;

use crate::terminal::output::Reader;

#[derive(clap::Args)]
#[command(after_help = "For bash: hiveboard completions bash > ~/.local/share/bash-completion/completions/hiveboard")]
pub(super) struct CompletionsArgs {
    /// Whose completions.
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(clap::Args)]
pub(super) struct ManArgs {
    /// Write a page for each command into this directory, instead of printing the one of `hiveboard`.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(super) fn completions(args: CompletionsArgs, mut command: Command) -> anyhow::Result<()> {
    // It panics where it cannot write.
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut command, "hiveboard", &mut text);
    say_part!("{}", String::from_utf8_lossy(&text));
    Ok(())
}

pub(super) fn man(args: ManArgs, command: Command) -> anyhow::Result<()> {
    // No pages about `help` below every command.
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let Some(dir) = args.dir else {
        return Ok(clap_mangen::Man::new(command).render(&mut Reader(std::io::stdout()))?);
    };
    let told = || format!("cannot write pages into {}", dir.display());
    std::fs::create_dir_all(&dir).with_context(told)?;
    clap_mangen::generate_to(command, &dir).with_context(told)?;
    say!("{}", dir.display());
    Ok(())
}
