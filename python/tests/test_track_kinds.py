"""What is decorated stays what it is: a property a property, a class a class, with everything within reach."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import celery
import pytest
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
