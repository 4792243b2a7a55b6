//! The HiveBoard server.
//!
//! The way of an event, from top to bottom: [`router`] (every route) → [`auth`] (who asks) → [`ingest`] (a body becomes events) →
//! [`pipeline`] (durable, folded, answered, published) → [`derived`] (what is known now) → [`api`] (reads) and [`live`] (pushes).

pub mod api;
pub mod app;
mod assets;
pub mod auth;
pub mod cli;
pub mod config;
pub mod derived;
mod enter;
pub mod error;
mod ingest;
mod jobs;
pub mod limits;
pub mod live;
pub mod openapi;
pub mod pipeline;
pub mod pricing;
mod projects;
pub mod router;
pub mod server;
pub mod telemetry;
mod unread;
