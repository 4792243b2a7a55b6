//! The client: where agents are registered, and what all of them share.

use std::sync::Arc;
use std::time::Duration;

use crate::agent_info::AgentInfo;
use crate::callbacks::CallbackExecutor;
use crate::config::{Config, ConfigError};
use crate::logger::Level;
use crate::process::Process;
use crate::queue::Pushing;
use crate::sending::{proxy, transport};
use crate::stats::Stats;

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
    pub fn new(mut config: Config) -> Result<Self, ConfigError> {
        let changes = config.clamp();
        config.validate()?;
        transport::check_ca_file(&config)?;
        // Asked here, not by the threads: a program may change its environment while they run.
        let variable = |name: &str| std::env::var(name).ok();
        config.proxy = match config.proxy.take() {
            Some(given) => Some(given).filter(|given| !given.trim().is_empty()),
            None => proxy::proxy_for(&config.ingest_url(), variable),
        };
        let unusable = config.proxy.take_if(|given| !transport::is_proxy(given));
        let config = Arc::new(config);
        let first = Process::new(config.clone());
        for change in changes {
            first.say(Level::Warning, &change);
        }
        if let Some(given) = unusable {
            let given = crate::payload::scrubbed(&given);
            first.say(
                Level::Warning,
                &format!("the proxy {given:?} cannot be used: name one like http://host:3128 or socks5://host:1080. Events go to the server directly"),
            );
        }
        let way = if config.proxy.is_some() { ", by a proxy" } else { "" };
        let url = config.ingest_url();
        first.say(Level::Debug, &format!("events go to {}{way}", crate::payload::scrubbed(&url)));
        Ok(Self { shared: Arc::new(Shared { config, first }) })
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    pub(crate) fn process(&self) -> &Arc<Process> {
        self.shared.first.current()
    }

    /// Whether nothing is emitted: switched off by the settings, or shut down in this process.
    pub fn is_silent(&self) -> bool {
        self.shared.config.disabled || self.process().is_closed()
    }

    /// Queues an event.
    pub(crate) fn submit(&self, agent: &Arc<AgentInfo>, event: Box<[u8]>, pushing: Pushing<'_>) {
        self.process().submit(agent, event, pushing);
    }

    /// Sends what is queued now, and waits until each event is accepted, rejected or dropped.
    ///
    /// Returns whether that happened within the time-out.
    pub fn flush(&self, timeout: Duration) -> bool {
        self.process().queue.flush(timeout, false)
    }

    /// The first half of [`Client::flush`], which waits for nothing: gives what to hand to [`Client::wait_for`].
    pub fn begin_flush(&self) -> u64 {
        self.process().queue.begin_flush(false)
    }

    /// The other half of [`Client::flush`], which may be called again and again; `None` when it may yet happen.
    pub fn wait_for(&self, flush: u64, timeout: Duration) -> Option<bool> {
        self.process().queue.wait_for(flush, timeout, self.process().is_closing())
    }

    /// The first half of [`Client::shutdown`], which waits for nothing; as with [`Client::begin_flush`].
    pub fn begin_shutdown(&self) -> u64 {
        let process = self.process();
        process.begin_shutdown();
        process.queue.begin_flush(true)
    }

    /// The last half of [`Client::shutdown`]: what still waits is dropped.
    pub fn finish_shutdown(&self) {
        self.process().finish_shutdown();
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

    /// Writes a line to the logger; debug lines only when `debug` is on.
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
        self.shared.first.replace_after_fork();
    }
}
