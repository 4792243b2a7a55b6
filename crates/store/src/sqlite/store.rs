//! The store as a whole: opening, and the traits.

use std::{
    fs::File,
    ops::ControlFlow,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use hiveboard_wire::{CallCost, EventId, Scope, StoredEvent, Timestamp};

use super::{
    calls,
    catalog::{Catalog, oldest_known},
    check, compact,
    dedup::Dedup,
    events, failures, files, find,
    maintain::{self, Worker},
    projections::MetaFile,
    reader::Deadline,
    replay, rescue, retire, search, usage,
    writer::{Writer, WriterSlot},
};
use crate::{
    Appended, Batch, CallFilter, CallGroups, CallRow, CallSort, Checkpoint, Damage, Dimension, EventFilter, EventLog,
    EventPage, EventReader, FailureBucket, Position, ProjectionRow, ProjectionStore, Result, Retired, SpanUsage,
    StoreAdmin, StoreError, StoreOptions, StoreStats, query::SeqOrder,
};

/// The embedded store of a data directory.
pub struct SqliteStore {
    catalog: Arc<Catalog>,
    writer: Arc<WriterSlot>,
    meta: MetaFile,
    workers: Mutex<Vec<Worker>>,
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
        files::finish_what_was_begun(dir)?;
        let meta = MetaFile::open(dir)?;
        let today = Timestamp::now().day();
        let catalog = Catalog::new(dir.to_owned(), options);
        let (mut newest, mut dedup) = (None, Dedup::default());
        let numbers = files::days_in(dir)?;
        let oldest = oldest_known(&numbers, today, catalog.options.dedup_days);
        for number in numbers {
            newest = Some(rescue::open_day(&catalog, number, oldest, &mut dedup)?);
        }
        let known = match meta.checkpoint() {
            Err(StoreError::Damaged(_)) => None,
            other => other?,
        };
        let known = known.map_or(0, |checkpoint| checkpoint.watermark.seq());
        let head = catalog.head_seq();
        if known > head {
            let what = format!("events {} to {known} were stored, and are not there any more", head + 1);
            catalog.damages.tell(&files::day_path(dir, newest.as_ref().map_or(today, |(day, _)| day.number)), &what);
        }
        // Never a number that was given away before.
        let next_seq = head.max(known) + 1;
        if let Some((day, _)) = &newest {
            // Takes what arrives from now on; what was loaded above is complete.
            dedup.start(day.number, next_seq, catalog.oldest_known(day.number.min(today)));
        }
        let writer = Arc::new(WriterSlot::new(Writer::new(catalog.key(), next_seq, dedup, newest)?));
        let catalog = Arc::new(catalog);
        let maintainer = maintain::start(Arc::clone(&catalog), Arc::clone(&writer));
        let workers = maintainer
            .into_iter()
            .chain(search::start(Arc::clone(&catalog)))
            .chain(compact::start(Arc::clone(&catalog), Arc::clone(&writer)))
            .collect();
        Ok(Self { catalog, writer, meta, workers: Mutex::new(workers), _lock: lock })
    }

    /// Asks again without the day that turned out to be damaged: it has left the catalog by then.
    fn around_damage<T>(&self, query: impl Fn() -> Result<T>) -> Result<T> {
        let most = self.catalog.days().len();
        for _ in 0..most {
            match query() {
                Err(StoreError::Damaged(_)) => {}
                other => return other,
            }
        }
        query()
    }

    /// Does now what the background does now and then: copies logs back, takes old ids out of memory, indexes texts, compacts days.
    pub fn maintain(&self) -> Result<()> {
        rescue::rescue(&self.catalog, &self.writer)?;
        maintain::seal_old_ids(&self.catalog, &self.writer)?;
        search::catch_up(&self.catalog)?;
        maintain::Checkpointer::default().checkpoint(&self.catalog, &self.writer)?;
        compact::catch_up(&self.catalog, &self.writer)
    }
}

impl EventLog for SqliteStore {
    fn append(&self, batches: Vec<Batch>) -> Result<Vec<Appended>> {
        let closed = || StoreError::Failed("the store is closed".to_owned());
        self.writer.lock().as_mut().ok_or_else(closed)?.append(&self.catalog, batches)
    }

    fn replay(&self, after: Position, visit: &mut dyn FnMut(Scope, StoredEvent, Option<CallCost>)) -> Result<()> {
        replay::replay(&self.catalog, &self.writer, after.seq(), visit)
    }

    fn head(&self) -> Position {
        Position::of_seq(self.catalog.head_seq())
    }
}

impl EventReader for SqliteStore {
    fn events(&self, scope: Scope, filter: &EventFilter, page: EventPage) -> Result<Vec<StoredEvent>> {
        self.around_damage(|| events::events(&self.catalog, scope, filter, page))
    }

    fn scan_events(
        &self,
        scope: Scope,
        filter: &EventFilter,
        after: Position,
        visit: &mut dyn FnMut(StoredEvent, Option<CallCost>) -> ControlFlow<()>,
    ) -> Result<()> {
        events::visit(&self.catalog, scope, filter, SeqOrder::Oldest { after }, Deadline::NONE, visit)
    }

    fn whole_after(&self, after: Position) -> Option<u64> {
        let marked = self.catalog.damages.marked();
        let is_whole = self.catalog.damaged_days().iter().all(|day| day.range().last_seq <= after.seq());
        is_whole.then_some(marked)
    }

    fn task_events(
        &self,
        scope: Scope,
        agent_id: &str,
        task_id: &str,
        task_run_id: Option<&str>,
        page: EventPage,
    ) -> Result<Vec<StoredEvent>> {
        let filter = EventFilter {
            agent_id: Some(agent_id.to_owned()),
            task_id: Some(task_id.to_owned()),
            task_run_id: task_run_id.map(str::to_owned),
            ..EventFilter::default()
        };
        self.around_damage(|| events::events(&self.catalog, scope, &filter, page))
    }

    fn event(&self, scope: Scope, event_id: &EventId) -> Result<Option<(StoredEvent, Option<CallCost>)>> {
        self.around_damage(|| find::event(&self.catalog, scope, event_id))
    }

    fn calls(&self, scope: Scope, filter: &CallFilter, sort: CallSort, limit: usize) -> Result<Vec<CallRow>> {
        self.around_damage(|| calls::calls(&self.catalog, scope, filter, sort, limit))
    }

    fn call_groups(
        &self,
        scope: Scope,
        filter: &CallFilter,
        by: &[Dimension],
        bucket_micros: Option<i64>,
        most: usize,
    ) -> Result<CallGroups> {
        self.around_damage(|| calls::groups(&self.catalog, scope, filter, by, bucket_micros, most))
    }

    fn failures(&self, scope: Scope, filter: &CallFilter, bucket_micros: i64) -> Result<Vec<FailureBucket>> {
        self.around_damage(|| failures::failures(&self.catalog, scope, filter, bucket_micros))
    }
}

impl ProjectionStore for SqliteStore {
    fn checkpoint(&self) -> Result<Option<Checkpoint>> {
        self.meta.checkpoint()
    }

    fn load_projections(&self, visit: &mut dyn FnMut(ProjectionRow)) -> Result<()> {
        self.meta.load(visit)
    }

    fn projection_row(&self, scope: Scope, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.meta.row(scope, table, key)
    }

    fn save_projections(&self, rows: &[ProjectionRow], checkpoint: Checkpoint) -> Result<()> {
        self.meta.save(rows, checkpoint)
    }

    fn clear_projections(&self) -> Result<()> {
        self.meta.clear()
    }
}

impl StoreAdmin for SqliteStore {
    fn stats(&self) -> Result<StoreStats> {
        let days = self.catalog.days();
        let (dedup_ids, dedup_bytes) =
            self.writer.lock().as_ref().map_or((0, 0), |writer| (writer.dedup.ids(), writer.dedup.bytes()));
        Ok(StoreStats {
            events: days.iter().map(|day| day.range().events).sum(),
            head: self.head(),
            spans: days.len() as u32,
            disk_bytes: files::disk_bytes(&self.catalog.dir),
            free_bytes: files::free_bytes(&self.catalog.dir)?,
            dedup_ids,
            dedup_bytes,
            idle_readers: self.catalog.readers.idle() as u32,
        })
    }

    fn usage(&self) -> Result<Vec<SpanUsage>> {
        usage::usage(&self.catalog)
    }

    fn retire(&self, expired: &dyn Fn(Scope, Timestamp) -> bool) -> Result<Retired> {
        retire::retire(&self.catalog, &self.writer, expired)
    }

    fn erase(&self, is_erased: &dyn Fn(Scope) -> bool) -> Result<Retired> {
        self.meta.erase(is_erased)?;
        retire::erase(&self.catalog, &self.writer, is_erased)
    }

    fn damages(&self) -> Vec<Damage> {
        let mut damages = self.catalog.damages.list();
        if self.meta.is_lost() {
            let file = self.catalog.dir.join("meta.db").display().to_string();
            damages.push(Damage { file, what: StoreError::ProjectionsLost.to_string() });
        }
        damages
    }

    fn check(&self) -> Result<Vec<String>> {
        Ok(check::check(&self.catalog.dir)?.faults)
    }

    fn close(&self) -> Result<()> {
        drop(std::mem::take(&mut *self.workers.lock().unwrap_or_else(PoisonError::into_inner)));
        let writer = self.writer.lock().take();
        self.catalog.readers.close_all();
        if let Some(writer) = writer {
            writer.close()?;
            maintain::empty_old_logs(&self.catalog)?;
        }
        self.meta.close()
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // Nothing is lost without it: the log is read at the next start. It only tidies up.
        if let Err(error) = self.close() {
            tracing::warn!(%error, "the store did not close tidily; its log is read at the next start");
        }
    }
}
