//! Each condition: what fires it, and what ends that.

use hiveboard_alerts::{
    Condition, Evaluator, Subject,
    TransitionKind::{Fired, Resolved},
    condition::{InsightSeverity, IssueSeverity, SpentBy},
    facts::{AgentFacts, Arrival, InsightFacts, IssueFacts, ItemFacts, QueueFacts, RunFacts, Spent, Waiting},
    span::UtcOffset,
};
use hiveboard_derive::view::{AgentStatus, TaskStatus};
use hiveboard_wire::NanoDollars;

use super::{agent, agent_a, at, beat, draft, end, evaluator, labels, next_seq, of, pass, rule, run, run_r, told};

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

#[test]
fn failed_runs_count_for_the_window_and_a_step_more() {
    let mut rules = of(Condition::TaskFailed { count: 2, window_seconds: 60 });
    end(&mut rules, 0, true);
    end(&mut rules, 10, false);
    assert_eq!(told(&pass(&mut rules, 10, 29)), []);
    end(&mut rules, 30, true);
    let fired = rules.take();
    assert_eq!(
        fired[0].alert.summary,
        "2 runs of the whole workspace failed in the last 60 s; the last one was task \"t\" of agent \"a\"."
    );
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
