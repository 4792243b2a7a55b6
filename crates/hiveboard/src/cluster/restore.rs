//! A cluster whose NATS has lost everything: its log made anew from a node's copy of the settings and what `ClickHouse` holds.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use hiveboard_log_nats::{NatsOptions, partition_of};
use hiveboard_settings::{SettingsCopy, SqliteSettings};
use hiveboard_store_clickhouse::{epochs, scopes};
use tokio::runtime::Runtime;

use super::{
    beside::NodeBeside,
    config::{ClickHouseConfig, ClusterConfig},
};

pub(crate) struct Done {
    pub(crate) copy: SettingsCopy,
    pub(crate) partitions: u16,
}

/// Restores from the copy that lies in `from`. Blocks.
///
/// # Errors
/// When there is no copy, when NATS holds a cluster or newer settings, and when an engine is away; says what to do. It may be run again after each.
pub(crate) fn restore(cluster: &ClusterConfig, data_dir: &Path, from: &Path) -> anyhow::Result<Done> {
    ensure!(
        SqliteSettings::copy_in(from)?.is_some(),
        "{} holds no copy of a cluster's settings: name a directory with the settings.db of a node, or a backup of it",
        from.display()
    );
    let partitions = partitions(cluster).context("the store of the cluster (clickhouse_…)")?;
    std::fs::create_dir_all(data_dir)
        .with_context(|| format!("cannot create the data directory {}", data_dir.display()))?;
    let file = Written(data_dir.join("settings.restored"));
    let copy = SqliteSettings::write_restored(from, &file.0)?;
    let beside = NodeBeside::new(cluster, data_dir);
    let made = hiveboard_log_nats::restore(&cluster.nats, &copy, &file.0, partitions, &beside);
    Runtime::new().context("cannot start the runtime")?.block_on(made).context("the log of the cluster (nats_…)")?;
    Ok(Done { copy, partitions })
}

/// A file that goes when it is not needed any more.
struct Written(PathBuf);

impl Drop for Written {
    fn drop(&mut self) {
        for ending in ["", "-wal", "-shm"] {
            let mut name = self.0.clone().into_os_string();
            name.push(ending);
            let _goes_next_time = std::fs::remove_file(name);
        }
    }
}

/// How many partitions the cluster has: as many as had owners, so that all events lie where they belong.
fn partitions(ClusterConfig { clickhouse, nats, .. }: &ClusterConfig) -> anyhow::Result<u16> {
    let options = ClickHouseConfig::options(clickhouse);
    let owned = epochs(&options)?.into_keys().max().map(|last| last + 1);
    let wanted = nats.partitions.or(owned).unwrap_or(NatsOptions::PARTITIONS);
    let events = scopes(&options)?;
    let fits = owned.is_none_or(|owned| owned == wanted)
        && events.iter().all(|(scope, partition)| partition_of(*scope, wanted) == *partition);
    if !fits {
        let had = owned.map(|owned| format!("; {owned} had owners")).unwrap_or_default();
        bail!(
            "what the database {} holds is not divided into {wanted} partitions{had}: name with nats_partitions how many the cluster had",
            options.database
        );
    }
    Ok(wanted)
}
