//! Queue, to-dos, schedule and issues.

use serde_json::{Value, json};

use crate::board::{Board, at};

fn issue(board: &mut Board, seconds: f64, id: Option<&str>, summary: &str, more: Value) {
    let mut data = more;
    data["issue_id"] = json!(id);
    board.kind(seconds, None, "issue", summary, data);
}

fn issues(board: &Board) -> Vec<Value> {
    board.pipeline(1000.0)["issues"]["items"].as_array().unwrap().clone()
}

#[test]
fn issues_are_grouped_by_id() {
    let mut board = Board::default();
    issue(
        &mut board,
        1.0,
        Some("crm"),
        "CRM slow",
        json!({"severity": "low", "category": "net", "context": {"ms": 1}}),
    );
    issue(&mut board, 3.0, Some("crm"), "CRM very slow", json!({"severity": "critical", "context": {"ms": 2}}));
    issue(&mut board, 2.0, Some("crm"), "between", json!({"severity": "high"}));
    let all = issues(&board);
    assert_eq!(all.len(), 1);
    for (field, wanted) in [
        ("issue_id", json!("crm")),
        ("summary", json!("CRM very slow")),
        ("severity", json!("critical")),
        ("category", json!(null)),
        ("context", json!({"ms": 2})),
        ("occurrences", json!(3)),
        ("status", json!("open")),
        ("first_seen", json!(at(1.0).to_string())),
        ("last_seen", json!(at(3.0).to_string())),
    ] {
        assert_eq!(all[0][field], wanted, "{field}");
    }
}

#[test]
fn issues_without_an_id_are_grouped_by_what_they_say() {
    let mut board = Board::default();
    issue(&mut board, 1.0, None, "  API   Down. ", json!({"severity": "high"}));
    issue(&mut board, 2.0, None, "api down", json!({"severity": "high"}));
    issue(&mut board, 3.0, None, "disk full", json!({"severity": "high"}));
    let ids: Vec<Value> = issues(&board).iter().map(|issue| issue["issue_id"].clone()).collect();
    assert_eq!(ids, [json!("disk full"), json!("api down")]);
    assert_eq!(issues(&board)[1]["occurrences"], 2);
    assert_eq!(board.agent(10.0)["stats_1h"]["worst_issue"], "high");
    issue(&mut board, 4.0, None, "disk full", json!({"severity": "critical"}));
    issue(&mut board, 5.0, None, "a typo", json!({"severity": "low"}));
    assert_eq!(board.agent(10.0)["stats_1h"]["worst_issue"], "critical");
}

#[test]
fn the_agents_own_count_wins_when_it_is_greater() {
    let mut board = Board::default();
    issue(&mut board, 1.0, Some("i"), "s", json!({"severity": "low", "occurrence_count": 40}));
    issue(&mut board, 2.0, Some("i"), "s", json!({"severity": "low", "occurrence_count": 12}));
    assert_eq!(issues(&board)[0]["occurrences"], 40);
}

#[test]
fn issues_are_resolved_dismissed_and_reported_again() {
    let mut board = Board::default();
    let status = |board: &Board| issues(board)[0]["status"].as_str().unwrap().to_owned();
    issue(&mut board, 1.0, Some("i"), "broken", json!({"severity": "high"}));
    issue(&mut board, 2.0, Some("i"), "works again", json!({"action": "resolved"}));
    assert_eq!(status(&board), "resolved");
    assert_eq!(
        (issues(&board)[0]["summary"].clone(), issues(&board)[0]["last_seen"].clone()),
        (json!("broken"), json!(at(1.0).to_string()))
    );
    assert_eq!(board.agent(10.0)["stats_1h"]["active_issues"], 0);
    assert_eq!(board.agent(10.0)["stats_1h"]["worst_issue"], json!(null));
    issue(&mut board, 3.0, Some("i"), "broken", json!({"severity": "high"}));
    assert_eq!(status(&board), "open");
    issue(&mut board, 4.0, Some("i"), "never mind", json!({"action": "dismissed"}));
    assert_eq!(status(&board), "dismissed");
    // At one instant the resolution is the later.
    let mut board = Board::default();
    issue(&mut board, 1.0, Some("i"), "fixed", json!({"action": "resolved"}));
    issue(&mut board, 1.0, Some("i"), "broken", json!({"severity": "high"}));
    assert_eq!(status(&board), "resolved");
}

#[test]
fn a_resolution_without_its_report_is_shown_for_what_it_is() {
    let mut board = Board::default();
    issue(&mut board, 2.0, Some("i"), "works again", json!({"action": "resolved"}));
    let one = &issues(&board)[0];
    assert_eq!(
        (&one["summary"], &one["occurrences"], &one["status"]),
        (&json!("works again"), &json!(0), &json!("resolved"))
    );
}

#[test]
fn open_and_severe_issues_come_first() {
    let mut board = Board::default();
    for (seconds, id, severity) in
        [(1.0, "low", "low"), (2.0, "gone", "critical"), (3.0, "critical", "critical"), (4.0, "medium", "medium")]
    {
        issue(&mut board, seconds, Some(id), "s", json!({"severity": severity}));
    }
    issue(&mut board, 5.0, Some("gone"), "s", json!({"action": "resolved"}));
    let ids: Vec<Value> = issues(&board).iter().map(|issue| issue["issue_id"].clone()).collect();
    assert_eq!(ids, [json!("critical"), json!("medium"), json!("low"), json!("gone")]);
}

#[test]
fn issues_and_todos_are_bounded_and_the_open_ones_stay() {
    let mut board = Board::default();
    issue(&mut board, 0.0, Some("open"), "s", json!({"severity": "low"}));
    for place in 0..1100 {
        issue(&mut board, 1.0 + f64::from(place), Some(&format!("closed {place}")), "s", json!({"action": "resolved"}));
        board.kind(
            1.0 + f64::from(place),
            None,
            "todo",
            "s",
            json!({"todo_id": format!("t{place}"), "action": "completed"}),
        );
    }
    let all = issues(&board);
    assert_eq!((all.len(), &all[0]["issue_id"]), (1000, &json!("open")));
    assert!(!all.iter().any(|issue| issue["issue_id"] == "closed 100"));
    assert_eq!(board.pipeline(0.0)["todos"]["completed_count"], 1000);
}

#[test]
fn todos_follow_their_latest_action() {
    let mut board = Board::default();
    board.kind(1.0, None, "todo", "write it down", json!({"todo_id": "a", "action": "created", "priority": "high", "source": "agent", "context": {"k": 1}, "due_by": "2026-03-01"}));
    board.kind(2.0, None, "todo", "later", json!({"todo_id": "b", "action": "created"}));
    board.kind(3.0, None, "todo", "not now", json!({"todo_id": "b", "action": "deferred"}));
    board.kind(4.0, None, "todo", "other", json!({"todo_id": "c", "action": "created"}));
    board.kind(5.0, None, "todo", "done", json!({"todo_id": "c", "action": "completed"}));
    board.kind(6.0, None, "todo", "no", json!({"todo_id": "d", "action": "dismissed"}));
    board.kind(7.0, None, "todo", "broke", json!({"todo_id": "e", "action": "failed"}));
    let todos = board.pipeline(10.0)["todos"].clone();
    assert_eq!((&todos["active_count"], &todos["completed_count"]), (&json!(3), &json!(1)));
    let ids: Vec<&str> =
        todos["items"].as_array().unwrap().iter().map(|todo| todo["todo_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["e", "b", "a", "d", "c"]);
    let a = &todos["items"][2];
    assert_eq!(
        (&a["priority"], &a["context"], &a["due_by"], &a["action"]),
        (&json!("high"), &json!({"k": 1}), &json!("2026-03-01"), &json!("created"))
    );
    board.late(0.5, 11.0, "custom", json!({"payload": {"kind": "todo", "summary": "older", "data": {"todo_id": "a", "action": "completed", "priority": "low"}}}));
    let a = board.pipeline(12.0)["todos"]["items"][2].clone();
    assert_eq!(
        (&a["action"], &a["priority"], &a["created_at"]),
        (&json!("created"), &json!("high"), &json!(at(0.5).to_string()))
    );
}

#[test]
fn the_latest_snapshot_counts_with_its_age() {
    let mut board = Board::default();
    assert!(board.projections.pipeline("a", at(0.0)).is_none());
    board.on(0.0, "heartbeat", json!({}));
    let empty = board.pipeline(1.0);
    assert_eq!(
        (&empty["queue"], &empty["scheduled"], &empty["todos"]["active_count"]),
        (&json!(null), &json!(null), &json!(0))
    );
    board.kind(10.0, None, "queue_snapshot", "q", json!({"depth": 2, "oldest_age_seconds": 30.5, "items": [{"id": "x", "priority": 3}], "processing": {"id": "y"}}));
    board.late(5.0, 11.0, "custom", json!({"payload": {"kind": "queue_snapshot", "data": {"depth": 9}}}));
    let queue = board.pipeline(25.0)["queue"].clone();
    for (field, wanted) in [
        ("depth", json!(2)),
        ("oldest_age_seconds", json!(30.5)),
        ("items", json!([{"id": "x", "priority": 3}])),
        ("processing", json!({"id": "y"})),
        ("snapshot_at", json!(at(10.0).to_string())),
        ("snapshot_age_seconds", json!(15.0)),
    ] {
        assert_eq!(queue[field], wanted, "{field}");
    }
    board.on(
        20.0,
        "heartbeat",
        json!({"payload": {"kind": "queue_snapshot", "data": {"items": [{"id": 1}, {"id": 2}]}}}),
    );
    assert_eq!(board.pipeline(25.0)["queue"]["depth"], 2, "as many as are listed, from a heartbeat too");
    board.kind(30.0, None, "scheduled", "s", json!({"items": [{"id": "sync", "enabled": true, "last_status": null}]}));
    assert_eq!(
        board.pipeline(31.0)["scheduled"],
        json!({"items": [{"id": "sync", "enabled": true, "last_status": null}], "reported_at": at(30.0).to_string()})
    );
}

#[test]
fn what_had_to_go_is_counted() {
    let mut board = Board::default();
    issue(&mut board, 0.0, Some("closed"), "s", json!({"severity": "low", "action": "resolved"}));
    for number in 0..1_001 {
        issue(&mut board, f64::from(number) + 1.0, Some(&format!("i{number}")), "s", json!({"severity": "low"}));
    }
    let pipeline = board.pipeline(2_000.0);
    let items = pipeline["issues"]["items"].as_array().unwrap();
    assert_eq!((items.len(), &pipeline["issues"]["dropped_count"]), (1_000, &json!(2)));
    assert!(items.iter().all(|item| item["issue_id"] != "closed" && item["issue_id"] != "i0"), "closed ones go first");
    assert_eq!(pipeline["todos"]["dropped_count"], 0);
}
