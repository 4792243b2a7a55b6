//! The embedded store: one SQLite file a day of arrival, projections beside them.
//!
//! ```text
//! ev-YYYYMMDD.db   events of a day (UTC, by arrival), with all that is needed to read them; one fsynced commit an append
//! meta.db          projection rows and their watermark: may be thrown away
//! lock             held while a server runs
//! ```
//! Events lie in compressed blocks ([`block`]); a row ([`row`]) beside each says what is inside, and references lead to the blocks of an
//! agent, a task, or something rare. Model calls and failures have rows of their own, for figures. The way in is [`writer`]; the ways out are
//! [`events`], [`calls`], [`failures`] and [`replay`].

mod block;
mod calls;
mod catalog;
mod check;
mod day;
mod dedup;
mod dictionary;
mod error;
mod events;
mod failures;
mod files;
mod keys;
mod maintain;
mod plan;
#[cfg(test)]
mod plan_tests;
mod projections;
mod reader;
mod replay;
mod retire;
mod row;
mod schema;
mod store;
mod varint;
mod writer;

pub use store::SqliteStore;
