"""Section 6 of the manual as printed: every rich event, and where the board shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hiveloop
import pytest

from harness.board import Board
from manual.blocks import Manual


@pytest.fixture
def task(manual: Manual, agent: Any) -> Iterator[Any]:
    """The manual's `task`, open while the test runs."""
    with agent.task("task-123", project="my-project") as open_task:
        manual.names["task"] = open_task
        yield open_task


def run(manual: Manual, *blocks: str) -> None:
    for block in blocks:
        manual.run(block)
    hiveloop.flush()


def events_of(board: Board, event_type: str) -> list[dict[str, Any]]:
    return [event for event in board.timeline("task-123")["events"] if event["event_type"] == event_type]


def test_llm_call(manual: Manual, task: Any, own_board: Board) -> None:
    run(manual, "6.1 llm call")
    (call,) = own_board.all("/v1/llm-calls")
    assert call["call_name"] == "lead_scoring"
    assert call["model"] == "claude-sonnet-4-20250514"
    assert (call["tokens_in"], call["tokens_out"]) == (1500, 200)
    assert call["cost"] == pytest.approx(0.003)
    assert call["duration_ms"] == 1200
    assert call["prompt_preview"] == "You are analyzing..."
    assert call["response_preview"] == '{"score": 42}'
    assert call["task_id"] == "task-123"
    (event,) = events_of(own_board, "custom")
    assert event["render_hint"] == "llm_call"


def test_llm_call_outside_a_task(manual: Manual, agent: Any, own_board: Board) -> None:
    run(manual, "6.1 llm call outside a task")
    (call,) = own_board.all("/v1/cost/calls")
    assert call["task_id"] is None
    assert call["cost"] == pytest.approx(0.001)
    assert own_board.agent("my-agent")["stats_1h"]["llm_call_count"] == 1


def test_cost_helper(manual: Manual, task: Any, own_board: Board) -> None:
    calculate_cost = manual.run("6.1 cost helper")["calculate_cost"]
    cost = calculate_cost("gpt-4o", 1500, 200)
    assert cost == 0.0105
    task.llm_call("priced", "gpt-4o", tokens_in=1500, tokens_out=200, cost=cost)
    hiveloop.flush()
    assert own_board.task("task-123")["total_cost"] == pytest.approx(0.0105)


def test_plan(manual: Manual, task: Any, own_board: Board) -> None:
    run(manual, "6.2 plan")
    plan = own_board.timeline("task-123")["plan"]
    assert plan["goal"] == "Process lead #4801"
    assert [step["description"] for step in plan["steps"]] == ["Score lead", "Enrich data", "Route to rep"]
    assert {step["action"] for step in plan["steps"]} == {"pending"}


def test_plan_steps(manual: Manual, task: Any, own_board: Board) -> None:
    run(manual, "6.2 plan", "6.2 plan steps")
    plan = own_board.timeline("task-123")["plan"]
    assert [step["action"] for step in plan["steps"]] == ["completed", "completed", "pending"]
    assert (plan["steps"][0]["turns"], plan["steps"][0]["tokens"]) == (1, 2500)
    progress = own_board.task("task-123")["plan_progress"]
    assert (progress["completed"], progress["total"]) == (2, 3)
    assert own_board.task("task-123")["error_count"] == 1


def test_escalation(manual: Manual, task: Any, own_board: Board) -> None:
    run(manual, "6.3 escalation")
    (event,) = events_of(own_board, "escalated")
    assert event["payload"]["summary"] == "Complex billing issue — needs senior review"
    assert event["payload"]["data"]["assigned_to"] == "senior-support"
    shown = own_board.task("task-123")
    assert (shown["derived_status"], shown["has_escalation"]) == ("escalated", True)


def test_approval(manual: Manual, task: Any, own_board: Board) -> None:
    run(manual, "6.4 approval request")
    assert own_board.agent("my-agent")["derived_status"] == "waiting_approval"
    assert own_board.task("task-123")["derived_status"] == "waiting"
    (asked,) = events_of(own_board, "approval_requested")
    assert asked["payload"]["data"]["approver"] == "support-lead"
    run(manual, "6.4 approval received")
    assert own_board.agent("my-agent")["derived_status"] == "processing"
    shown = own_board.task("task-123")
    assert (shown["derived_status"], shown["has_human_intervention"]) == ("processing", True)
    (answered,) = events_of(own_board, "approval_received")
    assert answered["payload"]["data"]["approved_by"] == "support-lead"
    assert answered["payload"]["data"]["decision"] == "approved"


def test_retry(manual: Manual, task: Any, own_board: Board) -> None:
    run(manual, "6.5 retry")
    (event,) = events_of(own_board, "retry_started")
    assert event["severity"] == "warn"
    assert (event["payload"]["data"]["attempt"], event["payload"]["data"]["backoff_seconds"]) == (2, 4.0)
    assert own_board.task("task-123")["retry_count"] == 1


def test_issue_reported_and_resolved(manual: Manual, agent: Any, own_board: Board) -> None:
    run(manual, "6.6 report issue")
    (issue,) = own_board.pipeline("my-agent")["issues"]["items"]
    assert issue["issue_id"] == "crm-timeout"
    assert issue["status"] == "open"
    assert (issue["severity"], issue["category"]) == ("high", "connectivity")
    assert issue["context"] == {"api": "salesforce", "timeout_ms": 5000}
    assert own_board.agent("my-agent")["stats_1h"]["active_issues"] == 1
    run(manual, "6.6 resolve issue")
    (issue,) = own_board.pipeline("my-agent")["issues"]["items"]
    assert issue["status"] == "resolved"
    assert own_board.agent("my-agent")["stats_1h"]["active_issues"] == 0


def test_todo(manual: Manual, agent: Any, own_board: Board) -> None:
    run(manual, "6.7 todo")
    todos = own_board.pipeline("my-agent")["todos"]
    assert todos["active_count"] == 1
    (item,) = todos["items"]
    assert item["todo_id"] == "todo-kb-update"
    assert item["summary"] == "Update knowledge base with new product FAQ"
    assert (item["action"], item["priority"], item["source"]) == ("created", "normal", "agent_decision")
    agent.todo("todo-kb-update", "completed", "Done")
    hiveloop.flush()
    todos = own_board.pipeline("my-agent")["todos"]
    assert (todos["active_count"], todos["completed_count"]) == (0, 1)


def test_scheduled(manual: Manual, agent: Any, own_board: Board) -> None:
    run(manual, "6.8 scheduled")
    items = own_board.pipeline("my-agent")["scheduled"]["items"]
    assert [item["id"] for item in items] == ["sched-sync", "sched-cleanup"]
    assert items[0]["name"] == "CRM Pipeline Sync"
    assert items[0]["next_run"].startswith("2026-02-12T15:00:00")
    assert (items[0]["interval"], items[0]["enabled"], items[0]["last_status"]) == ("1h", True, "success")
    assert items[1]["last_status"] is None


def test_custom_event(manual: Manual, task: Any, own_board: Board) -> None:
    run(manual, "6.9 custom event")
    (event,) = events_of(own_board, "custom")
    assert event["payload"]["kind"] == "my_custom_kind"
    assert event["payload"]["summary"] == "Something interesting happened"
    assert event["payload"]["data"] == {"key": "value"}
    assert event["payload"]["original_type"] == "custom_event_type"
