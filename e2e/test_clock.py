"""A server whose clock is set forth and back while it runs: nothing is lost, nothing deleted, no agent stuck for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.clock import adjustable, moment, shift
from harness.events import registered
from harness.server import Server
from harness.stories import Story

DAY = 86_400
YEAR = 365 * DAY


@pytest.fixture
def clocked(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """A server, and the file that says how far its clock is off."""
    file = tmp_path / "clock"
    shift(file, 0)
    server = Server(tmp_path, DEDUP_DAYS=1, RETENTION_DAYS=2)
    server.environment |= adjustable(file)
    server.start()
    yield server, file
    server.end()


def test_a_clock_set_forth_and_back_loses_and_deletes_nothing(clocked: tuple[Server, Path]) -> None:
    server, file = clocked
    board = server.board()
    story = Story(7)
    for number in range(10):
        story.run(number)
    board.send("steady", [registered(), *story.events])
    first = {event["event_id"] for event in board.events()}
    for number, seconds in enumerate((YEAR, -YEAR, 3_600, 0)):
        shift(file, seconds)
        time.sleep(1.5)
        now = {"event_id": f"after {number}", "timestamp": moment(seconds / DAY)}
        board.send("steady", [story.events[0] | now])
        # What was sent before is known, whatever day it is now. From a year ago, it would lie in the future.
        if seconds >= 0:
            board.send("steady", story.events)
        ids = [event["event_id"] for event in board.events()]
        assert first <= set(ids), "a year's jump deletes nothing"
        assert len(ids) == len(set(ids))
        first.add(f"after {number}")
        assert board.client.get("/ready").status_code == 200
    seqs = [event["seq"] for event in board.events()]
    assert seqs == sorted(seqs, reverse=True)
    server.stop()
    server.start()
    assert {event["event_id"] for event in server.board(board.key).events()} == first
    server.stop()
    assert "Sound" in server.command("check")
