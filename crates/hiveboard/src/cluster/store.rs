//! The store of a cluster: `ClickHouse`, a partition at a time.

use std::sync::Arc;

use hiveboard_store::{EventStore, StoreError};
use hiveboard_store_clickhouse::{ClickHouseOptions, ClickHouseStore, ping};

use super::config::ClickHouseConfig;

/// Sees that the store lets this user in, where it answers at all: one that is away now may be there when it is needed.
///
/// # Errors
/// When it never could; says what to do.
pub(super) async fn prepare(config: &ClickHouseConfig) -> anyhow::Result<()> {
    let options = config.options();
    match tokio::task::spawn_blocking(move || ping(&options)).await? {
        Ok(_) => Ok(()),
        Err(StoreError::Away(what)) => {
            tracing::warn!(what, "the store is away; what arrives waits in the log until it is there");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Opens a partition as its owner.
pub(super) async fn open(
    config: &ClickHouseConfig,
    dedup_days: u16,
    partition: u16,
    epoch: u64,
) -> anyhow::Result<Arc<dyn EventStore>> {
    let options = ClickHouseOptions { partition, epoch, dedup_days, ..config.options() };
    let store = tokio::task::spawn_blocking(move || ClickHouseStore::open(options)).await??;
    Ok(Arc::new(store))
}

impl ClickHouseConfig {
    /// Of no partition yet.
    pub(crate) fn options(&self) -> ClickHouseOptions {
        ClickHouseOptions {
            urls: self.urls.clone(),
            database: self.database.clone(),
            user: self.user.clone(),
            password: self.password.clone().unwrap_or_default(),
            ca_file: self.ca_file.clone(),
            cluster: self.cluster.clone(),
            ..ClickHouseOptions::default()
        }
    }
}
