//! A batch as it lies in the log: versioned, compact, and with all that the store keeps.
//!
//! The first byte is the version, the second says whether the rest is compressed. Texts that repeat (and nearly all do) stand once in a message;
//! payloads are verbatim. What can be worked out again is not written: an event's typed body.

mod decode;
mod encode;

pub use decode::decode;
pub use encode::encode;

/// Written, and read.
const VERSION: u8 = 1;

const PLAIN: u8 = 0;
const COMPRESSED: u8 = 1;

/// Bits of the byte that says what an event has.
mod mark {
    pub(super) const SEVERITY: u8 = 0b11;
    pub(super) const DURATION: u8 = 1 << 2;
    pub(super) const TEXT_ID: u8 = 1 << 3;
    pub(super) const PAYLOAD: u8 = 1 << 4;
    pub(super) const COST: u8 = 1 << 5;
    pub(super) const KIND: u8 = 1 << 6;
    pub(super) const UNKNOWN: u8 = 1 << 7;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error(
        "it is of version {version}, and this program knows {VERSION}: a newer program wrote it; \
         bring this node to the newest version of the cluster"
    )]
    Newer { version: u8 },
    #[error("it is damaged ({0})")]
    Damaged(&'static str),
}
