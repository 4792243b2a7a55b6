//! Model calls: lists and totals.

mod cover;
mod groups;
mod list;
mod predicate;
mod text;

pub(super) use groups::groups;
#[cfg(test)]
pub(super) use list::blocks_statement;
pub(super) use list::calls;
pub(super) use predicate::{CallPredicate, KeptSums, one_view};
