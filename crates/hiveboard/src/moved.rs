//! A note in a data directory: that its server becomes a cluster, and how far that is.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};

const NAME: &str = "cluster-move.json";
/// A node of a cluster keeps its id there.
const NODE_ID: &str = "node.id";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Move {
    /// Into which cluster.
    pub(crate) cluster: String,
    pub(crate) state: MoveState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MoveState {
    /// The server goes on taking events.
    Copying,
    /// It has ended, and must not take any more.
    Switching,
    /// The cluster has everything.
    Moved,
}

fn path(dir: &Path) -> PathBuf {
    dir.join(NAME)
}

/// `None` where nothing of the sort was begun.
pub(crate) fn read(dir: &Path) -> anyhow::Result<Option<Move>> {
    let path = path(dir);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let read = serde_json::from_str(&text);
            Ok(Some(read.with_context(|| format!("{} cannot be read", path.display()))?))
        }
        // A file in the place of the directory holds no note either; whoever makes the directory says so.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

pub(crate) fn write(dir: &Path, note: &Move) -> anyhow::Result<()> {
    let text = serde_json::to_string(note).context("a note is plain data")?;
    crate::private_file::save(&path(dir), &(text + "\n"))
}

/// Whether a directory is that of a node of a cluster.
pub(crate) fn is_of_a_node(dir: &Path) -> bool {
    dir.join(NODE_ID).exists()
}

/// Sees that a directory is that of a server which keeps its events itself.
///
/// # Errors
/// When it is a node's, or its data are or go elsewhere; says where, and what to do.
pub(crate) fn refuse_elsewhere(dir: &Path) -> anyhow::Result<()> {
    ensure!(
        !is_of_a_node(dir),
        "{} is the directory of a node of a cluster: its events are in ClickHouse and NATS. Name the node's settings (--config), or a directory of a server's own",
        dir.display()
    );
    match read(dir)?.map(|note| note.state) {
        None | Some(MoveState::Copying) => Ok(()),
        Some(MoveState::Switching) => bail!(
            "{} is on its way into a cluster: run `hiveboard migrate` again, which goes on where it was. To stay with this server instead, remove {}",
            dir.display(),
            path(dir).display()
        ),
        Some(MoveState::Moved) => bail!(
            "what was in {} is in a cluster now, and goes on there: start its nodes. What is here is as it was then",
            dir.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_goes_on_until_the_switch_and_never_after_it() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()).unwrap(), None);
        refuse_elsewhere(dir.path()).unwrap();
        let said = |state| {
            write(dir.path(), &Move { cluster: "c".to_owned(), state }).unwrap();
            refuse_elsewhere(dir.path()).map_err(|error| error.to_string())
        };
        assert_eq!(said(MoveState::Copying), Ok(()));
        assert!(said(MoveState::Switching).unwrap_err().contains("run `hiveboard migrate` again"));
        assert!(said(MoveState::Moved).unwrap_err().contains("is in a cluster now"));
        std::fs::write(path(dir.path()), "{").unwrap();
        assert!(refuse_elsewhere(dir.path()).unwrap_err().to_string().contains("cannot be read"));
    }

    #[test]
    fn a_nodes_directory_is_no_servers() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(NODE_ID), "n").unwrap();
        assert!(refuse_elsewhere(dir.path()).unwrap_err().to_string().contains("a node of a cluster"));
    }
}
