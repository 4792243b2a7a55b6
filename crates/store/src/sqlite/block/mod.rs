//! How events lie in a block.
//!
//! A block is a version byte and segments, compressed with zstd. A segment holds what one batch brought: its envelope, when it arrived, and its
//! events column by column, payloads last and verbatim. Texts that repeat (tasks, actions, labels) stand once in the segment's table
//! and are named by their place in it. Segments stand on their own, so blocks join by putting their segments one after another.
//!
//! ```text
//! block    = version, segment…
//! segment  = length, first_seq, received_at, n, texts, envelope (9 references), columns
//! texts    = count, lengths, bytes
//! columns  = types n×1, marks n×1, timestamps (differences), 9 labels, event ids, durations, costs, payload lengths, payloads
//! label    = 0 (absent everywhere) | 1 reference (the same everywhere) | 2 n references
//! ```
//! All lengths, counts and references are varints; a reference is the place in the table plus one, zero for absent.

mod decode;
mod encode;

use hiveboard_wire::Kind;

pub(super) use decode::{BlockView, EventView, SegmentView};
pub(super) use encode::SegmentEncoder;

/// First byte of every block.
const VERSION: u8 = 1;

/// Bits of an event's mark: severity in 0–1, kind plus one in 2–5.
mod mark {
    pub(super) const SEVERITY: u8 = 0b11;
    pub(super) const KIND_SHIFT: u8 = 2;
    pub(super) const KIND: u8 = 0b1111;
    pub(super) const HAS_DURATION: u8 = 1 << 6;
    pub(super) const ID_IS_TEXT: u8 = 1 << 7;
}

const _: () = assert!(Kind::ALL.len() < 15, "kinds fill four bits of the mark, zero standing for none");

/// Optional texts of an event, in the order of their columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Label {
    Project,
    Task,
    TaskType,
    TaskRun,
    Correlation,
    Action,
    ParentAction,
    ParentEvent,
    Status,
}

const LABELS: usize = 9;
const ENVELOPE_TEXTS: usize = 9;

/// An empty block, to which segments are appended.
pub(super) fn begin(raw: &mut Vec<u8>) {
    raw.clear();
    raw.push(VERSION);
}
