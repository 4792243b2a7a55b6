//! Names of files, the lock, and room on the disk.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
};

use super::error::in_file;
use crate::{Result, StoreError};

const SECONDS_PER_DAY: i64 = 86_400;

/// `ev-YYYYMMDD.db` for a day since the epoch.
pub(super) fn day_path(dir: &Path, day: i64) -> PathBuf {
    let date = jiff::Timestamp::from_second(day.saturating_mul(SECONDS_PER_DAY)).unwrap_or(jiff::Timestamp::MAX);
    dir.join(format!("ev-{}.db", date.strftime("%Y%m%d")))
}

/// The day of a file name; `None` for other files.
fn day_of(name: &str) -> Option<i64> {
    let digits = name.strip_prefix("ev-")?.strip_suffix(".db")?;
    let date = jiff::civil::Date::strptime("%Y%m%d", digits).ok()?;
    let epoch = jiff::civil::date(1970, 1, 1);
    Some(i64::from(epoch.until(date).ok()?.get_days()))
}

/// The days that have a file, oldest first.
pub(super) fn days_in(dir: &Path) -> Result<Vec<i64>> {
    let failed = |error: std::io::Error| StoreError::Failed(format!("cannot list {}: {error}", dir.display()));
    let mut days = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        days.extend(entry.map_err(failed)?.file_name().to_str().and_then(day_of));
    }
    days.sort_unstable();
    Ok(days)
}

/// Takes the directory for this process, for as long as the file lives.
pub(super) fn lock(dir: &Path) -> Result<File> {
    let path = dir.join("lock");
    let failed = |error: std::io::Error| in_file(&path, StoreError::Failed(error.to_string()));
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::Unusable(format!(
            "{} is in use by another server; stop that one first, or give this one a data directory of its own",
            dir.display()
        ))),
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Makes names of new files survive a power cut.
pub(super) fn sync_dir(dir: &Path) -> Result<()> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|error| StoreError::Failed(format!("cannot sync {}: {error}", dir.display())))
}

/// Refuses when the disk has less room than the floor.
pub(super) fn check_room(dir: &Path, floor_bytes: u64) -> Result<()> {
    if floor_bytes == 0 {
        return Ok(());
    }
    let room = rustix::fs::statvfs(dir)
        .map_err(|error| StoreError::Failed(format!("cannot ask for room on the disk: {error}")))?;
    let free_bytes = room.f_bavail.saturating_mul(room.f_frsize);
    if free_bytes < floor_bytes {
        return Err(StoreError::Full(format!(
            "{} MiB are free where the data lies, and {} MiB are kept free; make room or lower the floor",
            free_bytes >> 20,
            floor_bytes >> 20
        )));
    }
    Ok(())
}

/// Bytes of all files of the store.
pub(super) fn disk_bytes(dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries
        .filter_map(|entry| entry.ok()?.metadata().ok())
        .filter(std::fs::Metadata::is_file)
        .map(|file| file.len())
        .sum()
}

/// Removes a database file with its log. Absent ones are no error.
pub(super) fn remove_database(path: &Path) -> Result<()> {
    // The file itself first: its log alone means nothing, while the file without its log would lack events.
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(in_file(path, StoreError::Failed(format!("cannot be removed: {error}"))));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Bytes of a database file and its write-ahead log.
pub(super) fn database_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len()) + log_bytes(path)
}

/// Size of the write-ahead log of a database file.
pub(super) fn log_bytes(path: &Path) -> u64 {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    std::fs::metadata(name).map_or(0, |file| file.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_names_agree() {
        for (day, name) in [(0, "ev-19700101.db"), (20_779, "ev-20261122.db"), (19_782, "ev-20240229.db")] {
            assert_eq!(day_path(Path::new(""), day), Path::new(name));
            assert_eq!(day_of(name), Some(day));
        }
        assert_eq!(day_of("ev-20261322.db"), None);
        assert_eq!(day_of("ev-20261122.db-wal"), None);
    }
}
