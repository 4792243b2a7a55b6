//! A client of this server's own API, for the commands that ask a server and for assistants.
//!
//! Answers are read as they come: what a newer server says beyond what is known here is passed on, never dropped.

pub mod answers;
pub(crate) mod client;
mod fault;
pub mod follow;
pub mod links;
mod local;
mod numbers;
pub mod profiles;
mod query;
pub mod stream;
mod target;

pub(crate) use self::target::address;
pub use self::{
    client::{Client, Listed},
    fault::{Fault, exit},
    local::{AddressNote, LocalServer, announce_locally, board_of, reached_at, server_of},
    query::Query,
    target::{Asked, Origin, Target},
};
