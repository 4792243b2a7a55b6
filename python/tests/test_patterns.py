"""Every program of examples/patterns, started as its README says."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import KEY, Server

PATTERNS = Path(__file__).resolve().parents[2] / "examples" / "patterns"


def environment(server: Server, **more: str) -> dict[str, str]:
    given = {"HIVELOOP_API_KEY": KEY, "HIVELOOP_ENDPOINT": server.url, "PYTHONPATH": str(PATTERNS)}
    return {**os.environ, **given, **more}


def run(server: Server, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=PATTERNS,
        env=environment(server),
        capture_output=True,
        text=True,
        timeout=40,
    )
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def completed(server: Server) -> dict[str, int]:
    return Counter(event["task_id"] for event in server.events("task_completed"))


def test_single_agent(server: Server) -> None:
    run(server, "single_agent.py")
    assert completed(server) == {f"item-{number}": 1 for number in range(3)}
    assert [event["payload"]["kind_of_text"] for event in server.events("task_completed")] == [
        "question",
        "statement",
        "question",
    ]


def test_static_agents(server: Server) -> None:
    run(server, "static_agents.py")
    assert len(completed(server)) == 15
    for event in server.events("action_started"):
        assert event["task_id"].startswith(event["_envelope"]["agent_id"])


def test_dynamic_agents(server: Server) -> None:
    run(server, "dynamic_agents.py")
    assert len(completed(server)) == len(server.events("agent_registered")) == 3


def test_queue_worker(server: Server) -> None:
    process = subprocess.Popen(
        [sys.executable, "queue_worker.py"],
        cwd=PATTERNS,
        env=environment(server, HEARTBEAT_SECONDS="0.1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "idle\n"
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert len(completed(server)) == 20
    assert any(event["payload"].get("kind") == "queue_snapshot" for event in server.events())


def test_concurrent_asyncio(server: Server) -> None:
    run(server, "concurrent_asyncio.py")
    assert len(completed(server)) == 50
    names = Counter(event["payload"]["action_name"] for event in server.events("action_completed"))
    assert names == {"search": 100, "stream_answer": 50}


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_process_pool(server: Server, method: str) -> None:
    assert run(server, "process_pool.py", method).strip() == "285"
    assert completed(server) == {f"chunk-{number}": 1 for number in range(10)}


@contextmanager
def serving(server: Server, *command: str) -> Iterator[str]:
    """A web server of two worker processes; ended by SIGTERM, as an orchestrator does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [part.replace("PORT", str(port)) for part in command]
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=PATTERNS,
        env=environment(server),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
        assert process.returncode in (0, -signal.SIGTERM), output
        assert "Traceback" not in output, output
    finally:
        process.kill()
        process.wait()


def post(url: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, b"", method="POST"), timeout=15) as answer:
        body: bytes = answer.read()
        return body


@pytest.mark.parametrize(
    "command",
    [
        ("uvicorn", "--workers", "2", "--port", "PORT", "fastapi_app:app"),
        ("uvicorn", "--port", "PORT", "fastapi_app:app"),
        ("gunicorn", "--preload", "-w", "2", "-b", "127.0.0.1:PORT", "flask_app:app"),
        ("gunicorn", "-w", "2", "-b", "127.0.0.1:PORT", "flask_app:app"),
    ],
    ids=["uvicorn workers", "uvicorn", "gunicorn preload", "gunicorn"],
)
def test_web_servers(server: Server, command: tuple[str, ...]) -> None:
    with serving(server, *command) as url:
        for number in range(20):
            post(f"{url}/process/request-{number}")
    assert completed(server) == {f"request-{number}": 1 for number in range(20)}
    ids = [event_id for request in server.requests() for event_id in request["ids"]]
    assert len(ids) == len(set(ids))


def test_celery_prefork(server: Server, tmp_path: Path, request: Any) -> None:
    for folder in ("queue", "control"):
        (tmp_path / folder).mkdir()
    given = environment(server, CELERY_FOLDER=str(tmp_path))
    command = [sys.executable, "-m", "celery", "-A", "celery_app", "--quiet"]
    options = ["worker", "--pool", "prefork", "-c", "2", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = subprocess.Popen(
        [*command, *options], cwd=PATTERNS, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        send = "import celery_app\nfor number in range(8): celery_app.work.delay(number)"
        subprocess.run([sys.executable, "-c", send], cwd=PATTERNS, env=given, check=True, timeout=30)
        server.wait_for(lambda: len(completed(server)) == 8, seconds=40)
        worker.send_signal(signal.SIGTERM)
        output, _ = worker.communicate(timeout=30)
        assert worker.returncode == 0, output
    finally:
        worker.kill()
        worker.wait()
    assert completed(server) == {f"celery-{number}": 1 for number in range(8)}
