//! Being a node: said to the others every second, with partitions taken and given up as they come and go.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_nats::jetstream::kv::{Operation, Store};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, timeout},
};

use super::{
    Lease, Node, Owner, RENEW_EVERY, TIME_TO_LIVE,
    balance::balance,
    lease::{End, Held, Renewal, acquire},
    node_key,
    table::Table,
};
use crate::{Log, LogError, Result};

const TICK: Duration = Duration::from_millis(250);
/// Nodes that start together see each other before the first takes everything.
const SETTLE: Duration = Duration::from_secs(1);
/// Nodes write every second; who sees nothing for so long looks again from the beginning.
const SILENCE: Duration = Duration::from_secs(3);
const ATTEMPT: Duration = Duration::from_secs(1);
const ID_CHARS: usize = 64;
const WAITING_DUTIES: usize = 1_024;

/// What a node has to do.
#[derive(Debug)]
pub enum Duty {
    /// It owns a partition now: serve it, under the lease's epoch.
    Serve(Lease),
    /// Others have too few: stop serving it, and give back its lease.
    GiveUp(u16),
    /// It may be another's already: stop at once.
    Lost(u16),
}

/// What a node has to do, in order.
pub struct Duties {
    receiver: mpsc::Receiver<Duty>,
}

impl Duties {
    /// `None` after the node has left.
    pub async fn next(&mut self) -> Option<Duty> {
        self.receiver.recv().await
    }
}

/// A node among the others. Dropped, it is gone for them after a few seconds, as if it had died.
pub struct Leases {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

struct Shared {
    node: Node,
    partitions: u16,
    store: Store,
    table: Table,
    /// When NATS last took the node's entry.
    written_at: Mutex<Instant>,
    own: Mutex<BTreeMap<u16, Own>>,
    duties: mpsc::Sender<Duty>,
}

struct Own {
    held: Arc<Held>,
    was_asked_to_give_up: bool,
}

impl Leases {
    /// Registers a node.
    ///
    /// # Errors
    /// [`LogError::Unusable`] when another node lives that has the same id.
    pub async fn join(log: &Log, node: Node) -> Result<(Self, Duties)> {
        let fits = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_');
        if node.id.is_empty() || node.id.len() > ID_CHARS || !node.id.chars().all(fits) {
            return Err(LogError::Unusable(format!(
                "{:?} cannot be a node's id: give 1 to {ID_CHARS} letters, digits, `-` or `_`",
                node.id
            )));
        }
        let store = log.live().clone();
        register(&store, &node).await?;
        let (duties, receiver) = mpsc::channel(WAITING_DUTIES);
        let shared = Arc::new(Shared {
            node,
            partitions: log.partitions(),
            store,
            table: Table::new(),
            written_at: Mutex::new(Instant::now()),
            own: Mutex::default(),
            duties,
        });
        let (loaded, is_loaded) = watch::channel(false);
        let tasks = vec![
            tokio::spawn(Arc::clone(&shared).say_so()),
            tokio::spawn(Arc::clone(&shared).look(loaded)),
            tokio::spawn(Arc::clone(&shared).keep_balance(is_loaded)),
        ];
        Ok((Self { shared, tasks }, Duties { receiver }))
    }

    pub fn node(&self) -> &Node {
        &self.shared.node
    }

    /// Who owns a partition, as far as this node has seen. Costs no question.
    pub fn owner_of(&self, partition: u16) -> Option<Owner> {
        self.shared.table.owner_of(partition)
    }

    pub fn owners(&self) -> BTreeMap<u16, Owner> {
        self.shared.table.owners()
    }

    /// All nodes that live, this one among them.
    pub fn nodes(&self) -> Vec<Node> {
        self.shared.table.nodes()
    }

    /// Whether NATS takes what this node says of itself: else it can own nothing, though what is in NATS may be read.
    pub fn is_written(&self) -> bool {
        let written_at = *self.shared.written_at.lock().unwrap_or_else(PoisonError::into_inner);
        written_at.elapsed() < TIME_TO_LIVE
    }

    /// Moves whenever an owner or a node comes, goes or changes.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.shared.table.watch()
    }

    /// Takes no more partitions, and is no node any more. Leases that were not given back run out.
    pub async fn leave(&self) {
        self.stop();
        let key = node_key(&self.shared.node.id);
        let _goes_by_itself = timeout(ATTEMPT, self.shared.store.delete(&key)).await;
    }

    fn stop(&self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Drop for Leases {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Writes the node's entry. One of the same id at another address may be a process that died a moment ago: it is waited for until it is gone.
async fn register(store: &Store, node: &Node) -> Result<()> {
    let until = Instant::now() + TIME_TO_LIVE + Duration::from_secs(1);
    loop {
        let found = store.entry(node_key(&node.id)).await.map_err(LogError::unavailable)?;
        let other = found
            .filter(|entry| entry.operation == Operation::Put)
            .and_then(|entry| serde_json::from_slice::<Node>(&entry.value).ok())
            .filter(|other| other.address != node.address);
        let Some(other) = other else { break };
        if Instant::now() >= until {
            return Err(LogError::Unusable(format!(
                "another node has the id {} and lives, at {}: give every node an id of its own",
                node.id, other.address
            )));
        }
        tokio::time::sleep(TICK).await;
    }
    store.put(node_key(&node.id), bytes_of(node)).await.map_err(LogError::unavailable)?;
    Ok(())
}

fn bytes_of(node: &Node) -> Bytes {
    serde_json::to_vec(node).expect("texts can be written").into()
}

impl Shared {
    fn own(&self) -> std::sync::MutexGuard<'_, BTreeMap<u16, Own>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the node's entry anew, every second.
    async fn say_so(self: Arc<Self>) {
        let mut every = tokio::time::interval(RENEW_EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let key = node_key(&self.node.id);
        loop {
            every.tick().await;
            let written = timeout(ATTEMPT, self.store.put(&key, bytes_of(&self.node))).await;
            if matches!(written, Ok(Ok(_))) {
                *self.written_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            } else {
                tracing::debug!("the node's entry could not be renewed");
            }
        }
    }

    /// Follows the bucket's entries.
    async fn look(self: Arc<Self>, loaded: watch::Sender<bool>) {
        loop {
            match timeout(SILENCE, self.store.watch_with_history(">")).await {
                Ok(Ok(mut entries)) => {
                    while let Ok(Some(Ok(entry))) = timeout(SILENCE, entries.next()).await {
                        self.table.see(&entry);
                        if entry.seen_current {
                            loaded.send_replace(true);
                        }
                    }
                }
                Ok(Err(error)) => tracing::debug!(%error, "the nodes' entries cannot be followed"),
                Err(_) => {}
            }
            tokio::time::sleep(TICK).await;
        }
    }

    async fn keep_balance(self: Arc<Self>, mut is_loaded: watch::Receiver<bool>) {
        if is_loaded.wait_for(|loaded| *loaded).await.is_err() {
            return;
        }
        tokio::time::sleep(SETTLE).await;
        let mut every = tokio::time::interval(TICK);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            self.table.forget_unseen();
            if self.node.can_own {
                self.act().await;
            }
        }
    }

    async fn act(self: &Arc<Self>) {
        let mut takers = self.table.takers();
        takers.insert(self.node.id.clone());
        let plan = balance(self.partitions, &self.node.id, &takers, &self.owners());
        for partition in plan.take {
            match acquire(&self.store, &self.node, partition).await {
                Ok(Some((lease, held, renewal))) => {
                    self.own().insert(partition, Own { held, was_asked_to_give_up: false });
                    tokio::spawn(Arc::clone(self).keep(partition, renewal));
                    tracing::info!(partition, epoch = lease.epoch(), "this node owns a partition");
                    let _leaving = self.duties.send(Duty::Serve(lease)).await;
                }
                // The table says so in a moment.
                Ok(None) => {}
                Err(error) => {
                    tracing::debug!(%error, partition, "no lease could be had");
                    return;
                }
            }
        }
        if let Some(partition) = plan.give_up
            && self.ask_to_give_up(partition)
        {
            tracing::info!(partition, "this node gives up a partition: others have fewer");
            let _leaving = self.duties.send(Duty::GiveUp(partition)).await;
        }
    }

    /// Whether it was not asked before, nor anything else of this node is being given up.
    fn ask_to_give_up(&self, partition: u16) -> bool {
        let mut own = self.own();
        if own.values().any(|one| one.was_asked_to_give_up) {
            return false;
        }
        own.get_mut(&partition).is_some_and(|one| {
            one.was_asked_to_give_up = true;
            true
        })
    }

    /// Owners as the balance counts them: this node's are those it holds, whatever the table says yet.
    fn owners(&self) -> BTreeMap<u16, String> {
        // An entry of an earlier life of this node is nobody's share, and not free before it has run out.
        let seen = self.table.owners().into_iter();
        let mut owners: BTreeMap<u16, String> = seen
            .map(|(partition, owner)| (partition, if owner.node == self.node.id { String::new() } else { owner.node }))
            .collect();
        let own = self.own();
        let held = own.values().filter(|one| one.held.is_held());
        owners.extend(held.map(|one| (one.held.partition(), self.node.id.clone())));
        owners
    }

    async fn keep(self: Arc<Self>, partition: u16, renewal: Renewal) {
        let end = renewal.run().await;
        self.own().remove(&partition);
        match end {
            End::Lost => {
                tracing::warn!(partition, "the ownership of a partition is lost: it could not be renewed in time");
                let _leaving = self.duties.send(Duty::Lost(partition)).await;
            }
            End::Released => tracing::info!(partition, "this node owns a partition no more"),
            End::Dropped => tracing::warn!(partition, "a lease was dropped, and runs out"),
        }
    }
}
