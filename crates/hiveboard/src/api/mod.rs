//! Reads, one file a noun. Handlers parse typed parameters, ask the projections or the store, and answer views.

pub mod agents;
pub mod cost;
pub mod events;
pub mod export;
pub mod health;
pub mod insights;
pub mod interval;
pub mod keys;
pub mod metrics;
pub mod page;
pub mod params;
pub mod pipeline;
pub mod prices;
pub mod projects;
mod query_string;
pub mod session;
pub mod storage;
pub mod tasks;
pub mod timezone;

pub use crate::blocking::blocking;
