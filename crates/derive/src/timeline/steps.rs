//! Tells a run as a sequence of steps in order of time.

use std::collections::HashMap;

use hiveboard_wire::{EventType, Timestamp};

use super::{
    retries::{self, Attempt, RetryChain},
    tree::{ROOT, Tree},
};
use crate::view::{RetryStretch, SpanKind, SpanOutcome, StemView, StepArrival, StepShape, StepTone, StepView};

/// Nested spans that a step shows.
const STEM_ROWS: usize = 4;
const LANES: usize = 3;
/// Instants closer than this are one: a parent's and its first child's start.
const SAME_MOMENT_MICROS: i64 = 250_000;

/// A step with what its place is found by; microseconds, [`i64::MAX`] for what is open.
struct Step {
    span: usize,
    id: String,
    shape: StepShape,
    tone: StepTone,
    failed: bool,
    name: String,
    at: i64,
    work_until: i64,
    lane: usize,
    arrives: StepArrival,
    backoff_ms: Option<f64>,
    approval: Option<usize>,
    stem: Vec<(usize, u32)>,
    stem_hidden: u32,
}

/// The steps, and the stretches of them in which something was tried again.
pub(super) fn tell(tree: &Tree<'_>) -> (Vec<StepView>, Vec<RetryStretch>) {
    let mut builder = StepBuilder::new(tree);
    builder.visit_children(ROOT, true);
    builder.steps.sort_by_key(|step| step.at);
    builder.assign_lanes();
    builder.add_ends();
    let stretches = builder.stretches();
    (builder.steps.iter().map(|step| view(tree, step)).collect(), stretches)
}

fn view(tree: &Tree<'_>, step: &Step) -> StepView {
    let known = |micros: i64| (micros != i64::MAX).then_some(Timestamp(micros));
    StepView {
        step_id: step.id.clone(),
        span_id: tree.spans[step.span].id.clone(),
        shape: step.shape,
        tone: step.tone,
        failed: step.failed,
        name: step.name.clone(),
        at: known(step.at),
        work_ended_at: known(step.work_until),
        lane: step.lane as u8,
        arrives: step.arrives,
        backoff_ms: step.backoff_ms,
        approval_span_id: step.approval.map(|place| tree.spans[place].id.clone()),
        stem: step
            .stem
            .iter()
            .map(|(place, indent)| StemView { span_id: tree.spans[*place].id.clone(), indent: *indent })
            .collect(),
        stem_hidden: step.stem_hidden,
    }
}

struct StepBuilder<'t, 'a> {
    tree: &'t Tree<'a>,
    steps: Vec<Step>,
    /// By the span among whose children they are.
    chains: HashMap<usize, Vec<RetryChain>>,
    /// First attempts that the step of their parent stands for.
    merged: HashMap<usize, usize>,
    /// Spans that stand on the line of the story by themselves.
    promoted: Vec<bool>,
    /// The nearest span above each among whose children there are chains.
    holders: Vec<Option<usize>>,
}

impl<'t, 'a> StepBuilder<'t, 'a> {
    fn new(tree: &'t Tree<'a>) -> Self {
        let order = tree.depth_first();
        let mut promoted = vec![false; tree.spans.len()];
        for place in order.iter().rev() {
            let span = &tree.spans[*place];
            promoted[*place] = match span.kind {
                SpanKind::Note => false,
                SpanKind::Action => span.children.iter().any(|child| promoted[*child]),
                _ => true,
            };
        }
        let mut chains = HashMap::new();
        for place in &order {
            let found = retries::chains(tree, *place);
            if !found.is_empty() {
                chains.insert(*place, found);
            }
        }
        let mut holders = vec![None; tree.spans.len()];
        for place in order.into_iter().skip(1) {
            let parent = tree.spans[place].parent;
            holders[place] = if chains.contains_key(&parent) { Some(parent) } else { holders[parent] };
        }
        Self { tree, steps: Vec::new(), chains, merged: HashMap::new(), promoted, holders }
    }

    fn add(&mut self, place: usize, shape: StepShape, tone: StepTone) -> &mut Step {
        let span = &self.tree.spans[place];
        let work_until = match shape {
            StepShape::Action | StepShape::LlmCall | StepShape::ApprovalAsked => span.until,
            _ => span.from,
        };
        self.steps.push(Step {
            span: place,
            id: span.id.clone(),
            shape,
            tone,
            failed: span.outcome == SpanOutcome::Failed,
            name: span.name.clone(),
            at: span.from,
            work_until,
            lane: 0,
            arrives: StepArrival::Rail,
            backoff_ms: None,
            approval: None,
            stem: Vec::new(),
            stem_hidden: 0,
        });
        self.steps.last_mut().expect("one was pushed just now")
    }

    fn visit(&mut self, place: usize) {
        match self.tree.spans[place].kind {
            SpanKind::Action => self.visit_action(place),
            SpanKind::LlmCall => {
                self.add(place, StepShape::LlmCall, StepTone::Llm);
            }
            SpanKind::Approval => self.visit_approval(place),
            SpanKind::Escalation => {
                self.add(place, StepShape::Escalated, StepTone::Plain);
            }
            SpanKind::Plan => {
                self.add(place, StepShape::Plan, StepTone::Plain);
            }
            // A retry is the way to its attempt, not a step.
            SpanKind::Retry | SpanKind::Task => {}
            SpanKind::Note => {
                self.add(place, StepShape::Note, StepTone::Plain);
            }
        }
    }

    fn visit_action(&mut self, place: usize) {
        let span = &self.tree.spans[place];
        let lift = self.lifts_children(place);
        let chain = self.chains.get(&place).and_then(|chains| chains.first());
        let first = chain.and_then(|chain| chain.first).filter(|first| {
            let first = &self.tree.spans[*first];
            first.kind == SpanKind::Action && first.from - span.from < SAME_MOMENT_MICROS
        });
        let untracked = chain.filter(|chain| chain.attempts[0].work.is_none()).map(|chain| chain.from);
        let failed = span.outcome == SpanOutcome::Failed || first.is_some();
        let step = self.add(place, StepShape::Action, if failed { StepTone::Failure } else { StepTone::Work });
        step.failed = failed;
        if let Some(first) = first {
            self.merged.insert(first, place);
            let merged = &self.tree.spans[first];
            let step = self.steps.last_mut().expect("one was added just now");
            (step.span, step.id, step.work_until) = (first, merged.id.clone(), merged.until);
            self.hang(first);
        } else if let Some(retried) = untracked {
            // Tries that the agent did not track by themselves: the first one lasted until the first retry.
            let step = self.steps.last_mut().expect("one was added just now");
            (step.work_until, step.tone) = (retried, StepTone::Failure);
        }
        if !lift {
            self.hang(place);
        }
        self.visit_children(place, lift);
    }

    fn visit_children(&mut self, place: usize, lift: bool) {
        let tree = self.tree;
        for child in &tree.spans[place].children {
            if self.merged.contains_key(child) {
                for below in tree.spans[*child]
                    .children
                    .iter()
                    .filter(|below| self.promoted[**below])
                    .copied()
                    .collect::<Vec<_>>()
                {
                    self.visit(below);
                }
            } else if lift || self.promoted[*child] {
                self.visit(*child);
            }
        }
        let ended_badly = tree.spans[place].outcome == SpanOutcome::Failed;
        for chain in self.chains.get(&place).cloned().unwrap_or_default() {
            let last = chain.attempts.len() - 1;
            for (index, attempt) in chain.attempts.iter().enumerate().filter(|(_, attempt)| attempt.work.is_none()) {
                self.add_untracked(attempt, index < last || ended_badly);
            }
        }
    }

    fn add_untracked(&mut self, attempt: &Attempt, failed: bool) {
        let tone = if failed { StepTone::Failure } else { StepTone::Work };
        let step = self.add(attempt.retry, StepShape::Action, tone);
        step.name = format!("attempt {}", attempt.number);
        (step.failed, step.at, step.work_until) = (failed, attempt.from, attempt.until);
    }

    fn visit_approval(&mut self, place: usize) {
        let span = &self.tree.spans[place];
        let has = |wanted| span.moments.iter().any(|moment| moment.stored.event.event_type == wanted);
        if has(EventType::ApprovalRequested) {
            let step = self.add(place, StepShape::ApprovalAsked, StepTone::Human);
            "approval asked".clone_into(&mut step.name);
            (step.failed, step.approval) = (false, Some(place));
        }
        if has(EventType::ApprovalReceived) {
            let (rejected, at) = (span.outcome == SpanOutcome::Failed, span.until);
            let step = self.add(place, StepShape::ApprovalAnswered, StepTone::Plain);
            step.id.push_str(":answered");
            if rejected { "rejected" } else { "approved" }.clone_into(&mut step.name);
            (step.at, step.work_until, step.approval) = (at, at, Some(place));
        }
    }

    /// Plain nested work goes on the stem, depth first, as far as it fits.
    fn hang(&mut self, place: usize) {
        let tree = self.tree;
        let mut waiting: Vec<(usize, u32)> = tree.spans[place].children.iter().rev().map(|child| (*child, 0)).collect();
        let (mut stem, mut hidden) = (Vec::new(), 0);
        while let Some((child, indent)) = waiting.pop() {
            if self.promoted[child] {
                continue;
            }
            if stem.len() < STEM_ROWS {
                stem.push((child, indent));
            } else {
                hidden += 1;
            }
            waiting.extend(tree.spans[child].children.iter().rev().map(|below| (*below, indent + 1)));
        }
        let holder = self.steps.last_mut().expect("a stem hangs from a step");
        holder.stem.extend(stem);
        holder.stem_hidden += hidden;
    }

    /// Whether a span's children are the story: things were tried again in it, or there are too many for a stem.
    fn lifts_children(&self, place: usize) -> bool {
        let children = &self.tree.spans[place].children;
        if children.iter().any(|child| self.tree.spans[*child].kind == SpanKind::Retry) {
            return true;
        }
        let (mut hanging, mut stack) = (0, children.clone());
        while let Some(child) = stack.pop() {
            if self.promoted[child] {
                continue;
            }
            hanging += 1;
            if hanging > STEM_ROWS {
                return true;
            }
            stack.extend(&self.tree.spans[child].children);
        }
        false
    }

    fn assign_lanes(&mut self) {
        let places: Vec<Option<(usize, usize, usize)>> =
            self.steps.iter().map(|step| self.place_in_chain(step)).collect();
        let mut before: (usize, Option<(usize, usize)>, usize) = (0, None, 0);
        for (step, place) in self.steps.iter_mut().zip(places) {
            let Some((holder, chain, index)) = place else {
                if before.0 > 0 {
                    step.arrives = StepArrival::Home;
                }
                before = (0, None, 0);
                continue;
            };
            let attempt = &self.chains[&holder][chain].attempts[index];
            step.lane = (index + 1).min(LANES);
            if attempt.work == Some(step.span) || attempt.retry == step.span {
                step.name = format!("attempt {}", attempt.number);
            }
            if before.1 != Some((holder, chain)) || before.2 < index {
                step.arrives = StepArrival::Backoff;
                step.backoff_ms = self.tree.spans[attempt.retry].backoff_ms;
            } else if before.0 > step.lane {
                step.arrives = StepArrival::Home;
            }
            before = (step.lane, Some((holder, chain)), index);
        }
    }

    /// The chain (by its holder and number there) and the attempt within which a step happened; `None` on the main line.
    fn place_in_chain(&self, step: &Step) -> Option<(usize, usize, usize)> {
        let mut at = self.holders[step.span];
        while let Some(holder) = at {
            let chains = &self.chains[&holder];
            let started = chains.partition_point(|chain| chain.from <= step.at);
            if started > 0 && step.at <= chains[started - 1].until {
                let attempts = &chains[started - 1].attempts;
                let begun = attempts.partition_point(|attempt| self.tree.spans[attempt.retry].from <= step.at);
                return Some((holder, started - 1, begun.max(1) - 1));
            }
            at = self.holders[holder];
        }
        None
    }

    fn add_ends(&mut self) {
        let root = &self.tree.spans[ROOT];
        let lane = self.steps.last().map_or(0, |step| step.lane);
        let (failed, open, until) = (root.outcome == SpanOutcome::Failed, self.tree.open, root.until);
        let start = self.add(ROOT, StepShape::Start, StepTone::Plain);
        "start".clone_into(&mut start.id);
        "started".clone_into(&mut start.name);
        start.failed = false;
        let start = self.steps.pop().expect("one was added just now");
        self.steps.insert(0, start);
        let (shape, name) = match (open, failed) {
            (true, _) => (StepShape::Running, "running"),
            (false, true) => (StepShape::Failed, "failed"),
            (false, false) => (StepShape::Completed, "done"),
        };
        let end = self.add(ROOT, shape, StepTone::Plain);
        "end".clone_into(&mut end.id);
        name.clone_into(&mut end.name);
        (end.at, end.work_until) = (until, until);
        if lane > 0 && open {
            end.lane = lane;
        } else if lane > 0 {
            end.arrives = StepArrival::Home;
        }
    }

    fn stretches(&self) -> Vec<RetryStretch> {
        // The first step at or after each that is on a lane, and that is on the main line.
        let (mut next_lane, mut next_main) = (vec![None; self.steps.len() + 1], vec![None; self.steps.len() + 1]);
        for index in (0..self.steps.len()).rev() {
            let on_lane = self.steps[index].lane > 0;
            next_lane[index] = if on_lane { Some(index) } else { next_lane[index + 1] };
            next_main[index] = if on_lane { next_main[index + 1] } else { Some(index) };
        }
        let mut chains: Vec<(usize, &RetryChain)> =
            self.chains.iter().flat_map(|(holder, chains)| chains.iter().map(|chain| (*holder, chain))).collect();
        chains.sort_by_key(|(holder, chain)| (chain.from, *holder));
        let stretch = |(holder, chain): (usize, &RetryChain)| {
            // The start stands first, whatever its time.
            let begun = 1 + self.steps[1..].partition_point(|step| step.at < chain.from);
            let head = next_lane[begun]?;
            let after = next_main[head]?;
            let attempt = chain.attempts.first()?;
            let span = match self.tree.spans[holder].kind {
                SpanKind::Action => holder,
                _ => chain.first.or(attempt.work).unwrap_or(holder),
            };
            Some(RetryStretch {
                span_id: self.tree.spans[span].id.clone(),
                from_step_id: self.steps[head - 1].id.clone(),
                to_step_id: self.steps[after].id.clone(),
                attempts: chain.attempts.len() as u32 + 1,
            })
        };
        chains.into_iter().filter_map(stretch).collect()
    }
}
