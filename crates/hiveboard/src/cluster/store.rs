//! The store of a cluster: `ClickHouse`, a partition at a time.

use std::{collections::BTreeMap, sync::Arc};

use hiveboard_log_nats::LogError;
use hiveboard_store::{Position, StoreError};
use hiveboard_store_clickhouse::{
    ClickHouseOptions, ClickHouseStore, epochs as epochs_of, head as head_of, make, ping,
};

use super::config::ClickHouseConfig;

/// Sees that the store lets this user in, and, where the node `writes`, that its tables are there or can be made. A store that does not answer at all may
/// be there when it is needed.
///
/// # Errors
/// When it never could; says what to do.
pub(super) async fn prepare(config: &ClickHouseConfig, writes: bool) -> anyhow::Result<()> {
    let options = config.options();
    let look = move || ping(&options).and_then(|_| if writes { make(&options) } else { Ok(()) });
    match tokio::task::spawn_blocking(look).await? {
        Ok(()) => Ok(()),
        Err(StoreError::Away(what)) => {
            tracing::warn!(what, "the store is away; what arrives waits in the log until it is there");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// What is stored of a partition, for a stream that has to be made; nothing where the store is away, as at a cluster's first start.
///
/// # Errors
/// When the store cannot be used.
pub(super) async fn head(config: &ClickHouseConfig, partition: u16) -> Result<Position, LogError> {
    let options = ClickHouseOptions { partition, ..config.options() };
    let asked = tokio::task::spawn_blocking(move || head_of(&options)).await;
    match asked.map_err(|error| LogError::Failed(error.to_string()))? {
        Err(StoreError::Away(what)) => {
            tracing::warn!(
                partition,
                what,
                "the stream of a partition has to be made, and the store does not say what it holds of it"
            );
            Ok(Position::START)
        }
        found => found.map_err(|error| LogError::Unusable(format!("the store (ClickHouse): {error}"))),
    }
}

/// Opens a partition as its owner.
pub(super) async fn open(
    config: &ClickHouseConfig,
    dedup_days: u16,
    partition: u16,
    epoch: u64,
) -> anyhow::Result<Arc<ClickHouseStore>> {
    let options = ClickHouseOptions { partition, epoch, dedup_days, ..config.options() };
    let store = tokio::task::spawn_blocking(move || ClickHouseStore::open(options)).await??;
    Ok(Arc::new(store))
}

/// The newest epoch of each partition's owners.
pub(super) async fn epochs(config: &ClickHouseConfig) -> anyhow::Result<BTreeMap<u16, u64>> {
    let options = config.options();
    Ok(tokio::task::spawn_blocking(move || epochs_of(&options)).await??)
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
