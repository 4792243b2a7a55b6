//! What can go wrong with the log.

use hiveboard_store::Position;

use crate::message::MessageError;

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// NATS is away, or too slow. What was to be written may be in the log all the same; writing it again is safe.
    #[error("the log (NATS) cannot be reached: {0}")]
    Unavailable(String),
    /// The stream or the disk of NATS has no room left. Nothing was written.
    #[error("the log (NATS) is full: {0}")]
    Full(String),
    /// The configuration does not fit what is there; says what to do.
    #[error("{0}")]
    Unusable(String),
    /// Messages that were asked for have left the log: too old, or trimmed.
    #[error(
        "the log of partition {partition} begins at {first}, and what comes after {after} was asked for: \
         messages between them are gone. They were older than the log's `max_age`, or the store has lost what it had stored"
    )]
    Gone { partition: u16, after: Position, first: Position },
    /// The stream was made anew, or has lost its end.
    #[error("the log of partition {partition} ends at {last}, and all up to {read} was read from it before")]
    Shorter { partition: u16, last: Position, read: Position },
    #[error("message {position} of partition {partition} cannot be read: {source}")]
    Message { partition: u16, position: Position, source: MessageError },
    #[error("the log (NATS) failed: {0}")]
    Failed(String),
}

impl LogError {
    /// Whether the same may work a little later.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full(_))
    }

    pub(crate) fn unavailable(error: impl std::fmt::Display) -> Self {
        Self::Unavailable(error.to_string())
    }
}

pub type Result<T, E = LogError> = std::result::Result<T, E>;
