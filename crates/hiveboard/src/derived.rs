//! The projections in memory: one set a scope, all behind one lock, together with how far they have got.

use std::{collections::HashMap, sync::Arc};

use hiveboard_derive::Projections;
use hiveboard_store::{Checkpoint, EventStore, ProjectionRow};
use hiveboard_wire::{Scope, Timestamp};
use parking_lot::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::pricing::Prices;

#[derive(Default)]
pub struct Inner {
    pub scopes: HashMap<Scope, Projections>,
    /// All events up to this `seq` are folded in.
    pub watermark: u64,
}

impl Inner {
    pub fn scope_mut(&mut self, scope: Scope) -> &mut Projections {
        self.scopes.entry(scope).or_default()
    }
}

/// Rows by their key: scope, table, key in it.
type Unsaved = HashMap<(Scope, u8, Vec<u8>), Option<Vec<u8>>>;
/// Table, key, value.
type Row = (u8, Vec<u8>, Vec<u8>);

pub struct Derived {
    inner: RwLock<Inner>,
    store: Arc<dyn EventStore>,
    /// Rows taken from the projections that are not on disk yet.
    unsaved: Mutex<Unsaved>,
    empty: Projections,
}

impl Derived {
    /// Loads what the disk knows and replays the rest of the events; rebuilds all when the rows are of another version.
    pub fn open(store: Arc<dyn EventStore>, prices: &Prices, now: Timestamp) -> anyhow::Result<Self> {
        let mut inner = Inner::default();
        let mut alive_at = None;
        match store.checkpoint()? {
            Some(checkpoint)
                if checkpoint.version == Projections::VERSION && checkpoint.watermark <= store.head_seq() =>
            {
                let mut rows: HashMap<Scope, Vec<Row>> = HashMap::new();
                store.load_projections(&mut |row: ProjectionRow| {
                    if let Some(value) = row.value {
                        rows.entry(row.scope).or_default().push((row.table, row.key, value));
                    }
                })?;
                for (scope, rows) in rows {
                    inner.scopes.insert(scope, Projections::restore(rows)?);
                }
                inner.watermark = checkpoint.watermark;
                alive_at = Some(checkpoint.alive_at);
            }
            Some(_) => {
                tracing::info!("projections are of another version and are rebuilt from the events");
                store.clear_projections()?;
            }
            None => {}
        }
        let from = inner.watermark;
        let mut latest_arrival = alive_at;
        let mut replayed = 0_u64;
        store.replay(from, &mut |scope, event, cost| {
            let body = event.event.body();
            let cost = cost.or_else(|| prices.cost_of(&body));
            latest_arrival = latest_arrival.max(Some(event.received_at));
            inner.watermark = event.seq;
            inner.scope_mut(scope).apply(&event, &body, cost);
            replayed += 1;
        })?;
        if replayed > 0 {
            tracing::info!(events = replayed, "replayed events above the watermark");
        }
        for projections in inner.scopes.values_mut() {
            projections.start(latest_arrival.unwrap_or(now), now);
        }
        Ok(Self { inner: RwLock::new(inner), store, unsaved: Mutex::default(), empty: Projections::default() })
    }

    pub fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read()
    }

    pub fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write()
    }

    /// Looks at one scope's projections, which are empty where nothing was ever sent.
    pub fn look<R>(&self, scope: Scope, look: impl FnOnce(&Projections) -> R) -> R {
        let inner = self.inner.read();
        look(inner.scopes.get(&scope).unwrap_or(&self.empty))
    }

    /// Writes what changed since the last call, with the watermark. What cannot be written now is kept for the next call.
    pub fn flush(&self, now: Timestamp) -> Result<(), hiveboard_store::StoreError> {
        let mut unsaved = self.unsaved.lock();
        let watermark = {
            let mut inner = self.inner.write();
            for (scope, projections) in &mut inner.scopes {
                for change in projections.take_changes() {
                    unsaved.insert((*scope, change.table, change.key), change.value);
                }
            }
            inner.watermark
        };
        let rows = unsaved
            .iter()
            .map(|((scope, table, key), value)| ProjectionRow {
                scope: *scope,
                table: *table,
                key: key.clone(),
                value: value.clone(),
            })
            .collect();
        self.store.save_projections(rows, Checkpoint { watermark, alive_at: now, version: Projections::VERSION })?;
        unsaved.clear();
        Ok(())
    }
}
