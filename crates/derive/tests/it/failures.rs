//! Failures, grouped by exception and place.

use hiveboard_derive::{ErrorFilter, ErrorSort, view::ErrorView};
use serde_json::{Value, json};

use crate::board::{Board, Rows, at};

fn raised(kind: &str, message: &str) -> Value {
    json!({"exception_type": kind, "exception_message": message})
}

fn action(task: &str, id: &str, parent: Option<&str>, mut payload: Value) -> Value {
    payload["action_name"] = json!(id);
    json!({"task_id": task, "action_id": id, "parent_action_id": parent, "payload": payload})
}

fn errors(board: &Board, filter: &ErrorFilter) -> Vec<ErrorView> {
    board.projections.errors(filter, ErrorSort::Often, at(0.0), at(7_200.0))
}

fn all(board: &Board) -> Vec<ErrorView> {
    errors(board, &ErrorFilter::default())
}

#[test]
fn an_exception_that_climbs_counts_once_where_it_was_raised() {
    let mut board = Board::default();
    board
        .on(1.0, "action_failed", action("t", "charge", Some("checkout"), raised("CardError", "declined")))
        .on(2.0, "action_failed", action("t", "checkout", None, raised("CardError", "declined")))
        .on(
            3.0,
            "task_failed",
            json!({"task_id": "t", "task_type": "order", "payload": raised("CardError", "declined")}),
        );
    let found = all(&board);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].place.as_deref(), found[0].occurrences, found[0].in_period), (Some("charge"), 1, 1));
    assert_eq!(found[0].examples[0].task_id.as_deref(), Some("t"));
}

#[test]
fn it_counts_once_too_where_the_innermost_arrives_last() {
    let mut board = Board::default();
    board
        .on(
            3.0,
            "task_failed",
            json!({"task_id": "t", "task_type": "order", "payload": raised("CardError", "declined")}),
        )
        .on(2.0, "action_failed", action("t", "checkout", None, raised("CardError", "declined")))
        .on(1.0, "action_failed", action("t", "charge", Some("checkout"), raised("CardError", "declined")));
    assert_eq!(
        all(&board).iter().map(|error| (error.place.clone(), error.occurrences)).collect::<Vec<_>>(),
        [(Some("charge".to_owned()), 1)]
    );
}

#[test]
fn every_attempt_counts_and_another_exception_further_out_is_another_error() {
    let mut board = Board::default();
    for (attempt, second) in [("a1", 1.0), ("a2", 2.0), ("a3", 3.0)] {
        let mut failed = action("t", "fetch", None, raised("TimeoutError", "30 s"));
        failed["action_id"] = json!(attempt);
        board.on(second, "action_failed", failed);
    }
    board.on(4.0, "task_failed", json!({"task_id": "t", "task_type": "crawl", "payload": raised("GaveUp", "3 tries")}));
    let found = all(&board);
    let seen: Vec<_> = found
        .iter()
        .map(|error| (error.exception_type.as_deref(), error.place.as_deref(), error.occurrences))
        .collect();
    assert_eq!(seen, [(Some("TimeoutError"), Some("fetch"), 3), (Some("GaveUp"), Some("crawl"), 1)]);
}

#[test]
fn without_an_exception_the_message_tells_apart_whatever_figures_it_holds() {
    let mut board = Board::default();
    for (second, message) in [(1.0, "Order 4711 is gone"), (2.0, "order 12 is gone"), (3.0, "no stock")] {
        let payload = json!({"exception_message": message});
        board.on(second, "task_failed", json!({"task_id": message, "task_type": "order", "payload": payload}));
    }
    let found = all(&board);
    let seen: Vec<_> = found.iter().map(|error| (error.message.as_deref(), error.occurrences)).collect();
    assert_eq!(seen, [(Some("order 12 is gone"), 2), (Some("no stock"), 1)]);
}

#[test]
fn narrowed_to_an_agent_the_figures_are_its_own() {
    let mut board = Board::default();
    for (agent, version, times) in [("a", "1.0", 2), ("b", "1.1", 3)] {
        for time in 0..times {
            let task =
                json!({"task_id": format!("{agent}{time}"), "task_type": "order", "payload": raised("KeyError", "x")});
            let envelope = json!({"agent_id": agent, "agent_version": version});
            board.from(envelope, 3_600.0 * f64::from(time), "task_failed", task);
        }
    }
    let everywhere = &all(&board)[0];
    assert_eq!((everywhere.occurrences, everywhere.agent_count, everywhere.in_period), (5, 2, 5));
    assert_eq!(everywhere.first_seen, at(0.0));
    assert_eq!(everywhere.last_seen, at(7_200.0));
    let versions: Vec<_> = everywhere.versions.iter().filter_map(|known| known.version.as_deref()).collect();
    assert_eq!(versions, ["1.1", "1.0"]);
    let of_a = ErrorFilter { agent_id: Some("a".to_owned()), ..ErrorFilter::default() };
    let own = &errors(&board, &of_a)[0];
    assert_eq!((own.occurrences, &own.error_id), (2, &everywhere.error_id));
    let other = ErrorFilter { environment: Some("staging".to_owned()), ..ErrorFilter::default() };
    assert_eq!(errors(&board, &other), []);
    let by_text = ErrorFilter { q: Some("keyerr".to_owned()), ..ErrorFilter::default() };
    assert_eq!(errors(&board, &by_text).len(), 1);
    let one = ErrorFilter { error_id: Some(everywhere.error_id.clone()), ..ErrorFilter::default() };
    let later = board.projections.error(&one, at(1_000_000.0), at(1_100_000.0)).expect("it is known whenever it was");
    assert_eq!((later.occurrences, later.in_period), (5, 0));
    let none = ErrorFilter { error_id: Some("no id".to_owned()), ..ErrorFilter::default() };
    assert_eq!(board.projections.error(&none, at(0.0), at(1.0)), None);
}

#[test]
fn errors_go_with_their_events_and_come_back_from_rows() {
    let mut board = Board::default();
    board.on(1.0, "task_failed", json!({"task_id": "t", "payload": raised("OldError", "x")})).on(
        5_000.0,
        "task_failed",
        json!({"task_id": "u", "payload": raised("NewError", "x")}),
    );
    board.projections.forget_before(at(100.0));
    let rows = Rows::default();
    rows.save(&mut board.projections);
    let restored = rows.restore().errors(&ErrorFilter::default(), ErrorSort::Last, at(0.0), at(7_200.0));
    assert_eq!(restored, all(&board));
    assert_eq!(restored.len(), 1);
    assert_eq!(restored[0].exception_type.as_deref(), Some("NewError"));
}

#[test]
fn a_failed_task_says_why_and_is_found_by_it() {
    let mut board = Board::default();
    board.on(1.0, "task_failed", json!({"task_id": "t", "payload": raised("CardError", "declined by the bank")}));
    let task = board.task("t", 2.0);
    assert_eq!(
        (&task["exception_type"], &task["exception_message"]),
        (&json!("CardError"), &json!("declined by the bank"))
    );
    let filter = hiveboard_derive::RunFilter { q: Some("by the BANK".to_owned()), ..Default::default() };
    let found = board.projections.runs(&filter, hiveboard_derive::RunSort::Newest, None, 9, at(2.0)).unwrap().finish();
    assert_eq!(found.unwrap().data.len(), 1);
}
