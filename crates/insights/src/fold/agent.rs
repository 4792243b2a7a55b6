//! What is remembered of an agent and of its issues.

use std::{collections::BTreeMap, sync::Arc};

use hiveboard_wire::{Timestamp, fingerprint};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{names::Names, table::DAY};
use crate::aggregates::{FieldFacts, HeartbeatFacts, IssueFacts, Name, QueueSample};

/// Fields of heartbeats that are remembered.
const FIELDS: usize = 24;
/// Samples of a queue that are remembered: when there are more, the older half is thinned out.
const SAMPLES: usize = 128;

/// An agent as whoever knows its state tells it.
#[derive(Debug, Clone, Default)]
pub struct AgentNow {
    pub agent_id: Name,
    pub agent_type: Name,
    pub is_stuck: bool,
    pub is_idle: bool,
    pub is_gone: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct AgentMemory {
    /// By its own clock.
    pub(super) latest: Timestamp,
    pub(super) worked: bool,
    pub(super) queue: Vec<QueueSample>,
    pub(super) heartbeats: HeartbeatFacts,
    /// Hashes of the values, by field.
    values: Vec<u64>,
}

impl AgentMemory {
    pub(super) fn queue(&mut self, at: Timestamp, depth: u64, is_processing: bool) {
        let sample = QueueSample { at, depth, worked: std::mem::take(&mut self.worked) || is_processing };
        let place = self.queue.partition_point(|known| known.at <= at);
        self.queue.insert(place, sample);
        if self.queue.len() > SAMPLES {
            let mut number = 0;
            let mut carried = false;
            self.queue.retain_mut(|sample| {
                number += 1;
                let stays = number > SAMPLES / 2 || number % 2 == 1;
                if stays {
                    sample.worked |= std::mem::take(&mut carried);
                } else {
                    carried |= sample.worked;
                }
                stays
            });
        }
    }

    pub(super) fn run_ended(&mut self) {
        for field in &mut self.heartbeats.fields {
            field.runs_still += 1;
        }
    }

    pub(super) fn heartbeat(&mut self, at: Timestamp, payload: &str, names: &mut Names) {
        // Late ones say nothing of what is lost.
        if at < self.heartbeats.last_at {
            return;
        }
        let Ok(top) = serde_json::from_str::<BTreeMap<&str, &RawValue>>(payload) else { return };
        let data = top.get("data").and_then(|data| serde_json::from_str::<BTreeMap<&str, &RawValue>>(data.get()).ok());
        let own = top.iter().filter(|(name, _)| !matches!(**name, "kind" | "summary" | "tags" | "data"));
        let fields: Vec<(&str, &RawValue)> =
            own.map(|(name, value)| (*name, *value)).chain(data.into_iter().flatten()).collect();
        self.heartbeats.beats += 1;
        self.heartbeats.last_at = at;
        for (name, value) in fields {
            self.field(name, value.get(), names);
        }
    }

    fn field(&mut self, name: &str, value: &str, names: &mut Names) {
        if value == "null" {
            return;
        }
        let (beat, at) = (self.heartbeats.beats, self.heartbeats.last_at);
        let hash = fingerprint(&[value]);
        let place = self.heartbeats.fields.iter().position(|field| *field.name == *name);
        let place = match place {
            Some(place) => place,
            None if self.heartbeats.fields.len() >= FIELDS => return,
            None => {
                self.heartbeats.fields.push(FieldFacts {
                    name: names.of(name),
                    first_beat: beat,
                    changed_beat: beat,
                    changed_at: at,
                    ..FieldFacts::default()
                });
                self.values.push(hash);
                self.heartbeats.fields.len() - 1
            }
        };
        let field = &mut self.heartbeats.fields[place];
        field.seen += 1;
        field.last_beat = beat;
        field.last_at = at;
        field.is_number = value.starts_with(|sign: char| sign.is_ascii_digit() || sign == '-');
        if self.values[place] != hash {
            self.values[place] = hash;
            field.changes += 1;
            field.changed_beat = beat;
            field.changed_at = at;
            field.most_runs_still = field.most_runs_still.max(std::mem::take(&mut field.runs_still));
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct IssueMemory {
    facts: Facts,
    latest: Timestamp,
    latest_is_report: bool,
    days: Vec<i32>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Facts {
    summary: String,
    severity: String,
    reports: u32,
    reopened: u32,
    last_reopened: Timestamp,
    first_report: Option<Timestamp>,
    last_report: Timestamp,
}

/// Days of reports that are told apart.
const DAYS: usize = 64;

impl IssueMemory {
    pub(super) fn fold(&mut self, at: Timestamp, is_report: bool, summary: &str, severity: &str) {
        let facts = &mut self.facts;
        if is_report {
            facts.reports += 1;
            facts.first_report = Some(facts.first_report.map_or(at, |first| first.min(at)));
            facts.last_report = facts.last_report.max(at);
            summary.clone_into(&mut facts.summary);
            severity.clone_into(&mut facts.severity);
            let day = (at.micros() / DAY) as i32;
            if !self.days.contains(&day) {
                self.days.push(day);
                if self.days.len() > DAYS {
                    self.days.remove(0);
                }
            }
        }
        if at >= self.latest {
            if is_report && !self.latest_is_report && self.latest != Timestamp::default() {
                facts.reopened += 1;
                facts.last_reopened = at;
            }
            self.latest = at;
            self.latest_is_report = is_report;
        }
    }

    pub(super) const fn latest(&self) -> Timestamp {
        self.latest
    }

    pub(super) fn view(&self, agent_id: &Name, issue_id: &Name, since: Timestamp) -> IssueFacts {
        let from = (since.micros() / DAY) as i32;
        IssueFacts {
            agent_id: Arc::clone(agent_id),
            issue_id: Arc::clone(issue_id),
            summary: self.facts.summary.as_str().into(),
            severity: self.facts.severity.as_str().into(),
            is_open: self.latest_is_report,
            reports: self.facts.reports,
            reopened: self.facts.reopened,
            last_reopened: self.facts.last_reopened,
            days: self.days.iter().filter(|day| **day >= from - 6).count() as u32,
            first_report: self.facts.first_report.unwrap_or(self.latest),
            last_report: self.facts.last_report,
        }
    }
}
