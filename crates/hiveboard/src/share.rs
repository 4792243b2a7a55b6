//! Which scopes a server answers for, of all there are.

use hiveboard_log_nats::partition_of;
use hiveboard_wire::{Mode, Scope, WorkspaceId};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    All,
    /// Those of one partition, of so many.
    Partition {
        number: u16,
        of: u16,
    },
}

impl Share {
    pub fn holds(self, scope: Scope) -> bool {
        match self {
            Self::All => true,
            Self::Partition { number, of } => partition_of(scope, of) == number,
        }
    }

    /// Its scopes of a workspace.
    pub fn of(self, workspace: WorkspaceId) -> impl Iterator<Item = Scope> {
        Mode::ALL.into_iter().map(move |mode| Scope { workspace, mode }).filter(move |scope| self.holds(*scope))
    }
}
