"""Looking at a value never waits for the program's code."""

from __future__ import annotations

import collections
import datetime
import functools
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pydantic
import pytest
from conftest import Server, sent

import hiveloop
import hiveloop._aside


class Sleeper:
    def __repr__(self) -> str:
        time.sleep(2)
        return "awake"


class Fetching(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        time.sleep(2)
        return 1

    def __iter__(self) -> Iterator[str]:
        return iter("ab")

    def __len__(self) -> int:
        return 2


def test_what_blocks_does_not_block_the_call(server: Server, agent: hiveloop.Agent) -> None:
    began = time.monotonic()
    for _ in range(20):
        agent.event("custom", {"value": [Sleeper(), Fetching(), Sleeper()]})
    assert time.monotonic() - began < 1.9, "less than one of them sleeps"
    hiveloop.flush()
    names = [f"<{__name__}.Sleeper>", f"<{__name__}.Fetching>", f"<{__name__}.Sleeper>"]
    assert server.events("custom")[-1]["payload"]["value"] == names


def test_an_honest_repr_and_an_honest_mapping_are_shown(server: Server, agent: hiveloop.Agent) -> None:
    class Point:
        def __repr__(self) -> str:
            return "Point(1, 2)"

    class Bag(Mapping[str, int]):
        def __getitem__(self, key: str) -> int:
            return 1

        def __iter__(self) -> Iterator[str]:
            return iter("ab")

        def __len__(self) -> int:
            return 2

    assert sent(server, agent, [Point(), Bag()]) == ["<Point: Point(1, 2)>", {"a": 1, "b": 1}]


class SlowToShow:
    def __repr__(self) -> str:
        time.sleep(1)
        return "slow"

    def method(self) -> None:
        pass


class SlowError(Exception):
    def __str__(self) -> str:
        time.sleep(1)
        return "slow"


class SlowDate(datetime.date):
    def isoformat(self) -> str:
        time.sleep(1)
        return "slow"


@dataclass
class SlowField:
    name: str

    def __getattribute__(self, name: str) -> Any:
        if name == "name":
            time.sleep(1)
        return object.__getattribute__(self, name)


class SlowText(str):
    """Also for whoever asks how long it is."""

    def __len__(self) -> int:
        time.sleep(1)
        return 4

    def __repr__(self) -> str:
        time.sleep(1)
        return "slow"

    __str__ = __repr__


class SlowTensor:
    """What lies on a device, whose work is waited for when it is read."""

    __module__ = "torch"
    shape = (2,)

    def size(self) -> tuple[int, ...]:
        return self.shape

    def tolist(self) -> list[int]:
        time.sleep(1)
        return [1, 2]


SLOW = {
    "text": lambda: SlowText("text"),
    "text as a key": lambda: {SlowText("text"): 1},
    "tensor": SlowTensor,
    "argument of a tool": lambda: hiveloop.tool_payload(args=[SlowToShow()], result={"a": (SlowToShow(),)}),
    "key": lambda: {SlowToShow(): 1},
    "values of a dict": lambda: {"a": SlowToShow()}.values(),
    "bound method": lambda: SlowToShow().method,
    "arguments of a partial": lambda: functools.partial(print, SlowToShow()),
    "argument of an exception": lambda: ValueError(SlowToShow(), 1),
    "text of an exception": SlowError,
    "chain of mappings": lambda: collections.ChainMap(Fetching()),  # type: ignore[arg-type]
    "date": lambda: SlowDate(2026, 11, 22),
    "field": lambda: SlowField("x"),
}


@pytest.mark.parametrize("make", SLOW.values(), ids=SLOW.keys())
def test_what_blocks_within_others_does_not_block_the_call(agent: hiveloop.Agent, make: Any) -> None:
    began = time.monotonic()
    value = make()
    agent.event("custom", {"value": value})
    if isinstance(value, BaseException):
        task = agent.start_task("t")
        task.fail(value)
        try:
            raise ValueError("x") from value
        except ValueError as error:
            agent.start_task("t").fail(error)
    assert time.monotonic() - began < 0.5


class Waiting(pydantic.BaseModel):
    number: int = 1
    slow: int = 2

    @pydantic.field_serializer("slow")
    def wait(self, value: int) -> int:
        time.sleep(2)
        return value


def test_a_serializer_that_blocks_does_not_block_the_call(server: Server, agent: hiveloop.Agent) -> None:
    began = time.monotonic()
    agent.event("custom", {"value": Waiting()})
    assert time.monotonic() - began < 1
    hiveloop.flush()
    shown = server.events("custom")[-1]["payload"]["value"]
    assert (shown["number"], "Waiting" in shown["slow"]) == (1, True)


def test_what_took_too_long_once_is_asked_again_when_it_has_come_back(
    server: Server, agent: hiveloop.Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hiveloop._aside, "_FORGIVEN_AFTER_SECONDS", 0.0)
    is_held, came_back = threading.Event(), threading.Event()

    class Held:
        def __repr__(self) -> str:
            held = not is_held.is_set() and not came_back.is_set()
            is_held.wait(20)
            if held:
                came_back.set()
            return "Held()"

    assert "Held()" not in sent(server, agent, Held())
    is_held.set()
    assert came_back.wait(20)
    server.wait_for(lambda: Held not in hiveloop._aside._stuck)
    monkeypatch.setattr(hiveloop._aside, "_window_began", 0.0)  # a second's share of such questions is spent
    assert sent(server, agent, Held()) == "<Held: Held()>"
