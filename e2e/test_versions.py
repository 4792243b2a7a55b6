"""Data directories of earlier versions open in this one, whether their server was stopped or killed."""

from __future__ import annotations

import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.board import Board
from harness.derived import derived_state
from harness.server import Server

DATA = Path(__file__).parent / "data"
# Keys in the committed directories; they open nothing else.
LIVE, TEST = "hb_live_jHUzl7Iqmdgnc5Lw0mhNAVXil5mxQSBQ", "hb_test_5DMh7Y0QQ0hbmzYaiZIplEnsZxWmwqhP"
OTLP = "hb_live_1cgFcBZuNhatZbIjkixwS1EcbjNYqnfO"
FIELDS = (
    *("event_id", "timestamp", "event_type", "severity", "status", "project_id", "task_id", "task_type", "task_run_id"),
    *("correlation_id", "action_id", "parent_action_id", "parent_event_id", "duration_ms", "payload"),
)


def told_again(board: Board, events: list[dict[str, Any]]) -> None:
    """Sends stored events to another server."""
    for agent_id in sorted({event["agent_id"] for event in events}):
        own = [event for event in reversed(events) if event["agent_id"] == agent_id]
        for start in range(0, len(own), 100):
            batch = [
                {name: event[name] for name in FIELDS if event.get(name) is not None}
                for event in own[start : start + 100]
            ]
            board.send(agent_id, batch)


@pytest.mark.parametrize(("name", "agents", "least"), [("v0.1.0-stopped", 2, 100), ("v0.1.0-killed", 3, 150)])
def test_data_of_an_earlier_version_opens(
    name: str, agents: int, least: int, new_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = Server(tmp_path, RETENTION_DAYS=65_000)
    server.data.mkdir()
    with tarfile.open(DATA / f"{name}.tar.xz") as archive:
        archive.extractall(server.data, filter="data")
    try:
        server.start()
        board = server.board(LIVE)
        events = board.events()
        assert len(events) >= least
        assert len(board.agents()) == agents
        assert len(server.board(TEST).agents()) == 1
        assert board.get("/v1/storage")["damaged"] == []
        fresh = new_server().board()
        told_again(fresh, events)
        assert derived_state(board) == derived_state(fresh)
        # What was stored by the earlier version is known when it comes again.
        told_again(board, events)
        assert len(board.events()) == len(events)
        newest = events[0]["seq"]
        board.send("later", [{name: events[0][name] for name in ("timestamp", "event_type")} | {"event_id": "later"}])
        assert board.events()[0]["seq"] > newest
        server.stop()
        assert "Sound" in server.command("check")
    finally:
        server.end()


def test_a_file_of_a_newer_version_is_refused(new_server: Callable[..., Server]) -> None:
    server = new_server()
    server.stop()
    path = server.data / "settings.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    refused = server.try_command("serve", "--addr", "127.0.0.1:0")
    assert refused.returncode != 0
    assert "newer" in refused.stderr
    assert path.name in refused.stderr


def test_what_an_earlier_version_took_by_opentelemetry_is_known_as_such(tmp_path: Path) -> None:
    server = Server(tmp_path, RETENTION_DAYS=65_000)
    server.data.mkdir()
    with tarfile.open(DATA / "v0.1.0-opentelemetry.tar.xz") as archive:
        archive.extractall(server.data, filter="data")
    try:
        server.start()
        board = server.board(OTLP)
        sources = {event["agent_id"]: event["source"] for event in board.events()}
        assert sources == {"demo": "otlp", "gemini-cli": "otlp", "by-hand": "ingest"}
        assert {name: agent["liveness"] for name, agent in board.agents().items()} == {
            "demo": "none",
            "gemini-cli": "metrics",
            "unknown_service:python": "metrics",
            "by-hand": "heartbeat",
        }
        # What comes from now on says it itself, whatever its id.
        board.send("new", [{"event_id": "otlp:1", "timestamp": "2026-11-26T10:00:00Z", "event_type": "custom"}])
        assert {event["agent_id"]: event["source"] for event in board.events()}["new"] == "ingest"
        server.stop()
        assert "Sound" in server.command("check")
    finally:
        server.end()
