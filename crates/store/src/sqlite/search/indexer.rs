//! Keeps the index behind the writer, on a thread of its own.

use std::sync::Arc;

use super::{
    super::{
        block::BlockView,
        catalog::Catalog,
        day::Day,
        events::block_of,
        files,
        maintain::{Chore, Worker},
        reader::{Deadline, Reader},
    },
    day::DayIndex,
    grams::Collector,
    postings::MOST_STRETCHES,
    segment::Stretch,
};
use crate::Result;

/// A stretch ends with the block that brings it to so many bytes, or to as many events as it should have.
const STRETCH_BYTES: usize = 96 << 10;
/// Blocks read in one go: a reader must not hold up the emptying of the log for long.
const BLOCKS_AT_ONCE: usize = 128;
/// At the end of a day, less than this part of a segment is as soon read through.
const WORTH_A_SEGMENT: usize = 64;

/// Indexes what arrives, now and then.
pub(in crate::sqlite) fn start(catalog: Arc<Catalog>) -> Option<Worker> {
    let (mut indexing, mut collector) = (Chore::new("index"), Collector::default());
    let bell = Arc::clone(&catalog.search.bell);
    Worker::start("store-search", catalog.options.checkpoint_interval, bell, move |bell| {
        indexing.run(|| all_days(&catalog, &mut collector, &|| bell.is_to_stop()));
    })
}

/// Does all that waits to be done.
pub(in crate::sqlite) fn catch_up(catalog: &Catalog) -> Result<()> {
    all_days(catalog, &mut Collector::default(), &|| false)
}

/// The newest day first. Ends early when told to.
fn all_days(catalog: &Catalog, collector: &mut Collector, stop: &dyn Fn() -> bool) -> Result<()> {
    let numbers: Vec<i64> = catalog.days().iter().rev().map(|day| day.number).collect();
    for (place, number) in numbers.into_iter().enumerate() {
        while !stop() {
            // Held for one step at a time: a day that is retired waits for those who hold it.
            let Some(day) = catalog.day(number) else { break };
            let index = catalog.search.of(&day);
            if !step(catalog, &day, &index, place == 0, collector)? {
                break;
            }
        }
    }
    Ok(())
}

/// Goes on by some blocks. `false` when there is nothing to do for now.
fn step(catalog: &Catalog, day: &Day, index: &DayIndex, is_newest: bool, collector: &mut Collector) -> Result<bool> {
    let Some(after) = index.indexed_to() else { return Ok(false) };
    if index.waiting() >= most_stretches(catalog) {
        seal(catalog, day, index)?;
    }
    let left = day.range().last_seq.saturating_sub(after);
    let worth_it = left >= catalog.options.search_stretch_events || (left > 0 && !is_newest);
    if worth_it {
        let mut cut = Cut::new(catalog, index, collector, after);
        let last_written = catalog.search.last_written.after(after, BLOCKS_AT_ONCE);
        if last_written.iter().any(|block| cut.add(block.last_seq, block.events, block.raw.len(), &block.raw))
            || cut.end(false)
            || day.read(Deadline::NONE, |reader| read_blocks(reader, &mut cut, !is_newest))?
        {
            return Ok(true);
        }
    }
    if !is_newest {
        if index.waiting() > most_stretches(catalog) / WORTH_A_SEGMENT {
            seal(catalog, day, index)?;
        }
        index.finish();
    }
    Ok(false)
}

fn most_stretches(catalog: &Catalog) -> usize {
    catalog.options.search_segment_stretches.clamp(1, MOST_STRETCHES)
}

fn seal(catalog: &Catalog, day: &Day, index: &DayIndex) -> Result<()> {
    // Events come first: the index takes no room that they may need.
    files::check_room(&catalog.dir, catalog.options.free_space_floor_bytes)?;
    index.seal(day)
}

/// Reads the blocks that come next, and cuts them into stretches. Whether anything was indexed.
fn read_blocks(reader: &mut Reader, cut: &mut Cut<'_>, is_complete: bool) -> Result<bool> {
    let Reader { connection, opener, .. } = reader;
    let mut statement = connection.prepare_cached(
        // What was told of may end inside of a block.
        "SELECT b.last_seq, b.count, d.raw_bytes, d.data FROM block b CROSS JOIN block_data d ON d.id = b.id
         WHERE b.id >= coalesce((SELECT max(id) FROM block WHERE id <= ?1 + 1), 0) AND b.last_seq > ?1 ORDER BY b.id LIMIT ?2",
    )?;
    let mut rows = statement.query([i64::try_from(cut.told).unwrap_or(i64::MAX), BLOCKS_AT_ONCE as i64])?;
    let mut blocks = 0;
    while let Some(row) = rows.next()? {
        blocks += 1;
        let (raw_bytes, data) = block_of(row, 2)?;
        // A damaged block holds nothing that could be found.
        let raw = opener.open(raw_bytes, data).unwrap_or_default();
        if cut.add(row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64, raw_bytes, raw) {
            return Ok(true);
        }
    }
    Ok(cut.end(is_complete && blocks < BLOCKS_AT_ONCE))
}

/// Cuts blocks into stretches, as they come.
struct Cut<'a> {
    catalog: &'a Catalog,
    index: &'a DayIndex,
    collector: &'a mut Collector,
    /// All up to this one is in the index.
    told: u64,
    /// Where it began.
    after: u64,
    /// The last one of the stretch that is not full yet, its events and bytes.
    last_seq: u64,
    events: u64,
    bytes: usize,
}

impl<'a> Cut<'a> {
    const fn new(catalog: &'a Catalog, index: &'a DayIndex, collector: &'a mut Collector, after: u64) -> Self {
        Self { catalog, index, collector, told: after, after, last_seq: after, events: 0, bytes: 0 }
    }

    /// Adds the next block; `true` when so many stretches wait that they have to be written first.
    fn add(&mut self, last_seq: u64, events: u64, raw_bytes: usize, raw: &[u8]) -> bool {
        self.last_seq = last_seq;
        self.events += events;
        self.bytes += raw_bytes;
        let _damaged = add_block(raw, self.collector);
        if self.events < self.catalog.options.search_stretch_events && self.bytes < STRETCH_BYTES {
            return false;
        }
        self.add_stretch();
        self.index.waiting() >= most_stretches(self.catalog)
    }

    fn add_stretch(&mut self) {
        let stretch = Stretch { rows: self.collector.finish(), last_seq: self.last_seq };
        self.index.add(self.told, stretch);
        (self.told, self.events, self.bytes) = (self.last_seq, 0, 0);
    }

    /// What is left is a stretch where nothing more comes; else it is looked at again. Whether anything was indexed.
    fn end(&mut self, is_complete: bool) -> bool {
        if self.events > 0 && is_complete {
            self.add_stretch();
        } else if self.events > 0 {
            self.collector.finish();
            (self.last_seq, self.events, self.bytes) = (self.told, 0, 0);
        }
        self.told > self.after
    }
}

fn add_block(raw: &[u8], collector: &mut Collector) -> Result<()> {
    for segment in BlockView::new(raw)?.segments()? {
        for place in 0..segment.len() {
            collector.add(segment.event(place).payload());
        }
    }
    Ok(())
}
