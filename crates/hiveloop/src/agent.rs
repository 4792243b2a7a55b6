//! An agent: a named worker, its labels, and what it reports outside of tasks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::action::Action;
use crate::callbacks::HeartbeatSource;
use crate::client::Client;
use crate::config::Config;
use crate::event::EventType;
use crate::payload::{Issue, JsonWriter, LlmCall, QueueSnapshot, ToJson, Todo, write_scheduled};
use crate::subject::Subject;
use crate::task::{Task, TaskOptions};

/// Ids and labels are cut to what the server takes, rather than every event of theirs be refused.
const MAX_AGENT_ID_CHARACTERS: usize = 256;

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
}

impl std::fmt::Debug for AgentInfo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("AgentInfo").field("agent_id", &self.agent_id).finish_non_exhaustive()
    }
}

impl AgentInfo {
    pub(crate) fn new(agent_id: &str, options: AgentOptions, config: &Config) -> Self {
        static NEXT_KEY: AtomicU64 = AtomicU64::new(1);
        let agent_id: String = agent_id.chars().take(MAX_AGENT_ID_CHARACTERS).collect();
        let mut out = JsonWriter::new();
        out.raw("{");
        let fields = [
            ("agent_id", agent_id.as_str()),
            ("agent_type", &options.agent_type),
            ("agent_version", options.version.as_deref().unwrap_or("")),
            ("framework", &options.framework),
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
        Self { key: NEXT_KEY.fetch_add(1, Ordering::Relaxed), agent_id, options, envelope_head }
    }

    /// An upper bound for what a body needs around its events.
    pub(crate) fn envelope_bytes(&self) -> usize {
        self.envelope_head.len() + 128
    }
}

/// A handle to an agent. Cheap to clone; all clones are the same agent.
#[derive(Clone)]
pub struct Agent {
    pub(crate) client: Client,
    pub(crate) info: Arc<AgentInfo>,
}

impl Agent {
    /// The agent's id.
    pub fn agent_id(&self) -> &str {
        &self.info.agent_id
    }

    /// Whether both handles are of the same agent of the same client.
    pub fn is_same(&self, other: &Self) -> bool {
        self.info.key == other.info.key
    }

    /// Begins a task, which ends when it is completed, failed, or dropped (then it has failed).
    pub fn task(&self, task_id: &str, options: TaskOptions) -> Task {
        let task = Task::prepare(self, task_id, options);
        task.begin();
        task
    }

    /// Makes a task that begins with [`Task::begin`], or with the first thing reported about it.
    pub fn prepare_task(&self, task_id: &str, options: TaskOptions) -> Task {
        Task::prepare(self, task_id, options)
    }

    /// Begins an action outside of any task.
    pub fn action(&self, name: &str) -> Action {
        self.action_within(None, &Action::describe(name, None))
    }

    /// Begins an action outside of any task, inside of another; `description` comes from [`Action::describe`].
    pub fn action_within(&self, parent_action_id: Option<&str>, description: &str) -> Action {
        Action::start(self.client.clone(), self.info.clone(), None, parent_action_id, description)
    }

    /// The client it belongs to.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Emits any event; of an unknown type as `custom` with `payload.original_type`.
    pub fn event(&self, event_type: &str, payload: &serde_json::Value) {
        self.subject().named(event_type, payload);
    }

    /// Records a call of a language model outside of any task.
    pub fn llm_call<V: ToJson>(&self, call: &LlmCall<V>) {
        let previews = self.client.config().capture_previews;
        self.subject().emit(EventType::Custom, |out| call.write(out, previews));
    }

    /// Reports the state of the work queue.
    pub fn queue_snapshot<V: ToJson>(&self, snapshot: &QueueSnapshot<V>) {
        self.subject().emit(EventType::Custom, |out| snapshot.write(out));
    }

    /// Reports a step in the life of a to-do.
    pub fn todo<V: ToJson>(&self, todo: &Todo<V>) {
        self.subject().emit(EventType::Custom, |out| todo.write(out));
    }

    /// Reports recurring work: a list of `{id, name, next_run, interval, enabled, last_status}`.
    pub fn scheduled<V: ToJson>(&self, items: &V, count: usize) {
        self.subject().emit(EventType::Custom, |out| write_scheduled(out, items, count));
    }

    /// Reports or resolves an issue.
    pub fn issue<V: ToJson>(&self, issue: &Issue<V>) {
        self.subject().emit(EventType::Custom, |out| issue.write(out));
    }

    /// Ends the agent's heartbeats in this process, as when the worker itself has ended.
    pub fn stop_heartbeats(&self) {
        self.client.process().stop_heartbeats(&self.info);
    }

    /// Whom an event of the agent itself is about.
    pub fn subject(&self) -> Subject<'_> {
        Subject::of_agent(&self.client, &self.info)
    }
}
