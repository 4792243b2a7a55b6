"""Real frameworks on models that are made up, and what reaches a server; no fault inside of an integration passes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import hiveloop
from hiveloop.integrations import _calls, faults

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "e2e")]

from conftest_client import KEY, Server  # noqa: E402
from loopback import Provider  # noqa: E402

# Nothing goes home while tests run.
os.environ.update(
    CREWAI_DISABLE_TELEMETRY="true",
    OTEL_SDK_DISABLED="true",
    LANGSMITH_TRACING="false",
    OPENAI_AGENTS_DISABLE_TRACING="0",
    OPENAI_API_KEY="sk-loopback",
    ANTHROPIC_API_KEY="sk-loopback",
    HIVELOOP_AGENT="worker",
)


class Seen:
    """What the server has, in words that tests can compare."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def events(self, event_type: str | None = None) -> list[dict[str, Any]]:
        hiveloop.flush()
        return [{**event, "agent_id": event["_envelope"]["agent_id"]} for event in self._server.events(event_type)]

    def kinds(self) -> list[str]:
        """Every event's type, as it came."""
        return [event["event_type"] for event in self.events()]

    def calls(self) -> list[dict[str, Any]]:
        """The data of the calls of models."""
        found = [event for event in self.events("custom") if event["payload"].get("kind") == "llm_call"]
        return [event["payload"]["data"] for event in found]

    def actions(self) -> dict[str, list[str]]:
        """Every action's path from the outside, with the ends that it had."""
        names: dict[str, str] = {}
        parents: dict[str, str | None] = {}
        ends: dict[str, list[str]] = {}
        for event in self.events():
            action = event.get("action_id")
            if event["event_type"] == "action_started":
                names[action] = event["payload"]["action_name"]
                parents[action] = event.get("parent_action_id")
                ends[action] = []
            elif event["event_type"] in ("action_completed", "action_failed"):
                ends.setdefault(action, []).append(_ending(event))

        def path(action: str | None) -> str:
            if action is None or action not in names:
                return ""
            outer = path(parents[action])
            return f"{outer} > {names[action]}" if outer else names[action]

        told: dict[str, list[str]] = {}
        for action, how in ends.items():
            told.setdefault(path(action), []).extend(how or ["open"])
        return told

    def tasks(self) -> dict[str, list[str]]:
        """How the tasks ended, by agent and task id."""
        told: dict[str, list[str]] = {}
        for event in self.events():
            key = f"{event['agent_id']}/{event.get('task_id')}"
            if event["event_type"] == "task_started":
                told.setdefault(key, [])
            elif event["event_type"] in ("task_completed", "task_failed"):
                told.setdefault(key, []).append(_ending(event))
        return told

    def one_task(self) -> tuple[str, list[str]]:
        """The only task: its agent, and how it ended."""
        told = self.tasks()
        assert len(told) == 1, told
        key, ends = next(iter(told.items()))
        return key.split("/")[0], ends


def _ending(event: dict[str, Any]) -> str:
    """How something ended: well, badly, or as its status says."""
    status = str(event.get("status"))
    return status if status in ("cancelled", "paused") else str(event["event_type"]).partition("_")[2]


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    hiveloop.reset()
    server.close()


@pytest.fixture
def hb(server: Server) -> hiveloop.HiveBoard:
    return hiveloop.init(api_key=KEY, endpoint=server.url, flush_interval=0.2)


@pytest.fixture
def seen(server: Server, hb: hiveloop.HiveBoard) -> Seen:
    return Seen(server)


@pytest.fixture
def models() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture(autouse=True)
def no_faults() -> Iterator[None]:
    before = faults()
    # Every test's provider counts its answers from 1.
    _calls._told.clear()
    yield
    assert faults() == before
    assert hiveloop.current_task() is None, "the test has left a task current"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Any]:
    """Eyes on a real server."""
    from harness.server import Server as RealServer

    real = RealServer(tmp_path)
    real.start()
    yield real.board()
    hiveloop.reset()
    real.end()
