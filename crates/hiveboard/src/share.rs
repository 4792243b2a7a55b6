//! Which scopes a server answers for, of all there are.

use hiveboard_wire::{Mode, Scope, WorkspaceId};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    All,
}

impl Share {
    pub fn holds(self, _scope: Scope) -> bool {
        match self {
            Self::All => true,
        }
    }

    /// Its scopes of a workspace.
    pub fn of(self, workspace: WorkspaceId) -> impl Iterator<Item = Scope> {
        Mode::ALL.into_iter().map(move |mode| Scope { workspace, mode }).filter(move |scope| self.holds(*scope))
    }
}
