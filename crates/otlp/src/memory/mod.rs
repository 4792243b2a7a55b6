//! The shape of recent traces: who hangs below whom, and what waits until that is known.
//!
//! Spans are sent when they end, children before their parents, often in other requests. What a span means can depend on what is above
//! it; what cannot be said yet is kept here, bounded, and said as soon as it can. After a restart of the server the shape is known from
//! the next spans on.

mod calls;
mod pauses;
mod retries;
mod tools;

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use hiveboard_wire::{Scope, Timestamp};
use parking_lot::Mutex;

pub use self::pauses::Paused;
pub(crate) use self::{calls::Told, pauses::ASKED};
use crate::{batch::Identity, draft::Draft, role::Role};

/// Traces whose shape is kept. The one that was silent for longest goes first.
const MOST_TRACES: usize = 4_096;
/// Spans of one trace that are kept; of more, the places are not known.
const MOST_SPANS: usize = 20_000;

/// Failures of one trace whose next tries are looked for.
const MOST_FAILURES: usize = 256;
/// Spans that are looked through between a call and what it belongs to, or what tells of it.
const MOST_BETWEEN: usize = 100;

pub(crate) type SpanId = [u8; 8];
pub(crate) type TraceId = [u8; 16];

/// What is kept of a span.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// `None` at the top of its process.
    pub(crate) parent: Option<SpanId>,
    /// The same, also where it is of another process.
    pub(crate) above: Option<SpanId>,
    /// Of a tool: the action that it is.
    pub(crate) action: Option<Box<str>>,
    /// Its action was said.
    pub(crate) is_said: bool,
    /// Its place was known, and what it is there was said.
    pub(crate) is_settled: bool,
    /// By which what hangs below it belongs together with others, if it does not say so itself.
    pub(crate) correlation: Option<Box<str>>,
    pub(crate) role: Role,
    pub(crate) name: Box<str>,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) failed: bool,
    /// Of a model call.
    pub(crate) call: Option<Told>,
    pub(crate) scope: Arc<str>,
    /// It is within its process: neither a request that it serves or makes, nor a message.
    pub(crate) is_internal: bool,
    /// What it asked a person before it ended: empty where that is not known.
    pub(crate) asks: Option<Arc<str>>,
    /// Of what may be a task: the conversation that it says it is of.
    pub(crate) conversation: Option<Box<str>>,
    /// What is said if it is the task of what hangs below it; kept of the top of a process that is no agent's work itself.
    pub(crate) task: Option<Arc<[Draft]>>,
}

/// What can be said once the place of its span is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waiting {
    pub(crate) span: SpanId,
    /// Said if it turns out to be the topmost.
    pub(crate) if_topmost: Vec<Draft>,
    /// Said if it hangs below another span of the agent's work.
    pub(crate) if_nested: Vec<Draft>,
    /// Said if the task is a span of the program's own above it.
    pub(crate) if_adopted: Vec<Draft>,
    /// Said if what it hangs from is the same once more.
    pub(crate) if_doubled: Vec<Draft>,
    /// Said if no other span tells of the same model call.
    pub(crate) if_alone: Option<Draft>,
}

impl Waiting {
    pub(crate) fn of(span: SpanId) -> Self {
        Self { span, ..Self::default() }
    }
}

/// What has to come before something can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) SpanId);

pub(crate) type Known<T> = Result<T, Missing>;

#[derive(Debug, Default)]
pub(crate) struct Trace {
    spans: HashMap<SpanId, Seen>,
    children: HashMap<SpanId, Vec<SpanId>>,
    /// Those at the top of a process, by the span of another that they hang from.
    called: HashMap<SpanId, Vec<SpanId>>,
    /// By the span that has to come first.
    waiting: HashMap<SpanId, Vec<Waiting>>,
    /// Tools and model calls that failed.
    failures: Vec<SpanId>,
    /// Tools and model calls, by name.
    named: HashMap<Box<str>, Vec<SpanId>>,
    /// Those that ended because they asked a person.
    paused: Vec<SpanId>,
    /// Topmost ones that were told to wait.
    asked: HashSet<SpanId>,
    /// Something was said to be below these before they came.
    missed: HashSet<SpanId>,
    /// To be looked at.
    due: Vec<Waiting>,
    touched: u64,
    /// Who told of it last, and of which project it is.
    pub(crate) of: Option<(Arc<Identity>, Option<Arc<str>>)>,
}

/// Where a span stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing of the agent's work is above it.
    Topmost,
    /// Below this span of the agent's work.
    Below(SpanId),
}

impl Trace {
    /// Notes a span; true when it is new.
    pub(crate) fn see(&mut self, id: SpanId, seen: Seen) -> bool {
        let known = self.spans.get(&id).map(|known| known.parent);
        if known.is_none() && self.spans.len() >= MOST_SPANS {
            return true;
        }
        if known != Some(seen.parent) {
            if let Some(before) = known.flatten().and_then(|parent| self.children.get_mut(&parent)) {
                before.retain(|child| *child != id);
            }
            if let Some(parent) = seen.parent {
                self.children.entry(parent).or_default().push(id);
            }
        }
        if let (None, None, Some(caller)) = (known, seen.parent, seen.above) {
            self.called.entry(caller).or_default().push(id);
        }
        if known.is_none() && matches!(seen.role, Role::Tool | Role::Model) {
            self.named.entry_ref(&*seen.name).or_default().push(id);
            if seen.failed && self.failures.len() < MOST_FAILURES {
                self.failures.push(id);
            }
        }
        if known.is_none() && seen.asks.is_some() {
            self.paused.push(id);
        }
        self.insert(id, seen);
        self.due.extend(self.waiting.remove(&id).into_iter().flatten());
        known.is_none()
    }

    fn insert(&mut self, id: SpanId, mut seen: Seen) {
        if let Some(known) = self.spans.get(&id) {
            seen.is_said |= known.is_said;
            seen.is_settled |= known.is_settled;
            if let (Some(call), Some(before)) = (&mut seen.call, &known.call) {
                call.said |= before.said;
                call.was_bare |= before.was_bare || before.tokens == (None, None);
            }
        }
        self.spans.insert(id, seen);
    }

    /// Whether its call may have been said without its tokens, under the span's own id.
    pub(crate) fn was_bare(&self, id: SpanId) -> bool {
        self.spans.get(&id).and_then(|seen| seen.call.as_ref()).is_some_and(|call| call.was_bare)
    }

    pub(crate) fn note_said(&mut self, id: SpanId) {
        if let Some(call) = self.spans.get_mut(&id).and_then(|seen| seen.call.as_mut()) {
            call.said = true;
        }
    }

    /// Has it looked at when next asked what is due.
    pub(crate) fn look_at(&mut self, waiting: Waiting) {
        self.due.push(waiting);
    }

    pub(crate) fn wait(&mut self, Missing(span): Missing, waiting: Waiting) {
        self.waiting.entry(span).or_default().push(waiting);
    }

    /// What may have become clear since it was last asked.
    pub(crate) fn take_due(&mut self) -> Vec<Waiting> {
        std::mem::take(&mut self.due)
    }

    fn waits(&self) -> bool {
        !(self.waiting.is_empty() && self.due.is_empty())
    }

    /// Takes every span whose parent has not come for the top of its process: that parent is told to somebody else, or to nobody.
    fn give_up(&mut self) {
        let missing: Vec<SpanId> =
            self.waiting.keys().filter(|span| !self.spans.contains_key(*span)).copied().collect();
        for span in missing {
            for child in self.children.remove(&span).unwrap_or_default() {
                if let Some(seen) = self.spans.get_mut(&child) {
                    seen.parent = None;
                }
            }
            self.due.extend(self.waiting.remove(&span).into_iter().flatten());
        }
    }

    pub(crate) fn get(&self, id: SpanId) -> Option<&Seen> {
        self.spans.get(&id)
    }

    pub(crate) fn place(&self, id: SpanId) -> Known<Place> {
        let mut at = self.spans.get(&id).ok_or(Missing(id))?.parent;
        // Bounded, for parents may go in circles.
        for _ in 0..self.spans.len() {
            let Some(parent) = at else { return Ok(Place::Topmost) };
            let seen = self.spans.get(&parent).ok_or(Missing(parent))?;
            if seen.role.is_work() {
                return Ok(Place::Below(parent));
            }
            at = seen.parent;
        }
        Err(Missing(id))
    }

    /// Notes that something is said of a span while what it hangs from may not be known.
    pub(crate) fn note_parent(&mut self, parent: SpanId) {
        if !self.spans.contains_key(&parent) {
            self.missed.insert(parent);
        }
    }

    pub(crate) fn was_missed(&self, id: SpanId) -> bool {
        self.missed.contains(&id)
    }

    pub(crate) fn note_action(&mut self, id: SpanId) {
        if let Some(seen) = self.spans.get_mut(&id) {
            seen.is_said = true;
        }
    }

    pub(crate) fn note_settled(&mut self, id: SpanId) {
        if let Some(seen) = self.spans.get_mut(&id) {
            seen.is_settled = true;
        }
    }

    /// The agent by whose failure one ended that only runs agents, and does not say so itself: the last of its work, past the steps in between.
    pub(crate) fn failed_agent_below(&self, id: SpanId) -> Option<(SpanId, &Seen)> {
        // An agent that asks a model itself may go on without the others.
        if self.children(id).any(|(_, seen)| seen.role == Role::Model) {
            return None;
        }
        let mut at = id;
        for _ in 0..MOST_BETWEEN {
            let work = self.children(at).filter(|(_, seen)| seen.role.is_work());
            let (last, seen) = work.max_by_key(|(id, seen)| (seen.end, **id))?;
            match seen.role {
                Role::Step => at = *last,
                Role::Agent if seen.failed => return Some((*last, seen)),
                _ => return None,
            }
        }
        None
    }

    /// The topmost span that an agent hangs from, if only steps are in between. Of an agent it is not known early whether it asks a model itself.
    pub(crate) fn task_above(&self, id: SpanId) -> Option<(SpanId, &Seen)> {
        let mut at = self.spans.get(&id)?.parent?;
        for _ in 0..MOST_BETWEEN {
            let seen = self.spans.get(&at)?;
            match (seen.role, seen.parent) {
                (Role::Step, Some(parent)) => at = parent,
                (Role::Workflow | Role::Step, _) if self.place(at) == Ok(Place::Topmost) => {
                    return Some((at, seen));
                }
                _ => return None,
            }
        }
        None
    }

    /// What was asked of a person by a span or below it; that which says most.
    pub(crate) fn question_of(&self, id: SpanId) -> Option<&Arc<str>> {
        let asked = self.paused.iter().filter(|span| self.hangs_below(**span, id));
        asked.filter_map(|span| self.spans.get(span)?.asks.as_ref()).max_by_key(|question| question.len())
    }

    fn hangs_below(&self, id: SpanId, above: SpanId) -> bool {
        let mut at = Some(id);
        for _ in 0..self.spans.len() {
            match at {
                Some(span) if span == above => return true,
                Some(span) => at = self.spans.get(&span).and_then(|seen| seen.parent),
                None => return false,
            }
        }
        false
    }

    /// Topmost spans of work that were told as tasks, and that paused without having said so.
    pub(crate) fn tops_that_pause(&self) -> Vec<SpanId> {
        let mut tops: Vec<SpanId> = self.paused.iter().filter_map(|span| self.topmost(*span)).collect();
        tops.sort_unstable();
        tops.dedup();
        tops.retain(|top| !self.asked.contains(top) && self.spans.get(top).is_some_and(|seen| seen.is_settled));
        tops
    }

    /// Notes that a task asked for what it pauses.
    pub(crate) fn note_asked(&mut self, top: SpanId) {
        self.asked.insert(top);
    }

    /// The topmost span of the work that a span is part of, itself included.
    fn topmost(&self, id: SpanId) -> Option<SpanId> {
        let mut at = id;
        for _ in 0..self.spans.len() {
            match self.place(at).ok()? {
                Place::Topmost => return Some(at),
                Place::Below(above) => at = above,
            }
        }
        None
    }

    /// Where what hangs from a span is drawn: a model's call is nothing that others stand below.
    pub(crate) fn home(&self, parent: SpanId) -> Option<SpanId> {
        let mut at = parent;
        for _ in 0..MOST_BETWEEN {
            match self.spans.get(&at) {
                Some(seen) if seen.role == Role::Model => at = seen.parent?,
                _ => break,
            }
        }
        Some(at)
    }

    /// By what the spans above it belong together with others.
    pub(crate) fn correlation(&self, id: SpanId) -> Option<&str> {
        let mut at = self.spans.get(&id)?;
        for _ in 0..MOST_BETWEEN {
            if let Some(correlation) = &at.correlation {
                return Some(correlation);
            }
            at = self.spans.get(&at.parent?)?;
        }
        None
    }

    pub(crate) fn children(&self, id: SpanId) -> impl Iterator<Item = (&SpanId, &Seen)> {
        self.children.get(&id).into_iter().flatten().filter_map(move |child| Some((child, self.spans.get(child)?)))
    }

    /// The top of the process that a topmost span of work hangs from, if that is its task: one of the program's own, and of bare calls
    /// also the request that they serve. What a framework puts around its own agents is none.
    pub(crate) fn adopter(&self, id: SpanId) -> Option<(SpanId, &[Draft])> {
        let seen = self.spans.get(&id)?;
        let mut top = seen.parent?;
        for _ in 0..self.spans.len() {
            let Some(parent) = self.spans.get(&top)?.parent else { break };
            top = parent;
        }
        let above = self.spans.get(&top)?;
        let has_a_name = matches!(seen.role, Role::Agent | Role::Workflow);
        let adopts = !has_a_name
            || above.is_internal && above.scope != seen.scope
            || !above.is_internal && self.children(top).filter(|(_, other)| other.role == Role::Agent).count() > 1;
        above.task.as_deref().filter(|_| adopts).map(|task| (top, task))
    }

    /// Whether the agent or workflow that it hangs from has its name, so that both are one.
    pub(crate) fn is_doubled(&self, id: SpanId) -> Known<bool> {
        let name = &self.spans.get(&id).ok_or(Missing(id))?.name;
        let mut at = id;
        for _ in 0..self.spans.len() {
            let Place::Below(parent) = self.place(at)? else { return Ok(false) };
            let seen = self.spans.get(&parent).ok_or(Missing(parent))?;
            match seen.role {
                Role::Agent | Role::Workflow => return Ok(seen.name == *name),
                Role::Tool | Role::Model => return Ok(false),
                _ => at = parent,
            }
        }
        Err(Missing(id))
    }

    /// The model call directly below a span that ended last.
    pub(crate) fn last_call_below(&self, id: SpanId) -> Option<(&SpanId, &Seen)> {
        self.children(id).filter(|(_, seen)| seen.role == Role::Model).max_by_key(|(id, seen)| (seen.end, **id))
    }
}

/// Which trace of which agent.
pub(crate) type Key = (Scope, Box<str>, TraceId);

#[derive(Debug, Default)]
pub(crate) struct Traces {
    by_key: HashMap<Key, Trace>,
    ticks: u64,
    /// Traces that were not touched since then have been silent from one giving up to the next.
    mark: u64,
}

impl Traces {
    pub(crate) fn trace(&mut self, scope: Scope, agent: &str, id: TraceId) -> &mut Trace {
        self.ticks += 1;
        let key = (scope, agent.into(), id);
        if self.by_key.len() >= MOST_TRACES && !self.by_key.contains_key(&key) {
            self.forget_oldest();
        }
        let trace = self.by_key.entry(key).or_default();
        trace.touched = self.ticks;
        trace
    }

    /// Gives up waiting in traces of which nothing has come since this was last called, while their process told of others: one that is
    /// silent altogether may have died in the middle, and nothing is guessed of that. Answers those traces.
    pub(crate) fn give_up(&mut self) -> impl Iterator<Item = (&Key, &mut Trace)> {
        let mark = std::mem::replace(&mut self.mark, self.ticks);
        let living: HashSet<(Scope, Arc<Identity>)> = self
            .by_key
            .iter()
            .filter(|(_, trace)| trace.touched > mark)
            .filter_map(|(key, trace)| Some((key.0, trace.of.as_ref()?.0.clone())))
            .collect();
        let given_up = self.by_key.iter_mut().filter(move |(key, trace)| {
            let lives = |(identity, _): &(Arc<Identity>, Option<Arc<str>>)| living.contains(&(key.0, identity.clone()));
            trace.touched <= mark && trace.waits() && trace.of.as_ref().is_some_and(lives)
        });
        given_up.map(|(key, trace)| {
            trace.give_up();
            (key, trace)
        })
    }

    /// Forgets a quarter at once, so that it costs little for each.
    fn forget_oldest(&mut self) {
        let mut touched: Vec<u64> = self.by_key.values().map(|trace| trace.touched).collect();
        let (_, limit, _) = touched.select_nth_unstable(MOST_TRACES / 4);
        let limit = *limit;
        self.by_key.retain(|_, trace| trace.touched > limit);
    }
}

/// Maps export requests to events; keeps the shape of recent traces in between.
#[derive(Debug, Default)]
pub struct Memory {
    pub(crate) traces: Mutex<Traces>,
    pub(crate) pauses: Mutex<pauses::Pauses>,
    pub(crate) conversations: Mutex<crate::logs::Conversations>,
}

#[cfg(test)]
mod tests {
    use hiveboard_wire::{Mode, WorkspaceId};

    use super::*;

    fn seen(parent: Option<u8>, role: Role) -> Seen {
        Seen {
            parent: parent.map(|id| [id; 8]),
            above: None,
            action: None,
            is_said: false,
            is_settled: false,
            correlation: None,
            role,
            name: "n".into(),
            start: Timestamp(1),
            end: Timestamp(2),
            failed: false,
            call: None,
            scope: "".into(),
            is_internal: true,
            asks: None,
            conversation: None,
            task: None,
        }
    }

    #[test]
    fn a_place_is_known_once_all_above_it_is() {
        let mut trace = Trace::default();
        trace.see([3; 8], seen(Some(2), Role::Tool));
        assert_eq!(trace.place([3; 8]), Err(Missing([2; 8])));
        trace.see([2; 8], seen(Some(1), Role::Other));
        assert_eq!(trace.place([3; 8]), Err(Missing([1; 8])));
        trace.see([1; 8], seen(None, Role::Other));
        assert_eq!(trace.place([3; 8]), Ok(Place::Topmost));
        trace.see([1; 8], seen(None, Role::Agent));
        assert_eq!(trace.place([3; 8]), Ok(Place::Below([1; 8])));
    }

    #[test]
    fn parents_in_a_circle_end() {
        let mut trace = Trace::default();
        trace.see([1; 8], seen(Some(2), Role::Other));
        trace.see([2; 8], seen(Some(1), Role::Other));
        assert_eq!(trace.place([1; 8]), Err(Missing([1; 8])));
    }

    #[test]
    fn what_waits_is_due_once_what_it_waits_for_has_come() {
        let mut trace = Trace::default();
        trace.see([3; 8], seen(Some(2), Role::Tool));
        trace.wait(trace.place([3; 8]).unwrap_err(), Waiting::of([3; 8]));
        trace.see([4; 8], seen(Some(1), Role::Tool));
        assert!(trace.take_due().is_empty());
        assert!(trace.see([2; 8], seen(None, Role::Agent)), "it is new");
        assert_eq!(trace.take_due().iter().map(|one| one.span).collect::<Vec<_>>(), [[3; 8]]);
        assert!(!trace.see([2; 8], seen(None, Role::Agent)));
        assert!(trace.take_due().is_empty());
    }

    #[test]
    fn a_span_that_is_seen_again_below_another_parent_has_one() {
        let mut trace = Trace::default();
        trace.see([3; 8], seen(Some(1), Role::Tool));
        trace.see([3; 8], seen(Some(2), Role::Tool));
        assert_eq!((trace.children([1; 8]).count(), trace.children([2; 8]).count()), (0, 1));
    }

    #[test]
    fn the_traces_silent_for_longest_are_forgotten() {
        let mut traces = Traces::default();
        let scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
        for number in 0..=MOST_TRACES as u32 {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&number.to_be_bytes());
            traces.trace(scope, "a", id).see([1; 8], seen(None, Role::Agent));
        }
        assert!(traces.by_key.len() <= MOST_TRACES);
        assert!(traces.trace(scope, "a", [0; 16]).spans.is_empty(), "the first one is gone");
        let mut last = [0; 16];
        last[..4].copy_from_slice(&(MOST_TRACES as u32).to_be_bytes());
        assert_eq!(traces.trace(scope, "a", last).spans.len(), 1);
    }
}
