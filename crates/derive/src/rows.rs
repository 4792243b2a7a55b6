//! Agents and runs as rows: labels as texts, times as microseconds.

use hiveboard_wire::{Envelope, EventId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    agent::{Agent, Goodbye, Instance, LastEnd, Registration},
    clock_skew::ClockSkew,
    failures::Trail,
    interner::{CompactId, Interner, Name, Process},
    last_write_wins::{LastWrite, LastWriteRow},
    plan::PlanState,
    run::{Counts, End, Label, People, Raised, Run},
    view::AgentStatus,
};

/// Version, threshold and interval in seconds.
type RegistrationRow = (Option<Box<str>>, Option<f64>, Option<f64>);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AgentRow {
    seen: [i64; 3],
    last_seq: u64,
    last_heartbeat: Option<i64>,
    anonymous_sign: i64,
    /// Instance and agent's time.
    goodbye: Option<(Option<Box<str>>, i64)>,
    skew: ClockSkew,
    labels: Option<LastWriteRow<Envelope>>,
    registration: Option<LastWriteRow<RegistrationRow>>,
    heartbeat_summary: Option<LastWriteRow<Box<str>>>,
    projects: Vec<(Box<str>, i64)>,
    instances: Vec<(Box<str>, [i64; 3], bool)>,
    native: bool,
    metrics: bool,
    announced: Option<AgentStatus>,
    announced_at: i64,
    /// Issues, to-dos.
    dropped: (u64, u64),
    last_end: Option<(i64, u32)>,
    versions: Vec<(Option<Box<str>>, i64, i64)>,
}

impl AgentRow {
    pub(crate) fn new(agent: &Agent, interner: &Interner) -> Self {
        let instance = |instance: &Instance| {
            [instance.first_seen.micros(), instance.last_seen.micros(), instance.last_sign.micros()]
        };
        let registration = |known: &Registration| {
            (known.version.clone(), known.stuck_threshold_seconds, known.heartbeat_interval_seconds)
        };
        Self {
            seen: [agent.first_seen.micros(), agent.last_seen.micros(), agent.last_sign.micros()],
            last_seq: agent.last_seq,
            last_heartbeat: agent.last_heartbeat.map(Timestamp::micros),
            anonymous_sign: agent.anonymous_sign.micros(),
            goodbye: agent
                .goodbye
                .map(|goodbye| (goodbye.instance.map(|process| process.text(interner).into()), goodbye.at.micros())),
            skew: agent.skew.clone(),
            labels: agent.labels.as_ref().map(|latest| latest.to_row(|envelope| (**envelope).clone())),
            registration: agent.registration.as_ref().map(|latest| latest.to_row(registration)),
            heartbeat_summary: agent.heartbeat_summary.as_ref().map(|latest| latest.to_row(Clone::clone)),
            projects: agent.projects.iter().map(|(name, last)| (interner.text(*name).into(), *last)).collect(),
            instances: agent
                .instances
                .iter()
                .map(|(process, known)| (process.text(interner).into(), instance(known), known.gone))
                .collect(),
            native: agent.native,
            metrics: agent.metrics,
            announced: agent.announced,
            announced_at: agent.announced_at.micros(),
            dropped: (agent.issues_dropped, agent.todos_dropped),
            last_end: agent.last_end.map(|last| (last.at.micros(), last.failed)),
            versions: agent
                .versions
                .iter()
                .map(|(version, first, last)| (interner.optional(*version).map(Into::into), *first, *last))
                .collect(),
        }
    }

    pub(crate) fn restore(self, agent: &mut Agent, interner: &mut Interner) {
        let [first_seen, last_seen, last_sign] = self.seen.map(Timestamp);
        (agent.first_seen, agent.last_seen, agent.last_sign) = (first_seen, last_seen, last_sign);
        agent.last_seq = self.last_seq;
        agent.last_heartbeat = self.last_heartbeat.map(Timestamp);
        agent.anonymous_sign = Timestamp(self.anonymous_sign);
        agent.goodbye = self.goodbye.map(|(instance, at)| Goodbye {
            instance: instance.map(|instance| Process::of(&instance, interner)),
            at: Timestamp(at),
        });
        agent.skew = self.skew;
        agent.labels = self.labels.map(|row| LastWrite::from_row(row, std::sync::Arc::new));
        agent.registration =
            self.registration.map(|row| {
                LastWrite::from_row(row, |(version, stuck_threshold_seconds, heartbeat_interval_seconds)| {
                    Registration { version, stuck_threshold_seconds, heartbeat_interval_seconds }
                })
            });
        agent.heartbeat_summary = self.heartbeat_summary.map(|row| LastWrite::from_row(row, |summary| summary));
        agent.projects = self.projects.into_iter().map(|(name, last)| (interner.get_or_add(&name), last)).collect();
        let instance = |seen: [i64; 3], gone: bool| {
            let [first_seen, last_seen, last_sign] = seen.map(Timestamp);
            Instance { first_seen, last_seen, last_sign, gone }
        };
        agent.instances = self
            .instances
            .into_iter()
            .map(|(name, seen, gone)| (Process::of(&name, interner), instance(seen, gone)))
            .collect();
        agent.native = self.native;
        agent.metrics = self.metrics;
        agent.announced = self.announced;
        agent.announced_at = Timestamp(self.announced_at);
        (agent.issues_dropped, agent.todos_dropped) = self.dropped;
        agent.last_end = self.last_end.map(|(at, failed)| LastEnd { at: Timestamp(at), failed });
        let versions = self.versions.into_iter();
        agent.versions = versions
            .map(|(version, first, last)| (version.map(|version| interner.get_or_add(&version)), first, last))
            .collect();
    }
}

type LabelRow<'a> = Option<(i64, &'a str)>;

fn row<'a, T: Name>(label: &Label<T>, interner: &'a Interner) -> LabelRow<'a> {
    label.value.map(|name| (label.micros, name.text(interner)))
}

fn label<T: Name>(row: LabelRow<'_>, interner: &mut Interner) -> Label<T> {
    match row {
        None => Label::default(),
        Some((micros, text)) => Label { micros, value: Some(T::of(text, interner)) },
    }
}

/// Borrows from the run when written and from the bytes when read.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunRow<'a> {
    #[serde(borrow)]
    ids: (&'a str, &'a str, &'a str),
    /// Task type, project, environment, group, version, instance.
    #[serde(borrow)]
    labels: [LabelRow<'a>; 6],
    correlation: Option<(i64, EventId)>,
    /// First, last, start, first arrival, last sign.
    times: [i64; 5],
    /// Of an open run; nobody asks about the silence of others.
    last_seq: Option<u64>,
    starts: u32,
    end: Option<EndRow>,
    people: Option<People>,
    counts: CountsRow,
    plan: Option<PlanState>,
    trail: Option<Trail>,
}

/// When, completed, cancelled, event, duration in milliseconds, and what was raised.
type EndRow = (i64, bool, bool, EventId, Option<f64>, Option<Raised>);

#[derive(Debug, Serialize, Deserialize)]
struct CountsRow {
    small: [u32; 9],
    tokens: [u64; 2],
    costs: [i64; 2],
}

impl<'a> RunRow<'a> {
    pub(crate) fn new(run: &'a Run, agent_id: &'a str, task_run_id: &'a str, interner: &'a Interner) -> Self {
        let labels = [&run.task_type, &run.project, &run.environment, &run.group, &run.version];
        let [task_type, project, environment, group, version] = labels.map(|label| row(label, interner));
        let counts = &run.counts;
        Self {
            ids: (agent_id, &run.task_id, task_run_id),
            labels: [task_type, project, environment, group, version, row(&run.instance, interner)],
            correlation: run.correlation.value.as_ref().map(|id| (run.correlation.micros, id.with_str(EventId::new))),
            times: [
                run.first.micros(),
                run.last.micros(),
                run.start_micros,
                run.first_arrival.micros(),
                run.last_sign.micros(),
            ],
            last_seq: run.closed().is_none().then_some(run.last_seq),
            starts: run.starts,
            end: run.end.as_ref().map(|end| {
                let raised = end.exception.as_deref().cloned();
                (end.micros, end.completed, end.cancelled, end.event_id.clone(), end.duration_ms, raised)
            }),
            people: run.people.as_deref().cloned(),
            counts: CountsRow {
                small: [
                    counts.actions_started,
                    counts.actions_ended,
                    counts.errors,
                    counts.retries,
                    counts.llm_calls,
                    counts.escalations,
                    counts.calls_with_tokens_in,
                    counts.calls_with_tokens_out,
                    counts.calls_with_cost,
                ],
                tokens: [counts.tokens_in, counts.tokens_out],
                costs: [counts.cost, counts.estimated_cost],
            },
            plan: run.plan.as_deref().cloned(),
            trail: run.trail.as_deref().cloned(),
        }
    }

    pub(crate) const fn agent_id(&self) -> &'a str {
        self.ids.0
    }

    pub(crate) fn is(&self, agent_id: &str, task_id: &str, task_run_id: &str) -> bool {
        self.ids == (agent_id, task_id, task_run_id)
    }

    pub(crate) fn into_run(self, agent: u32, interner: &mut Interner) -> Run {
        let (_, task_id, task_run_id) = self.ids;
        let [task_type, project, environment, group, version, instance] = self.labels;
        let [task_type, project, environment, group, version] =
            [task_type, project, environment, group, version].map(|row| label(row, interner));
        let instance = label(instance, interner);
        let [first, last, start_micros, first_arrival, last_sign] = self.times;
        let CountsRow { small, tokens, costs } = self.counts;
        Run {
            task_type,
            project,
            environment,
            group,
            version,
            instance,
            correlation: match self.correlation {
                None => Label::default(),
                Some((micros, id)) => Label { micros, value: Some(id.with_str(CompactId::new)) },
            },
            first: Timestamp(first),
            last: Timestamp(last),
            start_micros,
            starts: self.starts,
            first_arrival: Timestamp(first_arrival),
            last_sign: Timestamp(last_sign),
            last_seq: self.last_seq.unwrap_or(0),
            end: self.end.map(|(micros, completed, cancelled, event_id, duration_ms, raised)| End {
                micros,
                completed,
                cancelled,
                event_id,
                duration_ms,
                exception: raised.map(Box::new),
            }),
            people: self.people.map(Box::new),
            counts: Counts {
                actions_started: small[0],
                actions_ended: small[1],
                errors: small[2],
                retries: small[3],
                llm_calls: small[4],
                escalations: small[5],
                calls_with_tokens_in: small[6],
                calls_with_tokens_out: small[7],
                calls_with_cost: small[8],
                tokens_in: tokens[0],
                tokens_out: tokens[1],
                cost: costs[0],
                estimated_cost: costs[1],
            },
            plan: self.plan.map(Box::new),
            trail: self.trail.map(Box::new),
            ..Run::new(agent, task_id, task_run_id)
        }
    }
}
