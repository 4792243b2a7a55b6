//! What is known of an agent: its labels, and how much it is at work. No locks: a forked child uses it as it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::callbacks::HeartbeatSource;
use crate::config::Config;
use crate::payload::JsonWriter;

/// Ids and labels are cut to what the server takes, rather than every event of theirs be refused.
pub(crate) const MAX_ID_CHARACTERS: usize = 256;

/// An id or a label as far as the server takes it.
pub(crate) fn cut_to_id(text: &str) -> &str {
    match text.char_indices().nth(MAX_ID_CHARACTERS) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// What to know about an agent when it is registered.
#[derive(Clone)]
pub struct AgentOptions {
    /// Classification, shown on the agent's card.
    pub agent_type: String,
    /// The agent's version.
    pub version: Option<String>,
    /// The framework it is made with.
    pub framework: String,
    /// Time between heartbeats; `None` for none.
    pub heartbeat_interval: Option<Duration>,
    /// Silence after which the server calls the agent stuck, in seconds.
    pub stuck_threshold_seconds: f64,
    /// Gives each heartbeat its payload and the state of the queue.
    pub heartbeat_source: Option<Arc<dyn HeartbeatSource>>,
}

impl Default for AgentOptions {
    fn default() -> Self {
        Self {
            agent_type: "general".to_owned(),
            version: None,
            framework: "custom".to_owned(),
            heartbeat_interval: Some(Duration::from_secs(30)),
            stuck_threshold_seconds: 300.0,
            heartbeat_source: None,
        }
    }
}

/// What is the same for an agent in every process that emits for it.
pub(crate) struct AgentInfo {
    /// Counts up within the program.
    pub(crate) key: u64,
    pub(crate) agent_id: String,
    pub(crate) options: AgentOptions,
    /// `{"agent_id":…` up to where the process's own fields follow.
    pub(crate) envelope_head: String,
    pub(crate) work: Work,
}

impl std::fmt::Debug for AgentInfo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("AgentInfo").field("agent_id", &self.agent_id).finish_non_exhaustive()
    }
}

impl AgentInfo {
    pub(crate) fn new(agent_id: &str, options: AgentOptions, config: &Config) -> Self {
        static NEXT_KEY: AtomicU64 = AtomicU64::new(1);
        let agent_id = cut_to_id(agent_id).to_owned();
        let mut out = JsonWriter::new();
        out.raw("{");
        let fields = [
            ("agent_id", agent_id.as_str()),
            ("agent_type", cut_to_id(&options.agent_type)),
            ("agent_version", cut_to_id(options.version.as_deref().unwrap_or(""))),
            ("framework", cut_to_id(&options.framework)),
            ("runtime", &config.runtime),
            ("sdk_version", &config.sdk_version),
            ("environment", &config.environment),
            ("group", &config.group),
        ];
        for (name, text) in fields.into_iter().filter(|(_, text)| !text.is_empty()) {
            out.key(name);
            out.string(text);
        }
        let envelope_head = String::from_utf8(out.into_bytes()).expect("the writer writes only whole characters");
        Self { key: NEXT_KEY.fetch_add(1, Ordering::Relaxed), agent_id, options, envelope_head, work: Work::default() }
    }

    /// An upper bound for what a body needs around its events.
    pub(crate) fn envelope_bytes(&self) -> usize {
        self.envelope_head.len() + 128
    }
}

/// How much an agent is at work in this process: open tasks and actions, and when it last did anything.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// How many are open (lower half), as counted by the process of this generation (upper half): what was open in
    /// the parent at a fork is not the child's.
    open: AtomicU64,
    did_any: AtomicBool,
    /// When it last did something, in microseconds of the client's monotonic clock.
    last_micros: AtomicU64,
}

impl Work {
    /// Notes that the agent did something.
    pub(crate) fn note(&self, now: Duration) {
        self.last_micros.store(now.as_micros() as u64, Ordering::Relaxed);
        self.did_any.store(true, Ordering::Release);
    }

    /// Notes that a task or an action has begun.
    pub(crate) fn begin(&self, generation: u32) {
        self.count(generation, |open| open.saturating_add(1));
    }

    /// Notes that one has ended.
    pub(crate) fn end(&self, generation: u32) {
        self.count(generation, |open| open.saturating_sub(1));
    }

    fn count(&self, generation: u32, change: impl Fn(u32) -> u32) {
        let own = u64::from(generation) << 32;
        let changed = |state: u64| {
            let open = if state >> 32 == u64::from(generation) { state as u32 } else { 0 };
            Some(own | u64::from(change(open)))
        };
        // The closure always gives a value, so the update cannot fail.
        let _ = self.open.fetch_update(Ordering::AcqRel, Ordering::Acquire, changed);
    }

    /// Whether a task or an action is open in the process of this generation.
    pub(crate) fn is_open(&self, generation: u32) -> bool {
        let state = self.open.load(Ordering::Acquire);
        state >> 32 == u64::from(generation) && state as u32 > 0
    }

    /// How long it has done nothing; `None` if it never did anything.
    pub(crate) fn idle_for(&self, now: Duration) -> Option<Duration> {
        let last = Duration::from_micros(self.last_micros.load(Ordering::Relaxed));
        self.did_any.load(Ordering::Acquire).then(|| now.saturating_sub(last))
    }
}
