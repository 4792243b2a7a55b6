"""The live stream: nothing missed, nothing twice, and the server's own news without anyone asking."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from harness.board import Board
from harness.events import custom, event, registered
from harness.server import Server
from harness.stream import StreamReader

Opener = Callable[..., StreamReader]


@pytest.fixture
def listen(board: Board) -> Iterator[Opener]:
    """Opens readers and hangs up at the end."""
    readers: list[StreamReader] = []

    def open_reader(*channels: str, **options: Any) -> StreamReader:
        reader = StreamReader(board, list(channels), **options)
        readers.append(reader)
        return reader

    yield open_reader
    for reader in readers:
        reader.close()


@pytest.fixture
def agent_id() -> str:
    """An agent of this test alone."""
    return f"agent-{uuid.uuid4().hex[:8]}"


def test_event_is_pushed_as_it_is_read(board: Board, listen: Opener, agent_id: str) -> None:
    reader = listen("events", filters={"agent_id": agent_id})
    board.send(agent_id, [custom("note", {"n": 1}, task_id="t")])
    (pushed,) = reader.events(1, 5)
    (read,) = board.events(agent_id=agent_id)
    assert pushed == read


def test_bad_key_is_refused_before_the_upgrade(server: Server) -> None:
    address = server.url.replace("http", "ws") + "/v1/stream?token=hb_live_" + "0" * 32
    with pytest.raises(InvalidStatus) as refused, connect(address):
        pass
    assert refused.value.response.status_code == 401


def test_key_as_token(server: Server, board: Board) -> None:
    with connect(server.url.replace("http", "ws") + f"/v1/stream?token={board.key}") as socket:
        socket.send('{"action": "ping"}')
        assert '"pong"' in str(socket.recv(timeout=5))
    assert board.key not in server.log_path.read_text()


def test_resume_without_gap_or_duplicate(board: Board, listen: Opener, agent_id: str) -> None:
    filters = {"agent_id": agent_id}
    total, batch = 400, 5
    writer = threading.Thread(
        target=lambda: [
            board.send(agent_id, [custom("note", {"n": n + k}) for k in range(batch)]) for n in range(0, total, batch)
        ]
    )
    reader = listen("events", filters=filters)
    writer.start()
    seen: list[dict[str, Any]] = []
    for pause in (7, 31, 50, 90):
        seen += reader.events(pause, 15)
        reader.close()
        time.sleep(0.05)
        reader = listen("events", filters=filters, since_seq=seen[-1]["seq"])
    seen += reader.events(total - len(seen), 20)
    writer.join()
    assert [one["payload"]["data"]["n"] for one in seen] == list(range(total))
    assert [one["seq"] for one in seen] == sorted({one["seq"] for one in seen})
    reader.quiet(0.3)


def test_resume_after_a_restart_of_the_server(new_server: Callable[..., Server], agent_id: str) -> None:
    server = new_server()
    board = server.board()
    reader = StreamReader(board, ["events"])
    board.send(agent_id, [custom("note", {"n": 0})])
    (first,) = reader.events(1, 5)
    board.send(agent_id, [custom("note", {"n": 1})])
    server.kill()
    server.start()
    again = server.board(board.key)
    again.send(agent_id, [custom("note", {"n": 2})])
    resumed = StreamReader(again, ["events"], since_seq=first["seq"])
    assert [one["payload"]["data"]["n"] for one in resumed.events(2, 5)] == [1, 2]
    resumed.close()


def test_repeated_events_are_not_pushed_again(board: Board, listen: Opener, agent_id: str) -> None:
    reader = listen("events", filters={"agent_id": agent_id})
    once = custom("note", {"n": 1})
    for _ in range(3):
        board.send(agent_id, [once])
    reader.events(1, 5)
    reader.quiet(0.3)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"event_types": ["escalated"]}, ["escalated"]),
        ({"event_types": ["heartbeat"]}, ["heartbeat"]),
        ({"min_severity": "error"}, ["task_failed"]),
        ({"project_id": "alpha"}, ["task_started", "task_failed"]),
        ({"environment": "nowhere"}, []),
        ({"environment": "staging", "group": "g"}, ["task_started", "escalated", "task_failed"]),
        ({}, ["task_started", "escalated", "task_failed"]),
    ],
)
def test_filters(board: Board, listen: Opener, agent_id: str, filters: dict[str, Any], expected: list[str]) -> None:
    reader = listen("events", filters={"agent_id": agent_id} | filters)
    board.send(
        agent_id,
        [
            event("task_started", task_id="t", project_id="alpha"),
            event("heartbeat"),
            event("escalated", task_id="t"),
            event("task_failed", task_id="t", project_id="alpha"),
        ],
        environment="staging",
        group="g",
    )
    assert [one["event_type"] for one in reader.events(len(expected), 5)] == expected
    reader.quiet(0.2)


def test_a_later_subscription_replaces_the_first(board: Board, listen: Opener, agent_id: str) -> None:
    reader = listen("events", filters={"agent_id": "somebody-else"})
    reader.subscribe(["events"], {"agent_id": agent_id})
    board.send(agent_id, [event("escalated")])
    reader.events(1, 5)
    reader.say({"action": "unsubscribe", "channels": ["events"]})
    reader.say({"action": "ping"})
    reader.until(lambda frame: frame["type"] == "pong", 5)
    board.send(agent_id, [event("escalated")])
    reader.quiet(0.3)


def test_status_changes_are_pushed(board: Board, listen: Opener, agent_id: str) -> None:
    reader = listen("agents", "tasks", filters={"agent_id": agent_id})

    def next_status() -> tuple[str | None, str]:
        frame = reader.until(lambda one: one["type"] == "agent.status_changed", 5)["data"]
        assert frame["agent_id"] == agent_id
        return frame["previous_status"], frame["new_status"]

    board.send(agent_id, [registered()])
    board.send(agent_id, [event("task_started", task_id="t")])
    seen = [next_status()]
    if seen[0][1] == "idle":
        seen.append(next_status())
    assert seen[-1] == ("idle", "processing")
    board.send(agent_id, [event("approval_requested", task_id="t")])
    assert next_status() == ("processing", "waiting_approval")
    board.send(agent_id, [event("approval_received", task_id="t")])
    assert next_status() == ("waiting_approval", "processing")
    board.send(agent_id, [event("task_failed", task_id="t")])
    assert next_status() == ("processing", "error")
    reader.until(lambda one: one["type"] == "task.updated" and one["data"]["derived_status"] == "failed", 5)


def test_stuck_is_noticed_by_the_server_itself(board: Board, listen: Opener, agent_id: str) -> None:
    reader = listen("agents", filters={"agent_id": agent_id})
    board.send(agent_id, [registered(stuck_threshold_seconds=2), event("task_started", task_id="t")])
    silent_since = time.monotonic()
    # From here on: no request and no event.
    frame = reader.until(lambda one: one["type"] == "agent.stuck", 15)
    waited = time.monotonic() - silent_since
    assert frame["data"]["agent_id"] == agent_id
    assert 1.9 < waited < 8, f"pushed {waited:.2f} s after the last event, with a threshold of 2 s"
    agent = board.agent(agent_id)
    assert (agent["derived_status"], agent["is_stuck"]) == ("stuck", True)
    assert board.task("t")["derived_status"] == "stuck"
    board.send(agent_id, [event("heartbeat")])
    back = reader.until(
        lambda one: one["type"] == "agent.status_changed" and one["data"]["previous_status"] == "stuck", 5
    )
    assert back["data"]["new_status"] == "processing"


def test_heartbeats_are_pushed_to_the_agents_channel(board: Board, listen: Opener, agent_id: str) -> None:
    reader = listen("agents", filters={"agent_id": agent_id})
    board.send(agent_id, [registered()])
    board.send(agent_id, [event("heartbeat", payload={"kind": "heartbeat_status", "summary": "alive", "data": {}})])
    frame = reader.until(lambda one: one["type"] == "agent.heartbeat", 5)
    assert frame["data"]["agent_id"] == agent_id


def test_live_readers_never_see_test_events(server: Server, board: Board, listen: Opener, agent_id: str) -> None:
    reader = listen("events", "agents", "tasks")
    server.board(server.create_key("test")).send(agent_id, [event("task_started", task_id="t")])
    board.send(agent_id, [event("escalated", task_id="t")])
    (seen,) = reader.events(1, 5)
    assert seen["event_type"] == "escalated"


def test_rubbish_frames_get_an_answer_not_a_crash(board: Board, listen: Opener, agent_id: str) -> None:
    reader = listen("events", filters={"agent_id": agent_id})
    reader.socket.send("this is not json")
    reader.say({"action": "dance"})
    reader.say({"action": "ping"})
    reader.until(lambda frame: frame["type"] == "pong", 5)
    board.send(agent_id, [event("escalated")])
    reader.events(1, 5)
