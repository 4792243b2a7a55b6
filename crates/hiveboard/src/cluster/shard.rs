//! One partition that this node owns: opened from the store, kept up with the log, closed when it is another's.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, middleware::from_fn_with_state};
use hiveboard_log_nats::{Follower, Gap, Log, LogError, place};
use hiveboard_store::{Batch, EventLog as _, EventStore, Position};
use hiveboard_store_clickhouse::ClickHouseStore;
use hiveboard_wire::Timestamp;
use metrics::{counter, gauge};
use parking_lot::Mutex;
use tokio::{sync::watch, task::JoinHandle};

use super::waiting::{Waiting, wait};
use crate::{
    alerts,
    app::{App, Ground},
    caller::CallerId,
    clock::{Clock, Jump},
    jobs,
    node::Node,
    router,
    share::Share,
    startup::Progress,
    write_path::WritePath,
};

/// Events that are taken out of the log at once: what shares a commit.
const EVENTS_AT_ONCE: usize = 16_000;
/// How long the log is waited for; after it, nothing waits there.
const PATIENCE: Duration = Duration::from_secs(1);
/// The shard's clock goes on for so long after the last time that all was known to be folded in. It is longer than [`PATIENCE`], and shorter than
/// anybody's silence that counts.
const TRUSTED: Duration = Duration::from_secs(3);
/// Before a store that failed, or a log that is away, is tried again.
const PAUSE: Duration = Duration::from_millis(500);
/// What is stored leaves the log so often.
const TRIMMED_EVERY: Duration = Duration::from_secs(10);

pub(super) struct Shard {
    pub(super) app: Arc<App>,
    pub(super) routes: Router,
    pub(super) waiting: Arc<Waiting>,
    /// What waited in the log when it was opened is folded in.
    is_current: AtomicBool,
    /// Messages that waited in the log when it was last read.
    behind: AtomicU64,
    partition: u16,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// What a shard is opened on.
pub(super) struct Opening {
    pub(super) node: Arc<Node>,
    pub(super) log: Log,
    pub(super) partition: u16,
    pub(super) store: Arc<ClickHouseStore>,
}

impl Shard {
    /// Loads what the store knows of the partition, and begins to follow the log.
    pub(super) async fn open(opening: Opening, progress: Arc<Progress>) -> anyhow::Result<Arc<Self>> {
        let Opening { node, log, partition, store } = opening;
        let data_dir = node.config.data_dir.join(format!("partition-{partition}"));
        let of_partition = Share::Partition { number: partition, of: log.partitions() };
        // All up to here is stored, so the log is read from there.
        let stored = store.head();
        let events = Arc::clone(&store);
        let app =
            tokio::task::spawn_blocking(move || open_app(of_partition, events, &data_dir, node, &progress)).await??;
        app.clock.go_on_until(trusted(Timestamp::now()));
        let waiting = Arc::new(Waiting::new(stored));
        let routes = router::of_shard(&app, |routes| routes.layer(from_fn_with_state(Arc::clone(&waiting), wait)));
        alerts::start(&app);
        alerts::outbox::start(&app);
        jobs::of_events(&app);
        let asking = tokio::spawn({
            let (waiting, log) = (Arc::clone(&waiting), log.clone());
            async move { waiting.ask(&log, partition).await }
        });
        let stopping = app.stopping.subscribe();
        let shard = Arc::new(Self {
            app,
            routes,
            waiting,
            is_current: AtomicBool::new(false),
            behind: AtomicU64::new(0),
            partition,
            tasks: Mutex::new(vec![asking]),
        });
        let following = Following { shard: Arc::downgrade(&shard), log, store, partition, stored };
        shard.tasks.lock().push(tokio::spawn(following.run(stopping)));
        Ok(shard)
    }

    pub(super) const fn partition(&self) -> u16 {
        self.partition
    }

    /// Whether what waited in the log when it was opened is folded in: before that it answers nobody.
    pub(super) fn is_current(&self) -> bool {
        self.is_current.load(Ordering::Acquire)
    }

    /// Batches that waited in the log when it was last read.
    pub(super) fn behind(&self) -> u64 {
        self.behind.load(Ordering::Acquire)
    }

    /// Ends streams and jobs, finishes what is being written, and writes the projections.
    pub(super) async fn close(&self) {
        self.app.stopping.send_replace(true);
        for task in self.tasks.lock().drain(..) {
            task.abort();
        }
        let app = Arc::clone(&self.app);
        if tokio::task::spawn_blocking(move || app.close()).await.is_err() {
            tracing::error!(partition = self.partition, "closing a partition failed; nothing acknowledged is lost");
        }
    }

    fn is_behind(&self, batches: u64) {
        self.behind.store(batches, Ordering::Release);
        let partition = self.partition.to_string();
        gauge!("hiveboard_log_behind_batches", "partition" => partition).set(batches as f64);
    }

    fn note(&self, position: Position, behind: u64, known_at: Timestamp) {
        self.is_behind(behind);
        if behind == 0 || trusted(known_at) > Timestamp::now() {
            self.is_current.store(true, Ordering::Release);
        }
        self.waiting.folded(position);
    }
}

/// How long the clock may go on from a time at which all was known.
fn trusted(known_at: Timestamp) -> Timestamp {
    known_at.plus_micros(TRUSTED.as_micros() as i64)
}

fn open_app(
    share: Share,
    store: Arc<dyn EventStore>,
    data_dir: &Path,
    node: Arc<Node>,
    progress: &Progress,
) -> anyhow::Result<Arc<App>> {
    std::fs::create_dir_all(data_dir)?;
    let (write_path, clock) = (Arc::<WritePath>::default(), Arc::new(Clock::until(Timestamp::now())));
    let stopping = watch::Sender::new(false);
    App::on(Ground { share, store, write_path, clock, data_dir, stopping }, node, progress)
}

/// Why the log is not read on.
enum Ended {
    ShardIsGone,
    StoreIsAway,
}

/// What keeps a shard up with the log.
struct Following {
    shard: std::sync::Weak<Shard>,
    log: Log,
    store: Arc<ClickHouseStore>,
    partition: u16,
    stored: Position,
}

impl Following {
    async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        loop {
            let ended = tokio::select! {
                ended = self.follow() => ended,
                _ = stopping.changed() => return,
            };
            match ended {
                Ok(Ended::ShardIsGone) => return,
                Ok(Ended::StoreIsAway) => {
                    tracing::warn!(
                        partition = self.partition,
                        "the store takes nothing; what waits in the log is tried again"
                    );
                }
                Err(error) if error.is_passing() => {
                    tracing::warn!(partition = self.partition, %error, "the log is away; it is read on as soon as it is back");
                }
                Err(error) => {
                    counter!("hiveboard_log_failures_total").increment(1);
                    tracing::error!(partition = self.partition, %error, "the log cannot be read on; tried again");
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Reads on from what is stored, for as long as log and store go along.
    async fn follow(&mut self) -> Result<Ended, LogError> {
        if let Some(ended) = self.set_log_behind_store().await? {
            return Ok(ended);
        }
        if let Some(ended) = self.go_on_behind_gap().await? {
            return Ok(ended);
        }
        let mut follower = self.log.follow(self.partition, self.stored).await?;
        let asked_at = Timestamp::now();
        if follower.position() >= self.log.last_of_partition(self.partition).await?
            && let Some(shard) = self.shard.upgrade()
        {
            // Nothing waits.
            shard.note(follower.position(), 0, asked_at);
        }
        let mut away_since = None;
        let mut trimmed_at = tokio::time::Instant::now();
        loop {
            let asked_at = Timestamp::now();
            let batches = match follower.next(EVENTS_AT_ONCE, PATIENCE).await {
                Ok(batches) => batches,
                Err(LogError::Unavailable(_)) => {
                    away_since.get_or_insert(asked_at);
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Some(shard) = self.shard.upgrade() else { return Ok(Ended::ShardIsGone) };
            if let Some(since) = away_since.take() {
                excuse(&shard.app, since);
            }
            if !self.take(&shard, &mut follower, batches, asked_at).await {
                // What was read is read again.
                return Ok(Ended::StoreIsAway);
            }
            if trimmed_at.elapsed() >= TRIMMED_EVERY {
                trimmed_at = tokio::time::Instant::now();
                // The message of the last event stays, for the next owner to go on from.
                let stored = place::start_of(place::sequence_of(shard.app.store.head()));
                if let Err(error) = self.log.trim(self.partition, stored).await {
                    tracing::debug!(partition = self.partition, %error, "what is stored stays in the log for now");
                }
            }
        }
    }

    /// Where the log ends before what is stored, its stream was made anew or has lost its end: what is in it is stored behind that, unless it is there, and
    /// the log goes on from there. Else readers would take what is new for what they have.
    async fn set_log_behind_store(&mut self) -> Result<Option<Ended>, LogError> {
        loop {
            let Some(shard) = self.shard.upgrade() else { return Ok(Some(Ended::ShardIsGone)) };
            let stored = shard.app.store.head();
            let Some(mut left) = self.log.left_below(self.partition, stored).await? else { return Ok(None) };
            let batches = std::mem::take(&mut left.batches);
            tracing::error!(
                partition = self.partition,
                %stored,
                batches = batches.len(),
                "the log ends before what is stored: its stream was made anew, or has lost its end. What is left in it is stored now, and it goes on behind that"
            );
            if !batches.is_empty() && shard.app.write_path.append(CallerId::Log, batches).await.is_err() {
                return Ok(Some(Ended::StoreIsAway));
            }
            self.log.take_out(self.partition, &left).await?;
            self.stored = self.stored.max(place::end_of(place::sequence_of(shard.app.store.head())));
        }
    }

    /// Where messages have left the log that were not stored, nothing brings them back: that is said, counted and written down once, and the rest is read.
    async fn go_on_behind_gap(&mut self) -> Result<Option<Ended>, LogError> {
        let Some(Gap { batches, until }) = self.log.gap_after(self.partition, self.stored).await? else {
            return Ok(None);
        };
        let Some(shard) = self.shard.upgrade() else { return Ok(Some(Ended::ShardIsGone)) };
        let store = Arc::clone(&self.store);
        let written = tokio::task::spawn_blocking(move || store.go_on_after(until.seq())).await;
        if !matches!(written, Ok(Ok(()))) {
            shard.waiting.stalled();
            return Ok(Some(Ended::StoreIsAway));
        }
        counter!("hiveboard_log_lost_batches_total").increment(batches);
        tracing::error!(
            partition = self.partition,
            batches,
            after = %self.stored,
            %until,
            "batches have left the log before they were stored, and are lost: they were older than nats_log_hours, or ClickHouse has lost what it had stored. What comes after them is read on"
        );
        self.stored = until;
        // Who was heard of in them alone is not silent.
        excuse(&shard.app, shard.app.clock.now());
        Ok(None)
    }

    /// Stores and folds what was read; `false` when the store did not take it.
    async fn take(&mut self, shard: &Shard, follower: &mut Follower, batches: Vec<Batch>, asked_at: Timestamp) -> bool {
        let app = &shard.app;
        let mut known_at = asked_at;
        let read = batches.len() as u64;
        if !batches.is_empty() {
            let arrived = batches.iter().map(|batch| batch.received_at).max().unwrap_or(asked_at);
            let events: usize = batches.iter().map(|batch| batch.events.len()).sum();
            if follower.behind() > 0 {
                known_at = arrived.min(asked_at);
            }
            if app.write_path.append(CallerId::Log, batches).await.is_err() {
                shard.waiting.stalled();
                shard.is_behind(read + follower.behind());
                tokio::time::sleep(PAUSE).await;
                return false;
            }
            counter!("hiveboard_log_events_total").increment(events as u64);
        }
        self.stored = follower.position();
        app.clock.go_on_until(trusted(known_at));
        shard.note(self.stored, follower.behind(), known_at);
        true
    }
}

/// What did not arrive since then says nothing about anybody: the log was away, or has lost it.
fn excuse(app: &App, since: Timestamp) {
    let now = Timestamp::now();
    tracing::info!(%since, "nobody counts as stuck by what did not arrive since then");
    // Rules measure silence themselves: for them the shard's clock, which stood still, jumps.
    app.alerts.clock_jumped(Jump { from: app.clock.now().min(now), to: now });
    for scope in app.derived.scopes() {
        let _turn = app.publisher.turn();
        app.derived.change(scope, |projections| projections.start(since, now));
    }
}
