"""Patterns of one process: what the board has seen of each, to the event."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Program
from seen import completed_runs, expected_task_events, heartbeats, task_events

from harness.board import Board

Start = Callable[..., Program]


def test_single_agent(start: Start, board: Board) -> None:
    start("single_agent.py", "10").end()
    leads = [f"lead-{number}" for number in range(10)]
    assert task_events(board) == expected_task_events("lead-qualifier", leads, actions=2, customs=1)
    (action,) = board.timeline("lead-3")["action_tree"]
    assert (action["name"], [child["name"] for child in action["children"]]) == ("process_lead", ["score_lead"])
    assert board.get("/v1/cost", range="1h")["totals"]["cost"] == pytest.approx(0.03)


def test_agents_in_threads(start: Start, board: Board) -> None:
    start("agents_in_threads.py", "20").end()
    jobs = [f"job-{number}" for number in range(20)]
    expected: Counter[tuple[str, str, str]] = Counter()
    for agent_id in ("lead-qualifier", "support-triage", "data-pipeline"):
        expected += expected_task_events(agent_id, jobs, actions=1, customs=1)
    assert task_events(board) == expected
    types = {agent_id: agent["agent_type"] for agent_id, agent in board.agents().items()}
    assert types == {"lead-qualifier": "sales", "support-triage": "support", "data-pipeline": "etl"}


def test_dynamic_agents(start: Start, board: Board) -> None:
    program = start("dynamic_agents.py")
    for line in ("start acme", "start globex", "work acme a-1", "work globex g-1"):
        program.tell(line)
    # Kept for longer than its interval after its work; one let go of sooner would live on.
    board.eventually(lambda: heartbeats(board, "acme"), lambda count: count >= 8, 15)
    program.tell("stop acme")
    program.tell("work acme a-2")
    assert "there is no agent acme" in program.output()
    # What was under way arrives; from then on, acme is silent while globex goes on.
    time.sleep(1)
    silent_since = heartbeats(board, "acme")
    others = heartbeats(board, "globex")
    board.eventually(lambda: heartbeats(board, "globex"), lambda count: count >= others + 5, 15)
    assert heartbeats(board, "acme") == silent_since
    board.eventually(lambda: board.agent("acme")["derived_status"], lambda status: status == "stuck", 15)
    assert board.agent("globex")["derived_status"] == "idle"
    program.tell("start acme")
    board.eventually(lambda: board.agent("acme")["derived_status"], lambda status: status == "idle", 15)
    program.end()
    assert completed_runs(board) == {("acme", "a-1"): 1, ("globex", "g-1"): 1}


def test_thread_pool(start: Start, board: Board) -> None:
    start("thread_pool.py", "10").end()
    reports = [f"report-{number}" for number in range(10)]
    # gather and five searches; a call of a model in each search, and what was found.
    assert task_events(board) == expected_task_events("researcher", reports, actions=6, customs=6)
    for number, report in enumerate(reports):
        timeline = board.timeline(report)
        (gather,) = timeline["action_tree"]
        assert [child["name"] for child in gather["children"]] == ["search"] * 5
        assert {child["status"] for child in gather["children"]} == {"completed"}
        summaries = [event["payload"]["data"]["name"] for event in timeline["events"] if is_call(event)]
        assert sorted(summaries) == [f"summary of report {number} source {source}" for source in range(5)]


def is_call(event: dict[str, Any]) -> bool:
    """Whether the event is a call of a model."""
    return bool((event["payload"] or {}).get("kind") == "llm_call")


def test_asyncio_tasks(start: Start, board: Board) -> None:
    start("asyncio_tasks.py", "200").end()
    tickets = [f"ticket-{number}" for number in range(200)]
    assert task_events(board) == expected_task_events("concierge", tickets, actions=3, customs=2)
    for ticket in tickets[::20]:
        timeline = board.timeline(ticket)
        (answer,) = timeline["action_tree"]
        assert (answer["name"], [child["name"] for child in answer["children"]]) == ("answer", ["look_up"] * 2)
        calls = {event["payload"]["data"]["name"]: event["action_id"] for event in timeline["events"] if is_call(event)}
        assert set(calls) == {f"{ticket} customer", f"{ticket} history"}
        assert set(calls.values()) == {child["action_id"] for child in answer["children"]}


def test_queue_worker_ends_well_on_sigterm(start: Start, board: Board) -> None:
    program = start("queue_worker.py", "500")
    program.wait_for("message-20")
    board.eventually(lambda: list(board.agents()), lambda agents: agents == ["queue-worker"], 15)
    queue = board.eventually(lambda: board.pipeline("queue-worker")["queue"], lambda queue: queue is not None, 15)
    assert 0 < queue["depth"] < 500
    performed = len(program.terminate().splitlines())
    runs = Counter(run["derived_status"] for run in board.all("/v1/tasks"))
    # At most one message was under way when the signal came: it is told as failed, by the exception that ended it.
    assert runs["completed"] >= performed
    assert runs.total() - performed <= 1
    assert set(runs) <= {"completed", "failed"}
    for run in board.all("/v1/tasks", status="failed"):
        failed = board.timeline(run["task_id"])["events"][-1]
        assert failed["payload"]["exception_type"] == "Terminated"
