"""A server that stands still makes nobody stuck."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from harness.server import Server

THRESHOLD_SECONDS = 6
FREEZE_SECONDS = 9


def event(event_type: str, **fields: Any) -> dict[str, Any]:
    """An event of now."""
    return {
        "event_id": str(uuid4()),
        "timestamp": datetime.now(UTC).isoformat(),
        "event_type": event_type,
    } | fields


def test_a_frozen_server_calls_nobody_stuck_and_finds_the_dead_afterwards(
    new_server: Callable[..., Server],
) -> None:
    """Server and agent stand still for longer than the threshold: one threshold of grace, and no more than that."""
    server = new_server()
    board = server.board()
    registration = {"data": {"stuck_threshold": THRESHOLD_SECONDS}}
    board.send(
        "sleeper",
        [
            event("agent_registered", payload=registration),
            event("task_started", task_id="t", task_run_id="r"),
        ],
    )
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    time.sleep(FREEZE_SECONDS)
    server.process.send_signal(signal.SIGCONT)
    resumed = time.monotonic()
    while time.monotonic() - resumed < THRESHOLD_SECONDS / 2:
        assert board.agent("sleeper")["derived_status"] == "processing", board.agent("sleeper")
        assert board.task("t")["derived_status"] == "processing"
        time.sleep(0.05)
    while board.agent("sleeper")["derived_status"] != "stuck":
        assert time.monotonic() - resumed < 60, "an agent that says nothing is found all the same"
        time.sleep(0.1)
    assert time.monotonic() - resumed > THRESHOLD_SECONDS - 4
