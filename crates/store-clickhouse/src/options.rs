//! Which ClickHouse, and what of it.

use std::{fmt, path::PathBuf, time::Duration};

/// Where the store is, and what this node may do to it. [`Default`] is right but for the addresses.
#[derive(Clone)]
pub struct ClickHouseOptions {
    /// HTTP interfaces of the servers that hold the same data: `http://host:8123` or `https://host:8443`. More than one are replicas, and the next
    /// one is asked when one does not answer.
    pub urls: Vec<String>,
    pub database: String,
    pub user: String,
    pub password: String,
    /// Certificates (PEM) that the servers' are signed by, in the place of the system's.
    pub ca_file: Option<PathBuf>,
    /// The name of the cluster as ClickHouse's configuration has it: tables are replicated over its servers. `None`: one server.
    pub cluster: Option<String>,
    /// Which part of all scopes this store serves.
    pub partition: u16,
    /// Grows with every owner of the partition: the projections of the one before are taken over, and it cannot write to them any more.
    pub epoch: u64,
    /// How many days after its day of arrival an event id is still known. At least 7 are promised.
    pub dedup_days: u16,
    /// How many days before the newest ids are kept in memory. Older ones are looked up, by the time at which the event says it happened.
    pub dedup_days_in_memory: u16,
    /// Of more ids than this the oldest are looked up, too: some 24 bytes each.
    pub dedup_ids_in_memory: usize,
    /// A query that runs longer is cancelled.
    pub query_time_limit: Duration,
    /// How long a server may take to answer an insert.
    pub insert_time_limit: Duration,
}

impl Default for ClickHouseOptions {
    fn default() -> Self {
        Self {
            urls: vec!["http://127.0.0.1:8123".to_owned()],
            database: "hiveboard".to_owned(),
            user: "default".to_owned(),
            password: String::new(),
            ca_file: None,
            cluster: None,
            partition: 0,
            epoch: 0,
            dedup_days: 7,
            dedup_days_in_memory: 1,
            dedup_ids_in_memory: 32_000_000,
            query_time_limit: Duration::from_secs(10),
            insert_time_limit: Duration::from_secs(10),
        }
    }
}

/// Without the password.
impl fmt::Debug for ClickHouseOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClickHouseOptions")
            .field("urls", &self.urls)
            .field("database", &self.database)
            .field("user", &self.user)
            .field("cluster", &self.cluster)
            .field("partition", &self.partition)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}
