//! The HiveBoard server.
//!
//! The way of an event, from top to bottom: [`router`] (every route) → [`auth`] (who asks) → [`ingest`] (a body becomes events) →
//! [`write_path`] (durable, folded, answered, published) → [`derived`] (what is known now) → [`api`] (reads) and [`live`] (pushes).

pub mod alerts;
pub mod api;
pub mod app;
mod assets;
pub mod audit;
pub mod auth;
mod blocking;
pub mod caller;
pub mod cli;
pub mod clock;
pub mod cluster;
mod cold_cache;
pub mod config;
pub mod derived;
mod docs;
pub mod door;
mod drain_body;
pub mod error;
#[doc(hidden)]
pub mod fuzzing;
mod id_by_query;
pub mod ingest;
pub mod insights;
pub mod intake;
mod jobs;
pub mod limits;
pub mod live;
mod login;
pub mod mcp;
mod moved;
pub mod node;
pub mod openapi;
mod origin;
mod password;
pub mod permission;
pub mod pricing;
mod private_file;
pub mod project_aliases;
mod project_reads;
pub mod publisher;
pub mod rate;
mod reception;
pub mod remote;
mod request_id;
mod request_log;
pub mod retention;
pub mod router;
mod serve;
pub mod server;
pub mod share;
pub mod startup;
pub mod stories;
pub mod supervisor;
pub mod telemetry;
pub mod terminal;
pub mod tls;
pub mod write_path;
