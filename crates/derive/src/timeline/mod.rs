//! The story of one run, built from its events in any order and in whatever part they arrived.

mod actions;
mod breakdown;
mod chains;
mod plan;
#[cfg(test)]
mod tests;

use hiveboard_wire::{Body, OrderKey, StoredEvent, Timestamp};

use crate::{
    InvalidCursor,
    view::{EventRow, TaskStatus, TaskView, TimelineView},
};

/// An event with its typed payload and its place.
struct Moment {
    key: OrderKey,
    body: Body,
    stored: StoredEvent,
}

impl Moment {
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

/// Puts a run's events in order and works out what they add up to.
///
/// `task` are the run's figures, `runs` all runs of the task for the picker, `events` those of this run alone, each once.
pub fn build(task: TaskView, runs: Vec<TaskView>, events: Vec<StoredEvent>, now: Timestamp) -> TimelineView {
    let mut moments: Vec<Moment> = events
        .into_iter()
        .map(|stored| {
            let body = stored.event.body();
            Moment { key: stored.event.order_key(&body), body, stored }
        })
        .collect();
    moments.sort_by(|a, b| a.key.cmp(&b.key));
    let running = !task.derived_status.is_ended() && task.derived_status != TaskStatus::Stuck;
    let span = Span {
        from: task.started_at,
        until: task.completed_at.unwrap_or(if running { now.max(task.last_event_at) } else { task.last_event_at }),
        running,
    };
    TimelineView {
        action_tree: actions::tree(&moments, span),
        error_chains: chains::chains(&moments),
        plan: plan::plan(&moments),
        time_breakdown: breakdown::breakdown(&moments, span),
        events: moments.into_iter().map(|moment| EventRow(moment.stored)).collect(),
        task,
        runs,
    }
}

impl TimelineView {
    /// Keeps at most `limit` events after the one that `cursor` names, and answers the cursor of the next page.
    ///
    /// # Errors
    /// [`InvalidCursor`] when no event of the run has that id.
    pub fn keep_page(&mut self, cursor: Option<&str>, limit: usize) -> Result<Option<String>, InvalidCursor> {
        let from = match cursor {
            None => 0,
            Some(id) => {
                let is_it = |row: &EventRow| row.0.event.event_id.with_str(|own| own == id);
                self.events.iter().position(is_it).ok_or(InvalidCursor)? + 1
            }
        };
        self.events.drain(..from);
        if self.events.len() <= limit {
            return Ok(None);
        }
        self.events.truncate(limit);
        Ok(self.events.last().map(|row| row.0.event.event_id.to_string()))
    }
}
