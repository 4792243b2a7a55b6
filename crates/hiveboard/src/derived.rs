//! The projections in memory, each scope behind a lock of its own, together with how far they have got.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use hiveboard_derive::Projections;
use hiveboard_store::{Checkpoint, EventStore, Position, ProjectionRow};
use hiveboard_wire::{Scope, Timestamp};
use parking_lot::{Mutex, RwLock};

use crate::{pricing::Prices, startup::Progress};

/// Rows by their key: scope, table, key in it.
type Unsaved = HashMap<(Scope, u8, Vec<u8>), Option<Vec<u8>>>;
/// Table, key, value.
type Row = (u8, Vec<u8>, Vec<u8>);

pub struct Derived {
    scopes: RwLock<HashMap<Scope, Arc<RwLock<Projections>>>>,
    /// All events up to this `seq` are folded in.
    watermark: AtomicU64,
    store: Arc<dyn EventStore>,
    /// Rows taken from the projections that are not on disk yet.
    unsaved: Mutex<Unsaved>,
    empty: Projections,
    /// A change ended by a panic: what is in memory is wrong, and must not reach the disk.
    is_torn: AtomicBool,
}

/// Says so when a change ends by a panic, before its lock is given back.
struct Watch<'a>(&'a AtomicBool);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Release);
        }
    }
}

impl Derived {
    /// Loads what the disk knows and replays the rest of the events; rebuilds all when the rows are of another version.
    pub fn open(
        store: Arc<dyn EventStore>,
        prices: &Prices,
        now: Timestamp,
        progress: &Progress,
    ) -> anyhow::Result<Self> {
        let mut scopes: HashMap<Scope, Projections> = HashMap::new();
        let (mut alive_at, mut watermark) = (None, 0);
        match store.checkpoint()? {
            Some(checkpoint) if checkpoint.version == Projections::VERSION && checkpoint.watermark <= store.head() => {
                match load(&*store) {
                    Ok(loaded) => {
                        scopes = loaded;
                        watermark = checkpoint.watermark.seq();
                        alive_at = Some(checkpoint.alive_at);
                    }
                    Err(error) => {
                        tracing::error!(%error, "the derived state cannot be read and is rebuilt from the events");
                        store.clear_projections()?;
                    }
                }
            }
            Some(_) => {
                tracing::info!("projections are of another version and are rebuilt from the events");
                store.clear_projections()?;
            }
            None => {}
        }
        let from = Position::of_seq(watermark);
        progress.expect(store.head().seq().saturating_sub(watermark));
        let mut latest_arrival = alive_at;
        let mut replayed = 0_u64;
        store.replay(from, &mut |scope, event, cost| {
            let body = event.event.body();
            let cost = cost.or_else(|| prices.cost_of(&body));
            latest_arrival = latest_arrival.max(Some(event.received_at));
            watermark = event.seq;
            progress.one_done();
            let projections = scopes.entry(scope).or_default();
            // The rows of a scope may be ahead of the watermark, which is that of all scopes.
            if event.seq > projections.head() {
                projections.apply(&event, &body, cost);
                replayed += 1;
            }
        })?;
        if replayed > 0 {
            tracing::info!(events = replayed, "replayed events above the watermark");
        }
        for projections in scopes.values_mut() {
            projections.start(latest_arrival.unwrap_or(now), now);
        }
        let scopes = scopes.into_iter().map(|(scope, projections)| (scope, Arc::new(RwLock::new(projections))));
        Ok(Self {
            scopes: RwLock::new(scopes.collect()),
            watermark: AtomicU64::new(watermark),
            store,
            unsaved: Mutex::default(),
            empty: Projections::default(),
            is_torn: AtomicBool::new(false),
        })
    }

    /// Looks at one scope's projections, which are empty where nothing was ever sent. Its writer waits meanwhile; no other does.
    pub fn look<R>(&self, scope: Scope, look: impl FnOnce(&Projections) -> R) -> R {
        let known = self.scopes.read().get(&scope).cloned();
        match known {
            Some(projections) => look(&projections.read()),
            None => look(&self.empty),
        }
    }

    /// Changes one scope's projections.
    pub fn change<R>(&self, scope: Scope, change: impl FnOnce(&mut Projections) -> R) -> R {
        let known = self.scopes.read().get(&scope).cloned();
        let projections = known.unwrap_or_else(|| Arc::clone(self.scopes.write().entry(scope).or_default()));
        let mut projections = projections.write();
        let _watch = Watch(&self.is_torn);
        change(&mut projections)
    }

    /// Whether a panic left something half changed; only another start mends it.
    pub fn is_torn(&self) -> bool {
        self.is_torn.load(Ordering::Acquire)
    }

    /// Those that anything was ever sent to.
    pub fn scopes(&self) -> Vec<Scope> {
        self.scopes.read().keys().copied().collect()
    }

    /// Says that all events up to `seq` are folded in, of whatever scope.
    pub fn folded(&self, seq: u64) -> u64 {
        self.watermark.fetch_max(seq, Ordering::AcqRel).max(seq)
    }

    /// Writes what changed since the last call, with the watermark. What cannot be written now is kept for the next call.
    pub fn flush(&self, now: Timestamp) -> Result<(), hiveboard_store::StoreError> {
        let mut unsaved = self.unsaved.lock();
        // Read first: rows taken below may know more than it says, and say so by their own head; never less.
        let watermark = self.watermark.load(Ordering::Acquire);
        for scope in self.scopes() {
            for change in self.change(scope, Projections::take_changes) {
                unsaved.insert((scope, change.table, change.key), change.value);
            }
        }
        // Looked at after the rows were taken: what is torn now may be among them.
        if self.is_torn() {
            return Err(hiveboard_store::StoreError::Failed(
                "a fold ended in the middle; the next start folds the events anew".to_owned(),
            ));
        }
        let rows = unsaved
            .iter()
            .map(|((scope, table, key), value)| ProjectionRow {
                scope: *scope,
                table: *table,
                key: key.clone(),
                value: value.clone(),
            })
            .collect();
        let watermark = Position::of_seq(watermark);
        self.store.save_projections(rows, Checkpoint { watermark, alive_at: now, version: Projections::VERSION })?;
        unsaved.clear();
        Ok(())
    }
}

/// The projections as they were last written.
fn load(store: &dyn EventStore) -> anyhow::Result<HashMap<Scope, Projections>> {
    let mut rows: HashMap<Scope, Vec<Row>> = HashMap::new();
    store.load_projections(&mut |row: ProjectionRow| {
        if let Some(value) = row.value {
            rows.entry(row.scope).or_default().push((row.table, row.key, value));
        }
    })?;
    rows.into_iter().map(|(scope, rows)| Ok((scope, Projections::restore(rows)?))).collect()
}
