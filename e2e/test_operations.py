"""What operators do: back up and restore, check, ask the doctor, keep events for so many days and see what they cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torture.writers import Writer

from harness.board import Board
from harness.clock import faked, moment
from harness.derived import derived_state, without
from harness.events import event, registered
from harness.server import Server
from harness.stories import Story

DAY = 86_400
ENDPOINTS = (
    "/v1/agents?limit=200",
    "/v1/tasks?limit=200",
    "/v1/events?limit=200",
    "/v1/pipeline",
    "/v1/metrics?range=24h",
    "/v1/cost?range=24h",
    "/v1/cost/calls?limit=200",
    "/v1/cost/timeseries?range=24h",
    "/v1/llm-calls?limit=200",
    "/v1/projects",
    "/v1/api-keys",
)
# These depend on when they are asked for.
ABOUT_NOW = {"heartbeat_age_seconds", "age_seconds", "snapshot_age_seconds", "sparkline_1h", "stats_1h", "timeseries"}
ABOUT_NOW |= {
    "last_used_at",
    "status_since",
    "window",
    "since",
    "until",
    "buckets",
    "cursor",
    "from",
    "to",
    "start",
    "end",
    "elapsed_ms",
}


def answers(board: Board) -> dict[str, Any]:
    """Every endpoint's answer, without what is about now."""
    return {path: without(board.get(path), ABOUT_NOW) for path in ENDPOINTS}


def restored(server: Server, backup: Path, folder: Path) -> Server:
    """A new server with what the backup holds."""
    folder.mkdir()
    second = Server(folder)
    print(second.command("restore", str(backup)))
    second.start()
    return second


def test_a_backup_under_load_restores_to_a_true_past(new_server: Callable[..., Server], tmp_path: Path) -> None:
    server = new_server()
    key = server.create_key()
    writers = [Writer(server, key, 1, 0, number) for number in range(3)]
    for writer in writers:
        writer.start()
    time.sleep(0.3)
    for target in ("copy", "copy.tar"):
        before = {event_id for writer in writers for batch in list(writer.acknowledged) for event_id in ids(batch)}
        made = server.command("backup", str(tmp_path / target))
        assert str(tmp_path / target) in made
        second = restored(server, tmp_path / target, tmp_path / f"{target}-restored")
        board = second.board(key)
        kept = [one["event_id"] for one in reversed(board.events())]
        assert before <= set(kept), "what was acknowledged before the backup began is in it"
        assert len(kept) == len(set(kept))
        all_of_it = [one["event_id"] for one in reversed(server.board(key).events())]
        assert kept == all_of_it[: len(kept)], "it holds all up to one event"
        state = derived_state(board)
        second.stop()
        second.command("rebuild")
        second.start()
        assert derived_state(second.board(key)) == state
        second.end()
    for writer in writers:
        writer.ending.set()
    for writer in writers:
        writer.join(10)


def ids(batch: list[dict[str, Any]]) -> list[str]:
    return [one["event_id"] for one in batch]


def test_a_restored_server_answers_the_same_everywhere(new_server: Callable[..., Server], tmp_path: Path) -> None:
    server = new_server()
    board = server.board()
    for number in range(3):
        story = Story(number)
        for run in range(8):
            story.run(run)
        board.send(f"agent-{number}", [registered(), *story.events])
    server.command("backup", str(tmp_path / "copy"))
    second = restored(server, tmp_path / "copy", tmp_path / "restored")
    assert answers(second.board(board.key)) == answers(board)
    refused = second.try_command("restore", str(tmp_path / "copy"), "--force")
    assert refused.returncode != 0
    assert "in use" in refused.stderr
    second.stop()
    refused = second.try_command("restore", str(tmp_path / "copy"))
    assert refused.returncode != 0
    assert "--force" in refused.stderr
    second.command("restore", str(tmp_path / "copy"), "--force")
    second.start()
    assert derived_state(second.board(board.key)) == derived_state(board)
    second.end()


def test_check_and_doctor_tell_a_running_server_from_a_damaged_one(new_server: Callable[..., Server]) -> None:
    server = new_server()
    board = server.board()
    story = Story(3)
    for run in range(8):
        story.run(run)
    board.send("agent", [registered(), *story.events])
    assert "Sound" in server.command("check"), "beside the running server"
    assert server.process is not None
    doctor = server.command("doctor", "--addr", server.address)
    lines = {line.split()[1]: line for line in doctor.splitlines()}
    assert {line.split()[0] for line in lines.values()} <= {"ok", "warn"}, doctor
    assert f"process {server.process.pid}" in lines["server"]
    assert lines["port"].startswith("ok")
    assert lines["damage"].startswith("ok")
    assert lines["clock"].startswith("ok")

    server.stop()
    day = next(server.data.glob("ev-*.db"))
    damaged = bytearray(day.read_bytes())
    damaged[100:4096] = bytes(3996)
    day.write_bytes(damaged)
    told = server.try_command("check")
    assert told.returncode != 0
    assert day.name in told.stdout, told.stdout + told.stderr
    server.start()
    ready = server.board(board.key).client.get("/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded"), "the rest is served"
    storage = server.board(board.key).get("/v1/storage")
    assert any(day.name in one["file"] for one in storage["damaged"])
    doctor_after = server.try_command("doctor", "--addr", server.address)
    assert doctor_after.returncode != 0
    assert "fail  damage" in doctor_after.stdout
    server.board(board.key).send("agent", [event("task_started", task_id="after")])


def test_events_go_by_mode_and_an_open_run_keeps_its_start(tmp_path: Path) -> None:
    server = Server(tmp_path, DEDUP_DAYS=1, RETENTION_DAYS=4)
    live, test = server.create_key("live"), server.create_key("test")
    server.command("retention", "--mode", "test", "--days", "2")
    assert "test  2 days" in server.command("retention")
    long_run = {"task_id": "long", "task_run_id": "r"}
    try:
        for day in range(7):
            server.environment.update(faked(day * DAY))
            server.start()
            for key in (live, test):
                board = server.board(key)
                started = [{"event_type": "task_started", **long_run}] if day == 0 else []
                signs = [{"event_type": "custom", "payload": {"summary": "on"}, **long_run}]
                others = [{"event_type": "custom", "task_id": f"day-{day}", "payload": {"summary": "x" * 500}}] * 40
                batch = [
                    event("custom") | {"timestamp": moment(day, 1 - place / 1000)} | fields
                    for place, fields in enumerate(started + signs + others)
                ]
                board.send("agent", batch)
            if day < 6:
                server.stop()
        days = {}
        for key, mode, kept in ((live, "live", 5), (test, "test", 3)):
            board = server.board(key)
            storage = board.eventually(
                lambda board=board: board.get("/v1/storage"),
                lambda seen, kept=kept: len(seen["modes"][0]["days"]) <= kept,
                10,
            )
            assert [one["mode"] for one in storage["modes"]] == [mode]
            days[mode] = [one["day"] for one in storage["modes"][0]["days"]]
            assert all(one["event_bytes"] > 0 and one["frees_at"] > one["day"] for one in storage["modes"][0]["days"])
            assert storage["modes"][0]["retention_days"] == {"live": 4, "test": 2}[mode]
        assert (len(days["test"]), len(days["live"])) == (3, 5), days
        assert days["live"][2:] == days["test"]
        assert sorted(path.name for path in server.data.glob("ev-*.db")) == [
            f"ev-{day.replace('-', '')}.db" for day in days["live"]
        ]
        board = server.board(live)
        assert not [one for one in board.events(task_id="long") if one["event_type"] == "task_started"]
        board.send("agent", [event("task_completed", **long_run) | {"timestamp": moment(6)}])
        run = board.task("long")
        assert run["derived_status"] == "completed"
        assert run["duration_ms"] > 5.9 * DAY * 1000, "it began before the oldest event that is kept"
        metrics = board.client.get("/metrics").text
        assert "hiveboard_retention_events_total" in metrics
    finally:
        server.end()
