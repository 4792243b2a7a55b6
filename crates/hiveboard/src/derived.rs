//! The projections in memory, each scope behind a lock of its own, together with how far they have got.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hiveboard_derive::{ArchiveLimits, Changes, ColdRowError, ColdRows, FIRST_COLD_TABLE, Projections, Restoring};
use hiveboard_store::{Checkpoint, EventStore, Position, ProjectionRow, StoreError};
use hiveboard_wire::{Scope, Timestamp};
use parking_lot::{Mutex, RwLock};

use crate::{cold_cache::ColdCache, pricing::Prices, startup::Progress};

/// What is not on disk yet.
#[derive(Default)]
struct Unsaved {
    /// By their key: scope, table, key in it.
    rows: HashMap<(Scope, u8, Vec<u8>), Option<Vec<u8>>>,
    /// To be told when it is.
    changes: Vec<Changes>,
    /// When rows were last written, and up to which event.
    written: Option<(Instant, u64)>,
}

const _: () = assert!(FIRST_COLD_TABLE == hiveboard_store::FIRST_COLD_TABLE, "both must mean the same rows");

/// Events replayed between two writes, so that a long replay needs no more memory than the server does.
const REPLAYED_BETWEEN_FLUSHES: u64 = 200_000;

/// How long what changed waits to be written, unless so many events came. A start after a crash folds them again.
const FLUSHED_EVERY: Duration = Duration::from_secs(5);
const EVENTS_BETWEEN_FLUSHES: u64 = 100_000;
/// Rows taken while a scope's lock is held, and how often in a row.
const ROWS_AT_ONCE: usize = 2_000;
const MOST_STEPS: usize = 64;
/// Runs of the archive that stay in memory, a scope, when there is no disk to write them to.
const ARCHIVED_WITHOUT_DISK: usize = 64 * 1024;

/// The archived rows of one scope.
struct RowsOfScope {
    scope: Scope,
    store: Arc<dyn EventStore>,
    cache: Arc<ColdCache>,
}

impl ColdRows for RowsOfScope {
    fn row(&self, table: u8, key: &[u8]) -> Result<Option<Arc<Vec<u8>>>, ColdRowError> {
        let read = || self.store.projection_row(self.scope, table, key);
        self.cache.get(self.scope, table, key, read).map_err(|error| ColdRowError(error.to_string()))
    }
}

pub struct Derived {
    scopes: RwLock<HashMap<Scope, Arc<RwLock<Projections>>>>,
    /// All events up to this `seq` are folded in.
    watermark: AtomicU64,
    store: Arc<dyn EventStore>,
    unsaved: Mutex<Unsaved>,
    cache: Arc<ColdCache>,
    limits: ArchiveLimits,
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
        let derived = Self {
            scopes: RwLock::default(),
            watermark: AtomicU64::new(0),
            store,
            unsaved: Mutex::default(),
            cache: Arc::default(),
            limits: ArchiveLimits::default(),
            empty: Projections::default(),
            is_torn: AtomicBool::new(false),
        };
        let alive_at = derived.load()?;
        let latest_arrival = derived.replay(prices, alive_at, progress)?;
        for scope in derived.scopes() {
            derived.change(scope, |projections| projections.start(latest_arrival.unwrap_or(now), now));
        }
        Ok(derived)
    }

    /// Takes in the rows on disk; answers when the server was last known to run.
    fn load(&self) -> anyhow::Result<Option<Timestamp>> {
        let Some(checkpoint) = self.store.checkpoint()? else { return Ok(None) };
        if checkpoint.version != Projections::VERSION || checkpoint.watermark > self.store.head() {
            tracing::info!("projections are of another version and are rebuilt from the events");
        } else if let Err(error) = self.load_rows() {
            tracing::error!(%error, "the derived state cannot be read and is rebuilt from the events");
        } else {
            self.folded(checkpoint.watermark.seq());
            return Ok(Some(checkpoint.alive_at));
        }
        self.scopes.write().clear();
        self.store.clear_projections()?;
        Ok(None)
    }

    fn load_rows(&self) -> anyhow::Result<()> {
        let mut scopes: HashMap<Scope, Restoring> = HashMap::new();
        let mut unreadable = None;
        self.store.load_projections(&mut |row: ProjectionRow| {
            if let (Some(value), None) = (row.value, &unreadable) {
                let restoring = scopes.entry(row.scope);
                let restoring = restoring.or_insert_with(|| Restoring::new(self.new_projections(row.scope)));
                unreadable = restoring.take(row.table, &row.key, &value).err();
            }
        })?;
        if let Some(error) = unreadable {
            return Err(error.into());
        }
        for (scope, restoring) in scopes {
            self.scopes.write().insert(scope, Arc::new(RwLock::new(restoring.done()?)));
        }
        Ok(())
    }

    /// Folds in the events that the rows do not know; answers when the last of all arrived.
    fn replay(
        &self,
        prices: &Prices,
        alive_at: Option<Timestamp>,
        progress: &Progress,
    ) -> anyhow::Result<Option<Timestamp>> {
        let from = self.watermark.load(Ordering::Acquire);
        progress.expect(self.store.head().seq().saturating_sub(from));
        let (mut latest_arrival, mut replayed, mut unflushed, mut failed) = (alive_at, 0_u64, 0_u64, None);
        self.store.replay(Position::of_seq(from), &mut |scope, event, cost| {
            let body = event.event.body();
            let cost = cost.or_else(|| prices.cost_of(scope.workspace, &body));
            latest_arrival = latest_arrival.max(Some(event.received_at));
            progress.one_done();
            self.change(scope, |projections| {
                // The rows of a scope may be ahead of the watermark, which is that of all scopes.
                if event.seq > projections.head() {
                    let agent_id = &event.envelope.agent_id;
                    projections.replay_clock(agent_id, event.received_at);
                    projections.apply(&event, &body, cost);
                    projections.replay_state(agent_id, event.received_at);
                    replayed += 1;
                    unflushed += 1;
                }
            });
            self.folded(event.seq);
            if unflushed >= REPLAYED_BETWEEN_FLUSHES {
                unflushed = 0;
                failed = self.flush(latest_arrival.unwrap_or(Timestamp::MIN)).err();
            }
        })?;
        if let Some(error) = failed {
            tracing::warn!(%error, "projections were not written during the replay; they are kept and tried again");
        }
        if replayed > 0 {
            tracing::info!(events = replayed, "replayed events above the watermark");
        }
        Ok(latest_arrival)
    }

    fn new_projections(&self, scope: Scope) -> Projections {
        let rows = RowsOfScope { scope, store: Arc::clone(&self.store), cache: Arc::clone(&self.cache) };
        Projections::with_archive(Arc::new(rows), self.limits)
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
        let projections = known.unwrap_or_else(|| {
            let mut scopes = self.scopes.write();
            Arc::clone(scopes.entry(scope).or_insert_with(|| Arc::new(RwLock::new(self.new_projections(scope)))))
        });
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

    /// All events up to this one are folded in.
    pub fn watermark(&self) -> u64 {
        self.watermark.load(Ordering::Acquire)
    }

    /// Says that all events up to `seq` are folded in, of whatever scope.
    pub fn folded(&self, seq: u64) -> u64 {
        self.watermark.fetch_max(seq, Ordering::AcqRel).max(seq)
    }

    /// Forgets runs of a scope whose last sign is older than `before`, as their events go; answers how many.
    pub fn forget_before(&self, scope: Scope, before: Timestamp) -> usize {
        self.change(scope, |projections| projections.forget_before(before))
    }

    /// Drops what is known of scopes that are gone.
    pub fn forget_scopes(&self, is_gone: impl Fn(Scope) -> bool) {
        let mut unsaved = self.unsaved.lock();
        self.scopes.write().retain(|scope, _| !is_gone(*scope));
        unsaved.rows.retain(|(scope, ..), _| !is_gone(*scope));
    }

    /// The same, unless what changed since the last time is little and that is not long ago: agents and slots of time change with every event,
    /// and are written once for all of them.
    pub fn flush_when_due(&self, now: Timestamp) -> Result<(), StoreError> {
        let is_due = self.unsaved.lock().written.is_none_or(|(at, watermark)| {
            at.elapsed() >= FLUSHED_EVERY || self.watermark().saturating_sub(watermark) >= EVENTS_BETWEEN_FLUSHES
        });
        if is_due { self.flush(now) } else { Ok(()) }
    }

    /// Writes what changed since the last call, with the watermark. What cannot be written now is kept for the next call; what never can be,
    /// because the file was lost, is let go, see [`Self::do_without_disk`].
    pub fn flush(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut unsaved = self.unsaved.lock();
        // Read first: rows taken below may know more than it says, and say so by their own head; never less.
        let watermark = self.watermark.load(Ordering::Acquire);
        for scope in self.scopes() {
            self.take_changes(scope, &mut unsaved);
        }
        // Looked at after the rows were taken: what is torn now may be among them.
        if self.is_torn() {
            return Err(StoreError::Failed(
                "a fold ended in the middle; the next start folds the events anew".to_owned(),
            ));
        }
        let mut rows: Vec<ProjectionRow> = unsaved
            .rows
            .drain()
            .map(|((scope, table, key), value)| ProjectionRow { scope, table, key, value })
            .collect();
        // As they lie on disk, so that neighbours are written together.
        rows.sort_unstable_by(|a, b| (a.scope.number(), a.table, &a.key).cmp(&(b.scope.number(), b.table, &b.key)));
        let checkpoint =
            Checkpoint { watermark: Position::of_seq(watermark), alive_at: now, version: Projections::VERSION };
        match self.store.save_projections(&rows, checkpoint) {
            Ok(()) => {
                unsaved.changes.drain(..).for_each(Changes::saved);
                unsaved.written = Some((Instant::now(), watermark));
                Ok(())
            }
            Err(StoreError::ProjectionsLost) => {
                unsaved.changes.clear();
                drop(unsaved);
                self.do_without_disk();
                Err(StoreError::ProjectionsLost)
            }
            Err(error) => {
                unsaved.rows.extend(rows.into_iter().map(|row| ((row.scope, row.table, row.key), row.value)));
                Err(error)
            }
        }
    }

    /// Takes in what changed of a scope, in steps, so that neither its writer nor its readers wait for all of it.
    fn take_changes(&self, scope: Scope, unsaved: &mut Unsaved) {
        while self.change(scope, Projections::archive_some) {}
        for _ in 0..MOST_STEPS {
            let some = self.change(scope, |projections| projections.take_some_rows(ROWS_AT_ONCE));
            let is_last = some.len() < ROWS_AT_ONCE;
            unsaved.take(scope, some);
            if is_last {
                break;
            }
        }
        let (mut changes, failure) =
            self.change(scope, |projections| (projections.take_changes(), projections.take_failure()));
        if let Some(error) = failure {
            tracing::error!(%error, "runs were not found in the archive and are counted anew; `hiveboard rebuild` mends it");
        }
        unsaved.take(scope, changes.take_rows());
        unsaved.changes.push(changes);
    }

    /// The file was damaged while it was open, and its rows are gone until the next start folds them anew. Runs that can be read no more are
    /// not listed until then; of those that have been archived since, the last ones stay in memory.
    fn do_without_disk(&self) {
        for scope in self.scopes() {
            let gone = self.change(scope, |projections| projections.forget_archived_beyond(ARCHIVED_WITHOUT_DISK));
            if gone > 0 {
                tracing::error!(
                    runs = gone,
                    ?scope,
                    "the derived state on disk was lost: ended runs are not listed until the server is started again, which folds them anew"
                );
            }
        }
    }
}

impl Unsaved {
    fn take(&mut self, scope: Scope, rows: Vec<hiveboard_derive::Change>) {
        self.rows.extend(rows.into_iter().map(|change| ((scope, change.table, change.key), change.value)));
    }
}
