"""The commands that ask a server: what they show, what scripts get, and with which exit code they end."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer

import hiveloop
import pytest

from harness import hive
from harness.board import Board
from harness.events import moment
from harness.server import Server, free_port, hiveboard_binary
from harness.shell import Shell, columns, plain

EVERY = [
    ("agents",),
    ("tasks",),
    ("task", "lead-1"),
    ("cost",),
    ("insights",),
    ("alerts", "list"),
    ("search", "crm"),
    ("check-fleet", "--fail-on", "gone"),
]
ACTS_ON_THE_SCREEN = ["\x07", "\u202e", "\u200b", "\U000e0068", "\x1b]", "\x1b[2J"]


@pytest.fixture(scope="module")
def fleet(server: Server) -> Iterator[Board]:
    board = server.board()
    hive.report(board)
    yield board
    hiveloop.reset()


@pytest.fixture
def shell(server: Server, fleet: Board, tmp_path: Path) -> Shell:
    return Shell.at(server, tmp_path)


# -- what is shown --------------------------------------------------------------------


def test_agents_come_by_attention(shell: Shell) -> None:
    lines = plain(shell.done("agents")).splitlines()
    assert lines[0] == "5 agents: 1 stuck, 1 error, 1 waiting, 2 idle"
    assert lines[1].split()[:3] == ["STATUS", "AGENT", "DOING"]
    assert [line.split()[1:3] for line in lines[2:5]] == [
        ["stuck", "dead-agent"],
        ["error", "support-triage"],
        ["waiting", "refund-agent"],
    ]
    assert "nightly-9" in lines[2]
    only = plain(shell.done("agents", "--status", "waiting", "--sort", "name")).splitlines()
    assert [line.split()[2] for line in only[2:]] == ["refund-agent"]
    assert plain(shell.done("agents", "--limit", "1")).startswith("The first 1 agent: 1 stuck\n")


def test_tasks_are_narrowed_and_sorted(shell: Shell) -> None:
    failed = plain(shell.done("tasks", "--status", "failed,stuck", "--sort", "oldest")).splitlines()
    assert [line.split()[1:3] for line in failed[1:]] == [["stuck", "nightly-9"], ["failed", "ticket-7"]]
    assert plain(shell.done("tasks", "--project", "nowhere")) == "No tasks fit.\n"
    dearest = shell.json("tasks", "--sort", "cost", "--limit", "2")
    assert [task["task_id"] for task in dearest] == ["lead-1", "ticket-7"]
    more = shell.run("tasks", "--limit", "2")
    assert (more.returncode, len(more.stdout.splitlines())) == (0, 3)
    assert "more than 2" in more.stderr


def test_a_task_is_told_in_the_order_of_the_waterfall(shell: Shell, fleet: Board) -> None:
    spans = fleet.timeline("ticket-7")["spans"]
    told = plain(shell.done("task", "ticket-7"))
    places = [told.index(f"{span['name']}", told.index("WHAT")) for span in spans if span["kind"] != "retry"]
    assert places == sorted(places)
    assert "failed" in told.splitlines()[0]
    assert told.count("TimeoutError: crm did not answer") >= 2
    assert "RuntimeError: no customer record" in told
    assert "What went wrong and was not made good" in told
    owner = f"{shell.environment['HIVEBOARD_URL']}/tasks?task=ticket-7&owner=support-triage"
    assert told.splitlines()[-1].startswith(owner)
    done = plain(shell.done("task", "lead-1"))
    assert "Plan 1/2" in done
    assert "✓  1. look it up" in done
    assert "$0.018, 4,000 → 400, claude-sonnet-4" in done
    waiting = plain(shell.done("task", "refund-3"))
    assert "waits for ops-lead" in waiting
    assert "credit of $500" in waiting


def test_cost_adds_up(shell: Shell, fleet: Board) -> None:
    told = plain(shell.done("cost")).splitlines()
    assert told[0] == "$0.024 last 24h: 3 calls, 6,100 tokens in, 510 out"
    rows = {line.split()[0]: line.split()[1:4] for line in told[2:]}
    assert rows == {
        "claude-sonnet-4-20250514": ["$0.022", "91.3", "%"],
        "gpt-4o-mini": ["$0.0021", "8.7", "%"],
    }
    assert shell.json("cost", "--by", "agent") == fleet.get("/v1/cost", group_by="agent", limit=20)
    least = shell.json("cost", "--by", "agent_model", "--limit", "1", "--range", "7d")
    assert (len(least["groups"]), least["other"]["group_count"]) == (1, 2)


def test_insights_alerts_and_search(shell: Shell, server: Server, tmp_path: Path) -> None:
    told = plain(shell.done("insights", "--checked", "--evidence"))
    assert "found in the last 24h" in told
    assert "Too little:" in told
    assert shell.json("insights", "--kinds", "fleet_health,loop")["checked"][0]["kind"] in {"fleet_health", "loop"}
    assert shell.done("alerts", "list", "--agent", "sales-agent") == "Nothing fires.\n"
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "died"\nseverity = "critical"\ncondition = { type = "agent_stuck" }\n')
    server.command("alerts", "apply", "-f", str(rules))
    board = server.board()
    # Beside the rules that every workspace begins with.
    names = ["Agent stuck", "died"]

    def of_the_dead() -> list[str]:
        return sorted(alert["rule_name"] for alert in board.all("/v1/alerts", agent_id="dead-agent"))

    board.eventually(of_the_dead, lambda fired: fired == names, 20)
    fired = plain(shell.done("alerts", "list", "--agent", "dead-agent", "--severity", "critical"))
    assert "✖ critical died for " in fired
    assert 'Agent "dead-agent" is stuck at task "nightly-9"' in fired
    listed = shell.json("alerts", "list", "--state", "all", "--agent", "dead-agent")
    assert sorted(alert["rule_name"] for alert in listed) == names
    checked = shell.run("check-fleet", "--fail-on", "alert")
    assert checked.returncode == 1
    assert re.search(r'^· alert +died: Agent "dead-agent" is stuck', plain(checked.stdout), re.MULTILINE)
    found = plain(shell.done("search", "NO CUSTOMER record")).splitlines()
    assert len(found) == 1
    assert "support-triage failed ticket-7 RuntimeError: no customer record" in found[0]
    assert plain(shell.done("search", "nothing like it")) == 'Nothing says "nothing like it" in all that is kept.\n'
    assert shell.json("search", "nothing like it") == []


# -- for scripts ----------------------------------------------------------------------


def test_json_is_what_the_server_answers(shell: Shell, fleet: Board) -> None:
    told = shell.json("agents", "--sort", "name")
    assert [agent["agent_id"] for agent in told] == sorted(fleet.agents())
    assert set(told[0]) == set(fleet.get("/v1/agents")["data"][0])
    assert shell.json("task", "lead-1")["spans"] == fleet.timeline("lead-1")["spans"]
    assert {task["task_id"] for task in shell.json("tasks")} >= {"lead-1", "ticket-7", "refund-3", "nightly-9"}


def test_numbers_of_any_size_keep_their_digits(shell: Shell, fleet: Board) -> None:
    exact = '{"huge": 123456789012345678901234567890, "precise": 0.1000000000000000055511151231257827, "beyond": 1e400}'
    body = {"envelope": {"agent_id": "sales-agent"}, "events": []}
    event = (
        f'{{"event_id": "exact-1", "timestamp": "{moment()}", "event_type": "custom",'
        f' "payload": {{"kind": "exact", "summary": "digits", "data": {exact}}}}}'
    )
    text = json.dumps(body).replace('"events": []', f'"events": [{event}]')
    assert fleet.post_body(text.encode()).status_code == 200
    assert "123456789012345678901234567890" in shell.done("search", "digits", "--kind", "exact", "--json")
    assert "digits" in shell.done("search", "digits"), "what no type holds hides nothing"
    assert "digits" in shell.done("tail", "--no-follow")


@pytest.mark.parametrize("command", EVERY)
def test_lines_fit_and_colours_are_for_terminals(shell: Shell, command: tuple[str, ...]) -> None:
    for width in (80, 120, 200):
        for line in shell.done(*command, COLUMNS=str(width)).splitlines():
            assert "\x1b" not in line, "nobody looks: no colours"
            # Links are whole, so that they can be followed.
            assert columns(line) <= width or "http://" in line, line
    shows_nothing = command[0] in {"alerts", "insights"}
    assert shows_nothing or "\x1b[" in shell.done(*command, "--color", "always")
    assert "\x1b[" not in shell.done(*command, NO_COLOR="1", CLICOLOR_FORCE="")
    json.loads(shell.done(*command, "--json"))


def test_what_agents_say_does_nothing_to_the_screen(shell: Shell) -> None:
    for command in (
        ("agents",),
        ("tasks", "--agent", "hostile"),
        ("search", "needle"),
        ("task", f"odd {hive.HOSTILE}"),
    ):
        told = shell.done(*command, "--color", "always")
        assert command[0] == "agents" or "·[2J·]0;owned" in plain(told)
        for sign in ACTS_ON_THE_SCREEN:
            assert sign not in told


def test_a_reader_that_has_enough(shell: Shell) -> None:
    script = f"{hiveboard_binary()} tasks --json | head -c 1"
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script], env=shell.environment, capture_output=True, text=True, timeout=60
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "[", "")


@pytest.mark.parametrize(
    "command", ["keys list", "config", "openapi", "completions bash", "man", "workspaces list", "retention"]
)
def test_a_reader_that_hangs_up_or_a_full_disk_ends_any_command_in_words(
    server: Server, shell: Shell, command: str
) -> None:
    words = [str(hiveboard_binary()), *command.split()]
    if command.split()[0] in ("keys", "workspaces", "retention"):
        words += ["--data-dir", str(server.data)]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        hung_up = subprocess.run(
            words, env=shell.environment, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60
        )
    finally:
        os.close(writing)
    assert (hung_up.returncode, hung_up.stderr) == (0, "")
    with open("/dev/full", "w") as full:
        no_room = subprocess.run(
            words, env=shell.environment, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert no_room.returncode == 1
    assert no_room.stderr == "hiveboard: No space left on device (os error 28)\n"


def test_what_nobody_reads_is_done_all_the_same(new_server: Callable[..., Server], tmp_path: Path) -> None:
    server = new_server()
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[[rule]]\nname = "one\\u001b[2J"\nseverity = "warning"\ncondition = {type = "agent_stuck"}\n'
        '[[rule]]\nname = "two"\nseverity = "warning"\ncondition = {type = "agent_stuck"}\n'
    )
    reading, writing = os.pipe()
    os.close(reading)
    try:
        words = [str(hiveboard_binary()), "alerts", "apply", "-f", str(rules), "--data-dir", str(server.data)]
        ran = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60)
    finally:
        os.close(writing)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "2 as they are" in server.command("alerts", "apply", "-f", str(rules), "--dry-run")
    pruned = server.command("alerts", "apply", "-f", os.devnull, "--prune", "--dry-run")
    assert "- one·[2J\n- two" in pruned, "names act on no screen"


def test_a_key_that_could_not_be_shown_opens_nothing(server: Server, shell: Shell) -> None:
    with open("/dev/full", "w") as full:
        words = [str(hiveboard_binary()), "keys", "create", "--kind", "read", "--name", "unseen", "--data-dir"]
        ran = subprocess.run(
            [*words, str(server.data)],
            env=shell.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert ran.returncode == 1
    assert "could not be shown, and was revoked" in ran.stderr
    listed = next(line for line in server.command("keys", "list").splitlines() if "unseen" in line)
    assert "revoked" in listed


# -- exit codes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "keys list",
        "keys revoke x",
        "keys rotate x",
        "members list",
        "members reset ada@example.org",
        "workspaces list",
        "login-link",
        "retention",
        "check",
        "rebuild",
        "alerts export",
        "export",
        "backup copy",
    ],
)
def test_a_mistyped_directory_is_neither_made_nor_answered_for(tmp_path: Path, command: str) -> None:
    shell = Shell(tmp_path)
    told = shell.fails(1, *command.split(), "--data-dir", str(tmp_path / "mistyped"))
    assert "is no data directory" in told
    assert not (tmp_path / "mistyped").exists()


def test_a_file_in_the_place_of_a_directory_and_a_broken_list_of_profiles_say_what_they_are(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    (tmp_path / "file").write_text("")
    for command in ("serve", "keys create --kind live"):
        told = shell.fails(1, *command.split(), "--data-dir", str(tmp_path / "file"))
        assert "cannot create the data directory" in told, command
    assert "is no data directory" in shell.fails(1, "keys", "list", "--data-dir", str(tmp_path / "file"))
    assert "is not the address of a server" in shell.fails(2, "connect", "codex", "--url", "board")
    profiles = tmp_path / ".config" / "hiveboard" / "profiles.toml"
    profiles.parent.mkdir(parents=True)
    profiles.write_text("x = [")
    assert "remove it and `hiveboard login` again" in shell.fails(2, "profiles")


def test_none_of_the_rows_is_no_answer(shell: Shell) -> None:
    for command in (("agents",), ("tasks",), ("search", "crm"), ("alerts", "list")):
        assert "--limit" in shell.fails(2, *command, "--limit", "0")


def test_check_fleet_tells_by_its_exit_code(shell: Shell) -> None:
    told = shell.run("check-fleet")
    assert told.returncode == 1
    assert "stuck" in told.stdout
    assert "dead-agent for" in plain(told.stdout)
    assert "nightly-9" in told.stdout
    assert "support-triage" in told.stdout
    well = plain(shell.done("check-fleet", "--agent", "sales-agent", "--expect", "sales-agent", "--at-least", "1"))
    assert well == "✓ well 1 idle\n"
    assert shell.run("check-fleet", "--fail-on", "waiting").returncode == 1
    missing = shell.run(
        "check-fleet", "--fail-on", "gone", "--expect", "nobody,dead-agent", "--at-least", "9", "--json"
    )
    assert missing.returncode == 1
    report = json.loads(missing.stdout)
    assert (report["ok"], report["agents"], report["by_status"]["stuck"]) == (False, 5, 1)
    assert [(one["what"], one["agent_id"]) for one in report["findings"]] == [
        ("missing", "nobody"),
        ("missing", "dead-agent"),
        ("missing", None),
    ]
    shell.fails(2, "check-fleet", "--fail-on", "tired")


def test_what_goes_wrong_says_what_to_do(shell: Shell, server: Server, tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    told = shell.fails(3, "agents", "--url", nobody)
    assert f"nothing answers at {nobody}" in told
    wrong = "hb_read_" + "x" * 32
    told = shell.fails(4, "agents", "--key", wrong)
    assert "does not know the key hb_read_xxxx" in told
    assert wrong not in told
    only_sends = server.create_key("live", scopes="ingest")
    assert "does not allow" in shell.fails(4, "agents", "--key", only_sends)
    assert "live data only" in shell.fails(4, "agents", "--mode", "test")
    told = shell.fails(5, "task", "nobody-did-this")
    assert "no such task" in told
    assert "`hiveboard tasks`" in told
    assert "GET /v1" not in told
    assert "gossip" in shell.fails(2, "insights", "--kinds", "gossip")
    assert "is not the address" in shell.fails(2, "agents", "--url", "board.example.org")
    assert "not an RFC 3339 time" in shell.fails(2, "tasks", "--since", "yesterday")
    told = Shell(tmp_path).fails(2, "agents", "--url", server.url)
    assert "wants a key" in told
    told = Shell(tmp_path).fails(3, "agents")
    assert "no server is named" in told
    assert "hiveboard serve" in told


class _NotOurs(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if "agents" in self.path else 302)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    def log_message(self, *arguments: object) -> None:
        pass


def test_another_program_at_the_address(shell: Shell) -> None:
    other = HTTPServer(("127.0.0.1", 0), _NotOurs)
    thread = threading.Thread(target=other.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{other.server_address[1]}"
        assert "something else than a HiveBoard" in shell.fails(3, "agents", "--url", url)
        assert "not as a HiveBoard does" in shell.fails(3, "tasks", "--url", url)
    finally:
        other.shutdown()
        other.server_close()
        thread.join()


class _HangsUp(StreamRequestHandler):
    """Closes each connection without a word."""

    def handle(self) -> None:
        pass


def test_a_server_that_hangs_up(shell: Shell) -> None:
    with TCPServer(("127.0.0.1", 0), _HangsUp) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            assert "nothing answers" in shell.fails(3, "agents", "--url", f"http://127.0.0.1:{other.server_address[1]}")
        finally:
            other.shutdown()
            thread.join()


# -- which server ---------------------------------------------------------------------


def test_the_server_of_a_data_directory_needs_no_words(server: Server, fleet: Board, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    at = ("--data-dir", str(server.data))
    assert "dead-agent" in shell.done("agents", *at)
    kept = server.data / "command-line-live.key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    key = kept.read_text()
    assert key.startswith("hb_read_")
    shell.done("tasks", *at)
    assert kept.read_text() == key, "one key is made, once"
    assert server.command("keys", "list").count("command line on the server's machine") == 1
    server.command("keys", "revoke", key[:16])
    assert "dead-agent" in shell.done("agents", HIVEBOARD_DATA_DIR=str(server.data))
    assert kept.read_text() != key
    assert shell.json("agents", "--mode", "test", *at) == []
    assert "hb_" not in shell.done("agents", *at)


def test_a_data_directory_whose_server_is_gone(new_server: Callable[..., Server], tmp_path: Path) -> None:
    server = new_server()
    shell = Shell(tmp_path)
    at = ("--data-dir", str(server.data))
    assert shell.json("agents", *at) == []
    server.kill()
    assert (server.data / "server.json").exists(), "a server that is killed leaves its address behind"
    assert "no server uses" in shell.fails(3, "agents", *at)
    server.start()
    assert shell.json("agents", *at) == []
    server.stop()
    assert not (server.data / "server.json").exists()
    assert "no server uses" in shell.fails(3, "agents", *at)


def test_profiles_keep_servers(server: Server, fleet: Board, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert "No profiles yet" in shell.done("profiles")
    key = server.create_key("read")
    assert "does not know" in shell.fails(4, "login", server.url, "--key", "hb_read_" + "y" * 32)
    told = shell.done("login", server.url + "/", "--profile", "home", text=f"{key}\n")
    assert key not in told
    assert "live data of" in told
    path = tmp_path / ".config" / "hiveboard" / "profiles.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "dead-agent" in shell.done("agents"), "it is the usual one"
    assert "dead-agent" in shell.done("agents", "--profile", "home")
    assert "dead-agent" in shell.done("agents", "--url", server.url), "its key is known by the address"
    listed = shell.done("profiles")
    assert server.url in listed
    assert key not in listed
    assert "there are home" in shell.fails(2, "agents", "--profile", "work")
    empty = Shell.at(server, tmp_path, server.create_key("test"))
    assert empty.json("agents") == [], "the environment goes before a profile"
    assert len(empty.json("agents", "--profile", "home", HIVEBOARD_API_KEY="")) == 5, "a flag before the environment"
    shell.done("logout", "home")
    assert key not in path.read_text()
    shell.fails(3, "agents")
    shell.fails(2, "logout", "home")
