//! Fleets of 30 days in which nothing is wrong: each kind may be wrong about one of a hundred.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::{collections::BTreeMap, sync::Arc};

use fastrand::Rng;
use hiveboard_insights::{
    Aggregates, Insight, Kind, Severity,
    aggregates::{RunLabels, Seen, Spend, SpendBucket},
    compute,
    fold::{AgentNow, Memory, Outcome, RunFacts, Wanted},
};
use hiveboard_wire::{
    Body, CallCost, CostSource, Envelope, Event, EventId, EventType, Kind as PayloadKind, NanoDollars,
    Severity as EventSeverity, Source, StoredEvent, Timestamp,
};
use serde_json::value::RawValue;

const FLEETS: u64 = 100;
const DAYS: i64 = 30;
/// Of the last days all events are made; of those before, the runs as they are summed up.
const DAYS_OF_EVENTS: i64 = 15;
const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// A Thursday.
const START: i64 = 1_767_225_600_000_000;

/// What a type of task is like, for whoever works on it.
struct TaskType {
    name: String,
    seconds: f64,
    dollars: f64,
    failures: f64,
    calls: u32,
}

struct Agent {
    envelope: Envelope,
    tasks: std::ops::Range<usize>,
    models: [&'static str; 2],
    runs_a_day: f64,
}

struct Fleet {
    rng: Rng,
    memory: Memory,
    seq: u64,
    tasks: Vec<TaskType>,
    agents: Vec<Agent>,
    dollars_a_day: BTreeMap<i64, (f64, u64)>,
}

fn normal(rng: &mut Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

/// Heavy-tailed: one in twenty is five times the typical one.
fn heavy(rng: &mut Rng, typical: f64) -> f64 {
    typical * normal(rng).exp()
}

fn between(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + rng.f64() * (high - low)
}

impl Fleet {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let (mut tasks, mut agents) = (Vec::new(), Vec::new());
        let types = ["support", "research", "billing"];
        for (number, agent_type) in types.into_iter().enumerate() {
            let first = tasks.len();
            for task in 0..rng.usize(1..=3) {
                tasks.push(TaskType {
                    name: format!("{agent_type}-{task}"),
                    seconds: between(&mut rng, 5.0, 300.0),
                    dollars: between(&mut rng, 0.005, 0.5),
                    failures: between(&mut rng, 0.005, 0.05),
                    calls: rng.u32(1..=6),
                });
            }
            // Prices differ, but not so that anybody would change the model for it.
            let models = [["small", "large"], ["small", "middle"], ["middle", "large"]][number];
            for agent in 0..rng.usize(2..=4) {
                agents.push(Agent {
                    envelope: Envelope {
                        agent_id: format!("{agent_type}-{agent}").into(),
                        agent_type: agent_type.into(),
                        agent_version: Some("v0".into()),
                        framework: "custom".into(),
                        runtime: None,
                        sdk_version: None,
                        instance_id: None,
                        environment: "production".into(),
                        group: "default".into(),
                        source: Source::Ingest,
                    },
                    tasks: first..tasks.len(),
                    models,
                    runs_a_day: between(&mut rng, 6.0, 30.0),
                });
            }
        }
        Self { rng, memory: Memory::default(), seq: 0, tasks, agents, dollars_a_day: BTreeMap::new() }
    }

    /// Every type is deployed every few days, without any effect.
    fn deploy(&mut self, day: i64) {
        for (place, agent_type) in ["support", "research", "billing"].into_iter().enumerate() {
            if day % (3 + place as i64) == 0 {
                for agent in self.agents.iter_mut().filter(|agent| *agent.envelope.agent_type == *agent_type) {
                    agent.envelope.agent_version = Some(format!("v{day}").into());
                }
            }
        }
    }

    fn event(
        &mut self,
        envelope: &Arc<Envelope>,
        at: i64,
        event_type: EventType,
        task: Option<(&str, &str)>,
        payload: Option<String>,
    ) {
        self.full_event(envelope, at, event_type, task, None, payload, None, None);
    }

    #[expect(clippy::too_many_arguments, reason = "an event has as many parts")]
    fn full_event(
        &mut self,
        envelope: &Arc<Envelope>,
        at: i64,
        event_type: EventType,
        task: Option<(&str, &str)>,
        action: Option<u32>,
        payload: Option<String>,
        duration_ms: Option<f64>,
        dollars: Option<f64>,
    ) {
        self.seq += 1;
        let kind = payload.as_deref().and_then(|payload| {
            [PayloadKind::LlmCall, PayloadKind::QueueSnapshot].into_iter().find(|kind| payload.contains(kind.as_str()))
        });
        let event = Event {
            event_id: EventId::new(&self.seq.to_string()),
            timestamp: Timestamp(at),
            event_type,
            severity: EventSeverity::Info,
            project_id: None,
            task_id: task.map(|(id, _)| id.into()),
            task_type: task.map(|(_, task_type)| task_type.into()),
            task_run_id: task.map(|(id, _)| id.into()),
            correlation_id: None,
            action_id: action.map(|action| action.to_string().into()),
            parent_action_id: None,
            parent_event_id: None,
            status: None,
            duration_ms,
            payload: payload.map(|payload| RawValue::from_string(payload).unwrap()),
            kind,
        };
        let (body, odd) = Body::read(event_type, kind, event.payload.as_deref());
        assert!(odd.is_empty(), "{odd:?}");
        let cost = dollars.map(|dollars| CallCost {
            amount: NanoDollars::from_dollars(dollars).unwrap(),
            source: CostSource::Reported,
        });
        let stored =
            StoredEvent { seq: self.seq, received_at: Timestamp(at + 500_000), envelope: Arc::clone(envelope), event };
        self.memory.fold(&stored, &body, cost);
    }

    /// A month, the last day until noon.
    fn live(&mut self) {
        for day in 0..DAYS {
            self.deploy(day);
            let day_start = START + day * DAY;
            // Weekends are quiet.
            let share = if matches!(day % 7, 2 | 3) { 0.3 } else { 1.0 };
            let mut runs: Vec<(i64, usize)> = Vec::new();
            for (place, agent) in self.agents.iter().enumerate() {
                let count = self.rng.f64().mul_add(1.0, agent.runs_a_day * share) as u32;
                for _ in 0..count {
                    // Most work comes between nine and five.
                    let hour = if self.rng.f64() < 0.75 {
                        between(&mut self.rng, 9.0, 17.0)
                    } else {
                        between(&mut self.rng, 0.0, 24.0)
                    };
                    runs.push((day_start + (hour * HOUR as f64) as i64, place));
                }
            }
            runs.sort_unstable();
            let now = START + (DAYS - 1) * DAY + 12 * HOUR;
            runs.retain(|(at, _)| *at < now - 4 * HOUR);
            for (number, (at, place)) in runs.into_iter().enumerate() {
                let id = format!("t{day}-{number}");
                if day < DAYS - DAYS_OF_EVENTS { self.summed_run(at, place, &id) } else { self.run(at, place, &id) }
            }
            if day >= DAYS - DAYS_OF_EVENTS {
                self.beats(day_start, now);
            }
        }
    }

    fn spent(&mut self, at: i64, dollars: f64) {
        let sums = self.dollars_a_day.entry((at - START).div_euclid(DAY)).or_default();
        sums.0 += dollars;
        sums.1 += 1;
    }

    fn summed_run(&mut self, at: i64, place: usize, id: &str) {
        let agent = &self.agents[place];
        let task = &self.tasks[self.rng.usize(agent.tasks.clone())];
        let failed = self.rng.f64() < task.failures;
        let cost = heavy(&mut self.rng, task.dollars);
        let facts = RunFacts {
            at: Timestamp(at),
            labels: RunLabels {
                agent_id: (*agent.envelope.agent_id).into(),
                agent_type: (*agent.envelope.agent_type).into(),
                task_type: Some(task.name.as_str().into()),
                version: agent.envelope.agent_version.as_deref().map(Into::into),
                environment: "production".into(),
                group: "default".into(),
                ..RunLabels::default()
            },
            task_id: id.into(),
            task_run_id: id.into(),
            outcome: if failed { Outcome::Failed } else { Outcome::Completed },
            duration_seconds: heavy(&mut self.rng, task.seconds),
            cost,
            ..RunFacts::default()
        };
        self.memory.keep(facts);
        self.spent(at, cost);
    }

    fn run(&mut self, start: i64, place: usize, id: &str) {
        let (task_number, model) = {
            let agent = &self.agents[place];
            (self.rng.usize(agent.tasks.clone()), agent.models[self.rng.usize(0..2)])
        };
        let envelope = Arc::new(self.agents[place].envelope.clone());
        let (name, seconds, dollars, failures, calls) = {
            let task = &self.tasks[task_number];
            (task.name.clone(), task.seconds, task.dollars, task.failures, task.calls)
        };
        let took = heavy(&mut self.rng, seconds).min(3.0 * 3_600.0);
        let step = (took * 1e6 / f64::from(2 * calls + 3)) as i64;
        let task = Some((id, &*name));
        self.event(&envelope, start, EventType::TaskStarted, task, None);
        let mut at = start;
        let mut prompt = heavy(&mut self.rng, 2_000.0);
        let whole = heavy(&mut self.rng, dollars);
        for call in 0..calls {
            at += step;
            // Some conversations grow, most tasks begin anew.
            prompt *= between(&mut self.rng, 0.7, 1.5);
            let (tokens_in, tokens_out) = (prompt as u64, heavy(&mut self.rng, 200.0) as u64 + 1);
            let cost = whole / f64::from(calls) * if model == "large" { 1.3 } else { 1.0 };
            let payload = format!(
                r#"{{"kind":"llm_call","summary":"s","data":{{"name":"answer","model":"{model}","tokens_in":{tokens_in},"tokens_out":{tokens_out},"cost":{cost},"prompt_preview":"You are a helpful agent"}}}}"#
            );
            self.full_event(&envelope, at, EventType::Custom, task, None, Some(payload), None, Some(cost));
            self.spent(at, cost);
            at += step;
            self.action(&envelope, at, task, call);
        }
        if self.rng.f64() < 0.1 {
            self.event(&envelope, at, EventType::ApprovalRequested, task, Some(r#"{"summary":"may I"}"#.to_owned()));
            let waited = (heavy(&mut self.rng, 600.0) * 1e6) as i64;
            self.event(
                &envelope,
                at + waited,
                EventType::ApprovalReceived,
                task,
                Some(r#"{"summary":"yes"}"#.to_owned()),
            );
        }
        let failed = self.rng.f64() < failures;
        let (end, payload) = if failed {
            (
                EventType::TaskFailed,
                Some(r#"{"exception_type":"ValueError","exception_message":"no answer"}"#.to_owned()),
            )
        } else {
            (EventType::TaskCompleted, None)
        };
        // One in five hundred never ends: its process was ended, as happens.
        if self.rng.u32(0..500) != 0 {
            self.full_event(
                &envelope,
                start + (took * 1e6) as i64,
                end,
                task,
                None,
                payload,
                Some(took * 1000.0),
                None,
            );
        }
    }

    /// An action that mostly works at once; otherwise it is tried again, and mostly works then.
    fn action(&mut self, envelope: &Arc<Envelope>, at: i64, task: Option<(&str, &str)>, number: u32) {
        let name = ["search", "read", "write", "notify"][self.rng.usize(0..4)];
        let input = self.rng.u32(0..1_000);
        for attempt in 0..2 {
            let id = number * 10 + attempt;
            let at = at + i64::from(attempt) * 1_000;
            let started = format!(r#"{{"action_name":"{name}","args":{{"q":{input}}}}}"#);
            self.full_event(envelope, at, EventType::ActionStarted, task, Some(id), Some(started), None, None);
            if self.rng.f64() >= 0.03 {
                let payload = format!(r#"{{"action_name":"{name}"}}"#);
                self.full_event(
                    envelope,
                    at + 100,
                    EventType::ActionCompleted,
                    task,
                    Some(id),
                    Some(payload),
                    None,
                    None,
                );
                return;
            }
            let (kind, message) = match self.rng.u32(0..20) {
                0 => ("HTTPError", "401 Unauthorized"),
                1 => ("HTTPError", "429 Too Many Requests"),
                2..=9 => ("TimeoutError", "after 30 s"),
                _ => ("HTTPError", "500 Internal Server Error"),
            };
            let payload =
                format!(r#"{{"action_name":"{name}","exception_type":"{kind}","exception_message":"{message}"}}"#);
            self.full_event(envelope, at + 100, EventType::ActionFailed, task, Some(id), Some(payload), None, None);
        }
    }

    /// Heartbeats with figures that rest when the agent rests, and queues that fill up until the next full hour, when they are worked off.
    fn beats(&mut self, day_start: i64, now: i64) {
        for place in 0..self.agents.len() {
            let envelope = Arc::new(self.agents[place].envelope.clone());
            let mut handled = 0;
            for hour in (0..24).step_by(2) {
                let at = day_start + hour * HOUR + 7 * MINUTE;
                if (8..18).contains(&hour) {
                    handled += self.rng.u32(1..30);
                }
                if at < now {
                    let status = ["ok", "warm"][self.rng.usize(0..2)];
                    let payload = format!(r#"{{"data":{{"handled":{handled},"status":"{status}","limit":100}}}}"#);
                    self.event(&envelope, at, EventType::Heartbeat, None, Some(payload));
                }
            }
            if place % 3 == 0 {
                self.queue(&envelope, day_start, now);
            }
        }
    }

    fn queue(&mut self, envelope: &Arc<Envelope>, day_start: i64, now: i64) {
        let mut depth = 0;
        for snapshot in 0..144 {
            let at = day_start + snapshot * 10 * MINUTE;
            let works = snapshot % 6 == 0;
            depth = if works { 0 } else { depth + self.rng.u32(0..3) };
            let processing = if works { r#","processing":{"id":"x"}"# } else { "" };
            let payload =
                format!(r#"{{"kind":"queue_snapshot","summary":"s","data":{{"depth":{depth}{processing}}}}}"#);
            if at < now {
                self.event(envelope, at, EventType::Custom, None, Some(payload));
            }
        }
    }

    fn look(&mut self, window: i64) -> Aggregates {
        let now = Timestamp(START + (DAYS - 1) * DAY + 12 * HOUR);
        let wanted = Wanted {
            seen: Seen { since: Timestamp(now.micros() - window), until: now, ..Seen::default() },
            now,
            ..Wanted::default()
        };
        let agents: Vec<AgentNow> = self
            .agents
            .iter()
            .map(|agent| AgentNow {
                agent_id: (*agent.envelope.agent_id).into(),
                agent_type: (*agent.envelope.agent_type).into(),
                is_idle: true,
                ..AgentNow::default()
            })
            .collect();
        let mut all = self.memory.gather(&wanted, &agents);
        let buckets = (0..DAYS).map(|day| {
            let (dollars, calls) = self.dollars_a_day.get(&day).copied().unwrap_or_default();
            SpendBucket { start: Timestamp(START + day * DAY), calls, dollars, tokens: calls * 2_200 }
        });
        all.spend = Spend { width_seconds: 86_400, buckets: buckets.collect(), drivers: Vec::new() };
        all
    }
}

/// The summaries are always there: they are wrong when they say that something is.
fn is_alarm(insight: &Insight) -> bool {
    match insight.kind {
        Kind::FleetHealth => insight.severity > Severity::Info,
        Kind::ReadyToScale => insight.title.starts_with("Not ready"),
        _ => true,
    }
}

/// What is wrong, about which fleet, in which window, in its own words.
type Alarm = (Kind, u64, &'static str, String);

fn alarms_of(fleets: std::ops::Range<u64>) -> (Vec<Alarm>, BTreeMap<Kind, u64>) {
    let (mut alarms, mut judged) = (Vec::new(), BTreeMap::new());
    for seed in fleets {
        let mut fleet = Fleet::new(seed);
        fleet.live();
        for (name, window) in [("day", DAY), ("week", 7 * DAY)] {
            let (found, checked) = compute(&fleet.look(window), Kind::ALL);
            let enough = checked.iter().filter(|one| one.result != hiveboard_insights::CheckedResult::NotEnoughData);
            enough.for_each(|one| *judged.entry(one.kind).or_default() += 1);
            alarms.extend(found.into_iter().filter(is_alarm).map(|one| (one.kind, seed, name, one.title)));
        }
    }
    (alarms, judged)
}

#[test]
fn fleets_in_which_nothing_is_wrong_raise_no_alarm() {
    let half = FLEETS / 2;
    let other = std::thread::spawn(move || alarms_of(half..FLEETS));
    let (mut alarms, mut judged) = alarms_of(0..half);
    let (more, more_judged) = other.join().unwrap();
    alarms.extend(more);
    for (kind, count) in more_judged {
        *judged.entry(kind).or_default() += count;
    }
    let mut too_many = Vec::new();
    for window in ["day", "week"] {
        for kind in Kind::ALL {
            let wrong: Vec<_> = alarms.iter().filter(|(of, _, at, _)| of == kind && *at == window).collect();
            let fleets: std::collections::BTreeSet<u64> = wrong.iter().map(|(_, seed, ..)| *seed).collect();
            println!("{:24} {window:5} wrong about {} of {FLEETS} fleets", kind.as_str(), fleets.len());
            if fleets.len() as u64 > FLEETS / 100 {
                too_many.extend(wrong.into_iter().take(4));
            }
        }
    }
    assert!(too_many.is_empty(), "{too_many:#?}");
    // Silence says something only where the kinds had enough to speak.
    let always = Kind::ALL.iter().filter(|kind| **kind != Kind::RecurringIssue);
    for kind in always {
        let count = judged.get(kind).copied().unwrap_or(0);
        assert!(count >= FLEETS, "{} had enough data in {count} of {} windows only", kind.as_str(), 2 * FLEETS);
    }
}
