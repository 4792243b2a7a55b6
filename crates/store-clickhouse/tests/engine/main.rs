//! The store on a real ClickHouse: the conformance suite, and what a cluster asks beyond it. `make test-scale` starts the engine and runs these.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod cluster;
mod differential;
mod faults;
mod migration;
mod owners;
mod proxy;

use std::time::Duration;

use hiveboard_store_clickhouse::{ClickHouseOptions, ClickHouseStore};
use hiveboard_store_conformance::{Engine, Options};

/// Where the engine is, by `scripts/engines.py`.
fn url() -> String {
    let urls = std::env::var("HIVEBOARD_TEST_CLICKHOUSE").expect("run by `make test-scale`, which starts ClickHouse");
    urls.split(',').next().unwrap().to_owned()
}

/// A database of its own.
fn options() -> ClickHouseOptions {
    ClickHouseOptions {
        urls: vec![url()],
        database: format!("test_{}", uuid::Uuid::new_v4().simple()),
        query_time_limit: Duration::from_secs(20),
        ..ClickHouseOptions::default()
    }
}

fn open(options: &ClickHouseOptions) -> ClickHouseStore {
    ClickHouseStore::open(options.clone()).expect("the store opens")
}

/// Asks the engine itself; the first column of each row.
fn ask(options: &ClickHouseOptions, sql: &str) -> Vec<String> {
    let client = clickhouse::Client::default().with_url(url()).with_database(&options.database);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.query(sql).fetch_all::<String>()).expect(sql)
}

fn tell(options: &ClickHouseOptions, sql: &str) {
    let client = clickhouse::Client::default().with_url(url()).with_database(&options.database);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.query(sql).execute()).expect(sql);
}

struct ClickHouse(ClickHouseOptions);

impl Engine for ClickHouse {
    type Store = ClickHouseStore;

    fn new(wanted: Options) -> Self {
        let Options { dedup_days, query_time_limit, variant } = wanted;
        let mut options = ClickHouseOptions { dedup_days, query_time_limit, ..options() };
        if variant.is_some() {
            // There, one id comes at many times, which only memory tells.
            options.dedup_days_in_memory = 10;
        }
        Self(options)
    }

    fn open(&self) -> ClickHouseStore {
        open(&self.0)
    }

    fn crash(&mut self, store: ClickHouseStore) -> ClickHouseStore {
        // Nothing is written behind an append: a crash leaves what dropping leaves. The next owner is another one.
        drop(store);
        self.0.epoch += 1;
        self.open()
    }

    fn maintain(&self, _: &ClickHouseStore) {
        tell(&self.0, "OPTIMIZE TABLE events");
    }
}

impl Drop for ClickHouse {
    fn drop(&mut self) {
        tell(
            &ClickHouseOptions { database: "default".to_owned(), ..self.0.clone() },
            &format!("DROP DATABASE IF EXISTS {}", self.0.database),
        );
    }
}

mod suite {
    hiveboard_store_conformance::conformance!(crate::ClickHouse, [ignore = "needs engines: make test-scale"]);
}
