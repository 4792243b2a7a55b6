"""Tasks: their beginnings, ends and failures."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import traceback
import weakref
from typing import Any

import pytest
from conftest import Server

import hiveloop


def test_nothing_is_said_before_a_task_is_entered(server: Server, agent: hiveloop.Agent) -> None:
    task = agent.task("t")
    hiveloop.flush()
    assert server.events() == []
    with task:
        pass
    hiveloop.flush()
    assert [event["event_type"] for event in server.events()] == ["task_started", "task_completed"]


def test_a_task_that_is_only_told_about_begins_with_that(server: Server, agent: hiveloop.Agent) -> None:
    task = agent.task("t")
    task.llm_call("n", "m")
    task.complete()
    hiveloop.flush()
    assert [event["event_type"] for event in server.events()] == ["task_started", "custom", "task_completed"]


class Custom(BaseException):
    pass


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit, asyncio.CancelledError, Custom])
def test_exceptions_are_recorded_and_go_on_untouched(
    server: Server, agent: hiveloop.Agent, kind: type[BaseException]
) -> None:
    error = kind("why")

    @agent.track("step")
    def step() -> None:
        raise error

    with pytest.raises(kind) as caught, agent.task("t"):
        step()
    assert caught.value is error
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "raise error" in traceback.format_tb(caught.value.__traceback__)[-1]
    hiveloop.flush()
    _, _, action, task = server.events()
    cancelled = kind is asyncio.CancelledError
    for event in (action, task):
        assert event["status"] == ("cancelled" if cancelled else "failure")
        assert event["payload"]["exception_type"] == kind.__name__
        assert event["payload"]["exception_message"] == "why"
    ends = ("action_completed", "task_completed") if cancelled else ("action_failed", "task_failed")
    assert (action["event_type"], task["event_type"]) == ends


def test_exceptions_that_cannot_be_shown(server: Server, agent: hiveloop.Agent) -> None:
    class Rude(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    with pytest.raises(Rude), agent.task("t"):
        raise Rude
    with pytest.raises(ValueError, match="x"), agent.task("long"):
        raise ValueError("x" * 100_000)
    hiveloop.flush()
    rude, long = server.events("task_failed")
    assert rude["payload"]["exception_type"] == "Rude"
    assert len(long["payload"]["exception_message"]) < 10_000


def test_async_with(server: Server, agent: hiveloop.Agent) -> None:
    async def work() -> None:
        async with agent.task("t") as task:
            assert hiveloop.current_task() is task
            async with agent.track_context("step") as action:
                await asyncio.sleep(0)
                action.set_payload({"found": 3})
        with pytest.raises(ValueError, match="no"):
            async with agent.task("bad"), agent.track_context("step"):
                raise ValueError("no")

    asyncio.run(work())
    hiveloop.flush()
    kinds = [event["event_type"] for event in server.events()]
    assert kinds == [
        *("task_started", "action_started", "action_completed", "task_completed"),
        *("task_started", "action_started", "action_failed", "task_failed"),
    ]
    assert server.events("action_completed")[0]["payload"] == {"action_name": "step", "found": 3}


def test_tasks_nest_and_each_agent_sees_its_own(server: Server, hb: hiveloop.HiveBoard) -> None:
    one, two = hb.agent("one", heartbeat_interval=0), hb.agent("two", heartbeat_interval=0)
    with one.task("outer") as outer:
        assert hiveloop.current_task() is outer
        with two.task("inner") as inner:
            assert hiveloop.current_task() is inner
            with one.track_context("of one"), two.track_context("of two"):
                pass
        assert hiveloop.current_task() is outer
    assert hiveloop.current_task() is None
    hb.flush()
    tasks = {event["payload"]["action_name"]: event["task_id"] for event in server.events("action_started")}
    assert tasks == {"of one": "outer", "of two": "inner"}


def test_started_tasks_in_a_loop_leave_no_chain(agent: hiveloop.Agent) -> None:
    for number in range(1000):
        task = agent.start_task(str(number))
        if number % 2:
            task.complete()
        else:
            contextvars.Context().run(task.complete)  # ended elsewhere: this context still names it
    assert hiveloop.current_task() is None


def test_started_tasks_may_end_in_any_order(agent: hiveloop.Agent) -> None:
    first = agent.start_task("first")
    second = agent.start_task("second")
    assert hiveloop.current_task() is second
    first.complete()
    assert hiveloop.current_task() is second
    second.complete()
    assert hiveloop.current_task() is None
    first, second = agent.start_task("first"), agent.start_task("second")
    second.complete()
    assert hiveloop.current_task() is first
    first.complete()
    assert hiveloop.current_task() is None


def test_tasks_that_overlap_for_ever_make_no_chain(agent: hiveloop.Agent) -> None:
    before = agent.start_task("0")
    gone = weakref.ref(before)
    for number in range(1, 100):
        following = agent.start_task(str(number))
        before.complete()
        before = following
    del following
    gc.collect()
    assert gone() is None
    assert hiveloop.current_task() is before
    before.complete()


def test_each_execution_is_a_run_of_its_own(server: Server, agent: hiveloop.Agent) -> None:
    for _ in range(2):
        with agent.task("same"):
            pass
    with agent.task("same", task_run_id="run-7", correlation_id="order-1"):
        pass
    hiveloop.flush()
    started = server.events("task_started")
    assert len({event["task_run_id"] for event in started}) == 3
    assert (started[2]["task_run_id"], started[2]["correlation_id"]) == ("run-7", "order-1")
    assert "correlation_id" not in started[0]


def test_end_payloads_merge_and_do_not_hide_a_failure(server: Server, agent: hiveloop.Agent) -> None:
    with agent.task("t") as task:
        task.set_payload({"a": 1, "b": 1})
        task.set_payload({"b": 2, "summary": "Found two"})
    with pytest.raises(ValueError, match="real"), agent.task("u") as task:
        task.set_payload({"exception_type": "Fake", "c": 3})
        raise ValueError("real")
    hiveloop.flush()
    assert server.events("task_completed")[0]["payload"] == {"summary": "Found two", "a": 1, "b": 2}
    failed = server.events("task_failed")[0]["payload"]
    assert (failed["exception_type"], failed["c"]) == ("ValueError", 3)


def test_threads_start_outside_of_tasks_unless_carried(server: Server, agent: hiveloop.Agent) -> None:
    seen: dict[str, Any] = {}

    def look(name: str) -> None:
        seen[name] = hiveloop.current_task()
        with agent.track_context(name):
            pass

    with agent.task("t") as task, agent.track_context("outer") as outer:
        for function, name in ((look, "plain"), (hiveloop.propagate(look), "carried")):
            thread = threading.Thread(target=function, args=(name,))
            thread.start()
            thread.join()
    assert seen == {"plain": None, "carried": task}
    hiveloop.flush()
    actions = {event["payload"]["action_name"]: event for event in server.events("action_started")}
    assert "task_id" not in actions["plain"]
    assert actions["carried"]["parent_action_id"] == outer.action_id


def test_durations_do_not_follow_the_wall_clock(server: Server, agent: hiveloop.Agent) -> None:
    import time

    with agent.task("t"):
        time.sleep(0.05)
    hiveloop.flush()
    [event] = server.events("task_completed")
    assert 45 <= event["duration_ms"] < 5000


def test_long_ids_are_cut_rather_than_refused(server: Server, hb: hiveloop.HiveBoard) -> None:
    agent = hb.agent("a" * 300, heartbeat_interval=0)
    with agent.task("é" * 300):
        pass
    hb.flush()
    event = server.events()[0]
    assert (len(event["task_id"]), len(event["_envelope"]["agent_id"])) == (256, 256)
