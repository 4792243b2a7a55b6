"""`agent.track` around every kind of function."""

from __future__ import annotations

import _thread
import asyncio
import contextlib
import functools
import inspect
import time
import tracemalloc
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Any

import fastapi
import pydantic
import pytest
from conftest import Server

import hiveloop


def actions(server: Server) -> dict[str, dict[str, Any]]:
    """The end of each action, by its name."""
    assert hiveloop.flush()
    return {
        event["payload"]["action_name"]: event
        for event in server.events()
        if event["event_type"] in ("action_completed", "action_failed")
    }


def test_names_signatures_and_documentation_stay(agent: hiveloop.Agent) -> None:
    def original(first: int, /, second: str = "x", *rest: float, third: bool = False, **more: object) -> list[int]:
        """What it does."""
        return [first]

    tracked = agent.track("named")(original)
    assert inspect.signature(tracked) == inspect.signature(original)
    assert (tracked.__name__, tracked.__doc__, tracked.__module__) == ("original", "What it does.", __name__)
    assert tracked.__wrapped__ is original  # type: ignore[attr-defined]
    assert tracked(1, "a", 2.0, third=True, k=1) == [1]


def test_annotations_are_found_where_the_function_was_written(server: Server, agent: hiveloop.Agent) -> None:
    class Body(pydantic.BaseModel):
        number: int

    # As frameworks look them up that take them as texts: by the names of the module. Those that it has of its own, as a
    # program may, are not ours.
    module: dict[str, Any] = {"agent": agent, "Body": Body, "hiveloop": hiveloop, "BaseException": int}
    module |= dict.fromkeys(("type", "isinstance", "sys", "StopIteration", "GeneratorExit", "_follow", "_Frame"))
    source = """if True:
        @agent.track("endpoint")
        async def endpoint(body: "Body") -> "int":
            return body.number

        @agent.track("plain")
        def plain(body: "Body") -> "int":
            return body.number

        @agent.track("numbers")
        def numbers(body: "Body"):
            yield body.number

        @agent.track("stream")
        async def stream(body: "Body"):
            yield body.number

        carried = hiveloop.propagate(plain)

        @agent.track("broken")
        def broken():
            raise ValueError("broken")
    """
    exec(compile(source, "program.py", "exec", dont_inherit=True), module)
    for name in ("endpoint", "plain", "numbers", "stream", "carried"):
        function = module[name]
        assert eval(inspect.signature(function).parameters["body"].annotation, function.__globals__) is Body

    app = fastapi.FastAPI()
    app.post("/numbers")(module["endpoint"])
    assert "requestBody" in app.openapi()["paths"]["/numbers"]["post"]
    assert asyncio.run(module["endpoint"](Body(number=7))) == 7

    async def run() -> list[int]:
        return [number async for number in module["stream"](Body(number=1))]

    body = Body(number=1)
    assert (module["plain"](body), module["carried"](body), list(module["numbers"](body)), asyncio.run(run())) == (
        1,
        1,
        [1],
        [1],
    )
    reader = module["numbers"](body)
    next(reader)
    reader.close()
    with pytest.raises(ValueError, match="broken"):
        module["broken"]()
    assert sorted(actions(server)) == ["broken", "endpoint", "numbers", "plain", "stream"]


def test_without_a_name_the_functions_own(server: Server, agent: hiveloop.Agent) -> None:
    @agent.track
    def bare() -> int:
        return 1

    @agent.track()
    def called() -> int:
        return 2

    assert (bare(), called()) == (1, 2)
    assert set(actions(server)) == {"bare", "called"}


def test_methods_of_every_kind(server: Server, agent: hiveloop.Agent) -> None:
    class Service:
        @agent.track("method")
        def method(self, value: int) -> tuple[type, int]:
            return type(self), value

        @agent.track("class below")
        @classmethod
        def below(cls, value: int) -> tuple[type, int]:
            return cls, value

        @classmethod
        @agent.track("class above")
        def above(cls, value: int) -> tuple[type, int]:
            return cls, value

        @agent.track("static below")
        @staticmethod
        def static_below(value: int) -> int:
            return value

        @staticmethod
        @agent.track("static above")
        def static_above(value: int) -> int:
            return value

        @property
        @agent.track("property")
        def size(self) -> int:
            return 9

        @agent.track("call")
        def __call__(self) -> int:
            return 5

    class Derived(Service):
        pass

    service = Derived()
    assert service.method(1) == (Derived, 1)
    assert Derived.below(2) == service.below(2) == (Derived, 2)
    assert Derived.above(3) == (Derived, 3)
    assert Service.static_below(4) == service.static_above(4) == 4
    assert (service.size, service()) == (9, 5)
    assert agent.track("object")(service)() == 5
    assert agent.track("partial")(functools.partial(pow, 2))(5) == 32
    assert agent.track("builtin")(len)("abc") == 3
    done = actions(server)
    assert len(done) == 10
    assert done["method"]["payload"]["function"].endswith("Service.method")


def test_coroutines(server: Server, agent: hiveloop.Agent) -> None:
    @agent.track("fetch")
    async def fetch(number: int) -> int:
        await asyncio.sleep(0.05)
        return number

    @agent.track("cancelled")
    async def forever() -> None:
        await asyncio.sleep(3600)

    class Fetcher:
        async def __call__(self, number: int) -> int:
            return await fetch(number)

    assert inspect.iscoroutinefunction(fetch)

    async def main() -> None:
        assert await fetch(7) == 7
        assert await agent.track("partial")(functools.partial(fetch, 3))() == 3
        assert await agent.track("callable object")(Fetcher())(4) == 4
        task = asyncio.ensure_future(forever())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    done = actions(server)
    assert done["fetch"]["duration_ms"] >= 45
    assert done["partial"]["duration_ms"] >= 45
    assert done["callable object"]["duration_ms"] >= 45
    assert done["cancelled"]["payload"]["exception_type"] == "CancelledError"


def test_a_generators_action_spans_its_iteration(server: Server, agent: hiveloop.Agent) -> None:
    @agent.track("inner")
    def inner() -> None:
        pass

    @agent.track("numbers")
    def numbers(count: int) -> Iterator[int]:
        for number in range(count):
            time.sleep(0.02)
            inner()
            yield number

    assert inspect.isgeneratorfunction(numbers)
    with agent.task("t"):
        received = []
        for number in numbers(3):
            received.append(number)
            with agent.track_context("outside"):  # the caller's code is not inside of the generator
                pass
    assert received == [0, 1, 2]
    done = actions(server)
    assert done["numbers"]["duration_ms"] >= 55
    assert done["inner"]["parent_action_id"] == done["numbers"]["action_id"]
    assert "parent_action_id" not in done["outside"]


def test_generators_are_driven_as_if_untracked(server: Server, agent: hiveloop.Agent) -> None:
    cleaned = []

    @agent.track("echo")
    def echo() -> Any:
        received = []
        try:
            while True:
                try:
                    received.append((yield len(received)))
                except KeyError as error:
                    received.append(error.args[0])
                if len(received) == 3:
                    return received
        finally:
            cleaned.append(True)

    generator = echo()
    assert next(generator) == 0
    assert generator.send("a") == 1
    assert generator.throw(KeyError("b")) == 2
    with pytest.raises(StopIteration) as end:
        generator.send("c")
    assert end.value.value == ["a", "b", "c"]

    def delegating() -> Any:
        return (yield from echo())

    assert list(delegating())[:1] == [0]
    assert cleaned == [True, True]


def test_what_a_generator_enters_goes_on_in_it_and_not_around_it(server: Server, agent: hiveloop.Agent) -> None:
    inner = agent.track("inner")(lambda: None)

    @agent.track("read")
    def read(name: str) -> Iterator[Any]:
        with agent.task(name):
            for _ in range(2):
                inner()
                yield hiveloop.current_task()

    @agent.track("read asynchronously")
    async def read_asynchronously(name: str) -> AsyncIterator[Any]:
        async with agent.task(name):
            for _ in range(2):
                inner()
                yield hiveloop.current_task()

    async def run() -> None:
        one, other = read_asynchronously("c"), read_asynchronously("d")
        async for task in one:
            assert (task.task_id, (await anext(other)).task_id) == ("c", "d")
            assert hiveloop.current_task() is None
        await other.aclose()  # type: ignore[attr-defined]

    for one, other in zip(read("a"), read("b"), strict=True):
        assert (one.task_id, other.task_id) == ("a", "b")
        assert hiveloop.current_task() is None
    asyncio.run(run())
    hiveloop.flush()
    inside = [event["task_id"] for event in server.events("action_completed") if "task_id" in event]
    assert sorted(inside) == ["a", "a", "b", "b", "c", "c", "d", "d"]


def test_a_block_is_inside_of_what_its_tracked_generator_enters(server: Server, agent: hiveloop.Agent) -> None:
    inner = agent.track("inner")(lambda: None)

    @contextlib.contextmanager
    @agent.track("below")
    def below(name: str) -> Iterator[Any]:
        with agent.task(name) as task:
            yield task

    @agent.track("above")
    @contextlib.contextmanager
    def above(name: str) -> Iterator[Any]:
        with agent.task(name) as task:
            yield task

    @agent.track("asynchronous")
    @contextlib.asynccontextmanager
    async def asynchronous(name: str) -> AsyncIterator[Any]:
        async with agent.task(name) as task:
            yield task

    @contextlib.contextmanager
    @agent.track("bare")
    def bare() -> Iterator[None]:
        yield

    async def run() -> None:
        async with asynchronous("c") as task:
            assert hiveloop.current_task() is task
            inner()
        assert hiveloop.current_task() is None

    for block, name in ((below, "a"), (above, "b")):
        with block(name) as task:
            assert hiveloop.current_task() is task
            inner()
        assert hiveloop.current_task() is None
    asyncio.run(run())
    with pytest.raises(ValueError, match="broken"), agent.task("d"), bare():
        inner()
        raise ValueError("broken")
    assert hiveloop.flush()
    events = server.events()
    ends = [event for event in events if event["event_type"] in ("action_completed", "action_failed")]
    inside = {end["task_id"]: end for end in ends if end["payload"]["action_name"] == "inner"}
    assert sorted(inside) == ["a", "b", "c", "d"]
    [around] = [end for end in ends if end["payload"]["action_name"] == "bare"]
    assert (around["event_type"], inside["d"]["parent_action_id"]) == ("action_failed", around["action_id"])


def test_a_generator_may_be_the_first_that_runs_in_a_thread(server: Server, agent: hiveloop.Agent) -> None:
    @agent.track("read")
    def read() -> Iterator[int]:
        yield 1

    reader = read()
    _thread.start_new_thread(next, (reader,))
    while inspect.getgeneratorstate(reader) != inspect.GEN_SUSPENDED:  # type: ignore[arg-type]
        time.sleep(0.01)
    reader.close()  # type: ignore[attr-defined]
    assert actions(server)["read"]["event_type"] == "action_completed"


def test_a_generator_keeps_nothing_of_what_it_hands_over_or_is_given(agent: hiveloop.Agent) -> None:
    class Chunk:
        pass

    handed: list[weakref.ref[Any]] = []

    def made() -> Chunk:
        chunk = Chunk()
        handed.append(weakref.ref(chunk))
        return chunk

    @agent.track("read")
    def read() -> Iterator[Any]:
        while True:
            with contextlib.suppress(ValueError):
                yield made()

    @agent.track("stream")
    async def stream() -> AsyncIterator[Any]:
        while True:
            yield made()

    def throw_into(reader: Any) -> None:
        chunk = made()
        try:
            raise ValueError(chunk)
        except ValueError as error:
            reader.throw(error)

    async def run() -> None:
        streamed = stream()
        await anext(streamed)
        assert [chunk() for chunk in handed] == [None]
        await streamed.aclose()  # type: ignore[attr-defined]

    asyncio.run(run())
    reader = read()
    next(reader)
    assert [chunk() for chunk in handed] == [None] * 2
    throw_into(reader)
    assert [chunk() for chunk in handed] == [None] * 4


@pytest.mark.parametrize("way", ["closed", "collected", "never started", "failed"])
def test_how_a_generator_can_end(server: Server, agent: hiveloop.Agent, way: str) -> None:
    @agent.track("numbers")
    def numbers() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    generator = numbers()
    if way != "never started":
        assert next(generator) == 1
    if way == "failed":
        with pytest.raises(ValueError, match="broken"):
            next(generator)
    elif way == "closed":
        generator.close()  # type: ignore[attr-defined]
    del generator
    done = actions(server)
    expected = {"closed": "action_completed", "collected": "action_completed", "failed": "action_failed"}
    assert {end["event_type"] for end in done.values()} == ({expected[way]} if way in expected else set())


def test_asynchronous_generators(server: Server, agent: hiveloop.Agent) -> None:
    @agent.track("stream")
    async def stream(count: int) -> AsyncIterator[int]:
        for number in range(count):
            await asyncio.sleep(0.02)
            with agent.track_context("inside"):
                pass
            yield number

    @agent.track("closed early")
    async def endless() -> AsyncIterator[int]:
        while True:
            yield 1

    @agent.track("failed")
    async def broken() -> AsyncIterator[int]:
        yield 1
        raise ValueError("broken")

    assert inspect.isasyncgenfunction(stream)

    async def main() -> None:
        assert [number async for number in stream(3)] == [0, 1, 2]
        generator = endless()
        assert await anext(generator) == 1
        await generator.aclose()  # type: ignore[attr-defined]
        with pytest.raises(ValueError, match="broken"):
            async for _ in broken():
                pass

    asyncio.run(main())
    done = actions(server)
    assert done["stream"]["duration_ms"] >= 55
    assert done["inside"]["parent_action_id"] == done["stream"]["action_id"]
    assert done["closed early"]["event_type"] == "action_completed"
    assert done["failed"]["event_type"] == "action_failed"


def test_what_a_context_tells_is_merged_at_the_top(server: Server, agent: hiveloop.Agent) -> None:
    with agent.task("t"), agent.track_context("search") as action:
        action.set_payload(hiveloop.tool_payload(args={"q": "x"}, result=[1], duration_ms=3))
        action.set_payload({"action_name": "mine", "more": True})
    assert actions(server)["search"]["payload"] == {
        "action_name": "search",
        "success": True,
        "args": {"q": "x"},
        "result": [1],
        "duration_ms": 3,
        "more": True,
    }


def test_a_context_can_be_used_again(server: Server, agent: hiveloop.Agent) -> None:
    context = agent.track_context("again")
    with context as one, context as two:
        assert one.action_id != two.action_id
    hiveloop.flush()
    assert len(server.events("action_completed")) == 2


def test_recursion_and_a_long_run_do_not_grow(agent: hiveloop.Agent) -> None:
    @agent.track("deep")
    def deep(depth: int) -> int:
        return 0 if depth == 0 else 1 + deep(depth - 1)

    assert deep(200) == 200

    @agent.track("step")
    def step() -> None:
        pass

    hiveloop.flush()
    tracemalloc.start()
    try:
        for _ in range(1000):
            step()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(20_000):
            step()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 100_000
