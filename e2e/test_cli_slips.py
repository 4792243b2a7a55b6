"""Slips of whoever types a command: each is told, and nothing is made or taken that was not meant."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from harness.board import Board
from harness.events import custom, event
from harness.server import Server, free_port, hiveboard_binary
from harness.shell import Shell, plain


@pytest.fixture(scope="module")
def fleet(server: Server) -> Board:
    """An alert in each of two environments."""
    board = server.board()
    rule = {"name": "issues", "severity": "warning", "condition": {"type": "issue_reported"}}
    made = httpx.post(f"{server.url}/v1/alerts/rules", json=rule, headers={"Authorization": f"Bearer {board.key}"})
    assert made.status_code == 201, made.text
    for agent_id, environment in (("one", "production"), ("two", "staging")):
        issue = custom("issue", {"severity": "high"}, summary=f"disk of {agent_id} is full")
        failed = [event("task_started", task_id="t"), event("task_failed", task_id="t")]
        board.send(agent_id, [issue, *failed], environment=environment, group=f"group-{agent_id}")
    board.eventually(lambda: len(board.all("/v1/alerts", state="firing")), lambda count: count >= 3, 20)
    return board


@pytest.fixture
def shell(server: Server, fleet: Board, tmp_path: Path) -> Shell:
    return Shell.at(server, tmp_path)


def test_alerts_are_narrowed_like_everything_else(shell: Shell) -> None:
    told = plain(shell.done("alerts", "list", "--environment", "staging"))
    assert "disk of two is full" in told
    assert "disk of one is full" not in told
    checked = plain(shell.run("check-fleet", "--fail-on", "alert", "--environment", "production").stdout)
    assert "disk of one is full" in checked
    assert "disk of two is full" not in checked
    checked = shell.run("check-fleet", "--fail-on", "alert", "--group", "elsewhere")
    assert (checked.returncode, plain(checked.stdout)) == (0, "✓ well no agents\n")


def test_a_link_of_an_alert_is_one_line_wherever_it_is_printed(shell: Shell) -> None:
    told = plain(shell.done("alerts", "list", COLUMNS="40"))
    links = [line.strip() for line in told.splitlines() if "http://" in line]
    assert len(links) >= 3
    for link in links:
        assert link.startswith("http://"), told
        assert len(link) > 40, "else this shows nothing"


def test_rules_come_from_the_standard_input_as_well(shell: Shell, server: Server) -> None:
    where = ("--data-dir", str(server.data))
    rules = shell.done("alerts", "export", *where)
    assert "issues" in rules
    told = shell.done("alerts", "apply", "-f", "-", "--dry-run", *where, text=rules)
    assert "issues" not in told, "all is as the file says"
    shell.fails(1, "alerts", "apply", "-f", "-", *where, text="no rules")


def test_no_agents_that_fit_are_not_no_agents_at_all(shell: Shell) -> None:
    assert shell.done("agents", "--agent", "nobody") == "No agents fit.\n"
    assert shell.done("agents", "--status", "stuck") == "No agents fit.\n"


class Page(BaseHTTPRequestHandler):
    """A web page, whatever is asked for."""

    def do_GET(self) -> None:
        body = b"<!doctype html><title>Welcome</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def page() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_of_some_page_is_told_as_one(shell: Shell, page: str) -> None:
    told = shell.fails(3, "agents", "--url", page)
    assert "is the address right?" in told
    assert "version" not in told


def test_what_cannot_be_read_makes_no_data_directory(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    mistyped = tmp_path / "mistyped"
    for command, says in (
        ("prices list gpt-4o", "is no data directory"),
        ("prices update --file missing.json --yes", "cannot read missing.json"),
        ("import missing.ndjson", "cannot open missing.ndjson"),
        ("import .", "is a directory"),
        ("retention --mode live --days many", "is neither"),
        ("keys create --kind live --expires soon", "soon"),
        ("workspaces create ''", "1 to 100 characters"),
    ):
        words = [word.strip("'") for word in command.split()]
        assert says in shell.fails(1, *words, "--data-dir", str(mistyped)), command
        assert not mistyped.exists(), command


def test_a_backup_goes_where_a_backup_can_be(server: Server, fleet: Board, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    where = ("--data-dir", str(server.data))
    for target, says in (
        ("copy.zip", "no archive of that kind"),
        ("copy.tar.gz", "no archive of that kind"),
        ("copy.TGZ", "no archive of that kind"),
        ("-", "is no file"),
        (str(server.data), "lies in the data directory"),
        (str(server.data / "deep" / "copy"), "lies in the data directory"),
        (str(server.data / "copy.tar"), "lies in the data directory"),
    ):
        assert says in shell.fails(1, "backup", target, *where), target
    assert list(tmp_path.iterdir()) == []
    assert not (server.data / "deep").exists()
    shell.done("backup", "copy.tar", *where)
    shell.done("backup", "copy", *where)
    assert (tmp_path / "copy.tar").is_file()
    assert (tmp_path / "copy" / "backup.json").is_file()


def test_doctor_and_connect_find_the_server_of_a_data_directory(
    new_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = new_server()
    shell, where = Shell(tmp_path), ("--data-dir", str(server.data))
    told = shell.done("doctor", *where)
    assert f"http://{server.address} answers and is ready" in told
    assert shell.done("doctor", "--health", *where) == "ready\n"
    told = shell.done("connect", "codex", *where)
    assert server.address in told
    assert ":8000" not in told
    told = shell.fails(1, "connect", "codex", "--key", "hb_read_" + "x" * 32, *where)
    assert "only reads" in told
    server.stop()
    assert "nothing answers at http://127.0.0.1:8000" in shell.fails(1, "doctor", "--health", *where)


def test_a_server_whose_words_nobody_reads_serves_all_the_same(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    reading, writing = os.pipe()
    os.close(reading)
    command = [str(hiveboard_binary()), "serve", "--data-dir", "data", "--addr", address, "--otlp-grpc-addr", ""]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=writing, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        deadline = time.monotonic() + 20
        while Shell(tmp_path).run("doctor", "--health", "--data-dir", "data").returncode != 0:
            assert process.poll() is None, "it goes on"
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        process.terminate()
        assert process.wait(20) == 0
