//! What `hiveboard doctor` looks at in a cluster: whether both engines can be used, and how much waits in the log.

use hiveboard_log_nats::Log;
use hiveboard_store_clickhouse::ping;

use super::config::ClusterConfig;

/// How something is, in words.
pub(crate) enum Look {
    Well(String),
    Warn(String),
    Fail(String),
}

/// The log: whether its streams are as the settings say, and whether any is filling up.
pub(crate) async fn log(config: &ClusterConfig) -> Look {
    let log = match Log::find(&config.nats).await {
        Ok(Some(log)) => log,
        Ok(None) => {
            return Look::Warn(format!(
                "NATS at {} has no streams of this cluster yet; the first node makes them",
                config.nats.urls.join(", ")
            ));
        }
        Err(error) => return Look::Fail(format!("NATS at {}: {error}", config.nats.urls.join(", "))),
    };
    let (mut batches, mut bytes, mut fullest) = (0, 0, 0);
    for partition in 0..log.partitions() {
        match log.extent(partition).await {
            Ok(extent) => {
                batches += extent.messages;
                bytes += extent.bytes;
                fullest = fullest.max(extent.bytes);
            }
            Err(error) => return Look::Fail(format!("partition {partition}: {error}")),
        }
    }
    let partitions = log.partitions();
    let says = format!("{partitions} partitions, {batches} batches and {} MiB in the log", bytes >> 20);
    if fullest * 2 > config.nats.max_bytes {
        return Look::Warn(format!(
            "{says}; one partition is more than half full: its owner, or ClickHouse, is too slow or away, and ingest is refused at {} MiB",
            config.nats.max_bytes >> 20
        ));
    }
    Look::Well(says)
}

/// The store: whether it lets this user in, and what it is.
pub(crate) async fn store(config: &ClusterConfig) -> Look {
    let options = config.clickhouse.options();
    let (at, database) = (config.clickhouse.urls.join(", "), config.clickhouse.database.clone());
    match tokio::task::spawn_blocking(move || ping(&options)).await {
        Ok(Ok(pong)) if pong.has_database => {
            Look::Well(format!("ClickHouse {} at {at}, with the database {database}", pong.version))
        }
        Ok(Ok(pong)) => Look::Warn(format!(
            "ClickHouse {} at {at} has no database {database} yet, or does not show it to this user; the first node makes it",
            pong.version
        )),
        Ok(Err(error)) => Look::Fail(format!("ClickHouse at {at}: {error}")),
        Err(error) => Look::Fail(format!("ClickHouse at {at} could not be asked: {error}")),
    }
}
