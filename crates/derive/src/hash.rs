//! Hashes that are the same on every machine and in every version, for they are part of cursors and of rows.

use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};

use hiveboard_wire::fingerprint;

/// FNV-1a.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        // FNV's high bits are weak, and the table wants them.
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Of failures and labels: people keep these numbers in links (`error_id`), so they stay as they have been, though [`fingerprint`] is cheaper.
pub(crate) fn hash_texts(texts: &[&str]) -> u64 {
    let mut hasher = BuildHasherDefault::<Fnv>::default().build_hasher();
    for text in texts {
        text.hash(&mut hasher);
    }
    hasher.finish()
}

/// Taken of every event of a run.
pub(crate) fn run_hash(agent_id: &str, task_id: &str, task_run_id: &str) -> u64 {
    fingerprint(&[agent_id, task_id, task_run_id])
}

pub(crate) fn task_hash(task_id: &str) -> u64 {
    fingerprint(&[task_id])
}
