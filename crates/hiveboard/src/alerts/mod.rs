//! Alerts: rules judged beside the write path, what fired kept in the settings, and what is to be told delivered from an outbox there.
//!
//! [`engine`] hears every change on a thread of its own and asks `hiveboard-alerts` what it means; [`feed`] turns changes into the facts
//! that rules look at; [`outbox`] delivers, by way of [`notify`]; [`preview`] lets a rule run over what is stored.

mod engine;
mod feed;
mod insights;
pub mod notify;
pub mod outbox;
pub mod preview;
mod seed;
pub mod view;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use hiveboard_alerts::{Condition, RuleDraft, rule, rule::FieldProblem};
use hiveboard_settings::RuleRecord;
use hiveboard_wire::{Scope, Timestamp};
use parking_lot::Mutex;
use uuid::Uuid;

use crate::clock::Jump;

pub(crate) use engine::message;
pub use engine::{publish, start};

/// Gives a workspace and mode the rules that they begin with, once: also before a server ever ran, so that what is applied to them then is.
pub fn make_first_rules(
    settings: &dyn hiveboard_settings::Alerts,
    scope: Scope,
    now: Timestamp,
) -> hiveboard_settings::Result<bool> {
    let records: Vec<RuleRecord> = rule::first_rules()
        .into_iter()
        .enumerate()
        .map(|(place, draft)| {
            // A microsecond apart, so that they stay in this order.
            let at = now.plus_micros(place as i64);
            let body = serde_json::to_string(&draft).expect("rules are plain data");
            RuleRecord { rule_id: Uuid::new_v4(), body, created_at: at, updated_at: at }
        })
        .collect();
    settings.make_first_alert_rules(scope, &records)
}

/// What of a rule makes no sense; kinds of insights that there are none of included.
pub fn problems(draft: &RuleDraft) -> Vec<FieldProblem> {
    let mut problems = draft.problems();
    if let Condition::Insight { kinds, .. } = &draft.condition
        && let Some(unknown) = kinds.iter().find(|kind| hiveboard_insights::Kind::parse(kind).is_none())
    {
        let known: Vec<&str> = hiveboard_insights::Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        let what = format!("names {unknown:?}, which is no kind of insight; there are {}", known.join(", "));
        problems.push(FieldProblem::new("condition.kinds", &what));
    }
    problems
}

/// What others say to the engine and the outbox.
#[derive(Default)]
pub struct Alerts {
    rules_changed: AtomicBool,
    /// Something may be due.
    pub outbox: tokio::sync::Notify,
    /// What the clock jumped over, and rules were not told of yet.
    jumps: Mutex<Vec<Jump>>,
    scopes: Mutex<engine::Scopes>,
    engine: Mutex<Option<JoinHandle<()>>>,
}

impl Alerts {
    /// Rules were made, changed or deleted: they are read anew within a moment.
    pub fn reload(&self) {
        self.rules_changed.store(true, Ordering::Release);
    }

    /// The clock is about to jump: rules hear of it before they see the time behind it.
    pub(crate) fn clock_jumped(&self, jump: Jump) {
        self.jumps.lock().push(jump);
    }

    fn take_jumps(&self) -> Vec<Jump> {
        std::mem::take(&mut self.jumps.lock())
    }

    fn take_reload(&self) -> bool {
        self.rules_changed.swap(false, Ordering::AcqRel)
    }

    /// Waits for the engine, which ends when the change stream is closed.
    pub(crate) fn join(&self) {
        let engine = self.engine.lock().take();
        if engine.is_some_and(|engine| engine.join().is_err()) {
            tracing::warn!("the thread of alerts ended by a panic");
        }
    }
}
