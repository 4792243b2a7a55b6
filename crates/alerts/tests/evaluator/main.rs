//! Rules over facts by hand: what fires when, once, and when it is over; and against a model that looks at everything every second.

mod conditions;
mod over_time;

use hiveboard_alerts::{
    Condition, Evaluator, Rule, RuleDraft, RuleScope, Severity, Subject, Transition,
    TransitionKind::{self, Fired, Resolved, Unmuted},
    facts::{AgentFacts, Arrival, End, RunFacts},
    rule::Labels,
    span::Span,
};
use hiveboard_derive::view::{AgentStatus, TaskStatus};
use hiveboard_wire::{RunKey, Timestamp};
use proptest::prelude::*;
use std::{
    collections::BTreeSet,
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
};

/// The time that tests count seconds from: a day's beginning, UTC.
const BEGIN: i64 = 1_767_225_600;

fn at(seconds: i64) -> Timestamp {
    Timestamp((BEGIN + seconds) * 1_000_000)
}

fn draft(condition: Condition) -> RuleDraft {
    RuleDraft {
        name: "r".to_owned(),
        condition,
        scope: RuleScope::default(),
        severity: Severity::Warning,
        for_seconds: 0,
        cooldown_seconds: 0,
        notify_resolved: true,
        channels: vec!["c".to_owned()],
        enabled: true,
        muted_until: None,
    }
}

fn rule(draft: RuleDraft) -> Rule {
    Rule { rule_id: "rule".to_owned(), draft, created_at: at(0) }
}

fn evaluator(rules: Vec<Rule>, now: i64) -> Evaluator {
    let mut number = 0;
    let mut evaluator = Evaluator::new(move || {
        number += 1;
        format!("alert {number}")
    });
    evaluator.set_rules(rules, at(now));
    let (costs, ends) = evaluator.unseeded();
    for span in costs {
        evaluator.seeded(true, span, 0);
    }
    for span in ends {
        evaluator.seeded(false, span, 0);
    }
    evaluator.look_everywhere(at(now));
    evaluator
}

fn of(condition: Condition) -> Evaluator {
    evaluator(vec![rule(draft(condition))], 0)
}

/// Of something that has just come.
fn next_seq() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// As it is after another event.
fn agent(id: &str, status: AgentStatus, last_sign: i64) -> AgentFacts {
    AgentFacts {
        agent_id: id.into(),
        agent_type: "general".into(),
        environment: "production".into(),
        group: "default".into(),
        projects: BTreeSet::new(),
        status,
        status_since: at(last_sign),
        last_sign: at(last_sign),
        last_seq: next_seq(),
        stuck_seq: Some(next_seq()),
        expects_signs: true,
        current_task_id: None,
        stuck_threshold_seconds: 300.0,
        last_run_start: None,
    }
}

fn labels(agent_id: &str) -> Labels<'_> {
    Labels {
        agent_id,
        agent_type: "general",
        environment: "production",
        group: "default",
        project_id: Some("p"),
        task_type: Some("t"),
    }
}

fn beat(evaluator: &mut Evaluator, id: &str, now: i64) {
    let arrival = Arrival { labels: labels(id), at: at(now), seq: next_seq(), run: None };
    evaluator.arrived(&arrival, at(now));
}

fn run(status: TaskStatus, started: i64, ended: Option<i64>, now: i64) -> RunFacts {
    RunFacts {
        key: RunKey { agent_id: "a".into(), task_id: "t".into(), task_run_id: "r".into() },
        project_id: Some("p".into()),
        task_type: Some("t".into()),
        environment: "production".into(),
        group: "default".into(),
        started_at: at(started),
        status,
        ended_at: ended.map(at),
        duration_seconds: (ended.unwrap_or(now) - started) as f64,
        last_sign: at(now),
        last_seq: next_seq(),
        waiting: None,
    }
}

/// Kinds of what happened and the seconds of it, with the subject.
fn told(transitions: &[Transition]) -> Vec<(TransitionKind, i64, Subject)> {
    let seconds = |time: Timestamp| time.micros() / 1_000_000 - BEGIN;
    transitions
        .iter()
        .map(|one| {
            let time = one.alert.resolved_at.filter(|_| one.kind == TransitionKind::Resolved);
            (one.kind, seconds(time.unwrap_or(one.alert.started_at)), one.alert.subject.clone())
        })
        .collect()
}

/// Lets each second pass, and gathers.
fn pass(evaluator: &mut Evaluator, from: i64, to: i64) -> Vec<Transition> {
    let mut all = Vec::new();
    for now in from..=to {
        evaluator.advance(at(now));
        all.append(&mut evaluator.take());
    }
    all
}

fn agent_a() -> Subject {
    Subject::Agent { agent_id: "a".into() }
}

fn run_r() -> Subject {
    Subject::Run { agent_id: "a".into(), task_id: "t".into(), task_run_id: "r".into() }
}

fn run_key(run: &str) -> RunKey {
    RunKey { agent_id: "a".into(), task_id: "t".into(), task_run_id: run.into() }
}

/// A run of its own ends.
fn end(rules: &mut Evaluator, now: i64, failed: bool) {
    let run = run_key(&next_seq().to_string());
    rules.ended(&End { labels: labels("a"), at: at(now), failed, run: &run }, 1, at(now));
}

#[test]
fn a_sum_says_nothing_before_it_knows_what_was() {
    let condition = Condition::TaskFailed { count: 2, window_seconds: 600 };
    let mut rules = Evaluator::new(|| "x".to_owned());
    rules.set_rules(vec![rule(draft(condition))], at(100));
    assert_eq!(rules.unseeded().1, [Span::sliding(600)]);
    rules.seed_end(
        Span::sliding(600),
        &End { labels: labels("a"), at: at(50), failed: true, run: &run_key("1") },
        at(100),
    );
    rules.seeded(false, Span::sliding(600), 7);
    rules.ended(&End { labels: labels("a"), at: at(60), failed: true, run: &run_key("2") }, 7, at(100));
    assert_eq!(told(&rules.take()), [], "the seventh event is in what was read");
    rules.ended(&End { labels: labels("a"), at: at(101), failed: true, run: &run_key("3") }, 8, at(101));
    assert_eq!(told(&rules.take()), [(Fired, 101, Subject::WHOLE)]);
}

#[test]
fn a_failed_run_that_completes_counts_as_completed_whether_it_was_seen_or_read() {
    let condition = Condition::TaskFailed { count: 1, window_seconds: 600 };
    let one = |at_second, failed, key: &RunKey, seq, rules: &mut Evaluator| {
        rules.ended(&End { labels: labels("a"), at: at(at_second), failed, run: key }, seq, at(at_second));
    };
    let mut seen = Evaluator::new(|| "x".to_owned());
    seen.set_rules(vec![rule(draft(condition.clone()))], at(0));
    seen.seeded(false, Span::sliding(600), 0);
    one(100, true, &run_key("1"), 1, &mut seen);
    assert_eq!(told(&seen.take()), [(Fired, 100, Subject::WHOLE)]);
    one(130, false, &run_key("1"), 2, &mut seen);
    assert_eq!(told(&seen.take()), [(Resolved, 130, Subject::WHOLE)]);
    let mut read = Evaluator::new(|| "x".to_owned());
    read.set_rules(vec![rule(draft(condition))], at(140));
    read.seed_end(
        Span::sliding(600),
        &End { labels: labels("a"), at: at(130), failed: false, run: &run_key("1") },
        at(140),
    );
    read.seeded(false, Span::sliding(600), 2);
    read.look_everywhere(at(140));
    assert_eq!(told(&read.take()), []);
    one(150, true, &run_key("1"), 3, &mut read);
    assert_eq!(told(&read.take()), [(Fired, 150, Subject::WHOLE)], "it failed after all");
}

#[test]
fn a_muted_rule_tells_later_of_what_still_fires() {
    let mut muted = draft(Condition::AgentStuck {});
    muted.muted_until = Some(at(1_000));
    let mut rules = evaluator(vec![rule(muted)], 0);
    rules.agent(agent("a", AgentStatus::Stuck, 0), at(400));
    rules.agent(agent("b", AgentStatus::Stuck, 0), at(400));
    let fired = rules.take();
    assert!(fired.len() == 2 && fired.iter().all(|one| one.channels.is_empty() && one.alert.muted));
    rules.agent(agent("b", AgentStatus::Idle, 500), at(500));
    assert!(rules.take()[0].channels.is_empty(), "who heard of nothing hears of no end");
    let later = pass(&mut rules, 998, 1_002);
    assert_eq!(later.iter().map(|one| one.kind).collect::<Vec<_>>(), [Unmuted]);
    assert_eq!((later[0].alert.subject.clone(), later[0].channels.as_slice()), (agent_a(), &["c".to_owned()][..]));
}

#[test]
fn a_scope_narrows_by_every_label() {
    let mut scoped = draft(Condition::AgentStuck {});
    scoped.scope = RuleScope {
        environment: Some("production".to_owned()),
        project_id: Some("p".to_owned()),
        ..RuleScope::default()
    };
    let mut rules = evaluator(vec![rule(scoped)], 0);
    let stuck = |id: &str, project: &str, environment: &str| AgentFacts {
        projects: BTreeSet::from([Arc::from(project)]),
        environment: environment.into(),
        ..agent(id, AgentStatus::Stuck, 0)
    };
    rules.agent(stuck("a", "p", "production"), at(1));
    rules.agent(stuck("b", "q", "production"), at(1));
    rules.agent(stuck("c", "p", "staging"), at(1));
    assert_eq!(told(&rules.take()), [(Fired, 1, agent_a())]);
    rules.agent(stuck("a", "p", "staging"), at(2));
    assert_eq!(told(&rules.take()), [(Resolved, 2, agent_a())], "it left the scope");
}

/// What a model that looks at everything every second says.
fn model(holds: impl Fn(i64) -> bool, for_seconds: i64, cooldown: i64, until: i64) -> Vec<(TransitionKind, i64)> {
    let (mut open, mut held, mut resolved, mut told) = (false, None, i64::MIN / 2, Vec::new());
    for now in 0..=until {
        if !holds(now) {
            held = None;
            if open {
                open = false;
                resolved = now;
                told.push((Resolved, now));
            }
            continue;
        }
        let since = *held.get_or_insert(now);
        if !open && now - since >= for_seconds && now >= resolved + cooldown {
            open = true;
            told.push((Fired, now));
        }
    }
    told
}

#[test]
fn only_what_a_rule_looks_at_is_asked_for() {
    let wants = |evaluator: &Evaluator| {
        [evaluator.wants_signs(), evaluator.wants_runs(), evaluator.wants_approvals(), evaluator.wants_ends()]
    };
    assert_eq!(wants(&of(Condition::AgentStuck {})), [false; 4]);
    assert_eq!(wants(&of(Condition::HeartbeatLost { seconds: 60 })), [true, false, false, false]);
    assert_eq!(wants(&of(Condition::ScheduleOverdue { seconds: 60 })), [true, false, false, false]);
    assert_eq!(wants(&of(Condition::TaskStalled { seconds: 60 })), [false, true, false, false]);
    assert_eq!(wants(&of(Condition::ApprovalWaiting { seconds: 60 })), [false, false, true, false]);
    assert_eq!(wants(&of(Condition::TaskFailed { count: 1, window_seconds: 900 })), [false, false, false, true]);
}

#[test]
fn a_run_that_ended_while_no_rule_looked_is_not_open_for_the_next_rule() {
    let mut rules = of(Condition::TaskStalled { seconds: 60 });
    rules.agent(agent("a", AgentStatus::Processing, 0), at(0));
    rules.run(run(TaskStatus::Processing, 0, None, 0), at(0));
    rules.set_rules(vec![rule(draft(Condition::AgentStuck {}))], at(10));
    // Its end is told to nobody.
    rules.set_rules(vec![rule(draft(Condition::TaskStalled { seconds: 60 }))], at(20));
    rules.look_everywhere(at(20));
    rules.advance(at(500));
    assert_eq!(rules.take().len(), 0);
}

proptest! {
    #[test]
    fn lost_heartbeats_are_as_a_model_of_every_second_says(
        beats in prop::collection::btree_set(0_i64..300, 0..20),
        seconds in 1_u64..40,
        for_seconds in 0_u64..30,
        cooldown in 0_u64..60,
    ) {
        let mut one = draft(Condition::HeartbeatLost { seconds });
        (one.for_seconds, one.cooldown_seconds) = (for_seconds, cooldown);
        let mut rules = evaluator(vec![rule(one)], 0);
        rules.agent(agent("a", AgentStatus::Idle, 0), at(0));
        let mut found = Vec::new();
        for now in 0..=400 {
            if beats.contains(&now) {
                beat(&mut rules, "a", now);
            }
            rules.advance(at(now));
            found.extend(told(&rules.take()).into_iter().map(|(kind, at, _)| (kind, at)));
        }
        let last = |now: i64| beats.range(..=now).next_back().copied().unwrap_or(0);
        let expected = model(|now| now - last(now) >= seconds as i64, for_seconds as i64, cooldown as i64, 400);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn failures_in_a_window_are_as_a_model_of_every_second_says(
        ends in prop::collection::btree_map(0_i64..300, any::<bool>(), 0..40),
        count in 1_u64..5,
        window in 1_u64..60,
        for_seconds in 0_u64..20,
        cooldown in 0_u64..60,
    ) {
        let mut one = draft(Condition::TaskFailed { count, window_seconds: window });
        (one.for_seconds, one.cooldown_seconds) = (for_seconds, cooldown);
        let mut rules = evaluator(vec![rule(one)], 0);
        let mut found = Vec::new();
        for now in 0..=450 {
            // What is over is over before the next second's news.
            rules.advance(at(now));
            if let Some(failed) = ends.get(&now) {
                end(&mut rules, now, *failed);
            }
            found.extend(told(&rules.take()).into_iter().map(|(kind, at, _)| (kind, at)));
        }
        let failures = |now: i64| {
            ends.range((now - window as i64).max(0)..=now).filter(|(_, failed)| **failed).count() as u64
        };
        // At the very second that one leaves and another comes, the evaluator sees both changes, the model their sum.
        let expected = model(|now| failures(now) >= count, for_seconds as i64, cooldown as i64, 450);
        let swaps = (0..=450).any(|now| {
            ends.get(&now) == Some(&true) && ends.get(&(now - window as i64 - 1)) == Some(&true)
        });
        if !swaps {
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn at_most_one_alert_is_open_of_a_rule_and_a_subject(
        steps in prop::collection::vec((0_usize..3, 0_u8..5, 0_i64..30), 1..80),
    ) {
        let stuck = rule(draft(Condition::AgentStuck {}));
        let lost = Rule { rule_id: "lost".to_owned(), ..rule(draft(Condition::HeartbeatLost { seconds: 20 })) };
        let mut rules = evaluator(vec![stuck.clone(), lost.clone()], 0);
        let mut open = BTreeSet::new();
        let mut now = 0;
        for (who, what, wait) in steps {
            now += wait;
            let id = ["a", "b", "c"][who];
            match what {
                0 => rules.agent(agent(id, AgentStatus::Stuck, now), at(now)),
                1 => rules.agent(agent(id, AgentStatus::Idle, now), at(now)),
                2 => beat(&mut rules, id, now),
                3 => {
                    rules.set_rules(vec![lost.clone(), stuck.clone()], at(now));
                    rules.look_everywhere(at(now));
                }
                _ => rules.tidy(at(now)),
            }
            rules.advance(at(now));
            for one in rules.take() {
                let key = (one.alert.rule_id.clone(), one.alert.subject.key());
                match one.kind {
                    Fired => prop_assert!(open.insert(key)),
                    Resolved => prop_assert!(open.remove(&key)),
                    Unmuted => prop_assert!(false),
                }
            }
        }
    }
}
