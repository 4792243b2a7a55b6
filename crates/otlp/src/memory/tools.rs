//! Which of several spans tells of the use of a tool: instrumentations hang around one another, and so do a client and its server.

use hiveboard_wire::Timestamp;

use super::{MOST_BETWEEN, Seen, SpanId, Trace};
use crate::role::Role;

/// The action that was said of the same use of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Double {
    pub(crate) action: Box<str>,
    pub(crate) end: Timestamp,
    pub(crate) failed: bool,
}

impl Seen {
    /// Whether a tool below another is the same once more: told by another instrumentation, or by the process that was asked.
    pub(super) fn is_same_tool(&self, above: &Self) -> bool {
        let both = self.role == Role::Tool && above.role == Role::Tool && self.name == above.name;
        both && (self.scope != above.scope || !self.is_internal)
    }

    fn said_action(&self) -> Option<Double> {
        let action = self.action.clone().filter(|_| self.is_said)?;
        Some(Double { action, end: self.end, failed: self.failed })
    }
}

impl Trace {
    /// The action by which another span, below this one or above, told of the same use; `None` where this one tells of it.
    pub(crate) fn double_of_tool(&self, id: SpanId) -> Option<Double> {
        let me = self.spans.get(&id).filter(|me| !me.is_said)?;
        self.said_below(id, me).or_else(|| self.said_above(me))
    }

    fn said_above(&self, me: &Seen) -> Option<Double> {
        let mut at = me.above;
        for _ in 0..MOST_BETWEEN {
            let above = self.spans.get(&at?)?;
            match above.role {
                Role::Other | Role::Step => at = above.above,
                _ if !me.is_same_tool(above) => return None,
                _ if above.is_said => return above.said_action(),
                _ => at = above.above,
            }
        }
        None
    }

    fn said_below(&self, id: SpanId, me: &Seen) -> Option<Double> {
        let mut open = vec![id];
        for _ in 0..MOST_BETWEEN {
            let at = open.pop()?;
            let called = self.called.get(&at).into_iter().flatten();
            for child in self.children.get(&at).into_iter().flatten().chain(called) {
                let Some(seen) = self.spans.get(child) else { continue };
                match seen.role {
                    Role::Other | Role::Step => open.push(*child),
                    Role::Tool if seen.is_same_tool(me) && seen.is_said => return seen.said_action(),
                    Role::Tool if seen.is_same_tool(me) => open.push(*child),
                    _ => {}
                }
            }
        }
        None
    }
}
