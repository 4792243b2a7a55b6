//! The cluster that a server becomes: both engines, before any node has begun.

use anyhow::{Context, ensure};
use hiveboard_log_nats::{Log, NatsOptions, SettingsLog};
use hiveboard_settings::{Entries, Replicate as _};
use hiveboard_store::{EventLog, Position, Result};
use hiveboard_store_clickhouse::{ClickHouseOptions, ClickHouseStore, Migrated, copy, differences};
use tokio::runtime::Runtime;

use crate::cluster::config::ClusterConfig;

/// Before every owner: those of the nodes begin with greater ones.
const EPOCH: u64 = 0;

pub(super) struct Target {
    runtime: Runtime,
    log: Log,
    nats: NatsOptions,
    partitions: Vec<ClickHouseStore>,
}

impl Target {
    pub(super) fn reach(cluster: &ClusterConfig) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .context("cannot start the runtime")?;
        let nats = cluster.nats.clone();
        let log = runtime.block_on(Log::connect(&nats)).context("the log of the cluster (nats_…)")?;
        let partitions = (0..log.partitions())
            .map(|partition| {
                let options = ClickHouseOptions {
                    partition,
                    epoch: EPOCH,
                    // What comes from one store has no repetitions.
                    dedup_days_in_memory: 0,
                    dedup_ids_in_memory: 0,
                    ..cluster.clickhouse.options()
                };
                ClickHouseStore::open(options)
            })
            .collect::<Result<Vec<_>>>()
            .context("the store of the cluster (clickhouse_…); where nodes have served it before, it is in use, and nothing can be moved into it any more")?;
        Ok(Self { runtime, log, nats, partitions })
    }

    /// Tells it from any other.
    pub(super) fn cluster(&self) -> &str {
        self.log.cluster()
    }

    /// Nothing of another origin is in it.
    pub(super) fn ensure_it_is_empty(&self) -> anyhow::Result<()> {
        ensure!(
            self.partitions.iter().all(|partition| partition.head() == Position::START),
            "the database in ClickHouse holds events already: only what was begun here goes on; name another clickhouse_database"
        );
        for partition in 0..self.log.partitions() {
            let last = self.runtime.block_on(self.log.last_of_partition(partition))?;
            ensure!(
                last == Position::START,
                "the cluster's log holds events already: nodes have served it, and nothing can be moved into it any more; name another nats_prefix"
            );
        }
        let settings = SettingsLog::connect(&self.nats)?;
        ensure!(
            matches!(settings.entries_after(0)?, Entries::Some(entries) if entries.is_empty()),
            "the cluster has settings already: a node was started before. Move first, then start the nodes; name another nats_prefix"
        );
        Ok(())
    }

    pub(super) fn copy(&self, source: &dyn EventLog, progress: &mut dyn FnMut(u64)) -> Result<Migrated> {
        copy(source, &self.partitions, &|scope| self.log.partition_of(scope), progress)
    }

    pub(super) fn differences(
        &self,
        source: &dyn EventLog,
        between: (Position, Position),
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<String>> {
        differences(source, &self.partitions, &|scope| self.log.partition_of(scope), between, progress)
    }

    /// Lets the log give places behind those of all events that were copied.
    pub(super) fn begin_log_after(&self, place: Position) -> anyhow::Result<()> {
        for partition in 0..self.log.partitions() {
            self.runtime.block_on(self.log.begin_after(partition, place))?;
        }
        Ok(())
    }
}
