"""Blocks that decorate, methods that answer by raising, and classes that cannot be changed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from conftest import Server

import hiveloop


def ends(server: Server) -> list[tuple[str, str]]:
    hiveloop.flush()
    kinds = ("action_completed", "action_failed")
    return [(e["payload"]["action_name"], e["event_type"]) for e in server.events() if e["event_type"] in kinds]


def test_a_block_that_decorates_is_an_action_at_each_call(server: Server, agent: hiveloop.Agent) -> None:
    @agent.track("block")
    @contextlib.contextmanager
    def block(name: str) -> Iterator[str]:
        yield name

    @agent.track("asynchronous")
    @contextlib.asynccontextmanager
    async def asynchronous() -> AsyncIterator[int]:
        yield 1

    @block("x")
    def work(number: int) -> int:
        if not number:
            raise ValueError("nothing")
        return number

    @asynchronous()
    async def work_too() -> int:
        return 3

    async def run() -> None:
        assert [await work_too(), await work_too()] == [3, 3]

    hiveloop.flush()
    assert server.events("action_started") == []  # nothing has been entered yet
    assert [work(1), work(2)] == [1, 2]
    with pytest.raises(ValueError, match="nothing"):
        work(0)
    asyncio.run(run())
    with block("y") as name:
        assert name == "y"
    assert ends(server) == [
        ("block", "action_completed"),
        ("block", "action_completed"),
        ("block", "action_failed"),
        ("asynchronous", "action_completed"),
        ("asynchronous", "action_completed"),
        ("block", "action_completed"),
    ]
    assert len(server.events("action_started")) == 6


def test_a_block_that_is_never_entered_is_no_action(server: Server, agent: hiveloop.Agent) -> None:
    @agent.track("block")
    @contextlib.contextmanager
    def block() -> Iterator[None]:
        yield

    block()
    hiveloop.flush()
    assert server.events("action_started") == []


def test_a_method_that_answers_by_raising_has_not_failed(server: Server, agent: hiveloop.Agent) -> None:
    class Lazy:
        @agent.track("attribute")
        def __getattr__(self, name: str) -> Any:
            raise AttributeError(name)

        @agent.track("item")
        def __getitem__(self, index: int) -> int:
            if index > 1:
                raise IndexError
            return index

    assert not hasattr(Lazy(), "missing")
    assert list(Lazy()) == [0, 1]
    assert ends(server) == [("attribute", "action_completed"), *[("item", "action_completed")] * 3]


def test_a_class_that_cannot_be_changed_is_left_and_named(agent: hiveloop.Agent, log: Any) -> None:
    assert agent.track("list")(list) is list
    assert log.having("leaves the class list as it is: it cannot be changed")

    @agent.track("worker")
    class Worker:
        def run(self) -> int:
            return 3

    assert Worker().run() == 3
    assert log.having("leaves the class Worker as it is: it has no __init__; track its methods")
