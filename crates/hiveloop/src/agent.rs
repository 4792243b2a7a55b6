//! An agent: a named worker, and what it reports outside of tasks.

use std::sync::Arc;

use crate::agent_info::{AgentInfo, AgentOptions};
use crate::callbacks::HeartbeatSource;
use crate::client::Client;
use crate::event::EventType;
use crate::payload::{Issue, LlmCall, QueueSnapshot, ToJson, Todo, write_scheduled};
use crate::subject::Subject;

impl Client {
    /// Makes a handle to an agent without registering it; see [`Client::register`].
    pub fn unregistered_agent(&self, agent_id: &str, options: AgentOptions) -> Agent {
        Agent { client: self.clone(), info: Arc::new(AgentInfo::new(agent_id, options, self.config())) }
    }

    /// Registers an agent in this process, once, and starts its heartbeats.
    pub fn register(&self, agent: &Agent) {
        if !self.is_silent() {
            self.process().register(&agent.info);
        }
    }

    /// Makes an agent and registers it.
    pub fn agent(&self, agent_id: &str, options: AgentOptions) -> Agent {
        let agent = self.unregistered_agent(agent_id, options);
        self.register(&agent);
        agent
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

    /// Says goodbye and ends the agent's heartbeats in this process, as when the worker itself has ended.
    ///
    /// No goodbye is said while a task or an action of the agent is open. What is reported later still arrives.
    pub fn close(&self) {
        if !self.client.is_silent() {
            self.client.process().close_agent(&self.info);
        }
    }

    /// Ends the agent's heartbeats in this process without a word to the server, which notices by itself.
    pub fn stop_heartbeats(&self, why: &str) {
        self.client.process().stop_heartbeats(&self.info, why);
    }

    /// Whether it has worked, and then had nothing open for longer than the time between its heartbeats.
    pub fn has_rested(&self) -> bool {
        let generation = self.client.process().generation;
        let Some(interval) = self.info.options.heartbeat_interval else { return false };
        let work = &self.info.work;
        !work.is_open(generation)
            && work.idle_for(self.client.config().clock.monotonic()).is_some_and(|idle| idle > interval)
    }

    /// What it was registered as.
    pub fn options(&self) -> &AgentOptions {
        &self.info.options
    }

    /// Asks newer callbacks at heartbeats; gives the old ones.
    pub fn replace_heartbeat_source(&self, source: Arc<dyn HeartbeatSource>) -> Option<Arc<dyn HeartbeatSource>> {
        self.client.process().replace_heartbeat_source(&self.info, source)
    }

    /// Whom an event of the agent itself is about.
    pub fn subject(&self) -> Subject<'_> {
        Subject::of_agent(&self.client, &self.info)
    }
}
