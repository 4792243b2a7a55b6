"""Sections 9 to 11 of the manual: every parameter and every function does what its line says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import hiveloop
import pytest

from harness.board import Board
from harness.server import Server


@pytest.fixture
def hb(own_board: Board) -> Iterator[Any]:
    """A client with the parameters of section 9.1 spelled out."""
    yield hiveloop.init(
        api_key=own_board.key,
        endpoint=own_board.url,
        environment="staging",
        group="team-alpha",
        flush_interval=0.2,
        batch_size=50,
        max_queue_size=5000,
        debug=False,
    )
    hiveloop.reset()


@pytest.fixture
def agent(hb: Any) -> Any:
    """An agent with the parameters of section 9.2 spelled out."""
    return hb.agent(
        "worker",
        type="etl",
        version="3.2.1",
        framework="langchain",
        heartbeat_interval=0,
        stuck_threshold=60,
        heartbeat_payload=None,
        queue_provider=None,
    )


def flushed(board: Board) -> Board:
    hiveloop.flush()
    return board


def test_agent_parameters(agent: Any, own_board: Board) -> None:
    seen = flushed(own_board).agent("worker")
    assert (seen["agent_type"], seen["agent_version"], seen["framework"]) == ("etl", "3.2.1", "langchain")
    assert (seen["environment"], seen["group"], seen["stuck_threshold_seconds"]) == ("staging", "team-alpha", 60)
    assert [found["agent_id"] for found in own_board.all("/v1/agents", environment="staging", group="team-alpha")] == [
        "worker"
    ]
    assert own_board.all("/v1/agents", environment="production") == []


def test_flush_interval_sends_without_being_asked(agent: Any, own_board: Board) -> None:
    agent.event("custom", {"kind": "note", "summary": "sent by itself"})
    own_board.eventually(lambda: own_board.of_kind("note"), bool, 5)


def test_batch_size_is_kept(agent: Any, own_board: Board) -> None:
    for number in range(120):
        agent.event("custom", {"kind": "note", "summary": str(number)})
    events = flushed(own_board).of_kind("note")
    assert sorted(int(event["payload"]["summary"]) for event in events) == list(range(120))


def test_api_key_must_begin_with_hb() -> None:
    with pytest.raises(hiveloop.HiveLoopError, match="hb_"):
        hiveloop.init(api_key="sk_live_1")


def test_init_is_a_singleton_until_reset(hb: Any, own_board: Board) -> None:
    assert hiveloop.init(api_key=own_board.key) is hb
    hiveloop.reset()
    again = hiveloop.init(api_key=own_board.key, endpoint=own_board.url)
    assert again is not hb


def test_agent_task_and_start_task(agent: Any, own_board: Board) -> None:
    with agent.task("a", project="p", type="t"):
        pass
    by_hand = agent.start_task("b", project="p", type="t")
    assert flushed(own_board).task("b")["derived_status"] == "processing"
    by_hand.complete()
    assert {run["task_id"]: run["derived_status"] for run in flushed(own_board).all("/v1/tasks")} == {
        "a": "completed",
        "b": "completed",
    }


def test_task_fail_by_hand(agent: Any, own_board: Board) -> None:
    by_hand = agent.start_task("b")
    by_hand.fail(exception=ValueError("no"))
    assert flushed(own_board).task("b")["derived_status"] == "failed"


def test_track_and_track_context(agent: Any, own_board: Board) -> None:
    @agent.track("outer")
    def outer() -> None:
        with agent.track_context("inner") as action:
            action.set_payload({"rows": 7})

    with agent.task("a"):
        outer()
    timeline = flushed(own_board).timeline("a")
    assert timeline["action_tree"][0]["name"] == "outer"
    assert timeline["action_tree"][0]["children"][0]["name"] == "inner"
    ended = next(
        event for event in timeline["events"] if event["event_type"] == "action_completed" and event["parent_action_id"]
    )
    assert ended["payload"]["rows"] == 7


def test_actions_outside_of_tasks(agent: Any, own_board: Board) -> None:
    agent.track("alone")(lambda: None)()
    events = flushed(own_board).events(event_type="action_completed")
    assert [event["task_id"] for event in events] == [None]


def test_agent_event(agent: Any, own_board: Board) -> None:
    agent.event("custom", {"kind": "note", "summary": "between tasks", "data": {"n": 1}})
    (event,) = flushed(own_board).of_kind("note")
    assert (event["task_id"], event["payload"]["data"]) == (None, {"n": 1})


def test_agent_llm_call(agent: Any, own_board: Board) -> None:
    agent.llm_call("summarize", "gpt-4o", tokens_in=10, tokens_out=2, cost=0.25)
    (call,) = flushed(own_board).all("/v1/llm-calls")
    assert (call["agent_id"], call["task_id"], call["cost"]) == ("worker", None, 0.25)


def test_llm_call_needs_only_name_and_model(agent: Any, own_board: Board) -> None:
    with agent.task("a") as task:
        task.llm_call("reasoning", "some-model")
    (call,) = flushed(own_board).all("/v1/llm-calls")
    assert (call["cost"], call["cost_source"], call["tokens_in"]) == (None, "unknown", None)


def test_cost_is_estimated_from_tokens(agent: Any, own_board: Board) -> None:
    with agent.task("a") as task:
        task.llm_call("reasoning", "claude-sonnet-4-20250514", tokens_in=1_000_000, tokens_out=0)
    (call,) = flushed(own_board).all("/v1/llm-calls")
    assert call["cost_source"] == "estimated"
    assert call["cost"] == pytest.approx(3.0)
    assert own_board.task("a")["estimated_cost"] == pytest.approx(3.0)


def test_queue_snapshot(agent: Any, own_board: Board) -> None:
    agent.queue_snapshot(
        depth=3,
        oldest_age_seconds=90,
        items=[{"id": "q1", "priority": "high", "source": "mail", "summary": "first"}],
        processing={"id": "q0", "summary": "now", "elapsed_ms": 1200},
    )
    queue = flushed(own_board).pipeline("worker")["queue"]
    assert (queue["depth"], queue["oldest_age_seconds"]) == (3, 90)
    assert queue["items"][0]["summary"] == "first"
    assert queue["processing"]["id"] == "q0"


@pytest.mark.parametrize(
    ("action", "active", "completed"),
    [("completed", 0, 1), ("failed", 1, 0), ("dismissed", 0, None), ("deferred", 1, 0)],
)
def test_todo_actions(agent: Any, own_board: Board, action: str, active: int, completed: int | None) -> None:
    agent.todo(
        "t1", "created", "Something", priority="high", source="human", context="because", due_by="2027-01-01T00:00:00Z"
    )
    agent.todo("t1", action, "Something later")
    todos = flushed(own_board).pipeline("worker")["todos"]
    assert todos["active_count"] == active
    if completed is not None:
        assert todos["completed_count"] == completed


def test_issues_count_their_occurrences(agent: Any, own_board: Board) -> None:
    for _ in range(3):
        agent.report_issue("CRM refuses us", severity="critical", category="credentials")
    (issue,) = flushed(own_board).pipeline("worker")["issues"]["items"]
    assert (issue["occurrences"], issue["status"], issue["severity"]) == (3, "open", "critical")


def test_issue_without_id_is_resolved_by_its_summary(agent: Any, own_board: Board) -> None:
    agent.report_issue("CRM refuses us", severity="low")
    agent.resolve_issue("CRM refuses us")
    (issue,) = flushed(own_board).pipeline("worker")["issues"]["items"]
    assert issue["status"] == "resolved"


def test_set_payload_is_part_of_the_completion(agent: Any, own_board: Board) -> None:
    with agent.task("a") as task:
        task.set_payload({"score": 42})
    assert flushed(own_board).timeline("a")["events"][-1]["payload"]["score"] == 42


def test_revised_plan(agent: Any, own_board: Board) -> None:
    with agent.task("a") as task:
        task.plan("goal", ["one", "two"])
        task.plan_step(0, "completed", "one")
        task.plan("goal, again", ["one", "two", "three"], revision=1)
        task.plan_step(0, "skipped", "done before")
    plan = flushed(own_board).timeline("a")["plan"]
    assert (plan["goal"], plan["revision"], len(plan["steps"])) == ("goal, again", 1, 3)
    assert [step["action"] for step in plan["steps"]] == ["skipped", "pending", "pending"]


def test_task_run_id_and_correlation_id(agent: Any, own_board: Board) -> None:
    for run in ("first", "second"):
        with agent.task("a", task_run_id=run, correlation_id="order-7"):
            time.sleep(0.01)
    runs = flushed(own_board).all("/v1/tasks", correlation_id="order-7")
    assert {run["task_run_id"] for run in runs} == {"first", "second"}
    assert own_board.timeline("a")["task_run_id"] == "second"


def test_heartbeat_interval_zero_sends_none(agent: Any, own_board: Board) -> None:
    time.sleep(1.2)
    assert flushed(own_board).events(event_type="heartbeat") == []


def test_flush_and_shutdown_return(hb: Any, own_board: Board) -> None:
    hb.agent("worker")
    assert hiveloop.flush() is True
    hiveloop.shutdown(timeout=10)
    hb.agent("worker").event("custom", {"kind": "late"})
    assert own_board.of_kind("late") == []


def test_server_down_never_reaches_the_host(new_server: Callable[..., Server]) -> None:
    server = new_server()
    key = server.create_key()
    server.stop()
    hb = hiveloop.init(api_key=key, endpoint=server.url, flush_interval=0.1)
    agent = hb.agent("patient")
    with agent.task("a"):
        time.sleep(0.3)
    server.start()
    try:
        board = server.board(key)
        board.eventually(
            lambda: board.all("/v1/tasks"), lambda runs: [run["derived_status"] for run in runs] == ["completed"], 15
        )
    finally:
        hiveloop.reset()


def test_unknown_project_is_rejected_where_the_server_says_so(new_server: Callable[..., Server]) -> None:
    server = new_server(AUTO_CREATE_PROJECTS="false")
    board = server.board()
    hb = hiveloop.init(api_key=board.key, endpoint=server.url)
    try:
        agent = hb.agent("worker")
        with agent.task("refused", project="not-there"):
            pass
        hiveloop.flush()
        assert hiveloop.stats()["rejected"] == 2
        created = board.client.post("/v1/projects", json={"name": "There", "slug": "there"})
        assert created.status_code in (200, 201), created.text
        with agent.task("accepted", project="there"):
            pass
        hiveloop.flush()
        assert [run["task_id"] for run in board.all("/v1/tasks")] == ["accepted"]
    finally:
        hiveloop.reset()


def test_live_and_test_keys_see_their_own_data(own_board: Board, new_server: Callable[..., Server]) -> None:
    server = new_server()
    live, test = server.board(), server.board(server.create_key("test"))
    for board, agent_id in ((live, "real"), (test, "trial")):
        hiveloop.init(api_key=board.key, endpoint=server.url).agent(agent_id)
        hiveloop.reset()
    assert (list(live.agents()), list(test.agents())) == (["real"], ["trial"])
