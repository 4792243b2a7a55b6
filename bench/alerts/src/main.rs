//! What judging rules costs: 10,000 rules over 1,000 agents at 2,000 events a second, in CPU time of one thread.
//!
//! Of the rules, 90 in 100 are of one agent, 8 of one project, 2 of everything; all conditions alike. Of the events, a quarter are model calls, a tenth begin or
//! end runs. Looking facts up in the projections is not in it.

use std::{collections::BTreeSet, process::ExitCode, sync::Arc, time::Instant};

use hiveboard_alerts::{
    Condition, Evaluator, Rule, RuleDraft, RuleScope, Severity,
    condition::{InsightSeverity, IssueSeverity, Period, SpentBy},
    facts::{AgentFacts, Arrival, End, IssueFacts, ItemFacts, QueueFacts, RunFacts, Spent, Waiting},
    rule::Labels,
};
use hiveboard_derive::view::{AgentStatus, TaskStatus};
use hiveboard_wire::{NanoDollars, RunKey, Timestamp};

const RULES: usize = 10_000;
const AGENTS: usize = 1_000;
const EVENTS_A_SECOND: usize = 2_000;
const SECONDS: usize = 60;
/// Percent of a core.
const TARGET: f64 = 5.0;

fn at(micros: i64) -> Timestamp {
    Timestamp(1_767_225_600_000_000 + micros)
}

fn condition(number: usize) -> Condition {
    match number % 13 {
        0 => Condition::AgentStuck {},
        1 => Condition::HeartbeatLost { seconds: 60 },
        2 => Condition::NoEvents { seconds: 60 },
        3 => Condition::TaskFailed { count: 50, window_seconds: 900 },
        4 => Condition::ErrorRate { percent: 50.0, window_seconds: 900, min_tasks: 5 },
        5 => Condition::DurationExceeded { seconds: 300 },
        6 => Condition::TaskStalled { seconds: 120 },
        7 => Condition::CostThreshold {
            usd: Some(1e6),
            window_seconds: None,
            period: Some(Period::Day),
            utc_offset: None,
            by: SpentBy::Agent,
        },
        8 => Condition::QueueBacklog { depth: Some(1_000), oldest_age_seconds: None },
        9 => Condition::ApprovalWaiting { seconds: 900 },
        10 => Condition::IssueReported { min_severity: IssueSeverity::Critical },
        11 => Condition::ScheduleOverdue { seconds: 600 },
        _ => Condition::Insight { kinds: Vec::new(), min_severity: InsightSeverity::Warning },
    }
}

fn rule(number: usize) -> Rule {
    let mut scope = RuleScope::default();
    match number % 100 {
        0..90 => scope.agent_id = Some(format!("agent-{}", number % AGENTS)),
        90..98 => scope.project_id = Some(format!("project-{}", number % 20)),
        _ => {}
    }
    let draft = RuleDraft {
        name: format!("rule {number}"),
        condition: condition(number / 7 + number),
        scope,
        severity: Severity::Warning,
        for_seconds: 0,
        cooldown_seconds: 300,
        notify_resolved: true,
        channels: Vec::new(),
        enabled: true,
        muted_until: None,
    };
    Rule { rule_id: number.to_string(), draft, created_at: at(0) }
}

/// Nanoseconds that this thread has had a core.
fn cpu_nanos() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

struct Fleet {
    ids: Vec<String>,
    projects: Vec<String>,
    runs: Vec<Option<RunKey>>,
    seq: u64,
}

impl Fleet {
    fn agent(&self, number: usize, now: Timestamp) -> AgentFacts {
        AgentFacts {
            agent_id: self.ids[number].as_str().into(),
            agent_type: "general".into(),
            environment: "production".into(),
            group: "default".into(),
            projects: BTreeSet::from([Arc::from(self.projects[number % 20].as_str())]),
            status: AgentStatus::Processing,
            status_since: now,
            last_sign: now,
            last_seq: self.seq,
            stuck_seq: Some(self.seq),
            expects_signs: true,
            current_task_id: None,
            stuck_threshold_seconds: 300.0,
            last_run_start: None,
        }
    }

    fn run(&self, number: usize, key: RunKey, status: TaskStatus, now: Timestamp) -> RunFacts {
        RunFacts {
            key,
            project_id: Some(self.projects[number % 20].as_str().into()),
            task_type: Some("work".into()),
            environment: "production".into(),
            group: "default".into(),
            started_at: now,
            status,
            ended_at: status.is_ended().then_some(now),
            duration_seconds: 10.0,
            last_sign: now,
            last_seq: self.seq,
            waiting: (status == TaskStatus::Waiting).then_some(Waiting { since: now, summary: None, approver: None }),
        }
    }

    fn event(&mut self, rules: &mut Evaluator, turn: usize, now: Timestamp) {
        // A step that visits all agents in no order.
        let number = turn * 617 % AGENTS;
        self.seq += 1;
        let labels = Labels {
            agent_id: &self.ids[number],
            agent_type: "general",
            environment: "production",
            group: "default",
            project_id: Some(&self.projects[number % 20]),
            task_type: Some("work"),
        };
        let run = self.runs[number].clone();
        let names = run.as_ref().map(|key| (&*key.task_id, &*key.task_run_id));
        rules.arrived(&Arrival { labels, at: now, seq: self.seq, run: names }, now);
        match turn % 20 {
            0..5 => rules.spent(&Spent { labels, at: now, cost: NanoDollars(100_000_000) }, self.seq, now),
            5 | 6 => match run {
                None => {
                    let key = RunKey {
                        agent_id: self.ids[number].as_str().into(),
                        task_id: format!("task-{turn}").into(),
                        task_run_id: "".into(),
                    };
                    rules.run(self.run(number, key.clone(), TaskStatus::Processing, now), now);
                    self.runs[number] = Some(key);
                }
                Some(key) => {
                    let failed = turn.is_multiple_of(9);
                    rules.ended(&End { labels, at: now, failed, run: &key }, self.seq, now);
                    let status = if failed { TaskStatus::Failed } else { TaskStatus::Completed };
                    rules.run(self.run(number, key, status, now), now);
                    self.runs[number] = None;
                }
            },
            7 => {
                let queue = QueueFacts { depth: 3, oldest_age_seconds: None, snapshot_at: now };
                rules.queue(&self.ids[number], queue, now);
            }
            8 if turn.is_multiple_of(100) => {
                let issue = IssueFacts {
                    issue_id: "i".into(),
                    summary: None,
                    severity: IssueSeverity::Low,
                    category: None,
                    is_open: true,
                    occurrences: 1,
                    reported_at: now,
                };
                rules.issue(&self.ids[number], issue, now);
            }
            _ => {}
        }
    }
}

fn main() -> ExitCode {
    let mut made = 0_u64;
    let mut rules = Evaluator::new(move || {
        made += 1;
        made.to_string()
    });
    let began = Instant::now();
    rules.set_rules((0..RULES).map(rule).collect(), at(0));
    let (costs, ends) = rules.unseeded();
    for span in costs {
        rules.seeded(true, span, 0);
    }
    for span in ends {
        rules.seeded(false, span, 0);
    }
    let mut fleet = Fleet {
        ids: (0..AGENTS).map(|number| format!("agent-{number}")).collect(),
        projects: (0..20).map(|number| format!("project-{number}")).collect(),
        runs: vec![None; AGENTS],
        seq: 0,
    };
    for number in 0..AGENTS {
        rules.agent(fleet.agent(number, at(0)), at(0));
        let item = ItemFacts { item_id: "n".into(), name: "n".to_owned(), next_run: at(3_600_000_000), enabled: true };
        rules.schedule(&fleet.ids[number], vec![item], at(0));
    }
    rules.look_everywhere(at(0));
    println!("{RULES} rules, {AGENTS} agents: begun in {} ms", began.elapsed().as_millis());

    let (cpu, wall, judged) = (cpu_nanos(), Instant::now(), rules.judged);
    let gap_micros = 1_000_000 / EVENTS_A_SECOND as i64;
    let mut alerts = 0;
    for turn in 0..EVENTS_A_SECOND * SECONDS {
        let now = at(1_000_000 + turn as i64 * gap_micros);
        fleet.event(&mut rules, turn, now);
        // Four times a second, as the server does.
        if turn.is_multiple_of(EVENTS_A_SECOND / 4) {
            rules.advance(now);
            alerts += rules.take().len();
        }
    }
    let nanos = match (cpu, cpu_nanos()) {
        (Some(before), Some(after)) => after - before,
        _ => wall.elapsed().as_nanos() as u64,
    };
    let percent = nanos as f64 / (SECONDS as f64 * 1e9) * 100.0;
    let events = (EVENTS_A_SECOND * SECONDS) as u64;
    println!(
        "{EVENTS_A_SECOND} events/s for {SECONDS} s: {percent:.2} % of a core (target {TARGET} %), {} ns an event, {} judgements an event, {alerts} changes of alerts",
        nanos / events,
        (rules.judged - judged) / events
    );
    if percent > TARGET { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
