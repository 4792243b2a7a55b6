//! A run's story kept at hand: what was worked out once is not worked out again for every page, and what changed can be told.

use std::collections::{HashMap, HashSet};

use hiveboard_wire::{EventId, OrderKey, StoredEvent, Timestamp};

use super::{CallCosts, Moment, Span, actions, breakdown, chains, plan, spans, steps};
use crate::{
    run,
    view::{ErrorChain, EventRow, PlanView, RetryStretch, SpanView, StepView, TaskView, TimelineView},
};

/// Spans that went, remembered for readers who still draw them; with more gone they read anew.
const MOST_REMOVED: usize = 1_000;

/// One run's events in order, and what they add up to.
#[derive(Debug, Default)]
pub struct Story {
    moments: Vec<Moment>,
    seen: HashSet<EventId>,
    costs: CallCosts,
    seq: u64,
    /// Changes after this `seq` are known one by one.
    known_since: u64,
    spans: Vec<SpanView>,
    /// With the `seq` at which they went.
    removed: Vec<(u64, String)>,
    steps: Vec<StepView>,
    retry_stretches: Vec<RetryStretch>,
    plan: Option<PlanView>,
    error_chains: Vec<ErrorChain>,
    bytes: usize,
}

/// Which events a reader wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventsPage {
    /// From the first on, with everything that they add up to.
    First { limit: usize },
    /// The next after a page's last; events alone.
    After { key: OrderKey, limit: usize },
    /// What arrived after this `seq`, and what changed by it.
    Since { seq: u64, limit: usize },
}

impl Story {
    /// `seq` of the newest event taken in.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// How many events it holds.
    pub const fn len(&self) -> usize {
        self.moments.len()
    }

    pub const fn is_empty(&self) -> bool {
        self.moments.is_empty()
    }

    /// Roughly what it holds in memory.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes more of the run's events in, in any order; those already known change nothing.
    pub fn append(&mut self, events: Vec<StoredEvent>, costs: CallCosts) {
        let mut grew = false;
        let before = self.seq;
        self.costs.extend(costs);
        for stored in events {
            if !self.seen.insert(stored.event.event_id.clone()) {
                continue;
            }
            grew = true;
            self.seq = self.seq.max(stored.seq);
            self.bytes += stored.event.payload.as_deref().map_or(0, |payload| payload.get().len()) + 1_500;
            self.moments.push(Moment::new(stored));
        }
        if !grew {
            return;
        }
        self.moments.sort_by(|a, b| a.key.cmp(&b.key));
        let tree = spans::tree(&self.moments, &self.costs, self.end());
        let (steps, stretches) = steps::tell(&tree);
        let spans = tree.views(self.seq);
        (self.steps, self.retry_stretches) = (steps, stretches);
        self.plan = plan::plan(&self.moments);
        self.error_chains = chains::chains(&self.moments);
        self.replace_spans(spans, before);
    }

    /// The latest end and whether it failed, unless a start opened the run again after it: the rule of [`run::is_closed`].
    fn end(&self) -> Option<(i64, bool)> {
        use hiveboard_wire::Body;
        let (mut starts, mut latest_start, mut end) = (0, i64::MIN, None);
        for moment in &self.moments {
            match moment.body {
                Body::TaskStarted => {
                    starts += 1;
                    latest_start = moment.at().micros();
                }
                Body::TaskCompleted => end = Some((moment.at().micros(), false)),
                Body::TaskFailed(_) => end = Some((moment.at().micros(), true)),
                _ => {}
            }
        }
        let named = self
            .moments
            .first()
            .is_some_and(|moment| moment.stored.event.task_run_id.as_deref().is_some_and(|id| !id.is_empty()));
        end.filter(|(at, _)| run::is_closed(*at, latest_start, starts, named))
    }

    fn replace_spans(&mut self, mut spans: Vec<SpanView>, before: u64) {
        if self.spans.is_empty() {
            self.known_since = self.seq;
            self.spans = spans;
            return;
        }
        let mut old: HashMap<String, SpanView> =
            std::mem::take(&mut self.spans).into_iter().map(|span| (span.span_id.clone(), span)).collect();
        for span in &mut spans {
            if let Some(mut known) = old.remove(&span.span_id) {
                let changed_seq = std::mem::replace(&mut known.changed_seq, span.changed_seq);
                if known == *span {
                    span.changed_seq = changed_seq;
                }
            }
        }
        self.spans = spans;
        self.removed.extend(old.into_keys().map(|id| (self.seq, id)));
        if self.removed.len() > MOST_REMOVED {
            self.removed.clear();
            self.known_since = before.max(self.known_since).max(self.seq);
        }
    }

    /// What a reader wants to see, and the place of its last event where more follow.
    pub fn timeline(
        &self,
        task: TaskView,
        (runs, runs_total): (Vec<TaskView>, u64),
        page: EventsPage,
        now: Timestamp,
    ) -> (TimelineView, Option<OrderKey>) {
        let span = Span::of(&task, now);
        let mut view = TimelineView {
            task,
            runs,
            runs_total,
            seq: self.seq,
            events: Vec::new(),
            action_tree: Vec::new(),
            spans: Vec::new(),
            spans_complete: false,
            removed_span_ids: Vec::new(),
            steps: Vec::new(),
            retry_stretches: Vec::new(),
            error_chains: Vec::new(),
            plan: None,
            time_breakdown: breakdown::breakdown(&self.moments, span),
        };
        let (from, limit) = match page {
            EventsPage::First { limit } => (0, limit),
            EventsPage::After { key, limit } => (self.moments.partition_point(|moment| moment.key <= key), limit),
            EventsPage::Since { seq, limit } => return (self.changes(view, seq, limit, span), None),
        };
        let rest = &self.moments[from..];
        let shown = &rest[..limit.min(rest.len())];
        view.events = shown.iter().map(|moment| EventRow(moment.stored.clone())).collect();
        if from == 0 {
            self.fill(&mut view, span);
            view.spans.clone_from(&self.spans);
            view.spans_complete = true;
        }
        let next = shown.last().filter(|_| shown.len() < rest.len()).map(|moment| moment.key.clone());
        (view, next)
    }

    fn fill(&self, view: &mut TimelineView, span: Span) {
        view.action_tree = actions::tree(&self.moments, span);
        view.steps.clone_from(&self.steps);
        view.retry_stretches.clone_from(&self.retry_stretches);
        view.error_chains.clone_from(&self.error_chains);
        view.plan.clone_from(&self.plan);
    }

    fn changes(&self, mut view: TimelineView, seq: u64, limit: usize, span: Span) -> TimelineView {
        let mut fresh: Vec<&Moment> = self.moments.iter().filter(|moment| moment.stored.seq > seq).collect();
        fresh.sort_by_key(|moment| moment.stored.seq);
        if fresh.len() > limit {
            // The reader asks again from where this answer ends.
            fresh.truncate(limit);
            view.seq = fresh.last().map_or(view.seq, |moment| moment.stored.seq);
        }
        view.events = fresh.iter().map(|moment| EventRow(moment.stored.clone())).collect();
        if seq >= self.seq {
            return view;
        }
        self.fill(&mut view, span);
        view.spans_complete = seq < self.known_since;
        let wanted = |span: &&SpanView| view.spans_complete || span.changed_seq > seq;
        view.spans = self.spans.iter().filter(wanted).cloned().collect();
        if !view.spans_complete {
            let gone = self.removed.iter().filter(|(at, _)| *at > seq);
            let here: HashSet<&str> = self.spans.iter().map(|span| span.span_id.as_str()).collect();
            view.removed_span_ids =
                gone.filter(|(_, id)| !here.contains(id.as_str())).map(|(_, id)| id.clone()).collect();
        }
        view
    }
}
