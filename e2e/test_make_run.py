"""`make run` as people type it: a clear word about a taken port, one end for everything."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from harness.server import ROOT, free_port, hiveboard_binary

START_SECONDS = 60.0


def run_script(tmp_path: Path, port: int, demo: int) -> subprocess.Popen[str]:
    """`make run` without its build: the server under test and this interpreter's client take its place."""
    command = [
        sys.executable,
        "scripts/run.py",
        "--port",
        str(port),
        "--data",
        str(tmp_path / "data"),
        "--demo",
        str(demo),
        "--speed",
        "4",
        "--binary",
        str(hiveboard_binary()),
    ]
    # A session of its own: its group gets the signal as a terminal's Ctrl-C sends it.
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    """What is printed up to the line that matches."""
    assert process.stdout is not None
    said = ""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        said += line
        if re.search(pattern, line):
            return said
        assert line, f"it ended before saying {pattern!r}:\n{said}"
    raise AssertionError(said)


def test_taken_port_is_said_before_anything_is_built(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        started = time.monotonic()
        done = subprocess.run(
            ["make", "run", f"PORT={port}", f"DATA={tmp_path / 'data'}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
        )
    assert done.returncode != 0
    assert f"port {port} is taken" in done.stdout + done.stderr
    assert f"PORT={port + 1}" in done.stdout + done.stderr
    assert time.monotonic() - started < 15
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_server_and_fleet(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    process = run_script(tmp_path, port, demo=1)
    said = read_until(process, "Ctrl-C ends everything")
    link = re.search(r"works once\): (\S+)", said)
    assert link, said
    with httpx.Client() as browser:
        assert browser.get(link[1], follow_redirects=True).status_code == 200
        deadline = time.monotonic() + 30
        while len(browser.get(f"http://127.0.0.1:{port}/v1/agents").json()["data"]) < 14:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 5, "server, fleet and its teams"
    os.killpg(process.pid, number)
    rest, _ = process.communicate(timeout=40)
    assert "everything has ended" in rest
    assert process.returncode == 0, rest
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    assert "Traceback" not in said + rest


def test_without_demo_there_is_only_the_server(tmp_path: Path) -> None:
    port = free_port()
    process = run_script(tmp_path, port, demo=0)
    read_until(process, "Ctrl-C ends everything")
    assert httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200
    assert len(psutil.Process(process.pid).children(recursive=True)) == 1
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=40)
    assert process.returncode == 0


def test_make_help_lists_the_targets() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("build", "run", "test", "bench", "bench-ingest", "bench-client", "fmt", "lint", "clean"):
        assert f"make {target} " in listed


def test_prerequisites_are_named_all_at_once(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "scripts/prerequisites.sh"], cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 1
    for tool in ("git", "cargo", "node", "npm", "C compiler", "python 3.10"):
        assert tool in done.stderr


def test_quick_start_example(tmp_path: Path) -> None:
    from harness.server import Server

    server = Server(tmp_path)
    server.start()
    board = server.board()
    done = subprocess.run(
        [sys.executable, "examples/quickstart/quickstart.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        env=os.environ | {"HIVELOOP_API_KEY": board.key, "HIVELOOP_ENDPOINT": board.url},
    )
    assert done.returncode == 0, done.stderr
    assert board.task("task-123")["total_cost"] == 0.003
    server.end()
