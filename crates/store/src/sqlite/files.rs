//! Names of files, the lock, and room on the disk.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
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
        Ok(()) => {
            // For people, and for the one who comes second.
            let told = file.set_len(0).and_then(|()| (&file).write_all(format!("{}\n", std::process::id()).as_bytes()));
            told.map_err(failed)?;
            Ok(file)
        }
        Err(std::fs::TryLockError::WouldBlock) => {
            let holder = holder(dir).map_or_else(String::new, |pid| format!(" (process {pid})"));
            Err(StoreError::Unusable(format!(
                "{} is in use by another server{holder}; stop that one first, or give this one a data directory of its own",
                dir.display()
            )))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// The process that wrote its number into the lock last. It holds the lock only if the lock is taken.
fn holder(dir: &Path) -> Option<u32> {
    std::fs::read_to_string(dir.join("lock")).ok()?.trim().parse().ok()
}

/// The process that uses the directory now; `None` when nobody does. Only looks: trying the lock would keep out a server that starts.
pub fn user_of(dir: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let inode = std::fs::metadata(dir.join("lock")).ok()?.ino();
    // `1: FLOCK  ADVISORY  WRITE 1234 08:02:5678 0 EOF`
    let is_it =
        |line: &str| line.contains("FLOCK") && line.split_whitespace().any(|word| word.ends_with(&format!(":{inode}")));
    let is_held = || Some(std::fs::read_to_string("/proc/locks").ok()?.lines().any(is_it));
    // The kernel hands the list out in pieces: where locks come and go meanwhile, one that is held may be passed over.
    let is_held = (0..LOOKS_AT_LOCKS).any(|_| is_held() == Some(true));
    if is_held { holder(dir) } else { None }
}

/// One in seventy misses, where two processes do nothing but take locks.
const LOOKS_AT_LOCKS: usize = 8;

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
    let free_bytes = free_bytes(dir)?;
    if free_bytes < floor_bytes {
        return Err(StoreError::Full(format!(
            "{} MiB are free where the data lies, and {} MiB are kept free; make room or lower the floor",
            free_bytes >> 20,
            floor_bytes >> 20
        )));
    }
    Ok(())
}

/// The name of a file with something behind it.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Makes what is in a file survive a power cut.
pub(super) fn sync_file(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|error| StoreError::Failed(format!("cannot sync {}: {error}", path.display())))
}

/// Removes a day file with everything that lies beside it. A large file shrinks step by step first, for a file system takes long to let go of much
/// at once, and commits wait for it; not while somebody still reads it.
pub(super) fn remove_day(path: &Path, in_steps: bool) -> Result<()> {
    let failed = |error: std::io::Error| in_file(path, StoreError::Failed(format!("cannot be removed: {error}")));
    let gone = beside(path, ".gone");
    // The file itself first: its log alone means nothing, while the file without its log would lack events.
    std::fs::rename(path, &gone).map_err(failed)?;
    remove_beside(path)?;
    if in_steps && let Ok(file) = OpenOptions::new().write(true).open(&gone) {
        let mut bytes = file.metadata().map_or(0, |file| file.len());
        while bytes > STEP_BYTES {
            bytes -= STEP_BYTES;
            file.set_len(bytes).map_err(failed)?;
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }
    std::fs::remove_file(&gone).map_err(failed)
}

const STEP_BYTES: u64 = 16 << 20;

/// Removes what lies beside a day file that is gone: `ev-YYYYMMDD.*`.
fn remove_beside(path: &Path) -> Result<()> {
    let failed = |error: std::io::Error| in_file(path, StoreError::Failed(format!("cannot be tidied up: {error}")));
    let (Some(dir), Some(stem)) = (path.parent(), path.file_stem()) else { return Ok(()) };
    let start = format!("{}.", stem.to_string_lossy());
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&start) && !name.ends_with(".gone") && !name.ends_with(".salvaged") {
            let path = entry.path();
            if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.map_err(failed)?;
        }
    }
    Ok(())
}

/// Finishes what a killed server had begun: removing days, putting saved ones in their place.
pub(super) fn finish_what_was_begun(dir: &Path) -> Result<()> {
    let failed = |error: std::io::Error| StoreError::Failed(format!("cannot tidy up {}: {error}", dir.display()));
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with("ev-") {
            continue;
        }
        if path.extension().is_some_and(|ending| ending == "gone")
            || [".salvaging", ".compacting"].iter().any(|making| name.contains(making))
        {
            std::fs::remove_file(&path).map_err(failed)?;
        } else if name.ends_with(".salvaged") {
            take_salvaged(&path.with_extension(""))?;
        } else if name.ends_with("-wal") || name.ends_with("-shm") {
            let database = path.with_file_name(&name[..name.len() - 4]);
            if database.extension().is_some_and(|ending| ending == "db") && !database.exists() {
                std::fs::remove_file(&path).map_err(failed)?;
            }
        }
    }
    Ok(())
}

/// Puts a saved day file in its place, which has to be free. One that still has its damaged original is saved again from that.
pub(super) fn take_salvaged(path: &Path) -> Result<()> {
    let failed = |error: std::io::Error| in_file(path, StoreError::Failed(format!("cannot be replaced: {error}")));
    let saved = beside(path, ".salvaged");
    if path.exists() {
        return std::fs::remove_file(saved).map_err(failed);
    }
    std::fs::rename(saved, path).map_err(failed)?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Bytes that the disk has left.
pub fn free_bytes(dir: &Path) -> Result<u64> {
    let room = rustix::fs::statvfs(dir)
        .map_err(|error| StoreError::Failed(format!("cannot ask for room on the disk: {error}")))?;
    Ok(room.f_bavail.saturating_mul(room.f_frsize))
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

/// Tells a file from another that took its place.
pub(super) fn inode(path: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).map_err(|error| in_file(path, StoreError::Failed(error.to_string())))?;
    Ok(found.ino())
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
