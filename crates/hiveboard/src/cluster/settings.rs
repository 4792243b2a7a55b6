//! The settings of a cluster: a file on every node, kept alike by the log.

use std::{path::Path, sync::Arc};

use hiveboard_log_nats::{NatsOptions, SettingsLog};
use hiveboard_settings::SqliteSettings;

/// Opens the node's file and brings it up to date. Blocks.
///
/// # Errors
/// When the log is away, or the file is another cluster's.
pub fn open(data_dir: &Path, nats: &NatsOptions) -> anyhow::Result<SqliteSettings> {
    let log = SettingsLog::connect(nats)?;
    Ok(SqliteSettings::open_in_cluster(data_dir, Arc::new(log))?)
}
