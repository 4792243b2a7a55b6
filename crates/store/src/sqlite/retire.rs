//! Retention: a day goes by unlinking its file.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hiveboard_wire::Timestamp;

use super::{catalog::Catalog, day::Day, files, writer::WriterSlot};
use crate::{Result, Retired};

const LOOK_AGAIN: Duration = Duration::from_millis(5);

pub(super) fn retire_before(catalog: &Catalog, writer: &WriterSlot, arrived: Timestamp) -> Result<Retired> {
    let mut retired = Retired::default();
    for day in catalog.days() {
        let span = day.span();
        let number = day.number;
        drop(day);
        if span.until > arrived {
            break;
        }
        let Some(day) = catalog.remove_day(number) else { break };
        retire(catalog, writer, &day)?;
        retired.spans += 1;
        retired.events += span.events;
        retired.bytes += span.bytes;
    }
    Ok(retired)
}

fn retire(catalog: &Catalog, writer: &WriterSlot, day: &Arc<Day>) -> Result<()> {
    if let Some(writer) = writer.lock().as_mut() {
        writer.dedup.forget(day.number);
    }
    // Whoever still reads the day holds it, and is done within the time limit. Unlinking does not take from them what they opened.
    let until = Instant::now() + catalog.options.query_time_limit;
    while Arc::strong_count(day) > 1 && Instant::now() < until {
        std::thread::sleep(LOOK_AGAIN);
    }
    day.close_readers();
    files::remove_database(&day.path)?;
    files::sync_dir(&catalog.dir)
}
