//! The store on ClickHouse: the events of one partition of a cluster's scopes, in databases that operators know.
//!
//! ```text
//! events                         one row an event, by scope and place; a ClickHouse partition for each partition and day of arrival
//! projections_PARTITION_EPOCH    rows of the projections of one owner of a partition
//! heads, schema_steps            the last place given away; what was done to the schema
//! ```
//! Everything is safe to do twice: an event has one key for ever, so that storing it again changes nothing. Nothing is summed up ahead. The way in is
//! [`writer`]; the ways out are [`events`], [`calls`], [`figures`] and [`replay`].

mod admin;
mod calls;
mod days;
mod error;
mod events;
mod figures;
mod held;
mod known;
mod lookup;
mod migrate;
mod options;
mod projections;
mod replay;
mod rows;
mod schema;
mod server;
mod sql;
mod store;
mod writer;

pub use held::{epochs, is_used, scopes};
pub use migrate::{Migrated, copy, differences};
pub use options::ClickHouseOptions;
pub use schema::{Pong, head, make, ping, statements};
pub use store::ClickHouseStore;
