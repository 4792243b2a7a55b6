//! What a client has in one process: a queue, a sender, a heartbeat clock, an identity.
//!
//! A fork copies a process's memory but none of its threads, and copies locks in whatever state another thread had
//! them. So a forked child never touches its parent's [`Process`]: it gets a new one, hung behind the old, which is
//! left alone for good.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use crate::agent_info::AgentInfo;
use crate::callbacks::{CallbackExecutor, CallbackJob, HeartbeatReport, HeartbeatSource, ThreadExecutor};
use crate::config::{Config, MAX_BODY_BYTES, MAX_QUEUE_BYTES, Screened};
use crate::event::{Draft, EventType, patch_identity};
use crate::event_identity::{random_id, seeded};
use crate::heartbeat::{HeartbeatClock, Tick};
use crate::logger::Level;
use crate::payload::{JsonWriter, Value};
use crate::queue::{Limits, Pushed, Pushing, Queue};
use crate::sending::Senders;
use crate::stats::Stats;

/// Lines about a full queue come at most this often.
const BETWEEN_OVERFLOW_LINES: Duration = Duration::from_secs(60);

/// What a heartbeat carries when nobody gave it anything.
const BARE_HEARTBEAT: &str = "{\"kind\":\"heartbeat_status\",\"summary\":\"Heartbeat\"}";

/// A sign of life does not wait for other events.
const HEARTBEAT: Pushing<'static> = Pushing { run: None, stamped: false, urgent: true };

pub(crate) struct Process {
    pub(crate) config: Arc<Config>,
    pub(crate) queue: Arc<Queue>,
    senders: Arc<Senders>,
    heartbeats: HeartbeatClock,
    pub(crate) callbacks: Arc<dyn CallbackExecutor>,
    random: Mutex<fastrand::Rng>,
    registered: Mutex<BTreeMap<u64, Arc<AgentInfo>>>,
    last_overflow_line: Mutex<Option<Duration>>,
    pub(crate) instance_id: String,
    /// How many forks lie between the program's first process and this one.
    pub(crate) generation: u32,
    /// Set when the end begins.
    closing: AtomicBool,
    /// Set before the queue is closed, and looked at without its lock.
    closed: AtomicBool,
    /// The process that a fork made of this one, seen only in the child.
    successor: OnceLock<Arc<Process>>,
}

impl Process {
    pub(crate) fn new(config: Arc<Config>) -> Arc<Self> {
        Self::of_generation(config, 1)
    }

    fn of_generation(config: Arc<Config>, generation: u32) -> Arc<Self> {
        let mut random = seeded();
        let limits = Limits {
            max_events: config.max_queue_size,
            max_bytes: MAX_QUEUE_BYTES,
            batch_events: config.batch_size,
            body_bytes: MAX_BODY_BYTES,
            flush_interval: config.flush_interval,
        };
        let queue = Arc::new(Queue::new(limits, config.clock.clone()));
        let instance_id = random_id(&mut random);
        Arc::new(Self {
            senders: Senders::new(config.clone(), queue.clone(), instance_id.clone()),
            queue,
            heartbeats: HeartbeatClock::default(),
            callbacks: match &config.callback_executor {
                Some(make) => make(),
                None => Arc::new(ThreadExecutor::default()),
            },
            instance_id,
            generation,
            random: Mutex::new(random),
            registered: Mutex::default(),
            last_overflow_line: Mutex::default(),
            closing: AtomicBool::new(false),
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
    pub(crate) fn replace_after_fork(self: &Arc<Self>) {
        let current = self.current();
        // Set by nobody else: a child runs one thread when it is forked.
        let _ = current.successor.set(Self::of_generation(self.config.clone(), current.generation.wrapping_add(1)));
    }

    pub(crate) fn random_id(&self) -> String {
        random_id(&mut self.random.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Queues an event, after [`Config::before_send`] has seen it.
    pub(crate) fn submit(self: &Arc<Self>, agent: &Arc<AgentInfo>, mut event: Box<[u8]>, pushing: Pushing<'_>) {
        let Some(before_send) = &self.config.before_send else {
            return self.push(agent, event, pushing);
        };
        if self.is_closed() {
            return;
        }
        let (id, stamp) = self.queue.identity(pushing.run);
        patch_identity(&mut event, &id, &stamp);
        let mut event = event.into_vec();
        match before_send(&mut event) {
            Screened::Keep => self.push(agent, event.into_boxed_slice(), Pushing { stamped: true, ..pushing }),
            Screened::Discard => self.queue.count_filtered(),
            Screened::Failed => self.queue.count_dropped(),
        }
    }

    /// Queues an event, starting the sender if this is the first.
    pub(crate) fn push(self: &Arc<Self>, agent: &Arc<AgentInfo>, event: Box<[u8]>, pushing: Pushing<'_>) {
        if let Pushed::Queued { start_sender, overflowed } = self.queue.push(agent, event, pushing) {
            if start_sender && let Err(error) = self.senders.start() {
                self.queue.sender_failed_to_start();
                self.say(Level::Error, &format!("cannot start the sending thread: {error}"));
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
        if self.registered().insert(agent.key, agent.clone()).is_some() {
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

    fn registered(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<AgentInfo>>> {
        self.registered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes newer callbacks for an agent's heartbeats; gives the old ones, to be dropped where that may run code.
    pub(crate) fn replace_heartbeat_source(
        &self,
        agent: &AgentInfo,
        source: Arc<dyn HeartbeatSource>,
    ) -> Option<Arc<dyn HeartbeatSource>> {
        self.heartbeats.replace_source(agent.key, source)
    }

    /// Ends an agent's heartbeats in this process, without a goodbye: the server will notice.
    pub(crate) fn stop_heartbeats(&self, agent: &AgentInfo, why: &str) {
        if self.heartbeats.stop(agent.key) {
            self.say(Level::Info, &format!("heartbeats of agent {:?} end: {why}", agent.agent_id));
        }
        self.registered().remove(&agent.key);
    }

    /// Ends an agent in this process; says goodbye for it if it leaves nothing open.
    pub(crate) fn close_agent(self: &Arc<Self>, agent: &Arc<AgentInfo>) {
        let was_registered = self.registered().remove(&agent.key).is_some();
        if was_registered {
            self.say_goodbye(agent);
        }
        self.stop_heartbeats(agent, "it was closed");
    }

    fn say_goodbye(self: &Arc<Self>, agent: &Arc<AgentInfo>) {
        if agent.work.is_open(self.generation) {
            return;
        }
        self.emit(agent, EventType::Custom, |out| {
            out.raw("{\"kind\":\"goodbye\",\"summary\":");
            out.string(&format!("Agent {} said goodbye", agent.agent_id));
            out.raw(",\"data\":{}}");
        });
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
                        self.push(&agent, draft.finish(), HEARTBEAT);
                    }
                    Tick::Ask { agent, ticket, source } => {
                        let process = self.clone();
                        self.callbacks.submit(CallbackJob::new(source, move |report| {
                            process.callback_returned(agent.key, ticket, report);
                        }));
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
        let pushing = if event_type == EventType::Heartbeat { HEARTBEAT } else { Pushing::default() };
        self.submit(agent, draft.finish(), pushing);
    }

    pub(crate) fn say(&self, level: Level, line: &str) {
        if level > Level::Debug || self.config.debug {
            self.config.logger.write(level, line);
        }
    }

    /// Ends heartbeats, says goodbye, sends what waits for as long as the time-out allows, and ends the sender.
    ///
    /// A second call does nothing.
    pub(crate) fn shutdown(self: &Arc<Self>, timeout: Duration) -> bool {
        self.begin_shutdown();
        let flushed = self.queue.flush(timeout, true);
        self.finish_shutdown();
        flushed
    }

    /// The first half of [`Process::shutdown`], which waits for nothing.
    pub(crate) fn begin_shutdown(self: &Arc<Self>) {
        self.closing.store(true, Ordering::Release);
        let ended = self.heartbeats.close();
        let agents = std::mem::take(&mut *self.registered());
        for agent in agents.values() {
            self.say_goodbye(agent);
        }
        if ended > 0 {
            let whose = if ended == 1 { "one agent".to_owned() } else { format!("{ended} agents") };
            self.say(Level::Info, &format!("heartbeats of {whose} end: the client is shut down"));
        }
    }

    /// The second half: nothing is taken any more, and what still waits is dropped.
    pub(crate) fn finish_shutdown(&self) {
        if self.closed.swap(true, Ordering::SeqCst) {
            return;
        }
        let left = self.queue.close();
        if left > 0 {
            self.say(Level::Warning, &format!("shut down with {left} events unsent, which are dropped"));
        }
        self.say(Level::Debug, &format!("shut down: {} events sent", self.queue.stats().sent));
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
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
