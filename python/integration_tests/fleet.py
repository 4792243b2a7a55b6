"""Runs a room of the fleet of frameworks for a while."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def run_room(board: Any, room: str, seconds: int) -> None:
    """Lets its agents work against a board, until all is sent."""
    environment = {
        **os.environ,
        "HIVELOOP_API_KEY": board.key,
        "HIVELOOP_ENDPOINT": board.url,
        "PYTHONPATH": os.pathsep.join(
            [str(ROOT / "examples"), str(ROOT / "python" / "integration_tests"), os.environ.get("PYTHONPATH", "")]
        ),
    }
    environment.pop("HIVELOOP_AGENT", None)
    command = [sys.executable, "-m", "frameworks", "--duration", str(seconds), "--speed", "4", "--seed", "7"]
    done = subprocess.run(
        [*command, "--room", room], env=environment, capture_output=True, text=True, check=False, timeout=55
    )
    assert done.returncode == 0, done.stderr
    assert "all events are sent" in done.stdout


def assert_at_work(board: Any, expected: dict[str, str], others: frozenset[str] = frozenset()) -> None:
    """Each agent is there by its framework and has runs that cost something; there is nobody else but `others`."""
    agents = board.agents()
    assert {name: agents[name]["framework"] for name in expected} == expected
    # The clients' calls belong to the frameworks that make them.
    assert set(agents) - others == set(expected)
    runs = board.all("/v1/tasks")
    for name in expected:
        own = [run for run in runs if run["agent_id"] == name]
        assert own, name
        assert any((run["total_cost"] or 0) > 0 for run in own), own
