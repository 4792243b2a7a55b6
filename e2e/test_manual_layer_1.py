"""Section 5 of the manual as printed: tasks, actions, nesting, exceptions."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import hiveloop
import httpx
import pytest

from harness.board import Board
from manual.blocks import Manual


def only(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    (node,) = nodes
    return node


def test_task_context_manager(manual: Manual, agent: Any, own_board: Board) -> None:
    manual.run("5.1 task context manager", process_lead=lambda lead: time.sleep(0.05), lead={})
    hiveloop.flush()
    timeline = own_board.timeline("task-123")
    assert [event["event_type"] for event in timeline["events"]] == ["task_started", "task_completed"]
    task = own_board.task("task-123")
    assert task["derived_status"] == "completed"
    assert 50 <= task["duration_ms"] < 5000
    assert own_board.agent("my-agent")["derived_status"] == "idle"


def test_failing_task_is_recorded_and_re_raised(manual: Manual, agent: Any, own_board: Board) -> None:
    def process_lead(lead: Any) -> None:
        raise KeyError("no such lead")

    with pytest.raises(KeyError, match="no such lead"):
        manual.run("5.1 task context manager", process_lead=process_lead, lead={})
    hiveloop.flush()
    failed = own_board.timeline("task-123")["events"][-1]
    assert failed["event_type"] == "task_failed"
    assert failed["payload"]["exception_type"] == "KeyError"
    assert "no such lead" in failed["payload"]["exception_message"]
    assert own_board.task("task-123")["derived_status"] == "failed"
    assert own_board.agent("my-agent")["derived_status"] == "error"


def test_start_task_completed(manual: Manual, agent: Any, own_board: Board) -> None:
    manual.run("5.2 start_task", do_work=lambda: "fine")
    hiveloop.flush()
    end = own_board.timeline("task-123")["events"][-1]
    assert end["event_type"] == "task_completed"
    assert end["payload"]["result"] == "fine"


def test_start_task_failed(manual: Manual, agent: Any, own_board: Board) -> None:
    def do_work() -> None:
        raise RuntimeError("it broke")

    with pytest.raises(RuntimeError):
        manual.run("5.2 start_task", do_work=do_work)
    hiveloop.flush()
    end = own_board.timeline("task-123")["events"][-1]
    assert end["event_type"] == "task_failed"
    assert end["payload"]["exception_type"] == "RuntimeError"


def test_decorator(manual: Manual, agent: Any, own_board: Board) -> None:
    score_lead = manual.run("5.3 decorator", calculate_score=lambda lead: 42)["score_lead"]
    with agent.task("task-123"):
        assert score_lead({"name": "Ada"}) == 42
    hiveloop.flush()
    timeline = own_board.timeline("task-123")
    action = only(timeline["action_tree"])
    assert action["name"] == "score_lead"
    assert action["status"] == "completed"
    started = next(event for event in timeline["events"] if event["event_type"] == "action_started")
    assert started["payload"]["action_name"] == "score_lead"
    assert "score_lead" in started["payload"]["function"]


def test_async_decorator(manual: Manual, agent: Any, own_board: Board) -> None:
    fetch_data = manual.run("5.3 async decorator", httpx=httpx)["fetch_data"]

    async def run() -> httpx.Response:
        with agent.task("task-123"):
            answer: httpx.Response = await fetch_data(own_board.url + "/health")
            return answer

    assert asyncio.run(run()).status_code == 200
    hiveloop.flush()
    action = only(own_board.timeline("task-123")["action_tree"])
    assert (action["name"], action["status"]) == ("fetch_data", "completed")
    assert action["duration_ms"] >= 0


def test_nested_actions(manual: Manual, agent: Any, own_board: Board) -> None:
    def sleepy(seconds: float) -> Any:
        return lambda *_: time.sleep(seconds)

    names = manual.run(
        "5.4 nested actions", llm_score=sleepy(0.11), api_enrich=sleepy(0.08), assign_to_rep=sleepy(0.13)
    )
    with agent.task("task-123"):
        names["process_lead"]({"id": 4801})
    hiveloop.flush()
    root = only(own_board.timeline("task-123")["action_tree"])
    assert root["name"] == "process_lead"
    assert [child["name"] for child in root["children"]] == ["score_lead", "enrich_lead", "route_lead"]
    assert root["duration_ms"] >= 320
    assert [child["duration_ms"] >= least for child, least in zip(root["children"], (110, 80, 130), strict=True)] == [
        True
    ] * 3
    assert own_board.task("task-123")["action_count"] == 4


def test_exceptions_are_recorded_and_not_swallowed(manual: Manual, agent: Any, own_board: Board) -> None:
    handled: list[bool] = []
    with agent.task("task-123"):
        manual.run("5.5 exceptions", handle_error=lambda: handled.append(True))
    assert handled == [True]
    hiveloop.flush()
    timeline = own_board.timeline("task-123")
    failed = next(event for event in timeline["events"] if event["event_type"] == "action_failed")
    assert failed["payload"]["exception_type"] == "ValueError"
    assert failed["payload"]["exception_message"] == "something broke"
    assert only(timeline["action_tree"])["status"] == "failed"
    task = own_board.task("task-123")
    assert (task["derived_status"], task["error_count"]) == ("completed", 1)
