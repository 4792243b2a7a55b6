//! One agent, folded from its events in any order.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hiveboard_wire::{
    Body, Envelope, EventType, MICROS_PER_SECOND, OrderKey, StoredEvent, Timestamp, body::Registered,
};

use crate::{
    heartbeat::Heartbeats,
    interner::{Interner, Symbol},
    issue::Issue,
    last_write_wins::{LastWrite, offer},
    queue::{Queue, Schedule},
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

/// What the agent said of itself when it registered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Registration {
    pub(crate) version: Option<Box<str>>,
    pub(crate) stuck_threshold_seconds: Option<f64>,
    pub(crate) heartbeat_interval_seconds: Option<f64>,
}

/// One process of the agent, by arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instance {
    pub(crate) first_seen: Timestamp,
    pub(crate) last_seen: Timestamp,
    /// `last_seen`, or the start of the server where it was granted grace.
    pub(crate) last_sign: Timestamp,
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
    pub(crate) last_heartbeat: Option<Timestamp>,
    pub(crate) labels: Option<LastWrite<Arc<Envelope>>>,
    pub(crate) registration: Option<LastWrite<Registration>>,
    pub(crate) heartbeat_summary: Option<LastWrite<Box<str>>>,
    /// With the timestamp of the latest event.
    pub(crate) projects: BTreeMap<Symbol, i64>,
    pub(crate) instances: BTreeMap<Symbol, Instance>,
    /// Something else than OTLP arrived.
    pub(crate) native: bool,
    /// Metrics arrived by OTLP.
    pub(crate) metrics: bool,
    pub(crate) last_end: Option<LastEnd>,
    /// The state last announced.
    pub(crate) announced: Option<AgentStatus>,
    pub(crate) minutes: TimeBuckets,
    pub(crate) quarters: TimeBuckets,
    pub(crate) heartbeats: Heartbeats,
    pub(crate) queue: Option<LastWrite<Queue>>,
    pub(crate) schedule: Option<LastWrite<Schedule>>,
    pub(crate) issues: BTreeMap<Box<str>, Issue>,
    pub(crate) todos: BTreeMap<Box<str>, Todo>,
    /// Numbers of the runs: all, those without an end, and of these the ones with an approval pending.
    pub(crate) runs: Vec<u32>,
    pub(crate) open: BTreeSet<u32>,
    pub(crate) pending: BTreeSet<u32>,
}

impl Agent {
    pub(crate) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            first_seen: Timestamp::MAX,
            last_seen: Timestamp::MIN,
            last_sign: Timestamp::MIN,
            last_heartbeat: None,
            labels: None,
            registration: None,
            heartbeat_summary: None,
            projects: BTreeMap::new(),
            instances: BTreeMap::new(),
            native: false,
            metrics: false,
            last_end: None,
            announced: None,
            minutes: TimeBuckets::new(MINUTE, 2 * HOUR + 5 * MINUTE),
            quarters: TimeBuckets::new(QUARTER, DAY + HOUR),
            heartbeats: Heartbeats::default(),
            queue: None,
            schedule: None,
            issues: BTreeMap::new(),
            todos: BTreeMap::new(),
            runs: Vec::new(),
            open: BTreeSet::new(),
            pending: BTreeSet::new(),
        }
    }

    /// What every event tells about its agent, whatever its type.
    pub(crate) fn fold(&mut self, stored: &StoredEvent, key: &OrderKey, body: &Body, interner: &mut Interner) {
        let received_at = stored.received_at;
        self.first_seen = self.first_seen.min(received_at);
        self.last_seen = self.last_seen.max(received_at);
        self.last_sign = self.last_sign.max(received_at);
        offer(&mut self.labels, key, || Arc::clone(&stored.envelope));
        if let Some(project) = stored.event.project_id.as_deref() {
            self.fold_project(interner.get_or_add(project), key.timestamp.micros(), interner);
        }
        if let Some(instance) = stored.envelope.instance_id.as_deref() {
            self.fold_instance(interner.get_or_add(instance), received_at);
        }
        let otlp = stored.event.event_id.with_str(|id| id.starts_with("otlp:"));
        self.native |= !otlp;
        if stored.event.event_type == EventType::Heartbeat {
            self.metrics |= otlp;
            self.last_heartbeat = self.last_heartbeat.max(Some(received_at));
        }
        match body {
            Body::Registered(registered) => {
                offer(&mut self.registration, key, || Registration::from(registered));
            }
            Body::Heartbeat { summary: Some(summary) } => {
                offer(&mut self.heartbeat_summary, key, || summary.clone());
            }
            _ => {}
        }
    }

    fn fold_project(&mut self, project: Symbol, micros: i64, interner: &Interner) {
        let last = self.projects.entry(project).or_insert(micros);
        *last = micros.max(*last);
        if self.projects.len() > MOST_PROJECTS {
            let oldest =
                self.projects.iter().min_by_key(|(name, last)| (**last, interner.text(**name))).map(|(name, _)| *name);
            self.projects.remove(&oldest.expect("there are more than none"));
        }
    }

    fn fold_instance(&mut self, instance: Symbol, received_at: Timestamp) {
        let fresh = Instance { first_seen: received_at, last_seen: received_at, last_sign: received_at };
        let known = self.instances.entry(instance).or_insert(fresh);
        known.first_seen = known.first_seen.min(received_at);
        known.last_seen = known.last_seen.max(received_at);
        known.last_sign = known.last_sign.max(received_at);
        if self.instances.len() > MOST_INSTANCES {
            let oldest = self.instances.iter().min_by_key(|(_, known)| known.last_seen).map(|(name, _)| *name);
            self.instances.remove(&oldest.expect("there are more than none"));
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
