//! Whose data it is: workspace and data mode. Every read and write names a [`Scope`].

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkspaceId(pub u32);

/// Live and test data never see each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Live,
    Test,
}

impl Mode {
    pub const ALL: [Self; 2] = [Self::Live, Self::Test];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    pub workspace: WorkspaceId,
    pub mode: Mode,
}

impl Scope {
    /// A small number that is the same for ever, for storage: workspace times two, plus one for test data.
    pub const fn number(self) -> u32 {
        self.workspace.0 * 2 + matches!(self.mode, Mode::Test) as u32
    }

    pub const fn from_number(number: u32) -> Self {
        let mode = if number % 2 == 1 { Mode::Test } else { Mode::Live };
        Self { workspace: WorkspaceId(number / 2), mode }
    }
}
