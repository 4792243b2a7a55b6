"""What is decorated stays what it is: a property a property, a class a class, with everything within reach."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import dataclasses
import functools
import gc
import inspect
import pickle
import time
import types
import warnings
from typing import Any

import celery
import pytest
import werkzeug.utils
from conftest import Server

import hiveloop


def tracked(server: Server) -> list[str]:
    hiveloop.flush()
    return [event["payload"]["action_name"] for event in server.events("action_completed")]


def test_what_is_decorated_stays_what_it_is(server: Server, agent: hiveloop.Agent) -> None:
    class Lead:
        def __init__(self) -> None:
            self.looked_up = 0

        @agent.track("score")
        @property
        def score(self) -> int:
            """How good it is."""
            return 42

        @score.setter
        def score(self, value: int) -> None:
            self.looked_up = value

        @agent.track("profile")
        @functools.cached_property
        def profile(self) -> int:
            self.looked_up += 1
            return self.looked_up

        @agent.track("cached")
        @functools.cache  # noqa: B019 - what is tested
        def cached(self, number: int) -> int:
            return number + 1

        @agent.track("base")
        def base(self, one: int, two: int) -> int:
            return one + two

        partly = agent.track("partly")(functools.partialmethod(base, 1))

    lead = Lead()
    assert lead.score == 42
    assert Lead.score.__doc__ == "How good it is."
    lead.score = 5
    assert (lead.looked_up, lead.profile, lead.profile) == (5, 6, 6)
    assert (lead.cached(1), lead.cached(1)) == (2, 2)
    assert Lead.cached.cache_info().hits == 1
    Lead.cached.cache_clear()
    assert lead.partly(2) == 3
    assert tracked(server) == ["score", "profile", "cached", "cached", "base", "partly"]


def test_a_class_stays_a_class(server: Server, agent: hiveloop.Agent) -> None:
    @agent.track("make")
    class Tool:
        """A tool."""

        def __init__(self, name: str) -> None:
            self.name = name

    class Better(Tool):
        pass

    assert isinstance(Tool, type)
    assert Tool.__doc__ == "A tool."
    assert isinstance(Tool("a"), Tool)
    assert Better("b").name == "b"
    assert list(inspect.signature(Tool).parameters) == ["name"]
    assert tracked(server) == ["make"]


def test_objects_that_are_called_keep_their_attributes(server: Server, agent: hiveloop.Agent) -> None:
    app = celery.Celery("app", broker="memory://", backend="cache+memory://")
    app.conf.task_always_eager = True

    @agent.track("celery")
    @app.task
    def add(one: int, two: int) -> int:
        return one + two

    assert add(1, 2) == 3
    assert add.delay(1, 2).get() == 3
    assert add.name.endswith("add")

    class Tool:
        """What frameworks make of functions."""

        def __init__(self) -> None:
            self.calls = 0

        def __call__(self, value: int) -> int:
            self.calls += 1
            return value

        def invoke(self, value: int) -> int:
            return -value

        def __or__(self, other: int) -> int:
            return other

        def __len__(self) -> int:
            return 3

    made = Tool()
    tool: Any = agent.track("tool")(made)
    assert (tool(1), tool.invoke(2), tool | 7, len(tool), tool.calls) == (1, -2, 7, 3, 1)
    tool.calls = 9
    assert made.calls == 9
    assert isinstance(tool, Tool)
    assert callable(tool)
    part: Any = agent.track("part")(functools.partial(max, 1))
    assert (part(2), part.func, part.args) == (2, max, (1,))

    @agent.track("single")
    @functools.singledispatch
    def single(value: object) -> str:
        return "any"

    single.register(int, lambda value: "int")
    assert (single(1), single("x")) == ("int", "any")
    assert tracked(server) == ["celery", "tool", "part", "single", "single"]


def test_what_cannot_be_called_is_refused_where_it_is_decorated(agent: hiveloop.Agent) -> None:
    with pytest.raises(TypeError, match="not for int"):
        agent.track("x")(7)  # type: ignore[arg-type]


def test_attributes_that_are_worked_out_stay_what_they_are(server: Server, agent: hiveloop.Agent) -> None:
    class Own(property):
        def __init__(self, getter: Any, note: str = "") -> None:
            super().__init__(getter)
            self.note = note

    class Lazy:
        """As Django and others have it: keeps what it gives in the object."""

        def __init__(self, func: Any) -> None:
            self.func = func

        def __set_name__(self, owner: type, name: str) -> None:
            self.name = name

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            if instance is None:
                return self
            instance.__dict__[self.name] = self.func(instance)
            return instance.__dict__[self.name]

    class Lead:
        @agent.track()
        @werkzeug.utils.cached_property
        def cached(self) -> int:
            return 1

        @agent.track()
        @Own
        def own(self) -> int:
            return 2

        @agent.track()
        @Lazy
        def lazy(self) -> int:
            return 3

        @agent.track("dynamic")
        @types.DynamicClassAttribute
        def dynamic(self) -> int:
            return 4

        @agent.track()
        @functools.singledispatchmethod
        def single(self, value: object) -> str:
            return "any"

        @single.register
        def _(self, value: int) -> str:
            return "int"

    lead = Lead()
    assert (lead.cached, lead.cached, lead.own, lead.lazy, lead.lazy, lead.dynamic) == (1, 1, 2, 3, 3, 4)
    assert (lead.single(1), lead.single("x")) == ("int", "any")
    assert isinstance(vars(Lead)["cached"], werkzeug.utils.cached_property)
    assert vars(Lead)["own"].note == ""
    assert Lead.lazy is vars(Lead)["lazy"]
    # One that overrides what the object holds is asked each time.
    assert tracked(server) == ["cached", "cached", "own", "lazy", "dynamic", "single", "single"]


def test_a_class_whose_making_a_decorator_above_writes_is_left_to_it(agent: hiveloop.Agent) -> None:
    @dataclasses.dataclass
    @agent.track("base")
    class Base:
        a: int

    @dataclasses.dataclass
    @agent.track("more")
    class More(Base):
        b: int

    assert (Base(1).a, More(1, 2).b) == (1, 2)


def test_a_bound_method_and_a_cache_are_still_known(agent: hiveloop.Agent) -> None:
    class Lead:
        def score(self) -> int:
            return 7

    lead = Lead()
    tracked_method: Any = agent.track("score")(lead.score)
    assert (tracked_method(), tracked_method.__self__) == (7, lead)
    cached = functools.lru_cache(abs)
    assert repr(agent.track("cached")(cached)) == repr(cached)
    assert pickle.loads(pickle.dumps(agent.track("later")))(len)("ab") == 2


class AnswersAll:
    """As proxies of remote procedures are: whatever one asks for is there."""

    def __getattr__(self, name: str) -> Any:
        return self

    def __call__(self, *arguments: Any) -> Any:
        return arguments


def test_what_answers_whatever_it_is_asked_can_be_tracked(server: Server, agent: hiveloop.Agent) -> None:
    remote: Any = AnswersAll()
    assert agent.track("call")(remote)(1) == (1,)
    assert agent.track(remote)(2) == (2,)
    assert hiveloop.propagate(remote)(3) == (3,)
    assert tracked(server) == ["call", "AnswersAll"]


def test_what_a_decorator_below_counts_is_seen_above(agent: hiveloop.Agent) -> None:
    def counted(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(*arguments: Any) -> Any:
            wrapper.calls += 1  # type: ignore[attr-defined]
            return function(*arguments)

        wrapper.calls = 0  # type: ignore[attr-defined]
        return wrapper

    @agent.track("add")
    @counted
    def add(one: int, other: int) -> int:
        """Add."""
        return one + other

    add(1, 2)
    assert (add(2, 3), add.calls, add.__name__, add.__doc__) == (5, 2, "add", "Add.")
    assert list(inspect.signature(add).parameters) == ["one", "other"]


def test_the_end_of_an_iterator_is_no_failure(server: Server, agent: hiveloop.Agent) -> None:
    class Numbers:
        def __init__(self) -> None:
            self.left = 2

        def __iter__(self) -> Any:
            return self

        def __aiter__(self) -> Any:
            return self

        @agent.track("next")
        def __next__(self) -> int:
            if not self.left:
                raise StopIteration
            self.left -= 1
            return self.left

        @agent.track("anext")
        async def __anext__(self) -> int:
            if not self.left:
                raise StopAsyncIteration
            self.left -= 1
            return self.left

    async def collect() -> list[int]:
        return [number async for number in Numbers()]

    assert list(Numbers()) == asyncio.run(collect()) == [1, 0]
    assert tracked(server) == ["next"] * 3 + ["anext"] * 3


def test_a_stream_and_a_block_that_a_function_gives_last_as_long_as_they_do(
    server: Server, agent: hiveloop.Agent
) -> None:
    @agent.track("stream")
    async def stream() -> Any:
        async def numbers() -> Any:
            yield 1
            await asyncio.sleep(0.1)
            raise ValueError("cut short")

        return numbers()

    @agent.track("block")
    @contextlib.contextmanager
    def block() -> Any:
        yield 1

    @agent.track("asynchronous block")
    @contextlib.asynccontextmanager
    async def asynchronous_block() -> Any:
        yield 1

    @block()
    def decorated() -> int:
        return 7

    async def run() -> None:
        with pytest.raises(ValueError, match="cut short"):
            assert [number async for number in await stream()] == [1]
        with pytest.raises(KeyError):
            async with asynchronous_block() as entered:
                assert entered == 1
                await asyncio.sleep(0.1)
                raise KeyError

    asyncio.run(run())
    with pytest.raises(KeyError), block():
        time.sleep(0.1)
        raise KeyError
    hiveloop.flush()
    told = [(e["payload"]["action_name"], e["duration_ms"] >= 90) for e in server.events("action_failed")]
    assert told == [("stream", True), ("asynchronous block", True), ("block", True)]
    assert (decorated(), decorated()) == (7, 7)


def test_what_nobody_waits_for_ends_all_the_same(server: Server, agent: hiveloop.Agent) -> None:
    async def work() -> None:
        await asyncio.sleep(0)

    @agent.track("numbers")
    def numbers() -> Any:
        return (number for number in range(3))

    @agent.track("coroutine")
    def coroutine() -> Any:
        return work()

    numbers()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a coroutine that was never awaited
        coroutine()
        gc.collect()
    assert tracked(server) == ["numbers", "coroutine"]


def test_a_future_of_a_pool_and_a_block_last_as_long_as_they_do(server: Server, agent: hiveloop.Agent) -> None:
    class Request:
        """What asynchronous clients return: to be awaited, or to be entered."""

        def __await__(self) -> Any:
            return asyncio.sleep(0).__await__()

        async def __aenter__(self) -> str:
            await asyncio.sleep(0.05)
            return "answer"

        async def __aexit__(self, *exception: object) -> None:
            await asyncio.sleep(0.05)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        agent.track("pool")(lambda: pool.submit(time.sleep, 0.1))().result()

    async def run() -> None:
        ask: Any = agent.track("ask")(lambda: Request())
        async with ask() as answer:
            assert answer == "answer"
        with pytest.raises(ValueError, match="no"):
            async with ask():
                raise ValueError("no")

    asyncio.run(run())
    hiveloop.flush()
    ends = [e for e in server.events() if e["event_type"] in ("action_completed", "action_failed")]
    told = [(e["payload"]["action_name"], e["event_type"], e["duration_ms"] >= 90) for e in ends]
    assert told == [
        ("pool", "action_completed", True),
        ("ask", "action_completed", True),
        ("ask", "action_failed", True),
    ]


def test_an_object_whose_call_is_asynchronous_is_still_known_to_be_so(server: Server, agent: hiveloop.Agent) -> None:
    class Endpoint:
        async def __call__(self, number: int) -> int:
            return number

    class Stream:
        async def __call__(self) -> Any:
            yield 1

    class Numbers:
        def __call__(self) -> Any:
            yield 1

    endpoint, stream, numbers = (agent.track(made()) for made in (Endpoint, Stream, Numbers))
    # By this, frameworks decide whether they await what they call.
    assert inspect.iscoroutinefunction(endpoint.__call__)
    assert inspect.isasyncgenfunction(stream.__call__)
    assert inspect.isgeneratorfunction(numbers.__call__)
    assert asyncio.run(endpoint(7)) == 7
    assert list(numbers()) == [1]
    assert list(inspect.signature(endpoint).parameters) == ["number"]
    assert sorted(tracked(server)) == ["Endpoint", "Numbers"]


def test_what_gives_itself_or_is_just_made_has_begun_nothing(server: Server, agent: hiveloop.Agent) -> None:
    class Query:
        @agent.track("new")
        def __new__(cls) -> Query:
            return super().__new__(cls)

        @agent.track("where")
        def where(self) -> Query:
            return self

        def __await__(self) -> Any:
            yield from asyncio.sleep(0).__await__()
            return 5

    query = Query()
    assert type(query) is Query
    assert query.where() is query
    assert tracked(server) == ["new", "where"]

    async def run() -> Any:
        return await query

    assert asyncio.run(run()) == 5


def test_a_block_that_swallows_an_exception_has_not_failed(server: Server, agent: hiveloop.Agent) -> None:
    class Connection:
        def __await__(self) -> Any:
            yield from asyncio.sleep(0).__await__()

        async def __aenter__(self) -> Connection:
            return self

        async def __aexit__(self, *exception: object) -> bool:
            return True

    @agent.track("connect")
    def connect() -> Connection:
        return Connection()

    async def run() -> None:
        async with connect():
            raise ValueError("swallowed by the block")

    asyncio.run(run())
    assert tracked(server) == ["connect"]
