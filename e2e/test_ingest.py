"""The ingest contract: what is accepted, what is refused, and with which words."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import zstandard

from harness.board import Board
from harness.events import custom, event, moment
from harness.server import Server

MEBIBYTE = 1024 * 1024


@pytest.fixture
def agent_id() -> str:
    """An agent that no other test of this file has used."""
    return f"agent-{uuid.uuid4().hex[:8]}"


def body_of(agent_id: str, events: list[dict[str, Any]]) -> bytes:
    return json.dumps({"envelope": {"agent_id": agent_id}, "events": events}).encode()


def assert_error(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()
    assert (error["error"], error["status"]) == (code, status)
    assert len(error["message"]) > 10
    return error


# -- accepted -----------------------------------------------------------------------


def test_all_accepted(board: Board, agent_id: str) -> None:
    answer = board.post_batch(agent_id, [event("heartbeat"), custom("note", {"n": 1})])
    assert answer.status_code == 200
    assert answer.json() == {"accepted": 2, "rejected": 0, "warnings": [], "errors": []}


def test_acknowledged_is_visible_at_once(board: Board, agent_id: str) -> None:
    for number in range(20):
        board.send(agent_id, [event("task_started", task_id=f"{agent_id}-{number}")])
        assert board.timeline(f"{agent_id}-{number}")["events"][0]["event_type"] == "task_started"


def test_event_comes_back_as_sent(board: Board, agent_id: str) -> None:
    sent = event(
        "action_completed",
        timestamp="2026-02-12T16:00:00.123456+02:00",
        project_id="p",
        task_id=f"t-{agent_id}",
        task_type="x",
        task_run_id="r",
        correlation_id="c",
        action_id="a",
        parent_action_id="b",
        parent_event_id="e",
        severity="warn",
        status="success",
        duration_ms=12,
        payload={"action_name": "ünïcode 🐝", "nested": {"list": [1, 2.5, None, True]}},
    )
    board.send(agent_id, [sent], agent_type="t", environment="staging", group="g")
    (seen,) = board.events(agent_id=agent_id)
    for name, value in sent.items():
        if name != "timestamp":
            assert seen[name] == value, name
    assert seen["timestamp"] == "2026-02-12T14:00:00.123456Z"
    assert (seen["agent_id"], seen["agent_type"], seen["environment"], seen["group"]) == (agent_id, "t", "staging", "g")


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_compressed_bodies(board: Board, agent_id: str, encoding: str) -> None:
    body = body_of(agent_id, [event("heartbeat")])
    packed = gzip.compress(body) if encoding == "gzip" else zstandard.compress(body)
    assert board.post_body(packed, **{"Content-Encoding": encoding}).json()["accepted"] == 1
    assert len(board.events(agent_id=agent_id, event_type="heartbeat")) == 1


def test_null_and_unknown_fields(board: Board, agent_id: str) -> None:
    sent = event("heartbeat", task_id=None, payload=None, severity=None, a_field_of_tomorrow=[1])
    assert board.post_batch(agent_id, [sent], agent_version=None, tomorrow={}).json()["accepted"] == 1


def test_repeated_events_count_as_accepted_and_change_nothing(board: Board, agent_id: str) -> None:
    call = custom(
        "llm_call", {"name": "n", "model": "m", "cost": 0.5, "tokens_in": 1, "tokens_out": 1}, task_id=f"t-{agent_id}"
    )
    for _ in range(3):
        board.send(agent_id, [call, call])
    assert len(board.events(agent_id=agent_id)) == 1
    assert board.task(f"t-{agent_id}")["total_cost"] == pytest.approx(0.5)
    changed = call | {"payload": {"kind": "llm_call", "data": {"name": "n", "model": "m", "cost": 9.0}}}
    board.send(agent_id, [changed])
    assert board.task(f"t-{agent_id}")["total_cost"] == pytest.approx(0.5), "the first one stored wins"


def test_exactly_500_events(board: Board, agent_id: str) -> None:
    board.send(agent_id, [event("heartbeat") for _ in range(500)])
    assert_error(board.post_batch(agent_id, [event("heartbeat") for _ in range(501)]), 400, "invalid_batch")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"event_type": "heartbeat"}, "debug"),
        ({"event_type": "task_failed", "task_id": "t"}, "error"),
        ({"event_type": "action_failed"}, "error"),
        ({"event_type": "retry_started"}, "warn"),
        ({"event_type": "escalated"}, "warn"),
        ({"event_type": "task_started", "task_id": "t"}, "info"),
        ({"event_type": "custom", "payload": {"kind": "queue_snapshot", "data": {"depth": 1}}}, "debug"),
        (
            {"event_type": "custom", "payload": {"kind": "plan_step", "data": {"step_index": 0, "action": "failed"}}},
            "error",
        ),
        ({"event_type": "custom", "payload": {"kind": "todo", "data": {"todo_id": "x", "action": "failed"}}}, "warn"),
        (
            {"event_type": "custom", "payload": {"kind": "issue", "data": {"severity": "low", "action": "reported"}}},
            "info",
        ),
        (
            {
                "event_type": "custom",
                "payload": {"kind": "issue", "data": {"severity": "medium", "action": "reported"}},
            },
            "warn",
        ),
        (
            {
                "event_type": "custom",
                "payload": {"kind": "issue", "data": {"severity": "critical", "action": "reported"}},
            },
            "error",
        ),
    ],
)
def test_default_severity(board: Board, agent_id: str, fields: dict[str, Any], expected: str) -> None:
    board.send(agent_id, [event(**fields)])
    (seen,) = board.events(agent_id=agent_id, exclude_heartbeats="false")
    assert seen["severity"] == expected


def test_kinds_of_one_s_own_can_be_asked_for(board: Board, agent_id: str) -> None:
    board.send(agent_id, [custom("my_custom_kind", {"key": "value"}), custom("another_kind", {})])
    (seen,) = board.events(agent_id=agent_id, payload_kind="my_custom_kind")
    assert (seen["payload"]["data"], seen["render_hint"]) == ({"key": "value"}, None)


# -- rejected one by one -------------------------------------------------------------

REJECTED: list[tuple[str, dict[str, Any], str]] = [
    ("no event_id", {"event_id": None}, "missing_required_field"),
    ("no timestamp", {"timestamp": None}, "missing_required_field"),
    ("no event_type", {"event_type": None}, "missing_required_field"),
    ("number as event_id", {"event_id": 7}, "invalid_field"),
    ("list as task_id", {"task_id": ["t"]}, "invalid_field"),
    ("string as duration", {"duration_ms": "fast"}, "invalid_field"),
    ("list as payload", {"payload": [1]}, "invalid_field"),
    ("unknown type", {"event_type": "task_paused"}, "invalid_event_type"),
    ("words as timestamp", {"timestamp": "yesterday"}, "invalid_timestamp"),
    ("timestamp without offset", {"timestamp": "2026-02-12T15:00:00"}, "invalid_timestamp"),
    ("timestamp too far ahead", {"timestamp": moment(-25 * 3600)}, "invalid_timestamp"),
    ("payload too large", {"payload": {"text": "x" * 33_000}}, "payload_too_large"),
    ("long event_id", {"event_id": "e" * 129}, "field_size_exceeded"),
    ("long task_id", {"task_id": "t" * 257}, "field_size_exceeded"),
]


@pytest.mark.parametrize(("fields", "code"), [case[1:] for case in REJECTED], ids=[case[0] for case in REJECTED])
def test_one_bad_event_does_not_hurt_the_others(board: Board, agent_id: str, fields: dict[str, Any], code: str) -> None:
    good = [event("heartbeat"), event("heartbeat")]
    answer = board.post_batch(agent_id, [good[0], event("heartbeat") | fields, good[1]])
    assert answer.status_code == 207, answer.text
    receipt = answer.json()
    assert (receipt["accepted"], receipt["rejected"]) == (2, 1)
    (error,) = receipt["errors"]
    assert (error["index"], error["error"]) == (1, code)
    assert error["message"]
    stored = {seen["event_id"] for seen in board.events(agent_id=agent_id, event_type="heartbeat")}
    assert stored == {one["event_id"] for one in good}


def test_all_rejected_is_207_too(board: Board, agent_id: str) -> None:
    answer = board.post_batch(agent_id, [event("no_such_type")])
    assert (answer.status_code, answer.json()["accepted"], answer.json()["rejected"]) == (207, 0, 1)


def test_limits_count_characters_not_bytes(board: Board, agent_id: str) -> None:
    board.send(agent_id, [event("task_started", task_id="ü" * 256, event_id="é" * 120 + uuid.uuid4().hex[:8])])


def test_a_day_ahead_is_still_taken(board: Board, agent_id: str) -> None:
    board.send(agent_id, [event("heartbeat", timestamp=moment(-23 * 3600))])


# -- warnings ------------------------------------------------------------------------


def warnings_of(receipt: dict[str, Any]) -> list[tuple[int, str]]:
    return [(warning["index"], warning["warning"]) for warning in receipt["warnings"]]


def test_unknown_severity_is_replaced_with_a_warning(board: Board, agent_id: str) -> None:
    receipt = board.send(agent_id, [event("escalated", severity="loud")])
    assert warnings_of(receipt) == [(0, "invalid_severity")]
    assert board.events(agent_id=agent_id)[0]["severity"] == "warn"


def test_malformed_well_known_payload_is_kept_with_a_warning(board: Board, agent_id: str) -> None:
    receipt = board.send(agent_id, [custom("llm_call", {"name": "n", "model": "m", "cost": "cheap", "tokens_in": 5})])
    assert warnings_of(receipt) == [(0, "payload_convention")]
    assert board.events(agent_id=agent_id)[0]["payload"]["data"]["cost"] == "cheap"
    (call,) = board.all("/v1/llm-calls", agent_id=agent_id)
    assert (call["cost"], call["tokens_in"]) == (None, 5)


def test_new_project_is_created_with_a_warning(board: Board, agent_id: str) -> None:
    slug = f"project-{agent_id}"
    receipt = board.send(agent_id, [event("task_started", task_id="t", project_id=slug)])
    assert warnings_of(receipt) == [(0, "project_auto_created")]
    assert warnings_of(board.send(agent_id, [event("task_completed", task_id="t", project_id=slug)])) == []
    created = next(project for project in board.get("/v1/projects")["data"] if project["project_id"] == slug)
    assert created["auto_created"] is True


# -- refused as a whole --------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"events": []}',
        b'{"envelope": {}, "events": []}',
        b'{"envelope": {"agent_id": ""}, "events": []}',
        b'{"envelope": {"agent_id": "a"}}',
        b'{"envelope": {"agent_id": "a"}, "events": {}}',
        b"\xff\xfe\xfa",
        b'{"envelope": {"agent_id": "a"}, "events": [}',
        b'{"envelope": {"agent_id": 7}, "events": []}',
        b"[" * 10_000,
        json.dumps({"envelope": {"agent_id": "a" * 257}, "events": []}).encode(),
    ],
)
def test_invalid_batch(board: Board, body: bytes) -> None:
    assert_error(board.post_body(body), 400, "invalid_batch")


def test_broken_compression_is_an_invalid_batch(board: Board) -> None:
    assert_error(board.post_body(b"this is not gzip", **{"Content-Encoding": "gzip"}), 400, "invalid_batch")


@pytest.mark.parametrize("size", [MEBIBYTE + 1, 3 * MEBIBYTE])
def test_body_over_a_mebibyte(board: Board, agent_id: str, size: int) -> None:
    body = body_of(agent_id, [event("heartbeat")])
    assert_error(board.post_body(body + b" " * (size - len(body))), 413, "batch_too_large")


def test_body_of_exactly_a_mebibyte(board: Board, agent_id: str) -> None:
    body = body_of(agent_id, [event("heartbeat")])
    assert board.post_body(body + b" " * (MEBIBYTE - len(body))).status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_bombs_are_refused_not_inflated(server: Server, board: Board, encoding: str) -> None:
    inflated = b" " * (200 * MEBIBYTE)
    bomb = gzip.compress(inflated, 9) if encoding == "gzip" else zstandard.compress(inflated, 19)
    before = resident_bytes(server)
    assert_error(board.post_body(bomb, **{"Content-Encoding": encoding}), 413, "batch_too_large")
    assert resident_bytes(server) - before < 32 * MEBIBYTE


def resident_bytes(server: Server) -> int:
    assert server.process is not None
    with open(f"/proc/{server.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * 4096


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer hb_live_" + "0" * 32, "Basic aGI6aGI=", "Bearer rubbish"]
)
def test_no_or_bad_key(server: Server, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = httpx.post(server.url + "/v1/ingest", content=body_of("a", []), headers=headers)
    assert_error(answer, 401, "authentication_failed")


def test_read_key_cannot_write(server: Server) -> None:
    reader = server.board(server.create_key("read"))
    assert_error(reader.post_batch("a", [event("heartbeat")]), 403, "read_only_key")
    assert reader.get("/v1/agents")["data"] is not None


def test_unknown_route_and_method(board: Board) -> None:
    assert_error(board.client.get("/v1/nothing-here"), 404, "not_found")
    assert_error(board.client.get("/v1/ingest"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/agents?status=asleep",
        "/v1/agents?limit=0",
        "/v1/agents?limit=201",
        "/v1/tasks?sort=luck",
        "/v1/events?cursor=rubbish",
        "/v1/events?since=yesterday",
        "/v1/metrics?range=2h",
        "/v1/tasks?no_such_parameter=1",
        "/v1/events?severity=loud",
    ],
)
def test_bad_parameter_is_named(board: Board, path: str) -> None:
    error = assert_error(board.client.get(path), 400, "invalid_parameter")
    assert path.split("?")[1].split("=")[0] in error["message"] + json.dumps(error.get("details"))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/agents/nobody", "agent_not_found"),
        ("/v1/tasks/nothing/timeline", "task_not_found"),
        ("/v1/projects/nowhere", "project_not_found"),
    ],
)
def test_what_is_not_there(board: Board, path: str, code: str) -> None:
    assert_error(board.client.get(path), 404, code)


# -- rates ---------------------------------------------------------------------------


@pytest.fixture
def slow_board(new_server: Callable[..., Server]) -> Board:
    """A server that takes 100 events a second and answers 5 reads a second."""
    return new_server(RATE_LIMIT_INGEST=100, RATE_LIMIT_READ=5).board()


def test_ingest_rate(slow_board: Board) -> None:
    answers = [slow_board.post_batch("a", [event("heartbeat") for _ in range(100)]) for _ in range(6)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    error = assert_error(refused[0], 429, "rate_limit_exceeded")
    assert error["details"]["retry_after_seconds"] > 0
    assert int(refused[0].headers["Retry-After"]) >= 1
    assert "X-RateLimit-Limit" in answers[0].headers


def test_read_rate(slow_board: Board) -> None:
    statuses = [slow_board.client.get("/v1/agents").status_code for _ in range(20)]
    assert 200 in statuses
    assert 429 in statuses
