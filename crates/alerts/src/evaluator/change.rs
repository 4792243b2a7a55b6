//! What becomes of alerts.

use std::{cmp::Reverse, sync::Arc};

use hiveboard_wire::Timestamp;

use super::{Due, Evaluator, look::apart_of};
use crate::{
    alert::{Alert, AlertLabels, AlertState, Transition, TransitionKind, Words},
    condition::{Condition, Looks},
    facts::AgentFacts,
    judge::Verdict,
    rule::{Rule, RuleDraft},
    subject::Subject,
    words::{self, About},
};

/// What a rule finds of its subject.
struct Found {
    words: Words,
    threshold: f64,
    unit: String,
    labels: AlertLabels,
}

/// An agent that worked for one project alone is of that.
fn labels(draft: &RuleDraft, subject: &Subject, about: About<'_>, agent: Option<&AgentFacts>) -> AlertLabels {
    let text = |text: &Arc<str>| text.to_string();
    let of_subject = AlertLabels {
        agent_id: subject.agent_id().map(text),
        task_id: subject.task_id().map(str::to_owned),
        project_id: subject.project_id().map(str::to_owned),
        ..AlertLabels::default()
    };
    let of_what_it_tells = match about {
        About::Run(run) => AlertLabels {
            project_id: run.project_id.as_ref().map(text),
            environment: Some(text(&run.environment)),
            group: Some(text(&run.group)),
            ..AlertLabels::default()
        },
        About::Sum { last_failed: Some(last), .. } if matches!(draft.condition, Condition::TaskFailed { .. }) => {
            AlertLabels {
                agent_id: Some(text(&last.run.agent_id)),
                task_id: Some(text(&last.run.task_id)),
                project_id: last.project_id.as_ref().map(text),
                environment: Some(text(&last.environment)),
                group: Some(text(&last.group)),
            }
        }
        _ => AlertLabels {
            project_id: agent.and_then(|agent| agent.projects.first().filter(|_| agent.projects.len() == 1)).map(text),
            environment: agent.map(|agent| text(&agent.environment)),
            group: agent.map(|agent| text(&agent.group)),
            ..AlertLabels::default()
        },
    };
    let scope = &draft.scope;
    let (first, then) = (of_subject, of_what_it_tells);
    AlertLabels {
        agent_id: first.agent_id.or_else(|| scope.agent_id.clone()).or(then.agent_id),
        task_id: first.task_id.or(then.task_id),
        project_id: first.project_id.or_else(|| scope.project_id.clone()).or(then.project_id),
        environment: scope.environment.clone().or(then.environment),
        group: scope.group.clone().or(then.group),
    }
}

impl Evaluator {
    pub(super) fn fire(&mut self, number: u32, subject: &Subject, since: Timestamp, value: f64, now: Timestamp) {
        let alert_id = (self.make_id)();
        let Found { words, threshold, unit, labels } = self.found(number, subject, value, now);
        let slot = &self.slots[number as usize];
        let draft = &slot.rule.draft;
        let muted = draft.muted_until.is_some_and(|until| until > now);
        let alert = Alert {
            alert_id,
            rule_id: slot.rule.rule_id.clone(),
            rule_name: draft.name.clone(),
            condition: draft.condition.type_name().to_owned(),
            severity: draft.severity,
            state: AlertState::Firing,
            subject: subject.clone(),
            labels,
            value: words.value,
            threshold,
            unit,
            summary: words.summary,
            advice: words::advice(&draft.condition).to_owned(),
            evidence: words.evidence,
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

    /// What an alert that fires says by now, where it counts something, and the page that shows it: more may have come since it was told.
    /// `None` where it says what it said.
    pub fn by_now(&mut self, alert: &Alert, now: Timestamp) -> Option<(Words, String)> {
        let number = self.slots.iter().position(|slot| slot.rule.rule_id == alert.rule_id)?;
        let counts = matches!(
            self.slots[number].rule.draft.condition.looks(),
            Looks::Ends | Looks::Cost | Looks::Queue | Looks::Issues
        );
        let number = u32::try_from(number).ok().filter(|_| counts)?;
        let Verdict::Holds { value, .. } = self.judge(number, &alert.subject, now) else { return None };
        let said = self.found(number, &alert.subject, value, now).words;
        let draft = &self.slots[number as usize].rule.draft;
        let link = words::link(&draft.condition, &draft.scope, &alert.subject, now);
        Some((said, link)).filter(|(said, _)| said.evidence != alert.evidence)
    }

    fn found(&mut self, number: u32, subject: &Subject, value: f64, now: Timestamp) -> Found {
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
                    About::Sum { sum, apart: &apart, last_failed: meter.last_failed() }
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
        let agent = subject.agent_id().and_then(|id| self.agents.get(id)).map(|agent| &agent.facts);
        let labels = labels(draft, subject, about, agent);
        Found { words: Words { value, summary, evidence }, threshold, unit, labels }
    }

    pub(super) fn resolve(&mut self, number: u32, subject: &Subject, now: Timestamp) {
        let Some(watch) = self.watches.get_mut(&(number, subject.clone())) else { return };
        let Some(alert) = watch.open.take() else { return };
        let why = std::mem::take(&mut watch.rule_changed).then_some("its rule was changed");
        watch.resolved_at = Some(now);
        let timing = self.slots[number as usize].timing();
        // Looked at again when it may fire again: what holds then was not told of.
        let cooled = now.plus_seconds(timing.cooldown_seconds as i64);
        if watch.armed.is_none_or(|armed| cooled < armed) {
            watch.armed = Some(cooled);
            self.due.push(Due { at: Reverse(cooled), rule: number, subject: subject.clone() });
        }
        let rule = self.slots[number as usize].rule.clone();
        self.close(*alert, &rule, why, now);
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
