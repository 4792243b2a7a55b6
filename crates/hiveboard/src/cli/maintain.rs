//! `hiveboard rebuild`: works on the data directory while no server runs.

use std::sync::Arc;

use hiveboard_store::{EventStore, SqliteStore, StoreOptions};
use hiveboard_wire::Timestamp;

use crate::{config::Config, derived::Derived, insights::remove_sums, pricing::Prices, startup::Progress};

/// Drops the projections and folds all events anew.
pub(super) fn rebuild(config: Config) -> anyhow::Result<()> {
    super::ensure_own_events(
        &config,
        "stop the nodes, drop the tables in ClickHouse whose names begin with `projections_`, and start them: they fold all events anew",
    )?;
    crate::moved::refuse_elsewhere(&config.data_dir)?;
    super::ensure_data(&config.data_dir)?;
    let store: Arc<dyn EventStore> = Arc::new(SqliteStore::open(&config.data_dir, StoreOptions::default())?);
    let alive_at = store.checkpoint()?.map(|checkpoint| checkpoint.alive_at);
    store.clear_projections()?;
    remove_sums(&config.data_dir)?;
    say!("Folding {} events anew …", store.stats()?.events);
    let started = std::time::Instant::now();
    let prices = Prices::new(Arc::new(super::open_settings(&config)?));
    let derived = Derived::open(Arc::clone(&store), &prices, Timestamp::now(), &Progress::default())?;
    derived.flush(alive_at.unwrap_or_else(Timestamp::now))?;
    store.close()?;
    say!("Rebuilt all derived state in {:.1} s.", started.elapsed().as_secs_f64());
    Ok(())
}
