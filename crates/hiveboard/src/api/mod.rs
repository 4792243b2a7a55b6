//! Reads, one file a noun. Handlers parse typed parameters, ask the projections or the store, and answer views.

pub mod agents;
pub mod alert_channels;
pub mod alert_rules;
pub mod alerts;
pub mod audit;
pub(crate) mod body;
pub mod cost;
pub mod events;
pub mod export;
pub mod failures;
pub mod health;
pub mod insights;
pub mod interval;
pub mod invitations;
pub mod keys;
pub mod members;
pub mod metrics;
pub mod page;
pub mod params;
pub mod pipeline;
pub mod prices;
pub mod project_agents;
pub mod projects;
mod query_string;
pub mod session;
pub mod sessions;
pub mod sign_in;
pub mod states;
pub mod storage;
pub mod tasks;
pub mod timezone;
pub mod views;
mod words;
pub mod workspaces;

pub use crate::blocking::blocking;
