//! Talking to ClickHouse, from threads that block.

use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use clickhouse::{Client, Row, RowOwned, RowRead, RowWrite};
use hiveboard_store::{Result, StoreError};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::runtime::Runtime;

use crate::{ClickHouseOptions, error::of_clickhouse, sql::Sql};

const CONNECT_TIME_LIMIT: Duration = Duration::from_secs(3);
/// ClickHouse itself closes idle connections after three seconds.
const IDLE_CONNECTIONS: Duration = Duration::from_secs(2);
/// What the server is given beyond the time that a query may run.
const GRACE: Duration = Duration::from_secs(2);
/// A failure that took no longer may have been the connection's.
const QUICK: Duration = Duration::from_secs(1);
/// Mutations rewrite what they touch.
pub(crate) const LONG: Duration = Duration::from_secs(3600);
/// An insert is one block, and so one part: all of it or nothing.
const ONE_BLOCK: [(&str, &str); 3] = [
    ("max_insert_block_size", "10000000"),
    ("min_insert_block_size_rows", "10000000"),
    ("min_insert_block_size_bytes", "10000000000"),
];

/// How long a statement may take.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    /// For whom someone waits.
    Query,
    /// A few rows by their key, for whom an append or a start waits: as long as an insert may take.
    Keys,
    /// For whom nobody waits.
    Long,
}

pub(crate) struct Server {
    /// Given up without waiting, since it may be dropped on another runtime's thread.
    runtime: Option<Runtime>,
    replicas: Vec<Client>,
    /// The one that is asked.
    at: AtomicUsize,
    query_time_limit: Duration,
    insert_time_limit: Duration,
}

impl Server {
    pub(crate) fn new(options: &ClickHouseOptions) -> Result<Self> {
        if options.urls.is_empty() {
            return Err(StoreError::Unusable("no URL of ClickHouse is given: set `urls` of `[clickhouse]`".to_owned()));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("clickhouse")
            .enable_all()
            .build()
            .map_err(|error| StoreError::Failed(format!("cannot start threads for ClickHouse: {error}")))?;
        let mut plain = HttpConnector::new();
        plain.set_nodelay(true);
        plain.set_connect_timeout(Some(CONNECT_TIME_LIMIT));
        plain.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls(options)?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(plain);
        let http = HttpClient::builder(TokioExecutor::new()).pool_idle_timeout(IDLE_CONNECTIONS).build(connector);
        let replicas = options.urls.iter().map(|url| {
            let mut client = Client::with_http_client(http.clone())
                .with_url(url.trim_end_matches('/'))
                .with_user(&options.user)
                .with_password(&options.password)
                .with_setting("async_insert", "0")
                // Rows of one key lie in one ClickHouse partition, for all of the key is in the partition's day.
                .with_setting("do_not_merge_across_partitions_select_final", "1")
                // All rows of one key are equal: no index can hide the right one.
                .with_setting("use_skip_indexes_if_final", "1")
                .with_setting("use_skip_indexes_if_final_exact_mode", "0");
            if options.cluster.is_some() {
                client = client
                    .with_setting("insert_quorum", "auto")
                    .with_setting("insert_quorum_parallel", "0")
                    .with_setting("select_sequential_consistency", "1");
            }
            client
        });
        Ok(Self {
            replicas: replicas.collect(),
            runtime: Some(runtime),
            at: AtomicUsize::new(0),
            query_time_limit: options.query_time_limit,
            insert_time_limit: options.insert_time_limit,
        })
    }

    /// All later statements are about this database.
    pub(crate) fn enter(&mut self, database: &str) {
        self.replicas = self.replicas.iter().map(|client| client.clone().with_database(database)).collect();
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("it is taken when the server is dropped")
    }

    /// Does something on the replica at hand; where that is away, on the others. What it does must be safe to do twice.
    fn on_any<T>(&self, mut attempt: impl FnMut(&Client) -> Result<T>) -> Result<T> {
        let mut at = self.at.load(Ordering::Relaxed);
        // A connection that the server has just closed fails once: so one more than there are replicas.
        for left in (0..=self.replicas.len()).rev() {
            let began = Instant::now();
            match attempt(&self.replicas[at % self.replicas.len()]) {
                // Who answered nothing for so long answers nothing again.
                Err(StoreError::Away(what)) if left > 0 && (self.replicas.len() > 1 || began.elapsed() < QUICK) => {
                    tracing::debug!(what, "asking again");
                    at = (at + 1) % self.replicas.len();
                    self.at.store(at, Ordering::Relaxed);
                }
                other => return other,
            }
        }
        unreachable!("the last attempt returns")
    }

    fn query(&self, client: &Client, sql: &Sql, limit: Limit) -> clickhouse::query::Query {
        let query = sql.bind(client.query(&sql.text));
        match limit {
            Limit::Query => query
                .with_setting("max_execution_time", self.query_time_limit.as_secs_f64().ceil().max(1.0).to_string()),
            Limit::Keys | Limit::Long => query,
        }
    }

    const fn patience(&self, limit: Limit) -> Duration {
        match limit {
            Limit::Query => self.query_time_limit.saturating_add(GRACE),
            Limit::Keys => self.insert_time_limit,
            Limit::Long => LONG,
        }
    }

    /// Visits the rows of an answer, until the visitor breaks.
    pub(crate) fn visit<T: RowOwned + RowRead>(
        &self,
        sql: &Sql,
        limit: Limit,
        mut visit: impl FnMut(T) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        if matches!(limit, Limit::Query) && self.query_time_limit.is_zero() {
            return Err(StoreError::TimedOut);
        }
        let mut visited = false;
        let done = self.on_any(|client| {
            self.runtime().block_on(async {
                let mut cursor = self.query(client, sql, limit).fetch::<T>().map_err(of_clickhouse)?;
                loop {
                    let next = tokio::time::timeout(self.patience(limit), cursor.next()).await;
                    let next = next.map_err(|_| late())?;
                    let row = match next.map_err(of_clickhouse) {
                        Ok(Some(row)) => row,
                        Ok(None) => return Ok(Ok(())),
                        // What was visited cannot be visited again.
                        Err(error) if visited => return Ok(Err(error)),
                        Err(error) => return Err(error),
                    };
                    visited = true;
                    match visit(row) {
                        Ok(ControlFlow::Continue(())) => {}
                        Ok(ControlFlow::Break(())) => return Ok(Ok(())),
                        Err(error) => return Ok(Err(error)),
                    }
                }
            })
        });
        done?
    }

    pub(crate) fn rows<T: RowOwned + RowRead>(&self, sql: &Sql, limit: Limit) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.visit(sql, limit, |row| {
            rows.push(row);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    pub(crate) fn first<T: RowOwned + RowRead>(&self, sql: &Sql, limit: Limit) -> Result<Option<T>> {
        let mut first = None;
        self.visit(sql, limit, |row| {
            first = Some(row);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(first)
    }

    /// A statement without an answer; nobody waits for it.
    pub(crate) fn execute(&self, sql: &Sql) -> Result<()> {
        self.on_any(|client| {
            self.runtime().block_on(async {
                let done = tokio::time::timeout(LONG, self.query(client, sql, Limit::Long).execute()).await;
                done.map_err(|_| late())?.map_err(of_clickhouse)
            })
        })
    }

    /// Inserts rows as one part. The same rows come with the same token, and are there once.
    pub(crate) fn insert<T: Row + RowWrite>(&self, table: &str, token: &str, rows: &Rows<'_, T>) -> Result<()> {
        self.on_any(|client| {
            self.runtime().block_on(async {
                let limit = Some(self.insert_time_limit);
                // The first one asks for the table's columns.
                let insert = tokio::time::timeout(self.insert_time_limit, client.insert::<T>(table)).await;
                let insert = insert.map_err(|_| late())?.map_err(of_clickhouse)?;
                let mut insert = insert.with_timeouts(limit, limit);
                insert = insert.with_setting("insert_deduplication_token", token);
                for (name, value) in ONE_BLOCK {
                    insert = insert.with_setting(name, value);
                }
                for place in 0..rows.count {
                    insert.write(&(rows.row)(place)).await.map_err(of_clickhouse)?;
                }
                insert.end().await.map_err(of_clickhouse)
            })
        })
    }
}

fn late() -> StoreError {
    StoreError::Away("ClickHouse did not answer in time".to_owned())
}

/// Rows that are made as they are sent.
pub(crate) struct Rows<'r, T: Row> {
    pub(crate) count: usize,
    pub(crate) row: &'r dyn Fn(usize) -> T::Value<'r>,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn tls(options: &ClickHouseOptions) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = &options.ca_file {
        let unusable = |what: String| StoreError::Unusable(format!("`ca_file` {}: {what}", path.display()));
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))? {
            let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
            roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(unusable("no certificate stands in it".to_owned()));
        }
    } else if options.urls.iter().any(|url| url.starts_with("https:")) {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Failed(format!("TLS: {error}")))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
