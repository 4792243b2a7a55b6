//! What `hiveboard doctor` looks at in a cluster: whether both engines can be used, and how much waits in the log.

use std::path::Path;

use hiveboard_log_nats::{Extent, Log, place};
use hiveboard_settings::SqliteSettings;
use hiveboard_store::Position;
use hiveboard_store_clickhouse::{ClickHouseOptions, head, ping};
use hiveboard_wire::Timestamp;

use super::{beside::NodeBeside, config::ClusterConfig, store};

const HOUR_MICROS: i64 = 3_600_000_000;
/// With less, ClickHouse soon finds no room to merge what it has.
const LITTLE_BYTES: u64 = 2 << 30;

/// How something is, in words.
pub(crate) enum Look {
    Well(String),
    Warn(String),
    Fail(String),
}

/// The log: whether its streams are as the settings say, and whether any is filling up or outlived.
pub(crate) async fn log(config: &ClusterConfig, data_dir: &Path) -> Look {
    let log = match Log::find(&config.nats).await {
        Ok(Some(log)) => log,
        Ok(None) => {
            let beside = NodeBeside::new(config, data_dir);
            return match beside.trace().await {
                Ok(None) => Look::Warn(format!(
                    "NATS at {} has no streams of this cluster yet; the first node makes them",
                    config.nats.urls.join(", ")
                )),
                Ok(Some(trace)) => Look::Fail(beside.lost(&trace)),
                Err(error) => Look::Fail(error.to_string()),
            };
        }
        Err(error) => return Look::Fail(format!("NATS at {}: {error}", config.nats.urls.join(", "))),
    };
    let (mut batches, mut bytes, mut fullest) = (0, 0, 0);
    let mut gone = Vec::new();
    let mut oldest: Option<Timestamp> = None;
    for partition in 0..log.partitions() {
        match log.extent(partition).await {
            Ok(extent) => {
                batches += extent.messages;
                bytes += extent.bytes;
                fullest = fullest.max(extent.bytes);
                match waiting(config, partition, extent).await {
                    Waiting::Nothing => {}
                    Waiting::Since(since) => oldest = Some(oldest.map_or(since, |before| before.min(since))),
                    Waiting::Gone(batches) => gone.push(format!("{batches} of partition {partition}")),
                }
            }
            Err(error) => return Look::Fail(format!("partition {partition}: {error}")),
        }
    }
    let partitions = log.partitions();
    let says = format!("{partitions} partitions, {batches} batches and {} MiB in the log", bytes >> 20);
    if !gone.is_empty() {
        return Look::Fail(format!(
            "{says}; batches have left the log before they were stored, and are lost ({}): they were older than nats_log_hours, or ClickHouse has lost what it had stored. The nodes go on behind them",
            gone.join(", ")
        ));
    }
    let waited = oldest.map_or(0, |oldest| Timestamp::now().0 - oldest.0);
    if waited > config.nats.max_age.as_micros() as i64 / 2 {
        return Look::Warn(format!(
            "{says}; some have waited for {} hours: what is not stored within {} (nats_log_hours) is lost. Look at the nodes that own partitions, and at ClickHouse",
            waited / HOUR_MICROS,
            config.nats.max_age.as_micros() as i64 / HOUR_MICROS
        ));
    }
    if fullest * 2 > config.nats.max_bytes {
        return Look::Warn(format!(
            "{says}; one partition is more than half full: its owner, or ClickHouse, is too slow or away, and ingest is refused at {} MiB",
            config.nats.max_bytes >> 20
        ));
    }
    Look::Well(says)
}

/// What of a partition is not stored yet.
enum Waiting {
    Nothing,
    Since(Timestamp),
    /// So many batches will never be.
    Gone(u64),
}

/// As far as the store says.
async fn waiting(config: &ClusterConfig, partition: u16, extent: Extent) -> Waiting {
    let options = ClickHouseOptions { partition, ..config.clickhouse.options() };
    let Ok(Ok(stored)) = tokio::task::spawn_blocking(move || head(&options)).await else { return Waiting::Nothing };
    let gone = place::sequence_of(extent.begins_after).saturating_sub(place::sequence_of(stored));
    if gone > 0 {
        return Waiting::Gone(gone);
    }
    // The message of the last event that is stored stays in the log.
    let waits = place::sequence_of(extent.last) > place::sequence_of(stored);
    extent.since.filter(|_| waits).map_or(Waiting::Nothing, Waiting::Since)
}

/// This node's copy of the settings, which is what they are restored from if NATS loses them.
pub(crate) fn copy(data_dir: &Path) -> Option<Look> {
    Some(match SqliteSettings::copy_in(data_dir) {
        Ok(None) => return None,
        Ok(Some(copy)) => {
            let when = copy.changed_at.map(|at| format!(", of {at}")).unwrap_or_default();
            Look::Well(format!("a copy of those of cluster {}, up to change {}{when}", copy.cluster, copy.last))
        }
        Err(error) => Look::Fail(error.to_string()),
    })
}

/// Whether the log has or had messages.
async fn log_has_gone_on(config: &ClusterConfig) -> bool {
    let Ok(Some(log)) = Log::find(&config.nats).await else { return false };
    for partition in 0..log.partitions() {
        if log.last_of_partition(partition).await.is_ok_and(|last| last > Position::START) {
            return true;
        }
    }
    false
}

/// The store: whether it lets this user in, and what it is.
pub(crate) async fn engine(config: &ClusterConfig) -> Look {
    let options = config.clickhouse.options();
    let (at, database) = (config.clickhouse.urls.join(", "), config.clickhouse.database.clone());
    match tokio::task::spawn_blocking(move || ping(&options)).await {
        Ok(Ok(pong)) if pong.free_bytes.is_some_and(|free| free < LITTLE_BYTES) => Look::Warn(format!(
            "ClickHouse {} at {at} has {} MiB left: what it has no room for waits in the log, until that is full. Make room, or keep events for fewer days (`hiveboard retention`)",
            pong.version,
            pong.free_bytes.unwrap_or(0) >> 20
        )),
        Ok(Ok(pong)) if pong.has_database => {
            Look::Well(format!("ClickHouse {} at {at}, with the database {database}", pong.version))
        }
        Ok(Ok(_)) if log_has_gone_on(config).await => Look::Fail(store::lost(&database)),
        Ok(Ok(pong)) => Look::Warn(format!(
            "ClickHouse {} at {at} has no database {database} yet, or does not show it to this user; the first node makes it",
            pong.version
        )),
        Ok(Err(error)) => Look::Fail(format!("ClickHouse at {at}: {error}")),
        Err(error) => Look::Fail(format!("ClickHouse at {at} could not be asked: {error}")),
    }
}
