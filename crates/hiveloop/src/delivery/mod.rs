//! What became of a batch, and what follows from it: no connection, no clock, no lock.

mod answer;
mod retry;

pub(crate) use answer::{Answer, Reply};
pub use retry::RetryPolicy;
pub(crate) use retry::{Hold, Schedule, Verdict};
