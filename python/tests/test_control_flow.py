"""What leaves a task is not always a failure: readers that stop, exits, cancellations, pauses."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import functools
import gc
import sys
import threading
import unittest
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Any

import click
import pytest
import starlette.websockets
import werkzeug.exceptions
import werkzeug.routing.exceptions
import werkzeug.utils
from conftest import Server

import hiveloop

ENDS = ("task_completed", "task_failed", "action_completed", "action_failed")


def ends(server: Server) -> dict[str, tuple[str, str]]:
    """How each task and action ended: its event and its status, by name."""
    hiveloop.flush()
    found = {}
    for event in server.events():
        if event["event_type"] in ENDS:
            name = event["payload"].get("action_name") or event["task_id"]
            found[name] = (event["event_type"], event["status"])
    return found


def test_a_reader_that_stops_early_completes_the_task(server: Server, agent: hiveloop.Agent) -> None:
    def numbers() -> Iterator[int]:
        with agent.task("t"), agent.track_context("reading"):
            yield from range(5)

    reader = numbers()
    next(reader)
    reader.close()
    assert ends(server) == {"t": ("task_completed", "success"), "reading": ("action_completed", "success")}


def test_an_asynchronous_reader_that_stops_early_completes_the_task(server: Server, agent: hiveloop.Agent) -> None:
    async def numbers() -> AsyncIterator[int]:
        async with agent.task("t"), agent.track_context("reading"):
            for number in range(5):
                yield number

    async def read() -> None:
        reader = numbers()
        await anext(reader)
        await reader.aclose()  # type: ignore[attr-defined]

    asyncio.run(read())
    assert ends(server) == {"t": ("task_completed", "success"), "reading": ("action_completed", "success")}


def named(module: str, name: str) -> BaseException:
    """An exception as a library would raise it that is not installed here."""
    kind: type[Exception] = type(name, (Exception,), {"__module__": module})
    return kind()


def left_with_code(code: int) -> BaseException:
    """What whoever reads from a web socket is told when the other side has gone."""
    return starlette.websockets.WebSocketDisconnect(code)


def redirected() -> BaseException:
    """What `flask.abort` raises that is given a redirect."""
    try:
        werkzeug.exceptions.abort(werkzeug.utils.redirect("/login"))
    except werkzeug.exceptions.HTTPException as error:
        return error


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (SystemExit(0), ("task_completed", "success")),
        (SystemExit(), ("task_completed", "success")),
        (SystemExit(3), ("task_failed", "failure")),
        (SystemExit("no key"), ("task_failed", "failure")),
        (SystemExit(""), ("task_failed", "failure")),
        (asyncio.CancelledError(), ("task_completed", "cancelled")),
        (concurrent.futures.CancelledError(), ("task_completed", "cancelled")),
        (named("twisted.internet.defer", "CancelledError"), ("task_completed", "cancelled")),
        (named("temporalio.exceptions", "CancelledError"), ("task_completed", "cancelled")),
        (named("dramatiq.errors", "Retry"), ("task_completed", "cancelled")),
        (unittest.SkipTest("not today"), ("task_completed", "cancelled")),
        (named("tornado.gen", "Return"), ("task_completed", "success")),
        (werkzeug.routing.exceptions.RequestRedirect("http://h/"), ("task_completed", "success")),
        (werkzeug.exceptions.NotFound(), ("task_failed", "failure")),
        (left_with_code(1001), ("task_completed", "success")),
        (left_with_code(1006), ("task_completed", "cancelled")),
        (redirected(), ("task_completed", "success")),
        (named("websockets.exceptions", "ConnectionClosedOK"), ("task_completed", "success")),
        (named("websockets.exceptions", "ConnectionClosedError"), ("task_failed", "failure")),
        (named("scrapy.exceptions", "DropItem"), ("task_completed", "cancelled")),
        (pytest.skip.Exception("not today"), ("task_completed", "cancelled")),
        (click.exceptions.Exit(0), ("task_completed", "success")),
        (click.exceptions.Exit(3), ("task_failed", "failure")),
        (KeyboardInterrupt(), ("task_failed", "failure")),
        (ValueError("x"), ("task_failed", "failure")),
    ],
)
def test_exits_and_cancellations_are_told_from_failures(
    server: Server, agent: hiveloop.Agent, error: BaseException, ending: tuple[str, str]
) -> None:
    @agent.track("step")
    def step() -> None:
        raise error

    with pytest.raises(type(error)), agent.task("t"):
        step()
    action = tuple(word.replace("task", "action") for word in ending)
    assert ends(server) == {"t": ending, "step": action}


def test_a_class_of_ones_own_says_what_it_means(server: Server, agent: hiveloop.Agent) -> None:
    class Skipped(Exception):
        hiveloop_outcome = "completed"

    class Superseded(Exception):
        hiveloop_outcome = "cancelled"

    class Told(Exception):
        def __init__(self, outcome: str) -> None:
            self.hiveloop_outcome = outcome

    for name, error in (("skipped", Skipped()), ("superseded", Superseded()), ("told", Told("cancelled"))):
        with pytest.raises(type(error)), agent.task(name):
            raise error
    assert ends(server) == {
        "skipped": ("task_completed", "success"),
        "superseded": ("task_completed", "cancelled"),
        "told": ("task_completed", "cancelled"),
    }


def test_a_pause_for_approval_leaves_the_task_waiting(server: Server, agent: hiveloop.Agent) -> None:
    class Interrupt(Exception):
        pass

    @agent.track("asking")
    def ask(task: hiveloop.Task) -> None:
        task.request_approval("Send $500?", approver="lead")
        raise Interrupt

    with pytest.raises(Interrupt), agent.task("t") as task:
        ask(task)
    assert ends(server) == {"asking": ("action_completed", "paused")}
    with task:  # entered again, it goes on
        task.approval_received("yes")
    assert ends(server)["t"] == ("task_completed", "success")
    assert len(server.events("task_started")) == 1


def test_an_interrupt_without_a_question_is_a_failure(server: Server, agent: hiveloop.Agent) -> None:
    class Interrupt(Exception):
        pass

    with pytest.raises(Interrupt), agent.task("t"):
        raise Interrupt
    assert ends(server) == {"t": ("task_failed", "failure")}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio has task groups since 3.11")
def test_a_failed_task_group_names_what_failed_in_it(server: Server, agent: hiveloop.Agent) -> None:
    async def fail(error: Exception) -> None:
        raise error

    async def run() -> None:
        async with agent.task("t"), asyncio.TaskGroup() as group:
            group.create_task(fail(ValueError("low")))
            group.create_task(fail(KeyError("name")))

    with pytest.raises(Exception, match="unhandled errors"):
        asyncio.run(run())
    hiveloop.flush()
    payload = server.events("task_failed")[0]["payload"]
    assert "ValueError: low" in payload["exception_message"]
    assert "KeyError: 'name'" in payload["exception_message"]
    assert {cause["exception_type"] for cause in payload["exception_causes"]} == {"ValueError", "KeyError"}


def test_what_an_exception_was_raised_from_is_named(server: Server, agent: hiveloop.Agent) -> None:
    with pytest.raises(RuntimeError), agent.task("chained"):
        try:
            raise ConnectionError("refused")
        except ConnectionError as error:
            raise RuntimeError("no answer") from error
    with pytest.raises(RuntimeError), agent.task("endless"):
        error: Exception = ValueError("0")
        for number in range(1, 100):
            try:
                raise ValueError(str(number)) from error
            except ValueError as next_error:
                error = next_error
        raise RuntimeError("last") from error
    hiveloop.flush()
    chained, endless = (event["payload"] for event in server.events("task_failed"))
    assert chained["exception_type"] == "RuntimeError"
    assert chained["exception_message"] == "no answer (caused by ConnectionError: refused)"
    assert chained["exception_causes"][0] == {"exception_type": "ConnectionError", "exception_message": "refused"}
    assert len(endless["exception_causes"]) == 10


def test_notes_of_an_exception_are_told(server: Server, agent: hiveloop.Agent) -> None:
    error = ValueError("no seat")
    error.__notes__ = ["row 17", "after 2 attempts"]  # as `add_note` does from 3.11 on
    with pytest.raises(ValueError, match="no seat"), agent.task("t"):
        raise error
    hiveloop.flush()
    [failed] = server.events("task_failed")
    assert failed["payload"]["exception_message"] == "no seat\nrow 17\nafter 2 attempts"


def test_a_block_that_is_left_elsewhere_does_not_seem_to_go_on(server: Server, agent: hiveloop.Agent) -> None:
    later = agent.track("later")(lambda: None)

    async def numbers() -> AsyncIterator[int]:
        with agent.task("generator"):
            for number in range(5):
                yield number

    async def enter_and_leave_elsewhere() -> None:
        async for _ in numbers():
            break
        gc.collect()
        await asyncio.sleep(0.05)  # the loop closes it, in a task of its own
        assert hiveloop.current_task() is None
        task = agent.task("stack")
        await task.__aenter__()

        async def leave() -> None:
            await task.__aexit__(None, None, None)

        await asyncio.create_task(leave())
        assert hiveloop.current_task() is None
        later()

    asyncio.run(enter_and_leave_elsewhere())
    task = agent.task("thread").__enter__()
    thread = threading.Thread(target=task.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    assert hiveloop.current_task() is None
    later()
    hiveloop.flush()
    assert [event.get("task_id") for event in server.events("action_completed")] == [None, None]


def test_one_context_in_two_tasks_at_once_ends_each_its_own(server: Server, agent: hiveloop.Agent) -> None:
    shared = agent.track_context("step")

    async def one(entered: asyncio.Event) -> None:
        with pytest.raises(ValueError, match="A"):
            async with agent.task("A"):
                with shared as action:
                    action.set_payload(owner="A")
                    await entered.wait()
                    raise ValueError("A")

    async def other(entered: asyncio.Event, left: asyncio.Event) -> None:
        async with agent.task("B"):
            with shared as action:
                action.set_payload(owner="B")
                entered.set()
                await left.wait()

    async def run() -> None:
        entered, left = asyncio.Event(), asyncio.Event()
        first = asyncio.create_task(one(entered))
        second = asyncio.create_task(other(entered, left))
        await first
        left.set()
        await second

    asyncio.run(run())
    hiveloop.flush()
    by_task = {e["task_id"]: e for e in server.events() if e["event_type"] in ("action_completed", "action_failed")}
    assert by_task["A"]["event_type"] == "action_failed"
    assert by_task["A"]["payload"]["owner"] == "A"
    assert by_task["B"]["event_type"] == "action_completed"
    assert by_task["B"]["payload"]["owner"] == "B"


def duration_of(server: Server, name: str) -> int:
    hiveloop.flush()
    found = [e for e in server.events("action_completed") if e["payload"]["action_name"] == name]
    return int(found[0]["duration_ms"])


def test_a_plain_function_that_returns_something_to_wait_for_lasts_until_that_ends(
    server: Server, agent: hiveloop.Agent
) -> None:
    async def work() -> int:
        with agent.track_context("inner"):
            await asyncio.sleep(0.1)
        return 7

    class Promise:
        name = "promise"

        def __await__(self) -> Any:
            return work().__await__()

    @agent.track("coroutine")
    def coroutine() -> Any:
        return work()

    @agent.track("future")
    def future() -> Any:
        return asyncio.ensure_future(work())

    @agent.track("promise")
    def promise() -> Any:
        return Promise()

    async def run() -> None:
        assert await coroutine() == 7
        given = future()
        assert isinstance(given, asyncio.Task)
        assert await given == 7
        await asyncio.sleep(0)
        made = promise()
        assert isinstance(made, Promise)
        assert made.name == "promise"
        assert await made == 7

    asyncio.run(run())
    for name in ("coroutine", "future", "promise"):
        assert duration_of(server, name) >= 90
    started = {e["action_id"]: e["payload"]["action_name"] for e in server.events("action_started")}
    inner = [e for e in server.events("action_started") if e["payload"]["action_name"] == "inner"]
    assert [started.get(e.get("parent_action_id", "")) for e in inner] == ["coroutine", "future", "promise"]


def test_propagate_carries_the_task_into_coroutines_and_generators(server: Server, agent: hiveloop.Agent) -> None:
    seen: list[object] = []

    async def work() -> None:
        await asyncio.sleep(0)
        seen.append(hiveloop.current_task())

    def numbers() -> Iterator[int]:
        yield 1
        seen.append(hiveloop.current_task())

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    with agent.task("outer") as task:
        coroutine = hiveloop.propagate(work)
        generator = hiveloop.propagate(numbers)
        plain = hiveloop.propagate(lambda: work())
    asyncio.run_coroutine_threadsafe(coroutine(), loop).result(5)
    asyncio.run_coroutine_threadsafe(plain(), loop).result(5)
    assert list(generator()) == [1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    assert seen == [task, task, task]
    assert hiveloop.current_task() is None


def test_propagate_carries_the_task_into_blocks(agent: hiveloop.Agent) -> None:
    @contextlib.contextmanager
    def block() -> Iterator[None]:
        yield

    @contextlib.asynccontextmanager
    async def asynchronous() -> AsyncIterator[None]:
        yield

    with agent.task("outer") as task:
        carried, carried_too = hiveloop.propagate(block), hiveloop.propagate(asynchronous)

    async def run() -> None:
        async with carried_too():
            assert hiveloop.current_task() is task
        assert hiveloop.current_task() is None

    with carried():
        assert hiveloop.current_task() is task
    assert hiveloop.current_task() is None
    asyncio.run(run())


def test_propagate_carries_the_task_into_coroutines_and_generators_that_are_made_already(
    agent: hiveloop.Agent,
) -> None:
    async def work() -> Any:
        await asyncio.sleep(0)
        return hiveloop.current_task()

    def numbers() -> Iterator[Any]:
        yield hiveloop.current_task()

    async def asynchronous() -> AsyncIterator[Any]:
        yield hiveloop.current_task()

    @contextlib.contextmanager
    def block() -> Iterator[Any]:
        yield hiveloop.current_task()

    with agent.task("outer") as task:
        coroutine = hiveloop.propagate(work())
        generator = hiveloop.propagate(numbers())
        stream = hiveloop.propagate(asynchronous())
        entered = hiveloop.propagate(block())
        decorated = hiveloop.propagate(block)()(hiveloop.current_task)

    async def collect() -> list[Any]:
        return [await coroutine, *[found async for found in stream]]

    assert asyncio.run(collect()) == [task, task]
    assert list(generator) == [task]
    with entered as found:
        assert found is task
    assert decorated() is task
    assert hiveloop.current_task() is None
    assert hiveloop.propagate(7) == 7


def test_propagate_keeps_what_can_be_reached_on_a_cache(agent: hiveloop.Agent) -> None:
    @functools.lru_cache
    def look_up(key: str) -> Any:
        return hiveloop.current_task()

    with agent.task("outer") as task:
        carried = hiveloop.propagate(look_up)
    assert carried("a") is task
    assert carried.cache_info().misses == 1


def test_work_begun_in_a_task_stays_in_it_after_its_end(server: Server, agent: hiveloop.Agent) -> None:
    @agent.track("late")
    async def late(started: asyncio.Event) -> None:
        await started.wait()

    async def twice(started: asyncio.Event) -> None:
        await late(started)
        await late(started)

    async def run() -> None:
        started = asyncio.Event()
        async with agent.task("t1"):
            job = asyncio.create_task(twice(started))
        async with agent.task("t2"):
            started.set()
            await job
            async with agent.track_context("own"):
                pass
        with agent.track_context("outside"):
            pass

    asyncio.run(run())
    hiveloop.flush()
    places = [(e["payload"]["action_name"], e.get("task_id")) for e in server.events("action_started")]
    assert places == [("late", "t1"), ("late", "t1"), ("own", "t2"), ("outside", None)]
    assert len(server.events("task_completed")) == 2


def test_a_task_that_never_ends_keeps_nothing_of_the_callers(agent: hiveloop.Agent) -> None:
    class Request:
        pass

    request: contextvars.ContextVar[Request] = contextvars.ContextVar("request")
    kept: list[hiveloop.Task] = []
    freed: list[weakref.ref[Request]] = []

    def handle() -> None:
        own = Request()
        freed.append(weakref.ref(own))
        request.set(own)
        with agent.track_context("a"):
            kept.append(agent.start_task("for ever"))

    thread = threading.Thread(target=handle)
    thread.start()
    thread.join()
    gc.collect()
    assert freed[0]() is None
    assert not kept[0].ended
