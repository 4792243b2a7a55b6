//! Who lives, and who owns which partition.
//!
//! One bucket of NATS holds an entry a node and an entry a partition; entries that nobody renews go by themselves. An owner renews its entry
//! by compare-and-set, and lets go a second before NATS would. The revision at which an entry was made is the **epoch** of the ownership: greater
//! than that of every owner before, so that what is written under it can be told from what a late one writes.

mod balance;
mod join;
mod lease;
mod table;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use balance::{Plan, balance};
pub use join::{Duties, Duty, Leases};
pub use lease::Lease;

/// NATS drops an entry that was not renewed for so long.
pub(crate) const TIME_TO_LIVE: Duration = Duration::from_secs(5);
const RENEW_EVERY: Duration = Duration::from_secs(1);
/// An owner that could not renew for so long lets go, by its own steady clock.
const LET_GO_AFTER: Duration = Duration::from_secs(4);
/// How long an entry counts that is not seen again: a little longer than NATS keeps it, for it was seen a little later.
const UNSEEN_AFTER: Duration = Duration::from_millis(5_200);

/// A node of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its own, and the same after a restart: letters, digits, `-` and `_`.
    pub id: String,
    /// Where the others reach it: `host:port`.
    pub address: String,
    /// Whether it takes partitions.
    pub can_own: bool,
}

/// Who owns a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub node: String,
    pub address: String,
    pub epoch: u64,
}

/// The entry of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LeaseEntry {
    node: String,
    address: String,
    /// Of this one ownership.
    token: String,
    /// Absent from the first writing: there it is the entry's own revision.
    epoch: Option<u64>,
}

fn lease_key(partition: u16) -> String {
    format!("lease.{partition}")
}

fn node_key(id: &str) -> String {
    format!("node.{id}")
}
