//! One ownership of a partition, from its acquisition to its end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::jetstream::kv::{Store, UpdateErrorKind};
use bytes::Bytes;
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, timeout},
};
use uuid::Uuid;

use super::{LET_GO_AFTER, LeaseEntry, Node, RENEW_EVERY, lease_key};
use crate::{LogError, Result};

/// A question that is not answered within it is asked again.
const ATTEMPT: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(200);
const RELEASE_PATIENCE: Duration = Duration::from_secs(2);

/// The right to serve a partition. Whoever drops it without [`Lease::release`] lets it run out.
#[derive(Debug)]
pub struct Lease {
    held: Arc<Held>,
    /// Asks the renewing task to give it back; dropped, the task stops.
    ask: oneshot::Sender<oneshot::Sender<()>>,
}

/// What the lease and its renewal share.
#[derive(Debug)]
pub(super) struct Held {
    partition: u16,
    epoch: u64,
    began: Instant,
    /// Milliseconds from `began`: until then it is certain that nobody else has it.
    until_ms: AtomicU64,
    is_over: watch::Sender<bool>,
}

impl Held {
    pub(super) fn partition(&self) -> u16 {
        self.partition
    }

    pub(super) fn is_held(&self) -> bool {
        !*self.is_over.borrow() && Instant::now() < self.until()
    }

    fn until(&self) -> Instant {
        self.began + Duration::from_millis(self.until_ms.load(Ordering::Acquire))
    }

    fn extend(&self, asked_at: Instant) {
        let until = (asked_at + LET_GO_AFTER).saturating_duration_since(self.began);
        self.until_ms.store(u64::try_from(until.as_millis()).unwrap_or(u64::MAX), Ordering::Release);
    }

    fn end(&self) {
        self.is_over.send_replace(true);
    }
}

impl Lease {
    pub fn partition(&self) -> u16 {
        self.held.partition
    }

    /// Greater than that of every owner before.
    pub fn epoch(&self) -> u64 {
        self.held.epoch
    }

    /// Whether it is certain that nobody else serves the partition. To be asked before everything that an owner alone may do.
    pub fn is_held(&self) -> bool {
        self.held.is_held()
    }

    /// Waits until it is lost.
    pub async fn lost(&self) {
        let mut is_over = self.held.is_over.subscribe();
        loop {
            let until = self.held.until();
            if *is_over.borrow_and_update() || Instant::now() >= until {
                return;
            }
            tokio::select! {
                _ = is_over.changed() => {}
                () = tokio::time::sleep_until(until) => {}
            }
        }
    }

    /// Gives the partition back, so that another node takes it at once. Only after nothing of it is written any more.
    pub async fn release(self) {
        let (done, is_done) = oneshot::channel();
        if self.ask.send(done).is_ok() {
            let _runs_out_by_itself = timeout(RELEASE_PATIENCE, is_done).await;
        }
    }
}

/// Tries to become the owner. `None` when another node is.
pub(super) async fn acquire(store: &Store, node: &Node, partition: u16) -> Result<Option<(Lease, Arc<Held>, Renewal)>> {
    let mut entry = LeaseEntry {
        node: node.id.clone(),
        address: node.address.clone(),
        token: Uuid::new_v4().simple().to_string(),
        epoch: None,
    };
    let asked_at = Instant::now();
    let created = timeout(ATTEMPT, store.create(lease_key(partition), bytes_of(&entry))).await;
    let revision = match created {
        Ok(Ok(revision)) => revision,
        Ok(Err(error)) if error.kind() == async_nats::jetstream::kv::CreateErrorKind::AlreadyExists => return Ok(None),
        Ok(Err(error)) => return Err(LogError::unavailable(error)),
        // It may have been made: then it runs out.
        Err(_) => return Err(LogError::Unavailable("a lease was not answered for".to_owned())),
    };
    entry.epoch = Some(revision);
    let held = Arc::new(Held {
        partition,
        epoch: revision,
        began: asked_at,
        until_ms: AtomicU64::new(0),
        is_over: watch::Sender::new(false),
    });
    held.extend(asked_at);
    let (ask, asked) = oneshot::channel();
    let renewal = Renewal { store: store.clone(), entry, revision, held: Arc::clone(&held), asked };
    Ok(Some((Lease { held: Arc::clone(&held), ask }, held, renewal)))
}

fn bytes_of(entry: &LeaseEntry) -> Bytes {
    serde_json::to_vec(entry).expect("texts and numbers can be written").into()
}

/// How an ownership ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Released,
    Dropped,
    Lost,
}

/// Keeps a lease until it is lost or given back.
pub(super) struct Renewal {
    store: Store,
    entry: LeaseEntry,
    revision: u64,
    held: Arc<Held>,
    asked: oneshot::Receiver<oneshot::Sender<()>>,
}

/// What came of asking once.
enum Asked {
    Renewed,
    /// Nobody knows: no answer.
    Open,
    Lost,
}

impl Renewal {
    pub(super) async fn run(mut self) -> End {
        let mut due = self.held.began + RENEW_EVERY;
        let end = loop {
            let until = self.held.until();
            tokio::select! {
                biased;
                asked = &mut self.asked => break match asked {
                    Ok(done) => {
                        self.held.end();
                        self.give_back().await;
                        let _nobody_waits = done.send(());
                        End::Released
                    }
                    Err(_) => End::Dropped,
                },
                () = tokio::time::sleep_until(until) => break End::Lost,
                () = tokio::time::sleep_until(due) => {}
            }
            let asked_at = Instant::now();
            due = match self.renew(asked_at).await {
                Asked::Renewed => asked_at + RENEW_EVERY,
                Asked::Open => Instant::now() + PAUSE,
                Asked::Lost => break End::Lost,
            };
        };
        self.held.end();
        end
    }

    async fn renew(&mut self, asked_at: Instant) -> Asked {
        let patience = self.held.until().saturating_duration_since(asked_at).min(ATTEMPT);
        let key = lease_key(self.held.partition);
        match timeout(patience, self.store.update(&key, bytes_of(&self.entry), self.revision)).await {
            Ok(Ok(revision)) => {
                self.revision = revision;
                self.held.extend(asked_at);
                Asked::Renewed
            }
            Ok(Err(error)) if error.kind() == UpdateErrorKind::WrongLastRevision => self.look(&key).await,
            Ok(Err(_)) | Err(_) => Asked::Open,
        }
    }

    /// The entry is of another revision: of a renewal of ours whose answer was lost, or another node's.
    async fn look(&mut self, key: &str) -> Asked {
        match timeout(ATTEMPT, self.store.entry(key)).await {
            Ok(Ok(Some(found))) => match serde_json::from_slice::<LeaseEntry>(&found.value) {
                Ok(said) if said.token == self.entry.token => {
                    self.revision = found.revision;
                    Asked::Open
                }
                _ => Asked::Lost,
            },
            Ok(Ok(None)) => Asked::Lost,
            Ok(Err(_)) | Err(_) => Asked::Open,
        }
    }

    async fn give_back(&self) {
        let key = lease_key(self.held.partition);
        let deleted = timeout(ATTEMPT, self.store.delete_expect_revision(&key, Some(self.revision))).await;
        if !matches!(deleted, Ok(Ok(()))) {
            tracing::info!(partition = self.held.partition, "a lease could not be given back, and runs out by itself");
        }
    }
}
