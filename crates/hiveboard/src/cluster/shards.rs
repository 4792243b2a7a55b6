//! The partitions that this node owns: opened as leases come, closed as they go.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hiveboard_log_nats::{Duties, Duty, Lease, Log};
use metrics::{counter, gauge, histogram};
use parking_lot::RwLock;
use tokio::{sync::watch, task::JoinHandle, time::Instant};

use super::{
    config::ClickHouseConfig,
    shard::{Opening, Shard},
    store,
};
use crate::{node::Node, startup::Progress};

/// Before a partition that could not be opened is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// What all partitions together may take to be let go.
const LEAVE_PATIENCE: Duration = Duration::from_secs(8);

/// How a partition stands here.
#[derive(Clone)]
pub(super) enum Standing {
    /// It is another's, or nobody's.
    NotHere,
    Opening(Arc<Progress>),
    Open(Arc<Shard>),
}

struct Own {
    epoch: u64,
    standing: Standing,
    /// Says that it is to be let go.
    let_go: watch::Sender<bool>,
    keeping: JoinHandle<()>,
}

pub(super) struct Shards {
    node: Arc<Node>,
    log: Log,
    store: ClickHouseConfig,
    own: RwLock<HashMap<u16, Own>>,
    is_leaving: AtomicBool,
}

impl Shards {
    pub(super) fn new(node: Arc<Node>, log: Log, store: ClickHouseConfig) -> Arc<Self> {
        Arc::new(Self { node, log, store, own: RwLock::default(), is_leaving: AtomicBool::new(false) })
    }

    pub(super) fn standing(&self, partition: u16) -> Standing {
        self.own.read().get(&partition).map_or(Standing::NotHere, |own| own.standing.clone())
    }

    /// All that are open.
    pub(super) fn open(&self) -> Vec<Arc<Shard>> {
        let open = |own: &Own| match &own.standing {
            Standing::Open(shard) => Some(Arc::clone(shard)),
            Standing::NotHere | Standing::Opening(_) => None,
        };
        self.own.read().values().filter_map(open).collect()
    }

    /// Does what the leases say, until the node leaves.
    pub(super) async fn serve(self: Arc<Self>, mut duties: Duties) {
        while let Some(duty) = duties.next().await {
            match duty {
                Duty::Serve(lease) => self.begin(lease),
                Duty::GiveUp(partition) | Duty::Lost(partition) => self.tell(partition),
            }
            self.count();
        }
    }

    fn begin(self: &Arc<Self>, lease: Lease) {
        if self.is_leaving.load(Ordering::Acquire) {
            return;
        }
        let (partition, epoch) = (lease.partition(), lease.epoch());
        let (let_go, told) = watch::channel(false);
        let progress = Arc::<Progress>::default();
        let keeping = tokio::spawn(Arc::clone(self).keep(lease, Arc::clone(&progress), told));
        let own = Own { epoch, standing: Standing::Opening(progress), let_go, keeping };
        // One that was here before under another lease was told, and ends by itself.
        self.own.write().insert(partition, own);
    }

    fn tell(&self, partition: u16) {
        if let Some(own) = self.own.read().get(&partition) {
            own.let_go.send_replace(true);
        }
    }

    /// From the lease to its end.
    async fn keep(self: Arc<Self>, lease: Lease, progress: Arc<Progress>, mut told: watch::Receiver<bool>) {
        let (partition, epoch) = (lease.partition(), lease.epoch());
        let opened = tokio::select! {
            shard = self.open_at_last(&lease, &progress) => shard,
            _ = told.wait_for(|told| *told) => None,
            () = lease.lost() => None,
        };
        if let Some(shard) = opened {
            self.stands(partition, epoch, Standing::Open(Arc::clone(&shard)));
            tokio::select! {
                _ = told.wait_for(|told| *told) => {}
                () = lease.lost() => tracing::warn!(partition, epoch, "the lease of a partition is lost; it is let go"),
            }
            self.stands(partition, epoch, Standing::NotHere);
            shard.close().await;
        } else {
            // Given up or lost before it was open: whoever asks for it is passed on to its owner.
            self.stands(partition, epoch, Standing::NotHere);
        }
        if lease.is_held() {
            lease.release().await;
        }
        tracing::info!(partition, epoch, "a partition was let go");
    }

    /// Opens the partition, however often it takes. `None` when it cannot be opened under this lease, and another is to be had.
    async fn open_at_last(&self, lease: &Lease, progress: &Arc<Progress>) -> Option<Arc<Shard>> {
        let partition = lease.partition();
        let began = Instant::now();
        loop {
            match self.try_open(lease, progress).await {
                Ok(shard) => {
                    let seconds = began.elapsed().as_secs_f64();
                    histogram!("hiveboard_partition_open_seconds").record(seconds);
                    tracing::info!(partition, epoch = lease.epoch(), seconds, "a partition is served here");
                    return Some(shard);
                }
                Err(error) => {
                    if self.is_outnumbered(lease).await {
                        return None;
                    }
                    counter!("hiveboard_partition_open_failures_total").increment(1);
                    tracing::warn!(
                        partition,
                        error = format!("{error:#}"),
                        "a partition cannot be opened; tried again"
                    );
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn try_open(&self, lease: &Lease, progress: &Arc<Progress>) -> anyhow::Result<Arc<Shard>> {
        let days = self.node.config.dedup_days;
        let store = store::open(&self.store, days, lease.partition(), lease.epoch(), &self.log).await?;
        let opening =
            Opening { node: Arc::clone(&self.node), log: self.log.clone(), partition: lease.partition(), store };
        Shard::open(opening, Arc::clone(progress)).await
    }

    /// Whether the store knows an owner of a greater epoch, though nobody else can have the partition: then those who counted the epochs have begun anew, or
    /// lost their end, and are told to go on above what the store knows.
    async fn is_outnumbered(&self, lease: &Lease) -> bool {
        let Ok(epochs) = store::epochs(&self.store).await else { return false };
        if !lease.is_held() || epochs.get(&lease.partition()).is_none_or(|newest| *newest <= lease.epoch()) {
            return false;
        }
        let newest = epochs.values().copied().max().unwrap_or(0);
        match self.log.lift_epochs(newest).await {
            Ok(true) => tracing::error!(
                newest,
                "the owners' epochs had begun anew in NATS, whose bucket was made anew or has lost its end; they go on above those that the store knows"
            ),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the owners' epochs cannot be set above those that the store knows"),
        }
        true
    }

    /// Unless another lease of the partition came meanwhile.
    fn stands(&self, partition: u16, epoch: u64, standing: Standing) {
        if let Some(own) = self.own.write().get_mut(&partition).filter(|own| own.epoch == epoch) {
            own.standing = standing;
        }
        self.count();
    }

    fn count(&self) {
        gauge!("hiveboard_partitions_served").set(self.open().len() as f64);
    }

    /// Lets all go, each as soon as nothing of it is written any more.
    pub(super) async fn leave(&self) {
        self.is_leaving.store(true, Ordering::Release);
        let all: Vec<Own> = self.own.write().drain().map(|(_, own)| own).collect();
        for own in &all {
            own.let_go.send_replace(true);
        }
        let ended = async {
            for own in all {
                let _ended = own.keeping.await;
            }
        };
        if tokio::time::timeout(LEAVE_PATIENCE, ended).await.is_err() {
            tracing::warn!("some partitions were not written down in time; their next owner folds more of them anew");
        }
    }
}
