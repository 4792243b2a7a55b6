"""Disks that fill up, break, take half of a write or do not sync: nothing is acknowledged that is not stored, reads go on, and so does the server."""

from __future__ import annotations

import collections
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from torture.rounds import figures_of
from torture.writers import ACTIONS, CALL_COST, CALLS, Writer

from harness.board import Board
from harness.faults import BROKEN, NO_ROOM, Faults
from harness.server import Server

PWRITE, FSYNC, FDATASYNC, TRUNCATE = (
    "posix/io/rw/pwrite",
    "posix/io/sync/fsync",
    "posix/io/sync/fdatasync",
    "posix/io/rw/ftruncate",
)
FAULTS = {
    "the disk is full": [(PWRITE, NO_ROOM, 1.0)],
    "writes fail": [(PWRITE, BROKEN, 1.0)],
    "one write of five fails": [(PWRITE, BROKEN, 0.2)],
    "one write of five finds no room": [(PWRITE, NO_ROOM, 0.2)],
    "writes are cut short": [("posix/io/rw/pwrite/reduce", 0, 0.5)],
    "nothing can be synced": [(FSYNC, BROKEN, 1.0), (FDATASYNC, BROKEN, 1.0)],
    "one sync of three fails": [(FSYNC, BROKEN, 0.3), (FDATASYNC, BROKEN, 0.3)],
    "files cannot be cut": [(TRUNCATE, BROKEN, 1.0)],
    "all of it, by chance": [(PWRITE, BROKEN, 0.1), (FSYNC, BROKEN, 0.1), (FDATASYNC, BROKEN, 0.1)],
}
# These make it impossible to store anything; the others may let some batches through.
NOTHING_GOES = {"the disk is full", "writes fail", "nothing can be synced"}


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[tuple[Server, Faults]]:
    """A server whose system calls can be made to fail."""
    server = Server(tmp_path, LOG="error")
    faults = Faults(server, tmp_path)
    server.start()
    yield server, faults
    if server.process is not None:
        server.kill()
    server.end()


def until(seconds: float, holds: Callable[[], bool], what: str) -> None:
    """Waits for it."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@pytest.mark.parametrize("name", FAULTS)
def test_a_failing_disk_loses_nothing(name: str, faulty: tuple[Server, Faults]) -> None:
    server, faults = faulty
    # Made before anything fails; the command line opens the same files.
    environment = dict(server.environment)
    faults.remove()
    key = server.create_key()
    server.environment = environment
    writers = [Writer(server, key, 1, 0, number, stubborn=True) for number in range(3)]
    for writer in writers:
        writer.start()
    sent = lambda: sum(len(writer.acknowledged) for writer in writers)  # noqa: E731
    failed = lambda: sum(len(writer.unanswered) for writer in writers)  # noqa: E731
    until(20, lambda: sent() >= 10, "nothing was stored to begin with")

    for call, error, share in FAULTS[name]:
        faults.begin(call, error, share)
    began, began_failed = sent(), failed()
    if name in NOTHING_GOES:
        until(20, lambda: failed() >= began_failed + 6, "the fault did not show")
        # What was under way when the fault began may have got through.
        assert sent() <= began + 2 * len(writers)
    else:
        time.sleep(1.0)
    board = server.board(key)
    assert board.client.get("/health").status_code == 200
    assert "writer-0" in board.agents()
    assert board.events(limit=50)
    for call, _, _ in FAULTS[name]:
        faults.end(call)
    again = sent()
    until(30, lambda: sent() >= again + 10, f"it does not go on by itself: {writers[0].refused[-1:]}\n{server.log()}")
    for writer in writers:
        writer.ending.set()
    for writer in writers:
        writer.join(10)
    assert {refusal[:3] for writer in writers for refusal in writer.refused} <= {"500", "503"}

    compare(server.board(key), writers)
    server.kill()
    faults.remove()
    server.start()
    board = server.board(key)
    compare(board, writers)
    for writer in writers:
        writer.send_again()
    compare(board, writers)
    runs = {run["task_run_id"]: figures_of(run) for run in board.all("/v1/tasks")}
    expected = {
        batch[0]["task_run_id"]: (ACTIONS, CALLS, CALLS * CALL_COST, "completed")
        for writer in writers
        for batch in writer.acknowledged
    }
    assert runs == expected
    server.stop()
    assert "Sound" in server.command("check")


def compare(board: Board, writers: list[Writer]) -> None:
    """What was acknowledged is there, once."""
    stored = collections.Counter(event["event_id"] for event in board.events())
    acknowledged = {event["event_id"] for writer in writers for batch in writer.acknowledged for event in batch}
    assert acknowledged - set(stored) == set()
    assert [event_id for event_id, count in stored.items() if count > 1] == []
