//! A connection that reads, with what it needs to open blocks, and a time limit.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{error::damaged, schema, varint::Broken};
use crate::{Result, StoreError};

/// How many steps of SQLite's machine pass between looks at the clock: some 50 µs.
const STEPS_BETWEEN_LOOKS: i32 = 5_000;
/// Raw bytes of a block are bounded by what a commit may bring; more than this is a damaged size.
const MOST_RAW_BYTES: usize = 64 << 20;

pub(super) struct Reader {
    pub(super) connection: Connection,
    pub(super) opener: BlockOpener,
    pub(super) clock: Deadline,
}

/// When the query that runs has to be done.
#[derive(Clone)]
pub(super) struct Deadline {
    opened: Instant,
    /// Microseconds after `opened`.
    at: Arc<AtomicU64>,
}

impl Deadline {
    fn passed(&self) -> bool {
        self.opened.elapsed().as_micros() as u64 > self.at.load(Ordering::Relaxed)
    }

    /// To be called in loops outside of SQLite.
    pub(super) fn check(&self) -> Result<()> {
        if self.passed() { Err(StoreError::TimedOut) } else { Ok(()) }
    }
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut connection = schema::open_reader(path)?;
        let clock = Deadline { opened: Instant::now(), at: Arc::new(AtomicU64::new(u64::MAX)) };
        let looked_at = clock.clone();
        connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || looked_at.passed()))?;
        Ok(Self { connection, opener: BlockOpener::new(path)?, clock })
    }

    pub(super) fn start(&self, limit: Duration) {
        let at = self.clock.opened.elapsed().saturating_add(limit);
        self.clock.at.store(u64::try_from(at.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// Decompresses blocks into a buffer that is used again.
pub(super) struct BlockOpener {
    path: Box<Path>,
    decompressor: zstd::bulk::Decompressor<'static>,
    raw: Vec<u8>,
}

impl BlockOpener {
    pub(super) fn new(path: &Path) -> Result<Self> {
        let decompressor = zstd::bulk::Decompressor::new()
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
}

impl From<Broken> for StoreError {
    fn from(_: Broken) -> Self {
        Self::Unusable("a block does not read as one".to_owned())
    }
}
