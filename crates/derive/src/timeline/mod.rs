//! The story of one run, built from its events in any order and in whatever part they arrived.

mod actions;
mod breakdown;
mod chains;
mod plan;
mod retries;
mod spans;
mod steps;
mod story;
#[cfg(test)]
mod story_tests;
#[cfg(test)]
mod tests;
mod tree;

use hiveboard_wire::{Body, OrderKey, StoredEvent, Timestamp};

use crate::view::{TaskStatus, TaskView, TimelineView};
pub use spans::CallCosts;
pub use story::{EventsPage, Story};

/// An event with its typed payload and its place.
#[derive(Debug)]
struct Moment {
    key: OrderKey,
    body: Body,
    stored: StoredEvent,
}

impl Moment {
    fn new(stored: StoredEvent) -> Self {
        let body = stored.event.body();
        Self { key: stored.event.order_key(&body), body, stored }
    }

    fn at(&self) -> Timestamp {
        self.key.timestamp
    }
}

/// Where the run begins and ends, for what lasts until its end.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: Timestamp,
    until: Timestamp,
    /// It goes on: neither ended nor stuck.
    running: bool,
}

impl Span {
    fn of(task: &TaskView, now: Timestamp) -> Self {
        let running = !task.derived_status.is_ended() && task.derived_status != TaskStatus::Stuck;
        let until = task.completed_at.unwrap_or(if running { now.max(task.last_event_at) } else { task.last_event_at });
        Self { from: task.started_at, until, running }
    }
}

/// Puts a run's events in order and works out what they add up to: all of it, on one page.
///
/// `task` are the run's figures, `runs` runs of the task for the picker, `events` those of this run alone, each once.
pub fn build(task: TaskView, runs: Vec<TaskView>, events: Vec<StoredEvent>, now: Timestamp) -> TimelineView {
    let mut story = Story::default();
    story.append(events, CallCosts::new());
    let total = runs.len() as u64;
    story.timeline(task, (runs, total), EventsPage::First { limit: usize::MAX }, now).0
}
