//! Model calls: lists and totals.

mod groups;
mod list;
mod narrow;

pub(super) use groups::groups;
pub(super) use list::calls;
