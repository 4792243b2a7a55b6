//! From changes to the facts that rules look at. The projections are looked at once a change, and briefly.

use std::sync::Arc;

use hashbrown::HashSet;
use hiveboard_alerts::{
    Evaluator,
    condition::IssueSeverity,
    facts::{AgentFacts, Arrival, End, IssueFacts, ItemFacts, QueueFacts, RunFacts, Spent},
    rule::Labels,
};
use hiveboard_derive::{
    AgentWatch, Projections, RunWatch, StatusChange,
    view::{AgentStatus, IssueStatus, IssueView, QueueView, ScheduledView, TaskStatus},
};
use hiveboard_store::Fresh;
use hiveboard_wire::{Body, Envelope, Kind, NanoDollars, RunKey, Timestamp};

use crate::publisher::RunRef;

/// Tells the rules of changes of status and of what is new. `look` shows the projections, and is called where they have to be asked.
pub(super) fn hear(
    evaluator: &mut Evaluator,
    statuses: &[StatusChange],
    events: &[Fresh],
    now: Timestamp,
    look: impl FnOnce(&mut dyn FnMut(&Projections)),
) {
    // Of statuses rules know whether it is stuck.
    let is_stuck = |status: &StatusChange| {
        status.new_status == AgentStatus::Stuck || status.previous_status == Some(AgentStatus::Stuck)
    };
    let told = statuses.iter().filter(|status| evaluator.wants_signs() || is_stuck(status));
    let changed = told.map(|status| &*status.agent.agent_id);
    let needs = Needs::of(evaluator, events, changed);
    let mut known = Known::default();
    if !needs.is_empty() {
        look(&mut |projections| known = needs.look_up(projections, now));
    }
    known.tell(evaluator, events, now);
}

/// What has to be looked up for a change.
#[derive(Default)]
struct Needs {
    agents: HashSet<Box<str>>,
    runs: HashSet<RunKey>,
    queues: HashSet<Box<str>>,
    schedules: HashSet<Box<str>>,
    issues: Vec<(Box<str>, hiveboard_wire::body::Issue)>,
}

/// What the projections know of it.
#[derive(Default)]
pub(super) struct Known {
    agents: Vec<AgentFacts>,
    runs: Vec<RunFacts>,
    queues: Vec<(Box<str>, QueueFacts)>,
    schedules: Vec<(Box<str>, Vec<ItemFacts>)>,
    issues: Vec<(Box<str>, IssueFacts)>,
}

pub(super) fn labels(one: &Fresh) -> Labels<'_> {
    let (envelope, event) = (&one.stored.envelope, &one.stored.event);
    Labels {
        agent_id: &envelope.agent_id,
        agent_type: &envelope.agent_type,
        environment: &envelope.environment,
        group: &envelope.group,
        project_id: event.project_id.as_deref(),
        task_type: event.task_type.as_deref(),
    }
}

/// Of whom an event is a sign of life, and when it came.
fn sign_of(one: &Fresh) -> (Labels<'_>, Timestamp, Option<(&str, &str)>) {
    let event = &one.stored.event;
    let run = event.task_id.as_deref().map(|task| (task, event.task_run_id.as_deref().unwrap_or("")));
    (labels(one), one.stored.received_at, run)
}

impl Needs {
    fn of<'a>(evaluator: &Evaluator, events: &[Fresh], changed_agents: impl Iterator<Item = &'a str>) -> Self {
        let mut needs = Self::default();
        let (wants_runs, wants_ends) = (evaluator.wants_runs(), evaluator.wants_ends());
        let (wants_approvals, wants_signs) = (wants_runs || evaluator.wants_approvals(), evaluator.wants_signs());
        // Events of a run mostly come in a row, and all of a batch under one envelope: the first of them tells whether it is known.
        let (mut looked_at, mut asked) = (None, None::<(&Arc<Envelope>, bool)>);
        needs.agents.extend(changed_agents.map(Box::from));
        for one in events {
            let agent_id = &one.stored.envelope.agent_id;
            let changes_agent = match &one.body {
                Body::TaskStarted | Body::TaskCompleted | Body::TaskFailed(_) => wants_signs,
                Body::Registered(_) => true,
                Body::Custom { kind, .. } => kind.as_deref() == Some("goodbye"),
                _ => false,
            };
            let envelope = &one.stored.envelope;
            let knows = match asked {
                Some((of, knows)) if Arc::ptr_eq(of, envelope) => knows,
                // A sign of one that counts as silent is news, too.
                _ => asked.insert((envelope, evaluator.knows(&labels(one)) && !evaluator.is_silent(agent_id))).1,
            };
            if changes_agent || !knows {
                needs.agents.get_or_insert_with(&**agent_id, |id| Box::from(id));
            }
            if let Some(run) = RunRef::of(one) {
                let changes_run = match one.body {
                    Body::TaskCompleted | Body::TaskFailed(_) => wants_ends || wants_approvals,
                    Body::ApprovalRequested(_) | Body::ApprovalReceived(_) => wants_approvals,
                    _ => false,
                };
                if changes_run || (wants_runs && looked_at.replace(run) != Some(run)) {
                    let key = RunKey::from(&run);
                    if changes_run || !evaluator.knows_run(&key) {
                        needs.runs.insert(key);
                    }
                }
            }
            match &one.body {
                Body::QueueSnapshot(_) => {
                    needs.queues.insert(agent_id.clone());
                }
                Body::Heartbeat { .. } if one.stored.event.kind == Some(Kind::QueueSnapshot) => {
                    needs.queues.insert(agent_id.clone());
                }
                Body::Scheduled(_) => {
                    needs.schedules.insert(agent_id.clone());
                }
                Body::Issue(issue) => needs.issues.push((agent_id.clone(), issue.clone())),
                _ => {}
            }
        }
        needs
    }

    fn is_empty(&self) -> bool {
        self.agents.is_empty()
            && self.runs.is_empty()
            && self.queues.is_empty()
            && self.schedules.is_empty()
            && self.issues.is_empty()
    }

    fn look_up(&self, projections: &Projections, now: Timestamp) -> Known {
        Known {
            agents: self.agents.iter().filter_map(|id| Some(agent(projections.watch_agent(id, now)?))).collect(),
            runs: self.runs.iter().filter_map(|key| run(projections, key, now)).collect(),
            queues: self
                .queues
                .iter()
                .filter_map(|id| Some((id.clone(), queue(&projections.queue_of(id, now)?))))
                .collect(),
            schedules: self
                .schedules
                .iter()
                .filter_map(|id| Some((id.clone(), items(&projections.schedule_of(id)?))))
                .collect(),
            issues: self
                .issues
                .iter()
                .filter_map(|(id, body)| Some((id.clone(), issue(&projections.issue_of(id, body)?))))
                .collect(),
        }
    }
}

impl Known {
    /// Everything there is of some agents, for a beginning.
    pub(super) fn all_of(projections: &Projections, agent_ids: &[Arc<str>], now: Timestamp) -> Self {
        let mut known = Self::default();
        for id in agent_ids {
            let Some(watched) = projections.watch_agent(id, now) else { continue };
            known.agents.push(agent(watched));
            known.queues.extend(projections.queue_of(id, now).map(|it| ((&**id).into(), queue(&it))));
            known.schedules.extend(projections.schedule_of(id).map(|it| ((&**id).into(), items(&it))));
            known.issues.extend(projections.issues_of(id).iter().map(|it| ((&**id).into(), issue(it))));
        }
        known
    }

    pub(super) fn runs(projections: &Projections, keys: &[RunKey], now: Timestamp) -> Self {
        Self { runs: keys.iter().filter_map(|key| run(projections, key, now)).collect(), ..Self::default() }
    }

    /// Tells the evaluator of it, the events in between included.
    pub(super) fn tell(self, evaluator: &mut Evaluator, events: &[Fresh], now: Timestamp) {
        for facts in self.agents {
            evaluator.agent(facts, now);
        }
        // Events of a run that came together are one sign of it, which is as far as the last of them.
        for together in events.chunk_by(|one, next| sign_of(one) == sign_of(next)) {
            let Some(last) = together.last() else { continue };
            let (labels, at, run) = sign_of(last);
            evaluator.arrived(&Arrival { labels, at, seq: last.stored.seq, run }, now);
            for one in together {
                if let Some(cost) = one.call_cost.map(|cost| cost.amount).filter(|cost| *cost != NanoDollars(0)) {
                    evaluator.spent(&Spent { labels, at: one.stored.event.timestamp, cost }, one.stored.seq, now);
                }
            }
        }
        for run in &self.runs {
            let ended_by = events.iter().rfind(|one| {
                matches!(one.body, Body::TaskCompleted | Body::TaskFailed(_))
                    && Some(one.stored.event.timestamp) == run.ended_at
                    && one.stored.run_key().as_ref() == Some(&run.key)
            });
            // The event that ended it, and no other of the same instant.
            if let (Some(one), TaskStatus::Completed | TaskStatus::Failed) = (ended_by, run.status) {
                let end = End {
                    labels: run.labels(&one.stored.envelope.agent_type),
                    at: one.stored.event.timestamp,
                    failed: run.status == TaskStatus::Failed,
                    run: &run.key,
                };
                evaluator.ended(&end, one.stored.seq, now);
            }
        }
        for run in self.runs {
            evaluator.run(run, now);
        }
        for (agent_id, queue) in self.queues {
            evaluator.queue(&agent_id, queue, now);
        }
        for (agent_id, items) in self.schedules {
            evaluator.schedule(&agent_id, items, now);
        }
        for (agent_id, issue) in self.issues {
            evaluator.issue(&agent_id, issue, now);
        }
    }
}

fn agent(watched: AgentWatch) -> AgentFacts {
    AgentFacts {
        agent_id: watched.agent_id,
        agent_type: watched.agent_type.into(),
        environment: watched.environment.into(),
        group: watched.group.into(),
        projects: watched.projects.into_iter().map(Arc::from).collect(),
        status: watched.status,
        status_since: watched.status_since,
        last_sign: watched.last_sign,
        last_seq: watched.last_seq,
        stuck_seq: watched.stuck_seq,
        expects_signs: watched.expects_signs,
        current_task_id: watched.current_task_id,
        stuck_threshold_seconds: watched.stuck_threshold_seconds,
        last_run_start: watched.last_run_start,
    }
}

fn run(projections: &Projections, key: &RunKey, now: Timestamp) -> Option<RunFacts> {
    let RunWatch { view, last_sign, last_seq } = projections.watch_run(key, now)?;
    Some(RunFacts::new(&view, last_sign, last_seq))
}

fn queue(view: &QueueView) -> QueueFacts {
    QueueFacts { depth: view.depth, oldest_age_seconds: view.oldest_age_seconds, snapshot_at: view.snapshot_at }
}

fn items(view: &ScheduledView) -> Vec<ItemFacts> {
    view.items.iter().filter_map(ItemFacts::read).collect()
}

fn issue(view: &IssueView) -> IssueFacts {
    IssueFacts {
        issue_id: view.issue_id.as_str().into(),
        summary: view.summary.clone(),
        severity: IssueSeverity::parse(&view.severity),
        category: view.category.clone(),
        is_open: view.status == IssueStatus::Open,
        occurrences: view.occurrences,
        reported_at: view.last_seen,
    }
}
