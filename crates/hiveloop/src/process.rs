//! What a client has in one process: a queue, a sender, a heartbeat clock, an identity.
//!
//! A fork copies a process's memory but none of its threads, and copies locks in whatever state another thread had
//! them. So a forked child never touches its parent's [`Process`]: it gets a new one, hung behind the old, which is
//! left alone for good.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use crate::agent::AgentInfo;
use crate::callbacks::{CallbackExecutor, CallbackJob, HeartbeatReport, ThreadExecutor};
use crate::config::{Config, MAX_BODY_BYTES, MAX_QUEUE_BYTES, Screened};
use crate::event::{Draft, EventType, patch_identity};
use crate::heartbeat::{HeartbeatClock, Tick};
use crate::journal::Level;
use crate::payload::{JsonWriter, Value};
use crate::queue::{Limits, Pushed, Queue};
use crate::sending;
use crate::stamp::{random_id, seeded};
use crate::stats::Stats;

/// Lines about a full queue come at most this often.
const BETWEEN_OVERFLOW_LINES: Duration = Duration::from_secs(60);

/// What a heartbeat carries when nobody gave it anything.
const BARE_HEARTBEAT: &str = "{\"kind\":\"heartbeat_status\",\"summary\":\"Heartbeat\"}";

pub(crate) struct Process {
    pub(crate) config: Arc<Config>,
    pub(crate) queue: Queue,
    heartbeats: HeartbeatClock,
    pub(crate) callbacks: Arc<dyn CallbackExecutor>,
    random: Mutex<fastrand::Rng>,
    registered: Mutex<HashSet<u64>>,
    last_overflow_line: Mutex<Option<Duration>>,
    pub(crate) instance_id: String,
    /// Set before the queue is closed, and looked at without its lock.
    closed: AtomicBool,
    /// The process that a fork made of this one, seen only in the child.
    successor: OnceLock<Arc<Process>>,
}

impl Process {
    pub(crate) fn new(config: Arc<Config>) -> Arc<Self> {
        let mut random = seeded();
        let limits = Limits {
            max_events: config.max_queue_size,
            max_bytes: MAX_QUEUE_BYTES,
            batch_events: config.batch_size,
            body_bytes: MAX_BODY_BYTES,
            flush_interval: config.flush_interval,
        };
        Arc::new(Self {
            queue: Queue::new(limits, config.clock.clone()),
            heartbeats: HeartbeatClock::default(),
            callbacks: match &config.callback_executor {
                Some(make) => make(),
                None => Arc::new(ThreadExecutor::default()),
            },
            instance_id: random_id(&mut random),
            random: Mutex::new(random),
            registered: Mutex::default(),
            last_overflow_line: Mutex::default(),
            closed: AtomicBool::new(false),
            successor: OnceLock::new(),
            config,
        })
    }

    /// The process that runs now: this one, or the last that forks have made of it.
    pub(crate) fn current(self: &Arc<Self>) -> &Arc<Self> {
        let mut current = self;
        while let Some(successor) = current.successor.get() {
            current = successor;
        }
        current
    }

    /// Starts anew in a forked child. Takes no lock that the parent could have held.
    pub(crate) fn succeed(self: &Arc<Self>) {
        let current = self.current();
        // Set by nobody else: a child runs one thread when it is forked.
        let _ = current.successor.set(Self::new(self.config.clone()));
    }

    pub(crate) fn random_id(&self) -> String {
        random_id(&mut self.random.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Queues an event, after [`Config::before_send`] has seen it.
    pub(crate) fn submit(self: &Arc<Self>, agent: &Arc<AgentInfo>, mut event: Box<[u8]>) {
        let Some(before_send) = &self.config.before_send else {
            return self.push(agent, event, false);
        };
        if self.is_closed() {
            return;
        }
        let (id, stamp) = self.queue.identity();
        patch_identity(&mut event, &id, &stamp);
        let mut event = event.into_vec();
        match before_send(&mut event) {
            Screened::Keep => self.push(agent, event.into_boxed_slice(), true),
            Screened::Discard => self.queue.count_filtered(),
            Screened::Failed => self.queue.count_dropped(),
        }
    }

    /// Queues an event, starting the sender if this is the first.
    pub(crate) fn push(self: &Arc<Self>, agent: &Arc<AgentInfo>, event: Box<[u8]>, stamped: bool) {
        if let Pushed::Queued { start_sender, overflowed } = self.queue.push(agent, event, stamped) {
            if start_sender {
                let process = self.clone();
                let sender = thread::Builder::new().name("hiveloop-sender".into());
                if let Err(error) = sender.spawn(move || sending::run(&process)) {
                    self.queue.sender_failed_to_start();
                    self.say(Level::Error, &format!("cannot start the sending thread: {error}"));
                }
            }
            if overflowed > 0 {
                self.note_overflow();
            }
        }
    }

    fn note_overflow(&self) {
        if !self.config.debug {
            return;
        }
        let now = self.config.clock.monotonic();
        let mut last = self.last_overflow_line.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| now >= last + BETWEEN_OVERFLOW_LINES) {
            *last = Some(now);
            let dropped = self.queue.stats().dropped;
            self.say(Level::Warning, &format!("the queue is full: the oldest events are dropped ({dropped} so far)"));
        }
    }

    /// Registers an agent once in this process, and starts its heartbeats.
    pub(crate) fn register(self: &Arc<Self>, agent: &Arc<AgentInfo>) {
        if !self.registered.lock().unwrap_or_else(PoisonError::into_inner).insert(agent.key) {
            return;
        }
        let options = &agent.options;
        self.say(Level::Debug, &format!("agent {:?} is registered", agent.agent_id));
        self.emit(agent, EventType::AgentRegistered, |out| {
            out.raw("{\"summary\":");
            out.string(&format!("Agent {} registered", agent.agent_id));
            out.raw(",\"data\":{");
            out.key("type");
            out.string(&options.agent_type);
            if let Some(version) = &options.version {
                out.key("version");
                out.string(version);
            }
            out.key("framework");
            out.string(&options.framework);
            for (name, seconds) in [
                ("stuck_threshold", options.stuck_threshold_seconds),
                ("heartbeat_interval", options.heartbeat_interval.map_or(0.0, |interval| interval.as_secs_f64())),
            ] {
                out.key(name);
                write_seconds(out, seconds);
            }
            out.raw("}}");
        });
        if self.heartbeats.start(agent, self.config.clock.monotonic()) {
            let process = self.clone();
            let clock = thread::Builder::new().name("hiveloop-heartbeat".into());
            if let Err(error) = clock.spawn(move || process.beat()) {
                self.heartbeats.failed_to_start();
                self.say(Level::Error, &format!("cannot start the heartbeat thread: {error}"));
            }
        }
    }

    pub(crate) fn stop_heartbeats(&self, agent: &AgentInfo) {
        self.heartbeats.stop(agent.key);
        self.registered.lock().unwrap_or_else(PoisonError::into_inner).remove(&agent.key);
    }

    fn beat(self: &Arc<Self>) {
        let clock = self.config.clock.clone();
        while let Some(ticks) = self.heartbeats.next_ticks(|| clock.monotonic()) {
            for tick in ticks {
                match tick {
                    Tick::Bare(agent) => {
                        // Holds nothing of the agent's to mask; and this thread runs nobody else's code.
                        let mut draft = Draft::new(EventType::Heartbeat);
                        draft.payload(|out| out.raw(BARE_HEARTBEAT));
                        self.push(&agent, draft.finish(), false);
                    }
                    Tick::Ask(agent, ticket) => {
                        if let Some(source) = agent.options.heartbeat_source.clone() {
                            self.callbacks.submit(CallbackJob::new(self.clone(), agent.key, ticket, source));
                        }
                    }
                }
            }
        }
    }

    pub(crate) fn callback_returned(self: &Arc<Self>, agent_key: u64, ticket: u64, report: HeartbeatReport) {
        let agent = self.heartbeats.returned(agent_key, ticket);
        if let Some(problem) = &report.problem {
            let whose = agent.as_ref().map_or(String::new(), |agent| format!(" of agent {:?}", agent.agent_id));
            self.say(Level::Warning, &format!("a heartbeat callback{whose} gave no usable value: {problem}"));
        }
        let Some(agent) = agent else { return };
        self.emit(&agent, EventType::Heartbeat, |out| match &report.payload {
            Some(payload) => out.raw_bytes(payload),
            None => out.raw(BARE_HEARTBEAT),
        });
        if let Some(snapshot) = &report.queue_snapshot {
            self.emit(&agent, EventType::Custom, |out| out.raw_bytes(snapshot));
        }
    }

    /// Emits an event of the client's own about an agent.
    fn emit(self: &Arc<Self>, agent: &Arc<AgentInfo>, event_type: EventType, write: impl FnOnce(&mut JsonWriter)) {
        let mut draft = Draft::new(event_type);
        draft.payload(write);
        self.submit(agent, draft.finish());
    }

    pub(crate) fn say(&self, level: Level, line: &str) {
        if level > Level::Debug || self.config.debug {
            self.config.journal.write(level, line);
        }
    }

    /// Ends heartbeats, sends what waits for as long as the time-out allows, and ends the sender.
    pub(crate) fn shutdown(&self, timeout: Duration) -> bool {
        self.heartbeats.close();
        let flushed = self.queue.flush(timeout, true);
        let stats = self.queue.stats();
        if stats.queued > 0 {
            let line = format!("shut down with {} events unsent, which are dropped", stats.queued);
            self.say(Level::Warning, &line);
        }
        self.closed.store(true, Ordering::SeqCst);
        self.queue.close();
        self.say(Level::Debug, &format!("shut down: {} events sent", stats.sent));
        flushed
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    pub(crate) fn stats(&self) -> Stats {
        self.queue.stats()
    }
}

/// Whole seconds as whole numbers, as people write them.
fn write_seconds(out: &mut JsonWriter, seconds: f64) {
    let value = if seconds.fract() == 0.0 { Value::Integer(seconds as i64) } else { Value::Float(seconds) };
    crate::payload::ToJson::write_json(&value, out);
}
