//! What was found damaged: told, put aside, and never answered from.
//!
//! A block that cannot be opened is left out and told. A file whose structure is broken leaves the queries at once; what can be read of it is put
//! into a new file (see [`salvage`](super::salvage)), and the damaged one is kept in `damaged/`, beside a note that says what happened. As
//! long as a note lies there, the store says so.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::files;
use crate::{Damage, Result, StoreError};

/// Blocks are named up to here; more of them say nothing new.
const MOST_NAMED: usize = 200;

pub(super) struct Damages {
    dir: PathBuf,
    found: Mutex<BTreeSet<Damage>>,
    marked: AtomicU64,
}

impl Damages {
    /// With what earlier runs put aside.
    pub(super) fn open(dir: &Path) -> Self {
        let mut found = BTreeSet::new();
        for entry in std::fs::read_dir(aside(dir)).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == "txt")
                && let Ok(what) = std::fs::read_to_string(&path)
            {
                found.insert(Damage {
                    file: path.with_extension("").display().to_string(),
                    what: what.trim().to_owned(),
                });
            }
        }
        Self { dir: dir.to_owned(), found: Mutex::new(found), marked: AtomicU64::new(0) }
    }

    pub(super) fn list(&self) -> Vec<Damage> {
        self.lock().iter().cloned().collect()
    }

    /// How many days were taken out of the queries so far.
    pub(super) fn marked(&self) -> u64 {
        self.marked.load(Ordering::Acquire)
    }

    /// Counts a day that leaves the queries, and tells it.
    pub(super) fn mark(&self, file: &Path, what: &str) {
        self.marked.fetch_add(1, Ordering::AcqRel);
        self.tell(file, what);
    }

    /// Tells it once.
    pub(super) fn tell(&self, file: &Path, what: &str) {
        let mut found = self.lock();
        if found.len() < MOST_NAMED && found.insert(Damage { file: file.display().to_string(), what: what.to_owned() })
        {
            metrics::counter!("hiveboard_damage_total").increment(1);
            tracing::error!(file = %file.display(), what, "stored data is damaged");
        }
    }

    /// Moves a database file and its logs out of the way, with a note, and answers where it is now.
    pub(super) fn put_aside(&self, path: &Path, what: &str) -> Result<PathBuf> {
        let failed =
            |error: std::io::Error| StoreError::Failed(format!("cannot put {} aside: {error}", path.display()));
        let aside = aside(&self.dir);
        std::fs::create_dir_all(&aside).map_err(failed)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let stamp = hiveboard_wire::Timestamp::now().0 / 1_000_000;
        let kept = aside.join(format!("{name}.{stamp}"));
        let note = aside.join(format!("{name}.{stamp}.txt"));
        // The note first: a file that is gone without one would not be missed.
        std::fs::write(&note, format!("{what}\n")).map_err(failed)?;
        for ending in ["-wal", "-shm", ""] {
            let (from, to) = (files::beside(path, ending), files::beside(&kept, ending));
            match std::fs::rename(from, to) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
        files::sync_dir(&aside)?;
        files::sync_dir(&self.dir)?;
        self.tell(&kept, what);
        Ok(kept)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<Damage>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What lies aside in a data directory, whoever uses it.
pub fn damages(dir: &Path) -> Vec<Damage> {
    Damages::open(dir).list()
}

/// Where damaged files are kept.
fn aside(dir: &Path) -> PathBuf {
    dir.join("damaged")
}
