"""Heartbeats and the callbacks that fill them."""

from __future__ import annotations

import gc
import os
import threading
import time
import types
from typing import Any

import pytest
from conftest import KEY, Server

import hiveloop


@pytest.fixture
def hb(server: Server) -> hiveloop.HiveBoard:
    return hiveloop.init(api_key=KEY, endpoint=server.url, flush_interval=0.05)


def beats(server: Server, agent_id: str) -> list[dict[str, Any]]:
    return [event for event in server.events("heartbeat") if event["_envelope"]["agent_id"] == agent_id]


def test_heartbeats_carry_their_payload_and_the_queue(server: Server, hb: hiveloop.HiveBoard) -> None:
    hb.agent(
        "rich",
        heartbeat_interval=0.1,
        heartbeat_payload=lambda: {"kind": "heartbeat_status", "summary": "Queue depth: 3", "data": {"mb": 7}},
        queue_provider=lambda: {"depth": 3, "oldest_age_seconds": 9, "items": [{"id": "x", "priority": "high"}]},
    )
    hb.agent("plain", heartbeat_interval=0.1, heartbeat_payload=lambda: {"memory_mb": 12})
    hb.agent("bare", heartbeat_interval=0.1)
    hb.agent("silent", heartbeat_interval=0)
    server.wait_for(lambda: all(len(beats(server, name)) >= 3 for name in ("rich", "plain", "bare")))
    assert beats(server, "rich")[0]["payload"] == {
        "kind": "heartbeat_status",
        "summary": "Queue depth: 3",
        "data": {"mb": 7},
    }
    assert beats(server, "plain")[0]["payload"]["data"] == {"memory_mb": 12}
    assert beats(server, "silent") == []
    snapshots = [event for event in server.events() if event["payload"].get("kind") == "queue_snapshot"]
    assert {event["_envelope"]["agent_id"] for event in snapshots} == {"rich"}
    assert snapshots[0]["payload"]["data"]["items"] == [{"id": "x", "priority": "high"}]


def test_callbacks_that_fail_or_give_rubbish_cost_only_their_value(
    server: Server, hb: hiveloop.HiveBoard, log: Any
) -> None:
    class Rude(dict[str, Any]):
        def items(self) -> Any:
            raise RuntimeError("no")

    def stop() -> dict[str, Any]:
        raise SystemExit

    callbacks = {
        "raises": lambda: 1 / 0,
        "exits": stop,
        "list": lambda: [1, 2],
        "text": lambda: "busy",
        "none": lambda: None,
        "rude": lambda: Rude(a=1),
        "odd": lambda: {"data": {"thing": object()}},
    }
    for name, callback in callbacks.items():
        hb.agent(name, heartbeat_interval=0.1, heartbeat_payload=callback, queue_provider=callback)
    server.wait_for(lambda: all(len(beats(server, name)) >= 2 for name in callbacks))
    assert log.having("heartbeat_payload raised ZeroDivisionError")
    assert log.having("heartbeat_payload returned list, not a dict")


def test_callbacks_whose_failure_cannot_be_shown_are_asked_again(
    server: Server, hb: hiveloop.HiveBoard, log: Any
) -> None:
    class Unspeakable(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    class Broken(dict[str, Any]):
        def keys(self) -> Any:
            raise RuntimeError("no")

    class Posing:
        @property
        def __class__(self) -> Any:
            raise RuntimeError("no")

    def fail() -> dict[str, Any]:
        raise Unspeakable

    asked = 0

    def count() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        return {"asked": asked}

    # More of them than there are threads for callbacks.
    for number, callback in enumerate([fail, lambda: Broken(a=1), Posing] * 2):
        hb.agent(f"rude {number}", heartbeat_interval=0.1, heartbeat_payload=callback)  # type: ignore[arg-type]
    server.wait_for(lambda: all(len(beats(server, f"rude {number}")) >= 3 for number in range(6)))
    hb.agent("polite", heartbeat_interval=0.1, heartbeat_payload=count)
    server.wait_for(lambda: asked >= 2)
    assert log.having("heartbeat_payload raised Unspeakable: <Unspeakable>")


def test_what_is_wrong_with_a_callback_is_said_once_until_it_is_well_again(
    server: Server, hb: hiveloop.HiveBoard, log: Any
) -> None:
    is_well = threading.Event()

    def count() -> dict[str, Any]:
        if is_well.is_set():
            return {"data": {"depth": 3}}
        raise ConnectionError(f"after {time.monotonic()} s")

    async def asynchronous() -> dict[str, Any]:
        return {}

    hb.agent("counting", heartbeat_interval=0.1, heartbeat_payload=count)
    hb.agent("asynchronous", heartbeat_interval=0.1, heartbeat_payload=asynchronous)  # type: ignore[arg-type]
    hb.agent("mapping", heartbeat_interval=0.1, heartbeat_payload=lambda: types.MappingProxyType({"data": {"a": 1}}))  # type: ignore[arg-type,return-value]
    names = ("counting", "asynchronous", "mapping")
    server.wait_for(lambda: all(len(beats(server, name)) >= 4 for name in names))
    assert len(log.having("heartbeat_payload raised ConnectionError: after ")) == 1
    assert len(log.having("heartbeat_payload is asynchronous: give a function that returns a dict")) == 1
    assert beats(server, "mapping")[-1]["payload"]["data"] == {"a": 1}
    is_well.set()
    server.wait_for(lambda: beats(server, "counting")[-1]["payload"].get("data") == {"depth": 3})
    is_well.clear()
    server.wait_for(lambda: len(log.having("heartbeat_payload raised ConnectionError: after ")) == 2)


def test_callbacks_that_block_leave_other_agents_on_time(server: Server, hb: hiveloop.HiveBoard) -> None:
    release = threading.Event()
    for number in range(6):  # more than there are threads
        hb.agent(f"blocked {number}", heartbeat_interval=0.3, heartbeat_payload=lambda: {"ok": release.wait(60)})
    began = time.monotonic()
    hb.agent("free", heartbeat_interval=0.3)
    server.wait_for(lambda: len(beats(server, "free")) >= 5)
    assert time.monotonic() - began < 3
    server.wait_for(lambda: all(len(beats(server, f"blocked {number}")) >= 3 for number in range(6)))
    calls = [thread for thread in threading.enumerate() if thread.name == "hiveloop-callback"]
    assert len(calls) == 4
    release.set()
    server.wait_for(lambda: any("ok" in beat["payload"].get("data", {}) for beat in beats(server, "blocked 0")))


def test_a_thousand_agents_need_two_threads(server: Server) -> None:
    before = len(os.listdir("/proc/self/task"))
    hb = hiveloop.init(api_key=KEY, endpoint=server.url, flush_interval=60)
    agents = [hb.agent(f"agent {number}") for number in range(1000)]
    assert len(os.listdir("/proc/self/task")) - before == 2
    assert threading.active_count() == 1
    assert len(agents) == 1000


def test_an_agent_that_was_kept_and_let_go_of_falls_silent(server: Server, hb: hiveloop.HiveBoard) -> None:
    agents = {name: hb.agent(name, heartbeat_interval=0.1) for name in ("gone", "stays", "fetched")}
    hb.agent("never kept", heartbeat_interval=0.1)
    hb.agent("fetched")
    for agent in agents.values():
        agent.event("custom", {"worked": True})
    del agent
    time.sleep(1.1)
    del agents["gone"], agents["fetched"]
    gc.collect()
    hb.flush()
    time.sleep(0.2)
    seen = len(beats(server, "gone"))
    time.sleep(0.6)
    hb.flush()
    assert len(beats(server, "gone")) <= seen + 1
    others = {name: len(beats(server, name)) for name in ("stays", "fetched", "never kept")}
    assert all(count > seen + 2 for count in others.values()), others
    assert hb.get_agent("gone") is None
    hb.agent("gone", heartbeat_interval=0.1)
    hb.flush()
    assert [event["_envelope"]["agent_id"] for event in server.events("agent_registered")].count("gone") == 2


def test_an_agent_that_is_only_ever_passing_is_one_agent(server: Server, hb: hiveloop.HiveBoard) -> None:
    for _ in range(50):
        hb.agent("passing", heartbeat_interval=0.1).event("custom", {})
    time.sleep(1.5)
    hb.flush()
    registrations = [event["_envelope"]["agent_id"] for event in server.events("agent_registered")]
    assert registrations.count("passing") == 1
    assert len(beats(server, "passing")) < 20, "one heart, not fifty"


def test_an_agent_fetched_for_each_piece_of_work_keeps_its_heart(server: Server, hb: hiveloop.HiveBoard) -> None:
    def handle() -> None:
        agent = hb.agent("per-request", heartbeat_interval=0.1)
        with agent.task("request"):
            time.sleep(1.1)

    handle()  # kept for a while, then let go of
    handle()  # asked for again: from now on it lives as long as the program
    hb.flush()
    seen = len(beats(server, "per-request"))
    time.sleep(0.6)
    hb.flush()
    assert len(beats(server, "per-request")) >= seen + 3


def test_agents_that_come_and_go_leave_little_behind(hb: hiveloop.HiveBoard) -> None:
    for number in range(20_000):
        hb.agent(f"agent {number}", heartbeat_interval=0)
    assert len(hb._agents) == 0
    assert hb.get_agent("agent 7") is None
