//! Actions as a tree. Starts, ends and parents may be missing, and parents may even go in circles.

use std::collections::HashMap;

use hiveboard_wire::{Body, Timestamp, body::Action};

use super::{Moment, Span};
use crate::view::{ActionNode, ActionStatus};

/// Levels of the tree; deeper actions hang from the last level, so that no reader's stack is at risk.
const MOST_LEVELS: usize = 64;

#[derive(Default)]
pub(super) struct Tracked<'a> {
    id: String,
    parent: Option<&'a str>,
    name: Option<&'a str>,
    /// The first start and the last one.
    starts: Option<(Timestamp, Timestamp)>,
    end: Option<(Timestamp, bool)>,
    duration_ms: Option<f64>,
    exception: (Option<&'a str>, Option<&'a str>),
    /// Its events, in order.
    moments: Vec<&'a Moment>,
    last_end: Option<&'a Moment>,
}

impl<'a> Tracked<'a> {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) const fn name(&self) -> Option<&'a str> {
        self.name
    }

    pub(super) const fn parent(&self) -> Option<&'a str> {
        self.parent
    }

    pub(super) fn moments(&self) -> &[&'a Moment] {
        &self.moments
    }

    pub(super) const fn last_end(&self) -> Option<&'a Moment> {
        self.last_end
    }

    pub(super) fn first_at(&self) -> Option<Timestamp> {
        self.moments.first().map(|moment| moment.at())
    }

    pub(super) fn ended_at(&self) -> Option<Timestamp> {
        self.closed().map(|(end, _)| end)
    }

    fn take(&mut self, moment: &'a Moment, action: &'a Action) {
        self.moments.push(moment);
        self.name = action.name.as_deref().or(action.function.as_deref()).or(self.name);
        self.parent = self.parent.or(moment.stored.event.parent_action_id.as_deref());
        let at = moment.at();
        if let Body::ActionStarted(_) = moment.body {
            self.starts = Some((self.starts.map_or(at, |(first, _)| first), at));
        } else {
            self.last_end = Some(moment);
            self.end = Some((at, matches!(moment.body, Body::ActionCompleted(_))));
            self.duration_ms = moment.stored.event.duration_ms;
            self.exception =
                (action.exception.exception_type.as_deref(), action.exception.exception_message.as_deref());
        }
    }

    /// The end, unless it started again after it.
    pub(super) fn closed(&self) -> Option<(Timestamp, bool)> {
        self.end.filter(|(at, _)| self.starts.is_none_or(|(_, last)| last <= *at))
    }

    pub(super) fn duration_ms(&self) -> Option<f64> {
        let (end, _) = self.closed()?;
        self.duration_ms.or_else(|| self.starts.map(|(first, _)| end.millis_since(first)))
    }

    pub(super) fn started_at(&self) -> Option<Timestamp> {
        let from_end = || {
            let (end, _) = self.closed()?;
            Some(end.plus_micros(-((self.duration_ms? * 1000.0) as i64)))
        };
        self.starts.map(|(first, _)| first).or_else(from_end)
    }

    /// From start to end, to the end of a run that goes on, or an instant for what never ended.
    pub(super) fn interval(&self, span: Span) -> Option<(Timestamp, Timestamp)> {
        let from = self.started_at()?;
        let until = match self.closed() {
            Some((end, _)) => end,
            None if span.running => span.until,
            None => from,
        };
        Some((from, until))
    }

    fn node(&self, span: Span) -> ActionNode {
        let status = match self.closed() {
            Some((_, true)) => ActionStatus::Completed,
            Some((_, false)) => ActionStatus::Failed,
            None if span.running => ActionStatus::Running,
            None => ActionStatus::Unfinished,
        };
        let text = |text: Option<&str>| text.map(str::to_owned);
        ActionNode {
            action_id: self.id.clone(),
            name: text(self.name),
            status,
            started_at: self.started_at(),
            ended_at: self.closed().map(|(end, _)| end),
            duration_ms: self.duration_ms(),
            exception_type: text(self.exception.0),
            exception_message: text(self.exception.1),
            children: Vec::new(),
        }
    }
}

/// All actions in order of their first event. An action event without `action_id` is an action of its own.
pub(super) fn tracked(moments: &[Moment]) -> Vec<Tracked<'_>> {
    let mut places = HashMap::<String, usize>::new();
    let mut all = Vec::<Tracked<'_>>::new();
    for moment in moments {
        let (Body::ActionStarted(action) | Body::ActionCompleted(action) | Body::ActionFailed(action)) = &moment.body
        else {
            continue;
        };
        let event = &moment.stored.event;
        let id = event.action_id.as_deref().map_or_else(|| event.event_id.to_string(), str::to_owned);
        let place = *places.entry(id.clone()).or_insert_with(|| {
            all.push(Tracked { id, ..Tracked::default() });
            all.len() - 1
        });
        all[place].take(moment, action);
    }
    all
}

/// Where the steps stand that are no actions themselves: a note of kind `span` names itself and what it hangs from.
#[derive(Debug, Default)]
pub(super) struct Steps<'a>(HashMap<&'a str, &'a str>);

impl<'a> Steps<'a> {
    pub(super) fn of(moments: &'a [Moment]) -> Self {
        let steps = moments.iter().filter(|moment| is_step(&moment.body)).filter_map(|moment| {
            let event = &moment.stored.event;
            Some((event.action_id.as_deref()?, event.parent_action_id.as_deref()?))
        });
        Self(steps.collect())
    }

    /// The place of the action that `id` is, or that the step of this id belongs to.
    pub(super) fn place(&self, id: &str, actions: &impl Fn(&str) -> Option<usize>) -> Option<usize> {
        let mut at = id;
        // Steps may go in circles, too.
        for _ in 0..=self.0.len() {
            if let Some(place) = actions(at) {
                return Some(place);
            }
            at = self.0.get(at)?;
        }
        None
    }
}

/// A step between others, kept for its place alone.
pub(super) fn is_step(body: &Body) -> bool {
    matches!(body, Body::Custom { kind: Some(kind), .. } if &**kind == "span")
}

pub(super) fn tree(moments: &[Moment], span: Span) -> Vec<ActionNode> {
    let all = tracked(moments);
    let parents = parents(&all, &Steps::of(moments));
    let mut children = vec![Vec::new(); all.len()];
    let mut roots = Vec::new();
    for (place, parent) in parents.iter().enumerate() {
        match parent {
            Some(parent) => children[*parent].push(place),
            None => roots.push(place),
        }
    }
    roots.into_iter().map(|root| grow(root, &all, &mut children, span, 1)).collect()
}

/// Place of each action's parent, with circles opened at their earliest member.
pub(super) fn parents(all: &[Tracked<'_>], steps: &Steps<'_>) -> Vec<Option<usize>> {
    let places: HashMap<&str, usize> = all.iter().enumerate().map(|(place, action)| (&*action.id, place)).collect();
    let place = |id: &str| places.get(id).copied();
    let mut parents: Vec<Option<usize>> =
        all.iter().map(|action| action.parent.and_then(|parent| steps.place(parent, &place))).collect();
    // Each action is walked once: 0 not seen, else the number of the walk that saw it first.
    let mut seen = vec![0_usize; all.len()];
    for start in 0..all.len() {
        let walk = start + 1;
        let mut at = start;
        while seen[at] == 0 {
            seen[at] = walk;
            match parents[at] {
                Some(parent) => at = parent,
                None => break,
            }
        }
        if seen[at] == walk && parents[at].is_some() {
            // The walk came back to itself.
            let mut earliest = at;
            let mut member = at;
            while let Some(parent) = parents[member].filter(|parent| *parent != at) {
                earliest = earliest.min(parent);
                member = parent;
            }
            parents[earliest] = None;
        }
    }
    parents
}

fn grow(place: usize, all: &[Tracked<'_>], children: &mut [Vec<usize>], span: Span, level: usize) -> ActionNode {
    let mut node = all[place].node(span);
    let mut below = std::mem::take(&mut children[place]);
    if level + 1 == MOST_LEVELS {
        let mut at = 0;
        while at < below.len() {
            let deeper = std::mem::take(&mut children[below[at]]);
            below.extend(deeper);
            at += 1;
        }
        below.sort_unstable();
    }
    node.children = below.into_iter().map(|child| grow(child, all, children, span, level + 1)).collect();
    node
}
