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
        reader::{BlockOpener, Deadline, Reader},
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
const BLOCKS_AT_ONCE: i64 = 128;
/// At the end of a day, less than this part of a segment is as soon read through.
const WORTH_A_SEGMENT: usize = 64;

/// Indexes what arrives, now and then.
pub(in crate::sqlite) fn start(catalog: Arc<Catalog>) -> Option<Worker> {
    let (mut indexing, mut collector) = (Chore::new("index"), Collector::default());
    Worker::start("store-search", catalog.options.checkpoint_interval, move |stop| {
        indexing.run(|| all_days(&catalog, &mut collector, &|| stop.is_told()));
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
            let Some(day) = catalog.days().into_iter().find(|day| day.number == number) else { break };
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
    if worth_it
        && day.read(Deadline::NONE, |reader| read_blocks(catalog, reader, after, index, collector, !is_newest))?
    {
        return Ok(true);
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

/// Cuts blocks after a `seq` into stretches; the last one, when it is short, only where nothing more comes. Whether anything was indexed.
fn read_blocks(
    catalog: &Catalog,
    reader: &mut Reader,
    after: u64,
    index: &DayIndex,
    collector: &mut Collector,
    is_complete: bool,
) -> Result<bool> {
    let Reader { connection, opener, .. } = reader;
    let mut statement = connection.prepare_cached(
        "SELECT b.last_seq, b.count, d.raw_bytes, d.data FROM block b CROSS JOIN block_data d ON d.id = b.id WHERE b.id > ?1 ORDER BY b.id LIMIT ?2",
    )?;
    let mut rows = statement.query([i64::try_from(after).unwrap_or(i64::MAX), BLOCKS_AT_ONCE])?;
    let (mut events, mut bytes, mut last_seq, mut blocks, mut told) = (0, 0, after, 0, after);
    while let Some(row) = rows.next()? {
        blocks += 1;
        last_seq = row.get::<_, i64>(0)? as u64;
        events += row.get::<_, i64>(1)? as u64;
        let (raw_bytes, data) = block_of(row, 2)?;
        bytes += raw_bytes;
        // A damaged block holds nothing that could be found.
        let _damaged = add_block(opener, raw_bytes, data, collector);
        if events >= catalog.options.search_stretch_events || bytes >= STRETCH_BYTES {
            index.add(told, Stretch { rows: collector.finish(), last_seq });
            (events, bytes, told) = (0, 0, last_seq);
            if index.waiting() >= most_stretches(catalog) {
                return Ok(true);
            }
        }
    }
    let rest = collector.finish();
    if events > 0 && is_complete && blocks < BLOCKS_AT_ONCE {
        index.add(told, Stretch { rows: rest, last_seq });
        told = last_seq;
    }
    Ok(told > after)
}

fn add_block(opener: &mut BlockOpener, raw_bytes: usize, data: &[u8], collector: &mut Collector) -> Result<()> {
    for segment in BlockView::new(opener.open(raw_bytes, data)?)?.segments()? {
        for place in 0..segment.len() {
            collector.add(segment.event(place).payload());
        }
    }
    Ok(())
}
