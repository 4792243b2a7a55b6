use hiveboard_wire::{CallCost, CostSource, NanoDollars};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    tests::{BASE, action, events, kind, timeline, timeline_at},
    *,
};
use crate::view::{SpanOutcome, StepArrival, StepShape};

fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

/// A line a span: two spaces a level, kind, name, outcome.
fn outline(built: &TimelineView) -> String {
    let line = |span: &crate::view::SpanView| {
        let indent = "  ".repeat(span.depth as usize);
        let attempt = span.attempt.map_or(String::new(), |number| format!(" #{number}"));
        format!("{indent}{} {} {}{attempt}", word(&span.kind), span.name, word(&span.outcome))
    };
    built.spans.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A line a step.
fn told(built: &TimelineView) -> String {
    let line = |step: &crate::view::StepView| {
        let arrives =
            if step.arrives == StepArrival::Rail { String::new() } else { format!(" by {}", word(&step.arrives)) };
        let lane = if step.lane == 0 { String::new() } else { format!(" lane {}", step.lane) };
        let stem = if step.stem.is_empty() { String::new() } else { format!(" +{}", step.stem.len()) };
        format!("{} {}{}{lane}{arrives}{stem}", word(&step.shape), step.name, if step.failed { " failed" } else { "" })
    };
    built.steps.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn call(ms: i64, name: &str, duration_ms: i64, action_id: Option<&str>) -> (i64, &'static str, Value) {
    let data = json!({"name": name, "model": "gpt-4o", "tokens_in": 10, "tokens_out": 1, "duration_ms": duration_ms});
    (ms, "custom", json!({"action_id": action_id, "payload": {"kind": "llm_call", "summary": "s", "data": data}}))
}

fn ticket() -> Vec<(i64, &'static str, Value)> {
    vec![
        (0, "task_started", json!({})),
        (10, "action_started", action("load", None, "load_ticket")),
        (11, "action_started", action("get", Some("load"), "get_account")),
        (20, "action_completed", action("get", Some("load"), "get_account")),
        (21, "action_completed", action("load", None, "load_ticket")),
        (30, "custom", kind("plan_created", json!({"goal": "credit", "steps": ["a", "b"]}))),
        call(90, "draft", 50, None),
        (100, "approval_requested", json!({"payload": {"summary": "credit $500", "data": {"approver": "lead"}}})),
        (
            5_100,
            "approval_received",
            json!({"payload": {"summary": "ok", "data": {"approved_by": "maria", "decision": "approved"}}}),
        ),
        (6_000, "action_started", action("issue", None, "issue_credit")),
        (6_001, "action_started", action("try1", Some("issue"), "create_credit")),
        (
            6_100,
            "action_failed",
            json!({"action_id": "try1", "parent_action_id": "issue", "payload": {"action_name": "create_credit", "exception_type": "Timeout"}}),
        ),
        (
            6_101,
            "retry_started",
            json!({"action_id": "issue", "payload": {"summary": "again", "data": {"attempt": 2, "backoff_seconds": 1}}}),
        ),
        (7_200, "action_started", action("try2", Some("issue"), "create_credit")),
        call(7_250, "diagnose", 10, None),
        (7_300, "action_completed", action("try2", Some("issue"), "create_credit")),
        (7_400, "action_completed", action("issue", None, "issue_credit")),
        (7_500, "task_completed", json!({"duration_ms": 7_500, "payload": {"summary": "credited"}})),
    ]
}

#[test]
fn a_run_is_one_tree_of_spans() {
    let built = timeline(&ticket());
    assert_eq!(
        outline(&built),
        "task  done\n  \
           action load_ticket done\n    \
             action get_account done\n  \
           plan plan, 2 steps done\n  \
           llm_call draft done\n  \
           approval approval done\n  \
           action issue_credit done\n    \
             action create_credit failed #1\n    \
             retry retry done #2\n    \
             action create_credit done #2\n      \
               llm_call diagnose done"
    );
    let approval = built.spans.iter().find(|span| span.human.is_some()).unwrap();
    assert_eq!(approval.ended_at, Some(Timestamp(BASE + 5_100_000)));
    let human = approval.human.as_ref().unwrap();
    assert_eq!((human.asked_of.as_deref(), human.answered_by.as_deref()), (Some("lead"), Some("maria")));
    let root = &built.spans[0];
    assert_eq!((root.summary.as_deref(), root.duration_ms), (Some("credited"), Some(7_500.0)));
}

#[test]
fn the_story_goes_down_a_lane_for_a_retry_and_home_after_it() {
    assert_eq!(
        told(&timeline(&ticket())),
        "start started\n\
         action load_ticket +1\n\
         plan plan, 2 steps\n\
         llm_call draft\n\
         approval_asked approval asked\n\
         approval_answered approved\n\
         action issue_credit failed\n\
         action attempt 2 lane 1 by backoff\n\
         llm_call diagnose lane 1\n\
         completed done by home"
    );
    let built = timeline(&ticket());
    assert_eq!(built.retry_stretches.len(), 1);
    let stretch = &built.retry_stretches[0];
    assert_eq!((stretch.span_id.as_str(), stretch.attempts), ("issue", 2));
    assert_eq!((stretch.from_step_id.as_str(), stretch.to_step_id.as_str()), ("try1", "end"));
}

#[test]
fn an_open_run_has_open_spans_and_no_end() {
    let list = ticket();
    let built = timeline_at(&list[..10], 50_000);
    let issue = built.spans.iter().find(|span| span.span_id == "issue").unwrap();
    assert_eq!((issue.outcome, issue.ended_at, issue.duration_ms), (SpanOutcome::Open, None, None));
    let end = built.steps.last().unwrap();
    assert_eq!((end.shape, end.at), (StepShape::Running, None));
    let mut ended = list[..10].to_vec();
    ended.push((9_000, "task_failed", json!({"payload": {"exception_type": "E", "exception_message": "m"}})));
    let built = timeline(&ended);
    let issue = built.spans.iter().find(|span| span.span_id == "issue").unwrap();
    assert_eq!((issue.outcome, issue.ended_at), (SpanOutcome::Unknown, None));
    assert_eq!(built.spans[0].exception.as_ref().unwrap().exception_type.as_deref(), Some("E"));
}

#[test]
fn a_call_belongs_to_the_one_action_around_it_and_to_none_where_two_ran_side_by_side() {
    let inside = [
        (0, "task_started", json!({})),
        (10, "action_started", action("outer", None, "outer")),
        (20, "action_started", action("inner", Some("outer"), "inner")),
        call(50, "think", 20, None),
        (60, "action_completed", action("inner", Some("outer"), "inner")),
        (90, "action_completed", action("outer", None, "outer")),
    ];
    let parent = |built: &TimelineView| built.spans.iter().find(|span| span.name == "think").unwrap().parent_id.clone();
    assert_eq!(parent(&timeline(&inside)).as_deref(), Some("inner"));
    let beside = [
        (0, "task_started", json!({})),
        (10, "action_started", action("one", None, "one")),
        (15, "action_started", action("two", None, "two")),
        call(50, "think", 20, None),
        call(55, "told", 20, Some("two")),
        (80, "action_completed", action("two", None, "two")),
        (90, "action_completed", action("one", None, "one")),
    ];
    let built = timeline(&beside);
    assert_eq!(parent(&built).as_deref(), Some("run"));
    let told = built.spans.iter().find(|span| span.name == "told").unwrap();
    assert_eq!(told.parent_id.as_deref(), Some("two"));
}

#[test]
fn circles_and_depths_end() {
    let mut list = vec![(0, "task_started", json!({}))];
    for number in 0..200_i64 {
        let parent = if number == 0 { "n199".to_owned() } else { format!("n{}", number - 1) };
        list.push((number + 1, "action_started", action(&format!("n{number}"), Some(&parent), "deep")));
    }
    let built = timeline(&list);
    assert_eq!(built.spans.len(), 201);
    assert!(built.spans.iter().all(|span| span.depth < 64), "no reader's stack is at risk");
    assert_eq!(built.spans[1].span_id, "n0");
}

#[test]
fn a_named_run_that_started_once_is_ended_whatever_the_clocks_say() {
    let back = [(600_000, "task_started", json!({})), (0, "task_completed", json!({"duration_ms": 1_500}))];
    let built = timeline(&back);
    assert_eq!(built.task.derived_status, TaskStatus::Completed);
    assert_eq!(built.task.duration_ms.to_bits(), 1_500.0_f64.to_bits());
    assert_eq!(built.spans[0].outcome, SpanOutcome::Done);
    let again = [back[0].clone(), back[1].clone(), (700_000, "task_started", json!({}))];
    assert_eq!(timeline(&again).task.derived_status, TaskStatus::Processing);
}

fn costs() -> CallCosts {
    let id = hiveboard_wire::EventId::new("e0006");
    [(id, CallCost { amount: NanoDollars(500), source: CostSource::Estimated })].into()
}

#[test]
fn calls_carry_what_was_stored_as_their_cost() {
    let mut story = Story::default();
    story.append(events(&ticket()), costs());
    let built = view_of(&story, EventsPage::First { limit: 3 }).0;
    let draft = built.spans.iter().find(|span| span.name == "draft").unwrap().llm.as_ref().unwrap();
    assert_eq!(draft.cost_source, Some(CostSource::Estimated));
    assert_eq!(draft.cost, Some(5e-9));
    assert_eq!(built.events.len(), 3);
}

#[test]
fn a_call_names_what_was_not_understood_of_it() {
    let data = json!({"name": "draft", "model": "m", "tokens_in": "1500", "tokens_out": {"total": 3}, "cost": "0.01"});
    let odd = json!({"payload": {"kind": "llm_call", "summary": "s", "data": data}});
    let built = timeline(&[(0, "task_started", json!({})), (5, "custom", odd), call(9, "check", 1, None)]);
    let llm = |name: &str| built.spans.iter().find(|span| span.name == name).unwrap().llm.clone().unwrap();
    let draft = llm("draft");
    let mut names = draft.malformed.clone();
    names.sort();
    assert_eq!(names, ["cost", "tokens_in", "tokens_out"]);
    assert_eq!((draft.tokens_in, draft.tokens_out, draft.cost), (None, None, None));
    assert_eq!(llm("check").malformed, Vec::<String>::new());
}

fn view_of(story: &Story, page: EventsPage) -> (TimelineView, Option<hiveboard_wire::OrderKey>) {
    let plain = timeline(&ticket());
    story.timeline(plain.task, (Vec::new(), 1), page, Timestamp(BASE + 100_000_000))
}

#[test]
fn pages_hold_every_event_once_and_the_rest_on_the_first() {
    let mut story = Story::default();
    story.append(events(&ticket()), CallCosts::new());
    let (first, mut next) = view_of(&story, EventsPage::First { limit: 7 });
    assert!(first.spans_complete && !first.spans.is_empty() && first.plan.is_some());
    let mut ids: Vec<String> = first.events.iter().map(|row| row.0.event.event_id.to_string()).collect();
    while let Some(key) = next {
        let (page, after) = view_of(&story, EventsPage::After { key, limit: 7 });
        assert!(page.spans.is_empty() && page.steps.is_empty() && !page.spans_complete);
        ids.extend(page.events.iter().map(|row| row.0.event.event_id.to_string()));
        next = after;
    }
    let wanted: Vec<String> = (0..ticket().len()).map(|place| format!("e{place:04}")).collect();
    assert_eq!(ids, wanted);
}

/// What a reader knows after it took a change in.
fn follow(known: &mut Vec<crate::view::SpanView>, change: &TimelineView) {
    if change.spans_complete {
        known.clear();
    }
    known.retain(|span| {
        !change.removed_span_ids.contains(&span.span_id) && change.spans.iter().all(|new| new.span_id != span.span_id)
    });
    known.extend(change.spans.iter().cloned());
}

proptest! {
    #[test]
    fn a_reader_that_follows_knows_what_a_fresh_one_reads(order in Just((0..18_usize).collect::<Vec<_>>()).prop_shuffle(), cuts in proptest::collection::vec(1..6_usize, 1..8)) {
        let mut all = events(&ticket());
        let mut shuffled: Vec<StoredEvent> = Vec::new();
        for (seq, place) in order.iter().enumerate() {
            let mut stored = all[*place].clone();
            stored.seq = seq as u64 + 1;
            shuffled.push(stored);
        }
        all.clear();
        let mut story = Story::default();
        let mut known = Vec::new();
        let (mut seq, mut at) = (0, 0);
        for cut in cuts.iter().chain(&[18]) {
            let until = (at + cut).min(shuffled.len());
            story.append(shuffled[at..until].to_vec(), CallCosts::new());
            at = until;
            let change = view_of(&story, EventsPage::Since { seq, limit: 1_000 }).0;
            follow(&mut known, &change);
            seq = change.seq;
        }
        let fresh = timeline(&ticket());
        let ignoring_seq = |spans: &[crate::view::SpanView]| {
            let mut spans = spans.to_vec();
            spans.sort_by(|a, b| a.span_id.cmp(&b.span_id));
            for span in &mut spans {
                span.changed_seq = 0;
            }
            spans
        };
        prop_assert_eq!(ignoring_seq(&known), ignoring_seq(&fresh.spans));
        let whole = view_of(&story, EventsPage::First { limit: 100 }).0;
        prop_assert_eq!(&whole.steps, &fresh.steps);
        prop_assert_eq!(&whole.retry_stretches, &fresh.retry_stretches);
        prop_assert_eq!(&whole.error_chains, &fresh.error_chains);
    }
}
