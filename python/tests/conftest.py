"""A real server process for each test, and a client that may not swallow anything unnoticed."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import hiveloop
import hiveloop._aside
import hiveloop._client

KEY = "hb_live_0123456789abcdef0123456789abcdef"
HERE = Path(__file__).parent


class Server:
    """The server process, and what it has received."""

    def __init__(self, port: int = 0) -> None:
        command = [sys.executable, "-u", str(HERE / "faulty_server.py"), str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def script(self, *behaviours: dict[str, Any]) -> None:
        request = urllib.request.Request(f"{self.url}/_script", json.dumps(behaviours).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=10):
            pass

    def received(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_received", timeout=10) as answer:
            return json.load(answer)

    def events(self, event_type: str | None = None) -> list[dict[str, Any]]:
        """The stored events, each once, by time; without registrations, heartbeats and goodbyes unless asked for."""
        events = sorted(self.received()["events"], key=lambda event: event["timestamp"])
        if event_type is not None:
            return [event for event in events if event["event_type"] == event_type]
        own = ("agent_registered", "heartbeat")
        told = (event for event in events if event["event_type"] not in own)
        return [event for event in told if event.get("payload", {}).get("kind") != "goodbye"]

    def requests(self) -> list[dict[str, Any]]:
        return self.received()["requests"]

    def wait_for(self, condition: Callable[[], Any], seconds: float = 15) -> Any:
        """Waits until something holds; gives it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := condition():
                return value
            time.sleep(0.02)
        raise AssertionError(f"not within {seconds} s: {self.received()}")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    hiveloop.reset()
    server.close()


class Lines(logging.Handler):
    """What the client has logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.may_swallow = False

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def having(self, words: str) -> list[str]:
        hiveloop.stats()
        return [line for line in self.lines if words in line]


@pytest.fixture(autouse=True)
def log() -> Iterator[Lines]:
    lines = Lines()
    logger = logging.getLogger("hiveloop")
    logger.addHandler(lines)
    logger.setLevel(logging.DEBUG)
    yield lines
    hiveloop.reset()
    logger.removeHandler(lines)
    assert hiveloop.current_task() is None, "the test has left a task current"
    swallowed = [line for line in lines.lines if "swallowed" in line or "does not know" in line]
    assert lines.may_swallow or not swallowed, swallowed


@pytest.fixture
def hb(server: Server) -> hiveloop.HiveBoard:
    return hiveloop.init(api_key=KEY, endpoint=server.url, flush_interval=0.5)


@pytest.fixture
def agent(hb: hiveloop.HiveBoard) -> hiveloop.Agent:
    return hb.agent("worker", heartbeat_interval=0)


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of hundredths of seconds instead of seconds."""
    monkeypatch.setattr(hiveloop._client, "_retry_seconds", (0.02, 0.6, 0.6))


@pytest.fixture
def run_script(server: Server, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program of its own against the server."""

    def run(code: str, *, timeout: float = 30, endpoint: str | None = None, options: tuple[str, ...] = ()) -> Any:
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(code))
        environment = {
            **os.environ,
            "HIVELOOP_API_KEY": KEY,
            "HIVELOOP_ENDPOINT": endpoint or server.url,
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, *options, str(path)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout)

    return run


@pytest.fixture(autouse=True)
def nothing_asked_yet(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test has to do with the time that others have spent, nor, but for those about it, with a busy machine."""
    for name, value in {"_stuck": set(), "_slow": {}, "_window_began": 0.0}.items():
        monkeypatch.setattr(hiveloop._aside, name, value)
    if request.module.__name__ != "test_slow_code":
        monkeypatch.setattr(hiveloop._aside, "PATIENCE_SECONDS", 10.0)


def sent(server: Server, agent: hiveloop.Agent, value: Any) -> Any:
    """A value as it arrives that is handed over in a payload."""
    agent.event("custom", {"value": value})
    hiveloop.flush()
    return server.events("custom")[-1]["payload"]["value"]
