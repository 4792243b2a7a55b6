"""Sections 2 and 4 of the manual as printed, and what the board shows afterwards."""

from __future__ import annotations

import queue
import time
from types import SimpleNamespace
from typing import Any

import hiveloop
import pytest

from harness.board import Board
from manual.blocks import Manual


def test_three_lines_to_the_first_heartbeat(manual: Manual, own_board: Board) -> None:
    manual.run("first heartbeat")
    hiveloop.flush()
    agent = own_board.agent("my-agent")
    assert agent["agent_type"] == "general"
    assert agent["derived_status"] == "idle"
    assert agent["is_stuck"] is False
    assert agent["environment"] == "production"
    assert agent["group"] == "default"
    assert agent["stuck_threshold_seconds"] == 300


def test_five_more_lines_to_a_task_with_its_cost(manual: Manual, own_board: Board) -> None:
    manual.run("first heartbeat")
    names = manual.run("task tracking", do_work=lambda: "done")
    assert names["result"] == "done"
    hiveloop.flush()
    task = own_board.task("task-123")
    assert task["derived_status"] == "completed"
    assert task["project_id"] == "my-project"
    assert task["task_type"] == "processing"
    assert task["agent_id"] == "my-agent"
    assert task["llm_call_count"] == 1
    assert task["total_cost"] == pytest.approx(0.003)
    assert (task["total_tokens_in"], task["total_tokens_out"]) == (1500, 200)
    cost = own_board.get("/v1/cost", range="1h")
    assert cost["totals"]["cost"] == pytest.approx(0.003)
    assert cost["totals"]["call_count"] == 1
    (call,) = own_board.all("/v1/cost/calls")
    assert call["call_name"] == "reasoning"
    assert call["model"] == "claude-sonnet-4-20250514"
    assert call["cost_source"] == "reported"


def test_initialize(manual: Manual, own_board: Board) -> None:
    hb = manual.run("4.1 initialize")["hb"]
    # "No HTTP call is made": the server has seen nothing of this key's agents yet.
    assert own_board.agents() == {}
    assert hiveloop.init(api_key=own_board.key) is hb
    hb.agent("labelled")
    hiveloop.flush()
    agent = own_board.agent("labelled")
    assert (agent["environment"], agent["group"]) == ("production", "my-team")


def test_api_key_format_is_validated(manual: Manual) -> None:
    with pytest.raises(hiveloop.HiveLoopError):
        hiveloop.init(api_key="not-a-key")


def test_register_an_agent(manual: Manual, own_board: Board) -> None:
    hb = manual.run("4.1 initialize")["hb"]
    agent = manual.run("4.2 register")["agent"]
    assert hb.agent("my-agent") is agent
    hiveloop.flush()
    seen = own_board.agent("my-agent")
    assert seen["agent_version"] == "1.2.0"
    assert seen["stuck_threshold_seconds"] == 300
    assert len(own_board.events(event_type="agent_registered")) == 1


def test_multiple_agents(manual: Manual, own_board: Board) -> None:
    manual.run("4.1 initialize")
    manual.run("4.3 multiple agents")
    hiveloop.flush()
    types = {agent_id: agent["agent_type"] for agent_id, agent in own_board.agents().items()}
    assert types == {"lead-qualifier": "sales", "support-triage": "support", "data-pipeline": "etl"}


@pytest.fixture
def quick_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """The printed registrations use the default interval of 30 s; nobody waits that long in a test."""
    register = hiveloop.HiveBoard.agent

    def agent(self: Any, agent_id: str, **options: Any) -> Any:
        return register(self, agent_id, **({"heartbeat_interval": 1} | options))

    monkeypatch.setattr(hiveloop.HiveBoard, "agent", agent)


@pytest.mark.usefixtures("quick_heartbeats")
def test_heartbeat_enrichment(manual: Manual, own_board: Board) -> None:
    manual.run("4.1 initialize")
    manual.run(
        "4.4 heartbeat enrichment", get_queue_size=lambda: 4, get_memory_usage=lambda: 88.5, get_uptime=lambda: 17
    )

    def heartbeats() -> list[dict[str, Any]]:
        hiveloop.flush()
        return own_board.events(event_type="heartbeat")

    beat = own_board.eventually(heartbeats, bool, 10)[0]
    assert beat["payload"]["kind"] == "heartbeat_status"
    assert beat["payload"]["data"] == {"queue_depth": 4, "memory_mb": 88.5, "uptime_seconds": 17}
    agent = own_board.agent("my-agent")
    assert agent["last_heartbeat"] is not None
    assert agent["heartbeat_summary"] == "Queue depth: 4"


@pytest.mark.usefixtures("quick_heartbeats")
def test_queue_visibility(manual: Manual, own_board: Board) -> None:
    work_queue: queue.Queue[Any] = queue.Queue()
    for number in range(12):
        work_queue.put(SimpleNamespace(id=f"item-{number}", priority="high", summary=f"number {number}"))
    manual.run("4.1 initialize")
    manual.run("4.5 queue visibility", work_queue=work_queue, get_oldest_item_age=lambda: 61)

    def shown() -> dict[str, Any] | None:
        hiveloop.flush()
        return own_board.pipeline("my-agent")["queue"]

    seen = own_board.eventually(shown, lambda queue_seen: queue_seen is not None, 10)
    assert seen is not None
    assert (seen["depth"], seen["oldest_age_seconds"]) == (12, 61)
    assert [item["id"] for item in seen["items"]] == [f"item-{number}" for number in range(10)]
    assert own_board.agent("my-agent")["stats_1h"]["queue_depth"] == 12


def test_shutdown_sends_what_is_pending(manual: Manual, own_board: Board) -> None:
    manual.run("first heartbeat")
    for number in range(250):
        manual.names["agent"].event("custom", {"kind": "note", "summary": f"note {number}"})
    started = time.monotonic()
    manual.run("4.6 shutdown")
    assert time.monotonic() - started < 10
    assert len(own_board.of_kind("note")) == 250
