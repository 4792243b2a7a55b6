//! Which rules something can matter to, and judging them.

use std::{cmp::Reverse, sync::Arc};

use hiveboard_wire::Timestamp;

use super::{AgentState, Due, Evaluator, Matched, MatchedAgent};
use crate::{
    condition::{Condition, Looks},
    facts::{InsightFacts, RunFacts},
    judge::{self, Verdict},
    meter::Apart,
    rule::{Labels, RuleScope},
    subject::Subject,
    watch::{Step, Watch},
    words,
};

impl Evaluator {
    /// Judges every rule over everything it can be about.
    pub fn look_everywhere(&mut self, now: Timestamp) {
        self.begin_silences(now);
        for number in 0..self.slots.len() as u32 {
            self.look_everywhere_by(number, now);
        }
        // What is open of something that is not there any more.
        let open: Vec<(u32, Subject)> =
            self.watches.iter().filter(|(_, watch)| watch.is_live()).map(|(key, _)| key.clone()).collect();
        for (number, subject) in open {
            self.look(number, &subject, now);
        }
    }

    /// Takes in that the clock went from one time to another at once: it was set, or nothing ran. Who was not silent for too long counts as heard of
    /// just now, as nobody could be heard meanwhile; who was stays so.
    pub fn clock_jumped(&mut self, from: Timestamp, to: Timestamp) {
        let by_micros = to.micros().saturating_sub(from.micros());
        let Self { slots, live, agents, runs, silences, watches, due, .. } = self;
        let heard = |last: Timestamp, is_silent: bool| if is_silent { last.plus_micros(by_micros) } else { to };
        let is_silent = |subject: &Subject, looks: Looks| {
            let rules = live.get(subject).map_or(&[][..], Vec::as_slice);
            rules.iter().any(|rule| slots[*rule as usize].rule.draft.condition.looks() == looks)
        };
        for (agent_id, agent) in agents.iter_mut() {
            let subject = Subject::Agent { agent_id: Arc::clone(agent_id) };
            agent.facts.last_sign = heard(agent.facts.last_sign, is_silent(&subject, Looks::Agent));
        }
        for (key, run) in runs.iter_mut() {
            run.last_sign = heard(run.last_sign, is_silent(&Subject::run(key), Looks::Runs));
        }
        for (last_at, rules) in silences.values_mut().filter(|(last_at, _)| *last_at != Timestamp::MIN) {
            let is_live = |rule: &u32| watches.get(&(*rule, Subject::WHOLE)).is_some_and(Watch::is_live);
            *last_at = heard(*last_at, rules.iter().any(is_live));
        }
        for watch in watches.values_mut() {
            watch.clock_jumped(by_micros);
        }
        due.clear();
        self.look_everywhere(to);
    }

    /// A silence that nobody measured yet began with the last sign of an agent in scope, or with the rule.
    fn begin_silences(&mut self, now: Timestamp) {
        let Self { silences, agents, index, slots, .. } = self;
        for (scope, (at, rules)) in silences {
            if *at != Timestamp::MIN {
                continue;
            }
            let scope = &index.scopes[*scope as usize];
            let signs = agents.values().filter(|agent| {
                let projects = agent.facts.projects.iter().map(|project| &**project);
                scope.task_type.is_none() && scope.holds_agent(&agent.facts.labels(), projects)
            });
            let made = rules.iter().map(|rule| slots[*rule as usize].rule.created_at).min();
            *at = signs.map(|agent| agent.facts.last_sign).max().or(made).unwrap_or(now).min(now);
        }
    }

    pub(super) fn look_everywhere_by(&mut self, number: u32, now: Timestamp) {
        let slot = &self.slots[number as usize];
        let scope = &slot.rule.draft.scope;
        let subjects: Vec<Subject> = match slot.rule.draft.condition.looks() {
            Looks::Silence | Looks::Ends => vec![Subject::WHOLE],
            Looks::Cost => {
                let meter = slot.meter.map(|meter| self.meters[meter as usize].apart());
                meter.into_iter().flatten().map(|apart| subject_of(&apart)).collect()
            }
            Looks::Runs | Looks::Approvals => {
                let agent_type = |run: &RunFacts| {
                    self.agents
                        .get(&run.key.agent_id)
                        .map_or_else(|| "".into(), |agent| Arc::clone(&agent.facts.agent_type))
                };
                let held = self.runs.values().filter(|run| scope.holds(&run.labels(&agent_type(run))));
                held.map(|run| Subject::run(&run.key)).collect()
            }
            Looks::Insights => {
                let mut subjects: Vec<Subject> = self.insights.iter().flatten().map(subject_of_insight).collect();
                subjects
                    .extend(self.live.iter().filter(|(_, rules)| rules.contains(&number)).map(|(one, _)| one.clone()));
                subjects
            }
            looks => {
                self.agents.values().filter(|agent| holds(scope, agent)).flat_map(|agent| parts(agent, looks)).collect()
            }
        };
        for subject in subjects {
            self.look(number, &subject, now);
        }
    }

    pub(super) fn look_at_agent(&mut self, agent_id: &Arc<str>, now: Timestamp) {
        let matched = self.matched_agent(agent_id);
        let subject = Subject::Agent { agent_id: Arc::clone(agent_id) };
        for number in matched.stuck.iter().chain(&matched.lost) {
            self.look(*number, &subject, now);
        }
        // Of rules that do not hold it any more.
        self.look_at_live(&subject, Looks::Agent, now);
        for subject in self.overdue_of(agent_id) {
            self.look_at_live(&subject, Looks::Schedule, now);
        }
    }

    pub(super) fn look_at_live(&mut self, subject: &Subject, looks: Looks, now: Timestamp) {
        let Some(rules) = self.live.get(subject) else { return };
        let rules: Vec<u32> = rules
            .iter()
            .copied()
            .filter(|number| self.slots[*number as usize].rule.draft.condition.looks() == looks)
            .collect();
        for number in rules {
            self.look(number, subject, now);
        }
    }

    pub(super) fn matched(&mut self, labels: &Labels<'_>) -> Arc<Matched> {
        let key = (
            self.agents.get_key_value(labels.agent_id).map_or_else(|| labels.agent_id.into(), |(id, _)| Arc::clone(id)),
            labels.project_id.map(Arc::from),
            labels.task_type.map(Arc::from),
        );
        if let Some(matched) = self.matched.get(&key) {
            return Arc::clone(matched);
        }
        let mut matched = Matched::default();
        for scope in self.index.holding(labels) {
            if self.silences.contains_key(&scope) {
                matched.silences.push(scope);
            }
            let of_scope = &self.by_scope[scope as usize];
            for number in &of_scope.rules {
                match self.slots[*number as usize].rule.draft.condition.looks() {
                    Looks::Runs => matched.runs.push(*number),
                    Looks::Approvals => matched.approvals.push(*number),
                    _ => {}
                }
            }
            matched.end_meters.extend(&of_scope.end_meters);
            matched.cost_meters.extend(&of_scope.cost_meters);
        }
        let matched = Arc::new(matched);
        self.matched.insert(key, Arc::clone(&matched));
        matched
    }

    pub(super) fn matched_agent(&mut self, agent_id: &Arc<str>) -> Arc<MatchedAgent> {
        let Some(agent) = self.agents.get(agent_id) else { return Arc::default() };
        if let Some(matched) = &agent.matched {
            return Arc::clone(matched);
        }
        let mut matched = MatchedAgent::default();
        let projects = agent.facts.projects.iter().map(|project| &**project);
        for scope in self.index.holding_agent(&agent.facts.labels(), projects) {
            for number in self.by_scope[scope as usize].rules.iter().copied() {
                let condition = &self.slots[number as usize].rule.draft.condition;
                match (condition.looks(), condition) {
                    (Looks::Agent, Condition::AgentStuck {}) => matched.stuck.push(number),
                    (Looks::Agent, _) => matched.lost.push(number),
                    (Looks::Queue, _) => matched.queue.push(number),
                    (Looks::Issues, _) => matched.issues.push(number),
                    (Looks::Schedule, _) => matched.schedule.push(number),
                    _ => {}
                }
            }
        }
        let matched = Arc::new(matched);
        self.agents.get_mut(agent_id).expect("it was just found").matched = Some(Arc::clone(&matched));
        matched
    }

    /// Judges one rule over one subject, and does what follows.
    pub(super) fn look(&mut self, number: u32, subject: &Subject, now: Timestamp) {
        self.judged += 1;
        let verdict = self.judge(number, subject, now);
        let (holds, again_at, value) = match verdict {
            Verdict::Unknown => return,
            // A server that starts, or hears again after a while, gives everybody time, and nobody is silent for too long by that: it is no sign of life.
            Verdict::Not { .. } if self.is_silent_still(number, subject) => return,
            Verdict::Holds { since, value, again_at } => (Some(since), again_at, value),
            Verdict::Not { again_at } => (None, again_at, 0.0),
        };
        let key = (number, subject.clone());
        if holds.is_none() && again_at == Timestamp::MAX && !self.watches.contains_key(&key) {
            return;
        }
        let timing = self.slots[number as usize].timing();
        let watch = self.watches.entry(key).or_default();
        let was_live = watch.is_live();
        let (step, due) = watch.step(holds, timing, now);
        let again_at = again_at.min(due);
        if again_at != Timestamp::MAX && watch.armed.is_none_or(|armed| again_at < armed) {
            watch.armed = Some(again_at);
            self.due.push(Due { at: Reverse(again_at), rule: number, subject: subject.clone() });
        }
        match step {
            Some(Step::Fire) => self.fire(number, subject, holds.unwrap_or(now), value, now),
            Some(Step::Resolve) => self.resolve(number, subject, now),
            None => {}
        }
        self.enlist(number, subject, was_live);
    }

    fn enlist(&mut self, number: u32, subject: &Subject, was_live: bool) {
        let is_live = self.watches.get(&(number, subject.clone())).is_some_and(Watch::is_live);
        if is_live && !was_live {
            self.live.entry(subject.clone()).or_default().push(number);
        } else if was_live
            && !is_live
            && let Some(rules) = self.live.get_mut(subject)
        {
            rules.retain(|rule| *rule != number);
            if rules.is_empty() {
                self.live.remove(subject);
            }
        }
    }

    /// Whether an alert about somebody's silence is open, and nothing has come of him since it fired. What makes it end is an event, never time that was
    /// granted to him: so whoever takes over from a server that told of him tells it no second time.
    fn is_silent_still(&self, number: u32, subject: &Subject) -> bool {
        if !self.live.contains_key(subject) {
            return false;
        }
        let open = self.watches.get(&(number, subject.clone())).and_then(|watch| watch.open.as_ref());
        let Some(known) = open.and_then(|alert| alert.evidence.get(words::LAST_EVENT_SEQ)?.as_u64()) else {
            return false;
        };
        let rule = &self.slots[number as usize].rule.draft;
        let agent = || {
            let agent = subject.agent_id().and_then(|id| self.agents.get(id)).filter(|agent| holds(&rule.scope, agent));
            agent.map(|agent| &agent.facts)
        };
        let last = match &rule.condition {
            Condition::AgentStuck {} => agent().and_then(|facts| facts.stuck_seq),
            Condition::HeartbeatLost { .. } => agent().filter(|facts| facts.expects_signs).map(|facts| facts.last_seq),
            Condition::TaskStalled { .. } => {
                let run = subject.run_key().and_then(|key| self.runs.get(&key)).filter(|run| run.is_open());
                run.map(|run| run.last_seq)
            }
            _ => None,
        };
        last.is_some_and(|last| last <= known)
    }

    pub(super) fn judge(&mut self, number: u32, subject: &Subject, now: Timestamp) -> Verdict {
        let slot = &self.slots[number as usize];
        let rule = &slot.rule.draft;
        let condition = &rule.condition;
        match condition.looks() {
            Looks::Silence => self.silences.get(&slot.scope).map_or(Verdict::Unknown, |(at, _)| {
                if *at == Timestamp::MIN { Verdict::Unknown } else { judge::silence(condition, *at, now) }
            }),
            Looks::Ends | Looks::Cost => {
                let Some(meter) = slot.meter.and_then(|meter| self.meters.get_mut(meter as usize)) else {
                    return Verdict::Unknown;
                };
                if meter.seeded_to.is_none() {
                    return Verdict::Unknown;
                }
                let (sum, last_at, expires_at) = meter.read(&apart_of(subject), now);
                judge::sum(condition, sum, last_at, expires_at)
            }
            Looks::Runs | Looks::Approvals => {
                let Some(run) = subject.run_key().and_then(|key| self.runs.get(&key)) else { return Verdict::NOT };
                let agent_type = self.agents.get(&run.key.agent_id).map(|agent| &*agent.facts.agent_type);
                if !rule.scope.holds(&run.labels(agent_type.unwrap_or_default())) {
                    return Verdict::NOT;
                }
                judge::run(condition, run, now)
            }
            Looks::Insights => {
                let Some(found) = &self.insights else { return Verdict::Unknown };
                let Subject::Insight { insight, key, .. } = subject else { return Verdict::NOT };
                let one = found.iter().find(|one| one.kind == *insight && one.key == *key);
                one.filter(|one| holds_insight(&rule.scope, one) && judge::insight(condition, &one.kind, one.severity))
                    .map_or(Verdict::NOT, |one| Verdict::Holds {
                        since: one.since,
                        value: one.value,
                        again_at: Timestamp::MAX,
                    })
            }
            Looks::Agent | Looks::Queue | Looks::Issues | Looks::Schedule => {
                let agent = subject.agent_id().and_then(|id| self.agents.get(id));
                let Some(agent) = agent.filter(|agent| holds(&rule.scope, agent)) else { return Verdict::NOT };
                match (condition.looks(), subject) {
                    (Looks::Agent, _) => judge::agent(condition, &agent.facts, now),
                    (Looks::Queue, _) => agent.queue.as_ref().map_or(Verdict::NOT, |it| judge::queue(condition, it)),
                    (Looks::Issues, Subject::Issue { issue_id, .. }) => {
                        let created_at = slot.rule.created_at;
                        agent.issues.get(issue_id).map_or(Verdict::NOT, |it| judge::issue(condition, it, created_at))
                    }
                    (Looks::Schedule, Subject::ScheduledItem { item_id, .. }) => agent
                        .items
                        .get(item_id)
                        .map_or(Verdict::NOT, |it| judge::item(condition, it, agent.facts.last_run_start, now)),
                    _ => Verdict::NOT,
                }
            }
        }
    }
}

fn holds(scope: &RuleScope, agent: &AgentState) -> bool {
    scope.holds_agent(&agent.facts.labels(), agent.facts.projects.iter().map(|project| &**project))
}

fn holds_insight(scope: &RuleScope, one: &InsightFacts) -> bool {
    let is =
        |wanted: &Option<String>, given: Option<&str>| wanted.as_deref().is_none_or(|wanted| given == Some(wanted));
    is(&scope.agent_id, one.agent_id.as_deref())
        && is(&scope.project_id, one.project_id.as_deref())
        && is(&scope.task_type, one.task_type.as_deref())
}

fn parts(agent: &AgentState, looks: Looks) -> Vec<Subject> {
    let agent_id = || Arc::clone(&agent.facts.agent_id);
    match looks {
        Looks::Issues => agent
            .issues
            .keys()
            .map(|issue_id| Subject::Issue { agent_id: agent_id(), issue_id: Arc::clone(issue_id) })
            .collect(),
        Looks::Schedule => agent
            .items
            .keys()
            .map(|item_id| Subject::ScheduledItem { agent_id: agent_id(), item_id: Arc::clone(item_id) })
            .collect(),
        Looks::Queue if agent.queue.is_none() => Vec::new(),
        _ => vec![Subject::Agent { agent_id: agent_id() }],
    }
}

pub(super) fn subject_of(apart: &Apart) -> Subject {
    Subject::Scope { agent_id: apart.agent_id.clone(), project_id: apart.project_id.clone() }
}

pub(super) fn apart_of(subject: &Subject) -> Apart {
    match subject {
        Subject::Scope { agent_id, project_id } => Apart { agent_id: agent_id.clone(), project_id: project_id.clone() },
        _ => Apart::default(),
    }
}

fn subject_of_insight(one: &InsightFacts) -> Subject {
    Subject::Insight {
        insight: Arc::clone(&one.kind),
        key: Arc::clone(&one.key),
        agent_id: one.agent_id.clone(),
        project_id: one.project_id.clone(),
    }
}
