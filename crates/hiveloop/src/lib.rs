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
//! ```
//! use hiveloop::{AgentOptions, Client, Config, LlmCall, TaskOptions};
//! use std::time::Duration;
//!
//! let mut config = Config::new("hb_live_0123456789abcdef0123456789abcdef");
//! config.endpoint = "http://localhost:8000".into();
//! # config.disabled = true;
//! let client = Client::new(config)?;
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
//! `examples/agent.rs` is a whole agent.
//!
//! # Tasks and actions
//!
//! A [`Task`] begins when it is made and ends by [`Task::complete`], [`Task::fail`] or [`Task::fail_with`]; an [`Action`] is a
//! step in it, and nests by [`Action::action`]. Handles are values: pass them to whoever works on the task, also into other
//! threads and futures; nothing is found by the thread it runs on. One that is dropped before its end is reported as
//! failed, so that an early return with `?`, a cancelled future and a panic are all seen:
//!
//! ```
//! # use hiveloop::{Agent, TaskOptions};
//! fn enrich(agent: &Agent, lead: &str) -> Result<u16, std::num::ParseIntError> {
//!     let task = agent.task(lead, TaskOptions::default());
//!     let look_up = task.action("look_up");
//!     let port = "80".parse::<u16>()?; // an error here would end both as failed
//!     look_up.set_payload(&serde_json::json!({"port": port}));
//!     look_up.complete();
//!     task.complete();
//!     Ok(port)
//! }
//! # let mut config = hiveloop::Config::new("hb_test_0123456789abcdef0123456789abcdef");
//! # config.disabled = true;
//! # let agent = hiveloop::Client::new(config)?.agent("enricher", hiveloop::AgentOptions::default());
//! # assert_eq!(enrich(&agent, "lead-4801"), Ok(80));
//! # Ok::<(), hiveloop::ConfigError>(())
//! ```
//!
//! # What the board shows besides
//!
//! ```
//! # use hiveloop::{Agent, Issue, PlanStep, QueueSnapshot, Task, Todo};
//! # use serde_json::json;
//! # fn tell(agent: &Agent, task: &Task) {
//! task.plan(Some("Process the lead"), &["Score it", "Enrich it"], None);
//! task.plan_step(&PlanStep::new(0, "completed").summary("Scored 87").turns(1).tokens(2500));
//! let data = json!({"attempt": 2, "backoff_seconds": 4.0});
//! task.event("retry_started", &json!({"summary": "The API timed out", "data": data}));
//! task.event("escalated", &json!({"summary": "Needs a senior", "data": {"assigned_to": "senior-support"}}));
//! task.event("approval_requested", &json!({"summary": "A credit of $500", "data": {"approver": "support-lead"}}));
//! task.event("approval_received", &json!({"summary": "Credit given", "data": {"decision": "approved"}}));
//!
//! agent.queue_snapshot(&QueueSnapshot::new(12).oldest_age_seconds(3.5));
//! agent.todo(&Todo::new("faq", "created", "Add the new product to the FAQ").priority("normal"));
//! agent.issue(&Issue::reported("CRM times out").severity("high").issue_id("crm"));
//! agent.issue(&Issue::resolved("CRM is back").issue_id("crm"));
//! # }
//! # let mut config = hiveloop::Config::new("hb_test_0123456789abcdef0123456789abcdef");
//! # config.disabled = true;
//! # let agent = hiveloop::Client::new(config)?.agent("teller", hiveloop::AgentOptions::default());
//! # tell(&agent, &agent.task("lead-4801", hiveloop::TaskOptions::default()));
//! # Ok::<(), hiveloop::ConfigError>(())
//! ```
//!
//! # Heartbeats
//!
//! Every agent sends one each [`AgentOptions::heartbeat_interval`], from one timer for all. A [`HeartbeatSource`] adds a
//! payload and the state of a queue; it runs on a thread apart and may be slow, then the heartbeat goes out without it.
//!
//! # Asynchronous programs
//!
//! No call waits, so all may be made from futures. [`Client::flush`] and [`Client::shutdown`] do wait: call them where
//! blocking is allowed, such as tokio's `spawn_blocking`. The client needs no runtime.
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
mod agent_info;
mod callbacks;
mod client;
mod clock;
mod config;
mod delivery;
mod event;
mod event_identity;
mod heartbeat;
mod logger;
mod outcome;
mod payload;
mod process;
mod queue;
mod sending;
mod stats;
mod subject;
mod task;

pub use action::Action;
pub use agent::Agent;
pub use agent_info::AgentOptions;
pub use callbacks::{CallbackExecutor, CallbackJob, HeartbeatReport, HeartbeatSource};
pub use client::Client;
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{
    BeforeSend, Config, ConfigError, DEFAULT_ENDPOINT, MAX_BATCH_EVENTS, MAX_BODY_BYTES, MAX_QUEUE_BYTES, MakeExecutor,
    Screened,
};
pub use delivery::RetryPolicy;
pub use event::EventType;
pub use logger::{Level, LogFacade, Logger};
pub use outcome::{Failure, Outcome};
pub use payload::{
    ExtraFields, Issue, JsonWriter, LlmCall, MAX_NESTING, MAX_PAYLOAD_BYTES, PlanStep, QueueSnapshot, ToJson, Todo,
    Value, scrubbed,
};
pub use stats::Stats;
pub use subject::Subject;
pub use task::{Task, TaskOptions};
