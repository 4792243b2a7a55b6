"""The client that is already out there, `hiveloop` 0.2.0 from the package index, works against our server unchanged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.board import Board
from harness.server import ROOT

ENVIRONMENT = ROOT / ".cache" / "published-venv"
PUBLISHED = "hiveloop==0.2.0"

SCRIPT = """
import sys, time
import hiveloop

key, endpoint = sys.argv[1:]
hb = hiveloop.init(api_key=key, endpoint=endpoint, environment="staging", group="my-team")
agent = hb.agent("published", type="general", version="1.2.0", heartbeat_interval=1, stuck_threshold=300,
                 heartbeat_payload=lambda: {"kind": "heartbeat_status", "summary": "alive", "data": {"n": 1}},
                 queue_provider=lambda: {"depth": 2, "oldest_age_seconds": 5, "items": [{"id": "q1", "priority": "high", "summary": "first"}]})

@agent.track("inner")
def inner():
    return 1

@agent.track("outer")
def outer():
    return inner()

@agent.track("risky")
def risky():
    raise ValueError("something broke")

with agent.task("task-123", project="my-project", type="processing") as task:
    outer()
    try:
        risky()
    except ValueError:
        pass
    task.llm_call("reasoning", model="claude-sonnet-4-20250514", tokens_in=1500, tokens_out=200, cost=0.003, duration_ms=1200)
    task.plan("Process", ["Score", "Enrich"])
    task.plan_step(0, "started", "Scoring")
    task.plan_step(0, "completed", "Scored", turns=1, tokens=2500)
    task.escalate("needs a look", assigned_to="senior")
    task.request_approval("may I?", approver="lead")
    task.approval_received("you may", approved_by="lead", decision="approved")
    task.retry("again", attempt=2, backoff_seconds=4.0)

try:
    with agent.task("task-124", project="my-project"):
        raise RuntimeError("it broke")
except RuntimeError:
    pass
open_task = agent.start_task("task-125", project="my-project")
open_task.request_approval("still waiting", approver="lead")

agent.report_issue(summary="CRM times out", severity="high", issue_id="crm", category="connectivity")
agent.report_issue(summary="Disk almost full", severity="medium", issue_id="disk")
agent.resolve_issue("Disk is fine", issue_id="disk")
agent.todo("todo-1", "created", "Tidy up", priority="normal", source="agent_decision")
agent.scheduled(items=[{"id": "s1", "name": "Sync", "next_run": "2026-02-12T15:00:00Z", "interval": "1h", "enabled": True, "last_status": None}])
agent.llm_call("summarize", "claude-haiku-4-5-20251001", tokens_in=3000, tokens_out=500, cost=0.001)
time.sleep(1.5)
hiveloop.shutdown(timeout=10)
"""


@pytest.fixture(scope="module")
def published() -> Path:
    """An interpreter with the published client and nothing of ours."""
    python = ENVIRONMENT / "bin" / "python"
    wanted = [str(python), "-c", f"import importlib.metadata as m; assert m.version('hiveloop') == '{PUBLISHED[10:]}'"]
    if not python.exists() or subprocess.run(wanted, capture_output=True).returncode != 0:
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PUBLISHED], check=True)
    return python


def run(python: Path, board: Board, script: str = SCRIPT) -> None:
    done = subprocess.run([python, "-c", script, board.key, board.url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_everything_it_sends_is_accepted_and_shown(published: Path, own_board: Board) -> None:
    run(published, own_board)
    agent = own_board.agent("published")
    assert (agent["agent_type"], agent["agent_version"], agent["environment"], agent["group"]) == (
        "general",
        "1.2.0",
        "staging",
        "my-team",
    )
    assert agent["derived_status"] == "waiting_approval"
    assert agent["heartbeat_summary"] == "alive"
    assert agent["last_heartbeat"] is not None

    task = own_board.task("task-123")
    assert task["derived_status"] == "completed"
    assert (task["project_id"], task["task_type"]) == ("my-project", "processing")
    assert (task["action_count"], task["error_count"], task["retry_count"], task["llm_call_count"]) == (3, 1, 1, 1)
    assert task["total_cost"] == pytest.approx(0.003)
    assert (task["has_escalation"], task["has_human_intervention"]) == (True, True)
    assert own_board.task("task-124")["derived_status"] == "failed"
    assert own_board.task("task-125")["derived_status"] == "waiting"

    timeline = own_board.timeline("task-123")
    assert {node["name"] for node in timeline["action_tree"]} == {"outer", "risky"}
    outer = next(node for node in timeline["action_tree"] if node["name"] == "outer")
    assert [node["name"] for node in outer["children"]] == ["inner"]
    assert timeline["plan"]["goal"] == "Process"
    assert [step["action"] for step in timeline["plan"]["steps"]] == ["completed", "pending"]

    pipeline = own_board.pipeline("published")
    assert pipeline["queue"]["depth"] == 2
    assert {issue["issue_id"]: issue["status"] for issue in pipeline["issues"]["items"]} == {
        "crm": "open",
        "disk": "resolved",
    }
    assert pipeline["todos"]["active_count"] == 1
    assert [item["id"] for item in pipeline["scheduled"]["items"]] == ["s1"]
    assert own_board.get("/v1/cost", range="1h")["totals"]["cost"] == pytest.approx(0.004)


def test_the_manual_s_quick_start_works_with_it(published: Path, own_board: Board) -> None:
    run(
        published,
        own_board,
        """
import sys, hiveloop
hb = hiveloop.init(api_key=sys.argv[1], endpoint=sys.argv[2])
agent = hb.agent("my-agent", type="general")
with agent.task("task-123", project="my-project", type="processing") as task:
    task.llm_call("reasoning", model="claude-sonnet-4-20250514",
                  tokens_in=1500, tokens_out=200, cost=0.003)
hiveloop.shutdown()
""",
    )
    assert own_board.task("task-123")["derived_status"] == "completed"
    assert own_board.agent("my-agent")["derived_status"] == "idle"


def shape(board: Board) -> dict[str, Any]:
    """What the server derived, without ids, times and the wording of summaries.

    Sorted, because the published client's timestamps have milliseconds only: many of its events are of one instant.
    """
    timeline = board.timeline("task-123")
    return {
        "events": sorted(
            (event["event_type"], event["render_hint"] or "", event["severity"]) for event in timeline["events"]
        ),
        "plan": [step["action"] for step in timeline["plan"]["steps"]],
        "task": {
            name: board.task("task-123")[name]
            for name in ("action_count", "error_count", "retry_count", "total_cost", "plan_progress")
        },
    }


def test_ours_and_theirs_come_out_the_same(published: Path, new_server: Any) -> None:
    boards = [new_server().board() for _ in range(2)]
    for python, board in zip((published, Path(sys.executable)), boards, strict=True):
        run(python, board)
    theirs, ours = map(shape, boards)
    assert ours == theirs
