//! `hiveboard restore-settings`: what to do when NATS has lost all that it kept of a cluster.

use std::path::PathBuf;

use anyhow::bail;

use super::DataDir;
use crate::{cluster::restore, tls};

#[derive(clap::Args)]
pub(super) struct RestoreSettingsArgs {
    /// A directory that holds the settings.db of another node, or a backup of it; without it, the node's own is taken.
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    #[command(flatten)]
    data_dir: DataDir,
}

pub(super) fn run(args: RestoreSettingsArgs) -> anyhow::Result<()> {
    tls::choose_cryptography();
    let config = args.data_dir.config()?;
    let Some(cluster) = &config.cluster else {
        bail!(
            "this restores the settings of a cluster, and --config names none; `hiveboard restore` puts a backup into a server's data directory"
        )
    };
    let from = args.from.as_ref().unwrap_or(&config.data_dir);
    let restore::Done { copy, partitions } = restore::restore(cluster, &config.data_dir, from)?;
    let when = copy.changed_at.map(|at| format!(", of {at}")).unwrap_or_default();
    say!(
        "Restored the settings up to change {}{when}: workspaces: {}, people: {}, keys: {}.",
        copy.last,
        copy.workspaces,
        copy.people,
        copy.keys
    );
    say!(
        "The log of cluster {} begins anew behind what ClickHouse holds, in {partitions} partitions. Start the nodes; those that run go on by themselves. A node that has newer settings refuses to start, and says so.",
        copy.cluster
    );
    Ok(())
}
