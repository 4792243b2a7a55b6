"""`tail` and `top`: what comes, as it comes; through restarts, on a real terminal, and back to a shell that is as before."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import hiveloop
import pytest

from harness import hive
from harness.board import Board
from harness.events import event, registered
from harness.nginx import Nginx
from harness.server import Server, hiveboard_binary
from harness.shell import Shell
from harness.terminal import Terminal

NewServer = Callable[..., Server]
Open = Callable[..., Terminal]


class Tail:
    """`hiveboard tail` whose lines are read as they come."""

    def __init__(self, shell: Shell, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [str(hiveboard_binary()), "tail", *arguments],
            env=shell.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.out: IO[str] = self.process.stdout

    def line(self) -> str:
        line = self.out.readline()
        assert line, self.process.stderr.read() if self.process.stderr else ""
        return line.rstrip("\n")

    def end(self) -> str:
        self.process.kill()
        return self.process.communicate()[1]


@pytest.fixture
def tail() -> Iterator[Callable[..., Tail]]:
    made: list[Tail] = []

    def begin(shell: Shell, *arguments: str) -> Tail:
        made.append(Tail(shell, *arguments))
        return made[-1]

    yield begin
    for one in made:
        one.end()


@pytest.fixture
def terminal() -> Iterator[Open]:
    made: list[Terminal] = []

    def begin(shell: Shell, *arguments: str, columns: int = 80, rows: int = 24) -> Terminal:
        made.append(Terminal(shell, *arguments, columns=columns, rows=rows))
        return made[-1]

    yield begin
    for one in made:
        one.close()


def note(number: int) -> dict[str, object]:
    return event("custom", payload={"kind": "count", "summary": f"n{number}"}, severity="info")


def numbers(lines: list[str]) -> list[int]:
    return [int(json.loads(line)["payload"]["summary"][1:]) for line in lines]


# -- tail -----------------------------------------------------------------------------


def test_tail_goes_on_through_restarts(new_server: NewServer, tmp_path: Path, tail: Callable[..., Tail]) -> None:
    server = new_server()
    board = server.board()
    board.send("counter", [note(number) for number in range(5)])
    following = tail(Shell.at(server, tmp_path), "--json", "-n", "3")
    assert numbers([following.line() for _ in range(3)]) == [2, 3, 4]
    board.send("counter", [note(5)])
    assert numbers([following.line()]) == [5]
    server.kill()
    server.start()
    # Whether it is back already or not: what comes meanwhile is not lost.
    board.send("counter", [note(number) for number in range(6, 406)])
    assert numbers([following.line() for _ in range(400)]) == list(range(6, 406))
    server.stop()
    server.start()
    board.send("counter", [note(406)])
    last = following.line()
    assert numbers([last]) == [406]
    told = following.end()
    assert "was lost" in told
    assert "is back" in told
    board.send("counter", [note(407)])
    resumed = tail(Shell.at(server, tmp_path), "--json", "--since-seq", str(json.loads(last)["seq"]))
    assert numbers([resumed.line()]) == [407]


def test_tail_is_narrowed(new_server: NewServer, tmp_path: Path, tail: Callable[..., Tail]) -> None:
    server = new_server()
    board = server.board()
    shell = Shell.at(server, tmp_path)
    severe = tail(shell, "--min-severity", "error", "--project", "mail")
    one_task = tail(shell, "--task", "t-2", "--type", "task_started")
    board.send("worker", [registered()])
    done = [
        event("task_started", task_id="t-1", project_id="mail"),
        event("task_failed", task_id="t-1", project_id="other"),
        event("task_failed", task_id="t-1", project_id="mail", payload={"exception_message": "full"}),
        event("task_started", task_id="t-2", project_id="mail"),
    ]
    board.send("worker", done)
    assert severe.line().endswith("✗ worker failed t-1 full")
    assert one_task.line().endswith("▶ worker began t-2")
    latest = shell.done("tail", "-n", "2", "--no-follow").splitlines()
    assert [line.split(" ", 1)[1] for line in latest] == ["✗ worker failed t-1 full", "▶ worker began t-2"]
    assert "none of" in shell.fails(2, "tail", "--type", "task_slept")
    assert "does not know the key" in shell.fails(4, "tail", HIVEBOARD_API_KEY="hb_read_" + "q" * 32)


def test_tail_ends_when_its_key_does(new_server: NewServer, tmp_path: Path, tail: Callable[..., Tail]) -> None:
    server = new_server()
    board = server.board()
    key = server.create_key("read")
    following = tail(Shell.at(server, tmp_path, key), "--json")
    board.send("counter", [note(1)])
    assert numbers([following.line()]) == [1]
    server.command("keys", "revoke", key[:16])
    assert following.process.wait(30) == 4


def test_tail_where_a_proxy_drops_websockets(new_server: NewServer, tmp_path: Path, tail: Callable[..., Tail]) -> None:
    server = new_server()
    board = server.board()
    board.send("counter", [note(0)])
    nginx = Nginx(tmp_path / "nginx", server.address, takes_path_off=True, drops_upgrade=True)
    nginx.start()
    try:
        shell = Shell(tmp_path, HIVEBOARD_URL=f"{nginx.site}/hive", HIVEBOARD_API_KEY=server.create_key("read"))
        following = tail(shell, "--json")
        assert numbers([following.line()]) == [0]
        board.send("counter", [note(number) for number in range(1, 301)])
        assert numbers([following.line() for _ in range(300)]) == list(range(1, 301))
    finally:
        nginx.end()


# -- top ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fleet(server: Server) -> Iterator[Board]:
    board = server.board()
    hive.report(board)
    yield board
    hiveloop.reset()


@pytest.fixture
def shell(server: Server, fleet: Board, tmp_path: Path) -> Shell:
    return Shell.at(server, tmp_path)


def test_top_at_80_by_24(shell: Shell, terminal: Open) -> None:
    top = terminal(shell, "top")
    top.shows("The Hive", "Tasks", "Activity Stream", "5 agents: 1 stuck, 1 error, 1 waiting, 2 idle", "● live")
    # The terminal's own red: the second of its palette, which the emulator names by its usual value.
    assert top.colours("✖ stuck") == {"cd0000"}
    names = [line.split()[2] for line in top.lines if line[:2] in {"✖ ", "✗ ", "? "} and "agent" in line]
    assert names[:1] == ["dead-agent"]
    top.press("?")
    top.shows("Move between agents", "Fold or unfold the Hive")
    top.press("?")
    top.until(lambda text: "Move between agents" not in text)
    top.press("down", "enter")
    top.shows("narrowed to support-triage", "Tasks of support-triage", "✗ failed  ticket-7")
    top.press("enter")
    top.shows("Story", "by support-triage", "fetch_customer", "TimeoutError: crm did not answer")
    assert all(len(line) <= 80 for line in top.lines)
    top.press("end")
    top.shows("What went wrong and was not made good", "RuntimeError: no customer record")
    top.press("esc")
    top.shows("Tasks of support-triage")
    top.press("esc")
    top.until(lambda text: "narrowed" not in text and "lead-1" in text)
    top.press("/", "refund", "enter")
    top.shows('with "refund"', "1 of 5")
    top.press("q")
    assert top.ended() == 0
    assert top.is_as_before()


def test_top_wide(shell: Shell, terminal: Open) -> None:
    top = terminal(shell, "top", columns=180, rows=50)
    top.shows("The Hive", "Tasks", "Activity Stream", "● live")
    head = top.lines[1]
    assert head.index("The Hive") < head.index("Tasks") < head.index("Activity Stream"), (
        "beside each other, as on the board"
    )
    top.press("]")
    top.until(lambda text: "Activity Stream" not in text)
    top.press("[")
    top.until(lambda text: "The Hive" not in text)
    top.press("ctrl-c")
    assert top.ended() == 0
    assert top.is_as_before()


def test_top_is_live_and_comes_back(new_server: NewServer, tmp_path: Path, terminal: Open) -> None:
    server = new_server()
    board = server.board()
    board.send("worker", [registered()])
    top = terminal(Shell.at(server, tmp_path), "top")
    top.shows("1 agent: 1 idle")
    # Begun: from here on all that happens is heard of.
    board.send("worker", [event("task_started", task_id="job-1")])
    top.shows("1 agent: 1 processing", "job-1", "worker began job-1")
    server.kill()
    top.shows("lost, trying again")
    server.start()
    top.shows("● live")
    board.send("worker", [event("task_failed", task_id="job-1", payload={"exception_message": "disk full"})])
    top.shows("1 error", "disk full")
    top.press("q")
    assert top.ended() == 0


def test_top_without_a_terminal_or_a_server_says_so(shell: Shell, tmp_path: Path, terminal: Open) -> None:
    assert "wants a terminal" in shell.fails(2, "top")
    nowhere = terminal(Shell(tmp_path), "top", "--url", "http://127.0.0.1:9", "--key", "hb_read_x")
    nowhere.shows("nothing answers at http://127.0.0.1:9")
    assert nowhere.ended() == 3
    assert nowhere.is_as_before()
