//! Positions: the sequence of a message in its stream, and the place of an event in it.

use hiveboard_store::Position;

const INDEX_BITS: u32 = 10;
const LAST_INDEX: u64 = (1 << INDEX_BITS) - 1;

/// Events a message holds at most; one place stays free, for [`end_of`].
pub const EVENTS_A_MESSAGE: usize = LAST_INDEX as usize;

/// Of the first event of a message.
pub const fn start_of(sequence: u64) -> Position {
    Position::of_seq(sequence << INDEX_BITS)
}

/// After all events of a message, and before those of the next.
pub const fn end_of(sequence: u64) -> Position {
    Position::of_seq(sequence << INDEX_BITS | LAST_INDEX)
}

/// The message an event is in.
pub const fn sequence_of(position: Position) -> u64 {
    position.seq() >> INDEX_BITS
}

/// The first message that may hold events after a place. Where the place is that of an event, its message is read again: others of it may be missing.
pub(crate) const fn next_after(position: Position) -> u64 {
    let sequence = sequence_of(position) + (position.seq() & LAST_INDEX == LAST_INDEX) as u64;
    if sequence == 0 { 1 } else { sequence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_tells_its_message_and_what_comes_next() {
        assert_eq!((start_of(3).seq(), end_of(3).seq()), (3_072, 4_095));
        assert_eq!((sequence_of(Position::of_seq(3_073)), sequence_of(end_of(3))), (3, 3));
        assert_eq!(next_after(Position::START), 1);
        assert_eq!(next_after(Position::of_seq(3_073)), 3, "its message may not be stored whole");
        assert_eq!(next_after(end_of(3)), 4);
    }
}
