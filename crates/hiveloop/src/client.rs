//! The client: where agents are registered, and what all of them share.

use std::sync::Arc;
use std::time::Duration;

use crate::agent::{Agent, AgentInfo, AgentOptions};
use crate::callbacks::CallbackExecutor;
use crate::config::{Config, ConfigError};
use crate::journal::Level;
use crate::process::Process;
use crate::stats::Stats;
use crate::transport;

/// A client. Cheap to clone; all clones are the same client.
///
/// After it is made, nothing it does fails, blocks or grows: see [`crate`].
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Client").field(&self.shared.config).finish()
    }
}

struct Shared {
    config: Arc<Config>,
    first: Arc<Process>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Without this, the threads would live on for nobody.
        self.first.current().shutdown(Duration::ZERO);
    }
}

impl Client {
    /// Makes a client. Nothing is sent, and no thread started, before the first event.
    ///
    /// # Errors
    /// A setting cannot work: see [`ConfigError`].
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.validate()?;
        transport::check_ca_file(&config)?;
        let config = Arc::new(config);
        let first = Process::new(config.clone());
        first.say(Level::Debug, &format!("events go to {}", config.ingest_url()));
        Ok(Self { shared: Arc::new(Shared { config, first }) })
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    pub(crate) fn process(&self) -> &Arc<Process> {
        self.shared.first.current()
    }

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

    /// Whether nothing is emitted: switched off by the settings, or shut down in this process.
    pub fn is_silent(&self) -> bool {
        self.shared.config.disabled || self.process().is_closed()
    }

    /// Queues an event.
    pub(crate) fn submit(&self, agent: &Arc<AgentInfo>, event: Box<[u8]>) {
        self.process().submit(agent, event);
    }

    /// Sends what is queued now, and waits until each event is accepted, rejected or dropped.
    ///
    /// Returns whether that happened within the time-out.
    pub fn flush(&self, timeout: Duration) -> bool {
        self.process().queue.flush(timeout, false)
    }

    /// Sends what is queued for at most this long, then ends the client: later calls do nothing.
    ///
    /// Returns whether everything queued at the call met its end.
    pub fn shutdown(&self, timeout: Duration) -> bool {
        self.process().shutdown(timeout)
    }

    /// Whether [`Client::shutdown`] was called in this process.
    pub fn is_closed(&self) -> bool {
        self.process().is_closed()
    }

    /// What was done so far in this process.
    pub fn stats(&self) -> Stats {
        self.process().stats()
    }

    /// What runs heartbeat callbacks in this process.
    pub fn callback_executor(&self) -> Arc<dyn CallbackExecutor> {
        self.process().callbacks.clone()
    }

    /// Writes a line to the journal; debug lines only when `debug` is on.
    pub fn say(&self, level: Level, line: &str) {
        self.process().say(level, line);
    }

    /// This process's identity as the server sees it.
    pub fn instance_id(&self) -> &str {
        &self.process().instance_id
    }

    /// Must be called in a forked child before anything else of this crate.
    ///
    /// The child gets a queue, threads, a connection and ids of its own. What the parent had queued is the parent's to
    /// send; its agents' heartbeats go on in the parent, and in the child once they are registered there.
    pub fn after_fork_child(&self) {
        self.shared.first.succeed();
    }
}
