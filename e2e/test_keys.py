"""Keys by the command line beside a running server, and who may see what."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import httpx
import pytest

from harness.board import Board
from harness.events import custom, event
from harness.server import Server


def can_read(server: Server, key: str) -> bool:
    answer = httpx.get(server.url + "/v1/agents", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200


@pytest.mark.parametrize("kind", ["live", "test", "read"])
def test_key_works_at_once(server: Server, kind: str) -> None:
    key = server.create_key(kind)
    assert re.fullmatch(rf"hb_{kind}_[A-Za-z0-9_-]{{32}}", key)
    assert can_read(server, key)


def test_key_made_before_the_server_starts(new_server: Callable[..., Server]) -> None:
    server = new_server()
    server.stop()
    key = server.create_key()
    server.start()
    assert can_read(server, key)


def test_revoked_key_stops_within_a_second(server: Server) -> None:
    key = server.create_key(name="to-be-revoked")
    assert can_read(server, key)
    listed = next(line for line in server.command("keys", "list").splitlines() if "to-be-revoked" in line)
    key_id = listed.split()[0]
    server.command("keys", "revoke", key_id)
    time.sleep(1.0)
    assert not can_read(server, key)


def test_keys_are_never_listed_in_full(server: Server) -> None:
    key = server.create_key(name="secret")
    assert key not in server.command("keys", "list")
    assert key not in server.log_path.read_text()
    for path in server.data.rglob("*"):
        if path.is_file():
            assert key.encode() not in path.read_bytes(), f"{path.name} holds a key in the clear"


def fill(board: Board, label: str) -> None:
    """The same ids on every side, with a word that tells the sides apart."""
    board.send(
        "same-agent",
        [
            event("agent_registered", payload={"summary": label, "data": {"type": label}}),
            event("task_started", task_id="same-task", project_id=f"only-{label}"),
            custom(
                "llm_call",
                {"name": label, "model": "m", "cost": 1.0 if label == "live" else 2.0, "prompt_preview": label},
                task_id="same-task",
            ),
            custom("issue", {"issue_id": "same-issue", "severity": "high", "action": "reported"}, label),
            custom("todo", {"todo_id": "same-todo", "action": "created"}, label),
            event("task_completed", task_id="same-task", project_id=f"only-{label}"),
        ],
        agent_type=label,
    )


def test_live_and_test_data_never_meet(new_server: Callable[..., Server]) -> None:
    server = new_server()
    sides = {"live": server.board(), "test": server.board(server.create_key("test"))}
    for label, board in sides.items():
        fill(board, label)
    readers = {label: server.board(server.create_key("read", mode=label)) for label in sides}
    for label, other in (("live", "test"), ("test", "live")):
        for board in (sides[label], readers[label]):
            assert board.agent("same-agent")["agent_type"] == label
            assert board.get("/v1/cost", range="1h")["totals"]["cost"] == (1.0 if label == "live" else 2.0)
            for path in (
                "/v1/agents",
                "/v1/tasks",
                "/v1/events",
                "/v1/projects",
                "/v1/pipeline",
                "/v1/llm-calls",
                "/v1/cost/calls",
                "/v1/metrics?range=1h",
            ):
                text = board.client.get(path).text
                # The word "live" is also the mode's own name; the project's name is not.
                assert f"only-{other}" not in text, path
            assert [item["summary"] for item in board.pipeline("same-agent")["issues"]["items"]] == [label]


def test_login_link_works_once(server: Server) -> None:
    link = server.command("login-link").strip().splitlines()[-1]
    assert link.startswith(f"{server.url}/"), "it leads to the server of the directory, wherever that listens"
    path = re.sub(r"^https?://[^/]+", "", link)
    with httpx.Client(base_url=server.url, follow_redirects=False) as first:
        entered = first.get(path)
        assert entered.status_code in (200, 302, 303, 307), entered.text
        assert "HttpOnly" in entered.headers["set-cookie"]
        assert "samesite" in entered.headers["set-cookie"].lower()
        assert first.get("/v1/agents", params={"mode": "live"}).status_code == 200
        assert first.get("/v1/agents", params={"mode": "test"}).status_code == 200
    with httpx.Client(base_url=server.url, follow_redirects=True) as second:
        second.get(path)
        assert second.get("/v1/agents").status_code == 401


def test_board_page_is_served(server: Server) -> None:
    page = httpx.get(server.url + "/", follow_redirects=True)
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]
    assert "Content-Security-Policy" in page.headers


def test_process_pages_need_no_key(server: Server) -> None:
    for path in ("/health", "/ready", "/metrics"):
        assert httpx.get(server.url + path).status_code == 200
