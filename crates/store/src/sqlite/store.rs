//! The store as a whole: opening, what its parts share, and the trait.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use hiveboard_wire::{CallCost, Scope, StoredEvent, Timestamp};

use super::{
    calls, check,
    day::Day,
    dedup::{Dedup, ends_of_sealed, load_sealed},
    events, failures, files,
    keys::{IdHash, StoreKey},
    maintain::{self, Maintainer},
    projections::MetaFile,
    replay, retire,
    writer::{Writer, Written},
};
use crate::{
    Appended, CallFilter, CallGroup, CallRow, CallSort, Checkpoint, Dimension, EventFilter, EventPage, EventStore,
    FailureBucket, Group, ProjectionRow, Result, StoreError, StoreOptions, StoreStats,
};

/// The embedded store of a data directory.
pub struct SqliteStore {
    shared: Arc<Shared>,
    maintainer: Mutex<Option<Maintainer>>,
}

pub(super) struct Shared {
    pub(super) dir: PathBuf,
    pub(super) options: StoreOptions,
    days: RwLock<Vec<Arc<Day>>>,
    key: RwLock<Option<StoreKey>>,
    head_seq: AtomicU64,
    writer: Mutex<Option<Writer>>,
    meta: MetaFile,
    /// Held, not used: keeps a second server out.
    _lock: File,
}

impl SqliteStore {
    /// Opens or makes the store of a directory.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] when another server uses the directory, or a file is damaged or of a newer version.
    pub fn open(dir: &Path, options: StoreOptions) -> Result<Self> {
        std::fs::create_dir_all(dir)
            .map_err(|error| StoreError::Failed(format!("cannot make {}: {error}", dir.display())))?;
        let lock = files::lock(dir)?;
        let meta = MetaFile::open(dir)?;
        let today = Timestamp::now().day();
        let (mut days, mut key, mut newest, mut dedup, mut head_seq) = (Vec::new(), None, None, Dedup::default(), 0);
        for number in files::days_in(dir)? {
            let (day, connection, own_key) = Day::open(dir, number, key, head_seq + 1, &options)?;
            key = Some(own_key);
            head_seq = head_seq.max(day.range().last_seq);
            let day = Arc::new(day);
            let oldest = today - i64::from(options.dedup_days);
            if number >= oldest {
                dedup.add_sealed(load_sealed(&day, &connection)?);
                load_seen(&connection, &day, &mut dedup, oldest)?;
            }
            days.push(Arc::clone(&day));
            newest = Some((day, connection));
        }
        if let Some((day, _)) = &newest {
            // Takes what arrives from now on; what was loaded above is complete.
            dedup.start(day.number, head_seq + 1, day.number.min(today) - i64::from(options.dedup_days));
        }
        let writer = Writer::new(key, head_seq + 1, dedup, newest)?;
        let interval = options.checkpoint_interval;
        let shared = Arc::new(Shared {
            dir: dir.to_owned(),
            options,
            days: RwLock::new(days),
            key: RwLock::new(key),
            head_seq: AtomicU64::new(head_seq),
            writer: Mutex::new(Some(writer)),
            meta,
            _lock: lock,
        });
        let maintainer = Maintainer::start(Arc::clone(&shared), interval);
        Ok(Self { shared, maintainer: Mutex::new(maintainer) })
    }
}

/// Ids of a day that are not sealed.
fn load_seen(connection: &rusqlite::Connection, day: &Day, dedup: &mut Dedup, oldest: i64) -> Result<()> {
    let from = ends_of_sealed(connection)?.max(day.range().first_seq);
    dedup.start(day.number, from, oldest);
    let set = dedup.newest().expect("a set was started just now");
    let mut statement =
        connection.prepare("SELECT first_seq, ids FROM seen WHERE first_seq >= ?1 ORDER BY first_seq")?;
    let mut rows = statement.query([from])?;
    while let Some(row) = rows.next()? {
        let first_seq: i64 = row.get(0)?;
        let ids = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        for (place, bytes) in ids.chunks_exact(IdHash::BYTES).enumerate() {
            set.insert(IdHash::from_bytes(bytes), first_seq as u64 + place as u64);
        }
    }
    Ok(())
}

impl Shared {
    /// The day files, oldest first.
    pub(super) fn days(&self) -> Vec<Arc<Day>> {
        self.days.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Those that may hold events of that time, oldest first.
    pub(super) fn days_within(&self, since: Option<Timestamp>, until: Option<Timestamp>) -> Vec<Arc<Day>> {
        let mut days = self.days();
        days.retain(|day| {
            let range = day.range();
            range.events > 0
                && since.is_none_or(|since| range.greatest_timestamp >= since.0)
                && until.is_none_or(|until| range.least_timestamp < until.0)
        });
        days
    }

    pub(super) fn day_of_seq(&self, seq: u64) -> Option<Arc<Day>> {
        let days = self.days.read().unwrap_or_else(PoisonError::into_inner);
        days.iter().rfind(|day| day.range().first_seq <= seq).cloned()
    }

    /// The first day whose ids are known on the given one.
    pub(super) fn oldest_known(&self, day: i64) -> i64 {
        day - i64::from(self.options.dedup_days)
    }

    /// `None` while nothing was ever stored.
    pub(super) fn key(&self) -> Option<StoreKey> {
        *self.key.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add_day(&self, day: Arc<Day>, key: StoreKey) {
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
        self.days.write().unwrap_or_else(PoisonError::into_inner).push(day);
    }

    /// Takes a day out of the list, unless it is the newest.
    pub(super) fn remove_day(&self, day: i64) -> Option<Arc<Day>> {
        let mut days = self.days.write().unwrap_or_else(PoisonError::into_inner);
        let place = days.iter().position(|other| other.number == day)?;
        (place + 1 < days.len()).then(|| days.remove(place))
    }

    /// Counts in a commit.
    pub(super) fn committed(&self, day: &Day, last_seq: u64, written: Written) {
        day.grow(|range| {
            range.events += written.events;
            range.last_seq = last_seq;
            range.least_timestamp = range.least_timestamp.min(written.least_timestamp);
            range.greatest_timestamp = range.greatest_timestamp.max(written.greatest_timestamp);
        });
        self.head_seq.store(last_seq, Ordering::Release);
    }

    pub(super) fn writer(&self) -> MutexGuard<'_, Option<Writer>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SqliteStore {
    /// Does now what the background does now and then: copies logs back, takes old ids out of memory.
    pub fn maintain(&self) -> Result<()> {
        maintain::seal_old_ids(&self.shared)?;
        maintain::Copier::default().copy(&self.shared);
        Ok(())
    }
}

fn closed() -> StoreError {
    StoreError::Failed("the store is closed".to_owned())
}

impl EventStore for SqliteStore {
    fn append(&self, groups: Vec<Group>) -> Result<Vec<Appended>> {
        let mut writer = self.shared.writer();
        writer.as_mut().ok_or_else(closed)?.append(&self.shared, groups)
    }

    fn events(&self, scope: Scope, filter: &EventFilter, page: EventPage) -> Result<Vec<StoredEvent>> {
        events::events(&self.shared, scope, filter, page)
    }

    fn task_events(
        &self,
        scope: Scope,
        agent_id: &str,
        task_id: &str,
        task_run_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>> {
        events::task_events(&self.shared, scope, agent_id, task_id, task_run_id, limit)
    }

    fn calls(&self, scope: Scope, filter: &CallFilter, sort: CallSort, limit: usize) -> Result<Vec<CallRow>> {
        calls::calls(&self.shared, scope, filter, sort, limit)
    }

    fn call_groups(
        &self,
        scope: Scope,
        filter: &CallFilter,
        by: &[Dimension],
        bucket_micros: Option<i64>,
    ) -> Result<Vec<CallGroup>> {
        calls::groups(&self.shared, scope, filter, by, bucket_micros)
    }

    fn failures(&self, scope: Scope, filter: &CallFilter, bucket_micros: i64) -> Result<Vec<FailureBucket>> {
        failures::failures(&self.shared, scope, filter, bucket_micros)
    }

    fn replay(&self, after: u64, visit: &mut dyn FnMut(Scope, StoredEvent, Option<CallCost>)) -> Result<()> {
        replay::replay(&self.shared, after, visit)
    }

    fn head_seq(&self) -> u64 {
        self.shared.head_seq.load(Ordering::Acquire)
    }

    fn checkpoint(&self) -> Result<Option<Checkpoint>> {
        self.shared.meta.checkpoint()
    }

    fn load_projections(&self, visit: &mut dyn FnMut(ProjectionRow)) -> Result<()> {
        self.shared.meta.load(visit)
    }

    fn save_projections(&self, rows: Vec<ProjectionRow>, checkpoint: Checkpoint) -> Result<()> {
        self.shared.meta.save(&rows, checkpoint)
    }

    fn clear_projections(&self) -> Result<()> {
        self.shared.meta.clear()
    }

    fn days(&self) -> Vec<i64> {
        self.shared.days().iter().map(|day| day.number).collect()
    }

    fn retire_day(&self, day: i64) -> Result<bool> {
        retire::retire_day(&self.shared, day)
    }

    fn stats(&self) -> Result<StoreStats> {
        let days = self.shared.days();
        let (dedup_ids, dedup_bytes) =
            self.shared.writer().as_ref().map_or((0, 0), |writer| (writer.dedup.ids(), writer.dedup.bytes()));
        Ok(StoreStats {
            events: days.iter().map(|day| day.range().events).sum(),
            head_seq: self.head_seq(),
            day_files: days.len() as u32,
            disk_bytes: files::disk_bytes(&self.shared.dir),
            dedup_ids,
            dedup_bytes,
        })
    }

    fn check(&self) -> Result<Vec<String>> {
        check::check(&self.shared)
    }

    fn close(&self) -> Result<()> {
        drop(self.maintainer.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.shared.writer().take();
        for day in self.shared.days() {
            day.close_readers();
        }
        if let Some(writer) = writer {
            writer.close()?;
            maintain::empty_old_logs(&self.shared)?;
        }
        self.shared.meta.close()
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // Nothing is lost without it: the log is read at the next start. It only tidies up.
        let _failed = self.close();
    }
}
