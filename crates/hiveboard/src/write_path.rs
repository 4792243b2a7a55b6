//! The one way of an event into the house: append durably → fold in memory → acknowledge → publish.
//!
//! One thread does it. Whatever waits when it comes round shares a commit, callers in turn. Where commits are shared, they begin a moment
//! apart, so that more share each: who sends alone waits for no timer.

mod fair_queue;
mod trip;

use std::{
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use hiveboard_store::{Appended, Batch, EventStore, Fresh, StoreError};
use hiveboard_wire::{ErrorCode, Scope};
use metrics::{counter, gauge, histogram};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use self::{
    fair_queue::{FairQueue, Refused, Room},
    trip::Trip,
};
use crate::{
    caller::CallerId,
    clock::Clock,
    derived::Derived,
    error::ApiError,
    publisher::{ChangeSet, Publisher},
    supervisor::Supervisor,
};

/// What may wait for the writer. More than that is answered with `overloaded`.
const WAITING: Room = Room { requests: 1_024, events: 64_000 };
/// What shares one commit at most: the more waits, the more of it does.
const COMMIT: Room = Room { requests: 512, events: 16_000 };

/// Shared commits begin so far apart for each request that shared the one before, and no further than that: the more come, the more share. What a commit
/// costs (the disk told to write, a dozen pages) hardly depends on what is in it.
const APART_FOR_EACH: Duration = Duration::from_millis(1);
const MOST_APART: Duration = Duration::from_millis(8);

/// How far apart a commit of so many requests and the next one begin; `None` for one alone, whose sender waits for no timer.
fn apart(requests: usize) -> Option<Duration> {
    let most = (MOST_APART.as_millis() / APART_FOR_EACH.as_millis()) as usize;
    (requests > 1).then(|| APART_FOR_EACH * requests.min(most) as u32)
}

/// What one request brings, and where its answer goes.
struct Job {
    batches: Vec<Batch>,
    answer: Answer,
}

/// Takes of each batch the places of events whose id is known by another event.
type Answer = oneshot::Sender<Result<Vec<Vec<usize>>, ApiError>>;

impl Job {
    fn events(&self) -> usize {
        self.batches.iter().map(|batch| batch.events.len()).sum()
    }
}

pub struct WritePath {
    jobs: Arc<FairQueue<Job>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Default for WritePath {
    fn default() -> Self {
        Self { jobs: Arc::new(FairQueue::new(WAITING)), writer: Mutex::default() }
    }
}

impl WritePath {
    /// Begins to write what waits.
    pub fn start(
        &self,
        store: Arc<dyn EventStore>,
        derived: Arc<Derived>,
        publisher: Arc<Publisher>,
        clock: Arc<Clock>,
        supervisor: Arc<Supervisor>,
    ) {
        let waiting = Arc::clone(&self.jobs);
        let writer = Writer { store, derived, publisher, clock, trip: Trip::from_environment() };
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                supervisor.run_vital("writer", || writer.run(&waiting));
                // After a panic: whoever waits is told at once.
                waiting.abandon();
            })
            .expect("the system can start one more thread at start");
        *self.writer.lock() = Some(thread);
    }

    /// Stores all batches, or none; answers after their events are durable and folded in. Repeated events change nothing; where one says
    /// something else than the stored event of its id, the answer tells its place in its batch.
    pub async fn append(&self, caller: CallerId, batches: Vec<Batch>) -> Result<Vec<Vec<usize>>, ApiError> {
        let (answer, done) = oneshot::channel();
        let job = Job { batches, answer };
        match self.jobs.push(caller, job.events(), job) {
            Ok(()) => done.await.map_err(|_| stopped_meanwhile())?,
            Err(Refused::Full) => {
                counter!("hiveboard_ingest_overloaded_total").increment(1);
                Err(ApiError::new(
                    ErrorCode::Overloaded,
                    "The server has more to write than it can; nothing of this batch was stored. Sending it again is safe.",
                )
                .retry_after(1))
            }
            Err(Refused::Closed) => Err(stopping()),
        }
    }

    /// Finishes what waits, then stops.
    pub fn stop(&self) {
        self.jobs.close();
        if let Some(thread) = self.writer.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the writer had stopped by itself");
        }
    }
}

/// Counts what waits for writers, together.
pub(crate) fn measure<'a>(writers: impl IntoIterator<Item = &'a WritePath>) {
    let (mut requests, mut events) = (0, 0);
    for waiting in writers.into_iter().map(|writer| writer.jobs.waiting()) {
        requests += waiting.requests;
        events += waiting.events;
    }
    gauge!("hiveboard_write_queue_requests").set(requests as f64);
    gauge!("hiveboard_write_queue_events").set(events as f64);
}

fn stopping() -> ApiError {
    ApiError::new(
        ErrorCode::NotReady,
        "The server is stopping; nothing of this batch was stored. Sending it again is safe.",
    )
    .retry_after(2)
}

/// The writer ended with the batch in its hands: its events may be durable.
fn stopped_meanwhile() -> ApiError {
    ApiError::new(
        ErrorCode::NotReady,
        "The server is stopping and cannot tell whether this batch was stored. Sending it again is safe: what is stored already changes nothing.",
    )
    .retry_after(2)
}

struct Writer {
    store: Arc<dyn EventStore>,
    derived: Arc<Derived>,
    publisher: Arc<Publisher>,
    clock: Arc<Clock>,
    trip: Trip,
}

impl Writer {
    fn run(&self, waiting: &FairQueue<Job>) {
        let mut gather_until = None;
        while let Some(jobs) = waiting.take(COMMIT, gather_until) {
            gather_until = apart(jobs.len()).map(|apart| Instant::now() + apart);
            self.commit(jobs);
        }
    }

    fn commit(&self, jobs: Vec<Job>) {
        let started = Instant::now();
        let mut answers = Vec::with_capacity(jobs.len());
        let mut batches = Vec::new();
        let mut scopes = Vec::new();
        for job in jobs {
            answers.push((job.batches.len(), job.answer));
            scopes.extend(job.batches.iter().map(|batch| batch.scope));
            batches.extend(job.batches);
        }
        match self.store.append(batches) {
            Ok(appended) => {
                histogram!("hiveboard_commit_seconds").record(started.elapsed().as_secs_f64());
                self.settle(answers, &scopes, appended);
            }
            Err(error) => {
                tracing::error!(%error, "a commit failed; nothing of it was stored");
                counter!("hiveboard_commit_failures_total").increment(1);
                let full = matches!(error, StoreError::Full(_));
                for (_, answer) in answers {
                    let said =
                        if full { ApiError::from(StoreError::Full(String::new())) } else { ApiError::internal(&error) };
                    let _gone = answer.send(Err(said));
                }
            }
        }
    }

    /// Folds, answers, publishes. In a turn of its own, so that nothing that changes later is published before.
    fn settle(&self, answers: Vec<(usize, Answer)>, scopes: &[Scope], appended: Vec<Appended>) {
        let fresh: usize = appended.iter().map(|one| one.fresh.len()).sum();
        counter!("hiveboard_events_stored_total").increment(fresh as u64);
        let duplicates: usize = appended.iter().map(|one| one.duplicates).sum();
        counter!("hiveboard_events_duplicate_total").increment(duplicates as u64);
        let differing: Vec<Vec<usize>> = appended.iter().map(|one| one.differing.clone()).collect();
        let mut differing = differing.into_iter();
        let mut turn = self.publisher.turn();
        let changes = self.fold(scopes, appended);
        for (batches, answer) in answers {
            // A client that hung up still has its events stored.
            let _gone = answer.send(Ok(differing.by_ref().take(batches).collect()));
        }
        for change in changes {
            turn.publish(change);
        }
    }

    /// Folds what is new, and answers what it changed, a batch each.
    fn fold(&self, scopes: &[Scope], appended: Vec<Appended>) -> Vec<ChangeSet> {
        let now = self.clock.now();
        let mut changes = Vec::with_capacity(appended.len());
        let mut greatest = 0;
        for (scope, Appended { fresh, .. }) in scopes.iter().zip(appended) {
            let Some(Fresh { stored: last, .. }) = fresh.last() else { continue };
            greatest = greatest.max(last.seq);
            let settled = self.derived.change(*scope, |projections| {
                projections.apply_all(fresh.iter().map(|one| {
                    // Asked for the next one: the one before is folded in.
                    self.trip.folded(one.stored.seq - 1);
                    (&one.stored, &one.body, one.call_cost)
                }));
                self.trip.folded(last.seq);
                projections.settle([&*last.envelope.agent_id], now)
            });
            changes.push(ChangeSet::new(*scope, now, fresh, settled));
        }
        // Only now: between two batches of a commit a flush may come, whose watermark must not claim the second.
        gauge!("hiveboard_watermark_seq").set(self.derived.folded(greatest) as f64);
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_share_a_commit_the_longer_the_next_one_gathers() {
        let millis = |requests| apart(requests).map(|apart| apart.as_millis());
        assert_eq!([0, 1, 2, 8, 500].map(millis), [None, None, Some(2), Some(8), Some(8)]);
    }
}
