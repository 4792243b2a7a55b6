"""kill -9 at random moments under load: what was acknowledged is there, once, and the projections are true."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from torture.rounds import Torture
from torture.writers import Writer

from harness.derived import derived_state
from harness.server import Server
from harness.stories import Story

ROUNDS = int(os.environ.get("HIVEBOARD_TORTURE_ROUNDS", "24"))
# A real disk's worst moment counts too; this only keeps a hang from being silent.
READY_LIMIT_SECONDS = 10.0


def test_kill_dash_nine_loses_nothing(tmp_path: Path) -> None:
    torture = Torture(tmp_path)
    figures = torture.run(ROUNDS)
    print(figures.table())
    assert figures.faults() == []
    assert figures.acknowledged > ROUNDS * 20, "too little was sent to prove anything"
    assert figures.days_retired >= ROUNDS - 10, "retention was at work"
    assert figures.most_day_files < 10
    assert max(figures.ready_seconds) < READY_LIMIT_SECONDS


def test_after_a_kill_the_projections_equal_a_rebuild(new_server: Callable[..., Server]) -> None:
    server = new_server()
    key = server.create_key()
    writer = Writer(server, key, 1, 0, 1)
    writer.start()
    time.sleep(0.5)
    server.kill()
    writer.ending.set()
    writer.join(10)
    server.start()
    board = server.board(key)
    after_replay = derived_state(board)
    assert after_replay["runs"]
    server.stop()
    server.command("rebuild")
    server.start()
    assert derived_state(server.board(key)) == after_replay


def test_a_clean_stop_keeps_everything_too(new_server: Callable[..., Server]) -> None:
    server = new_server()
    board = server.board()
    story = Story(5)
    for number in range(10):
        story.run(number)
    board.send("tidy", story.events)
    before = derived_state(board)
    newest_seq = board.events()[0]["seq"]
    server.stop()
    server.start()
    again = server.board(board.key)
    assert derived_state(again) == before
    again.send("tidy", [story.events[0] | {"event_id": "one-more"}])
    assert again.events()[0]["seq"] > newest_seq


def test_a_second_server_on_the_same_data_refuses(new_server: Callable[..., Server]) -> None:
    server = new_server()
    assert server.process is not None
    second = server.try_command("serve", "--addr", "127.0.0.1:0")
    assert second.returncode != 0
    assert f"in use by another server (process {server.process.pid})" in second.stderr
    assert server.board().agents() == {}
