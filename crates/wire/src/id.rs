//! Identities and the order of events inside a run.

use std::{cmp::Ordering, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{kind::EventType, time::Timestamp};

/// Identity of an event inside its scope, 1–128 characters as sent. Canonical UUIDs take 16 bytes; the order is that of the text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EventId(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    /// Exactly the lower-case hyphenated form, so that text and bytes sort alike.
    Uuid([u8; 16]),
    Text(Box<str>),
}

const HYPHENS: [usize; 4] = [8, 13, 18, 23];

impl EventId {
    pub fn new(text: &str) -> Self {
        Self(parse_canonical_uuid(text.as_bytes()).map_or_else(|| Repr::Text(text.into()), Repr::Uuid))
    }

    /// The 16 bytes, when the id is a canonical UUID.
    pub const fn as_uuid(&self) -> Option<&[u8; 16]> {
        match &self.0 {
            Repr::Uuid(bytes) => Some(bytes),
            Repr::Text(_) => None,
        }
    }

    /// Whether that is its text.
    pub fn is(&self, text: &str) -> bool {
        match &self.0 {
            Repr::Text(own) => **own == *text,
            Repr::Uuid(bytes) => parse_canonical_uuid(text.as_bytes()).is_some_and(|other| other == *bytes),
        }
    }

    pub const fn from_uuid(bytes: [u8; 16]) -> Self {
        Self(Repr::Uuid(bytes))
    }

    /// Calls `visit` with the text, without allocating.
    pub fn with_str<R>(&self, visit: impl FnOnce(&str) -> R) -> R {
        match &self.0 {
            Repr::Text(text) => visit(text),
            Repr::Uuid(bytes) => {
                let text = format_uuid(bytes);
                visit(std::str::from_utf8(&text).expect("hex digits and hyphens are ASCII"))
            }
        }
    }
}

/// Where the digits of each byte stand in the text.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
/// What each lower-case digit stands for; what is none has bits beyond a digit's.
const NO_DIGIT: u8 = 0xFF;
const NIBBLES: [u8; 256] = {
    let mut nibbles = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < DIGITS.len() {
        nibbles[DIGITS[digit] as usize] = digit as u8;
        digit += 1;
    }
    nibbles
};
const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn parse_canonical_uuid(text: &[u8]) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.try_into().ok()?;
    if HYPHENS.iter().any(|at| text[*at] != b'-') {
        return None;
    }
    let (mut bytes, mut seen) = ([0_u8; 16], 0);
    for (byte, at) in bytes.iter_mut().zip(PLACES) {
        let (high, low) = (NIBBLES[text[at] as usize], NIBBLES[text[at + 1] as usize]);
        seen |= high | low;
        *byte = high << 4 | low;
    }
    (seen < 16).then_some(bytes)
}

fn format_uuid(bytes: &[u8; 16]) -> [u8; 36] {
    let mut text = [b'-'; 36];
    for (byte, at) in bytes.iter().zip(PLACES) {
        text[at] = DIGITS[usize::from(byte >> 4)];
        text[at + 1] = DIGITS[usize::from(byte & 15)];
    }
    text
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_str(|text| f.write_str(text))
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({self})")
    }
}

impl Ord for EventId {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Uuid(a), Repr::Uuid(b)) => a.cmp(b),
            _ => self.with_str(|a| other.with_str(|b| a.cmp(b))),
        }
    }
}

impl PartialOrd for EventId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with_str(|text| serializer.serialize_str(text))
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(&<std::borrow::Cow<'de, str>>::deserialize(deserializer)?))
    }
}

/// Place of an event inside its run or its agent: client timestamp, then rank, then event id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderKey {
    pub timestamp: Timestamp,
    pub rank: u8,
    pub event_id: EventId,
}

/// One execution of a task: `(agent, task_id, task_run_id)`; run `""` when the client sent none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunKey {
    pub agent_id: std::sync::Arc<str>,
    pub task_id: std::sync::Arc<str>,
    pub task_run_id: std::sync::Arc<str>,
}

/// Rank at equal timestamps: beginnings, then all between, then failures, then good ends; within each from the outside in and out again,
/// so that what happened in one instant reads as it must have happened.
pub const fn rank(event_type: EventType, payload_action: Option<PayloadAction>) -> u8 {
    match event_type {
        EventType::AgentRegistered => 0,
        EventType::TaskStarted => 1,
        EventType::ActionStarted => 3,
        EventType::ApprovalRequested => 4,
        EventType::Heartbeat | EventType::Escalated | EventType::RetryStarted => 10,
        EventType::ActionFailed => 20,
        EventType::TaskFailed => 22,
        EventType::ApprovalReceived | EventType::ActionCompleted => 30,
        EventType::TaskCompleted => 32,
        EventType::Custom => match payload_action {
            Some(PayloadAction::Begins) => 2,
            None => 10,
            Some(PayloadAction::Fails) => 21,
            Some(PayloadAction::Ends) => 31,
        },
    }
}

/// What a well-known custom payload says about the thing it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadAction {
    /// created, reported, started, plan created
    Begins,
    /// failed
    Fails,
    /// completed, resolved, dismissed
    Ends,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_keep_their_text_and_their_order() {
        let low = EventId::new("0190a5c2-0000-7000-8000-000000000001");
        let high = EventId::new("0190a5c2-0000-7000-8000-00000000000f");
        assert!(low.as_uuid().is_some());
        assert_eq!(low.to_string(), "0190a5c2-0000-7000-8000-000000000001");
        assert!(low < high);
        let upper = EventId::new("0190A5C2-0000-7000-8000-000000000001");
        assert!(upper.as_uuid().is_none(), "only the canonical form is folded, ids are kept as sent");
        assert_eq!(upper.to_string(), "0190A5C2-0000-7000-8000-000000000001");
    }

    #[test]
    fn what_happened_in_one_instant_reads_as_it_must_have_happened() {
        use PayloadAction::{Begins, Ends, Fails};
        let order = [
            rank(EventType::AgentRegistered, None),
            rank(EventType::TaskStarted, None),
            rank(EventType::Custom, Some(Begins)),
            rank(EventType::ActionStarted, None),
            rank(EventType::Custom, None),
            rank(EventType::ActionFailed, None),
            rank(EventType::Custom, Some(Fails)),
            rank(EventType::TaskFailed, None),
            rank(EventType::ActionCompleted, None),
            rank(EventType::Custom, Some(Ends)),
            rank(EventType::TaskCompleted, None),
        ];
        assert!(order.is_sorted_by(|a, b| a < b), "{order:?}");
    }

    proptest::proptest! {
        #[test]
        fn order_is_the_order_of_the_text(a in "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[a-z0-9-]{1,40}", b in "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[a-z0-9-]{1,40}") {
            proptest::prop_assert_eq!(EventId::new(&a).cmp(&EventId::new(&b)), a.cmp(&b));
            proptest::prop_assert_eq!(EventId::new(&a).to_string(), a);
        }
    }
}
