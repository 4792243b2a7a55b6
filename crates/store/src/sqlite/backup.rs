//! Copies of a data directory, made beside a running server, and put back.
//!
//! A backup is a directory (or a tar of one) with a copy of each database as it was at one moment, and `backup.json`, which names them with their
//! sizes and hashes. `meta.db` is copied first and the days from the oldest on: so the events are at least as new as what is derived
//! from them, and those of a copy are all up to one of them.

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use hiveboard_wire::Timestamp;
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{check, error::in_file, files};
use crate::{Result, StoreError};

const MANIFEST: &str = "backup.json";
/// Endings of archives that are not made here.
const OTHER_ARCHIVES: [&str; 10] = ["gz", "tgz", "zip", "zst", "xz", "bz2", "7z", "lz4", "br", "rar"];

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    pub version: String,
    pub made_at: String,
    pub files: Vec<BackedUp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedUp {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

impl Backup {
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// Copies the data directory into a new directory, or into one file when the name ends with `.tar`.
///
/// # Errors
/// [`StoreError::Unusable`] when there is no data, or the target exists already.
pub fn backup(dir: &Path, target: &Path, version: &str) -> Result<Backup> {
    if !dir.join("settings.db").exists() {
        return Err(StoreError::Unusable(format!(
            "{} is no data directory: there is no settings.db in it",
            dir.display()
        )));
    }
    let is_tar = target.extension().is_some_and(|ending| ending == "tar");
    refuse_target(dir, target)?;
    if target.exists() && (is_tar || std::fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some())) {
        return Err(StoreError::Unusable(format!("{} exists already; name another target", target.display())));
    }
    let folder = if is_tar { files::beside(target, ".making") } else { target.to_owned() };
    let failed = |what: &str, path: &Path, error: std::io::Error| {
        StoreError::Failed(format!("cannot {what} {}: {error}", path.display()))
    };
    if is_tar && folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| failed("remove", &folder, error))?;
    }
    std::fs::create_dir_all(&folder).map_err(|error| failed("make", &folder, error))?;
    let mut copied = Vec::new();
    let days = || -> Result<Vec<PathBuf>> {
        Ok(files::days_in(dir)?.into_iter().map(|day| files::day_path(dir, day)).collect())
    };
    let meta = dir.join("meta.db");
    let first = if meta.exists() { vec![meta] } else { Vec::new() };
    for path in first.into_iter().chain(days()?).chain([dir.join("settings.db")]) {
        match copy(&path, &folder) {
            Ok(file) => copied.push(file),
            // Retention took it away since the list was made.
            Err(_) if !path.exists() => {}
            Err(error) => return Err(error),
        }
    }
    let backup = Backup { version: version.to_owned(), made_at: Timestamp::now().to_string(), files: copied };
    let manifest = folder.join(MANIFEST);
    let text = serde_json::to_string_pretty(&backup).expect("a list of names and numbers is JSON");
    std::fs::write(&manifest, text).map_err(|error| failed("write", &manifest, error))?;
    files::sync_file(&manifest)?;
    files::sync_dir(&folder)?;
    if is_tar {
        pack(&folder, target, &backup).map_err(|error| failed("write", target, error))?;
        std::fs::remove_dir_all(&folder).map_err(|error| failed("remove", &folder, error))?;
    }
    Ok(backup)
}

/// What is surely not meant: an archive of another kind, the standard output, or a place in the data itself.
fn refuse_target(dir: &Path, target: &Path) -> Result<()> {
    let unusable = |why: &str| Err(StoreError::Unusable(format!("{} {why}", target.display())));
    let ending = target.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    if OTHER_ARCHIVES.contains(&ending.as_str()) {
        return unusable(
            "would be no archive of that kind: name a file that ends with .tar (and pack that), or a directory",
        );
    }
    if target.as_os_str() == "-" {
        return unusable(
            "is no file: a backup is verified where it was written; name a file that ends with .tar, or a directory",
        );
    }
    // What does not exist yet lies where the nearest part of its path does that exists.
    let absolute = std::path::absolute(target).unwrap_or_else(|_| target.to_owned());
    let nearest = absolute.ancestors().find_map(|part| part.canonicalize().ok());
    if let (Some(nearest), Ok(dir)) = (nearest, dir.canonicalize())
        && nearest.starts_with(&dir)
    {
        return unusable("lies in the data directory, and a backup is to outlive that: name a place outside of it");
    }
    Ok(())
}

/// One database as it is at this moment, packed.
fn copy(from: &Path, folder: &Path) -> Result<BackedUp> {
    let name = from.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let to = folder.join(&name);
    let connection =
        Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| in_file(from, error))?;
    let done = connection
        .busy_timeout(std::time::Duration::from_secs(30))
        .and_then(|()| connection.execute("VACUUM INTO ?1", [to.display().to_string()]));
    done.map_err(|error| in_file(from, error))?;
    files::sync_file(&to)?;
    describe(&to, name)
}

fn describe(path: &Path, name: String) -> Result<BackedUp> {
    let failed = |error: std::io::Error| StoreError::Failed(format!("cannot read {}: {error}", path.display()));
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    let sha256 = hash.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    Ok(BackedUp { name, bytes, sha256 })
}

fn pack(folder: &Path, target: &Path, backup: &Backup) -> std::io::Result<()> {
    let mut tar = tar::Builder::new(File::create_new(target)?);
    for name in backup.files.iter().map(|file| file.name.as_str()).chain([MANIFEST]) {
        tar.append_path_with_name(folder.join(name), name)?;
    }
    tar.into_inner()?.sync_all()
}

/// Puts a backup into a data directory, after everything in it was verified. What was there is kept in a folder beside the files when `force`
/// allows to replace it.
///
/// # Errors
/// [`StoreError::Unusable`] when the backup is not whole, the directory is in use, or it holds data and `force` is not given.
pub fn restore(source: &Path, dir: &Path, force: bool) -> Result<Backup> {
    let failed = |what: &str, path: &Path, error: std::io::Error| {
        StoreError::Failed(format!("cannot {what} {}: {error}", path.display()))
    };
    std::fs::create_dir_all(dir).map_err(|error| failed("make", dir, error))?;
    let _lock = files::lock(dir)?;
    let present = databases_in(dir)?;
    if !present.is_empty() && !force {
        return Err(StoreError::Unusable(format!(
            "{} holds data already; restore into another directory, or replace it with --force (what is there is kept aside)",
            dir.display()
        )));
    }
    let staging = dir.join("restoring");
    if staging.exists() {
        std::fs::remove_dir_all(&staging).map_err(|error| failed("remove", &staging, error))?;
    }
    std::fs::create_dir(&staging).map_err(|error| failed("make", &staging, error))?;
    let verified = fetch(source, &staging).and_then(|backup| verify(source, &staging).map(|()| backup));
    let backup = match verified {
        Ok(backup) => backup,
        Err(error) => {
            let _tidied = std::fs::remove_dir_all(&staging);
            return Err(error);
        }
    };
    if !present.is_empty() {
        let kept = dir.join(format!("replaced-{}", Timestamp::now().0 / 1_000_000));
        std::fs::create_dir(&kept).map_err(|error| failed("make", &kept, error))?;
        for path in present {
            let name = path.file_name().unwrap_or_default();
            std::fs::rename(&path, kept.join(name)).map_err(|error| failed("move", &path, error))?;
        }
    }
    for file in &backup.files {
        let (from, to) = (staging.join(&file.name), dir.join(&file.name));
        std::fs::rename(&from, &to).map_err(|error| failed("move", &from, error))?;
    }
    std::fs::remove_dir_all(&staging).map_err(|error| failed("remove", &staging, error))?;
    files::sync_dir(dir)?;
    Ok(backup)
}

/// Everything that belongs to the data: databases, their logs, what lies beside days.
fn databases_in(dir: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| StoreError::Failed(format!("cannot list {}: {error}", dir.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_file() && ["ev-", "meta.db", "settings.db"].iter().any(|start| name.starts_with(start)) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Brings the files of a backup into a folder, and compares each with what the manifest says.
fn fetch(source: &Path, staging: &Path) -> Result<Backup> {
    let unusable = |what: String| StoreError::Unusable(format!("{} is no whole backup: {what}", source.display()));
    if source.is_dir() {
        for entry in std::fs::read_dir(source).map_err(|error| unusable(error.to_string()))? {
            let path = entry.map_err(|error| unusable(error.to_string()))?.path();
            if path.is_file() {
                std::fs::copy(&path, staging.join(path.file_name().unwrap_or_default()))
                    .map_err(|error| StoreError::Failed(format!("cannot copy {}: {error}", path.display())))?;
            }
        }
    } else {
        let file = File::open(source).map_err(|error| unusable(error.to_string()))?;
        // `unpack` keeps every entry inside of the folder.
        tar::Archive::new(BufReader::new(file)).unpack(staging).map_err(|error| unusable(error.to_string()))?;
    }
    let text = std::fs::read_to_string(staging.join(MANIFEST))
        .map_err(|_| unusable(format!("there is no {MANIFEST} in it")))?;
    let backup: Backup = serde_json::from_str(&text).map_err(|error| unusable(format!("{MANIFEST}: {error}")))?;
    for file in &backup.files {
        let is_plain = Path::new(&file.name).components().count() == 1 && !file.name.starts_with('.');
        let path = staging.join(&file.name);
        if !is_plain || !path.is_file() {
            return Err(unusable(format!("{} is missing", file.name)));
        }
        if describe(&path, file.name.clone())? != *file {
            return Err(unusable(format!("{} is not as it was when the backup was made", file.name)));
        }
        files::sync_file(&path)?;
    }
    Ok(backup)
}

fn verify(source: &Path, staging: &Path) -> Result<()> {
    let faults = check::check(staging)?.faults;
    if let Some(first) = faults.first() {
        return Err(StoreError::Unusable(format!(
            "{} holds damaged data ({} faults): {first}",
            source.display(),
            faults.len()
        )));
    }
    Ok(())
}
