"""kill -9 at random moments under load: what was acknowledged is there, once, and the projections are true."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from torture.rounds import Torture, figures_of
from torture.writers import ACTIONS, CALL_COST, CALLS, Writer, run_of

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


def test_a_panic_of_the_writer_ends_the_server_and_nothing_counts_twice(new_server: Callable[..., Server]) -> None:
    """Its second batch is durable and half folded when it panics: debug builds do that when a variable asks for it."""
    server = new_server()
    board = server.board()
    runs = [run_of(0, 0, f"run-{number}") for number in range(3)]
    board.send("writer", runs[0])
    middle = board.events()[0]["seq"] + len(runs[1]) // 2
    server.stop()
    server.environment["HIVEBOARD_TEST_PANIC_AFTER_SEQ"] = str(middle)
    server.start()
    board = server.board(board.key)

    answer = board.post_batch("writer", runs[1])
    assert (answer.status_code, answer.json()["error"]) == (503, "not_ready"), answer.text
    assert "Sending it again is safe" in answer.json()["message"]
    assert server.process is not None
    assert server.process.wait(10) == 1, "a server that stores nothing helps nobody"
    assert "the writer failed, and the server ends" in server.log()
    server.process = None

    del server.environment["HIVEBOARD_TEST_PANIC_AFTER_SEQ"]
    server.start()
    board = server.board(board.key)
    # What was durable is there without being sent again, and changes nothing when it is.
    for _ in range(2):
        shown = {run["task_id"]: figures_of(run) for run in board.all("/v1/tasks")}
        assert shown == {f"run-{number}": (ACTIONS, CALLS, CALLS * CALL_COST, "completed") for number in range(2)}
        assert len(board.events()) == len(runs[0]) + len(runs[1])
        board.send("writer", runs[1])
    board.send("writer", runs[2])
    assert len(board.all("/v1/tasks")) == 3


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
