"""When an agent's heartbeat ends: by a word, or when a worker is let go of after its work; in doubt it goes on."""

from __future__ import annotations

import datetime
import decimal
import gc
import threading
import time
from typing import Any

import pytest
from conftest import Server

import hiveloop


def beats(server: Server, agent_id: str) -> int:
    return sum(event["_envelope"]["agent_id"] == agent_id for event in server.events("heartbeat"))


def goodbyes(server: Server) -> list[str]:
    hiveloop.flush()
    custom = server.events("custom")
    return [e["_envelope"]["agent_id"] for e in custom if e["payload"].get("kind") == "goodbye"]


def goes_on(server: Server, agent_id: str) -> None:
    seen = beats(server, agent_id)
    server.wait_for(lambda: beats(server, agent_id) >= seen + 2)


def test_an_agent_whose_handle_was_let_go_of_in_a_setup_beats_on(server: Server, hb: hiveloop.HiveBoard) -> None:
    def setup() -> None:
        agent = hb.agent("slow", heartbeat_interval=0.1)
        time.sleep(0.5)
        del agent

    setup()
    gc.collect()
    goes_on(server, "slow")
    found = hb.get_agent("slow")
    assert found is not None
    assert found.agent_id == "slow"
    assert len(server.events("agent_registered")) == 1


def test_a_worker_let_go_of_after_its_work_falls_silent(server: Server, hb: hiveloop.HiveBoard, log: Any) -> None:
    agents = {"worker": hb.agent("worker", heartbeat_interval=0.1)}
    with agents["worker"].task("t"):
        pass
    time.sleep(0.3)
    agents.pop("worker")
    gc.collect()
    hb.flush()
    assert len(log.having('heartbeats of agent "worker" end')) == 1
    assert hb.get_agent("worker") is None
    time.sleep(0.1)
    seen = beats(server, "worker")
    time.sleep(0.4)
    assert beats(server, "worker") <= seen + 1
    assert goodbyes(server) == [], "the server is to notice"


def test_a_worker_let_go_of_in_the_middle_of_its_work_beats_on(server: Server, hb: hiveloop.HiveBoard) -> None:
    def work() -> None:
        hb.agent("worker", heartbeat_interval=0.1).start_task("t")

    # In a thread, whose context goes with it.
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    gc.collect()
    time.sleep(0.3)
    goes_on(server, "worker")


def test_closing_says_goodbye_once_and_ends_the_heartbeat(server: Server, hb: hiveloop.HiveBoard, log: Any) -> None:
    one, two = hb.agent("one", heartbeat_interval=0.1), hb.agent("two", heartbeat_interval=0.1)
    one.close()
    one.close()
    assert hb.remove_agent("two")
    assert not hb.remove_agent("two")
    assert not hb.remove_agent("never")
    assert hb.get_agent("one") is None
    assert hb.get_agent("two") is None
    assert sorted(goodbyes(server)) == ["one", "two"]
    assert len(log.having("heartbeats of agent")) == 2
    time.sleep(0.2)
    seen = (beats(server, "one"), beats(server, "two"))
    time.sleep(0.4)
    assert (beats(server, "one"), beats(server, "two")) == seen
    again = hb.agent("one", heartbeat_interval=0.1)
    assert again is not one
    assert again is not two
    goes_on(server, "one")


def test_an_end_of_the_program_says_goodbye_for_those_that_leave_nothing_open(server: Server, run_script: Any) -> None:
    result = run_script("""
        import hiveloop
        hb = hiveloop.init()
        idle, busy, done = hb.agent("idle"), hb.agent("busy"), hb.agent("done")
        with done.task("t"):
            pass
        task = busy.start_task("t")
    """)
    assert result.returncode == 0, result.stderr
    custom = server.events("custom")
    said = [event["_envelope"]["agent_id"] for event in custom if event["payload"].get("kind") == "goodbye"]
    assert sorted(said) == ["done", "idle"]


def test_the_newest_callback_is_asked(server: Server, hb: hiveloop.HiveBoard) -> None:
    hb.agent("w", heartbeat_interval=0.1, queue_provider=lambda: {"depth": 1}, heartbeat_payload=lambda: {"x": 1})
    hb.agent("w", heartbeat_interval=0.1, queue_provider=lambda: {"depth": 2})

    def depths() -> list[int]:
        payloads = (event["payload"] for event in server.events("custom"))
        return [payload["data"]["depth"] for payload in payloads if payload["kind"] == "queue_snapshot"]

    server.wait_for(lambda: 2 in depths())
    assert set(depths()[1:]) == {2}
    assert any(e["payload"]["data"] == {"x": 1} for e in server.events("heartbeat")), "the other one stays"


@pytest.mark.parametrize(
    ("given", "taken"),
    [("45", 45), (datetime.timedelta(minutes=1), 60), (decimal.Decimal("1.5"), 1.5), (None, 30), (0, 0), ("0", 0)],
)
def test_an_interval_is_taken_as_people_have_it_at_hand(hb: hiveloop.HiveBoard, given: Any, taken: float) -> None:
    agent = hb.agent("a", heartbeat_interval=given)
    assert agent.heartbeat_interval == taken


@pytest.mark.parametrize("given", ["soon", float("nan"), float("inf"), [], object()])
def test_an_agent_whose_interval_is_none_beats_as_usual_and_it_is_said(
    hb: hiveloop.HiveBoard, log: Any, given: Any
) -> None:
    agent = hb.agent("a", heartbeat_interval=given, stuck_threshold=given)
    assert (agent.heartbeat_interval, agent.stuck_threshold) == (30, 300)
    assert log.having("heartbeat_interval must")
    assert log.having("stuck_threshold must")
