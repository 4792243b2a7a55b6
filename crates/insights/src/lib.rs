//! Insights as pure functions over typed aggregates.
