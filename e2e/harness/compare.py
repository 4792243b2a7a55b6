"""Every answer of a server alone beside that of a cluster with the same events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .board import Board
from .cluster import retried


def compare(alone: Board, boards: list[Board]) -> None:
    """Asks both for everything, the cluster through its nodes in turn, and fails with what differs."""
    differences, compared = [], 0
    for path, parameters in everything(alone):
        left_out = OF_A_PATH.get(path.rsplit("/", 1)[-1], set())
        one = comparable(alone.get(path, **parameters), left_out)
        other = comparable(retried(boards[compared % len(boards)], path, **parameters), left_out)
        compared += 1
        if one != other:
            differences.append((path, parameters, first_difference(one, other)))
    assert compared > 25, "most of the routes are compared"
    assert not differences, "\n".join(str(one) for one in differences)


def everything(board: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every GET below /v1 that needs no person, with ids that are there."""
    document = board.get("/v1/openapi.json")
    agent_id = sorted(board.agents())[0]
    run = board.all("/v1/tasks")[0]
    ids = {"agent_id": agent_id, "task_id": run["task_id"], "project_id": "default"}
    left_out = ("/v1/stream", "/v1/openapi.json", "/v1/api-keys", "/v1/storage", "/v1/export")
    for path, methods in document["paths"].items():
        if "get" not in methods or not path.startswith("/v1/") or path.startswith(left_out):
            continue
        filled = path
        for name, value in ids.items():
            filled = filled.replace("{" + name + "}", value)
        answer = board.client.get(filled)
        if filled.endswith("/timeline"):
            yield filled, {"task_run_id": run["task_run_id"], "agent_id": run["agent_id"]}
        if "{" not in filled and answer.status_code == 200 and "json" in answer.headers["content-type"]:
            yield filled, {}
    for path, parameters in (
        ("/v1/events", {"limit": 200, "exclude_heartbeats": "false"}),
        ("/v1/events", {"task_id": run["task_id"], "severity": "error,warn"}),
        ("/v1/tasks", {"status": "failed", "sort": "duration"}),
        ("/v1/tasks", {"project_id": "alpha", "sort": "cost"}),
        ("/v1/cost", {"group_by": "model"}),
        ("/v1/cost/calls", {"sort": "cost", "limit": 50}),
        ("/v1/cost/timeseries", {"range": "24h", "group_by": "agent"}),
        ("/v1/metrics", {"range": "24h", "project_id": "beta"}),
        ("/v1/llm-calls", {"agent_id": agent_id}),
    ):
        if board.client.get(path, params=parameters).status_code == 200:
            yield path, parameters


# Of the server, of arrival, and of now.
OF_THE_SERVER = {
    "seq", "changed_seq", "received_at", "workspace_id", "created_at", "server_time", "generated_at", "cursor",
    "heartbeat_age_seconds", "age_seconds", "snapshot_age_seconds", "last_heartbeat", "first_seen", "status_since",
    "rule_id", "updated_at", "as_of", "now", "since", "until", "from", "to", "start", "end", "at", "bucket",
    "last_seen", "instances", "clock_skew_ms", "duration_seconds", "seconds", "recent_heartbeats", "workspace",
    "alert_id", "started_at_server", "position", "known_since", "ingest_url", "board_url",
}  # fmt: skip


# States are dated by arrival; links of insights hold the window, which ends now.
OF_A_PATH = {"states": {"started_at", "ended_at", "uptime"}, "insights": {"link"}}


def comparable(value: Any, left_out: set[str]) -> Any:
    """What of an answer does not depend on the server, on arrival and on now."""
    if isinstance(value, dict):
        # A run that is open lasts until now.
        if value.get("completed_at", "") is None:
            value = {name: inner for name, inner in value.items() if name != "duration_ms"}
        # Of alerts: the board's address, with the path of what it is about.
        if str(value.get("link", "")).startswith("http://127.0.0.1:"):
            value = value | {"link": value["link"].split("/", 3)[3]}
        return {
            name: comparable(inner, left_out) for name, inner in value.items() if name not in OF_THE_SERVER | left_out
        }
    if isinstance(value, list):
        return [comparable(inner, left_out) for inner in value]
    return value


def first_difference(one: Any, other: Any, at: str = "") -> str:
    """Where two answers differ first, and by what."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for name in one:
            if one[name] != other[name]:
                return first_difference(one[name], other[name], f"{at}.{name}")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (left, right) in enumerate(zip(one, other, strict=True)):
            if left != right:
                return first_difference(left, right, f"{at}[{place}]")
    return f"{at}: {str(one)[:200]} / {str(other)[:200]}"
