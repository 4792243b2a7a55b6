//! The store of a cluster: `ClickHouse`, a partition at a time.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::bail;
use hiveboard_log_nats::{Log, LogError};
use hiveboard_store::{Position, StoreError};
use hiveboard_store_clickhouse::{
    ClickHouseOptions, ClickHouseStore, Pong, epochs as epochs_of, head as head_of, make, ping,
};

use super::config::ClickHouseConfig;

/// Sees that the store lets this user in. One that does not answer at all, or is full, may be there when it is needed.
///
/// # Errors
/// When it never could; says what to do.
pub(super) async fn look(config: &ClickHouseConfig) -> anyhow::Result<()> {
    let options = config.options();
    passing(tokio::task::spawn_blocking(move || ping(&options).map(|_| ())).await?)
}

/// Sees that the store's tables are there or can be made, and makes them.
///
/// # Errors
/// When they never could, and when the store has lost what it held; says what to do.
pub(super) async fn prepare(config: &ClickHouseConfig, log: &Log) -> anyhow::Result<()> {
    let options = config.options();
    match tokio::task::spawn_blocking(move || ping(&options)).await? {
        Ok(pong) => ensure_kept(config, &pong, log).await?,
        Err(error) => return passing(Err(error)),
    }
    let options = config.options();
    passing(tokio::task::spawn_blocking(move || make(&options)).await?)
}

fn passing(done: Result<(), StoreError>) -> anyhow::Result<()> {
    match done {
        Ok(()) => Ok(()),
        Err(StoreError::Away(what)) => {
            tracing::warn!(what, "the store is away; what arrives waits in the log until it is there");
            Ok(())
        }
        Err(StoreError::Full(what)) => {
            tracing::error!(what, "the store has no room; what arrives waits in the log until it has");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Where the log has gone on, somebody has stored what was in it: a database that is not there is another one, or lost. Whoever would make it anew would
/// take out of the log what is missed in the right one.
async fn ensure_kept(config: &ClickHouseConfig, pong: &Pong, log: &Log) -> anyhow::Result<()> {
    if pong.has_database {
        return Ok(());
    }
    for partition in 0..log.partitions() {
        if log.last_of_partition(partition).await? > Position::START {
            bail!(lost(&config.database));
        }
    }
    Ok(())
}

pub(super) fn lost(database: &str) -> String {
    format!(
        "ClickHouse has no database {database}, and the cluster's log has gone on: clickhouse_urls or clickhouse_database name another one, or it has lost what it had stored. \
         Restore a backup of it; to go on without, make an empty one (`CREATE DATABASE {database}`). What is not stored waits in the log"
    )
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
    log: &Log,
) -> anyhow::Result<Arc<ClickHouseStore>> {
    let options = config.options();
    let pong = tokio::task::spawn_blocking(move || ping(&options)).await??;
    ensure_kept(config, &pong, log).await?;
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
