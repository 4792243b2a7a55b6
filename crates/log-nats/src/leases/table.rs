//! What a node knows of the others: the bucket's entries, as they are seen to change.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use async_nats::jetstream::kv::{Entry, Operation};
use tokio::sync::watch;

use super::{LeaseEntry, Node, Owner, UNSEEN_AFTER};

pub(super) struct Table {
    known: Mutex<Known>,
    version: watch::Sender<u64>,
}

#[derive(Default)]
struct Known {
    owners: BTreeMap<u16, Seen<Owner>>,
    nodes: BTreeMap<String, Seen<Node>>,
}

struct Seen<T> {
    what: T,
    last: Instant,
}

impl<T> Seen<T> {
    fn is_fresh(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) < UNSEEN_AFTER
    }
}

impl Table {
    pub(super) fn new() -> Self {
        Self { known: Mutex::default(), version: watch::Sender::new(0) }
    }

    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    pub(super) fn owner_of(&self, partition: u16) -> Option<Owner> {
        let now = Instant::now();
        let known = self.lock();
        known.owners.get(&partition).filter(|seen| seen.is_fresh(now)).map(|seen| seen.what.clone())
    }

    pub(super) fn owners(&self) -> BTreeMap<u16, Owner> {
        let now = Instant::now();
        let known = self.lock();
        let fresh = known.owners.iter().filter(|(_, seen)| seen.is_fresh(now));
        fresh.map(|(partition, seen)| (*partition, seen.what.clone())).collect()
    }

    pub(super) fn nodes(&self) -> Vec<Node> {
        let now = Instant::now();
        self.lock().nodes.values().filter(|seen| seen.is_fresh(now)).map(|seen| seen.what.clone()).collect()
    }

    /// Ids of the nodes that take partitions.
    pub(super) fn takers(&self) -> BTreeSet<String> {
        self.nodes().into_iter().filter(|node| node.can_own).map(|node| node.id).collect()
    }

    /// Takes in an entry of the bucket.
    pub(super) fn see(&self, entry: &Entry) {
        let last = Instant::now();
        let is_there = entry.operation == Operation::Put;
        let mut known = self.lock();
        let changed = if let Some(partition) = entry.key.strip_prefix("lease.").and_then(|text| text.parse().ok()) {
            match serde_json::from_slice::<LeaseEntry>(&entry.value) {
                Ok(said) if is_there => {
                    let epoch = said.epoch.unwrap_or(entry.revision);
                    let what = Owner { node: said.node, address: said.address, epoch };
                    let before = known.owners.insert(partition, Seen { what: what.clone(), last });
                    before.is_none_or(|seen| seen.what != what || !seen.is_fresh(last))
                }
                _ => known.owners.remove(&partition).is_some(),
            }
        } else if let Some(id) = entry.key.strip_prefix("node.") {
            match serde_json::from_slice::<Node>(&entry.value) {
                Ok(what) if is_there => {
                    let before = known.nodes.insert(id.to_owned(), Seen { what: what.clone(), last });
                    before.is_none_or(|seen| seen.what != what || !seen.is_fresh(last))
                }
                _ => known.nodes.remove(id).is_some(),
            }
        } else {
            false
        };
        drop(known);
        if changed {
            self.tell();
        }
    }

    /// Drops what was not seen for too long.
    pub(super) fn forget_unseen(&self) {
        let now = Instant::now();
        let mut known = self.lock();
        let before = known.owners.len() + known.nodes.len();
        known.owners.retain(|_, seen| seen.is_fresh(now));
        known.nodes.retain(|_, seen| seen.is_fresh(now));
        let changed = before != known.owners.len() + known.nodes.len();
        drop(known);
        if changed {
            self.tell();
        }
    }

    fn tell(&self) {
        self.version.send_modify(|version| *version += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // A panic elsewhere leaves whole entries here.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
