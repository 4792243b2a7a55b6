//! Putting rules in force, and taking in what was open before.

use std::collections::HashMap;

use hiveboard_wire::Timestamp;

use super::{Evaluator, OfScope, OpenAlert, Slot, Wants};
use crate::{
    alert::{Alert, AlertState, Transition, TransitionKind},
    condition::{Condition, Looks, SpentBy},
    index::Index,
    meter::Meter,
    rule::Rule,
    subject::Subject,
    watch::Watch,
};

impl Evaluator {
    /// Puts other rules in force. What is open of rules that are gone or switched off is resolved; what holds of the others stays.
    /// Afterwards [`Self::unseeded`] may ask for what happened before, and [`Self::look_everywhere`] judges all.
    pub fn set_rules(&mut self, rules: Vec<Rule>, now: Timestamp) {
        let before = std::mem::take(&mut self.slots);
        let old_watches = std::mem::take(&mut self.watches);
        let old_meters = std::mem::take(&mut self.meters);
        let mut kept_meters: HashMap<_, Meter> = std::mem::take(&mut self.meter_numbers)
            .into_iter()
            .map(|((scope, span, by, cost), number)| {
                let scope = self.index.scopes[scope as usize].clone();
                ((scope, span, by, cost), old_meters[number as usize].clone())
            })
            .collect();
        let mut kept_silences: HashMap<_, Timestamp> = std::mem::take(&mut self.silences)
            .into_iter()
            .map(|(scope, (at, _))| (self.index.scopes[scope as usize].clone(), at))
            .collect();
        self.index = Index::default();
        self.meter_rules.clear();
        self.insight_rules.clear();
        self.by_scope.clear();
        self.matched.clear();
        self.live.clear();
        self.due.clear();
        self.muted.clear();
        self.agents.values_mut().for_each(|agent| agent.matched = None);

        for rule in rules.into_iter().filter(|rule| rule.draft.enabled) {
            let number = self.slots.len() as u32;
            let scope = self.index.add(&rule.draft.scope);
            let condition = &rule.draft.condition;
            if self.by_scope.len() <= scope as usize {
                self.by_scope.resize_with(scope as usize + 1, OfScope::default);
            }
            let of_scope = &mut self.by_scope[scope as usize];
            of_scope.rules.push(number);
            let mut meter = None;
            match condition.looks() {
                Looks::Ends | Looks::Cost => {
                    let by = match condition {
                        Condition::CostThreshold { by, .. } => *by,
                        _ => SpentBy::Workspace,
                    };
                    let is_cost = condition.looks() == Looks::Cost;
                    let span = condition.span().expect("conditions that add up have a span");
                    let wanted = *self.meter_numbers.entry((scope, span, by, is_cost)).or_insert_with(|| {
                        let kept = kept_meters.remove(&(rule.draft.scope.clone(), span, by, is_cost));
                        self.meters.push(kept.unwrap_or_else(|| Meter::new(span)));
                        self.meter_rules.push(Vec::new());
                        let made = self.meters.len() as u32 - 1;
                        let meters = if is_cost { &mut of_scope.cost_meters } else { &mut of_scope.end_meters };
                        meters.push(made);
                        made
                    });
                    self.meter_rules[wanted as usize].push(number);
                    meter = Some(wanted);
                }
                Looks::Silence => {
                    let kept = kept_silences.remove(&rule.draft.scope).unwrap_or(Timestamp::MIN);
                    self.silences.entry(scope).or_insert((kept, Vec::new())).1.push(number);
                }
                Looks::Insights => self.insight_rules.push(number),
                _ => {}
            }
            self.slots.push(Slot { rule, scope, meter });
        }
        let looks = |looks: Looks| self.slots.iter().any(|slot| slot.rule.draft.condition.looks() == looks);
        let listens = |condition: &Condition| matches!(condition, Condition::HeartbeatLost { .. });
        self.wants = Wants {
            signs: looks(Looks::Schedule) || self.slots.iter().any(|slot| listens(&slot.rule.draft.condition)),
            runs: looks(Looks::Runs),
            approvals: looks(Looks::Approvals),
            ends: looks(Looks::Ends),
            costs: looks(Looks::Cost),
        };
        if !self.wants.runs && !self.wants.approvals {
            // Nobody is told any more how they go on.
            self.runs.clear();
        }
        self.keep_watches(&before, old_watches, now);
    }

    fn keep_watches(&mut self, before: &[Slot], old: HashMap<(u32, Subject), Watch>, now: Timestamp) {
        let numbers: HashMap<String, u32> =
            self.slots.iter().enumerate().map(|(number, slot)| (slot.rule.rule_id.clone(), number as u32)).collect();
        for ((number, subject), mut watch) in old {
            let old_rule = &before[number as usize].rule;
            watch.armed = None;
            if let Some(number) = numbers.get(&old_rule.rule_id).copied() {
                let rule = &self.slots[number as usize].rule;
                if rule.draft.condition != old_rule.draft.condition || rule.draft.scope != old_rule.draft.scope {
                    watch.begin_anew();
                }
                self.watches.insert((number, subject), watch);
            } else if let Some(alert) = watch.open {
                self.close(*alert, old_rule, Some("its rule was deleted or switched off"), now);
            }
        }
        self.relist();
    }

    /// Takes in alerts that were open when the server stopped, and those that were resolved a while ago, for the cooldown. After the first
    /// [`Self::set_rules`]; answers those whose rule is gone, resolved.
    pub fn restore(&mut self, alerts: Vec<OpenAlert>, now: Timestamp) {
        let numbers: HashMap<String, u32> =
            self.slots.iter().enumerate().map(|(number, slot)| (slot.rule.rule_id.clone(), number as u32)).collect();
        for OpenAlert { alert } in alerts {
            match (numbers.get(&alert.rule_id), alert.state) {
                (Some(number), AlertState::Resolved) => {
                    let watch = self.watches.entry((*number, alert.subject.clone())).or_default();
                    watch.resolved_at = watch.resolved_at.max(alert.resolved_at);
                }
                (Some(number), AlertState::Firing) => {
                    if let Some((scope, at)) = self.silence_of(*number, &alert) {
                        let silence = self.silences.get_mut(&scope).expect("the rule is about silence");
                        silence.0 = silence.0.max(at);
                    }
                    let watch = self.watches.entry((*number, alert.subject.clone())).or_default();
                    watch.open = Some(Box::new(alert));
                }
                (None, AlertState::Firing) => {
                    let mut alert = alert;
                    alert.state = AlertState::Resolved;
                    alert.resolved_at = Some(now);
                    alert.resolution = Some("its rule was deleted or switched off".to_owned());
                    self.out.push(Transition { kind: TransitionKind::Resolved, alert, channels: Vec::new() });
                }
                (None, AlertState::Resolved) => {}
            }
        }
        self.relist();
    }

    /// What an open alert about silence knows: nothing arrives while the server is down, and the silence goes on.
    fn silence_of(&self, number: u32, alert: &Alert) -> Option<(u32, Timestamp)> {
        let slot = &self.slots[number as usize];
        let at = alert.evidence.get("last_event_at")?.as_str()?;
        (slot.rule.draft.condition.looks() == Looks::Silence).then_some((slot.scope, Timestamp::parse(at).ok()?))
    }

    pub(super) fn relist(&mut self) {
        self.live.clear();
        self.muted.clear();
        for ((number, subject), watch) in &self.watches {
            if watch.is_live() {
                self.live.entry(subject.clone()).or_default().push(*number);
            }
            if watch.open.as_ref().is_some_and(|alert| alert.muted) {
                self.muted.push((*number, subject.clone()));
            }
        }
    }
}
