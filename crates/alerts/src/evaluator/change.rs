//! What becomes of alerts.

use std::cmp::Reverse;

use hiveboard_wire::Timestamp;

use super::{Due, Evaluator, look::apart_of};
use crate::{
    alert::{Alert, AlertState, Transition, TransitionKind},
    condition::{Condition, Looks},
    rule::Rule,
    subject::Subject,
    words::{self, About},
};

impl Evaluator {
    pub(super) fn fire(&mut self, number: u32, subject: &Subject, since: Timestamp, value: f64, now: Timestamp) {
        let alert_id = (self.make_id)();
        let slot = &self.slots[number as usize];
        let draft = &slot.rule.draft;
        let apart = apart_of(subject);
        let about = match (subject, draft.condition.looks()) {
            (_, Looks::Silence) => {
                self.silences.get(&slot.scope).map_or(About::Gone, |(last_at, _)| About::Silence { last_at: *last_at })
            }
            (_, Looks::Ends | Looks::Cost) => match slot.meter.and_then(|meter| self.meters.get_mut(meter as usize)) {
                Some(meter) => {
                    let (sum, _, _) = meter.read(&apart, now);
                    About::Sum { sum, apart: &apart, last_failed: meter.last_failed.as_ref() }
                }
                None => About::Gone,
            },
            (_, Looks::Runs | Looks::Approvals) => {
                subject.run_key().and_then(|key| self.runs.get(&key)).map_or(About::Gone, About::Run)
            }
            (Subject::Insight { insight, key, .. }, _) => {
                let found = self.insights.iter().flatten().find(|one| one.kind == *insight && one.key == *key);
                found.map_or(About::Gone, About::Insight)
            }
            (_, looks) => {
                let agent = subject.agent_id().and_then(|id| self.agents.get(id));
                agent.map_or(About::Gone, |agent| match (looks, subject) {
                    (Looks::Queue, _) => agent.queue.as_ref().map_or(About::Gone, About::Queue),
                    (_, Subject::Issue { issue_id, .. }) => {
                        agent.issues.get(issue_id).map_or(About::Gone, About::Issue)
                    }
                    (_, Subject::ScheduledItem { item_id, .. }) => {
                        agent.items.get(item_id).map_or(About::Gone, About::Item)
                    }
                    _ => About::Agent(&agent.facts),
                })
            }
        };
        let (summary, evidence) = words::found(&draft.condition, &draft.scope, subject, about, value, now);
        let (threshold, unit) = draft.condition.threshold();
        let unit = match about {
            About::Insight(found) => found.unit.clone(),
            About::Issue(_) => "reports".to_owned(),
            _ if matches!(draft.condition, Condition::AgentStuck {}) => "seconds".to_owned(),
            _ => unit.to_owned(),
        };
        let threshold = match about {
            About::Agent(facts) if matches!(draft.condition, Condition::AgentStuck {}) => facts.stuck_threshold_seconds,
            _ => threshold,
        };
        let muted = draft.muted_until.is_some_and(|until| until > now);
        let alert = Alert {
            alert_id,
            rule_id: slot.rule.rule_id.clone(),
            rule_name: draft.name.clone(),
            condition: draft.condition.type_name().to_owned(),
            severity: draft.severity,
            state: AlertState::Firing,
            subject: subject.clone(),
            value,
            threshold,
            unit,
            summary,
            advice: words::advice(&draft.condition).to_owned(),
            evidence,
            link: words::link(&draft.condition, &draft.scope, subject, now),
            since: since.min(now),
            started_at: now,
            resolved_at: None,
            resolution: None,
            muted,
        };
        let channels = if muted { Vec::new() } else { draft.channels.clone() };
        if muted {
            self.muted.push((number, subject.clone()));
        }
        if let Some(watch) = self.watches.get_mut(&(number, subject.clone())) {
            watch.open = Some(Box::new(alert.clone()));
        }
        self.out.push(Transition { kind: TransitionKind::Fired, alert, channels });
    }

    pub(super) fn resolve(&mut self, number: u32, subject: &Subject, now: Timestamp) {
        let Some(watch) = self.watches.get_mut(&(number, subject.clone())) else { return };
        let Some(alert) = watch.open.take() else { return };
        watch.resolved_at = Some(now);
        let timing = self.slots[number as usize].timing();
        // Looked at again when it may fire again: what holds then was not told of.
        let cooled = now.plus_seconds(timing.cooldown_seconds as i64);
        if watch.armed.is_none_or(|armed| cooled < armed) {
            watch.armed = Some(cooled);
            self.due.push(Due { at: Reverse(cooled), rule: number, subject: subject.clone() });
        }
        let rule = self.slots[number as usize].rule.clone();
        self.close(*alert, &rule, None, now);
    }

    pub(super) fn close(&mut self, mut alert: Alert, rule: &Rule, resolution: Option<&str>, now: Timestamp) {
        let lasted = now.seconds_since(alert.started_at);
        // Of what was over before anyone could look, the channels hear once.
        let told = !alert.muted && rule.draft.notify_resolved && now != alert.started_at;
        alert.state = AlertState::Resolved;
        alert.resolved_at = Some(now);
        alert.resolution = Some(words::resolved(&rule.draft.condition, &alert.summary, lasted, resolution));
        let muted = rule.draft.muted_until.is_some_and(|until| until > now);
        let channels = if told && !muted { rule.draft.channels.clone() } else { Vec::new() };
        self.out.push(Transition { kind: TransitionKind::Resolved, alert, channels });
    }

    /// Tells of what fired while its rule was muted, and still does now that it is not.
    pub(super) fn unmute(&mut self, now: Timestamp) {
        if self.muted.is_empty() {
            return;
        }
        let muted = std::mem::take(&mut self.muted);
        for (number, subject) in muted {
            let draft = &self.slots[number as usize].rule.draft;
            if draft.muted_until.is_some_and(|until| until > now) {
                self.muted.push((number, subject));
                continue;
            }
            let channels = draft.channels.clone();
            let watch = self.watches.get_mut(&(number, subject));
            if let Some(alert) = watch.and_then(|watch| watch.open.as_mut()) {
                alert.muted = false;
                let alert = (**alert).clone();
                self.out.push(Transition { kind: TransitionKind::Unmuted, alert, channels });
            }
        }
    }
}
