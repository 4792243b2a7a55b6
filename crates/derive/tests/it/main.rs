//! The projections as the server sees them.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod board;
mod figures;
mod forgetting;
mod lists;
mod order;
mod pipeline;
mod status;
mod web_fixtures;
