//! One group of failures, as far as one agent, project and environment had a part in it.

use std::collections::BTreeMap;

use hiveboard_wire::{EventId, OrderKey, StoredEvent, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Failure, PlaceKind, Where, counts::Counts};
use crate::{
    interner::{Interner, Symbol},
    last_write_wins::{KeyRow, LastWrite, LastWriteRow, offer},
    packed::{Pack, Packed},
};

/// Failures kept as examples, the newest.
const MOST_EXAMPLES: usize = 8;
/// Versions kept; of more, those that failed longest ago go.
const MOST_VERSIONS: usize = 32;

/// One failure, so that people can go and look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Example {
    pub(crate) message: Option<Box<str>>,
    pub(crate) task_id: Option<Box<str>>,
    pub(crate) task_run_id: Option<Box<str>>,
    pub(crate) version: Option<Box<str>>,
}

/// Message, ids of task and run, version.
type ExampleForm<'a> = [Option<&'a str>; 4];

impl Pack for Example {
    type Form<'a> = ExampleForm<'a>;
    type Glance = ();

    fn form(&self) -> ExampleForm<'_> {
        [&self.message, &self.task_id, &self.task_run_id, &self.version].map(Option::as_deref)
    }

    fn from_form(form: ExampleForm<'_>) -> Self {
        let [message, task_id, task_run_id, version] = form.map(|text| text.map(Box::from));
        Self { message, task_id, task_run_id, version }
    }

    fn glance(&self) {}
}

#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) group: u64,
    pub(crate) at: Where,
    pub(crate) exception_type: Box<str>,
    pub(crate) kind: PlaceKind,
    pub(crate) place: Box<str>,
    /// Without those that only carried another one on.
    pub(crate) counts: Counts,
    pub(crate) first: Timestamp,
    last: Timestamp,
    pub(crate) message: Option<LastWrite<Option<Box<str>>>>,
    /// First and last failure of each version.
    pub(crate) versions: BTreeMap<Option<Symbol>, (i64, i64)>,
    /// The oldest first.
    pub(crate) examples: Vec<(OrderKey, Packed<Example>)>,
}

/// Labels of [`Where`] as texts: agent, project, environment, group.
type WhereRow = (Box<str>, Option<Box<str>>, Option<Box<str>>, Option<Box<str>>);
type VersionRow = (Option<Box<str>>, i64, i64);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LeafRow {
    group: u64,
    pub(crate) at: WhereRow,
    exception_type: Box<str>,
    kind: PlaceKind,
    place: Box<str>,
    counts: Counts,
    span: (i64, i64),
    message: Option<LastWriteRow<Option<Box<str>>>>,
    versions: Vec<VersionRow>,
    examples: Vec<(KeyRow, Example)>,
}

impl Leaf {
    pub(super) fn new(group: u64, at: Where, failure: &Failure) -> Self {
        Self {
            group,
            at,
            exception_type: failure.exception_type.clone(),
            kind: failure.kind,
            place: failure.place.clone(),
            counts: Counts::default(),
            first: Timestamp::MAX,
            last: Timestamp::MIN,
            message: None,
            versions: BTreeMap::new(),
            examples: Vec::new(),
        }
    }

    pub(super) fn fold(&mut self, failure: &Failure, key: &OrderKey, stored: &StoredEvent, interner: &mut Interner) {
        let at = key.timestamp;
        self.counts.add(at);
        self.first = self.first.min(at);
        self.last = self.last.max(at);
        offer(&mut self.message, key, || failure.message.clone());
        let version = stored.envelope.agent_version.as_deref();
        let known = self.versions.entry(version.map(|version| interner.get_or_add(version)));
        let span = known.or_insert((at.micros(), at.micros()));
        *span = (span.0.min(at.micros()), span.1.max(at.micros()));
        if self.versions.len() > MOST_VERSIONS {
            let oldest = self.versions.iter().min_by_key(|(name, (_, last))| (*last, interner.optional(**name)));
            let oldest = oldest.map(|(name, _)| *name).expect("there are more than none");
            self.versions.remove(&oldest);
        }
        self.keep_example(
            key,
            &Example {
                message: failure.message.clone(),
                task_id: stored.event.task_id.as_deref().map(Box::from),
                task_run_id: stored.event.task_run_id.as_deref().map(Box::from),
                version: version.map(Box::from),
            },
        );
    }

    fn keep_example(&mut self, key: &OrderKey, example: &Example) {
        let place = self.examples.partition_point(|(known, _)| known < key);
        if self.examples.len() < MOST_EXAMPLES {
            self.examples.reserve_exact(1);
            self.examples.insert(place, (key.clone(), Packed::new(example)));
        } else if place > 0 {
            self.examples[..place].rotate_left(1);
            self.examples[place - 1] = (key.clone(), Packed::new(example));
        }
    }

    /// One of its failures turned out to only carry another one on.
    pub(super) fn carry(&mut self, at: Timestamp) {
        self.counts.take(at);
    }

    pub(crate) const fn last(&self) -> Timestamp {
        self.last
    }

    pub(crate) fn to_row(&self, agent_id: &str, interner: &Interner) -> LeafRow {
        let text = |label: Option<Symbol>| interner.optional(label).map(Box::from);
        let versions = self.versions.iter().map(|(name, (first, last))| (text(*name), *first, *last));
        LeafRow {
            group: self.group,
            at: (agent_id.into(), text(self.at.project), text(self.at.environment), text(self.at.group)),
            exception_type: self.exception_type.clone(),
            kind: self.kind,
            place: self.place.clone(),
            counts: self.counts.clone(),
            span: (self.first.micros(), self.last.micros()),
            message: self.message.as_ref().map(|latest| latest.to_row(Clone::clone)),
            versions: versions.collect(),
            examples: self.examples.iter().map(|(key, example)| (KeyRow::from(key), example.open())).collect(),
        }
    }

    /// `agent` is the number of the one that the row names.
    pub(crate) fn from_row(row: LeafRow, agent: u32, interner: &mut Interner) -> Self {
        let (_, project, environment, group) = row.at;
        let mut label = |text: Option<Box<str>>| text.map(|text| interner.get_or_add(&text));
        let at = Where { agent, project: label(project), environment: label(environment), group: label(group) };
        let versions = row.versions.into_iter().map(|(name, first, last)| (label(name), (first, last))).collect();
        Self {
            group: row.group,
            at,
            exception_type: row.exception_type,
            kind: row.kind,
            place: row.place,
            counts: row.counts,
            first: Timestamp(row.span.0),
            last: Timestamp(row.span.1),
            message: row.message.map(|row| LastWrite::from_row(row, |message| message)),
            versions,
            examples: row.examples.into_iter().map(|(key, example)| (key.into(), Packed::new(&example))).collect(),
        }
    }
}

/// The id of the event that an example is.
pub(crate) fn event_id(key: &OrderKey) -> &EventId {
    &key.event_id
}
