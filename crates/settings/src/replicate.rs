//! What a cluster's settings ask of the log that all nodes share.

use std::{path::Path, time::Duration};

use hiveboard_wire::Timestamp;

use crate::Result;

/// The one order of all changes of a cluster's settings, and files that spare a node the way from their beginning. Every method blocks, and gives up after
/// a few seconds with [`SettingsError::Unavailable`](crate::SettingsError::Unavailable) when the log cannot be reached.
pub trait Replicate: Send + Sync + 'static {
    /// Tells the cluster from any other.
    fn cluster(&self) -> &str;

    /// Adds an entry after `last`, if that is the log's last: all of it durably, or nothing. The same `id` is taken once, however often it is sent.
    fn publish(&self, last: u64, id: &str, entry: &[u8]) -> Result<Published>;

    /// Entries after a place, oldest first: some of them, and none only when `last` was the log's last.
    fn entries_after(&self, last: u64) -> Result<Entries>;

    /// Returns when there may be entries after a place, or after `patience`.
    fn wait_after(&self, last: u64, patience: Duration);

    /// Lets entries go, all up to and including one.
    fn trim(&self, last: u64) -> Result<()>;

    /// Keeps a file for all nodes; whole or not at all.
    fn keep_file(&self, name: &str, file: &Path) -> Result<()>;

    /// Fetches a file; `false` when there is none of that name.
    fn fetch_file(&self, name: &str, into: &Path) -> Result<bool>;

    fn file_names(&self) -> Result<Vec<String>>;

    fn forget_file(&self, name: &str) -> Result<()>;

    /// Where the log was made anew from a node's copy, the last time.
    fn restored(&self) -> Result<Option<Restored>> {
        Ok(None)
    }
}

/// Changes of one life of the log; the next one's numbers begin behind all of them.
const A_LIFE: u64 = 1_000_000_000_000;

/// How the settings went on after the log had lost them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// The last change that is in the copy from which they went on.
    pub from: u64,
}

impl Restored {
    /// Behind it the log goes on: behind every change that any node can have.
    pub const fn behind(self) -> u64 {
        (self.from / A_LIFE + 1) * A_LIFE
    }

    /// Whether a node that has all changes up to `last` has some that the copy had not.
    pub const fn lacks_some_of(self, last: u64) -> bool {
        let is_of_the_same_life = last / A_LIFE == self.from / A_LIFE;
        last > 0 && last < self.behind() && (last > self.from || !is_of_the_same_life)
    }
}

/// A node's copy of a cluster's settings, as it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsCopy {
    /// Whose they are.
    pub cluster: String,
    /// It has all changes up to this one.
    pub last: u64,
    /// When somebody last did what is written into the audit log.
    pub changed_at: Option<Timestamp>,
    pub workspaces: u64,
    pub people: u64,
    /// That let somebody in.
    pub keys: u64,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    At(u64),
    /// Another entry came first; nothing was added.
    Conflict,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entries {
    /// Their places and what they say.
    Some(Vec<(u64, Vec<u8>)>),
    /// Those that were asked for have been let go: a kept file is newer than they.
    Trimmed,
}

/// How a node keeps up with the others' changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplicaState {
    /// The last entry that is in the node's file.
    pub last: u64,
    /// Why it does not go on, while it does not.
    pub problem: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_has_more_than_the_copy_is_told_from_those_that_have_less() {
        let first = Restored { from: 57 };
        assert_eq!(first.behind(), A_LIFE);
        assert_eq!(
            [0, 56, 57, 58, A_LIFE - 1, A_LIFE, A_LIFE + 9].map(|last| first.lacks_some_of(last)),
            [false, false, false, true, true, false, false]
        );
        let second = Restored { from: A_LIFE + 3 };
        assert_eq!(second.behind(), 2 * A_LIFE);
        assert_eq!(
            [0, 57, 58, A_LIFE + 3, A_LIFE + 4].map(|last| second.lacks_some_of(last)),
            [false, true, true, false, true]
        );
    }
}
