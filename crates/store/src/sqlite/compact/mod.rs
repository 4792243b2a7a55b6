//! Days that are over, written anew: what came an event at a time lies in blocks of a hundred then, and all blocks are compressed with what they
//! have in common.
//!
//! The new file is made beside the old one, checked block by block, and takes its place between two queries. Nothing that leads to a block
//! changes its meaning: a block begins at its first `seq`, and one that was joined to another is found as the block that holds its events.
//! Killed in the middle, it is done again.

mod blocks;
mod file;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rusqlite::Connection;

use self::file::NewFile;
use super::{
    catalog::Catalog,
    error::in_file,
    files,
    maintain::{Chore, Worker},
    schema,
    writer::WriterSlot,
};
use crate::{Result, StoreError};

/// How long it waits for a moment in which nobody reads the day.
const PATIENCE: Duration = Duration::from_secs(5);
/// A day that could not be exchanged is left alone for so long.
const LOOK_AGAIN: Duration = Duration::from_secs(600);

/// Compacts days that are over, one after the other.
pub(super) fn start(catalog: Arc<Catalog>, writer: Arc<WriterSlot>) -> Option<Worker> {
    let mut compacting = Chore::new("compact");
    Worker::start("store-compact", catalog.options.compaction_interval, Arc::default(), move |bell| {
        let stop = || bell.is_to_stop();
        compacting.run(|| all_days(&catalog, &writer, &Pace::of_background(&stop)));
    })
}

/// Does all that waits to be done.
pub(super) fn catch_up(catalog: &Catalog, writer: &WriterSlot) -> Result<()> {
    catalog.compaction.lock().clear();
    all_days(catalog, writer, &Pace::at_once())
}

/// Held by the one who compacts: days that are not to be tried again yet.
#[derive(Default)]
pub(super) struct Compaction(Mutex<HashMap<i64, Instant>>);

impl Compaction {
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn all_days(catalog: &Catalog, writer: &WriterSlot, pace: &Pace<'_>) -> Result<()> {
    let mut later = catalog.compaction.lock();
    later.retain(|_, until| Instant::now() < *until);
    let mut days = catalog.days();
    // Nobody writes to any but the newest.
    days.pop();
    days.retain(|day| !day.is_compacted() && day.range().events > 0 && !later.contains_key(&day.number));
    // Not held meanwhile: a day that is retired waits for those who hold it.
    let days: Vec<(i64, PathBuf)> = days.into_iter().map(|day| (day.number, day.path.clone())).collect();
    for (number, path) in days {
        if pace.is_to_stop() {
            break;
        }
        // Its ids go into the file first.
        if writer.lock().as_ref().is_some_and(|writer| writer.dedup.is_to_seal(number)) {
            continue;
        }
        let making = files::beside(&path, ".compacting");
        let done = compact(catalog, number, &path, &making, pace).map_err(|error| in_file(&path, error));
        files::remove_database(&making)?;
        match done {
            Ok(Outcome::Done) => {}
            Ok(Outcome::Stopped) => break,
            Err(error) if path.exists() => {
                later.insert(number, Instant::now() + LOOK_AGAIN);
                if let Some(day) = catalog.day(number) {
                    day.mark(&error);
                }
                return Err(error);
            }
            // Or retention took it away.
            Ok(Outcome::Later) | Err(_) => {
                later.insert(number, Instant::now() + LOOK_AGAIN);
            }
        }
    }
    Ok(())
}

enum Outcome {
    Done,
    /// Somebody changed the day meanwhile, or never stopped reading it.
    Later,
    Stopped,
}

fn compact(catalog: &Catalog, number: i64, path: &Path, making: &Path, pace: &Pace<'_>) -> Result<Outcome> {
    let bytes = files::database_bytes(path);
    files::check_room(&catalog.dir, catalog.options.free_space_floor_bytes.saturating_add(bytes))?;
    files::remove_database(making)?;
    // Told by it, and by nothing else, whether the file was changed meanwhile.
    let watch = schema::open_reader(path)?;
    let was = (data_version(&watch)?, files::inode(path)?);
    if !(NewFile { of: path, at: making, pace }).write()? {
        return Ok(Outcome::Stopped);
    }
    files::sync_file(making)?;
    let now = {
        let _nobody_else = catalog.rewriting();
        let Some(day) = catalog.day(number) else { return Ok(Outcome::Later) };
        if (data_version(&watch)?, files::inode(path)?) != was {
            return Ok(Outcome::Later);
        }
        drop(watch);
        let until = Instant::now() + PATIENCE;
        if !day.exchange(&|| Instant::now() >= until || pace.is_to_stop(), || take_place(path, making))? {
            return Ok(Outcome::Later);
        }
        files::sync_dir(&catalog.dir)?;
        files::database_bytes(path)
    };
    tracing::info!(file = %path.display(), bytes_before = bytes, bytes = now, "a day was compacted");
    Ok(Outcome::Done)
}

fn data_version(watch: &Connection) -> Result<i64> {
    Ok(watch.query_row("PRAGMA data_version", [], |row| row.get(0))?)
}

/// Puts the new file where the old one is, if nobody at all has that open: what lies beside it, by its name, would be taken for the new one's.
fn take_place(path: &Path, making: &Path) -> Result<bool> {
    let old = schema::open_file(path, schema::Synchronous::Full, Duration::from_millis(100))?;
    // Refused while there is any other connection, of another process, too; takes the log and its index away.
    let mode = old.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0));
    if !mode.is_ok_and(|mode| mode == "delete") {
        return Ok(false);
    }
    drop(old);
    if files::log_bytes(path) > 0 {
        return Ok(false);
    }
    std::fs::rename(making, path)
        .map_err(|error| StoreError::Failed(format!("cannot rename {}: {error}", making.display())))?;
    Ok(true)
}

/// How much of a processor it may take.
struct Pace<'a> {
    stop: &'a (dyn Fn() -> bool + 'a),
    rests: bool,
}

/// It works so long, and rests three times that.
const WORKS: Duration = Duration::from_millis(4);

impl<'a> Pace<'a> {
    const fn of_background(stop: &'a (dyn Fn() -> bool + 'a)) -> Self {
        Self { stop, rests: true }
    }

    const fn at_once() -> Self {
        Self { stop: &|| false, rests: false }
    }

    fn is_to_stop(&self) -> bool {
        (self.stop)()
    }

    /// Rests when it is time to; `true` when it is time to stop. `since`: when it rested last.
    fn look(&self, since: &mut Instant) -> bool {
        let worked = since.elapsed();
        if worked < WORKS {
            return false;
        }
        if self.rests {
            std::thread::sleep(worked.min(Duration::from_millis(100)) * 3);
        }
        *since = Instant::now();
        self.is_to_stop()
    }
}
