//! Reads a run's events as a tree of spans: the one story that the board draws.
//!
//! Any part of a run's events is a run: an end without a start reaches back by its duration, a start without an end stays open until
//! its run ends, kinds nobody has heard of become notes. Heartbeats, registrations and plan steps have their own places.

use std::{borrow::Cow, collections::HashMap};

use hiveboard_wire::{
    Body, CallCost, EventId, EventType,
    body::{ApprovalDecision, ApprovalRequest, Exception, LlmCall, Retry},
};
use serde::Deserialize;

use super::{
    Moment,
    actions::{self, Tracked},
    retries,
    tree::{MOST_LEVELS, ROOT, Span, Tree, llm_span},
};
use crate::view::{ExceptionSpan, HumanSpan, SpanKind, SpanOutcome};

/// What model calls cost, as stored with them, by the call's event.
pub type CallCosts = HashMap<EventId, CallCost>;

/// Texts at the top of a payload that the typed bodies leave out.
#[derive(Deserialize, Default)]
struct Words<'a> {
    #[serde(borrow, default, deserialize_with = "lenient")]
    summary: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    data: Option<&'a serde_json::value::RawValue>,
}

#[derive(Deserialize, Default)]
struct Named<'a> {
    #[serde(borrow, default, deserialize_with = "lenient")]
    name: Option<Cow<'a, str>>,
}

/// A text, or nothing where something else stands.
fn lenient<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    let raw = <&'de serde_json::value::RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

fn words(moment: &Moment) -> Words<'_> {
    let payload = moment.stored.event.payload.as_deref();
    payload.and_then(|payload| serde_json::from_str(payload.get()).ok()).unwrap_or_default()
}

fn summary(moment: &Moment) -> Option<String> {
    words(moment).summary.filter(|summary| !summary.trim().is_empty()).map(Cow::into_owned)
}

fn owned(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

fn exception_of(exception: &Exception, moment: &Moment) -> ExceptionSpan {
    ExceptionSpan {
        error_id: crate::error_id(&moment.stored.event, &moment.body),
        exception_type: owned(exception.exception_type.as_deref()),
        exception_message: owned(exception.exception_message.as_deref()),
    }
}

/// `closed`: the run's end in microseconds and whether it failed, when the run has one.
pub(super) fn tree<'a>(moments: &'a [Moment], costs: &CallCosts, closed: Option<(i64, bool)>) -> Tree<'a> {
    let first = moments.first().map_or(0, |moment| moment.at().micros());
    let root = Span::new(SpanKind::Task, "run".to_owned(), String::new(), first);
    let mut builder = Builder {
        spans: vec![root],
        steps: actions::Steps::of(moments),
        named: Vec::new(),
        waiting: Vec::new(),
        costs,
    };
    builder.take_actions(moments);
    for moment in moments {
        builder.take(moment);
    }
    builder.finish(closed)
}

struct Builder<'a, 'c> {
    spans: Vec<Span<'a>>,
    steps: actions::Steps<'a>,
    /// Spans that say in which action they happened, or that they don't say.
    named: Vec<(usize, Option<&'a str>)>,
    /// Approvals without an answer yet.
    waiting: Vec<usize>,
    costs: &'c CallCosts,
}

impl<'a> Builder<'a, '_> {
    fn take_actions(&mut self, moments: &'a [Moment]) {
        let tracked = actions::tracked(moments);
        let parents = actions::parents(&tracked, &self.steps);
        for (action, parent) in tracked.iter().zip(parents) {
            let mut span = action_span(action);
            // Actions follow the root in their own order.
            span.parent = parent.map_or(ROOT, |parent| parent + 1);
            self.spans.push(span);
        }
    }

    fn add(&mut self, span: Span<'a>, moment: &'a Moment) -> usize {
        let place = self.spans.len();
        let event = &moment.stored.event;
        self.spans.push(span);
        self.named.push((place, event.action_id.as_deref().or(event.parent_action_id.as_deref())));
        place
    }

    fn take(&mut self, moment: &'a Moment) {
        match &moment.body {
            Body::TaskStarted => self.spans[ROOT].moments.push(moment),
            Body::TaskCompleted | Body::TaskFailed(_) => self.take_end(moment),
            Body::ApprovalRequested(request) => self.take_request(moment, request),
            Body::ApprovalReceived(decision) => self.take_decision(moment, decision),
            Body::LlmCall(call) => self.take_call(moment, call),
            Body::RetryStarted(retry) => self.take_retry(moment, retry),
            Body::Escalated(escalation) => {
                let mut span = Span::of(SpanKind::Escalation, "escalated".to_owned(), moment);
                span.summary = owned(escalation.summary.as_deref()).or_else(|| owned(escalation.reason.as_deref()));
                span.human =
                    Some(HumanSpan { asked_of: owned(escalation.assigned_to.as_deref()), ..HumanSpan::default() });
                self.add(span, moment);
            }
            Body::PlanCreated(plan) => {
                let mut span = Span::of(SpanKind::Plan, format!("plan, {} steps", plan.steps.len()), moment);
                span.summary = owned(plan.goal.as_deref()).or_else(|| summary(moment));
                self.add(span, moment);
            }
            Body::ActionStarted(_)
            | Body::ActionCompleted(_)
            | Body::ActionFailed(_)
            | Body::Heartbeat { .. }
            | Body::Registered(_)
            | Body::PlanStep(_) => {}
            step if actions::is_step(step) => {}
            Body::QueueSnapshot(_) | Body::Todo(_) | Body::Scheduled(_) | Body::Issue(_) | Body::Custom { .. } => {
                let mut span = Span::of(SpanKind::Note, note_name(moment), moment);
                span.summary = summary(moment);
                self.add(span, moment);
            }
        }
    }

    fn take_end(&mut self, moment: &'a Moment) {
        let root = &mut self.spans[ROOT];
        root.moments.push(moment);
        root.summary = summary(moment).or(root.summary.take());
        root.duration_ms = moment.stored.event.duration_ms;
        root.exception = match &moment.body {
            Body::TaskFailed(exception) => Some(exception_of(exception, moment)),
            _ => None,
        };
    }

    fn take_request(&mut self, moment: &'a Moment, request: &ApprovalRequest) {
        let mut span = Span::of(SpanKind::Approval, "approval".to_owned(), moment);
        span.summary = owned(request.summary.as_deref());
        span.human = Some(HumanSpan { asked_of: owned(request.approver.as_deref()), ..HumanSpan::default() });
        (span.outcome, span.ended, span.until) = (SpanOutcome::Open, false, i64::MAX);
        let place = self.add(span, moment);
        self.waiting.push(place);
    }

    /// An answer ends every wait before it, as it does for the run's status; its words belong to the request that it names, else to the
    /// oldest.
    fn take_decision(&mut self, moment: &'a Moment, decision: &ApprovalDecision) {
        let named = moment.stored.event.parent_event_id.as_deref();
        let waiting = std::mem::take(&mut self.waiting);
        let answered = waiting
            .iter()
            .find(|place| named.is_some_and(|id| self.spans[**place].id == id))
            .or_else(|| waiting.first())
            .copied();
        let at = moment.at().micros();
        for place in &waiting {
            let span = &mut self.spans[*place];
            (span.outcome, span.ended, span.until) = (SpanOutcome::Done, true, at);
        }
        let word = owned(decision.decision.as_deref()).or_else(|| owned(moment.stored.event.status.as_deref()));
        let place = if let Some(place) = answered {
            self.spans[place].moments.push(moment);
            place
        } else {
            self.add(Span::of(SpanKind::Approval, "approval".to_owned(), moment), moment)
        };
        let span = &mut self.spans[place];
        if matches!(word.as_deref(), Some("rejected" | "denied")) {
            span.outcome = SpanOutcome::Failed;
        }
        let asked_of = span.human.take().and_then(|human| human.asked_of);
        span.human = Some(HumanSpan {
            asked_of,
            answered_by: owned(decision.approved_by.as_deref()),
            decision: word,
            answer: owned(decision.summary.as_deref()),
        });
    }

    /// A call is told after it returned.
    fn take_call(&mut self, moment: &'a Moment, call: &LlmCall) {
        let name = owned(call.name.as_deref()).unwrap_or_else(|| "llm call".to_owned());
        let mut span = Span::of(SpanKind::LlmCall, name, moment);
        let event = &moment.stored.event;
        let duration_ms = call.duration_ms.or(event.duration_ms).map(|ms| ms.clamp(0.0, 1e12));
        span.from -= (duration_ms.unwrap_or(0.0) * 1000.0) as i64;
        span.duration_ms = duration_ms;
        span.summary = summary(moment);
        if event.status.as_deref() == Some("error") || event.severity == hiveboard_wire::Severity::Error {
            span.outcome = SpanOutcome::Failed;
        }
        span.llm = Some(llm_span(moment, call, self.costs.get(&moment.key.event_id).copied()));
        self.add(span, moment);
    }

    /// A retry is told before its pause.
    fn take_retry(&mut self, moment: &'a Moment, retry: &Retry) {
        let mut span = Span::of(SpanKind::Retry, "retry".to_owned(), moment);
        span.summary = owned(retry.summary.as_deref());
        span.attempt = retry.attempt;
        span.backoff_ms = retry.backoff_seconds.map(|seconds| seconds.clamp(0.0, 1e9) * 1000.0);
        span.until += (span.backoff_ms.unwrap_or(0.0) * 1000.0) as i64;
        self.add(span, moment);
    }

    fn finish(mut self, closed: Option<(i64, bool)>) -> Tree<'a> {
        let starts = self.spans.iter().filter(|span| span.kind != SpanKind::LlmCall).map(|span| span.from);
        let from = starts.min().unwrap_or(0);
        let root = &mut self.spans[ROOT];
        root.from = from;
        (root.until, root.ended, root.outcome) = match closed {
            Some((at, failed)) => (at, true, if failed { SpanOutcome::Failed } else { SpanOutcome::Done }),
            None => (i64::MAX, false, SpanOutcome::Open),
        };
        if closed.is_none() {
            (root.duration_ms, root.exception) = (None, None);
        }
        let end = root.until;
        for span in &mut self.spans[1..] {
            if span.outcome == SpanOutcome::Open {
                span.until = end.max(span.from);
                span.outcome = if closed.is_some() { SpanOutcome::Unknown } else { SpanOutcome::Open };
            }
            if span.kind == SpanKind::Retry {
                span.until = span.until.min(end.max(span.from));
            }
            span.from = span.from.max(from);
        }
        let mut tree = Tree { spans: self.spans, open: closed.is_none() };
        nest(&mut tree, &self.named, &self.steps);
        retries::number_attempts(&mut tree);
        name_causes(&mut tree);
        tree
    }
}

/// An exception that only climbed is one failure of the error at the place where it was raised.
fn name_causes(tree: &mut Tree<'_>) {
    for place in 0..tree.spans.len() {
        if tree.spans[place].exception.is_none() {
            continue;
        }
        let mut inner = place;
        while let Some(next) = tree.spans[inner].children.iter().copied().find(|child| climbs(tree, *child, inner)) {
            inner = next;
        }
        let error_id = tree.spans[inner].exception.as_ref().and_then(|raised| raised.error_id.clone());
        if let Some(raised) = &mut tree.spans[place].exception {
            raised.error_id = error_id;
        }
    }
}

/// Whether what failed `inner` is what failed `outer`, too.
fn climbs(tree: &Tree<'_>, inner: usize, outer: usize) -> bool {
    let texts = |place: usize| {
        let raised = tree.spans[place].exception.as_ref()?;
        Some((raised.exception_type.as_deref(), raised.exception_message.as_deref()))
    };
    tree.spans[inner].kind == SpanKind::Action && texts(inner).is_some() && texts(inner) == texts(outer)
}

fn action_span<'a>(action: &Tracked<'a>) -> Span<'a> {
    let at = action.started_at().or_else(|| action.ended_at()).or_else(|| action.first_at());
    let at = at.map_or(0, hiveboard_wire::Timestamp::micros);
    let mut span =
        Span::new(SpanKind::Action, action.id().to_owned(), action.name().unwrap_or("action").to_owned(), at);
    span.moments = action.moments().to_vec();
    span.summary = span.moments.iter().rev().find_map(|moment| summary(moment));
    if let Some((end, completed)) = action.closed() {
        span.until = end.micros().max(span.from);
        span.duration_ms = action.duration_ms();
        span.outcome = if completed { SpanOutcome::Done } else { SpanOutcome::Failed };
        if let (false, Some(moment)) = (completed, action.last_end())
            && let Body::ActionFailed(failed) = &moment.body
        {
            span.exception = Some(exception_of(&failed.exception, moment));
        }
    } else {
        (span.outcome, span.ended, span.until) = (SpanOutcome::Open, false, i64::MAX);
    }
    span
}

fn note_name(moment: &Moment) -> String {
    let event = &moment.stored.event;
    if event.event_type != EventType::Custom {
        return event.event_type.as_str().replace('_', " ");
    }
    let Body::Custom { kind, .. } = &moment.body else {
        return event.kind.map_or("event", hiveboard_wire::Kind::as_str).replace('_', " ");
    };
    let data = words(moment).data;
    let named: Named<'_> = data.and_then(|data| serde_json::from_str(data.get()).ok()).unwrap_or_default();
    let name = named.name.filter(|name| !name.trim().is_empty()).map(Cow::into_owned);
    name.or_else(|| owned(kind.as_deref())).unwrap_or_else(|| "event".to_owned())
}

/// Gives every span its parent, its depth and its children in order.
fn nest(tree: &mut Tree<'_>, named: &[(usize, Option<&str>)], steps: &actions::Steps<'_>) {
    let actions: HashMap<String, usize> = tree
        .spans
        .iter()
        .enumerate()
        .filter(|(_, span)| span.kind == SpanKind::Action)
        .map(|(place, span)| (span.id.clone(), place))
        .collect();
    set_depths(tree);
    let surroundings = Surroundings::new(tree);
    for (place, action) in named {
        let span = &tree.spans[*place];
        let at = if span.kind == SpanKind::LlmCall { span.until } else { span.from };
        let parent = match action {
            Some(id) => steps.place(id, &|id: &str| actions.get(id).copied()),
            // What says nothing of where it happened belongs to the action that surrounded it, when only one chain did.
            None => surroundings.innermost(tree, at),
        };
        tree.spans[*place].parent = parent.unwrap_or(ROOT);
        tree.spans[*place].depth = 0;
        let (start, until) = (tree.spans[tree.spans[*place].parent].from, tree.spans[*place].until);
        let span = &mut tree.spans[*place];
        if span.kind == SpanKind::LlmCall {
            span.from = span.from.max(start.min(until));
        }
    }
    set_depths(tree);
    let mut children = vec![Vec::new(); tree.spans.len()];
    for place in 1..tree.spans.len() {
        children[tree.spans[place].parent].push(place);
    }
    for (place, mut below) in children.into_iter().enumerate() {
        below.sort_by(|a, b| {
            let (a, b) = (&tree.spans[*a], &tree.spans[*b]);
            (a.from, &a.id).cmp(&(b.from, &b.id))
        });
        tree.spans[place].children = below;
    }
}

/// Sets the depths that are not known yet, and lifts what lies too deep.
fn set_depths(tree: &mut Tree<'_>) {
    let mut path = Vec::new();
    for place in 1..tree.spans.len() {
        let mut at = place;
        while at != ROOT && tree.spans[at].depth == 0 {
            path.push(at);
            at = tree.spans[at].parent;
        }
        while let Some(below) = path.pop() {
            let parent = tree.spans[below].parent;
            let depth = tree.spans[parent].depth + 1;
            if depth >= MOST_LEVELS {
                tree.spans[below].parent = tree.spans[parent].parent;
            }
            tree.spans[below].depth = depth.min(MOST_LEVELS - 1);
        }
    }
}

/// Finds the innermost action around an instant.
struct Surroundings {
    /// Actions by their start: `(from, until, place)`.
    by_start: Vec<(i64, i64, usize)>,
    /// The latest end among all actions up to a place: lets the search back stop early.
    latest_ends: Vec<i64>,
}

/// Actions looked at for one instant; of more at once nobody could tell which it was.
const MOST_SURROUNDING: usize = 256;

impl Surroundings {
    fn new(tree: &Tree<'_>) -> Self {
        let actions = tree.spans.iter().enumerate().filter(|(_, span)| span.kind == SpanKind::Action);
        let mut by_start: Vec<_> = actions.map(|(place, span)| (span.from, span.until, place)).collect();
        by_start.sort_unstable();
        let mut latest = i64::MIN;
        let latest_ends = by_start
            .iter()
            .map(|(_, until, _)| {
                latest = latest.max(*until);
                latest
            })
            .collect();
        Self { by_start, latest_ends }
    }

    /// `None` when actions ran side by side there, and a guess would be a coin's toss.
    fn innermost(&self, tree: &Tree<'_>, at: i64) -> Option<usize> {
        let started = self.by_start.partition_point(|(from, ..)| *from <= at);
        let mut found = None;
        for index in (0..started).rev().take(MOST_SURROUNDING) {
            if self.latest_ends[index] < at {
                break;
            }
            let (_, until, place) = self.by_start[index];
            if until < at {
                continue;
            }
            match found {
                None => found = Some(place),
                Some(known) if tree.is_within(place, known) => found = Some(place),
                Some(known) if tree.is_within(known, place) => {}
                Some(_) => return None,
            }
        }
        found
    }
}
