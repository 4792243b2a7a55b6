//! Where an event stands among all others.

use std::fmt;

use hiveboard_wire::StoredEvent;
use serde::{Deserialize, Serialize};

/// A place in the order of commits: that of an event, or the start, before all of them. What an engine makes of it is its own; readers compare
/// places and hand them back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(u64);

impl Position {
    /// Before every event.
    pub const START: Self = Self(0);

    /// From the number that clients know (`seq`).
    pub const fn of_seq(seq: u64) -> Self {
        Self(seq)
    }

    /// The number that clients know.
    pub const fn seq(self) -> u64 {
        self.0
    }
}

impl From<&StoredEvent> for Position {
    fn from(event: &StoredEvent) -> Self {
        Self(event.seq)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
