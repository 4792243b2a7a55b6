//! What a cluster's settings ask of the log that all nodes share.

use std::{path::Path, time::Duration};

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
