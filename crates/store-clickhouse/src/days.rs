//! Days of arrival that hold events of a partition: each is a partition of ClickHouse, and goes as a whole.

use clickhouse::Row;
use hiveboard_store::Result;
use serde::Deserialize;

use crate::{
    server::{Limit, Server},
    sql::Sql,
};

pub(crate) const DAY_MICROS: i64 = 86_400_000_000;

/// Rows that a replay stored twice count twice until they are merged.
#[derive(Debug, Clone, Row, Deserialize)]
pub(crate) struct Day {
    /// Days since 1970.
    pub(crate) number: i64,
    pub(crate) events: u64,
    pub(crate) bytes: u64,
    /// Of the columns themselves, compressed.
    pub(crate) data_bytes: u64,
}

/// Oldest first.
pub(crate) struct Days(pub(crate) Vec<Day>);

impl Days {
    pub(crate) fn read(server: &Server, partition: u16) -> Result<Self> {
        // The name of a partition is `(partition,day)`.
        let sql = format!(
            "SELECT toInt64(extract(partition, '^\\\\(\\\\d+,(\\\\d+)\\\\)$')) AS number, sum(rows) AS events, sum(bytes_on_disk) AS bytes,
                sum(data_compressed_bytes) AS data_bytes
             FROM system.parts
             WHERE database = currentDatabase() AND table = 'events' AND active AND startsWith(partition, '({partition},') AND rows > 0
             GROUP BY number ORDER BY number"
        );
        Ok(Self(server.rows(&Sql::new(sql), Limit::Long)?))
    }

    pub(crate) fn newest(&self) -> Option<i64> {
        self.0.last().map(|day| day.number)
    }

    pub(crate) fn numbers(&self) -> Vec<i64> {
        self.0.iter().map(|day| day.number).collect()
    }

    pub(crate) fn events(&self) -> u64 {
        self.0.iter().map(|day| day.events).sum()
    }

    pub(crate) fn events_since(&self, number: i64) -> u64 {
        self.0.iter().filter(|day| day.number >= number).map(|day| day.events).sum()
    }
}
