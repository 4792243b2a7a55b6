"""Our client and our server through bad days: nothing an agent said is lost, nothing is said twice."""

from __future__ import annotations

import collections
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import hiveloop
import pytest

from harness.server import Server

KILLS = 3
EVENTS = 1500


def test_server_killed_while_the_client_sends(new_server: Callable[..., Server]) -> None:
    server = new_server()
    key = server.create_key()
    agent = hiveloop.init(api_key=key, endpoint=server.url, flush_interval=0.1, batch_size=20).agent("steady")

    def emit() -> None:
        for number in range(EVENTS):
            agent.event("custom", {"kind": "count", "summary": str(number)})
            time.sleep(0.002)

    emitter = threading.Thread(target=emit)
    emitter.start()
    for _ in range(KILLS):
        time.sleep(0.4)
        server.kill()
        time.sleep(0.2)
        server.start()
    emitter.join()
    try:
        assert hiveloop.flush(timeout=60)
        stored = collections.Counter(int(one["payload"]["summary"]) for one in server.board(key).of_kind("count"))
        assert sorted(stored) == list(range(EVENTS))
        assert max(stored.values()) == 1
        assert hiveloop.stats()["dropped"] == 0
    finally:
        hiveloop.reset()


def test_order_of_one_agent_is_kept(new_server: Callable[..., Server]) -> None:
    server = new_server()
    board = server.board()
    agent = hiveloop.init(api_key=board.key, endpoint=server.url, batch_size=7).agent("steady")
    for number in range(200):
        agent.event("custom", {"kind": "count", "summary": str(number)})
    hiveloop.reset()
    newest_first = [int(one["payload"]["summary"]) for one in board.of_kind("count")]
    assert newest_first == list(range(199, -1, -1))


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_process_that_forgets_shutdown(new_server: Callable[..., Server], compression: str | None) -> None:
    board = new_server().board()
    option = f", compression={compression!r}" if compression else ""
    script = f"""
import hiveloop
agent = hiveloop.init(api_key={board.key!r}, endpoint={board.url!r}{option}).agent("forgetful")
with agent.task("task-1"):
    pass
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert board.task("task-1")["derived_status"] == "completed"


def test_a_killed_process_is_stuck_and_its_run_too(new_server: Callable[..., Server]) -> None:
    board = new_server().board()
    script = f"""
import hiveloop, time
agent = hiveloop.init(api_key={board.key!r}, endpoint={board.url!r}).agent("doomed", heartbeat_interval=1, stuck_threshold=2)
agent.start_task("task-1")
hiveloop.flush()
print("working", flush=True)
time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    assert board.agent("doomed")["derived_status"] == "processing"
    process.kill()
    process.communicate()
    board.eventually(lambda: board.agent("doomed")["derived_status"], lambda status: status == "stuck", 10)
    assert board.task("task-1")["derived_status"] == "stuck"
