//! Heartbeat callbacks: code of the agent's that is run for it, away from the heartbeat clock.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::payload::{JsonWriter, QueueSnapshot, ToJson};

/// Threads that callbacks run on at most.
const MAX_CALLBACK_THREADS: usize = 4;
/// A thread without work ends after this.
const IDLE_THREAD_LIFE: Duration = Duration::from_secs(120);

/// What a callback gave for one heartbeat: payloads as JSON objects, written already.
#[derive(Debug, Clone, Default)]
pub struct HeartbeatReport {
    /// The heartbeat's own payload.
    pub payload: Option<Vec<u8>>,
    /// The payload of a queue snapshot sent with it, as [`QueueSnapshot`](crate::QueueSnapshot) writes it.
    pub queue_snapshot: Option<Vec<u8>>,
    /// What went wrong, for the logger.
    pub problem: Option<String>,
}

impl HeartbeatReport {
    /// Adds the payload of the heartbeat itself, a JSON object such as `{"kind": "heartbeat_status", "data": {…}}`.
    #[must_use]
    pub fn payload(mut self, payload: &serde_json::Value) -> Self {
        self.payload = Some(payload.to_string().into_bytes());
        self
    }

    /// Adds the state of the work queue.
    #[must_use]
    pub fn queue<V: ToJson>(mut self, snapshot: &QueueSnapshot<V>) -> Self {
        let mut out = JsonWriter::new();
        snapshot.write(&mut out);
        self.queue_snapshot = Some(out.into_bytes());
        self
    }
}

/// Code that is asked at every heartbeat.
pub trait HeartbeatSource: Any + Send + Sync {
    /// Gives what the heartbeat carries. May take long: then the heartbeat goes out without.
    fn report(&self) -> HeartbeatReport;
}

/// One heartbeat waiting for what its callback says.
pub struct CallbackJob {
    source: Arc<dyn HeartbeatSource>,
    send: Box<dyn FnOnce(HeartbeatReport) + Send>,
}

impl CallbackJob {
    pub(crate) fn new(source: Arc<dyn HeartbeatSource>, send: impl FnOnce(HeartbeatReport) + Send + 'static) -> Self {
        Self { source, send: Box::new(send) }
    }

    /// What is to be asked.
    pub fn source(&self) -> &Arc<dyn HeartbeatSource> {
        &self.source
    }

    /// Runs the callback and sends the heartbeat. A callback that panics costs its value, not the thread.
    pub fn run(self) {
        let source = self.source.clone();
        let report = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| source.report()));
        self.finish(report.unwrap_or_else(|_| HeartbeatReport {
            problem: Some("it panicked".to_owned()),
            ..HeartbeatReport::default()
        }));
    }

    /// Sends the heartbeat with a report made elsewhere.
    pub fn finish(self, report: HeartbeatReport) {
        (self.send)(report);
    }
}

/// Runs callbacks somewhere. Must not block; at most one job an agent is under way at a time.
pub trait CallbackExecutor: Any + Send + Sync {
    /// Takes a job to run.
    fn submit(&self, job: CallbackJob);
}

/// Up to four threads, started when needed.
#[derive(Default)]
pub(crate) struct ThreadExecutor {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<Pool>,
    arrived: Condvar,
}

#[derive(Default)]
struct Pool {
    jobs: VecDeque<CallbackJob>,
    threads: usize,
    idle: usize,
}

impl CallbackExecutor for ThreadExecutor {
    fn submit(&self, job: CallbackJob) {
        let mut pool = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        pool.jobs.push_back(job);
        if pool.idle < pool.jobs.len() && pool.threads < MAX_CALLBACK_THREADS {
            let shared = self.shared.clone();
            // If no thread can be had, the heartbeats go out without their values.
            if thread::Builder::new().name("hiveloop-callback".into()).spawn(move || shared.work()).is_ok() {
                pool.threads += 1;
            }
        }
        drop(pool);
        self.shared.arrived.notify_one();
    }
}

impl Shared {
    fn work(&self) {
        let mut pool = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(job) = pool.jobs.pop_front() {
                drop(pool);
                job.run();
                pool = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            pool.idle += 1;
            let (locked, waited) =
                self.arrived.wait_timeout(pool, IDLE_THREAD_LIFE).unwrap_or_else(PoisonError::into_inner);
            pool = locked;
            pool.idle -= 1;
            if waited.timed_out() && pool.jobs.is_empty() {
                pool.threads -= 1;
                return;
            }
        }
    }
}
