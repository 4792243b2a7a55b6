//! Observability for AI agents: the client of HiveBoard.
//!
//! An agent tells what it does, and the client carries it to the server. Three promises hold whatever happens:
//!
//! - **It never fails.** Only [`Client::new`] can return an error. A server that is down, a value that cannot be
//!   written, a callback that panics: each costs at most what it is about.
//! - **It never blocks.** Calls write an event into memory; one plain thread sends. Only [`Client::flush`] and
//!   [`Client::shutdown`] wait, for as long as they are told.
//! - **It never grows.** Queues are bounded in events and in bytes; beyond, the oldest events go, and are counted.
//!
//! ```no_run
//! use hiveloop::{AgentOptions, Client, Config, LlmCall, TaskOptions};
//! use std::time::Duration;
//!
//! let client = Client::new(Config::new("hb_live_0123456789abcdef0123456789abcdef"))?;
//! let agent = client.agent("lead-qualifier", AgentOptions::default());
//!
//! let task = agent.task("lead-4801", TaskOptions { project: Some("sales".into()), ..Default::default() });
//! let action = task.action("score_lead");
//! task.llm_call(&LlmCall::new("scoring", "claude-sonnet-4-20250514").tokens_in(1500).tokens_out(200).cost(0.003));
//! action.complete();
//! task.complete();
//!
//! client.shutdown(Duration::from_secs(5));
//! # Ok::<(), hiveloop::ConfigError>(())
//! ```
//!
//! # How an event travels
//!
//! A call writes the event's JSON into a buffer of its thread, and the queue sets its id and its strictly increasing
//! time stamp at the moment it takes it in. A batch leaves when an agent has `batch_size` events or when the oldest
//! has waited for `flush_interval`. What cannot be delivered goes back in front of the queue, under the same ids, so
//! that the server stores each event once; see [`RetryPolicy`] for when it is tried again.
//!
//! # Forks
//!
//! A process that forks calls [`Client::after_fork_child`] first thing in the child.

mod action;
mod agent;
mod callbacks;
mod client;
mod clock;
mod config;
mod event;
mod heartbeat;
mod journal;
mod payload;
mod process;
mod queue;
mod sending;
mod stamp;
mod stats;
mod subject;
mod task;
mod transport;

pub use action::Action;
pub use agent::{Agent, AgentOptions};
pub use callbacks::{CallbackExecutor, CallbackJob, HeartbeatReport, HeartbeatSource};
pub use client::Client;
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{
    BeforeSend, Config, ConfigError, DEFAULT_ENDPOINT, MAX_BATCH_EVENTS, MAX_BODY_BYTES, MAX_QUEUE_BYTES, MakeExecutor,
    Screened,
};
pub use event::EventType;
pub use journal::{FacadeJournal, Journal, Level};
pub use payload::{ExtraFields, Issue, JsonWriter, LlmCall, MAX_NESTING, PlanStep, QueueSnapshot, ToJson, Todo, Value};
pub use sending::RetryPolicy;
pub use stats::Stats;
pub use subject::Subject;
pub use task::{Failure, Task, TaskOptions};
