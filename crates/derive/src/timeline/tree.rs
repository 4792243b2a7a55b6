//! The spans of a run as a tree, by places in one list.

use hiveboard_wire::{CallCost, Timestamp};

use super::Moment;
use crate::view::{ExceptionSpan, HumanSpan, LlmSpan, SpanKind, SpanOutcome, SpanView};

/// Levels of the tree; deeper spans hang from the last level, so that no reader's stack is at risk.
pub(super) const MOST_LEVELS: usize = 64;
pub(super) const ROOT: usize = 0;

/// What becomes a [`SpanView`]. Times are microseconds; what is open lasts until [`i64::MAX`].
#[derive(Debug)]
pub(super) struct Span<'a> {
    pub(super) id: String,
    pub(super) kind: SpanKind,
    pub(super) name: String,
    pub(super) outcome: SpanOutcome,
    pub(super) from: i64,
    pub(super) until: i64,
    /// Whether it has an end of its own; `until` may be the run's.
    pub(super) ended: bool,
    pub(super) duration_ms: Option<f64>,
    pub(super) parent: usize,
    pub(super) depth: usize,
    pub(super) children: Vec<usize>,
    pub(super) moments: Vec<&'a Moment>,
    pub(super) summary: Option<String>,
    pub(super) attempt: Option<u64>,
    pub(super) llm: Option<LlmSpan>,
    pub(super) human: Option<HumanSpan>,
    pub(super) exception: Option<ExceptionSpan>,
    pub(super) backoff_ms: Option<f64>,
}

impl<'a> Span<'a> {
    pub(super) fn new(kind: SpanKind, id: String, name: String, at: i64) -> Self {
        Self {
            id,
            kind,
            name,
            outcome: SpanOutcome::Done,
            from: at,
            until: at,
            ended: true,
            duration_ms: None,
            parent: ROOT,
            depth: 0,
            children: Vec::new(),
            moments: Vec::new(),
            summary: None,
            attempt: None,
            llm: None,
            human: None,
            exception: None,
            backoff_ms: None,
        }
    }

    pub(super) fn of(kind: SpanKind, name: String, moment: &'a Moment) -> Self {
        let mut span = Self::new(kind, moment.key.event_id.to_string(), name, moment.at().micros());
        span.moments.push(moment);
        span
    }
}

/// All spans; the root is the first. Children are in order.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub(super) spans: Vec<Span<'a>>,
    /// Whether the run has not ended.
    pub(super) open: bool,
}

impl Tree<'_> {
    /// Places of all spans, depth first, children in order.
    pub(super) fn depth_first(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.spans.len());
        let mut stack = vec![ROOT];
        while let Some(place) = stack.pop() {
            order.push(place);
            stack.extend(self.spans[place].children.iter().rev());
        }
        order
    }

    /// `candidate` is `ancestor` or below it.
    pub(super) fn is_within(&self, candidate: usize, ancestor: usize) -> bool {
        let mut at = candidate;
        loop {
            if at == ancestor {
                return true;
            }
            if at == ROOT {
                return false;
            }
            at = self.spans[at].parent;
        }
    }

    pub(super) fn views(&self, changed_seq: u64) -> Vec<SpanView> {
        let view = |place: usize| {
            let span = &self.spans[place];
            SpanView {
                span_id: span.id.clone(),
                parent_id: (place != ROOT).then(|| self.spans[span.parent].id.clone()),
                depth: span.depth as u32,
                kind: span.kind,
                name: span.name.clone(),
                outcome: span.outcome,
                started_at: Timestamp(span.from),
                ended_at: span.ended.then_some(Timestamp(span.until)),
                duration_ms: span.duration_ms.or_else(|| span.ended.then(|| (span.until - span.from) as f64 / 1000.0)),
                summary: span.summary.clone(),
                attempt: span.attempt,
                event_ids: span.moments.iter().map(|moment| moment.key.event_id.to_string()).collect(),
                llm: span.llm.clone(),
                human: span.human.clone(),
                exception: span.exception.clone(),
                backoff_ms: span.backoff_ms,
                changed_seq,
            }
        };
        self.depth_first().into_iter().map(view).collect()
    }
}

pub(super) fn llm_span(moment: &Moment, call: &hiveboard_wire::body::LlmCall, cost: Option<CallCost>) -> LlmSpan {
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    let known = cost.or_else(|| {
        let amount = call.cost?;
        Some(CallCost { amount, source: hiveboard_wire::CostSource::Reported })
    });
    debug_assert!(matches!(moment.body, hiveboard_wire::Body::LlmCall(_)), "only model calls have these facts");
    LlmSpan {
        model: text(&call.model),
        tokens_in: call.tokens_in,
        tokens_out: call.tokens_out,
        cost: known.filter(|cost| cost.source != hiveboard_wire::CostSource::Unknown).map(|cost| cost.amount.dollars()),
        cost_source: known.map(|cost| cost.source),
        prompt_preview: text(&call.prompt_preview),
        response_preview: text(&call.response_preview),
        malformed: moment.stored.event.malformed(),
    }
}
