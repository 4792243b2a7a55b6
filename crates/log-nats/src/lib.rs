//! The log of a cluster, on NATS `JetStream`.
//!
//! [`Log`] takes batches and gives them back in order, a stream a partition; [`Leases`] says who lives and lets each partition have one owner at
//! a time; [`SettingsLog`] carries the settings' changes to every node. Everything is async on tokio but [`SettingsLog`], whose callers block.
//!
//! A [`Position`](hiveboard_store::Position) is the place of a message in its partition's stream and the place of the event in its message: see
//! [`place`]. So it follows from the log alone, and is the same after any replay.

mod connection;
mod error;
mod follower;
mod layout;
mod leases;
mod log;
pub mod message;
mod names;
mod options;
pub mod place;
mod publish;
mod restore;
mod settings_log;

pub use error::{LogError, Result};
pub use follower::Follower;
pub use layout::Beside;
pub use leases::{Duties, Duty, Lease, Leases, Node, Owner, Plan, balance};
pub use log::{Extent, Gap, Left, Log};
pub use names::partition_of;
pub use options::{Access, NatsOptions};
pub use restore::restore;
pub use settings_log::SettingsLog;
