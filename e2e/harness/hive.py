"""A small fleet with every trouble in it, made by the real client."""

from __future__ import annotations

import contextvars
from typing import Any

import hiveloop

from .board import Board
from .events import event, moment, registered

HOSTILE = "\x1b[2J\x1b]0;owned\x07wiped\u202e\u200b\U000e0068\U000e0069"


def report(board: Board) -> None:
    """Agents that work, wait, failed and died. They stay alive until `hiveloop.reset()`."""
    # In a context of its own: the task that waits stays open, and must not be what other tests run in.
    contextvars.copy_context().run(_report, board)


def _report(board: Board) -> None:
    hive = hiveloop.init(api_key=board.key, endpoint=board.url)
    sales: Any = hive.agent("sales-agent", type="sales")
    with sales.task("lead-1", project="leads", type="scoring") as task:
        task.plan("score the lead", ["look it up", "score it"])
        task.plan_step(0, "started", "look it up")
        with sales.track_context("look_up") as looked:
            looked.set_payload({"found": 3})
        task.plan_step(0, "completed", "look it up")
        task.llm_call("score", model="gpt-4o-mini", tokens_in=900, tokens_out=30, cost=0.0021)
        task.llm_call("explain", model="claude-sonnet-4-20250514", tokens_in=4000, tokens_out=400, cost=0.018)
    triage: Any = hive.agent("support-triage", type="support")
    try:
        with triage.task("ticket-7", project="support", type="triage") as task:
            task.llm_call("read", model="claude-sonnet-4-20250514", tokens_in=1200, tokens_out=80, cost=0.004)
            for attempt in (1, 2):
                try:
                    with triage.track_context("fetch_customer"):
                        raise TimeoutError(f"crm did not answer, {attempt}")
                except TimeoutError:
                    task.retry("crm did not answer", attempt=attempt, backoff_seconds=0.01)
            raise RuntimeError("no customer record")
    except RuntimeError:
        pass
    asking: Any = hive.agent("refund-agent", type="support")
    waiting = asking.start_task("refund-3", project="support", type="refund")
    waiting.request_approval("credit of $500", approver="ops-lead")
    hostile: Any = hive.agent("hostile", type="general")
    with hostile.task(f"odd {HOSTILE}", project="default") as task:
        task.event("custom", {"kind": "note", "summary": f"needle {HOSTILE}"})
    assert hiveloop.flush(timeout=30)
    nightly = event("task_started", task_id="nightly-9", task_run_id="run-1", timestamp=moment(20))
    board.send("dead-agent", [registered(stuck_threshold_seconds=1, timestamp=moment(30)), nightly])
    wanted = {
        "dead-agent": "stuck",
        "support-triage": "error",
        "refund-agent": "waiting_approval",
        "sales-agent": "idle",
        "hostile": "idle",
    }

    def seen() -> dict[str, str]:
        return {name: one["derived_status"] for name, one in board.agents().items()}

    board.eventually(seen, lambda found: found == wanted, 20)
