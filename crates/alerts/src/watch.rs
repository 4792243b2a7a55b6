//! For how long a condition must hold, and how soon it may fire again: the state of one rule over one subject.

use hiveboard_wire::{MICROS_PER_SECOND, Timestamp};

use crate::{alert::Alert, words::LAST_EVENT_SEQ};

/// The part of a rule that is about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    pub for_seconds: u64,
    pub cooldown_seconds: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Fire,
    Resolve,
}

#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Since when the condition has held without a break.
    held_since: Option<Timestamp>,
    pub open: Option<Box<Alert>>,
    /// The rule means something else since it fired, and was not looked at yet.
    pub rule_changed: bool,
    /// The end of the last alert.
    pub resolved_at: Option<Timestamp>,
    /// When it is looked at next; none where nothing changes by time alone.
    pub armed: Option<Timestamp>,
}

fn plus(at: Timestamp, seconds: u64) -> Timestamp {
    at.plus_micros((seconds as i64).saturating_mul(MICROS_PER_SECOND))
}

impl Watch {
    /// `holds`: since when the condition has held, or that it does not. Answers what is to be done, and when to look again.
    pub fn step(&mut self, holds: Option<Timestamp>, timing: Timing, now: Timestamp) -> (Option<Step>, Timestamp) {
        let Some(since) = holds else {
            self.held_since = None;
            return (self.open.is_some().then_some(Step::Resolve), Timestamp::MAX);
        };
        if self.open.is_some() {
            self.rule_changed = false;
            return (None, Timestamp::MAX);
        }
        let held = *self.held_since.get_or_insert(since.min(now));
        let cooled = self.resolved_at.map_or(Timestamp::MIN, |at| plus(at, timing.cooldown_seconds));
        let due = plus(held, timing.for_seconds).max(cooled);
        if due <= now { (Some(Step::Fire), Timestamp::MAX) } else { (None, due) }
    }

    /// What held so far counts no more: the rule means something else now, and what is open ends when that does not hold.
    pub fn begin_anew(&mut self) {
        self.held_since = None;
        if let Some(alert) = &mut self.open {
            alert.evidence.remove(LAST_EVENT_SEQ);
            self.rule_changed = true;
        }
    }

    /// Time that did not pass: what holds has held for as long as before, and what is over has been for as long.
    pub fn clock_jumped(&mut self, by_micros: i64) {
        for at in [&mut self.held_since, &mut self.resolved_at] {
            *at = at.map(|at| at.plus_micros(by_micros));
        }
        self.armed = None;
    }

    /// Whether nothing would be lost with it.
    pub fn is_idle(&self, timing: Timing, now: Timestamp) -> bool {
        self.held_since.is_none()
            && self.open.is_none()
            && self.armed.is_none()
            && self.resolved_at.is_none_or(|at| plus(at, timing.cooldown_seconds) <= now)
    }

    pub const fn is_live(&self) -> bool {
        self.open.is_some() || self.held_since.is_some()
    }
}
