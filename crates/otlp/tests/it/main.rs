//! OpenTelemetry as it comes, and what the board says of it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod board;
mod captures;
mod made;
