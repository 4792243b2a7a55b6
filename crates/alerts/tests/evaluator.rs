//! Rules over facts by hand: what fires when, once, and when it is over; and against a model that looks at everything every second.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use hiveboard_alerts::{
    Condition, Evaluator, OpenAlert, Rule, RuleDraft, RuleScope, Severity, Subject, Transition, TransitionKind,
    condition::{InsightSeverity, IssueSeverity, SpentBy},
    facts::{AgentFacts, Arrival, End, InsightFacts, IssueFacts, ItemFacts, QueueFacts, RunFacts, Spent, Waiting},
    rule::Labels,
    span::{Span, UtcOffset},
};
use hiveboard_derive::view::{AgentStatus, TaskStatus};
use hiveboard_wire::{NanoDollars, RunKey, Timestamp};
use proptest::prelude::*;

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

use TransitionKind::{Fired, Resolved, Unmuted};

fn agent_a() -> Subject {
    Subject::Agent { agent_id: "a".into() }
}

fn run_r() -> Subject {
    Subject::Run { agent_id: "a".into(), task_id: "t".into(), task_run_id: "r".into() }
}

#[test]
fn a_stuck_agent_fires_once_and_is_resolved_by_its_next_status() {
    let mut rules = of(Condition::AgentStuck {});
    rules.agent(agent("a", AgentStatus::Processing, 0), at(0));
    assert_eq!(told(&pass(&mut rules, 0, 400)), []);
    rules.agent(agent("a", AgentStatus::Stuck, 100), at(401));
    rules.agent(agent("a", AgentStatus::Stuck, 100), at(402));
    let fired = rules.take();
    assert_eq!(told(&fired), [(Fired, 401, agent_a())]);
    let alert = &fired[0].alert;
    assert_eq!(alert.summary, "Agent \"a\" is stuck: no sign of life for 5 min (its limit is 5 min).");
    assert_eq!((alert.value, alert.threshold, alert.link.as_str()), (301.0, 300.0, "/agent?agent=a"));
    rules.agent(agent("a", AgentStatus::Idle, 500), at(500));
    assert_eq!(told(&rules.take()), [(Resolved, 500, agent_a())]);
}

#[test]
fn a_lost_heartbeat_is_found_by_the_clock_alone_and_a_goodbye_is_none() {
    let mut rules = of(Condition::HeartbeatLost { seconds: 60 });
    rules.agent(agent("a", AgentStatus::Idle, 0), at(0));
    rules.agent(AgentFacts { expects_signs: false, ..agent("gone", AgentStatus::Idle, 0) }, at(0));
    beat(&mut rules, "a", 30);
    assert_eq!(told(&pass(&mut rules, 31, 200)), [(Fired, 90, agent_a())]);
    beat(&mut rules, "a", 201);
    assert_eq!(told(&pass(&mut rules, 201, 270)), [(Resolved, 201, agent_a()), (Fired, 261, agent_a())]);
}

#[test]
fn silence_of_a_scope_begins_with_the_rule_where_nothing_ever_came() {
    let mut scoped = draft(Condition::NoEvents { seconds: 50 });
    scoped.scope.project_id = Some("p".to_owned());
    let mut rules = evaluator(vec![rule(scoped)], 10);
    rules.agent(agent("a", AgentStatus::Idle, 10), at(10));
    assert_eq!(told(&pass(&mut rules, 11, 60)), [(Fired, 50, Subject::WHOLE)]);
    beat(&mut rules, "a", 61);
    assert_eq!(told(&pass(&mut rules, 61, 200)), [(Resolved, 61, Subject::WHOLE), (Fired, 111, Subject::WHOLE)]);
}

fn end(rules: &mut Evaluator, now: i64, failed: bool) {
    rules.ended(&End { labels: labels("a"), at: at(now), failed, run: None }, 1, at(now));
}

#[test]
fn failed_runs_count_for_the_window_and_a_step_more() {
    let mut rules = of(Condition::TaskFailed { count: 2, window_seconds: 60 });
    end(&mut rules, 0, true);
    end(&mut rules, 10, false);
    assert_eq!(told(&pass(&mut rules, 10, 29)), []);
    end(&mut rules, 30, true);
    let fired = rules.take();
    assert_eq!(fired[0].alert.summary, "2 runs of the whole workspace failed in the last 60 s.");
    assert_eq!(told(&fired), [(Fired, 30, Subject::WHOLE)]);
    assert_eq!(told(&pass(&mut rules, 31, 100)), [(Resolved, 61, Subject::WHOLE)]);
}

#[test]
fn an_error_rate_needs_its_least_count_and_grows_when_good_runs_leave() {
    let mut rules = of(Condition::ErrorRate { percent: 50.0, window_seconds: 100, min_tasks: 4 });
    for now in [0, 1, 2] {
        end(&mut rules, now, false);
    }
    for now in [50, 51] {
        end(&mut rules, now, true);
    }
    // 2 of 5 until a good one leaves: then 2 of 4.
    let fired = pass(&mut rules, 52, 101);
    assert_eq!(told(&fired), [(Fired, 101, Subject::WHOLE)]);
    assert_eq!((fired[0].alert.value, fired[0].alert.unit.as_str()), (50.0, "percent"));
    assert_eq!(told(&pass(&mut rules, 102, 110)), [(Resolved, 102, Subject::WHOLE)], "three are too few");
}

#[test]
fn a_long_run_fires_while_open_and_one_that_ended_too_late_is_told_of_once() {
    let mut rules = of(Condition::DurationExceeded { seconds: 60 });
    rules.run(run(TaskStatus::Processing, 0, None, 0), at(0));
    assert_eq!(told(&pass(&mut rules, 1, 80)), [(Fired, 60, run_r())]);
    rules.run(run(TaskStatus::Completed, 0, Some(81), 81), at(81));
    assert_eq!(told(&rules.take()), [(Resolved, 81, run_r())]);
    let mut late = run(TaskStatus::Completed, 0, Some(61), 100);
    late.key.task_run_id = "late".into();
    rules.run(late, at(100));
    let both = rules.take();
    assert_eq!(both.iter().map(|one| one.kind).collect::<Vec<_>>(), [Fired, Resolved]);
    assert!(both[1].channels.is_empty(), "its end is no news");
    let mut quick = run(TaskStatus::Completed, 0, Some(60), 100);
    quick.key.task_run_id = "quick".into();
    rules.run(quick, at(100));
    assert_eq!(told(&rules.take()), [], "60 s are not longer than 60 s");
}

#[test]
fn a_run_that_says_nothing_is_stalled_until_it_does() {
    let mut rules = of(Condition::TaskStalled { seconds: 30 });
    rules.agent(agent("a", AgentStatus::Processing, 0), at(0));
    rules.run(run(TaskStatus::Processing, 0, None, 0), at(0));
    let word = |rules: &mut Evaluator, now| {
        let arrival = Arrival { labels: labels("a"), at: at(now), seq: next_seq(), run: Some(("t", "r")) };
        rules.arrived(&arrival, at(now));
    };
    word(&mut rules, 20);
    assert_eq!(told(&pass(&mut rules, 21, 60)), [(Fired, 50, run_r())]);
    beat(&mut rules, "a", 61);
    assert_eq!(told(&rules.take()), [], "another event of the agent is none of the run");
    word(&mut rules, 62);
    assert_eq!(told(&rules.take()), [(Resolved, 62, run_r())]);
}

#[test]
fn an_approval_waits_until_it_is_answered() {
    let mut rules = of(Condition::ApprovalWaiting { seconds: 900 });
    let asked = |now| RunFacts {
        waiting: Some(Waiting {
            since: at(100),
            summary: Some("Send the offer?".to_owned()),
            approver: Some("Ada".to_owned()),
        }),
        ..run(TaskStatus::Waiting, 0, None, now)
    };
    rules.run(asked(100), at(100));
    let fired = pass(&mut rules, 101, 1_100);
    assert_eq!(told(&fired), [(Fired, 1_000, run_r())]);
    assert_eq!(
        fired[0].alert.summary,
        "Task \"t\" of agent \"a\" has waited 15 min for Ada to answer: Send the offer?"
    );
    rules.run(run(TaskStatus::Processing, 0, None, 1_200), at(1_200));
    assert_eq!(told(&rules.take()), [(Resolved, 1_200, run_r())]);
}

fn spend(rules: &mut Evaluator, agent_id: &str, now: i64, dollars: f64) {
    let cost = NanoDollars::from_dollars(dollars).expect("a cost");
    rules.spent(&Spent { labels: labels(agent_id), at: at(now), cost }, 1, at(now));
}

#[test]
fn money_is_added_up_by_agent_in_a_window_and_by_day_to_midnight() {
    let cost = |by, window_seconds, period, utc_offset| Condition::CostThreshold {
        usd: Some(1.0),
        window_seconds,
        period,
        utc_offset,
        by,
    };
    let mut rules = of(cost(SpentBy::Agent, Some(100), None, None));
    let of_agent = |id: &str| Subject::Scope { agent_id: Some(id.into()), project_id: None };
    spend(&mut rules, "a", 0, 0.6);
    spend(&mut rules, "b", 1, 0.6);
    spend(&mut rules, "a", 10, 0.4);
    assert_eq!(told(&rules.take()), [], "a dollar is not more than a dollar");
    spend(&mut rules, "a", 20, 0.1);
    let fired = rules.take();
    assert_eq!(told(&fired), [(Fired, 20, of_agent("a"))]);
    assert_eq!(
        fired[0].alert.summary,
        "$1.10 was spent by agent \"a\" in the last 100 s, in 3 model calls (the limit is $1.00)."
    );
    assert_eq!(told(&pass(&mut rules, 21, 200)), [(Resolved, 101, of_agent("a"))]);

    let offset = UtcOffset::parse("-01:00");
    let mut rules = of(cost(SpentBy::Workspace, None, Some(hiveboard_alerts::condition::Period::Day), offset));
    spend(&mut rules, "a", 3_000, 5.0);
    assert_eq!(told(&rules.take()), [(Fired, 3_000, Subject::WHOLE)]);
    assert_eq!(told(&pass(&mut rules, 3_500, 3_700)), [(Resolved, 3_600, Subject::WHOLE)]);
}

#[test]
fn a_queue_is_as_its_latest_snapshot_says() {
    let mut rules = of(Condition::QueueBacklog { depth: Some(10), oldest_age_seconds: Some(60.0) });
    rules.agent(agent("a", AgentStatus::Idle, 0), at(0));
    let mut snapshot = |depth, age, now| {
        rules.queue("a", QueueFacts { depth, oldest_age_seconds: age, snapshot_at: at(now) }, at(now));
        told(&rules.take())
    };
    assert_eq!(snapshot(10, Some(59.0), 1), []);
    assert_eq!(snapshot(9, Some(60.0), 2), []);
    assert_eq!(snapshot(10, Some(60.0), 3), [(Fired, 3, agent_a())]);
    assert_eq!(snapshot(12, Some(61.0), 4), []);
    assert_eq!(snapshot(0, None, 5), [(Resolved, 5, agent_a())]);
}

fn issue(severity: IssueSeverity, is_open: bool, reported: i64) -> IssueFacts {
    IssueFacts {
        issue_id: "i".into(),
        summary: Some("disk full".to_owned()),
        severity,
        category: None,
        is_open,
        occurrences: 2,
        reported_at: at(reported),
    }
}

#[test]
fn an_issue_fires_when_reported_and_again_after_it_was_resolved() {
    let mut rules = of(Condition::IssueReported { min_severity: IssueSeverity::High });
    rules.agent(agent("a", AgentStatus::Idle, 0), at(0));
    let subject = || Subject::Issue { agent_id: "a".into(), issue_id: "i".into() };
    let mut say = |facts, now| {
        rules.issue("a", facts, at(now));
        told(&rules.take())
    };
    assert_eq!(say(issue(IssueSeverity::Critical, true, -5), 1), [], "reported before the rule was made");
    assert_eq!(say(issue(IssueSeverity::Medium, true, 2), 2), []);
    assert_eq!(say(issue(IssueSeverity::High, true, 3), 3), [(Fired, 3, subject())]);
    assert_eq!(say(issue(IssueSeverity::High, true, 4), 4), []);
    assert_eq!(say(issue(IssueSeverity::High, false, 4), 5), [(Resolved, 5, subject())]);
    assert_eq!(say(issue(IssueSeverity::High, true, 6), 6), [(Fired, 6, subject())]);
}

#[test]
fn a_scheduled_item_is_overdue_until_something_runs() {
    let mut rules = of(Condition::ScheduleOverdue { seconds: 60 });
    rules.agent(agent("a", AgentStatus::Idle, 0), at(0));
    let items = |next: i64| {
        let text = serde_json::json!({"id": "n", "name": "nightly", "next_run": at(next).to_string(), "enabled": true});
        ItemFacts::read(&text).into_iter().collect()
    };
    let subject = || Subject::ScheduledItem { agent_id: "a".into(), item_id: "n".into() };
    rules.schedule("a", items(100), at(0));
    assert_eq!(told(&pass(&mut rules, 1, 170)), [(Fired, 161, subject())]);
    rules.agent(AgentFacts { last_run_start: Some(at(180)), ..agent("a", AgentStatus::Processing, 180) }, at(180));
    assert_eq!(told(&rules.take()), [(Resolved, 180, subject())]);
    rules.schedule("a", items(300), at(181));
    rules.schedule("a", Vec::new(), at(290));
    assert_eq!(told(&pass(&mut rules, 291, 500)), [], "an item that is gone is not late");
}

#[test]
fn insights_fire_while_they_are_found() {
    let mut rules = of(Condition::Insight { kinds: vec!["loop".to_owned()], min_severity: InsightSeverity::Warning });
    let found = |kind: &str, severity| InsightFacts {
        kind: kind.into(),
        key: "a".into(),
        severity,
        title: "The same call 12 times in a row".to_owned(),
        suggestion: None,
        agent_id: Some("a".into()),
        project_id: None,
        task_type: None,
        value: 12.0,
        unit: "calls".to_owned(),
        since: at(0),
    };
    rules.insights(vec![found("loop", InsightSeverity::Info), found("cost_spike", InsightSeverity::Critical)], at(1));
    assert_eq!(told(&rules.take()), []);
    rules.insights(vec![found("loop", InsightSeverity::Warning)], at(2));
    let fired = rules.take();
    assert_eq!((fired.len(), fired[0].alert.summary.as_str()), (1, "The same call 12 times in a row"));
    rules.insights(vec![found("loop", InsightSeverity::Critical)], at(3));
    assert_eq!(told(&rules.take()), []);
    rules.insights(Vec::new(), at(4));
    assert_eq!(rules.take()[0].kind, Resolved);
}

#[test]
fn a_clock_that_is_set_makes_nobody_silent_and_nobody_heard_of() {
    for by in [7_200, -7_200] {
        let mut rules = of(Condition::HeartbeatLost { seconds: 60 });
        let begin = 10_000;
        rules.agent(agent("a", AgentStatus::Idle, begin), at(begin));
        assert_eq!(told(&pass(&mut rules, begin + 1, begin + 50)), []);
        let set = begin + 50 + by;
        rules.clock_jumped(at(begin + 50), at(set));
        assert_eq!(told(&pass(&mut rules, set + 1, set + 59)), [], "nobody could be heard meanwhile: it counts anew");
        assert_eq!(told(&pass(&mut rules, set + 60, set + 70)), [(Fired, set + 60, agent_a())]);
        let again = set + 70 + by;
        rules.clock_jumped(at(set + 70), at(again));
        assert_eq!(told(&pass(&mut rules, again, again + 100)), [], "what is silent stays so, and fires once");
        rules.agent(agent("a", AgentStatus::Idle, again + 101), at(again + 101));
        assert_eq!(told(&rules.take()), [(Resolved, again + 101, agent_a())]);
    }
}

#[test]
fn what_holds_for_a_while_has_held_as_long_as_before_when_the_clock_is_set() {
    let mut patient = draft(Condition::HeartbeatLost { seconds: 60 });
    patient.for_seconds = 30;
    let mut rules = evaluator(vec![rule(patient)], 0);
    rules.agent(agent("a", AgentStatus::Idle, 0), at(0));
    assert_eq!(told(&pass(&mut rules, 1, 80)), []);
    rules.clock_jumped(at(80), at(7_280));
    assert_eq!(told(&pass(&mut rules, 7_281, 7_300)), [(Fired, 7_290, agent_a())], "20 s before, 10 s after");
}

#[test]
fn what_was_open_stays_open_over_a_restart_and_closes_with_its_rule() {
    let rules = || vec![rule(draft(Condition::AgentStuck {}))];
    let mut before = evaluator(rules(), 0);
    before.agent(agent("a", AgentStatus::Stuck, 0), at(400));
    let open = OpenAlert { alert: before.take().remove(0).alert };
    let mut after = evaluator(rules(), 500);
    after.restore(vec![open.clone()], at(500));
    after.agent(agent("a", AgentStatus::Stuck, 0), at(500));
    after.look_everywhere(at(500));
    assert_eq!(told(&after.take()), [], "it neither fires again nor is it forgotten");
    after.set_rules(rules(), at(501));
    after.look_everywhere(at(501));
    assert_eq!(told(&after.take()), []);
    after.set_rules(Vec::new(), at(502));
    let closed = after.take();
    assert_eq!(told(&closed), [(Resolved, 502, agent_a())]);
    assert_eq!(closed[0].channels, ["c"], "who was told that it fires is told that nobody watches it any more");
    assert!(closed[0].alert.resolution.as_ref().unwrap().contains("rule was deleted"));
    let mut gone = evaluator(Vec::new(), 600);
    gone.restore(vec![open.clone()], at(600));
    assert_eq!(told(&gone.take()), [(Resolved, 600, agent_a())]);
    let mut unseen = evaluator(rules(), 700);
    unseen.restore(vec![open], at(700));
    unseen.look_everywhere(at(700));
    assert_eq!(told(&unseen.take()), [(Resolved, 700, agent_a())], "the agent is not there any more");
}

/// What a server finds that starts at 500: everybody was granted time, and nothing came. With the agent as it is then.
fn granted(condition: &Condition) -> (Evaluator, AgentFacts) {
    let rules = || vec![rule(draft(condition.clone()))];
    let mut before = evaluator(rules(), 0);
    let (mut facts, mut stalled) = (agent("a", AgentStatus::Processing, 0), run(TaskStatus::Processing, 0, None, 0));
    before.agent(facts.clone(), at(0));
    before.run(stalled.clone(), at(0));
    before.advance(at(400));
    facts.status = AgentStatus::Stuck;
    before.agent(facts.clone(), at(400));
    let fired = before.take();
    assert_eq!((fired.len(), fired[0].kind), (1, Fired), "{condition:?}");
    let mut after = Evaluator::new(|| "another".to_owned());
    after.set_rules(rules(), at(500));
    after.restore(vec![OpenAlert { alert: fired[0].alert.clone() }], at(500));
    (facts.status, facts.last_sign, stalled.last_sign) = (AgentStatus::Processing, at(500), at(500));
    after.agent(facts.clone(), at(500));
    after.run(stalled, at(500));
    after.look_everywhere(at(500));
    (after, facts)
}

#[test]
fn time_that_was_granted_ends_no_alert_and_an_event_does() {
    for condition in
        [Condition::AgentStuck {}, Condition::HeartbeatLost { seconds: 60 }, Condition::TaskStalled { seconds: 60 }]
    {
        let (mut still, facts) = granted(&condition);
        assert_eq!(told(&pass(&mut still, 500, 700)), [], "{condition:?}");
        still.agent(AgentFacts { status: AgentStatus::Stuck, ..facts }, at(801));
        assert_eq!(told(&pass(&mut still, 801, 1_000)), [], "{condition:?}: it is told of once");

        let (mut back, _) = granted(&condition);
        assert!(back.is_silent("a") || matches!(condition, Condition::TaskStalled { .. }));
        let arrival = Arrival { labels: labels("a"), at: at(510), seq: next_seq(), run: Some(("t", "r")) };
        back.arrived(&arrival, at(510));
        back.agent(agent("a", AgentStatus::Processing, 510), at(510));
        assert_eq!(told(&back.take()).iter().map(|one| one.0).collect::<Vec<_>>(), [Resolved], "{condition:?}");
        assert!(!back.is_silent("a"));
    }
}

#[test]
fn what_can_be_silent_no_more_ends_without_an_event_and_so_does_what_the_rule_means_no_more() {
    let (mut gone, facts) = granted(&Condition::AgentStuck {});
    gone.agent(AgentFacts { status: AgentStatus::Idle, stuck_seq: None, ..facts }, at(520));
    assert_eq!(told(&gone.take()), [(Resolved, 520, agent_a())]);

    let (mut other, _) = granted(&Condition::HeartbeatLost { seconds: 60 });
    let mut patient = rule(draft(Condition::HeartbeatLost { seconds: 3_600 }));
    patient.rule_id = rule(draft(Condition::HeartbeatLost { seconds: 60 })).rule_id;
    other.set_rules(vec![patient], at(530));
    other.look_everywhere(at(530));
    assert_eq!(told(&other.take()), [(Resolved, 530, agent_a())]);
}

#[test]
fn a_sum_says_nothing_before_it_knows_what_was() {
    let condition = Condition::TaskFailed { count: 2, window_seconds: 600 };
    let mut rules = Evaluator::new(|| "x".to_owned());
    rules.set_rules(vec![rule(draft(condition))], at(100));
    assert_eq!(rules.unseeded().1, [Span::sliding(600)]);
    rules.seed_end(Span::sliding(600), &End { labels: labels("a"), at: at(50), failed: true, run: None }, at(100));
    rules.seeded(false, Span::sliding(600), 7);
    rules.ended(&End { labels: labels("a"), at: at(60), failed: true, run: None }, 7, at(100));
    assert_eq!(told(&rules.take()), [], "the seventh event is in what was read");
    rules.ended(&End { labels: labels("a"), at: at(101), failed: true, run: None }, 8, at(101));
    assert_eq!(told(&rules.take()), [(Fired, 101, Subject::WHOLE)]);
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
