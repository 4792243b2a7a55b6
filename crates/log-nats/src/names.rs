//! Names of streams, buckets and subjects, and what belongs to which partition.

use std::hash::Hasher;

use hiveboard_wire::Scope;
use siphasher::sip::SipHasher13;

use crate::{LogError, Result};

/// Subjects of a scope in its partition: finer partitions can be made of them without a new log.
const AGENT_BUCKETS: u64 = 64;
const PREFIX_CHARS: usize = 32;

#[derive(Debug, Clone)]
pub(crate) struct Names {
    prefix: String,
}

impl Names {
    pub(crate) fn new(prefix: &str) -> Result<Self> {
        let fits = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_');
        if prefix.is_empty() || prefix.len() > PREFIX_CHARS || !prefix.chars().all(fits) {
            return Err(LogError::Unusable(format!(
                "the prefix {prefix:?} cannot begin the names of streams: give 1 to {PREFIX_CHARS} letters, digits, `-` or `_`"
            )));
        }
        Ok(Self { prefix: prefix.to_owned() })
    }

    pub(crate) fn events_stream(&self, partition: u16) -> String {
        format!("{}-events-{partition}", self.prefix)
    }

    pub(crate) fn events_subjects(&self, partition: u16) -> String {
        format!("{}.events.{partition}.>", self.prefix)
    }

    pub(crate) fn events_subject(&self, partition: u16, scope: Scope, agent_id: &str) -> String {
        let bucket = hash(agent_id.as_bytes()) % AGENT_BUCKETS;
        format!("{}.events.{partition}.{}.{bucket}", self.prefix, scope.number())
    }

    pub(crate) fn settings_stream(&self) -> String {
        format!("{}-settings", self.prefix)
    }

    pub(crate) fn settings_subject(&self) -> String {
        format!("{}.settings", self.prefix)
    }

    /// What the cluster is, for ever.
    pub(crate) fn cluster_bucket(&self) -> String {
        format!("{}-cluster", self.prefix)
    }

    /// Who lives and who owns what; entries go by themselves.
    pub(crate) fn live_bucket(&self) -> String {
        format!("{}-live", self.prefix)
    }

    pub(crate) fn snapshots_bucket(&self) -> String {
        format!("{}-snapshots", self.prefix)
    }
}

/// The same on every node and for ever.
pub fn partition_of(scope: Scope, partitions: u16) -> u16 {
    (hash(&scope.number().to_le_bytes()) % u64::from(partitions)) as u16
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_scope_belongs_never_changes() {
        let partitions: Vec<u16> = (2..12).map(|number| partition_of(Scope::from_number(number), 8)).collect();
        // SipHash-1-3 with keys of zero over the number's four bytes, worked out by another program.
        assert_eq!(partitions, [1, 6, 4, 7, 3, 2, 7, 7, 7, 5]);
    }

    #[test]
    fn a_prefix_that_is_no_name_is_refused() {
        for bad in ["", "a.b", "a b", "a>", "ä", &"x".repeat(33)] {
            assert!(matches!(Names::new(bad), Err(LogError::Unusable(_))), "{bad}");
        }
        Names::new("hive_board-2").expect("a name");
    }
}
