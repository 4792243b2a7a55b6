//! The embedded store: one SQLite file a day of arrival, projections beside them.
//!
//! ```text
//! ev-YYYYMMDD.db   events of a day (UTC, by arrival), with all that is needed to read them; one fsynced commit an append
//! ev-….search      where in a day a text may stand: may be thrown away
//! meta.db          projection rows and their watermark: may be thrown away
//! lock             held while a server runs
//! ```
//! Events lie in compressed blocks ([`block`]); a row ([`row`]) beside each says what is inside, and references lead to the blocks of an
//! agent, a task, or something rare. Model calls and failures have rows of their own, for figures. The way in is [`writer`]; the ways out are
//! [`events`], [`calls`], [`failures`] and [`replay`].

mod backup;
mod beside;
mod block;
mod calls;
mod catalog;
mod check;
mod compact;
mod compression;
mod damage;
mod day;
mod dedup;
mod dictionary;
mod error;
mod events;
mod failures;
mod files;
mod find;
pub(crate) mod fuzzing;
mod keys;
mod log_check;
mod maintain;
mod plan;
#[cfg(test)]
mod plan_tests;
mod projections;
mod reader;
mod recent;
mod replay;
mod reprice;
mod rescue;
mod retire;
mod row;
mod salvage;
mod schema;
mod search;
mod store;
mod usage;
mod varint;
mod writer;
mod zones;

pub use backup::{BackedUp, Backup, backup, restore};
pub use beside::EventsBeside;
pub use check::{Checked, check};
pub use damage::damages;
pub use files::{free_bytes, user_of};
pub use reprice::{Repriced, Repricing, reprice};
pub use store::SqliteStore;
