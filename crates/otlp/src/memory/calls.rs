//! Which of several spans tells of a model call: instrumentations hang around one another, or stand beside one another.

use super::{Known, MOST_BETWEEN, Missing, Place, Seen, SpanId, Trace};
use crate::role::Role;

/// What a span tells of a model call, to know others that tell of the same.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Told {
    pub(crate) tokens: (Option<u64>, Option<u64>),
    pub(crate) response: Option<Box<str>>,
    pub(crate) provider: Option<Box<str>>,
    /// Its call was said.
    pub(crate) said: bool,
    /// It was told before without its tokens.
    pub(crate) was_bare: bool,
}

impl Seen {
    pub(crate) fn told_usage(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.tokens != (None, None))
    }

    /// Whether two instrumentations tell of one call by these spans, which hang from the same parent.
    fn is_twin(&self, other: &Self) -> bool {
        let (Some(mine), Some(its)) = (&self.call, &other.call) else { return false };
        let differ = |one: &Option<Box<str>>, other: &Option<Box<str>>| {
            one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| !one.eq_ignore_ascii_case(other))
        };
        let shared = self.end.min(other.end).millis_since(self.start.max(other.start));
        let shorter = self.end.millis_since(self.start).min(other.end.millis_since(other.start));
        self.scope != other.scope
            && self.failed == other.failed
            && (mine.tokens == its.tokens || !(self.told_usage() && other.told_usage()))
            && !differ(&mine.response, &its.response)
            && !differ(&mine.provider, &its.provider)
            && shared >= 0.9 * shorter
    }
}

impl Trace {
    /// Whether a span below tells of the same model call and its tokens.
    pub(crate) fn is_told_below(&self, id: SpanId) -> bool {
        let mut open = vec![id];
        for _ in 0..MOST_BETWEEN {
            let Some(at) = open.pop() else { return false };
            for (child, seen) in self.children(at) {
                match seen.role {
                    Role::Model if seen.told_usage() => return true,
                    Role::Model | Role::Step | Role::Other => open.push(*child),
                    _ => {}
                }
            }
        }
        false
    }

    fn twins(&self, id: SpanId) -> impl Iterator<Item = (&SpanId, &Seen)> {
        let me = self.spans.get(&id);
        let beside = me.and_then(|me| me.parent).into_iter().flat_map(|parent| self.children(parent));
        beside.filter(move |(other, seen)| **other != id && me.is_some_and(|me| me.is_twin(seen)))
    }

    /// Whether the call was said already by a span around this one, which came before it.
    fn was_said_above(&self, id: SpanId) -> bool {
        let was_said = |seen: &Seen| seen.call.as_ref().is_some_and(|call| call.said);
        let way = self.way_home(id);
        way.iter().skip(1).any(|above| self.spans.get(above).is_some_and(was_said))
    }

    /// Whether the span of another instrumentation, which tells its tokens, too, is the one that tells of the call.
    pub(crate) fn is_told_beside(&self, id: SpanId) -> bool {
        let Some(me) = self.spans.get(&id) else { return false };
        let Some(call) = me.call.as_ref().filter(|call| !call.said) else { return false };
        if self.was_said_above(id) {
            return true;
        }
        self.twins(id).filter(|(_, twin)| twin.told_usage()).any(|(_, twin)| {
            let its = twin.call.as_ref();
            let rank = |call: &Told, seen: &Seen| (call.response.is_none(), seen.scope.clone());
            its.is_some_and(|its| its.said || rank(its, twin) < rank(call, me))
        })
    }

    /// Whether another span tells of the same model call, of which this one does not know the tokens.
    pub(crate) fn is_told_elsewhere(&self, id: SpanId) -> Known<bool> {
        if self.is_told_below(id) {
            return Ok(true);
        }
        let me = self.spans.get(&id).ok_or(Missing(id))?;
        let Place::Below(parent) = self.place(id)? else { return Ok(self.has_a_better_twin(id, me)) };
        let above = self.spans.get(&parent).ok_or(Missing(parent))?;
        if above.role == Role::Model {
            // It is an attempt of its own where the call above got its tokens from another.
            return Ok(above.told_usage() || !self.is_told_below(parent));
        }
        Ok(self.has_a_better_twin(id, me))
    }

    /// Whether another instrumentation's span beside it tells of the call.
    fn has_a_better_twin(&self, id: SpanId, me: &Seen) -> bool {
        let rank = |seen: &Seen| (std::cmp::Reverse(seen.end.micros() - seen.start.micros()), seen.scope.clone());
        self.twins(id).any(|(_, twin)| twin.told_usage() || rank(twin) < rank(me))
    }
}
