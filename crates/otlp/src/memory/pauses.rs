//! Tasks that wait for a person, by the conversation in which they were asked.
//!
//! A graph that pauses ends its trace, and goes on in another one of the same conversation: what ends the wait is the next task of that
//! conversation, whichever trace it is of.

use std::sync::Arc;

use hashbrown::HashMap;
use hiveboard_wire::{EventType, Scope, Timestamp};

use crate::draft::Draft;

/// What ends the id of the event by which a paused task asks.
pub(crate) const ASKED: &str = ":task:paused";
/// And that by which a task begins.
pub(crate) const BEGAN: &str = ":task:start";

/// Conversations in which nobody waits that are kept; of more, those that were silent for longest go.
const MOST_CONVERSATIONS: usize = 4_096;
/// And those in which somebody does: as many as the board keeps open tasks.
const MOST_WAITING: usize = 50_000;
/// Tasks of a conversation that are kept, the latest ones.
const MOST_TASKS: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pause {
    /// The event by which it asks.
    asked_by: Box<str>,
    task: Arc<str>,
    at: Timestamp,
    /// The task that went on.
    ended_by: Option<Arc<str>>,
}

#[derive(Debug, Default)]
struct Conversation {
    pauses: Vec<Pause>,
    began: Vec<(Timestamp, Arc<str>)>,
    touched: u64,
}

impl Conversation {
    fn pause(&mut self, asked_by: &str, task: Arc<str>, at: Timestamp) {
        if !self.pauses.iter().any(|pause| *pause.asked_by == *asked_by) {
            self.pauses.push(Pause { asked_by: asked_by.into(), task, at, ended_by: None });
            keep_last(&mut self.pauses);
        }
    }

    fn begin(&mut self, task: Arc<str>, at: Timestamp) {
        if !self.began.iter().any(|(_, other)| *other == task) {
            self.began.push((at, task));
            keep_last(&mut self.began);
        }
    }

    fn waits(&self) -> bool {
        self.pauses.iter().any(|pause| pause.ended_by.is_none())
    }

    /// Says which waits are over by what `told` of: those after which it began, or which it asked for. What is told again says the same again.
    fn say_ends(&mut self, conversation: &str, told: &str, drafts: &mut Vec<Draft>) {
        for pause in &mut self.pauses {
            let next = self.began.iter().filter(|(at, task)| *at > pause.at && *task != pause.task).min();
            let Some((at, next)) = next else { continue };
            let is_first = pause.ended_by.get_or_insert_with(|| Arc::clone(next)) == next;
            if !is_first || (**next != *told && *pause.task != *told) {
                continue;
            }
            let of_span = pause.asked_by.strip_suffix(ASKED).unwrap_or(&pause.asked_by);
            let said = |what: &str, event_type, at| {
                let id = [of_span, ":task:", what].concat();
                Draft::new(id, event_type, at).of(Arc::clone(&pause.task)).correlated(Some(conversation))
            };
            drafts.push(
                said("answered", EventType::ApprovalReceived, *at)
                    .with("summary", "it went on")
                    .with("data", serde_json::json!({"parent_event": &*pause.asked_by})),
            );
            let end = said("resumed", EventType::TaskCompleted, at.plus_micros(1));
            drafts.push(end.with("output", ["It went on as task ", next].concat()));
        }
    }
}

fn keep_last<T>(list: &mut Vec<T>) {
    let more = list.len().saturating_sub(MOST_TASKS);
    list.drain(..more);
}

/// A task that waits for a person, as the board knows it.
#[derive(Debug, Clone, Copy)]
pub struct Paused<'a> {
    pub agent: &'a str,
    pub correlation: &'a str,
    pub task: &'a str,
    /// Id of the event by which it asks.
    pub asked_by: &'a str,
    pub since: Timestamp,
}

#[derive(Debug, Default)]
pub(crate) struct Pauses {
    by_key: HashMap<(Scope, Box<str>, Box<str>), Conversation>,
    ticks: u64,
    /// How many there may be before they are gone through again.
    room: usize,
}

impl Pauses {
    fn conversation(&mut self, scope: Scope, agent: &str, correlation: &str) -> &mut Conversation {
        self.ticks += 1;
        if self.by_key.len() >= self.room.max(MOST_CONVERSATIONS) {
            let limit = self.ticks - MOST_CONVERSATIONS as u64 / 2;
            let may_wait = self.by_key.len() <= MOST_WAITING;
            self.by_key.retain(|_, conversation| conversation.touched > limit || (may_wait && conversation.waits()));
            self.room = self.by_key.len() + MOST_CONVERSATIONS / 2;
        }
        let conversation = self.by_key.entry((scope, agent.into(), correlation.into())).or_default();
        conversation.touched = self.ticks;
        conversation
    }

    /// Learns of a task that waits.
    pub(crate) fn wait(&mut self, scope: Scope, paused: &Paused<'_>) {
        if paused.asked_by.ends_with(ASKED) {
            let conversation = self.conversation(scope, paused.agent, paused.correlation);
            conversation.pause(paused.asked_by, paused.task.into(), paused.since);
        }
    }

    /// Takes note of what these say of one agent, and adds what they mean for tasks that waited.
    pub(crate) fn follow(&mut self, scope: Scope, agent: &str, drafts: &mut Vec<Draft>) {
        for place in 0..drafts.len() {
            let draft = &drafts[place];
            let (asks, begins) = (draft.event_id.ends_with(ASKED), draft.event_id.ends_with(BEGAN));
            let (Some(task), Some(correlation), true) =
                (draft.task.clone(), draft.correlation_id.clone(), asks || begins)
            else {
                continue;
            };
            let (id, at) = (draft.event_id.as_str(), draft.timestamp);
            let conversation = self.conversation(scope, agent, &correlation);
            if asks {
                conversation.pause(id, Arc::clone(&task), at);
            } else {
                conversation.begin(Arc::clone(&task), at);
            }
            conversation.say_ends(&correlation, &task, drafts);
        }
    }
}

#[cfg(test)]
mod tests {
    use hiveboard_wire::{Mode, WorkspaceId};

    use super::*;

    const SCOPE: Scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };

    fn draft(task: &str, conversation: &str, what: &str, at: i64) -> Draft {
        let event_id = ["otlp:", task, ":1", what].concat();
        Draft::new(event_id, EventType::TaskStarted, Timestamp(at)).of_task(task).correlated(Some(conversation))
    }

    /// Ids of the events that follow.
    fn told(pauses: &mut Pauses, given: Draft) -> Vec<String> {
        let mut drafts = vec![given];
        pauses.follow(SCOPE, "a", &mut drafts);
        drafts.into_iter().skip(1).map(|draft| draft.event_id).collect()
    }

    const ENDS: [&str; 2] = ["otlp:one:1:task:answered", "otlp:one:1:task:resumed"];

    #[test]
    fn a_wait_ends_with_the_next_task_and_with_no_other() {
        let mut pauses = Pauses::default();
        assert!(told(&mut pauses, draft("one", "c", BEGAN, 1)).is_empty());
        assert!(told(&mut pauses, draft("one", "c", ASKED, 2)).is_empty());
        assert!(told(&mut pauses, draft("other", "d", BEGAN, 3)).is_empty());
        assert_eq!(told(&mut pauses, draft("two", "c", BEGAN, 3)), ENDS);
        assert!(told(&mut pauses, draft("three", "c", BEGAN, 4)).is_empty());
        assert_eq!(told(&mut pauses, draft("two", "c", BEGAN, 3)), ENDS, "told again, it says the same");
        assert_eq!(told(&mut pauses, draft("one", "c", ASKED, 2)), ENDS);
    }

    #[test]
    fn who_waits_is_remembered_whatever_else_goes_on() {
        let mut pauses = Pauses::default();
        told(&mut pauses, draft("one", "c", ASKED, 1));
        for number in 0..4 * MOST_CONVERSATIONS {
            told(&mut pauses, draft("other", &number.to_string(), BEGAN, 2));
        }
        assert!(pauses.by_key.len() <= 2 * MOST_CONVERSATIONS);
        assert_eq!(told(&mut pauses, draft("two", "c", BEGAN, 3)), ENDS);
    }
}
