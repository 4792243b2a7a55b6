//! In which state agents were, and for how long.

use hiveboard_derive::{
    Projections,
    view::{AgentStateView, StateKind},
};
use serde_json::json;

use crate::board::{Board, Rows, at, given};

fn states(projections: &Projections, until: f64) -> AgentStateView {
    projections.agent_states("a", at(0.0), at(until), at(until)).expect("the agent is known")
}

fn kinds(view: &AgentStateView) -> Vec<(StateKind, f64)> {
    view.states.iter().map(|span| (span.state, span.duration_seconds.round())).collect()
}

/// A board whose server looks after each event, and at the clock once a second.
fn watched(board: &mut Board, from: u32, until: u32) {
    for second in from..=until {
        board.projections.liveness_sweep(at(f64::from(second)));
    }
}

#[test]
fn who_was_stuck_when_and_how_long_is_known_afterwards() {
    let mut board = Board::default();
    board.on(0.0, "agent_registered", json!({"payload": {"data": {"stuck_threshold": 60}}}));
    board.projections.settle(["a"], at(0.0));
    watched(&mut board, 1, 200);
    board.on(200.0, "heartbeat", json!({}));
    board.projections.settle(["a"], at(200.0));
    watched(&mut board, 201, 240);
    let view = states(&board.projections, 240.0);
    assert_eq!(kinds(&view), [(StateKind::Up, 61.0), (StateKind::Stuck, 139.0), (StateKind::Up, 40.0)]);
    assert_eq!(view.states[2].ended_at, None);
    let stuck = view.totals.iter().find(|total| total.state == StateKind::Stuck).unwrap();
    assert_eq!((stuck.seconds.round(), stuck.times), (139.0, 1));
    assert!((view.uptime.unwrap() - 101.0 / 240.0).abs() < 0.01, "{:?}", view.uptime);
    let rows = Rows::default();
    rows.save(&mut board.projections);
    assert_eq!(states(&rows.restore(), 240.0), view);
    let deaths =
        board.projections.state_history(&[StateKind::Stuck], at(0.0), at(240.0), at(240.0), None, |_, _, _| true);
    assert_eq!(deaths.len(), 1);
    let none =
        board.projections.state_history(&[StateKind::Stuck], at(0.0), at(240.0), at(240.0), Some("p"), |_, _, _| true);
    assert_eq!(none, []);
}

#[test]
fn folded_again_from_the_events_it_comes_out_the_same() {
    let mut projections = Projections::new();
    let registered = json!({"event_type": "agent_registered", "payload": {"data": {"stuck_threshold": 60}}});
    let request = json!({"event_type": "approval_requested", "task_id": "t"});
    let goodbye = json!({"event_type": "custom", "payload": {"kind": "goodbye"}});
    let answer = json!({"event_type": "task_completed", "task_id": "t"});
    for (seq, (second, event)) in
        [(0.0, registered), (200.0, request), (230.0, answer), (240.0, goodbye)].into_iter().enumerate()
    {
        let one = given(seq as u64 + 1, at(second), at(second), json!({}), event);
        projections.replay_clock("a", at(second));
        crate::board::apply(&mut projections, &one);
        projections.replay_state("a", at(second));
    }
    let view = states(&projections, 300.0);
    assert_eq!(
        kinds(&view),
        [
            (StateKind::Up, 60.0),
            (StateKind::Stuck, 140.0),
            (StateKind::Waiting, 30.0),
            (StateKind::Up, 10.0),
            (StateKind::Gone, 60.0)
        ]
    );
}

#[test]
fn while_the_server_is_away_nobody_knows() {
    let mut board = Board::default();
    board.on(0.0, "heartbeat", json!({}));
    board.projections.settle(["a"], at(0.0));
    board.projections.start(at(100.0), at(1_000.0));
    board.projections.liveness_sweep(at(1_000.0));
    let view = states(&board.projections, 1_100.0);
    assert_eq!(kinds(&view), [(StateKind::Up, 100.0), (StateKind::Unwatched, 900.0), (StateKind::Up, 100.0)]);
    assert_eq!(view.uptime, Some(1.0));
}
