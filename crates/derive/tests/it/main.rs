//! The projections as the server sees them.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod board;
mod failures;
mod figures;
mod forgetting;
mod lists;
mod order;
mod pipeline;
mod states;
mod status;
mod web_fixtures;
