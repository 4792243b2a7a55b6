"""What goes out and comes in again: by the command line, over HTTP and straight from a data directory, in every format."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet
import pytest
import zstandard

from harness.board import Board
from harness.events import custom, event, moment, registered
from harness.server import Server, hiveboard_binary

# What is about arrival, and about where a row lies.
OF_ARRIVAL = {
    "age_seconds",
    "clock_skew_ms",
    "cursor",
    "first_seen",
    "heartbeat_age_seconds",
    "last_heartbeat",
    "last_seen",
    "link",
    "received_at",
    "snapshot_age_seconds",
    "status_since",
}


def fill(board: Board) -> None:
    """A bit of everything, hours ago and just now, sent a batch after the other."""
    envelope = {
        "agent_type": "support",
        "agent_version": "2.1",
        "framework": "own",
        "environment": "staging",
        "group": "eu",
    }
    for number in range(24):
        ago = 3 * 3_600 - number * 400.0
        labels = {
            "task_id": f"case-{number % 20}",
            "task_run_id": f"run-{number}",
            "task_type": "triage",
            "project_id": "help",
        }
        at = lambda seconds, ago=ago: moment(ago - seconds)  # noqa: E731
        call = {
            "name": "think",
            "model": "gpt-4o",
            "tokens_in": 1_000 + number,
            "tokens_out": 50,
            "prompt_preview": "Grüße 日本",
        }
        if number % 3:
            call["cost"] = 0.01 * number
        plan = {"goal": "help", "steps": [{"index": 0, "description": "look"}, {"index": 1, "description": "answer"}]}
        events = [
            event("task_started", timestamp=at(0), **labels),
            custom("plan_created", plan, timestamp=at(1), **labels),
            event(
                "action_started",
                timestamp=at(2),
                action_id="a",
                payload={"action_name": "search", "args": {"q": number}},
                **labels,
            ),
            custom("llm_call", call, timestamp=at(3), parent_action_id="a", **labels),
            event(
                "action_failed" if number % 5 == 0 else "action_completed",
                timestamp=at(9),
                action_id="a",
                duration_ms=7_000,
                payload={"action_name": "search", "exception_type": "Timeout", "exception_message": "slow"},
                **labels,
            ),
            custom("plan_step", {"step_index": 0, "total_steps": 2, "action": "completed"}, timestamp=at(10), **labels),
        ]
        if number % 7:
            ends = "task_failed" if number % 6 == 0 else "task_completed"
            events.append(event(ends, timestamp=at(30 + number), duration_ms=(30 + number) * 1_000, **labels))
        elif number:
            events.append(
                event(
                    "approval_requested",
                    timestamp=at(12),
                    payload={"summary": "may I", "data": {"approver": "ada"}},
                    **labels,
                )
            )
        board.send(f"agent-{number % 3}", events, instance_id=f"instance-{number % 3}", **envelope)
    board.send(
        "agent-0",
        [
            registered(86_400, timestamp=moment(30)),
            event(
                "heartbeat",
                timestamp=moment(20),
                payload={"kind": "heartbeat_status", "summary": "fine", "data": {"load": 0.5}},
            ),
            custom(
                "queue_snapshot",
                {"depth": 3, "oldest_age_seconds": 12, "items": [{"id": "q", "summary": "one"}]},
                timestamp=moment(19),
            ),
            custom(
                "todo", {"todo_id": "t", "action": "created", "priority": "high"}, "call back", timestamp=moment(18)
            ),
            custom(
                "issue",
                {"issue_id": "i", "severity": "high", "action": "reported"},
                "disk is full",
                timestamp=moment(17),
            ),
            custom(
                "scheduled",
                {"items": [{"id": "s", "name": "nightly", "next_run": "2030-01-01T00:00:00Z"}]},
                timestamp=moment(16),
            ),
        ],
        instance_id="instance-0",
        **envelope,
    )


def places(board: Board) -> list[str]:
    """Every read that shows what events say, with windows that stand still."""
    since, until = moment(6 * 3_600).replace("+", "%2B"), moment(1).replace("+", "%2B")
    window = f"since={since}&until={until}"
    found = ["/v1/agents?sort=name", "/v1/pipeline", "/v1/projects", "/v1/projects/help", f"/v1/insights?{window}"]
    found += [f"/v1/agents/{agent}" for agent in board.agents()]
    found += [f"/v1/agents/{agent}/pipeline" for agent in board.agents()]
    found += [f"/v1/tasks?limit=200&sort={sort}" for sort in ("newest", "oldest", "cost", "tokens", "errors")]
    found.append("/v1/tasks?status=completed&sort=duration")
    found += [f"/v1/tasks?status={status}" for status in ("completed", "failed", "processing", "waiting")]
    runs = [(run["task_id"], run["task_run_id"], run["agent_id"]) for run in board.all("/v1/tasks")]
    found += [f"/v1/tasks/{task}/timeline?task_run_id={run}&agent_id={agent}" for task, run, agent in runs]
    found += [
        "/v1/events?limit=200",
        "/v1/events?exclude_heartbeats=false&limit=200",
        "/v1/events?q=gr%C3%BC%C3%9Fe&limit=200",
    ]
    found += [f"/v1/metrics?{window}", f"/v1/cost?{window}", "/v1/cost/calls?sort=cost", "/v1/llm-calls?limit=200"]
    groups = ("agent", "model", "project", "task_type", "version", "environment")
    found += [f"/v1/metrics?{window}&metric=cost&group_by={group}" for group in groups]
    found += [f"/v1/cost?{window}&group_by={group}" for group in groups]
    found += [f"/v1/cost/timeseries?{window}&split_by=model"]
    return found


def bare(value: Any) -> Any:
    """Without what is about arrival, and without how long open runs have taken."""
    if isinstance(value, dict):
        left_out = set(OF_ARRIVAL)
        if value.get("completed_at", "") is None:
            left_out |= {"duration_ms", "time_breakdown"}
        if "auto_created" in value:
            left_out.add("created_at")
        return {name: bare(inside) for name, inside in value.items() if name not in left_out}
    return [bare(inside) for inside in value] if isinstance(value, list) else value


def ask(board: Board, path: str) -> Any:
    answer = board.client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return answer.json()


def same_answers(one: Board, other: Board) -> None:
    asked = places(one)
    assert len(asked) > 60
    differing = {}
    for path in asked:
        # Figures that are about now go on while both are asked.
        for _ in range(20):
            answers = [bare(ask(board, path)) for board in (one, other)]
            if answers[0] == answers[1]:
                break
            time.sleep(0.05)
        else:
            differing[path] = list(difference("", *answers))[:5]
    assert not differing, json.dumps(differing, indent=1)


def difference(place: str, one: Any, other: Any) -> Iterator[str]:
    """What is not the same, and where."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for name in one:
            yield from difference(f"{place}.{name}", one[name], other[name])
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from difference(f"{place}[{number}]", *pair)
    elif one != other:
        yield f"{place}: {one!r:.300} / {other!r:.300}"


def hiveboard(*arguments: str, stdin: bytes = b"", fails: bool = False) -> tuple[bytes, str]:
    """Runs the command as people do, and answers what it printed."""
    done = subprocess.run(
        [str(hiveboard_binary()), *arguments], input=stdin, capture_output=True, timeout=120, check=False
    )
    said = done.stderr.decode()
    assert (done.returncode != 0) == fails, said
    return done.stdout, said


def test_everything_goes_out_and_comes_in_and_every_answer_is_the_same(
    new_server: Callable[..., Server], tmp_path: Path
) -> None:
    first, second = new_server(), new_server()
    board = first.board()
    fill(board)
    file = tmp_path / "all.ndjson.zst"
    _, said = hiveboard("export", "--url", first.url, "--key", board.key, "-o", str(file))
    assert "Exported" in said
    assert [path.name for path in tmp_path.glob("all*")] == [file.name], "nothing half done is left"
    with file.open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed) as unpacked:
        lines = unpacked.read().splitlines()
    assert len(lines) == len(board.events(exclude_heartbeats="false"))

    copy = second.board()
    _, said = hiveboard("import", str(file), "--url", second.url, "--key", copy.key)
    assert f"Imported {len(lines)} events" in said
    same_answers(board, copy)
    before = copy.events(exclude_heartbeats="false")
    hiveboard("import", str(file), "--url", second.url, "--key", copy.key)
    assert copy.events(exclude_heartbeats="false") == before, "again changes nothing"
    reader = second.create_key("read")
    _, said = hiveboard("import", str(file), "--url", second.url, "--key", reader, fails=True)
    assert "read-only key" in said

    # The same by the server that uses a data directory, and from and into one that nobody uses.
    asked, _ = hiveboard("export", "--data-dir", str(first.data))
    assert asked.splitlines() == lines
    _, said = hiveboard("import", str(file), "--data-dir", str(first.data), fails=True)
    assert "--key" in said
    first.stop()
    straight, _ = hiveboard("export", "--data-dir", str(first.data))
    assert straight.splitlines() == lines
    third = Server(tmp_path / "third")
    (tmp_path / "third").mkdir()
    packed = gzip.compress(straight)
    _, said = hiveboard("import", "-", "--data-dir", str(third.data), stdin=packed)
    assert f"Imported {len(lines)} events" in said
    hiveboard("import", "--data-dir", str(third.data), stdin=packed)
    third.start()
    try:
        same_answers(copy, third.board())
    finally:
        third.end()


def test_events_keep_their_way_in_and_what_their_calls_were_estimated_to_cost(
    new_server: Callable[..., Server], tmp_path: Path
) -> None:
    first, second = new_server(), new_server()
    board, copy = first.board(), second.board()
    link = first.command("login-link").strip().splitlines()[-1]
    with httpx.Client(base_url=first.url, headers={"Origin": first.url}) as owner:
        owner.get(f"/enter?{link.split('?', 1)[1]}")
        price = {"input_per_million": 10, "output_per_million": 10}
        assert owner.put("/v1/prices/house-model", json=price).status_code == 200
    call = {"name": "think", "model": "house-model", "tokens_in": 1_000, "tokens_out": 100}
    board.send("a", [custom("llm_call", call, task_id="t"), custom("llm_call", call | {"cost": 0.5}, task_id="t")])
    assert board.client.post("/v1/traces", json=trace()).status_code == 200
    file = tmp_path / "all.ndjson"
    hiveboard("export", "--url", first.url, "--key", board.key, "-o", str(file))
    hiveboard("import", str(file), "--url", second.url, "--key", copy.key)
    third = Server(tmp_path / "third")
    (tmp_path / "third").mkdir()
    hiveboard("import", str(file), "--data-dir", str(third.data))
    third.start()
    try:
        for seen in (copy, third.board()):
            sources = {one["agent_id"]: one["source"] for one in seen.events()}
            assert sources == {"a": "ingest", "otel-agent": "otlp"}
            assert seen.agent("otel-agent")["liveness"] == "none", "it has no heartbeat to miss"
            totals = seen.get("/v1/cost", range="24h")["totals"]
            assert (totals["cost"], totals["estimated_cost"]) == (0.511, 0.011), "0.5 were reported"
    finally:
        third.end()


def trace() -> dict[str, Any]:
    """One run of an agent, as OpenTelemetry tells it."""
    now = time.time()
    attributes = [
        {"key": name, "value": {"stringValue": value}}
        for name, value in (("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "otel-agent"))
    ]
    span = {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "invoke_agent",
        "kind": 1,
        "startTimeUnixNano": str(int((now - 5) * 1e9)),
        "endTimeUnixNano": str(int(now * 1e9)),
        "attributes": attributes,
    }
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "otel-agent"}}]}
    return {"resourceSpans": [{"resource": service, "scopeSpans": [{"scope": {"name": "x"}, "spans": [span]}]}]}


@pytest.mark.parametrize(("of", "name"), [("events", "task_type"), ("events", "model"), ("tasks", "model")])
def test_a_filter_that_cannot_narrow_is_refused(server: Server, of: str, name: str) -> None:
    answer = server.board().client.get("/v1/export", params={"of": of, name: "x"})
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, name)
    _, said = hiveboard("export", "--of", of, f"--{name.replace('_', '-')}", "x", fails=True)
    assert f"`{name}`" in said


def test_what_is_no_event_is_named_and_the_rest_comes_in(new_server: Callable[..., Server], tmp_path: Path) -> None:
    server = new_server()
    board = server.board()
    good = {"agent_id": "a", "event_id": "1", "timestamp": moment(), "event_type": "heartbeat"}
    lines = [json.dumps(good), "nonsense", json.dumps(good | {"event_id": "2", "event_type": "unheard of"}), ""]
    file = tmp_path / "some.jsonl"
    file.write_text("\n".join(lines))
    _, said = hiveboard("import", str(file), "--url", server.url, "--key", board.key, fails=True)
    assert f"{file}, line 2: " in said
    assert f"{file}, line 3: `event_type` is" in said
    assert "2 lines were not taken" in said
    assert [one["event_id"] for one in board.events(exclude_heartbeats="false")] == ["1"]


@pytest.mark.parametrize("of", ["events", "tasks", "calls"])
def test_tables_say_what_the_lists_say(server: Server, tmp_path: Path, of: str) -> None:
    board = server.board(server.create_key())
    if not board.agents():
        fill(board)
    where = ("--url", server.url, "--key", board.key, "--of", of)
    rows = [json.loads(line) for line in hiveboard("export", *where)[0].splitlines()]
    assert len(rows) > 20

    text = hiveboard("export", *where, "--format", "csv")[0].decode()
    table = list(csv.DictReader(io.StringIO(text)))
    assert len(table) == len(rows)
    file = tmp_path / f"{of}.parquet"
    hiveboard("export", *where, "-o", str(file))
    read = pyarrow.parquet.read_table(file)
    assert read.num_rows == len(rows)
    assert read.column_names == list(table[0])
    for row, cells, values in zip(rows, table, read.to_pylist(), strict=True):
        for name, value in values.items():
            said = row[name]
            if name == "duration_ms" and row.get("completed_at", "") is None:
                continue  # An open run takes as long as it is looked at late.
            if isinstance(value, datetime):
                assert value.isoformat(timespec="microseconds").replace("+00:00", "Z") == said, name
            elif isinstance(said, dict):
                assert json.loads(value) == said == json.loads(cells[name]), name
            else:
                assert value == said, name
                assert cells[name] == (
                    "" if said is None else json.dumps(said) if not isinstance(said, str) else said
                ), name


def peak_mib(server: Server) -> float:
    """The most memory that the server ever held."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) / 1024


def test_a_large_export_takes_little_memory(new_server: Callable[..., Server], tmp_path: Path) -> None:
    server = new_server()
    board = server.board()
    for number in range(120):
        # Random enough not to be packed to nothing.
        texts = [f"{number}-{place}-{hash((number, place))}" * 150 for place in range(200)]
        board.send("writer", [event("custom", payload={"kind": "note", "text": text}) for text in texts])
    sizes = {}
    before = peak_mib(server)
    for ending in ("ndjson", "csv", "parquet"):
        file = tmp_path / f"all.{ending}"
        hiveboard("export", "--url", server.url, "--key", board.key, "-o", str(file))
        sizes[ending] = file.stat().st_size / 1024**2
    grown = peak_mib(server) - before
    print(f"exports of {sizes} MiB; the server's peak grew by {grown:.0f} MiB, from {before:.0f}")
    assert sizes["ndjson"] > 80
    assert grown < sizes["ndjson"] / 2
