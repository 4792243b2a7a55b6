"""Four times what it can take: latency bends, nothing is lost, readers are served, memory stays flat, and then all is as before."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable

import httpx
import psutil
from torture.writers import Writer

from harness.board import Board
from harness.server import Server

SECONDS = float(os.environ.get("HIVEBOARD_OVERLOAD_SECONDS", "6"))
WRITERS = 12
# Generous: the load comes from this same machine, which has two cores.
HEALTH_LIMIT_SECONDS = 1.0
MEMORY_GROWTH_LIMIT = 1.5


class Watcher(threading.Thread):
    """Asks for something again and again, and notes how long it took."""

    def __init__(self, url: str, path: str, key: str) -> None:
        super().__init__(daemon=True)
        self.url, self.path, self.key = url, path, key
        self.seconds: list[float] = []
        self.refused = 0
        self.ending = threading.Event()

    def run(self) -> None:
        with httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=30) as client:
            while not self.ending.wait(0.05):
                started = time.monotonic()
                self.refused += client.get(self.path).status_code != 200
                self.seconds.append(time.monotonic() - started)


def test_under_load_it_bends_and_does_not_break(new_server: Callable[..., Server]) -> None:
    server = new_server()
    key = server.create_key()
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    writers = [Writer(server, key, 1, 0, number, stubborn=True) for number in range(WRITERS)]
    watchers = [Watcher(server.url, path, key) for path in ("/health", "/v1/agents", "/v1/tasks?range=24h")]
    for thread in [*writers, *watchers]:
        thread.start()
    memory = []
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        memory.append(process.memory_info().rss)
        time.sleep(0.1)
    for thread in [*writers, *watchers]:
        thread.ending.set()
    for thread in [*writers, *watchers]:
        thread.join(30)
    health, _agents, _tasks = watchers
    for watcher in watchers:
        assert watcher.seconds
        assert watcher.refused == 0, f"{watcher.path}: {watcher.refused} refused"
        print(
            f"{watcher.path}: median {statistics.median(watcher.seconds) * 1000:.0f} ms, worst {max(watcher.seconds) * 1000:.0f} ms"
        )
    assert sorted(health.seconds)[len(health.seconds) * 95 // 100] < HEALTH_LIMIT_SECONDS
    assert all(refusal.startswith(("429", "503")) for writer in writers for refusal in writer.refused)
    # What is kept by the run grows with the runs; queues must not.
    assert max(memory) < MEMORY_GROWTH_LIMIT * memory[len(memory) // 3] + (64 << 20)
    board = server.board(key)
    started = time.monotonic()
    assert board.get("/v1/agents?limit=1")["data"]
    assert time.monotonic() - started < 5, "within five seconds of the end all is normal"
    for writer in writers:
        writer.send_again()
    stored = all_ids(board)
    acknowledged = [one["event_id"] for writer in writers for batch in writer.acknowledged for one in batch]
    assert len(stored) == len(set(stored))
    assert set(acknowledged) == set(stored)


def all_ids(board: Board) -> list[str]:
    return [event["event_id"] for event in board.events()]
