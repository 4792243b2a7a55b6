//! Liveness and status, rule by rule.

use std::sync::Arc;

use hiveboard_wire::{Source, Timestamp};
use serde_json::{Value, json};

use crate::board::{Board, Given, Rows, at, given};

fn none() -> Value {
    json!({})
}

fn task(id: &str) -> Value {
    json!({"task_id": id})
}

fn from(instance: &str) -> Value {
    json!({"instance_id": instance})
}

fn status_of(board: &Board, task_id: &str, seconds: f64) -> String {
    board.task(task_id, seconds)["derived_status"].as_str().unwrap().to_owned()
}

#[test]
fn an_agent_is_stuck_after_its_threshold_and_not_before() {
    let mut board = Board::default();
    board.on(0.0, "heartbeat", none());
    assert_eq!(board.status(300.0), "idle");
    assert_eq!(board.status(300.000_001), "stuck");
    board.on(10.0, "agent_registered", json!({"payload": {"data": {"stuck_threshold": 60}}}));
    assert_eq!((board.status(70.0), board.status(70.1)), ("idle".to_owned(), "stuck".to_owned()));
    board.on(400.0, "custom", none());
    assert_eq!(board.status(460.0), "idle", "any event is a sign of life");
}

#[test]
fn liveness_goes_by_arrival() {
    let mut board = Board::default();
    board.late(-100_000.0, 0.0, "heartbeat", none());
    assert_eq!((board.status(300.0), board.status(301.0)), ("idle".to_owned(), "stuck".to_owned()));
    let agent = board.agent(100.0);
    assert_eq!(agent["heartbeat_age_seconds"], 100.0);
    assert_eq!((&agent["is_stuck"], &agent["liveness"]), (&json!(false), &json!("heartbeat")));
}

#[test]
fn the_latest_registration_sets_the_threshold() {
    let registered = |threshold: u32| json!({"payload": {"data": {"stuck_threshold": threshold}}});
    let mut board = Board::default();
    board.on(100.0, "agent_registered", registered(50));
    board.late(10.0, 101.0, "agent_registered", registered(1000));
    assert_eq!(board.agent(102.0)["stuck_threshold_seconds"], 50.0);
}

#[test]
fn status_precedence() {
    let mut board = Board::default();
    board.on(0.0, "heartbeat", none());
    assert_eq!(board.status(1.0), "idle");
    board.on(10.0, "task_started", task("t")).on(20.0, "task_failed", task("t"));
    assert_eq!(board.status(21.0), "error");
    board.on(30.0, "task_started", task("u"));
    assert_eq!(board.status(31.0), "processing");
    board.on(40.0, "approval_requested", task("u"));
    assert_eq!(board.status(41.0), "waiting_approval");
    assert_eq!(board.status(341.0), "stuck");
    board.on(50.0, "approval_received", task("u"));
    assert_eq!(board.status(51.0), "processing");
    board.on(60.0, "task_completed", task("u"));
    assert_eq!(board.status(61.0), "idle");
}

#[test]
fn a_pending_approval_of_an_ended_run_waits_for_nobody() {
    let mut board = Board::default();
    board.on(0.0, "task_started", task("t")).on(1.0, "approval_requested", task("t")).on(
        2.0,
        "task_completed",
        task("t"),
    );
    assert_eq!(board.status(3.0), "idle");
    assert_eq!(status_of(&board, "t", 3.0), "completed");
}

#[test]
fn an_answer_counts_for_requests_at_the_same_instant() {
    let mut board = Board::default();
    board.on(0.0, "task_started", task("t")).on(5.0, "approval_received", task("t")).on(
        5.0,
        "approval_requested",
        task("t"),
    );
    assert_eq!(board.status(6.0), "processing");
    board.on(5.5, "approval_requested", task("t"));
    assert_eq!(board.status(6.0), "waiting_approval");
}

#[test]
fn of_two_runs_that_end_at_once_the_failed_one_wins() {
    for order in [["task_failed", "task_completed"], ["task_completed", "task_failed"]] {
        let mut board = Board::default();
        board.on(9.0, order[0], task("t")).on(9.0, order[1], task("u"));
        assert_eq!(board.status(10.0), "error", "{order:?}");
    }
    // Inside of one run the good end comes last.
    for order in [["task_failed", "task_completed"], ["task_completed", "task_failed"]] {
        let mut board = Board::default();
        board.on(9.0, order[0], task("t")).on(9.0, order[1], task("t"));
        assert_eq!(board.status(10.0), "idle", "{order:?}");
        assert_eq!(status_of(&board, "t", 10.0), "completed");
    }
}

#[test]
fn a_later_start_reopens_and_an_earlier_one_does_not() {
    let mut board = Board::default();
    board.on(0.0, "task_started", task("t")).on(10.0, "task_failed", task("t"));
    board.late(5.0, 11.0, "task_started", task("t"));
    assert_eq!(status_of(&board, "t", 12.0), "failed");
    board.late(10.0, 12.0, "task_started", task("t"));
    assert_eq!(status_of(&board, "t", 12.0), "failed", "at one instant the end is the later");
    board.on(20.0, "task_started", task("t"));
    let run = board.task("t", 25.0);
    assert_eq!(
        (&run["derived_status"], &run["completed_at"], &run["duration_ms"]),
        (&json!("processing"), &json!(null), &json!(5000.0))
    );
    assert_eq!(board.status(25.0), "processing");
    board.on(26.0, "task_completed", task("t"));
    assert_eq!(board.status(27.0), "idle");
}

#[test]
fn task_status_precedence() {
    let mut board = Board::default();
    board.on(0.0, "task_started", task("t"));
    assert_eq!(status_of(&board, "t", 1.0), "processing");
    board.on(1.0, "escalated", task("t"));
    assert_eq!(status_of(&board, "t", 2.0), "escalated");
    board.on(2.0, "approval_requested", task("t"));
    assert_eq!(status_of(&board, "t", 3.0), "waiting");
    assert_eq!(status_of(&board, "t", 303.0), "stuck", "its agent is");
    board.on(4.0, "task_completed", task("t"));
    assert_eq!(status_of(&board, "t", 1000.0), "completed");
    assert_eq!(board.task("t", 1000.0)["has_escalation"], true);
}

#[test]
fn a_run_is_orphaned_when_its_process_falls_silent() {
    let mut board = Board::default();
    board.from(from("old"), 0.0, "task_started", task("t")).from(from("old"), 50.0, "custom", task("t"));
    for beat in 1..10 {
        board.from(from("new"), f64::from(beat) * 100.0, "heartbeat", none());
    }
    assert_eq!(
        (status_of(&board, "t", 350.0), board.status(350.0)),
        ("processing".to_owned(), "processing".to_owned())
    );
    let run = board.task("t", 350.1);
    assert_eq!((&run["derived_status"], &run["duration_ms"]), (&json!("stuck"), &json!(50_000.0)));
    assert_eq!(board.status(350.1), "idle", "an orphan makes no agent busy");
    board.from(from("old"), 900.0, "heartbeat", none());
    assert_eq!(status_of(&board, "t", 901.0), "processing", "its process spoke again");
    let instances = board.agent(1000.0)["instances"].clone();
    assert_eq!((&instances[1]["instance_id"], &instances[1]["open_runs"]), (&json!("old"), &json!(1)));
}

#[test]
fn without_instances_a_new_registration_orphans_silent_runs() {
    let mut board = Board::default();
    board.on(0.0, "agent_registered", none()).on(10.0, "task_started", task("t"));
    for beat in 1..8 {
        board.on(f64::from(beat) * 100.0, "heartbeat", none());
    }
    assert_eq!(status_of(&board, "t", 750.0), "processing", "long silence alone is no death");
    board.on(750.0, "agent_registered", none());
    assert_eq!(status_of(&board, "t", 760.0), "stuck");
    assert_eq!(board.status(760.0), "idle");
    board.on(770.0, "custom", task("t"));
    assert_eq!(status_of(&board, "t", 780.0), "processing");
    let mut board = Board::default();
    board.on(10.0, "task_started", task("t")).on(20.0, "agent_registered", none());
    assert_eq!(status_of(&board, "t", 310.0), "processing", "not silent for longer than the threshold yet");
}

#[test]
fn the_duration_of_a_stuck_agents_run_goes_on() {
    let mut board = Board::default();
    board.on(0.0, "task_started", task("t"));
    let run = board.task("t", 1000.0);
    assert_eq!((&run["derived_status"], &run["duration_ms"]), (&json!("stuck"), &json!(1_000_000.0)));
    assert_eq!(board.agent(1000.0)["current_task_id"], "t", "what it was at when it fell silent");
}

#[test]
fn an_agent_of_traces_alone_has_no_heartbeat_to_miss() {
    let otlp = |seq, seconds, event_type: &str| by_otlp(seq, seconds, none(), event_type);
    let mut board = Board::default();
    crate::board::apply(&mut board.projections, &otlp(1, 0.0, "task_started"));
    assert_eq!(board.agent(1.0)["liveness"], "none");
    assert_eq!((board.status(300.0), board.status(301.0)), ("processing".to_owned(), "stuck".to_owned()));
    crate::board::apply(&mut board.projections, &otlp(2, 310.0, "task_completed"));
    assert_eq!(board.status(100_000.0), "idle");
    crate::board::apply(&mut board.projections, &otlp(3, 320.0, "heartbeat"));
    assert_eq!(board.agent(320.0)["liveness"], "metrics");
    assert_eq!(board.status(100_000.0), "stuck");
}

#[test]
fn an_agent_of_traces_alone_that_asked_a_person_waits_as_long_as_it_takes() {
    let otlp = |seq, seconds, event_type: &str| by_otlp(seq, seconds, none(), event_type);
    let mut board = Board::default();
    crate::board::apply(&mut board.projections, &otlp(1, 0.0, "task_started"));
    crate::board::apply(&mut board.projections, &otlp(2, 1.0, "approval_requested"));
    assert_eq!(sweep(&mut board, 2.0), [(None, "waiting_approval".to_owned())]);
    assert_eq!(sweep(&mut board, 100_000.0), []);
    assert_eq!(status_of(&board, "t", 100_000.0), "waiting");
    crate::board::apply(&mut board.projections, &otlp(3, 100_001.0, "approval_received"));
    assert_eq!((board.status(100_301.0), board.status(100_302.0)), ("processing".to_owned(), "stuck".to_owned()));
    assert_eq!(sweep(&mut board, 100_302.0).len(), 1, "it went on, and fell silent");
}

/// Of task `t`, as the receiver of OpenTelemetry says it.
fn by_otlp(seq: u64, seconds: f64, envelope: Value, event_type: &str) -> Given {
    let event = match event_type {
        "heartbeat" => json!({"event_type": event_type}),
        _ => json!({"event_type": event_type, "task_id": "t"}),
    };
    let mut given = given(seq, at(seconds), at(seconds), envelope, event);
    Arc::make_mut(&mut given.stored.envelope).source = Source::Otlp;
    given
}

#[test]
fn a_coding_agent_that_was_closed_after_its_turn_is_idle_and_one_that_died_in_it_is_stuck() {
    let coding = |seq, seconds, event_type: &str| by_otlp(seq, seconds, json!({"agent_type": "coding"}), event_type);
    let mut board = Board::default();
    for (seq, seconds, event_type) in
        [(1, 0.0, "heartbeat"), (2, 5.0, "task_started"), (3, 9.0, "task_completed"), (4, 10.0, "heartbeat")]
    {
        crate::board::apply(&mut board.projections, &coding(seq, seconds, event_type));
    }
    assert_eq!((board.agent(20.0)["liveness"].clone(), board.status(20.0)), (json!("metrics"), "idle".to_owned()));
    assert_eq!((board.agent(400.0)["liveness"].clone(), board.status(400.0)), (json!("none"), "idle".to_owned()));
    assert_eq!(sweep(&mut board, 400.0), [(None, "idle".to_owned())], "nothing to be told");
    crate::board::apply(&mut board.projections, &coding(5, 500.0, "task_started"));
    crate::board::apply(&mut board.projections, &coding(6, 700.0, "heartbeat"));
    assert_eq!(board.status(900.0), "processing", "its metrics tell that a long turn goes on");
    assert_eq!(sweep(&mut board, 900.0), [(Some("idle".to_owned()), "processing".to_owned())]);
    assert_eq!(sweep(&mut board, 1_000.25), [(Some("processing".to_owned()), "stuck".to_owned())]);
    crate::board::apply(&mut board.projections, &coding(7, 1_100.0, "task_completed"));
    assert_eq!(board.status(100_000.0), "idle");
}

#[test]
fn who_speaks_the_clients_format_is_expected_to_beat_whatever_its_ids_look_like() {
    let mut board = Board::default();
    let event = json!({"event_id": "otlp:1", "event_type": "task_completed", "task_id": "t"});
    let given = given(1, at(0.0), at(0.0), json!({"agent_type": "coding"}), event);
    crate::board::apply(&mut board.projections, &given);
    assert_eq!((board.agent(1.0)["liveness"].clone(), board.status(301.0)), (json!("heartbeat"), "stuck".to_owned()));
}

fn sweep(board: &mut Board, seconds: f64) -> Vec<(Option<String>, String)> {
    let changes = board.projections.liveness_sweep(at(seconds)).statuses;
    changes
        .iter()
        .map(|change| {
            (change.previous_status.map(|status| status.as_str().to_owned()), change.new_status.as_str().to_owned())
        })
        .collect()
}

#[test]
fn changes_are_announced_once() {
    let change = |from: Option<&str>, to: &str| vec![(from.map(str::to_owned), to.to_owned())];
    let mut board = Board::default();
    board.on(0.0, "task_started", task("t"));
    assert_eq!(sweep(&mut board, 0.0), change(None, "processing"));
    assert_eq!(sweep(&mut board, 300.0), []);
    assert_eq!(sweep(&mut board, 300.25), change(Some("processing"), "stuck"));
    assert_eq!(sweep(&mut board, 301.0), []);
    board.on(400.0, "heartbeat", none());
    let changes = board.projections.settle(["a", "nobody"], at(400.0)).statuses;
    assert_eq!(changes.len(), 1);
    let told = serde_json::to_value(&changes[0]).unwrap();
    for (field, wanted) in [
        ("previous_status", json!("stuck")),
        ("new_status", json!("processing")),
        ("agent_id", json!("a")),
        ("current_task_id", json!("t")),
        ("timestamp", json!(at(400.0).to_string())),
    ] {
        assert_eq!(told[field], wanted, "{field}");
    }
    assert_eq!(sweep(&mut board, 400.1), []);
}

fn restarted(board: &mut Board, alive_at: f64, now: f64) -> Board {
    let rows = Rows::default();
    rows.save(&mut board.projections);
    let mut projections = rows.restore();
    projections.start(at(alive_at), at(now));
    Board { projections, seq: board.seq }
}

#[test]
fn a_restart_grants_one_threshold_of_grace() {
    let mut board = Board::default();
    board.from(from("one"), 0.0, "task_started", task("t"));
    sweep(&mut board, 100.0);
    let mut board = restarted(&mut board, 200.0, 5000.0);
    assert_eq!((board.status(5300.0), board.status(5300.1)), ("processing".to_owned(), "stuck".to_owned()));
    assert_eq!(sweep(&mut board, 5000.0), [], "nothing happened while it was down");
    // Another restart within the grace does not shorten it.
    let mut board = restarted(&mut board, 5200.0, 5250.0);
    assert_eq!(board.status(5550.0), "processing");
    assert_eq!(sweep(&mut board, 5551.0), [(Some("processing".to_owned()), "stuck".to_owned())]);
    assert_eq!(board.agent(5300.0)["last_seen"], at(0.0).to_string(), "grace is no sign of life");
}

#[test]
fn stuck_agents_stay_stuck_over_a_restart() {
    let mut board = Board::default();
    board.on(0.0, "task_started", task("t"));
    sweep(&mut board, 400.0);
    let mut again = restarted(&mut board, 400.0, 5000.0);
    assert_eq!(again.status(5000.0), "stuck");
    assert_eq!(sweep(&mut again, 5001.0), [], "and that was told before");
    // Stuck, but not told before the server went down.
    let mut board = Board::default();
    board.on(0.0, "heartbeat", none());
    sweep(&mut board, 10.0);
    let mut again = restarted(&mut board, 301.0, 5000.0);
    assert_eq!(sweep(&mut again, 5000.0), [(Some("idle".to_owned()), "stuck".to_owned())]);
}

#[test]
fn the_first_start_announces_nothing() {
    let mut board = Board::default();
    board.on(0.0, "heartbeat", none());
    board.projections.start(Timestamp::MIN, at(1.0));
    assert_eq!(sweep(&mut board, 2.0), []);
}

#[test]
fn a_nameless_process_that_dies_beside_a_living_one_leaves_an_orphan() {
    let mut board = Board::default();
    board.on(10.0, "task_started", task("t")).on(20.0, "heartbeat", none());
    for beat in 1..8 {
        board.from(from("other"), f64::from(beat) * 100.0, "heartbeat", none());
    }
    assert_eq!(status_of(&board, "t", 320.0), "processing", "something nameless came within the threshold");
    assert_eq!(status_of(&board, "t", 321.0), "stuck");
    assert_eq!(board.status(700.0), "idle", "an orphan makes no agent busy");
    board.on(710.0, "heartbeat", none());
    assert_eq!(status_of(&board, "t", 711.0), "processing", "something nameless came again");
}

fn settled(board: &mut Board, seconds: f64) -> (Vec<String>, Vec<String>) {
    let settled = board.projections.liveness_sweep(at(seconds));
    let statuses = settled.statuses.iter().map(|change| change.new_status.as_str().to_owned()).collect();
    (statuses, settled.runs.iter().map(|run| run.task_id.to_string()).collect())
}

#[test]
fn runs_that_change_by_the_clock_are_told() {
    let none_yet = (Vec::<String>::new(), Vec::<String>::new());
    let mut board = Board::default();
    board.from(from("old"), 0.0, "task_started", task("orphan"));
    board.from(from("new"), 100.0, "task_started", task("t"));
    settled(&mut board, 100.0);
    assert_eq!(settled(&mut board, 300.0), none_yet);
    assert_eq!(settled(&mut board, 300.5), (vec![], vec!["orphan".to_owned()]));
    assert_eq!(settled(&mut board, 300.75), none_yet);
    assert_eq!(settled(&mut board, 400.5), (vec!["stuck".to_owned()], vec!["t".to_owned()]));
    board.from(from("new"), 500.0, "heartbeat", none());
    let back = board.projections.settle(["a"], at(500.0));
    assert_eq!(back.statuses.len(), 1);
    assert_eq!(back.runs.iter().map(|run| &*run.task_id).collect::<Vec<_>>(), ["t"], "the orphan stays one");
    board.from(from("old"), 510.0, "heartbeat", none());
    assert_eq!(board.projections.settle(["a"], at(510.0)).runs.len(), 1, "the orphan resumed");
}

#[test]
fn a_jump_of_the_servers_clock_makes_nobody_stuck_and_brings_nobody_back() {
    for by in [3600.0, -3600.0] {
        let mut board = Board::default();
        board.from(from("dead"), 0.0, "task_started", task("orphan"));
        board.from(json!({"agent_id": "b"}), 0.0, "heartbeat", none());
        board.from(from("x"), 350.0, "task_started", task("t"));
        settled(&mut board, 400.0);
        board.projections.clock_jumped(at(400.0), at(400.0 + by));
        assert_eq!(settled(&mut board, 400.25 + by), (vec![], vec![]), "{by}");
        assert_eq!(board.projections.agent_status("b", at(400.25 + by)).unwrap().derived_status.as_str(), "stuck");
        assert_eq!(status_of(&board, "orphan", 401.0 + by), "stuck");
        assert_eq!(status_of(&board, "t", 699.0 + by), "processing", "one full threshold of grace");
        let (statuses, runs) = settled(&mut board, 700.5 + by);
        assert_eq!((statuses.len(), runs), (1, vec!["t".to_owned()]), "and no more: a dead one is found");
        let age = board.agent(700.0 + by)["heartbeat_age_seconds"].clone();
        assert!(age.is_null() || age.as_f64().unwrap() >= 0.0);
    }
}

fn goodbye() -> Value {
    json!({"payload": {"kind": "goodbye", "summary": "Agent a said goodbye", "data": {}}})
}

#[test]
fn an_agent_that_said_goodbye_needs_nobody_and_comes_back_with_its_next_event() {
    let mut board = Board::default();
    board.from(from("x"), 0.0, "task_started", task("t")).from(from("x"), 5.0, "task_failed", task("t"));
    board.from(from("x"), 10.0, "custom", goodbye());
    let agent = board.agent(100_000.0);
    assert_eq!((&agent["derived_status"], &agent["liveness"]), (&json!("idle"), &json!("gone")));
    board.from(json!({"agent_id": "b"}), 0.0, "heartbeat", none());
    let order: Vec<String> = board
        .projections
        .agents(&hiveboard_derive::AgentFilter::default(), hiveboard_derive::AgentSort::Attention, at(20.0))
        .into_iter()
        .map(|agent| agent.agent_id)
        .collect();
    assert_eq!(order, ["b", "a"]);
    board.from(from("x"), 200.0, "heartbeat", none());
    let agent = board.agent(201.0);
    assert_eq!((&agent["derived_status"], &agent["liveness"]), (&json!("error"), &json!("heartbeat")));
    assert_eq!(board.status(501.0), "stuck");
}

#[test]
fn goodbye_of_one_process_leaves_the_others() {
    let mut board = Board::default();
    board.from(from("x"), 0.0, "heartbeat", none()).from(from("y"), 5.0, "heartbeat", none());
    board.from(from("x"), 10.0, "custom", goodbye());
    assert_eq!(board.agent(11.0)["liveness"], "heartbeat", "the other one lives");
    board.from(from("y"), 35.0, "heartbeat", none());
    assert_eq!(board.status(336.0), "stuck", "and dies without a word");
    board.from(from("y"), 340.0, "custom", goodbye());
    assert_eq!((board.agent(999.0)["liveness"].clone(), board.status(999.0)), (json!("gone"), "idle".to_owned()));
}

#[test]
fn a_waiting_run_says_for_whom_for_what_and_since_when() {
    let mut board = Board::default();
    board.on(0.0, "task_started", task("t"));
    let mut ask = task("t");
    ask["payload"] = json!({"summary": "credit of $500", "data": {"approver": "maria"}});
    board.on(7.0, "approval_requested", ask);
    let run = board.task("t", 20.0);
    assert_eq!(run["waiting"]["summary"], "credit of $500");
    assert_eq!((&run["waiting"]["approver"], &run["waiting"]["since"]), (&json!("maria"), &json!(at(7.0).to_string())));
    assert_eq!(run["status_since"], at(7.0).to_string());
    board.on(30.0, "approval_received", task("t"));
    let run = board.task("t", 31.0);
    assert_eq!((&run["waiting"], &run["status_since"]), (&json!(null), &json!(at(30.0).to_string())));
    assert_eq!(
        board.task("t", 1000.0)["status_since"],
        at(330.000_001).to_string(),
        "stuck since the threshold passed"
    );
}

#[test]
fn an_open_runs_age_is_that_of_its_arrival_where_its_clock_cannot_be_right() {
    let mut board = Board::default();
    board.late(-3.3 * 365.0 * 86_400.0, 0.0, "task_started", task("years"));
    assert_eq!(board.task("years", 60.0)["duration_ms"], 60_000.0);
    board.late(-600.0, 0.0, "task_started", task("queued"));
    assert_eq!(board.task("queued", 60.0)["duration_ms"], 660_000.0, "it waited for the network");
    board.late(600.0, 0.0, "task_started", task("ahead"));
    assert_eq!(board.task("ahead", 60.0)["duration_ms"], 60_000.0);
}

#[test]
fn a_named_run_that_started_once_is_closed_by_its_end_whatever_the_clock_did() {
    let named = |task_id: &str| json!({"task_id": task_id, "task_run_id": "r"});
    for arrivals in [[600.0, 0.0], [0.0, 600.0]] {
        let mut board = Board::default();
        for happened in arrivals {
            board.late(happened, 600.0, if happened > 0.0 { "task_started" } else { "task_completed" }, named("t"));
        }
        assert_eq!(status_of(&board, "t", 601.0), "completed", "{arrivals:?}");
        board.late(700.0, 700.0, "task_started", named("t"));
        assert_eq!(status_of(&board, "t", 701.0), "processing", "a second start opens it again");
    }
}

#[test]
fn a_cancelled_run_is_neither_a_success_nor_a_failure() {
    let mut board = Board::default();
    board.on(0.0, "task_completed", task("good")).on(1.0, "task_failed", task("bad"));
    let mut cancelled = task("off");
    cancelled["status"] = json!("cancelled");
    board.on(2.0, "task_completed", cancelled);
    let run = board.task("off", 3.0);
    assert_eq!((&run["derived_status"], &run["error_count"]), (&json!("cancelled"), &json!(0)));
    assert_eq!(board.status(3.0), "idle");
    let agent = board.agent(3.0);
    assert_eq!((&agent["stats_1h"]["success_rate"], &agent["stats_1h"]["throughput"]), (&json!(0.5), &json!(3)));
    let metrics =
        board.projections.task_metrics(&hiveboard_derive::RunFilter::default(), None, None, at(3.0)).finish().unwrap();
    assert_eq!((metrics.summary.completed, metrics.summary.failed, metrics.summary.cancelled), (1, 1, 1));
    assert_eq!(metrics.summary.success_rate, Some(0.5));
}
