//! Retention: a day goes by unlinking its file.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{files, store::Shared};
use crate::Result;

const LOOK_AGAIN: Duration = Duration::from_millis(5);

pub(super) fn retire_day(shared: &Shared, number: i64) -> Result<bool> {
    let Some(day) = shared.remove_day(number) else { return Ok(false) };
    if let Some(writer) = shared.writer().as_mut() {
        writer.dedup.forget(number);
    }
    // Whoever still reads the day holds it, and is done within the time limit. Unlinking does not take from them what they opened.
    let until = Instant::now() + shared.options.query_time_limit;
    while Arc::strong_count(&day) > 1 && Instant::now() < until {
        std::thread::sleep(LOOK_AGAIN);
    }
    day.close_readers();
    files::remove_database(&day.path)?;
    files::sync_dir(&shared.dir)?;
    Ok(true)
}
