//! Keyed hashes: of event ids (to know repeated ones), of texts in block masks, and of what points to blocks.
//!
//! The key is made with the first day file and copied into each next one. Without it, nobody can craft ids that collide.

use hiveboard_wire::{EventId, EventType, Kind, Scope, Severity};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

use crate::{Result, StoreError};

/// Hash of an event id in its scope: 48 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IdHash(pub(super) u64);

impl IdHash {
    pub(super) const BYTES: usize = 6;

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes.copy_from_slice(&self.0.to_le_bytes()[..Self::BYTES]);
        bytes
    }

    /// From exactly [`Self::BYTES`] bytes.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let mut eight = [0; 8];
        eight[..Self::BYTES].copy_from_slice(bytes);
        Self(u64::from_le_bytes(eight))
    }
}

/// What leads to the blocks that hold it, where scanning all blocks would take long.
/// Projects and what follows are listed in files made since there is `about.listed_from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference<'a> {
    Agent(&'a str),
    Task(&'a str),
    Correlation(&'a str),
    Project(&'a str),
    TaskType(&'a str),
    /// Of a model call.
    Model(&'a str),
    Environment(&'a str),
    Group(&'a str),
    Type(EventType),
    Kind(Kind),
    Severity(Severity),
}

impl Reference<'_> {
    /// Whether only those blocks are listed under it that are listed under every label they hold.
    pub(super) const fn is_of_all_labels(self) -> bool {
        matches!(self, Self::Project(_) | Self::TaskType(_) | Self::Model(_) | Self::Environment(_) | Self::Group(_))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StoreKey(pub(super) [u8; 16]);

impl StoreKey {
    pub(super) fn make() -> Result<Self> {
        let mut key = [0; 16];
        getrandom::fill(&mut key)
            .map_err(|error| StoreError::Failed(format!("the system gave no random bytes: {error}")))?;
        Ok(Self(key))
    }

    fn hash(&self, tag: u8, number: u32, bytes: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new_with_key(&self.0);
        hasher.write_u64(u64::from(tag) << 32 | u64::from(number));
        hasher.write(bytes);
        hasher.finish()
    }

    pub(super) fn id_hash(&self, scope: Scope, id: &EventId) -> IdHash {
        let hash = match id.as_uuid() {
            Some(bytes) => self.hash(b'u', scope.number(), bytes),
            None => id.with_str(|text| self.hash(b'i', scope.number(), text.as_bytes())),
        };
        IdHash(hash >> 16)
    }

    /// One bit of 64; different texts may share it.
    pub(super) fn mask_bit(&self, text: &str) -> i64 {
        1 << (self.hash(b'm', 0, text.as_bytes()) & 63)
    }

    /// The number under which blocks are listed: 47 bits, which SQLite keeps in six bytes.
    pub(super) fn reference(&self, scope: Scope, reference: Reference<'_>) -> i64 {
        let (tag, text) = match reference {
            Reference::Agent(id) => (b'a', id),
            Reference::Task(id) => (b't', id),
            Reference::Correlation(id) => (b'c', id),
            Reference::Project(id) => (b'p', id),
            Reference::TaskType(text) => (b'Y', text),
            Reference::Model(name) => (b'M', name),
            Reference::Environment(name) => (b'e', name),
            Reference::Group(name) => (b'g', name),
            Reference::Type(event_type) => (b'y', event_type.as_str()),
            Reference::Kind(kind) => (b'k', kind.as_str()),
            Reference::Severity(severity) => (b's', severity.as_str()),
        };
        (self.hash(tag, scope.number(), text.as_bytes()) >> 17) as i64
    }

    /// A task as a number in rows of calls and failures: 64 bits.
    pub(super) fn task(&self, scope: Scope, task_id: &str) -> i64 {
        self.hash(b'T', scope.number(), task_id.as_bytes()) as i64
    }
}

/// Types that are listed by block, for being rare among others.
pub(super) const fn is_rare_type(event_type: EventType) -> bool {
    matches!(
        event_type,
        EventType::AgentRegistered
            | EventType::TaskFailed
            | EventType::ActionFailed
            | EventType::Escalated
            | EventType::ApprovalRequested
            | EventType::ApprovalReceived
            | EventType::RetryStarted
    )
}

pub(super) const fn is_rare_kind(kind: Kind) -> bool {
    matches!(kind, Kind::PlanCreated | Kind::Todo | Kind::Scheduled | Kind::Issue)
}

pub(super) const fn is_rare_severity(severity: Severity) -> bool {
    matches!(severity, Severity::Warn | Severity::Error)
}
