//! Why a server could not be asked, or did not answer what was asked for.

/// The exit codes of commands that ask a server; `docs/command-line.md` tells them to people.
pub mod exit {
    /// `check-fleet` found what it was to look for; or something else went wrong.
    pub const FOUND: u8 = 1;
    /// The command line, a profile or a parameter says what cannot be meant.
    pub const USAGE: u8 = 2;
    /// There is no server, or it does not answer as it should.
    pub const NO_ANSWER: u8 = 3;
    /// The key is wrong, or may not do this.
    pub const NOT_ALLOWED: u8 = 4;
    /// There is no such agent, task or project.
    pub const NOT_FOUND: u8 = 5;
}

/// What went wrong, in words for the person at the keyboard: what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// What was asked for cannot be meant: no key, an unknown profile, a parameter that the server refuses.
    #[error("{0}")]
    Usage(String),
    /// Nobody answers, or not as a HiveBoard does.
    #[error("{0}")]
    NoAnswer(String),
    /// The key is unknown (401).
    #[error("{0}")]
    WrongKey(String),
    /// The key may not do this (403).
    #[error("{0}")]
    NotAllowed(String),
    /// 404
    #[error("{0}")]
    NotFound(String),
    /// A check found what it was to look for; it was printed already.
    #[error("{0}")]
    Found(String),
}

impl Fault {
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => exit::USAGE,
            Self::NoAnswer(_) => exit::NO_ANSWER,
            Self::WrongKey(_) | Self::NotAllowed(_) => exit::NOT_ALLOWED,
            Self::NotFound(_) => exit::NOT_FOUND,
            Self::Found(_) => exit::FOUND,
        }
    }
}
