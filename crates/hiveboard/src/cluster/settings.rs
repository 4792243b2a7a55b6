//! The settings of a cluster: a file on every node, kept alike by the log.

use std::{path::Path, sync::Arc};

use hiveboard_log_nats::SettingsLog;
use hiveboard_settings::SqliteSettings;

use super::{beside::NodeBeside, config::ClusterConfig};

/// Opens the node's file and brings it up to date. Blocks.
///
/// # Errors
/// When the log is away, or the file is another cluster's.
pub fn open(data_dir: &Path, cluster: &ClusterConfig) -> anyhow::Result<SqliteSettings> {
    let log = SettingsLog::connect_beside(&cluster.nats, &NodeBeside::new(cluster, data_dir))?;
    Ok(SqliteSettings::open_in_cluster(data_dir, Arc::new(log))?)
}
