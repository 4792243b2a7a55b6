//! What is remembered of a run until it is summed up.

use std::sync::Arc;

use hiveboard_wire::{
    Body, CallCost, EventType, StoredEvent, Timestamp,
    body::{Action, LlmCall},
    fingerprint,
};
use serde::{Deserialize, Serialize};

use super::{
    HashMap,
    names::{Names, ShareNames},
    words,
};
use crate::aggregates::{Flag, Name, RunLabels, RunTotals};

/// Calls and actions that are remembered of a run.
const STEPS: usize = 4_096;
/// Calls in a row that are a loop: in recorded runs it stands in most that fail and in under one of a hundred that don't.
pub(crate) const LOOP: u32 = 3;
/// Calls that tell whether prompts grow.
const CALLS_TO_GROW: usize = 4;
/// The last prompts are so many times the first.
const GROWS: f64 = 2.0;
/// Models that are told apart in a run.
const MODELS: usize = 16;
/// A run's prompts are remembered up to here.
const PROMPTS: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum What {
    Started,
    Worked,
    Failed,
    Call,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Step {
    micros: i64,
    what: What,
    /// Of the action, so that its start and its end are one.
    action: u64,
    /// Name and input; 0 where the input is not known.
    key: u64,
    name: Name,
    error: Option<Name>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RunMemory {
    task_id: Box<str>,
    run_id: Box<str>,
    labels: RunLabels,
    labelled: i64,
    pub(super) last_arrival: Timestamp,
    first: Timestamp,
    last: Timestamp,
    start_micros: i64,
    starts: u32,
    end: Option<End>,
    asked: Option<Timestamp>,
    received: Option<Timestamp>,
    answered: Option<(Timestamp, Timestamp)>,
    escalated: bool,
    cost: f64,
    tokens_in: u64,
    tokens_out: u64,
    llm_calls: u32,
    backoff_seconds: f64,
    rate_limited_retries: u32,
    rate_limited: u32,
    retried_cost: f64,
    /// Dollars and calls by model.
    models: Vec<(Name, f64, u32)>,
    prompts: Vec<(i64, u32)>,
    steps: Vec<Step>,
    /// What it was summed up to, unless something came since.
    #[serde(skip)]
    summed_up: Option<Arc<RunFacts>>,
}

#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
struct End {
    micros: i64,
    completed: bool,
    cancelled: bool,
    duration_ms: Option<f64>,
}

/// A run, summed up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RunFacts {
    /// Of its end; of its last event while it is open.
    pub at: Timestamp,
    pub labels: RunLabels,
    pub task_id: Name,
    pub task_run_id: Name,
    pub outcome: Outcome,
    pub duration_seconds: f64,
    /// Dollars.
    pub cost: f64,
    pub tokens_in: u64,
    pub tokens_out: u64,
    pub llm_calls: u32,
    /// Last prompts over first, where there were enough calls.
    pub growth: Option<f64>,
    pub grown_tokens: u64,
    pub rate_limited: u32,
    pub backoff_seconds: f64,
    pub retried_cost: f64,
    pub flags: Vec<Flag>,
    /// A person was asked, or it was handed over.
    pub is_waiting: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Outcome {
    #[default]
    Open,
    Completed,
    Failed,
    Cancelled,
}

impl RunFacts {
    /// What it adds to the sums.
    pub fn totals(&self) -> RunTotals {
        let is = |outcome| u32::from(self.outcome == outcome);
        let mut totals = RunTotals {
            completed: is(Outcome::Completed),
            failed: is(Outcome::Failed),
            cancelled: is(Outcome::Cancelled),
            tokens_in: self.tokens_in,
            tokens_out: self.tokens_out,
            llm_calls: u64::from(self.llm_calls),
            growable: u32::from(self.growth.is_some()),
            rate_limited: self.rate_limited,
            rate_limited_runs: u32::from(self.rate_limited > 0),
            backoff_seconds: self.backoff_seconds,
            retried_cost: self.retried_cost,
            repeating: u32::from(self.flags.iter().any(|flag| matches!(flag, Flag::Repeats { .. }))),
            ..RunTotals::default()
        };
        if self.outcome == Outcome::Completed {
            totals.duration.add(self.duration_seconds);
        }
        if matches!(self.outcome, Outcome::Completed | Outcome::Failed) {
            totals.cost.add(self.cost);
        }
        if let Some(growth) = self.growth.filter(|growth| *growth >= GROWS) {
            totals.growing = 1;
            totals.growth.add(growth);
            totals.grown_tokens = self.grown_tokens;
        }
        totals
    }
}

impl RunMemory {
    pub(super) fn new(task_id: &str, run_id: &str) -> Self {
        Self {
            task_id: task_id.into(),
            run_id: run_id.into(),
            labels: RunLabels::default(),
            labelled: i64::MIN,
            last_arrival: Timestamp::MIN,
            first: Timestamp::MAX,
            last: Timestamp::MIN,
            start_micros: i64::MIN,
            starts: 0,
            end: None,
            asked: None,
            received: None,
            answered: None,
            escalated: false,
            cost: 0.0,
            tokens_in: 0,
            tokens_out: 0,
            llm_calls: 0,
            backoff_seconds: 0.0,
            rate_limited_retries: 0,
            rate_limited: 0,
            retried_cost: 0.0,
            models: Vec::new(),
            prompts: Vec::new(),
            steps: Vec::new(),
            summed_up: None,
        }
    }

    pub(super) fn steps(&self) -> usize {
        self.steps.len() + self.prompts.len() / 2
    }

    /// As the projections have it: a start after the end opens it again, unless the client names its runs and started this one once.
    pub(super) fn is_closed(&self) -> bool {
        self.end.is_some_and(|end| self.start_micros <= end.micros || (!self.run_id.is_empty() && self.starts == 1))
    }

    pub(super) const fn has_started(&self) -> bool {
        self.starts > 0
    }

    /// Makes names that are the same one again, after they were read back.
    pub(super) fn share_names(&mut self, names: &mut Names) {
        self.labels.share_names(names);
        names.share_all(self.steps.iter_mut().map(|step| &mut step.name));
    }

    /// Without the model.
    pub(super) const fn labels_as_they_are(&self) -> &RunLabels {
        &self.labels
    }

    pub(super) fn task_id(&self) -> Name {
        (*self.task_id).into()
    }

    /// Since when it waits for an answer.
    pub(super) fn waits_since(&self) -> Option<Timestamp> {
        self.asked.filter(|asked| !self.is_closed() && self.received.is_none_or(|received| received < *asked))
    }

    /// An answer that was just given, once.
    pub(super) fn answered_approval(&mut self) -> Option<(Timestamp, Timestamp)> {
        self.answered.take()
    }

    pub(super) fn labels(&self, names: &mut Names) -> RunLabels {
        let mut labels = self.labels.clone();
        let dearest =
            self.models.iter().max_by(|a, b| a.1.total_cmp(&b.1).then(a.2.cmp(&b.2)).then_with(|| b.0.cmp(&a.0)));
        labels.model = dearest.map(|(model, _, _)| names.of(model));
        labels
    }

    pub(super) fn fold(&mut self, stored: &StoredEvent, body: &Body, cost: Option<CallCost>, names: &mut Names) {
        self.summed_up = None;
        let event = &stored.event;
        let at = event.timestamp;
        self.last_arrival = self.last_arrival.max(stored.received_at);
        self.first = self.first.min(at);
        self.last = self.last.max(at);
        if at.micros() >= self.labelled {
            self.labelled = at.micros();
            self.label(stored, names);
        }
        match event.event_type {
            EventType::TaskStarted => {
                self.start_micros = self.start_micros.max(at.micros());
                self.starts += 1;
            }
            EventType::TaskCompleted | EventType::TaskFailed => {
                let completed = event.event_type == EventType::TaskCompleted;
                let end = End {
                    micros: at.micros(),
                    completed,
                    cancelled: completed && event.status.as_deref() == Some("cancelled"),
                    duration_ms: event.duration_ms,
                };
                if self.end.is_none_or(|known| (known.micros, known.completed) < (end.micros, end.completed)) {
                    self.end = Some(end);
                }
            }
            _ => {}
        }
        match body {
            Body::ActionStarted(action) => self.step(stored, action, What::Started, None, names),
            Body::ActionCompleted(action) => self.step(stored, action, What::Worked, None, names),
            Body::ActionFailed(action) => {
                let error = super::error_of(&action.exception, names);
                self.rate_limited += u32::from(error.as_deref().is_some_and(words::is_rate_limit));
                self.step(stored, action, What::Failed, error, names);
            }
            Body::TaskFailed(exception) => {
                let error = super::error_of(exception, names);
                self.rate_limited +=
                    u32::from(self.rate_limited == 0 && error.as_deref().is_some_and(words::is_rate_limit));
            }
            Body::RetryStarted(retry) => {
                let limited = retry.summary.as_deref().is_some_and(words::is_rate_limit);
                self.rate_limited_retries += u32::from(limited);
                if limited || self.rate_limited > 0 {
                    self.backoff_seconds += retry.backoff_seconds.unwrap_or(0.0);
                }
            }
            Body::ApprovalRequested(_) => self.asked = self.asked.max(Some(at)),
            Body::ApprovalReceived(_) => {
                self.received = self.received.max(Some(at));
                if let Some(asked) = self.asked.filter(|asked| *asked <= at) {
                    self.answered = Some((asked, at));
                }
            }
            Body::Escalated(_) => self.escalated = true,
            Body::LlmCall(call) => self.call(at, call, cost, names),
            _ => {}
        }
    }

    fn label(&mut self, stored: &StoredEvent, names: &mut Names) {
        let (envelope, event) = (&stored.envelope, &stored.event);
        for (label, given) in [
            (&mut self.labels.agent_id, &envelope.agent_id),
            (&mut self.labels.agent_type, &envelope.agent_type),
            (&mut self.labels.environment, &envelope.environment),
            (&mut self.labels.group, &envelope.group),
        ] {
            // Mostly the same as with the event before.
            if **label != **given {
                *label = names.of(given);
            }
        }
        for (label, given) in [
            (&mut self.labels.task_type, event.task_type.as_deref()),
            (&mut self.labels.version, envelope.agent_version.as_deref()),
            (&mut self.labels.project_id, event.project_id.as_deref()),
        ] {
            if given.is_some() && label.as_deref() != given {
                *label = names.optional(given);
            }
        }
    }

    fn step(&mut self, stored: &StoredEvent, action: &Action, what: What, error: Option<Name>, names: &mut Names) {
        if self.steps.len() >= STEPS {
            return;
        }
        let name = action.name.as_deref().unwrap_or("(unnamed)");
        // Where no input was sent, nothing can be said of it.
        let key = action.input.map_or(0, |input| (fingerprint(&[name]) ^ input.rotate_left(1)) | 1);
        let step = Step {
            micros: stored.event.timestamp.micros(),
            what,
            action: stored.event.action_id.as_deref().map_or(0, |id| fingerprint(&[id])),
            key,
            name: names.of(name),
            error,
        };
        self.steps.push(step);
    }

    fn call(&mut self, at: Timestamp, call: &LlmCall, cost: Option<CallCost>, names: &mut Names) {
        let dollars = cost.map_or(0.0, |cost| cost.amount.dollars());
        let known = self.llm_calls > 0;
        self.llm_calls += 1;
        self.cost += dollars;
        self.tokens_in = self.tokens_in.saturating_add(call.tokens_in.unwrap_or(0));
        self.tokens_out = self.tokens_out.saturating_add(call.tokens_out.unwrap_or(0));
        if let Some(tokens) = call.tokens_in
            && self.prompts.len() < PROMPTS
        {
            self.prompts.push((at.micros(), u32::try_from(tokens).unwrap_or(u32::MAX)));
        }
        if let Some(model) = call.model.as_deref() {
            if let Some((_, sum, calls)) = self.models.iter_mut().find(|(name, ..)| **name == *model) {
                *sum += dollars;
                *calls += 1;
            } else if self.models.len() < MODELS {
                self.models.push((names.of(model), dollars, 1));
            }
        }
        let key = call_input(call);
        if known
            && self.rate_limited + self.rate_limited_retries > 0
            && key != 0
            && self.steps.iter().any(|step| step.key == key)
        {
            self.retried_cost += dollars;
        }
        if self.steps.len() < STEPS {
            let name = call.name.as_deref().or(call.model.as_deref()).unwrap_or("model call");
            self.steps.push(Step {
                micros: at.micros(),
                what: What::Call,
                action: 0,
                key,
                name: names.of(name),
                error: None,
            });
        }
    }

    /// Sums it up, once for all who ask until something comes.
    pub(super) fn summed_up(&mut self, names: &mut Names) -> Arc<RunFacts> {
        if let Some(facts) = &self.summed_up {
            return Arc::clone(facts);
        }
        let facts = Arc::new(self.facts(names));
        self.summed_up = Some(Arc::clone(&facts));
        facts
    }

    /// Sums it up.
    pub(super) fn facts(&self, names: &mut Names) -> RunFacts {
        let outcome = match self.end.filter(|_| self.is_closed()) {
            None => Outcome::Open,
            Some(End { cancelled: true, .. }) => Outcome::Cancelled,
            Some(End { completed: true, .. }) => Outcome::Completed,
            Some(_) => Outcome::Failed,
        };
        let end = self.end.filter(|_| outcome != Outcome::Open);
        let (growth, grown_tokens) = self.growth();
        RunFacts {
            at: end.map_or(self.last, |end| Timestamp(end.micros)),
            labels: self.labels(names),
            task_id: (*self.task_id).into(),
            task_run_id: (*self.run_id).into(),
            outcome,
            duration_seconds: end
                .and_then(|end| end.duration_ms)
                .map_or_else(|| self.last.seconds_since(self.first), |duration_ms| duration_ms / 1000.0),
            cost: self.cost,
            tokens_in: self.tokens_in,
            tokens_out: self.tokens_out,
            llm_calls: self.llm_calls,
            growth,
            grown_tokens,
            rate_limited: self.rate_limited.max(self.rate_limited_retries),
            backoff_seconds: self.backoff_seconds,
            retried_cost: self.retried_cost,
            flags: self.flags(outcome),
            is_waiting: self.waits_since().is_some() || self.escalated,
        }
    }

    /// Means of the last and the first quarter of the prompts, and what was sent above the first.
    fn growth(&self) -> (Option<f64>, u64) {
        if self.prompts.len() < CALLS_TO_GROW {
            return (None, 0);
        }
        let mut prompts = self.prompts.clone();
        prompts.sort_unstable();
        let quarter = (prompts.len() / 4).max(1);
        let mean =
            |part: &[(i64, u32)]| part.iter().map(|(_, tokens)| f64::from(*tokens)).sum::<f64>() / part.len() as f64;
        let first = mean(&prompts[..quarter]);
        if first <= 0.0 {
            return (None, 0);
        }
        let above = prompts.iter().map(|(_, tokens)| (f64::from(*tokens) - first).max(0.0)).sum::<f64>();
        (Some(mean(&prompts[prompts.len() - quarter..]) / first), above as u64)
    }

    fn flags(&self, outcome: Outcome) -> Vec<Flag> {
        let mut steps: Vec<&Step> = self.steps.iter().collect();
        steps.sort_by_key(|step| step.micros);
        let mut flags = Vec::new();
        // Without an input it is mostly a phase around others, which breaks no row.
        let actions = Self::actions(&steps).into_iter().filter(|(key, _)| *key != 0);
        let calls = steps.iter().filter(|step| step.what == What::Call).map(|step| (step.key, &step.name));
        let longest = longest_row(actions).into_iter().chain(longest_row(calls)).max_by_key(|(times, _)| *times);
        if let Some((times, name)) = longest.filter(|(times, _)| *times >= LOOP) {
            flags.push(Flag::Repeats { name: Arc::clone(name), times });
        }
        if outcome == Outcome::Completed {
            // Made good: the same action worked later. It may have been another call; then this says nothing, which is the safer side.
            let last_failed = steps.iter().rposition(|step| step.what == What::Failed);
            if let Some(place) = last_failed {
                let failed = steps[place];
                let made_good =
                    steps[place + 1..].iter().any(|step| step.what == What::Worked && step.name == failed.name);
                if !made_good {
                    flags.push(Flag::Unrecovered { name: Arc::clone(&failed.name), error: failed.error.clone() });
                }
            }
        }
        flags
    }

    /// Each action once, in the order of the starts, with what it was called with: as its start says, else its end.
    fn actions<'a>(steps: &[&'a Step]) -> Vec<(u64, &'a Name)> {
        let mut places: HashMap<u64, usize> = HashMap::default();
        let mut actions: Vec<(u64, &Name)> = Vec::new();
        for step in steps.iter().filter(|step| step.what != What::Call) {
            match places.get(&step.action) {
                Some(place) if step.action != 0 => {
                    let known = &mut actions[*place];
                    if known.0 == 0 {
                        known.0 = step.key;
                    }
                }
                _ => {
                    places.insert(step.action, actions.len());
                    actions.push((step.key, &step.name));
                }
            }
        }
        actions
    }
}

/// The same prompt of the same size by the same name: previews are cut, so their text alone says little.
fn call_input(call: &LlmCall) -> u64 {
    let Some(prompt) = call.prompt_preview.as_deref().filter(|prompt| !prompt.is_empty()) else { return 0 };
    let texts = [call.name.as_deref().unwrap_or_default(), call.model.as_deref().unwrap_or_default(), prompt];
    let number = match (call.tokens_in, call.response_preview.as_deref()) {
        (Some(tokens), _) => fingerprint(&texts) ^ tokens.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        (None, Some(response)) => fingerprint(&texts) ^ fingerprint(&[response]),
        (None, None) => return 0,
    };
    number | 1
}

/// The longest row of one key.
fn longest_row<'a>(calls: impl Iterator<Item = (u64, &'a Name)>) -> Option<(u32, &'a Name)> {
    let (mut best, mut row, mut last) = (None, 0, 0);
    for (key, name) in calls {
        row = if key != 0 && key == last { row + 1 } else { 1 };
        last = key;
        if key != 0 && best.is_none_or(|(times, _)| row > times) {
            best = Some((row, name));
        }
    }
    best
}
