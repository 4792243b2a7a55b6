//! One agent, folded from its events in any order.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hiveboard_wire::{
    Body, Envelope, EventType, MICROS_PER_SECOND, OrderKey, Source, StoredEvent, Timestamp, body::Registered,
};

use crate::{
    clock_skew::ClockSkew,
    heartbeat::Heartbeats,
    interner::{Interner, Name, Process, Symbol},
    issue::Issue,
    last_write_wins::{LastWrite, offer},
    packed::PackedById,
    queue::{Queue, Schedule},
    states::States,
    tally::Tally,
    time_buckets::TimeBuckets,
    todo::Todo,
    view::AgentStatus,
};

pub(crate) const MINUTE: i64 = 60 * MICROS_PER_SECOND;
pub(crate) const QUARTER: i64 = 15 * MINUTE;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

const DEFAULT_THRESHOLD_SECONDS: f64 = 300.0;
/// Projects shown an agent, and processes remembered.
pub(crate) const MOST_PROJECTS: usize = 200;
pub(crate) const MOST_INSTANCES: usize = 256;
const MOST_VERSIONS: usize = 200;

/// What the agent said of itself when it registered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Registration {
    pub(crate) version: Option<Box<str>>,
    pub(crate) stuck_threshold_seconds: Option<f64>,
    pub(crate) heartbeat_interval_seconds: Option<f64>,
}

/// The kind of the custom event by which a process says that it leaves and has nothing open.
const GOODBYE: &str = "goodbye";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Goodbye {
    pub(crate) instance: Option<Process>,
    /// By the agent's clock.
    pub(crate) at: Timestamp,
}

/// One process of the agent, by arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instance {
    pub(crate) first_seen: Timestamp,
    pub(crate) last_seen: Timestamp,
    /// `last_seen`, or the start of the server where it was granted grace.
    pub(crate) last_sign: Timestamp,
    /// It said goodbye, and nothing of it came since.
    pub(crate) gone: bool,
}

/// The latest end among all runs: when, and how many of the runs that ended then failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastEnd {
    pub(crate) at: Timestamp,
    pub(crate) failed: u32,
}

#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) id: Arc<str>,
    /// By arrival, like `last_seen` and `last_heartbeat`.
    pub(crate) first_seen: Timestamp,
    pub(crate) last_seen: Timestamp,
    /// `last_seen`, or the start of the server where it was granted grace.
    pub(crate) last_sign: Timestamp,
    /// The place of its last event: what no grace moves.
    pub(crate) last_seq: u64,
    pub(crate) last_heartbeat: Option<Timestamp>,
    /// Arrival of the last event without an instance, or the grace it was granted.
    pub(crate) anonymous_sign: Timestamp,
    /// The last goodbye, unless something came after it.
    pub(crate) goodbye: Option<Goodbye>,
    pub(crate) skew: ClockSkew,
    pub(crate) labels: Option<LastWrite<Arc<Envelope>>>,
    pub(crate) registration: Option<LastWrite<Registration>>,
    pub(crate) heartbeat_summary: Option<LastWrite<Box<str>>>,
    /// With the timestamp of the latest event.
    pub(crate) projects: BTreeMap<Symbol, i64>,
    pub(crate) instances: BTreeMap<Process, Instance>,
    /// Something else than OTLP arrived.
    pub(crate) native: bool,
    /// Metrics arrived by OTLP.
    pub(crate) metrics: bool,
    pub(crate) last_end: Option<LastEnd>,
    /// The state last announced, and when it was.
    pub(crate) announced: Option<AgentStatus>,
    pub(crate) announced_at: Timestamp,
    /// Before this instant no status of the agent or of its open runs changes by time alone. A lower bound.
    pub(crate) deadline: Timestamp,
    /// When it is looked at next: not after the deadline. Where it stands in [`Agenda`](crate::agenda::Agenda).
    pub(crate) due: Timestamp,
    /// What it was in, when.
    pub(crate) states: States,
    pub(crate) minutes: TimeBuckets,
    pub(crate) quarters: TimeBuckets,
    pub(crate) heartbeats: Heartbeats,
    pub(crate) queue: Option<LastWrite<Queue>>,
    pub(crate) schedule: Option<LastWrite<Schedule>>,
    pub(crate) issues: PackedById<Issue>,
    pub(crate) todos: PackedById<Todo>,
    /// Issues and to-dos that had to go because there were too many.
    pub(crate) issues_dropped: u64,
    pub(crate) todos_dropped: u64,
    /// Of the runs in the archive, by version.
    pub(crate) archived: BTreeMap<Option<Symbol>, Tally>,
    /// Versions that events of runs named, with the first and the last of these, in microseconds.
    pub(crate) versions: Vec<(Option<Symbol>, i64, i64)>,
    /// Numbers of the runs in memory: all, those without an end, and of these the ones with an approval pending.
    pub(crate) runs: BTreeSet<u32>,
    pub(crate) open: BTreeSet<u32>,
    pub(crate) pending: BTreeSet<u32>,
    /// Of the open ones, those last found stuck.
    pub(crate) stuck_runs: BTreeSet<u32>,
}

impl Agent {
    pub(crate) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            first_seen: Timestamp::MAX,
            last_seen: Timestamp::MIN,
            last_sign: Timestamp::MIN,
            last_seq: 0,
            last_heartbeat: None,
            anonymous_sign: Timestamp::MIN,
            goodbye: None,
            skew: ClockSkew::default(),
            labels: None,
            registration: None,
            heartbeat_summary: None,
            projects: BTreeMap::new(),
            instances: BTreeMap::new(),
            native: false,
            metrics: false,
            last_end: None,
            announced: None,
            announced_at: Timestamp::MIN,
            deadline: Timestamp::MIN,
            due: Timestamp::MAX,
            states: States::default(),
            minutes: TimeBuckets::new(MINUTE, 2 * HOUR + 5 * MINUTE),
            quarters: TimeBuckets::new(QUARTER, DAY + HOUR),
            heartbeats: Heartbeats::default(),
            queue: None,
            schedule: None,
            issues: BTreeMap::new(),
            todos: BTreeMap::new(),
            issues_dropped: 0,
            todos_dropped: 0,
            archived: BTreeMap::new(),
            versions: Vec::new(),
            runs: BTreeSet::new(),
            open: BTreeSet::new(),
            pending: BTreeSet::new(),
            stuck_runs: BTreeSet::new(),
        }
    }

    /// Whether an event of it was folded in; false for a number that is free.
    pub(crate) fn is_known(&self) -> bool {
        self.first_seen != Timestamp::MAX
    }

    /// What arriving tells, whatever it is that arrives; answers the process that it comes from.
    pub(crate) fn arrive(
        &mut self,
        envelope: &Envelope,
        received_at: Timestamp,
        interner: &mut Interner,
    ) -> Option<Process> {
        self.first_seen = self.first_seen.min(received_at);
        self.last_seen = self.last_seen.max(received_at);
        self.last_sign = self.last_sign.max(received_at);
        self.deadline = self.deadline.min(received_at.plus_micros(self.threshold_micros()));
        let instance = envelope.instance_id.as_deref().map(|instance| Process::of(instance, interner));
        match instance {
            Some(instance) => self.fold_instance(instance, received_at),
            None => self.anonymous_sign = self.anonymous_sign.max(received_at),
        }
        self.native |= envelope.source != Source::Otlp;
        instance
    }

    /// What every event that arrived tells about its agent, whatever its type.
    pub(crate) fn fold(&mut self, stored: &StoredEvent, key: &OrderKey, body: &Body, instance: Option<Process>) {
        let received_at = stored.received_at;
        self.last_seq = self.last_seq.max(stored.seq);
        offer(&mut self.labels, key, || Arc::clone(&stored.envelope));
        self.fold_goodbye(instance, key.timestamp, body);
        self.skew.fold(received_at, key.timestamp);
        if stored.event.event_type == EventType::Heartbeat {
            self.metrics |= stored.envelope.source == Source::Otlp;
            self.last_heartbeat = self.last_heartbeat.max(Some(received_at));
        }
        match body {
            Body::Registered(registered) => {
                // Another threshold perhaps, and a new process.
                self.deadline = Timestamp::MIN;
                offer(&mut self.registration, key, || Registration::from(registered));
            }
            Body::Heartbeat { summary: Some(summary) } => {
                offer(&mut self.heartbeat_summary, key, || summary.clone());
            }
            _ => {}
        }
    }

    /// Goodbye holds until something else comes: of another process, or said after it. What was said before and was late does not count.
    fn fold_goodbye(&mut self, instance: Option<Process>, at: Timestamp, body: &Body) {
        if matches!(body, Body::Custom { kind: Some(kind), .. } if &**kind == GOODBYE) {
            self.goodbye = Some(Goodbye { instance, at });
            self.deadline = Timestamp::MIN;
        } else if self.goodbye.is_some_and(|goodbye| goodbye.instance != instance || at > goodbye.at) {
            self.goodbye = None;
            self.deadline = Timestamp::MIN;
        } else {
            return;
        }
        if let Some(known) = instance.and_then(|instance| self.instances.get_mut(&instance)) {
            known.gone = self.goodbye.is_some();
        }
    }

    pub(crate) fn fold_project(&mut self, project: Symbol, micros: i64, interner: &Interner) {
        let last = self.projects.entry(project).or_insert(micros);
        *last = micros.max(*last);
        if self.projects.len() > MOST_PROJECTS {
            let oldest =
                self.projects.iter().min_by_key(|(name, last)| (**last, interner.text(**name))).map(|(name, _)| *name);
            self.projects.remove(&oldest.expect("there are more than none"));
        }
    }

    fn fold_instance(&mut self, instance: Process, received_at: Timestamp) {
        let threshold = self.threshold_micros();
        let fresh = Instance { first_seen: received_at, last_seen: received_at, last_sign: received_at, gone: false };
        let known = self.instances.entry(instance).or_insert(fresh);
        if received_at.micros().saturating_sub(known.last_sign.micros()) > threshold {
            // Its orphans resume.
            self.deadline = Timestamp::MIN;
        }
        known.first_seen = known.first_seen.min(received_at);
        known.last_seen = known.last_seen.max(received_at);
        known.last_sign = known.last_sign.max(received_at);
        if self.instances.len() > MOST_INSTANCES {
            let oldest = self.instances.iter().min_by_key(|(_, known)| known.last_seen).map(|(name, _)| *name);
            self.instances.remove(&oldest.expect("there are more than none"));
        }
    }

    /// Notes the version that an event of a run named.
    pub(crate) fn fold_version(&mut self, version: Option<&str>, micros: i64, interner: &mut Interner) {
        let known = self.versions.iter_mut().find(|(name, ..)| interner.optional(*name) == version);
        if let Some((_, first, last)) = known {
            (*first, *last) = (micros.min(*first), micros.max(*last));
            return;
        }
        self.versions.push((version.map(|version| interner.get_or_add(version)), micros, micros));
        if self.versions.len() > MOST_VERSIONS {
            let oldest = (0..).zip(&self.versions).min_by_key(|(_, (name, _, last))| (*last, interner.optional(*name)));
            let (place, _) = oldest.expect("there are more than none");
            self.versions.swap_remove(place);
        }
    }

    /// Follows a change of one run's latest end.
    pub(crate) fn fold_end(&mut self, before: Option<(Timestamp, bool)>, after: Option<(Timestamp, bool)>) {
        let Some((at, completed)) = after.filter(|_| before != after) else { return };
        let failed = u32::from(!completed);
        match &mut self.last_end {
            Some(last) if at < last.at => {}
            Some(last) if at == last.at => {
                let counted = before.is_some_and(|(before_at, completed)| before_at == at && !completed);
                last.failed = last.failed + failed - u32::from(counted);
            }
            slot => *slot = Some(LastEnd { at, failed }),
        }
    }

    pub(crate) fn threshold_seconds(&self) -> f64 {
        self.registration
            .as_ref()
            .and_then(|latest| latest.value.stuck_threshold_seconds)
            .filter(|seconds| *seconds > 0.0)
            .map_or(DEFAULT_THRESHOLD_SECONDS, |seconds| seconds.min(365.0 * 86_400.0))
    }

    pub(crate) fn threshold_micros(&self) -> i64 {
        (self.threshold_seconds() * MICROS_PER_SECOND as f64) as i64
    }

    /// Of the labels; the one it registered with where the envelope has none.
    pub(crate) fn version(&self) -> Option<&str> {
        let label = self.labels.as_ref().and_then(|latest| latest.value.agent_version.as_deref());
        label.or_else(|| self.registration.as_ref().and_then(|latest| latest.value.version.as_deref()))
    }
}

impl From<&Registered> for Registration {
    fn from(registered: &Registered) -> Self {
        Self {
            version: registered.version.clone(),
            stuck_threshold_seconds: registered.stuck_threshold_seconds,
            heartbeat_interval_seconds: registered.heartbeat_interval_seconds,
        }
    }
}
