//! What tells of a cluster beside NATS, asked where NATS holds nothing of it: is this its beginning, or was its log lost?

use std::path::{Path, PathBuf};

use futures_util::{FutureExt as _, future::BoxFuture};
use hiveboard_log_nats::{Beside, LogError, Result};
use hiveboard_settings::SqliteSettings;
use hiveboard_store::{Position, StoreError};
use hiveboard_store_clickhouse::is_used;

use super::{config::ClusterConfig, store};

/// What a node has of its cluster beside the log.
pub(crate) struct NodeBeside {
    config: ClusterConfig,
    data_dir: PathBuf,
}

impl NodeBeside {
    pub(crate) fn new(config: &ClusterConfig, data_dir: &Path) -> Self {
        Self { config: config.clone(), data_dir: data_dir.to_owned() }
    }

    /// What says that there was a cluster before; `None` where nothing does.
    ///
    /// # Errors
    /// When one that may say so cannot be asked.
    pub(crate) async fn trace(&self) -> Result<Option<String>> {
        let (data_dir, options) = (self.data_dir.clone(), self.config.clickhouse.options());
        let asked = tokio::task::spawn_blocking(move || {
            let copy = SqliteSettings::copy_in(&data_dir).map_err(|error| LogError::Unusable(error.to_string()))?;
            if copy.is_some() {
                return Ok(Some(format!(
                    "{} is a copy of a cluster's settings",
                    data_dir.join("settings.db").display()
                )));
            }
            match is_used(&options) {
                Ok(true) => Ok(Some(format!("the database {} of ClickHouse holds a cluster's data", options.database))),
                Ok(false) => Ok(None),
                Err(StoreError::Away(what)) => Err(LogError::Unavailable(format!(
                    "NATS holds nothing of this cluster, and a new one begins only where ClickHouse says that it holds nothing either ({what})"
                ))),
                Err(error) => Err(LogError::Unusable(format!("the store (ClickHouse): {error}"))),
            }
        });
        asked.await.map_err(|error| LogError::Failed(error.to_string()))?
    }

    /// Where there was one: what has become of its log, and what to do.
    pub(crate) fn lost(&self, trace: &str) -> String {
        format!(
            "NATS at {} holds nothing of this cluster, and {trace}: NATS has lost what it kept, or nats_urls or nats_prefix name another one. \
             Where it was lost, `hiveboard restore-settings` on the node with the newest copy of the settings makes the log anew; what is stored stays. \
             For a new cluster, name another clickhouse_database, and data directories that are empty",
            self.config.nats.urls.join(", ")
        )
    }
}

impl Beside for NodeBeside {
    fn may_begin(&self) -> BoxFuture<'_, Result<()>> {
        async move {
            match self.trace().await? {
                None => Ok(()),
                Some(trace) => Err(LogError::Unusable(self.lost(&trace))),
            }
        }
        .boxed()
    }

    fn stored(&self, partition: u16) -> BoxFuture<'_, Result<Position>> {
        store::head(&self.config.clickhouse, partition).boxed()
    }
}
