//! Model calls: lists and totals.

mod groups;
mod list;
mod predicate;

pub(super) use groups::groups;
#[cfg(test)]
pub(super) use list::blocks_statement;
pub(super) use list::calls;

const MINUTE: i64 = 60_000_000;

/// Widths for which sums are kept, µs, each a multiple of the next: for windows of weeks, days, and hours.
pub(super) const GRAINS: [i64; 3] = [360 * MINUTE, 60 * MINUTE, 15 * MINUTE];
