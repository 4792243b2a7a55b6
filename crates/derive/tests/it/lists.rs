//! Lists of agents and runs: order, filters, cursors.

use std::collections::BTreeSet;

use hiveboard_derive::{
    AgentFilter, AgentSort, RunFilter, RunSort,
    view::{AgentStatus, TaskStatus},
};
use hiveboard_wire::RunKey;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::board::{Board, at};

fn of(agent: &str) -> Value {
    json!({"agent_id": agent})
}

fn fleet() -> Board {
    let mut board = Board::default();
    board.from(of("stuck"), 0.0, "heartbeat", json!({}));
    board.from(of("error"), 500.0, "task_failed", json!({"task_id": "t", "project_id": "sales"}));
    board.from(of("waiting"), 501.0, "approval_requested", json!({"task_id": "t"}));
    board.from(json!({"agent_id": "busy", "environment": "staging"}), 502.0, "task_started", json!({"task_id": "t"}));
    board.from(of("idle-1"), 503.0, "heartbeat", json!({}));
    board.from(of("idle-2"), 504.0, "heartbeat", json!({}));
    board
}

fn names(board: &Board, filter: &AgentFilter, sort: AgentSort) -> Vec<String> {
    board.projections.agents(filter, sort, at(510.0)).into_iter().map(|agent| agent.agent_id).collect()
}

#[test]
fn agents_are_sorted_by_attention() {
    let board = fleet();
    let all = AgentFilter::default();
    assert_eq!(names(&board, &all, AgentSort::Attention), ["stuck", "error", "waiting", "busy", "idle-2", "idle-1"]);
    assert_eq!(names(&board, &all, AgentSort::Name), ["busy", "error", "idle-1", "idle-2", "stuck", "waiting"]);
    assert_eq!(names(&board, &all, AgentSort::LastSeen)[..2], ["idle-2", "idle-1"]);
}

#[test]
fn agents_are_filtered() {
    let board = fleet();
    let with = |filter: AgentFilter| names(&board, &filter, AgentSort::Name);
    assert_eq!(
        with(AgentFilter { status: vec![AgentStatus::Stuck, AgentStatus::Error], ..Default::default() }),
        ["error", "stuck"]
    );
    assert_eq!(with(AgentFilter { environment: Some("staging".into()), ..Default::default() }), ["busy"]);
    assert_eq!(with(AgentFilter { project_id: Some("sales".into()), ..Default::default() }), ["error"]);
    assert_eq!(with(AgentFilter { group: Some("nobody".into()), ..Default::default() }), [""; 0]);
}

fn runs() -> Board {
    let mut board = Board::default();
    for (place, agent) in ["x", "y", "x", "y", "x", "y"].into_iter().enumerate() {
        let run = format!("r{place}");
        let task = json!({"task_id": format!("task-{}", place % 3), "task_run_id": run, "task_type": if place < 3 { "triage" } else { "etl" }, "correlation_id": format!("c{}", place % 2)});
        let seconds = place as f64 * 10.0;
        board.from(of(agent), seconds, "task_started", task.clone());
        let mut call = task.clone();
        call["payload"] = json!({"kind": "llm_call", "data": {"name": "n", "model": "m", "cost": (place * 7) % 5, "tokens_in": (place * 3) % 7}});
        board.from(of(agent), seconds + 1.0, "custom", call);
        if place != 5 {
            let mut end = task;
            end["duration_ms"] = json!((place * 11) % 6 * 100);
            board.from(of(agent), seconds + 2.0, if place == 2 { "task_failed" } else { "task_completed" }, end);
        }
    }
    board
}

fn list(board: &Board, filter: &RunFilter, sort: RunSort) -> Vec<String> {
    let page = board.projections.runs(filter, sort, None, 50, at(60.0)).unwrap().finish().unwrap();
    assert_eq!(page.cursor, None);
    page.data.into_iter().map(|run| run.task_run_id).collect()
}

#[test]
fn runs_are_sorted() {
    let board = runs();
    let all = RunFilter::default();
    assert_eq!(list(&board, &all, RunSort::Newest), ["r5", "r4", "r3", "r2", "r1", "r0"]);
    assert_eq!(list(&board, &all, RunSort::Oldest), ["r0", "r1", "r2", "r3", "r4", "r5"]);
    assert_eq!(list(&board, &all, RunSort::Duration), ["r5", "r1", "r2", "r3", "r4", "r0"]);
    assert_eq!(list(&board, &all, RunSort::Cost), ["r2", "r4", "r1", "r3", "r5", "r0"]);
    assert_eq!(list(&board, &all, RunSort::Tokens), ["r2", "r4", "r1", "r3", "r5", "r0"]);
    assert_eq!(list(&board, &all, RunSort::Errors)[0], "r2");
}

#[test]
fn runs_are_filtered() {
    let board = runs();
    let with = |filter: RunFilter| list(&board, &filter, RunSort::Oldest);
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        with(RunFilter { status: vec![TaskStatus::Failed, TaskStatus::Processing], ..Default::default() }),
        ["r2", "r5"]
    );
    assert_eq!(with(RunFilter { task_type: some("etl"), ..Default::default() }), ["r3", "r4", "r5"]);
    assert_eq!(with(RunFilter { correlation_id: some("c1"), ..Default::default() }), ["r1", "r3", "r5"]);
    assert_eq!(with(RunFilter { agent_id: some("x"), task_id: some("task-1"), ..Default::default() }), ["r4"]);
    assert_eq!(with(RunFilter { q: some("TRI"), ..Default::default() }), ["r0", "r1", "r2"]);
    assert_eq!(with(RunFilter { q: some("r4"), ..Default::default() }), ["r4"]);
    assert_eq!(with(RunFilter { since: Some(at(32.0)), ..Default::default() }), ["r3", "r4", "r5"]);
    assert_eq!(with(RunFilter { until: Some(at(32.0)), ..Default::default() }), ["r0", "r1", "r2"]);
    assert_eq!(with(RunFilter { agent_id: some("nobody"), ..Default::default() }), [""; 0]);
}

#[test]
fn the_latest_run_is_the_one_that_began_last() {
    let board = runs();
    let ids = |agent: Option<&str>| {
        let runs = board.projections.runs_of_task("task-1", agent, 50, at(60.0)).unwrap().0;
        runs.into_iter().map(|run| (run.agent_id, run.task_run_id)).collect::<Vec<_>>()
    };
    let pair = |agent: &str, run: &str| (agent.to_owned(), run.to_owned());
    assert_eq!(ids(None), [pair("x", "r4"), pair("y", "r1")]);
    assert_eq!(ids(Some("y")), [pair("y", "r1")]);
    let key = |run: &str| RunKey { agent_id: "x".into(), task_id: "task-1".into(), task_run_id: run.into() };
    assert_eq!(board.projections.run(&key("r4"), at(60.0)).unwrap().unwrap().task_run_id, "r4");
    assert_eq!(board.projections.run(&key("r1"), at(60.0)).unwrap(), None);
}

#[test]
fn cursors_of_other_lists_are_refused() {
    let board = runs();
    let page = |sort: RunSort, cursor: &str| {
        board
            .projections
            .runs(&RunFilter::default(), sort, Some(cursor), 2, at(60.0))
            .map(|query| query.finish().unwrap())
    };
    let newest = board
        .projections
        .runs(&RunFilter::default(), RunSort::Newest, None, 2, at(60.0))
        .unwrap()
        .finish()
        .unwrap()
        .cursor
        .unwrap();
    assert!(page(RunSort::Newest, &newest).is_ok());
    for sort in [RunSort::Oldest, RunSort::Cost, RunSort::Errors] {
        assert!(page(sort, &newest).is_err());
    }
    for bad in ["", "n", "n1", "nx.y.z", "n1.2.3.4", "ü", "n99999999999999999999.1.1"] {
        assert!(page(RunSort::Newest, bad).is_err(), "{bad}");
    }
    let by_cost =
        board.projections.runs(&RunFilter::default(), RunSort::Cost, None, 4, at(60.0)).unwrap().finish().unwrap();
    let rest = page(RunSort::Cost, &by_cost.cursor.unwrap()).unwrap();
    assert_eq!((rest.data.len(), rest.cursor), (2, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Pages are read while runs begin, and while late events move known ones back in time.
    #[test]
    fn no_run_is_shown_twice_or_left_out(
        starts in prop::collection::vec(0_i64..40, 1..30),
        between in prop::collection::vec((any::<prop::sample::Index>(), 0_i64..45, any::<bool>()), 0..30),
        limit in 1_usize..6, oldest in any::<bool>(),
    ) {
        let sort = if oldest { RunSort::Oldest } else { RunSort::Newest };
        let mut board = Board::default();
        for (place, start) in starts.iter().enumerate() {
            board.late(*start as f64, 100.0, "custom", json!({"task_id": place.to_string()}));
        }
        let mut known = starts.len();
        let (mut cursor, mut seen) = (None, Vec::new());
        let mut between = between.into_iter();
        loop {
            let page = board.projections.runs(&RunFilter::default(), sort, cursor.as_deref(), limit, at(200.0)).unwrap().finish().unwrap();
            prop_assert!(page.data.len() <= limit);
            seen.extend(page.data.iter().map(|run| run.task_id.parse::<usize>().unwrap()));
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
            for (run, at, new) in between.by_ref().take(3) {
                let task = if new { known } else { run.index(starts.len()) };
                known += usize::from(new);
                board.late(at as f64, 100.0, "custom", json!({"task_id": task.to_string()}));
            }
        }
        let once: BTreeSet<usize> = seen.iter().copied().collect();
        prop_assert_eq!(once.len(), seen.len(), "shown twice: {:?}", seen);
        prop_assert!((0..starts.len()).all(|run| once.contains(&run)), "left out: {:?} of {}", seen, starts.len());
    }
}
