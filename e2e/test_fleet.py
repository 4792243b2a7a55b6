"""The demo fleet, at high speed, makes everything that the board is there to show."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from harness.board import Board
from harness.server import ROOT, Server

SPEED = 8.0
RUN_SECONDS = 35.0


def start_fleet(board: Board, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "fleet", "--endpoint", board.url, "--api-key", board.key, "--seed", "7", *options]
    return subprocess.Popen(command, cwd=ROOT / "examples", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Board, set[str]]]:
    """A board after a fast show, and every agent status that was seen during it."""
    server = Server(tmp_path_factory.mktemp("fleet"))
    server.start()
    board = server.board()
    fleet = start_fleet(board, "--speed", str(SPEED), "--duration", str(RUN_SECONDS))
    statuses: set[str] = set()
    while fleet.poll() is None:
        for agent in board.agents().values():
            statuses.add(f"{agent['derived_status']}:{agent['agent_id']}")
        time.sleep(0.25)
    said, _ = fleet.communicate()
    assert fleet.returncode == 0, said
    yield board, statuses
    server.end()


Shown = tuple[Board, set[str]]


def test_agents_of_different_temper(shown: Shown) -> None:
    agents = shown[0].agents()
    assert len(agents) == 14
    assert len({agent["agent_type"] for agent in agents.values()}) >= 8
    assert {agent["environment"] for agent in agents.values()} == {"production", "staging"}
    assert len({agent["group"] for agent in agents.values()}) == 4
    assert all(agent["last_heartbeat"] and agent["heartbeat_summary"] for agent in agents.values())


def test_the_killed_one_was_caught_as_stuck(shown: Shown) -> None:
    assert "stuck:web-crawler" in shown[1]


def test_statuses_that_need_a_person(shown: Shown) -> None:
    kinds = {status.split(":")[0] for status in shown[1]}
    assert kinds >= {"processing", "waiting_approval", "error", "idle", "stuck"}


def test_nothing_is_left_open_but_what_died(shown: Shown) -> None:
    unfinished = {
        run["agent_id"] for run in shown[0].all("/v1/tasks") if run["derived_status"] not in ("completed", "failed")
    }
    assert unfinished <= {"web-crawler"}


def test_plans_are_made_and_revised(shown: Shown) -> None:
    board = shown[0]
    revisions = set()
    for run in board.all("/v1/tasks", agent_id="data-pipeline"):
        plan = board.timeline(run["task_id"], task_run_id=run["task_run_id"])["plan"]
        revisions.add(plan["revision"])
    assert revisions >= {0, 1}
    steps = [one["payload"]["data"]["action"] for one in board.events(payload_kind="plan_step")]
    assert set(steps) == {"started", "completed", "failed", "skipped"}


def depth(node: dict[str, Any]) -> int:
    return 1 + max((depth(child) for child in node["children"]), default=0)


def test_actions_are_nested(shown: Shown) -> None:
    board = shown[0]
    runs = board.all("/v1/tasks", agent_id="coding-assistant")
    trees = [board.timeline(run["task_id"], task_run_id=run["task_run_id"])["action_tree"] for run in runs]
    assert max(depth(node) for tree in trees for node in tree) >= 2


def test_models_costs_and_estimates(shown: Shown) -> None:
    calls = shown[0].all("/v1/llm-calls")
    assert len({call["model"] for call in calls}) == 5
    assert {call["cost_source"] for call in calls} == {"reported", "estimated"}
    assert all(
        call["tokens_in"] and call["tokens_out"] and call["prompt_preview"] and call["response_preview"]
        for call in calls
        if call["task_id"]
    )
    assert shown[0].get("/v1/cost", range="1h")["totals"]["cost"] > 0.5


def test_retries_failures_escalations_and_approvals(shown: Shown) -> None:
    board = shown[0]
    kinds = {one["event_type"] for one in board.events()}
    assert kinds >= {
        "retry_started",
        "task_failed",
        "action_failed",
        "escalated",
        "approval_requested",
        "approval_received",
    }
    exceptions = {one["payload"]["exception_type"] for one in board.events(event_type="action_failed,task_failed")}
    assert exceptions >= {
        "TimeoutError",
        "IntegrityError",
        "PermissionError",
        "JSONDecodeError",
        "SyntaxError",
        "AssertionError",
    }
    decisions = {one["payload"]["data"]["decision"] for one in board.events(event_type="approval_received")}
    assert decisions == {"approved", "rejected"}


def test_queues_todos_schedules_and_issues(shown: Shown) -> None:
    board = shown[0]
    pipelines = {agent_id: board.pipeline(agent_id) for agent_id in board.agents()}
    assert all(pipeline["queue"] is not None for pipeline in pipelines.values())
    assert any(pipeline["queue"]["depth"] > 5 for pipeline in pipelines.values())
    todos = pipelines["knowledge-curator"]["todos"]
    assert todos["active_count"] >= 1
    assert todos["completed_count"] >= 1
    assert len(pipelines["data-pipeline"]["scheduled"]["items"]) == 3
    issues = [issue for pipeline in pipelines.values() for issue in pipeline["issues"]["items"]]
    assert {issue["status"] for issue in issues} >= {"open", "resolved"}
    assert max(issue["occurrences"] for issue in issues) >= 3


def test_work_is_handed_from_agent_to_agent(shown: Shown) -> None:
    board = shown[0]
    (flow, *_) = {run["correlation_id"] for run in board.all("/v1/tasks", agent_id="coordinator", status="completed")}
    members = {run["agent_id"] for run in board.all("/v1/tasks", correlation_id=flow)}
    assert members == {"coordinator", "research-analyst", "lead-qualifier", "content-writer"}


def test_it_looks_alive_within_half_a_minute(new_server: Callable[..., Server]) -> None:
    board = new_server().board()
    fleet = start_fleet(board)
    try:
        board.eventually(lambda: len(board.agents()), lambda count: count == 14, 30)
        working = {"processing", "waiting_approval", "error"}
        board.eventually(
            lambda: [agent["derived_status"] in working for agent in board.agents().values()],
            lambda busy: sum(busy) >= 6,
            30,
        )
    finally:
        end(fleet, signal.SIGTERM)


def end(fleet: subprocess.Popen[str], number: int) -> str:
    """Ends the fleet and returns what it said; no process of it may remain."""
    family = psutil.Process(fleet.pid).children(recursive=True)
    os.kill(fleet.pid, number)
    said, _ = fleet.communicate(timeout=30)
    assert fleet.returncode == 0, said
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    return said


def test_interrupt_flushes_and_leaves_no_process(new_server: Callable[..., Server]) -> None:
    board = new_server().board()
    fleet = start_fleet(board, "--speed", "4", "--agents", "lead-qualifier,data-pipeline,web-crawler")
    board.eventually(lambda: len(board.all("/v1/tasks")), lambda count: count >= 3, 30)
    said = end(fleet, signal.SIGINT)
    assert "goodbye" in said
    assert {run["derived_status"] for run in board.all("/v1/tasks")} <= {"completed", "failed"}
    assert set(board.agents()) == {"lead-qualifier", "data-pipeline", "web-crawler"}
