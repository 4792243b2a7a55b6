//! Events by hand, and projections from them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use hiveboard_derive::{
    AgentFilter, AgentSort, ArchiveLimits, Bucketing, ColdRowError, ColdRows, ErrorFilter, ErrorSort, FIRST_COLD_TABLE,
    GroupBy, Projections, RunFilter, RunSort, view::TaskStatus,
};
use hiveboard_prices::PriceTable;
use hiveboard_wire::{Body, CallCost, RunKey, StoredEvent, Timestamp, decode_batch};
use serde_json::{Value, json};

pub(crate) const BASE: Timestamp = Timestamp(1_770_000_000_000_000);

/// `seconds` after the base.
pub(crate) fn at(seconds: f64) -> Timestamp {
    BASE.plus_micros((seconds * 1e6).round() as i64)
}

#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) stored: StoredEvent,
    pub(crate) body: Body,
    pub(crate) call_cost: Option<CallCost>,
}

/// One event as it would be stored. `envelope` needs no agent id (it is `a` then); `event` needs no id, which is made of `seq`.
pub(crate) fn given(seq: u64, received_at: Timestamp, happened_at: Timestamp, envelope: Value, event: Value) -> Given {
    let mut whole_envelope = json!({"agent_id": "a"});
    whole_envelope.as_object_mut().unwrap().extend(envelope.as_object().unwrap().clone());
    let mut whole =
        json!({"event_id": format!("0190a5c2-0000-7000-8000-{seq:012x}"), "timestamp": happened_at.to_string()});
    whole.as_object_mut().unwrap().extend(event.as_object().unwrap().clone());
    let body = json!({"envelope": whole_envelope, "events": [whole]}).to_string();
    let decoded = decode_batch(body.as_bytes(), BASE.plus_seconds(86_400 * 365)).unwrap();
    assert_eq!(decoded.receipt.errors, []);
    let accepted = decoded.events.into_iter().next().unwrap();
    let call_cost = match &accepted.body {
        Body::LlmCall(call) => Some(PriceTable::shipped().cost(call)),
        _ => None,
    };
    let stored = StoredEvent { seq, received_at, envelope: decoded.envelope, event: accepted.event };
    Given { stored, body: accepted.body, call_cost }
}

pub(crate) fn apply(projections: &mut Projections, given: &Given) {
    projections.apply(&given.stored, &given.body, given.call_cost);
}

/// A board that takes events one after another, each arriving when it happens.
#[derive(Default)]
pub(crate) struct Board {
    pub(crate) projections: Projections,
    pub(crate) seq: u64,
}

impl Board {
    /// `event_type` of agent `a`, `seconds` after the base.
    pub(crate) fn on(&mut self, seconds: f64, event_type: &str, more: Value) -> &mut Self {
        self.from(json!({}), seconds, event_type, more)
    }

    pub(crate) fn from(&mut self, envelope: Value, seconds: f64, event_type: &str, more: Value) -> &mut Self {
        self.seq += 1;
        let mut event = more;
        event["event_type"] = json!(event_type);
        apply(&mut self.projections, &given(self.seq, at(seconds), at(seconds), envelope, event));
        self
    }

    /// An event that arrives later than it happened.
    pub(crate) fn late(&mut self, happened: f64, received: f64, event_type: &str, more: Value) -> &mut Self {
        self.seq += 1;
        let mut event = more;
        event["event_type"] = json!(event_type);
        apply(&mut self.projections, &given(self.seq, at(received), at(happened), json!({}), event));
        self
    }

    pub(crate) fn kind(
        &mut self,
        seconds: f64,
        task: Option<&str>,
        kind: &str,
        summary: &str,
        data: Value,
    ) -> &mut Self {
        self.on(
            seconds,
            "custom",
            json!({"task_id": task, "payload": {"kind": kind, "summary": summary, "data": data}}),
        )
    }

    pub(crate) fn status(&self, seconds: f64) -> String {
        self.projections.agent_status("a", at(seconds)).unwrap().derived_status.as_str().to_owned()
    }

    /// The latest run of a task, as JSON.
    pub(crate) fn task(&self, task_id: &str, seconds: f64) -> Value {
        let runs = self.projections.runs_of_task(task_id, None, 50, at(seconds)).unwrap().0;
        serde_json::to_value(runs.first().expect("the task is known")).unwrap()
    }

    pub(crate) fn agent(&self, seconds: f64) -> Value {
        serde_json::to_value(self.projections.agent("a", at(seconds)).unwrap()).unwrap()
    }

    pub(crate) fn pipeline(&self, seconds: f64) -> Value {
        serde_json::to_value(self.projections.pipeline("a", at(seconds)).unwrap()).unwrap()
    }
}

/// Everything that can be read, as JSON.
pub(crate) fn all_views(projections: &Projections, now: Timestamp) -> Value {
    let mut agents = projections.agents(&AgentFilter::default(), AgentSort::Attention, now);
    for agent in &mut agents {
        // When a change was noticed is about the looking.
        agent.status_since = BASE;
    }
    let details: Vec<Value> = agents
        .iter()
        .map(|agent| {
            let mut detail = projections.agent(&agent.agent_id, now).unwrap();
            detail.agent.status_since = BASE;
            serde_json::to_value(detail).unwrap()
        })
        .collect();
    let lists: Vec<Value> =
        [RunSort::Newest, RunSort::Oldest, RunSort::Duration, RunSort::Cost, RunSort::Tokens, RunSort::Errors]
            .into_iter()
            .map(|sort| {
                serde_json::to_value(
                    projections.runs(&RunFilter::default(), sort, None, 200, now).unwrap().finish().unwrap().data,
                )
                .unwrap()
            })
            .collect();
    let metrics: Vec<Value> =
        [GroupBy::Agent, GroupBy::Project, GroupBy::TaskType, GroupBy::Version, GroupBy::Environment]
            .into_iter()
            .map(|by| {
                serde_json::to_value(
                    projections
                        .task_metrics(&RunFilter::default(), Some(Bucketing::Width(60_000_000)), Some(by), now)
                        .finish()
                        .unwrap(),
                )
                .unwrap()
            })
            .collect();
    json!({
        "agents": agents, "details": details, "lists": lists, "metrics": metrics,
        "pipelines": projections.pipelines(&AgentFilter::default(), None, usize::MAX, now),
        "projects": projections.project_stats(now).finish().unwrap(),
        "errors": projections.errors(&ErrorFilter::default(), ErrorSort::Often, BASE, now),
    })
}

/// Lists, page by page, and figures under filters of every kind, as JSON.
pub(crate) fn filtered_views(projections: &Projections, now: Timestamp) -> Vec<Value> {
    let some = |text: &str| Some(text.to_owned());
    let all = RunFilter::default;
    let filters = [
        all(),
        RunFilter { status: vec![TaskStatus::Failed], ..all() },
        RunFilter { status: vec![TaskStatus::Completed, TaskStatus::Stuck], ..all() },
        RunFilter { status: vec![TaskStatus::Processing, TaskStatus::Stuck], ..all() },
        RunFilter { agent_id: some("b"), ..all() },
        RunFilter { task_id: some("t1"), ..all() },
        RunFilter { task_type: some("k1"), environment: some("staging"), ..all() },
        RunFilter { project_id: some("sales"), agent_version: some("1.1"), ..all() },
        RunFilter { correlation_id: some("c2"), ..all() },
        RunFilter { q: some("T2"), ..all() },
        RunFilter { q: some("r1"), ..all() },
        RunFilter { q: some("0190a5c2-0000-7000-8000"), ..all() },
        RunFilter { q: some("C2"), ..all() },
        RunFilter { q: some("k1"), ..all() },
        RunFilter {
            q: some("in an event"),
            q_in_events: vec![RunKey { agent_id: "b".into(), task_id: "t1".into(), task_run_id: "".into() }],
            ..all()
        },
        RunFilter { since: Some(at(120.0)), until: Some(at(421.0)), ..all() },
        RunFilter { until: Some(at(300.0)), group: some("default"), ..all() },
    ];
    let mut views = Vec::new();
    for filter in &filters {
        for sort in
            [RunSort::Newest, RunSort::Oldest, RunSort::Duration, RunSort::Cost, RunSort::Tokens, RunSort::Errors]
        {
            let (mut cursor, mut pages) = (None::<String>, Vec::new());
            loop {
                let page = projections.runs(filter, sort, cursor.as_deref(), 2, now).unwrap().finish().unwrap();
                pages.push(serde_json::to_value(&page.data).unwrap());
                cursor = page.cursor;
                if cursor.is_none() {
                    break;
                }
            }
            views.push(json!([format!("{filter:?} {sort:?}"), pages]));
        }
        for by in [None, Some(GroupBy::Agent), Some(GroupBy::Group)] {
            let metrics =
                projections.task_metrics(filter, Some(Bucketing::Width(60_000_000)), by, now).finish().unwrap();
            views.push(json!([format!("{filter:?} {by:?}"), metrics]));
        }
    }
    for task_id in ["t1", "t2"] {
        for agent_id in [None, Some("a")] {
            views.push(serde_json::to_value(projections.runs_of_task(task_id, agent_id, 2, now).unwrap()).unwrap());
        }
        views.push(serde_json::to_value(projections.run_of_task(task_id, "r1", now).unwrap()).unwrap());
        let key = RunKey { agent_id: "a".into(), task_id: task_id.into(), task_run_id: "".into() };
        views.push(serde_json::to_value(projections.run(&key, now).unwrap()).unwrap());
    }
    views
}

type RowsByKey = BTreeMap<(u8, Vec<u8>), Vec<u8>>;

/// What the store would hold: rows by table and key.
#[derive(Clone, Default)]
pub(crate) struct Rows(pub(crate) Arc<Mutex<RowsByKey>>);

impl ColdRows for Rows {
    fn row(&self, table: u8, key: &[u8]) -> Result<Option<Arc<Vec<u8>>>, ColdRowError> {
        assert!(table >= FIRST_COLD_TABLE, "all others are given at start");
        Ok(self.0.lock().unwrap().get(&(table, key.to_vec())).cloned().map(Arc::new))
    }
}

impl Rows {
    pub(crate) fn save(&self, projections: &mut Projections) {
        let mut changes = projections.take_changes();
        for change in changes.take_rows() {
            let key = (change.table, change.key);
            match change.value {
                Some(value) => self.0.lock().unwrap().insert(key, value),
                None => self.0.lock().unwrap().remove(&key),
            };
        }
        changes.saved();
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn all(&self) -> Vec<(u8, Vec<u8>, Vec<u8>)> {
        let rows = self.0.lock().unwrap();
        rows.iter().map(|((table, key), value)| (*table, key.clone(), value.clone())).collect()
    }

    pub(crate) fn restore(&self) -> Projections {
        Projections::new().restored(self.all()).unwrap()
    }

    /// With an archive that takes all but the last ended run, two at a time.
    pub(crate) fn archiving(&self) -> Projections {
        let limits = ArchiveLimits { ended_runs: 1, segment_runs: 2 };
        let at_start = self.all().into_iter().filter(|(table, ..)| *table < FIRST_COLD_TABLE);
        Projections::with_archive(Arc::new(self.clone()), limits).restored(at_start).unwrap()
    }
}
