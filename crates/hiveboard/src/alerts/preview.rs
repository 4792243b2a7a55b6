//! What a rule would have found: the stored events of the last days, folded anew and judged by the same code.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use hiveboard_alerts::{Alert, AlertState, Evaluator, Rule, RuleDraft, TransitionKind, condition::Looks};
use hiveboard_derive::{Projections, StatusChange};
use hiveboard_store::{EventFilter, Fresh, Position};
use hiveboard_wire::{CallCost, EventType, Kind, Scope, StoredEvent, Timestamp};

use super::feed;
use crate::app::App;

/// How long it may take: what is not reached by then is said not to be.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often agents that fall silent are looked for, in the time that is gone through.
const STEP_SECONDS: i64 = 30;
/// Alerts that are answered.
const MOST: usize = 50;

/// What a rule would have found.
pub struct Preview {
    pub fired: u64,
    pub since: Timestamp,
    /// Events up to then were gone through.
    pub until: Timestamp,
    pub is_complete: bool,
    pub events: u64,
    /// The first ones.
    pub alerts: Vec<Alert>,
}

/// Goes through the stored events since then. Blocks.
pub fn preview(app: &App, scope: Scope, mut draft: RuleDraft, since: Timestamp) -> anyhow::Result<Preview> {
    draft.scope.project_id = app.project_aliases.asked(scope, draft.scope.project_id.take());
    let now = app.clock.now();
    let began = Instant::now();
    let mut replay = Replay::new(draft.clone(), since);
    let mut is_complete = true;
    app.scan_events(scope, &filter(&draft, since), Position::default(), &mut |stored, cost| {
        if began.elapsed() > PATIENCE {
            is_complete = false;
            return ControlFlow::Break(());
        }
        replay.event(stored, cost);
        ControlFlow::Continue(())
    })?;
    if is_complete {
        replay.pass_until(now);
    }
    let until = if is_complete { now } else { replay.at };
    Ok(Preview { fired: replay.fired, since, until, is_complete, events: replay.events, alerts: replay.alerts })
}

/// Only what the rule can look at is read.
fn filter(draft: &RuleDraft, since: Timestamp) -> EventFilter {
    let runs = vec![
        EventType::TaskStarted,
        EventType::TaskCompleted,
        EventType::TaskFailed,
        EventType::ApprovalRequested,
        EventType::ApprovalReceived,
        EventType::Escalated,
    ];
    let (event_types, kinds) = match draft.condition.looks() {
        Looks::Ends | Looks::Approvals => (runs, Vec::new()),
        Looks::Cost => (Vec::new(), vec![Kind::LlmCall]),
        Looks::Queue => (Vec::new(), vec![Kind::QueueSnapshot]),
        Looks::Issues => (Vec::new(), vec![Kind::Issue]),
        // The rest is about silence, which any event breaks.
        Looks::Agent | Looks::Silence | Looks::Runs | Looks::Schedule | Looks::Insights => (Vec::new(), Vec::new()),
    };
    let scope = &draft.scope;
    EventFilter {
        agent_id: scope.agent_id.clone(),
        environment: scope.environment.clone(),
        group: scope.group.clone(),
        event_types,
        kinds,
        since: Some(since),
        ..EventFilter::default()
    }
}

struct Replay {
    projections: Projections,
    evaluator: Evaluator,
    at: Timestamp,
    events: u64,
    fired: u64,
    alerts: Vec<Alert>,
}

impl Replay {
    fn new(mut draft: RuleDraft, since: Timestamp) -> Self {
        draft.enabled = true;
        draft.muted_until = None;
        let mut number = 0_u64;
        let mut evaluator = Evaluator::new(move || {
            number += 1;
            number.to_string()
        });
        evaluator.set_rules(vec![Rule { rule_id: String::new(), draft, created_at: since }], since);
        // Nothing came before: it begins with empty sums.
        let (costs, ends) = evaluator.unseeded();
        for span in costs {
            evaluator.seeded(true, span, 0);
        }
        for span in ends {
            evaluator.seeded(false, span, 0);
        }
        Self { projections: Projections::new(), evaluator, at: since, events: 0, fired: 0, alerts: Vec::new() }
    }

    fn event(&mut self, stored: StoredEvent, call_cost: Option<CallCost>) {
        if stored.received_at < self.at.plus_seconds(-86_400) {
            return;
        }
        self.pass_until(stored.received_at);
        self.events += 1;
        let body = stored.event.body();
        self.projections.apply(&stored, &body, call_cost);
        let agent_id = stored.envelope.agent_id.clone();
        let settled = self.projections.settle([&*agent_id], self.at);
        let fresh = [Fresh { stored, body, call_cost }];
        self.hear(&settled.statuses, &fresh);
        self.gather();
    }

    fn hear(&mut self, statuses: &[StatusChange], events: &[Fresh]) {
        feed::hear(&mut self.evaluator, statuses, events, self.at, |look| look(&self.projections));
    }

    /// Lets time go on as the server would have.
    fn pass_until(&mut self, until: Timestamp) {
        if self.events == 0 {
            self.at = self.at.max(until);
            return;
        }
        while self.at < until {
            let due = self.evaluator.next_due().unwrap_or(Timestamp::MAX).max(self.at.plus_micros(1));
            self.at = self.at.plus_seconds(STEP_SECONDS).min(until).min(due);
            let settled = self.projections.liveness_sweep(self.at);
            if !settled.statuses.is_empty() {
                self.hear(&settled.statuses, &[]);
            }
            self.evaluator.advance(self.at);
            self.gather();
        }
    }

    fn gather(&mut self) {
        for transition in self.evaluator.take() {
            match transition.kind {
                TransitionKind::Fired => {
                    self.fired += 1;
                    if self.alerts.len() < MOST {
                        self.alerts.push(transition.alert);
                    }
                }
                TransitionKind::Resolved => {
                    let same = |alert: &&mut Alert| alert.alert_id == transition.alert.alert_id;
                    if let Some(alert) = self.alerts.iter_mut().find(same) {
                        alert.state = AlertState::Resolved;
                        alert.resolved_at = transition.alert.resolved_at;
                        alert.resolution = transition.alert.resolution;
                    }
                }
                TransitionKind::Unmuted => {}
            }
        }
    }
}
