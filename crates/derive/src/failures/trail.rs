//! The failures of one run: which of them only carry another one on.

use hiveboard_wire::{Event, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Failure, PlaceKind};
use crate::hash::hash_texts;

/// Failures remembered a run; what climbs in a run with more is counted at every place it reaches.
const MOST: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Step {
    cause: u64,
    /// Of the action that failed; `None` for the task.
    action: Option<u64>,
    parent: Option<u64>,
    at_micros: i64,
    leaf: u64,
    is_carried: bool,
}

impl Step {
    /// Whether it is `inner` that failed, further in.
    fn carries(&self, inner: &Self) -> bool {
        let holds = match self.action {
            None => inner.action.is_some(),
            Some(action) => inner.parent == Some(action) && inner.action != Some(action),
        };
        self.cause == inner.cause && holds
    }
}

/// What one more failure comes to.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    /// It only carries on one that is known.
    pub(crate) is_carried: bool,
    /// Known ones that turn out to only carry this one on: their leaves, and when they were.
    pub(crate) carries: Vec<(u64, Timestamp)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Trail(Vec<Step>);

impl Trail {
    /// Failures that are not another one's, carried on; of so many failures of a run, the failed steps of its plan among them.
    pub(crate) fn causes(&self, failures: u32) -> u32 {
        let carried = self.0.iter().filter(|step| step.is_carried).count() as u32;
        match self.0.len() {
            0 => failures,
            // A failed step of the plan tells of what failed in it.
            known @ 1..MOST => known as u32 - carried,
            _ => failures.saturating_sub(carried),
        }
    }

    pub(crate) fn add(&mut self, failure: &Failure, event: &Event, at: Timestamp, leaf: u64) -> Steps {
        let id = |id: Option<&str>| id.map(|id| hash_texts(&[id]));
        let action = id(event.action_id.as_deref()).filter(|_| failure.kind == PlaceKind::Action);
        if self.0.len() >= MOST || (failure.kind == PlaceKind::Action && action.is_none()) {
            return Steps::default();
        }
        let parent = id(event.parent_action_id.as_deref()).filter(|_| failure.kind == PlaceKind::Action);
        let mut step = Step { cause: failure.cause(), action, parent, at_micros: at.micros(), leaf, is_carried: false };
        step.is_carried = self.0.iter().any(|known| step.carries(known));
        let mut carries = Vec::new();
        for known in &mut self.0 {
            if !known.is_carried && known.carries(&step) {
                known.is_carried = true;
                carries.push((known.leaf, Timestamp(known.at_micros)));
            }
        }
        let is_carried = step.is_carried;
        self.0.push(step);
        Steps { is_carried, carries }
    }
}
