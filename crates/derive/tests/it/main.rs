//! The projections as the server sees them.

mod board;
mod figures;
mod lists;
mod order;
mod pipeline;
mod status;
