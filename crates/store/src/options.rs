//! What can be set about the store.

use std::time::Duration;

/// Bounds and habits of a store. [`Default`] is right for a server.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Appends are refused while the disk has less room than this.
    pub free_space_floor_bytes: u64,
    /// How many days after its day of arrival an event id is still known. At least 7 are promised.
    pub dedup_days: u16,
    /// Ids kept with their place in memory (about 9 bytes each); beyond that, they are found on disk by way of a filter (2 bytes each).
    pub dedup_ids_in_memory: usize,
    /// A query that runs longer, however many days it reads, is cancelled.
    pub query_time_limit: Duration,
    /// Connections kept open for the next query, over all days: three descriptors and up to 1 MiB each. The least recently used are closed.
    pub idle_readers: usize,
    /// Calls of an agent with no more blocks than this in a day are looked up by the blocks; those of others are met soon enough on the way
    /// through time.
    pub few_blocks: u32,
    /// References of blocks that wait in memory (about 50 bytes each) before they go into their index, many a page.
    pub recent_references: usize,
    /// Sums of calls that wait likewise.
    pub recent_sums: usize,
    /// Page cache of the writer.
    pub cache_bytes: u64,
    /// How often the write-ahead log is copied back. Zero: never by itself.
    pub checkpoint_interval: Duration,
    /// How often days are looked for that are over and not compacted yet. Zero: never by itself.
    pub compaction_interval: Duration,
    /// Above this size the write-ahead log is emptied between two commits.
    pub log_limit_bytes: u64,
    /// Events that the search index tells apart from others: fewer make searches quicker, and the index larger.
    pub search_stretch_events: u64,
    /// Stretches gathered in memory (some 8 KB each) before they are written together; at most 1,024.
    pub search_segment_stretches: usize,
    /// Pages a day file may have; for tests of a full disk.
    pub max_pages: Option<u32>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            free_space_floor_bytes: 64 << 20,
            dedup_days: 7,
            dedup_ids_in_memory: 32_000_000,
            query_time_limit: Duration::from_secs(10),
            idle_readers: 24,
            few_blocks: 300,
            recent_references: 80_000,
            recent_sums: 1_024,
            cache_bytes: 12 << 20,
            checkpoint_interval: Duration::from_millis(500),
            compaction_interval: Duration::from_millis(500),
            log_limit_bytes: 64 << 20,
            search_stretch_events: 96,
            search_segment_stretches: 1024,
            max_pages: None,
        }
    }
}
