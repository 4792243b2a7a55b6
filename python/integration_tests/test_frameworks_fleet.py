"""The demo fleet of frameworks, on a real server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def test_every_agent_shows_up_on_the_board(board: Any) -> None:
    environment = {
        **os.environ,
        "HIVELOOP_API_KEY": board.key,
        "HIVELOOP_ENDPOINT": board.url,
        "PYTHONPATH": f"{ROOT / 'examples'}{os.pathsep}{ROOT / 'python' / 'integration_tests'}",
    }
    environment.pop("HIVELOOP_AGENT", None)
    command = [sys.executable, "-m", "frameworks", "--duration", "8", "--speed", "4", "--seed", "7"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=55)
    assert "all events are sent" in done.stdout
    agents = board.agents()
    expected = {
        "langgraph-invoice-clerk": "langchain",
        "openai-agents-front-desk": "openai-agents",
        "pydantic-ai-address-checker": "pydantic-ai",
        "clients-letter-writer": "custom",
    }
    assert {name: agents[name]["framework"] for name in expected} == expected
    # Nobody else: the clients' calls belong to the frameworks that make them.
    assert set(agents) - {"autogen-editors"} == set(expected)
    runs = board.all("/v1/tasks")
    for name in expected:
        own = [run for run in runs if run["agent_id"] == name]
        assert own, name
        assert any((run["total_cost"] or 0) > 0 for run in own), own
