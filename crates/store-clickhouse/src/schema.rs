//! Tables, and the steps by which they came to be what they are.

use clickhouse::Row;
use hiveboard_store::{Position, Result, StoreError};
use serde::{Deserialize, Serialize};

use crate::{
    ClickHouseOptions,
    admin::free_bytes,
    server::{Limit, Rows, Server},
    sql::Sql,
};

/// Each step once, in order. `{on_cluster}` and `{replicated}` stand for what a cluster of servers needs.
///
/// A row has its key for ever, and rows of one key are equal: whoever stores an event again stores the same, and one of them goes at the next
/// merge. Nothing is summed up ahead, for sums would count what came twice.
const STEPS: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS events{on_cluster} (
        partition UInt16 CODEC(ZSTD(1)),
        scope UInt32 CODEC(ZSTD(1)),
        seq UInt64 CODEC(Delta(8), ZSTD(1)),
        received_us Int64 CODEC(Delta(8), ZSTD(1)),
        timestamp_us Int64 CODEC(Delta(8), ZSTD(1)),
        event_id String CODEC(ZSTD(1)),
        id_hash UInt64 CODEC(NONE),
        agent_id String CODEC(ZSTD(1)),
        agent_type LowCardinality(String),
        agent_version LowCardinality(String),
        framework LowCardinality(String),
        runtime LowCardinality(String),
        sdk_version LowCardinality(String),
        instance_id String CODEC(ZSTD(1)),
        environment LowCardinality(String),
        agent_group LowCardinality(String),
        source LowCardinality(String),
        event_type LowCardinality(String),
        severity LowCardinality(String),
        kind LowCardinality(String),
        own_kind String CODEC(ZSTD(1)),
        project_id String CODEC(ZSTD(1)),
        task_id String CODEC(ZSTD(1)),
        task_type String CODEC(ZSTD(1)),
        task_run_id String CODEC(ZSTD(1)),
        correlation_id String CODEC(ZSTD(1)),
        action_id String CODEC(ZSTD(1)),
        parent_action_id String CODEC(ZSTD(1)),
        parent_event_id String CODEC(ZSTD(1)),
        status String CODEC(ZSTD(1)),
        duration_ms Nullable(Float64) CODEC(ZSTD(1)),
        payload String CODEC(ZSTD(3)),
        folded String CODEC(ZSTD(3)),
        model LowCardinality(Nullable(String)),
        tokens_in UInt64 CODEC(ZSTD(1)),
        tokens_out UInt64 CODEC(ZSTD(1)),
        cost Int64 CODEC(ZSTD(1)),
        cost_source LowCardinality(String),
        is_failure UInt8 CODEC(ZSTD(1)),
        received_at DateTime64(6, 'UTC') ALIAS fromUnixTimestamp64Micro(received_us),
        timestamp DateTime64(6, 'UTC') ALIAS fromUnixTimestamp64Micro(timestamp_us),
        INDEX by_time timestamp_us TYPE minmax GRANULARITY 1,
        INDEX by_agent agent_id TYPE bloom_filter(0.01) GRANULARITY 1,
        INDEX by_task task_id TYPE bloom_filter(0.01) GRANULARITY 1,
        INDEX by_correlation correlation_id TYPE bloom_filter(0.01) GRANULARITY 1,
        INDEX by_event event_id TYPE bloom_filter(0.001) GRANULARITY 1,
        INDEX by_project project_id TYPE set(256) GRANULARITY 1,
        INDEX by_type event_type TYPE set(16) GRANULARITY 1,
        INDEX by_severity severity TYPE set(8) GRANULARITY 1,
        INDEX by_kind kind TYPE set(32) GRANULARITY 1,
        INDEX by_failure is_failure TYPE minmax GRANULARITY 1,
        INDEX by_text folded TYPE ngrambf_v1(4, 65536, 3, 0) GRANULARITY 1
    ) ENGINE = {replicated}ReplacingMergeTree
    PARTITION BY (partition, intDiv(received_us, 86400000000))
    ORDER BY (partition, scope, seq)
    SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 1000, fsync_after_insert = 1",
    // The last number given away, where the events that had it are gone.
    "CREATE TABLE IF NOT EXISTS heads{on_cluster} (partition UInt16, seq UInt64)
     ENGINE = {replicated}ReplacingMergeTree(seq) ORDER BY partition",
];

/// Rows of the projections of one owner of a partition. A row of table -1 is the checkpoint; it comes with the rows that it is about.
const PROJECTIONS: &str = "CREATE TABLE IF NOT EXISTS {table}{on_cluster} (
        scope UInt32, tab Int16, key String, value String CODEC(ZSTD(1)), save UInt64, is_deleted UInt8
    ) ENGINE = {replicated}ReplacingMergeTree(save) ORDER BY (scope, tab, key)
    SETTINGS index_granularity = 512, non_replicated_deduplication_window = 100";

const DROP: &str = "DROP TABLE IF EXISTS {table}{on_cluster}";

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_steps{on_cluster} (step UInt32)
    ENGINE = {replicated}ReplacingMergeTree ORDER BY step";

#[derive(Row, Serialize, Deserialize)]
struct Step {
    step: u32,
}

#[derive(Row, Deserialize)]
struct Count {
    count: u64,
}

fn fill(statement: &str, options: &ClickHouseOptions) -> String {
    let on_cluster = options.cluster.as_ref().map(|cluster| format!(" ON CLUSTER '{}'", cluster.replace('\'', "")));
    statement
        .replace("{on_cluster}", on_cluster.as_deref().unwrap_or(""))
        .replace("{replicated}", if options.cluster.is_some() { "Replicated" } else { "" })
}

/// Every statement about tables that ClickHouse is asked, for whoever wants to look at them, or to try whether a server understands them.
pub fn statements(options: &ClickHouseOptions) -> Vec<String> {
    let database = format!("CREATE DATABASE IF NOT EXISTS {}{{on_cluster}}", options.database);
    let all = [database.as_str(), VERSIONS].into_iter().chain(STEPS.iter().copied()).chain([PROJECTIONS, DROP]);
    all.map(|statement| fill(statement, options).replace("{table}", "projections_0_1")).collect()
}

/// Makes the database and its tables, or brings them to this version.
pub(crate) fn prepare(server: &mut Server, options: &ClickHouseOptions) -> Result<()> {
    let name = &options.database;
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_plain || name.is_empty() {
        return Err(StoreError::Unusable(format!(
            "`database` of `[clickhouse]` is {name:?}; letters, digits and _ make its name"
        )));
    }
    // Who may not create a database may use one that is there.
    if !has_database(server, name)? {
        server.execute(&Sql::new(fill(&format!("CREATE DATABASE IF NOT EXISTS {name}{{on_cluster}}"), options)))?;
    }
    server.enter(name);
    server.execute(&Sql::new(fill(VERSIONS, options)))?;
    let done: Vec<Step> = server.rows(&Sql::new("SELECT ?fields FROM schema_steps"), Limit::Keys)?;
    let done = done.iter().map(|step| step.step as usize).max().unwrap_or(0);
    if done > STEPS.len() {
        return Err(StoreError::Unusable(format!(
            "the ClickHouse database {name} is of a newer version of HiveBoard (schema {done}, this one knows {}): update this node",
            STEPS.len()
        )));
    }
    for (place, step) in STEPS.iter().enumerate().skip(done) {
        server.execute(&Sql::new(fill(step, options)))?;
        let number = place as u32 + 1;
        let rows = Rows::<Step> { count: 1, row: &|_| Step { step: number } };
        server.insert("schema_steps", &format!("step {number}"), &rows)?;
    }
    Ok(())
}

/// What a look at the server says, without changing anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pong {
    /// Of ClickHouse.
    pub version: String,
    /// Whether the database is there; the first node that starts makes it.
    pub has_database: bool,
    /// What its fullest disk has left, where it tells this user.
    pub free_bytes: Option<u64>,
}

#[derive(Row, Deserialize)]
struct Seq {
    seq: u64,
}

#[derive(Row, Deserialize)]
struct Version {
    version: String,
}

/// Makes the database and its tables, or brings them to this version.
///
/// # Errors
/// As [`ping`], and [`StoreError::Unusable`] when the user may not make tables, or they are of a newer version.
pub fn make(options: &ClickHouseOptions) -> Result<()> {
    prepare(&mut Server::new(options)?, options)
}

/// Asks the server who it is, and whether this user may read the database and is not kept from writing.
///
/// # Errors
/// [`StoreError::Away`] when none answers; [`StoreError::Unusable`] when the user has no right to.
pub fn ping(options: &ClickHouseOptions) -> Result<Pong> {
    let mut server = Server::new(options)?;
    let version = server.first::<Version>(&Sql::new("SELECT version() AS version"), Limit::Keys)?;
    let readonly = server.first::<Count>(&Sql::new("SELECT toUInt64(getSetting('readonly')) AS count"), Limit::Keys)?;
    if let Some(Count { count: 1.. }) = readonly {
        return Err(StoreError::Unusable(
            "ClickHouse lets this user only read: give it a profile in which `readonly` is 0".to_owned(),
        ));
    }
    let has_database = has_database(&server, &options.database)?;
    if has_database {
        server.enter(&options.database);
        let tables = Sql::new(
            "SELECT count() AS count FROM system.tables WHERE database = currentDatabase() AND name = 'events'",
        );
        if server.first::<Count>(&tables, Limit::Keys)?.is_some_and(|found| found.count > 0) {
            server.first::<Count>(&Sql::new("SELECT toUInt64(max(step)) AS count FROM schema_steps"), Limit::Keys)?;
        }
    }
    let free_bytes = free_bytes(&server).ok().flatten();
    Ok(Pong { version: version.map(|row| row.version).unwrap_or_default(), has_database, free_bytes })
}

/// The last place of a partition that has or had an event, without changing anything.
///
/// # Errors
/// As [`ping`].
pub fn head(options: &ClickHouseOptions) -> Result<Position> {
    let Some(server) = reach(options)? else { return Ok(Position::START) };
    if !has_events(&server)? {
        return Ok(Position::START);
    }
    stored_head(&server, options.partition, i64::MIN).map(Position::of_seq)
}

/// The server, with the database; `None` where there is no such database.
pub(crate) fn reach(options: &ClickHouseOptions) -> Result<Option<Server>> {
    let mut server = Server::new(options)?;
    if !has_database(&server, &options.database)? {
        return Ok(None);
    }
    server.enter(&options.database);
    Ok(Some(server))
}

/// Whether the tables of events are there.
pub(crate) fn has_events(server: &Server) -> Result<bool> {
    let tables = Sql::new(
        "SELECT count() AS count FROM system.tables WHERE database = currentDatabase() AND name IN ('events', 'heads')",
    );
    Ok(server.first::<Count>(&tables, Limit::Keys)?.is_some_and(|found| found.count == 2))
}

/// The same, of events that arrived since then.
pub(crate) fn stored_head(server: &Server, partition: u16, since_us: i64) -> Result<u64> {
    let sql = format!(
        "SELECT toUInt64(ifNull(greatest(
            (SELECT max(seq) FROM events WHERE partition = {partition} AND received_us >= {since_us}),
            (SELECT max(seq) FROM heads WHERE partition = {partition})), 0)) AS seq"
    );
    Ok(server.first::<Seq>(&Sql::new(sql), Limit::Long)?.map_or(0, |row| row.seq))
}

fn has_database(server: &Server, name: &str) -> Result<bool> {
    let is_there = Sql::default().with("SELECT count() AS count FROM system.databases WHERE name = ?", name);
    Ok(server.first::<Count>(&is_there, Limit::Keys)?.is_some_and(|found| found.count > 0))
}

pub(crate) fn projections(server: &Server, options: &ClickHouseOptions, table: &str) -> Result<()> {
    server.execute(&Sql::new(fill(PROJECTIONS, options).replace("{table}", table)))
}

pub(crate) fn drop_table(server: &Server, options: &ClickHouseOptions, table: &str) -> Result<()> {
    server.execute(&Sql::new(fill(DROP, options).replace("{table}", table)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_of_servers_has_replicated_tables() {
        let options = ClickHouseOptions { cluster: Some("main".to_owned()), ..ClickHouseOptions::default() };
        for statement in STEPS.iter().chain([&VERSIONS, &PROJECTIONS]) {
            let alone = fill(statement, &ClickHouseOptions::default());
            assert!(!alone.contains("ON CLUSTER") && alone.contains("ENGINE = ReplacingMergeTree"), "{alone}");
            let many = fill(statement, &options);
            assert!(many.contains(" ON CLUSTER 'main' (") && many.contains("ReplicatedReplacingMergeTree"), "{many}");
        }
    }
}
