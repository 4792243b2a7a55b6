//! Connections that read, with what they need to open blocks, and a time limit.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{compression, error::damaged, schema, varint::Broken};
use crate::{Result, StoreError};

/// How many steps of SQLite's machine pass between looks at the clock: some 50 µs.
const STEPS_BETWEEN_LOOKS: i32 = 5_000;
/// Raw bytes of a block are bounded by what a commit may bring; more than this is a damaged size.
const MOST_RAW_BYTES: usize = 64 << 20;
/// A buffer that grew beyond this is not kept from one query to the next.
const KEPT_RAW_BYTES: usize = 1 << 20;

/// When a query has to be done: one for all that it reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// For those on whom nobody waits.
    pub(super) const NONE: Self = Self(None);

    pub(super) fn after(limit: Duration) -> Self {
        Self(Instant::now().checked_add(limit))
    }

    /// To be called in loops outside of SQLite.
    pub(super) fn check(self) -> Result<()> {
        if self.0.is_some_and(|at| Instant::now() >= at) { Err(StoreError::TimedOut) } else { Ok(()) }
    }
}

pub(super) struct Reader {
    pub(super) connection: Connection,
    pub(super) opener: BlockOpener,
    pub(super) deadline: Deadline,
    opened: Instant,
    /// For SQLite's look at the clock: microseconds after `opened`.
    limit: Arc<AtomicU64>,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut connection = schema::open_reader(path)?;
        let (since, limit) = (Instant::now(), Arc::new(AtomicU64::new(u64::MAX)));
        let looked_at = Arc::clone(&limit);
        let passed = move || since.elapsed().as_micros() as u64 >= looked_at.load(Ordering::Relaxed);
        connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(passed))?;
        let dictionary = compression::dictionary_of(&connection, "main")?;
        let opener = BlockOpener::new(path, dictionary.as_deref())?;
        Ok(Self { connection, opener, deadline: Deadline::NONE, opened: since, limit })
    }

    fn start(&mut self, deadline: Deadline) {
        let at = deadline.0.map(|at| at.saturating_duration_since(self.opened).as_micros());
        let at = at.and_then(|at| u64::try_from(at).ok()).unwrap_or(u64::MAX);
        self.limit.store(at, Ordering::Relaxed);
        self.deadline = deadline;
    }
}

/// Connections kept for the next query, over all days: a bound on descriptors and memory. The least recently used go first.
pub(super) struct Readers {
    most: usize,
    idle: Mutex<VecDeque<(i64, Reader)>>,
}

impl Readers {
    pub(super) const fn new(most: usize) -> Self {
        Self { most, idle: Mutex::new(VecDeque::new()) }
    }

    /// Runs a query on the file of a day.
    pub(super) fn read<T>(
        &self,
        day: i64,
        path: &Path,
        deadline: Deadline,
        query: impl FnOnce(&mut Reader) -> Result<T>,
    ) -> Result<T> {
        deadline.check()?;
        let kept = {
            let mut idle = self.lock();
            let place = idle.iter().rposition(|(of, _)| *of == day);
            place.and_then(|place| idle.remove(place))
        };
        let mut reader = match kept {
            Some((_, reader)) => reader,
            None => Reader::open(path)?,
        };
        reader.start(deadline);
        let answer = query(&mut reader);
        reader.opener.shrink();
        let mut idle = self.lock();
        idle.push_back((day, reader));
        let too_many = if idle.len() > self.most { idle.pop_front() } else { None };
        drop(idle);
        // Closing a file takes a while; nobody need wait for it.
        drop(too_many);
        answer
    }

    /// Lets go of the idle connections of a day.
    pub(super) fn close(&self, day: i64) {
        self.lock().retain(|(of, _)| *of != day);
    }

    pub(super) fn close_all(&self) {
        self.lock().clear();
    }

    pub(super) fn idle(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(i64, Reader)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Decompresses blocks into a buffer that is used again.
pub(super) struct BlockOpener {
    path: Box<Path>,
    decompressor: zstd::bulk::Decompressor<'static>,
    raw: Vec<u8>,
}

impl BlockOpener {
    /// `dictionary`: what some of the blocks are compressed with.
    pub(super) fn new(path: &Path, dictionary: Option<&[u8]>) -> Result<Self> {
        let decompressor = zstd::bulk::Decompressor::with_dictionary(dictionary.unwrap_or_default())
            .map_err(|error| StoreError::Failed(format!("cannot set up decompression: {error}")))?;
        Ok(Self { path: path.into(), decompressor, raw: Vec::new() })
    }

    /// The raw block.
    pub(super) fn open(&mut self, raw_bytes: usize, data: &[u8]) -> Result<&[u8]> {
        if raw_bytes > MOST_RAW_BYTES {
            return Err(damaged(&self.path, "a block has an absurd size"));
        }
        self.raw.clear();
        self.raw.reserve(raw_bytes);
        match self.decompressor.decompress_to_buffer(data, &mut self.raw) {
            Ok(size) if size == raw_bytes => Ok(&self.raw),
            Ok(_) => Err(damaged(&self.path, "a block has the wrong size")),
            Err(error) => Err(damaged(&self.path, &format!("a block cannot be opened ({error})"))),
        }
    }

    fn shrink(&mut self) {
        if self.raw.capacity() > KEPT_RAW_BYTES {
            self.raw = Vec::new();
        }
    }
}

impl From<Broken> for StoreError {
    fn from(_: Broken) -> Self {
        Self::Damaged("a block does not read as one".to_owned())
    }
}
