//! Which failures were followed by another try.

use hashbrown::HashSet;

use super::{MOST_BETWEEN, Seen, SpanId, Trace};
use crate::role::Role;

impl Trace {
    /// From a tool or a call up to what it belongs to, past the steps and calls in between; that is the last one.
    pub(super) fn way_home(&self, id: SpanId) -> Vec<SpanId> {
        let mut way = vec![id];
        let Some(me) = self.spans.get(&id) else { return way };
        let mut at = me.parent;
        while let Some(parent) = at.filter(|_| way.len() <= MOST_BETWEEN) {
            way.push(parent);
            let is_between =
                |seen: &&Seen| matches!(seen.role, Role::Step | Role::Model | Role::Other) || me.is_same_tool(seen);
            at = self.spans.get(&parent).filter(is_between).and_then(|seen| seen.parent);
        }
        way
    }

    pub(crate) const fn has_failures(&self) -> bool {
        !self.failures.is_empty()
    }

    /// What failed and came once more after it, below the same agent; of those that these spans make known.
    pub(crate) fn retries(&self, of: &HashSet<SpanId>) -> Vec<SpanId> {
        let mut retries = Vec::new();
        for failure in &self.failures {
            let told = |failed: &&Seen| failed.role != Role::Tool || failed.is_said;
            let Some(failed) = self.spans.get(failure).filter(told) else { continue };
            let way = self.way_home(*failure);
            let is_same = |seen: &Seen| seen.role == failed.role && seen.start >= failed.end;
            let named = self.named.get(&failed.name).into_iter().flatten();
            let later = named.filter(|other| self.spans.get(*other).is_some_and(is_same));
            let again = later.map(|other| self.way_home(*other)).find(|its_way| its_way.last() == way.last());
            let is_news = again.is_some_and(|its_way| way.iter().chain(&its_way).any(|span| of.contains(span)));
            if is_news && (failed.role == Role::Tool || self.is_told_elsewhere(*failure) == Ok(false)) {
                retries.push(*failure);
            }
        }
        retries
    }
}
