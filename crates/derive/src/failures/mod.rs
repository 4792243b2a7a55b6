//! Failures as things: grouped by exception and place, whatever run they happened in.
//!
//! A failure climbs: an action fails, the action around it with the same exception, then the task. Only the innermost counts
//! ([`trail`]); the others are known as carried.

mod counts;
mod group;
mod trail;

use std::collections::BTreeSet;

use hashbrown::HashMap;
use hiveboard_wire::{Body, Event, OrderKey, StoredEvent, Timestamp};

use crate::{
    hash::hash_texts,
    interner::{Interner, Symbol},
};

pub(crate) use group::{Leaf, LeafRow, event_id};
pub(crate) use trail::Trail;

/// Leaves kept a scope; of more, those that failed longest ago go.
const MOST_LEAVES: usize = 10_000;
/// Characters kept of an exception's type, its message, and a place's name.
const MOST_NAME_CHARACTERS: usize = 200;
const MOST_MESSAGE_CHARACTERS: usize = 500;

/// What kind of place a failure happened at.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// An action, by its name.
    Action,
    /// A task by its type, outside of any action that failed with the same exception.
    Task,
}

/// What a failure event says of its cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Empty where none was named.
    pub(crate) exception_type: Box<str>,
    pub(crate) message: Option<Box<str>>,
    pub(crate) kind: PlaceKind,
    /// Of the action, or the type of the task; empty where it has none.
    pub(crate) place: Box<str>,
}

impl Failure {
    /// `None` for events that are no failures.
    pub(crate) fn of(event: &Event, body: &Body) -> Option<Self> {
        let (kind, place, exception) = match body {
            Body::ActionFailed(action) => {
                (PlaceKind::Action, action.name.as_deref().or(action.function.as_deref()), &action.exception)
            }
            Body::TaskFailed(exception) => (PlaceKind::Task, event.task_type.as_deref(), exception),
            _ => return None,
        };
        Some(Self {
            exception_type: cut(exception.exception_type.as_deref().unwrap_or_default(), MOST_NAME_CHARACTERS),
            message: exception.exception_message.as_deref().map(|text| cut(text, MOST_MESSAGE_CHARACTERS)),
            kind,
            place: cut(place.unwrap_or_default(), MOST_NAME_CHARACTERS),
        })
    }

    /// What it is grouped by: exception and place; where no exception is named, what the message comes to without its figures.
    pub(crate) fn group(&self) -> u64 {
        let kind = match self.kind {
            PlaceKind::Action => "action",
            PlaceKind::Task => "task",
        };
        let words = if self.exception_type.is_empty() {
            without_figures(self.message.as_deref().unwrap_or_default())
        } else {
            String::new()
        };
        hash_texts(&[&self.exception_type, kind, &self.place, &words])
    }

    /// The exception itself, by which it is known again further out.
    pub(crate) fn cause(&self) -> u64 {
        hash_texts(&[&self.exception_type, self.message.as_deref().unwrap_or_default()])
    }
}

/// The group that a failure event belongs to, as the API names it; `None` for other events.
pub fn error_id(event: &Event, body: &Body) -> Option<String> {
    Failure::of(event, body).map(|failure| name_of(failure.group()))
}

pub(crate) fn name_of(group: u64) -> String {
    format!("{group:016x}")
}

pub(crate) fn group_of(name: &str) -> Option<u64> {
    let is_hex = name.len() == 16 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hex.then(|| u64::from_str_radix(name, 16).ok()).flatten()
}

fn cut(text: &str, most: usize) -> Box<str> {
    let text = text.trim();
    match text.char_indices().nth(most) {
        Some((end, _)) => text[..end].into(),
        None => text.into(),
    }
}

/// Words alone: numbers and long hexadecimal ids differ from one failure to the next.
fn without_figures(message: &str) -> String {
    let is_figure = |word: &str| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        digits > 0 && (word.len() >= 8 || digits * 2 >= word.len())
    };
    let words = message.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> =
        words.map(|word| if is_figure(word) { "#".to_owned() } else { word.to_lowercase() }).collect();
    words.join(" ")
}

/// Where a failure was, beside the place: what lists are narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Where {
    pub(crate) agent: u32,
    pub(crate) project: Option<Symbol>,
    pub(crate) environment: Option<Symbol>,
    pub(crate) group: Option<Symbol>,
}

/// One failure event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Happened<'a> {
    pub(crate) failure: &'a Failure,
    pub(crate) at: Where,
    pub(crate) agent_id: &'a str,
    pub(crate) key: &'a OrderKey,
    pub(crate) stored: &'a StoredEvent,
}

/// All failures of a scope: a leaf for each group, agent, project, environment and group of agents.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    leaves: HashMap<u64, Leaf>,
    /// By last failure, oldest first, so that the oldest is found when there are too many.
    by_last: BTreeSet<(Timestamp, u64)>,
}

/// What changed: leaves to write, and leaves that went.
pub(crate) type Touched = Vec<u64>;

impl Failures {
    /// Takes one failure in. `trail` is that of its run; `None` outside of any.
    pub(crate) fn fold(
        &mut self,
        Happened { failure, at, agent_id, key, stored }: Happened<'_>,
        trail: Option<&mut Trail>,
        interner: &mut Interner,
    ) -> Touched {
        let group = failure.group();
        let hash = leaf_hash(group, at, agent_id, interner);
        let event = &stored.event;
        let steps = trail.map(|trail| trail.add(failure, event, key.timestamp, hash)).unwrap_or_default();
        let known = self.leaves.get(&hash).map(Leaf::last);
        let leaf = self.leaves.entry(hash).or_insert_with(|| Leaf::new(group, at, failure));
        leaf.fold(failure, key, stored, interner);
        if steps.is_carried {
            leaf.carry(key.timestamp);
        }
        let last = leaf.last();
        if known != Some(last) {
            if let Some(known) = known {
                self.by_last.remove(&(known, hash));
            }
            self.by_last.insert((last, hash));
        }
        let mut touched = vec![hash];
        for (other, at) in steps.carries {
            if let Some(leaf) = self.leaves.get_mut(&other) {
                leaf.carry(at);
                touched.push(other);
            }
        }
        if self.leaves.len() > MOST_LEAVES
            && let Some((_, oldest)) = self.by_last.pop_first()
        {
            self.leaves.remove(&oldest);
            touched.push(oldest);
        }
        touched
    }

    /// Forgets what failed last before `before`; answers which.
    pub(crate) fn forget_before(&mut self, before: Timestamp) -> Touched {
        let kept = self.by_last.split_off(&(before, 0));
        let gone: Touched = std::mem::replace(&mut self.by_last, kept).into_iter().map(|(_, hash)| hash).collect();
        for hash in &gone {
            self.leaves.remove(hash);
        }
        gone
    }

    /// Forgets those of an agent whose number another may get; answers which.
    pub(crate) fn forget_agent(&mut self, number: u32) -> Touched {
        let gone: Vec<(u64, Leaf)> = self.leaves.extract_if(|_, leaf| leaf.at.agent == number).collect();
        gone.into_iter()
            .map(|(hash, leaf)| {
                self.by_last.remove(&(leaf.last(), hash));
                hash
            })
            .collect()
    }

    pub(crate) fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        self.leaves.values()
    }

    pub(crate) fn get(&self, hash: u64) -> Option<&Leaf> {
        self.leaves.get(&hash)
    }

    pub(crate) fn put(&mut self, hash: u64, leaf: Leaf) {
        self.by_last.insert((leaf.last(), hash));
        self.leaves.insert(hash, leaf);
    }
}

fn leaf_hash(group: u64, at: Where, agent_id: &str, interner: &Interner) -> u64 {
    let label = |label| interner.optional(label).unwrap_or_default();
    group.rotate_left(17) ^ hash_texts(&[agent_id, label(at.project), label(at.environment), label(at.group)])
}
