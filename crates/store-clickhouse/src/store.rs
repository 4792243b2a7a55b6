//! The store as a whole: opening, and the traits.

use std::{
    ops::ControlFlow,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use hiveboard_store::{
    Appended, Batch, CallFilter, CallGroups, CallRow, CallSort, Checkpoint, Damage, Dimension, EventFilter, EventLog,
    EventPage, EventReader, FailureBucket, Fresh, Position, ProjectionRow, ProjectionStore, Result, Retired, SpanUsage,
    StoreAdmin, StoreStats, query::SeqOrder,
};
use hiveboard_wire::{CallCost, EventId, Scope, StoredEvent, Timestamp};

use crate::{
    ClickHouseOptions, admin, calls,
    days::Days,
    events, figures,
    projections::Projections,
    replay, schema,
    server::{Limit, Server},
    writer::{Writer, closed},
};

/// The events of one partition, and the projections of its owner.
pub struct ClickHouseStore {
    server: Server,
    options: ClickHouseOptions,
    projections: Projections,
    writer: Mutex<Option<Writer>>,
    /// The last place that is stored; read without the writer.
    head: AtomicU64,
}

impl ClickHouseStore {
    /// Opens a partition as its owner, making what is missing in the database.
    ///
    /// # Errors
    /// [`StoreError::Away`](hiveboard_store::StoreError::Away) when no server answers, to be tried again;
    /// [`StoreError::Unusable`](hiveboard_store::StoreError::Unusable) when it never will: rights, a newer schema, a newer owner.
    pub fn open(options: ClickHouseOptions) -> Result<Self> {
        let mut server = Server::new(&options)?;
        schema::prepare(&mut server, &options)?;
        let projections = Projections::take_over(&server, &options)?;
        let known = projections.checkpoint(&server)?.map_or(Position::START, |checkpoint| checkpoint.watermark);
        let writer = Writer::open(&server, &options, known)?;
        let head = AtomicU64::new(writer.head());
        Ok(Self { server, options, projections, writer: Mutex::new(Some(writer)), head })
    }

    pub(crate) const fn partition(&self) -> u16 {
        self.options.partition
    }

    /// Stores events of another store under their numbers; see [`crate::migrate`].
    pub(crate) fn take_over(&self, events: Vec<(Scope, Fresh)>) -> Result<()> {
        let mut writer = self.writer();
        let writer = writer.as_mut().ok_or_else(closed)?;
        writer.take_over(&self.server, events)?;
        self.head.store(writer.head(), Ordering::Release);
        Ok(())
    }

    /// Gives no place up to this one to any event any more, and writes that down: all that the partition has up to there is stored.
    ///
    /// # Errors
    /// Of the insert; then nothing has changed.
    pub fn go_on_after(&self, seq: u64) -> Result<()> {
        let mut writer = self.writer();
        let writer = writer.as_mut().ok_or_else(closed)?;
        admin::write_head(&self.server, self.options.partition, seq)?;
        writer.go_on_after(seq);
        self.head.store(writer.head(), Ordering::Release);
        Ok(())
    }

    /// Visits the events after a place and up to another.
    pub(crate) fn replay_until(
        &self,
        after: Position,
        until: Position,
        visit: &mut dyn FnMut(Scope, StoredEvent, Option<CallCost>),
    ) -> Result<()> {
        replay::replay(&self.server, self.options.partition, after.seq(), until.seq().min(self.head().seq()), visit)
    }

    fn writer(&self) -> MutexGuard<'_, Option<Writer>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventLog for ClickHouseStore {
    fn append(&self, batches: Vec<Batch>) -> Result<Vec<Appended>> {
        let mut writer = self.writer();
        let writer = writer.as_mut().ok_or_else(closed)?;
        let appended = writer.append(&self.server, batches)?;
        self.head.store(writer.head(), Ordering::Release);
        Ok(appended)
    }

    fn replay(&self, after: Position, visit: &mut dyn FnMut(Scope, StoredEvent, Option<CallCost>)) -> Result<()> {
        self.replay_until(after, self.head(), visit)
    }

    fn head(&self) -> Position {
        Position::of_seq(self.head.load(Ordering::Acquire))
    }
}

impl EventReader for ClickHouseStore {
    fn events(&self, scope: Scope, filter: &EventFilter, page: EventPage) -> Result<Vec<StoredEvent>> {
        let mut found = Vec::new();
        events::visit(&self.server, self.options.partition, scope, filter, page, Limit::Query, &mut |event, _cost| {
            found.push(event);
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    fn scan_events(
        &self,
        scope: Scope,
        filter: &EventFilter,
        after: Position,
        visit: &mut dyn FnMut(StoredEvent, Option<CallCost>) -> ControlFlow<()>,
    ) -> Result<()> {
        let page = EventPage { order: SeqOrder::Oldest { after }, limit: usize::MAX };
        events::visit(&self.server, self.options.partition, scope, filter, page, Limit::Long, visit)
    }

    fn whole_after(&self, _: Position) -> Option<u64> {
        Some(0)
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
        self.events(scope, &filter, page)
    }

    fn event(&self, scope: Scope, event_id: &EventId) -> Result<Option<(StoredEvent, Option<CallCost>)>> {
        events::by_id(&self.server, self.options.partition, scope, event_id)
    }

    fn calls(&self, scope: Scope, filter: &CallFilter, sort: CallSort, limit: usize) -> Result<Vec<CallRow>> {
        calls::calls(&self.server, self.options.partition, scope, filter, sort, limit)
    }

    fn call_groups(
        &self,
        scope: Scope,
        filter: &CallFilter,
        by: &[Dimension],
        bucket_micros: Option<i64>,
        most: usize,
    ) -> Result<CallGroups> {
        figures::groups(&self.server, self.options.partition, scope, filter, by, bucket_micros, most)
    }

    fn failures(&self, scope: Scope, filter: &CallFilter, bucket_micros: i64) -> Result<Vec<FailureBucket>> {
        figures::failures(&self.server, self.options.partition, scope, filter, bucket_micros)
    }
}

impl ProjectionStore for ClickHouseStore {
    fn checkpoint(&self) -> Result<Option<Checkpoint>> {
        self.projections.checkpoint(&self.server)
    }

    fn load_projections(&self, visit: &mut dyn FnMut(ProjectionRow)) -> Result<()> {
        self.projections.load(&self.server, visit)
    }

    fn projection_row(&self, scope: Scope, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.projections.row(&self.server, scope, table, key)
    }

    fn save_projections(&self, rows: &[ProjectionRow], checkpoint: Checkpoint) -> Result<()> {
        self.projections.save(&self.server, rows, checkpoint)
    }

    fn clear_projections(&self) -> Result<()> {
        self.projections.clear(&self.server)
    }
}

impl StoreAdmin for ClickHouseStore {
    fn stats(&self) -> Result<StoreStats> {
        let days = Days::read(&self.server, self.options.partition)?;
        let (dedup_ids, dedup_bytes) =
            self.writer().as_ref().map_or((0, 0), |writer| (writer.known.len() as u64, writer.known.bytes() as u64));
        Ok(StoreStats {
            events: days.events(),
            head: self.head(),
            spans: days.0.len() as u32,
            disk_bytes: days.0.iter().map(|day| day.bytes).sum(),
            free_bytes: admin::free_bytes(&self.server)?.unwrap_or(0),
            dedup_ids,
            dedup_bytes,
            idle_readers: 0,
        })
    }

    fn usage(&self) -> Result<Vec<SpanUsage>> {
        admin::usage(&self.server, self.options.partition)
    }

    fn retire(&self, expired: &dyn Fn(Scope, Timestamp) -> bool) -> Result<Retired> {
        let before = Timestamp::now().day() - i64::from(self.options.dedup_days);
        admin::let_go(&self.server, self.options.partition, self.head().seq(), before, expired)
    }

    fn erase(&self, is_erased: &dyn Fn(Scope) -> bool) -> Result<Retired> {
        self.projections.erase(&self.server, is_erased)?;
        let is_over = |scope, _| is_erased(scope);
        admin::let_go(&self.server, self.options.partition, self.head().seq(), i64::MAX, &is_over)
    }

    fn damages(&self) -> Vec<Damage> {
        // The engine detaches what is damaged, and a replica has it whole; `check` asks it.
        Vec::new()
    }

    fn check(&self) -> Result<Vec<String>> {
        admin::check(&self.server, self.options.partition)
    }

    fn close(&self) -> Result<()> {
        drop(self.writer().take());
        Ok(())
    }
}
