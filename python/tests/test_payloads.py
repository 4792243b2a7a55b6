"""Values that JSON has no form for: only they change, and nothing raises."""

from __future__ import annotations

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import json
import math
import pathlib
import types
import uuid
from typing import Any, NamedTuple

import attrs
import numpy
import pydantic
import pytest
from conftest import Server

import hiveloop


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Word(str):
    __slots__ = ()


class Point(NamedTuple):
    x: int
    y: int


@dataclasses.dataclass
class Lead:
    name: str
    seen: datetime.date


class Model(pydantic.BaseModel):
    name: str
    when: datetime.datetime


@attrs.define
class Box:
    side: int


class Plain:
    def __repr__(self) -> str:
        return "plain thing"


class Rude:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class Money(decimal.Decimal):
    pass


class Frame:
    """As tables of polars are: `item` is for one that holds a single value."""

    __module__ = "polars.dataframe.frame"
    shape = (2, 1)

    def item(self) -> Any:
        raise ValueError("there are two")

    def to_dict(self) -> dict[str, list[int]]:
        return {"a": [1, 2]}


NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.timezone.utc)

VALUES = [
    ("text", "text"),
    ("", ""),
    ('"quotes" \\ \n\t\x00\x1f\x7f é 🐝 \u2028', '"quotes" \\ \n\t\x00\x1f\x7f é 🐝 \u2028'),
    (True, True),
    (None, None),
    (0, 0),
    (-(2**63), -(2**63)),
    (2**64 - 1, 2**64 - 1),
    (2**64, str(2**64)),
    (-(2**63) - 1, str(-(2**63) - 1)),
    (10**400, str(10**400)),
    (10**5000, "<integer of very many digits>"),
    (0.1, 0.1),
    (1e300, 1e300),
    (math.nan, "NaN"),
    (math.inf, "Infinity"),
    (-math.inf, "-Infinity"),
    (NOON, "2026-11-22T12:00:00+00:00"),
    (NOON.date(), "2026-11-22"),
    (NOON.time(), "12:00:00"),
    (datetime.timedelta(hours=1), "1:00:00"),
    (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    (decimal.Decimal("0.003"), 0.003),
    (decimal.Decimal("NaN"), "NaN"),
    (fractions.Fraction(1, 4), 0.25),
    (Colour.RED, "red"),
    (Level.HIGH, 3),
    (Word("word"), "word"),
    (b"bytes", "bytes"),
    (b"\xff\x00", "\ufffd\x00"),
    (bytearray(b"more"), "more"),
    ({3, 1, 2}, [1, 2, 3]),
    (frozenset({"a"}), ["a"]),
    ((1, "two"), [1, "two"]),
    (Point(1, 2), [1, 2]),
    (collections.deque([1, 2]), [1, 2]),
    (collections.OrderedDict(a=1), {"a": 1}),
    (types.MappingProxyType({"a": 1}), {"a": 1}),
    (collections.Counter("aab"), {"a": 2, "b": 1}),
    ({1: "a", None: "b", (1, 2): "c", Colour.RED: "d"}, {"1": "a", "None": "b", "(1, 2)": "c", "Colour.RED": "d"}),
    (Lead("Ada", NOON.date()), {"name": "Ada", "seen": "2026-11-22"}),
    (Model(name="Ada", when=NOON), {"name": "Ada", "when": "2026-11-22T12:00:00+00:00"}),
    (Box(3), {"side": 3}),
    (pathlib.PurePosixPath("/tmp/x"), "/tmp/x"),
    (numpy.int64(7), 7),
    (numpy.float32(0.5), 0.5),
    (numpy.float64(0.25), 0.25),
    (numpy.bool_(True), True),
    (numpy.float64("nan"), "NaN"),
    (numpy.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    (numpy.zeros((100, 100)), "<ndarray of shape (100, 100)>"),
    (ValueError("broken"), "ValueError: broken"),
    (Plain(), "<Plain: plain thing>"),
    (Rude(), "<value that cannot be shown>"),
    (int, "<class builtins.int>"),
    (numpy.longdouble(1.5), 1.5),
    (Frame(), {"a": [1, 2]}),
    (Money("1.50"), 1.5),
    (decimal.Decimal("sNaN"), "sNaN"),
    ({"a": 1}.keys(), ["a"]),
    ({"a": Colour.RED}.values(), ["red"]),
    (array.array("i", [1, 2]), [1, 2]),
    ({frozenset({1}): 1, (NOON.date(), Colour.RED): 2, b"k": 3}, {"(1,)": 1, "(2026-11-22, Colour.RED)": 2, "k": 3}),
    ("\ud800 lone", "\ufffd lone"),
    ("a\ud83d\ude00b", "a\U0001f600b"),
    ({"\udcff": 1}, {"\ufffd": 1}),
    (collections.UserString("text"), "text"),
    (numpy.datetime64("2026-01-01T00:00:00.123456789"), "2026-01-01T00:00:00.123456789"),
    (numpy.array(["2026-01-01", "NaT"], dtype="M8[D]"), ["2026-01-01", None]),
    (numpy.timedelta64(3, "ns"), "3 nanoseconds"),
]


@pytest.mark.parametrize(
    ("value", "expected"), VALUES, ids=[f"{type(value).__name__}-{n}" for n, (value, _) in enumerate(VALUES)]
)
def test_a_value_and_its_neighbours(server: Server, agent: hiveloop.Agent, value: Any, expected: Any) -> None:
    agent.event("custom", {"kind": "k", "data": {"before": 1, "value": value, "list": [value], "after": "x"}})
    assert hiveloop.flush()
    [event] = server.events()
    data = event["payload"]["data"]
    assert data == {"before": 1, "value": expected, "list": [expected], "after": "x"}


def test_objects_without_a_form_are_marked(server: Server, agent: hiveloop.Agent) -> None:
    agent.event(
        "custom", {"generator": (n for n in [1]), "function": test_a_value_and_its_neighbours, "object": object()}
    )
    hiveloop.flush()
    [event] = server.events()
    assert all(value.startswith("<") and len(value) < 250 for value in event["payload"].values())


def test_cycles_and_depth(server: Server, agent: hiveloop.Agent) -> None:
    cycle: dict[str, Any] = {"a": 1}
    cycle["self"] = cycle
    cycle["list"] = [cycle]
    agent.event("custom", cycle)
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    agent.event("custom", {"data": deep, "after": 1})
    hiveloop.flush()
    first, second = (event["payload"] for event in server.events())
    assert first == {"a": 1, "self": "<cycle>", "list": ["<cycle>"]}
    assert second["after"] == 1

    def depth(value: Any) -> int:
        children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return 1 + max(map(depth, children), default=0) if isinstance(value, (dict, list)) else 0

    assert depth(second) == 64
    agent.llm_call("n", "m", metadata=deep)
    hiveloop.flush()
    assert depth(server.events()[-1]["payload"]) == 64


def test_shared_values_that_fan_out_are_bounded(server: Server, agent: hiveloop.Agent) -> None:
    bomb: list[Any] = ["lol"] * 10
    for _ in range(40):
        bomb = [bomb] * 10
    agent.event("custom", {"data": bomb})
    hiveloop.flush()
    [event] = server.events()
    assert event["payload"]["_truncated"] is True


@pytest.mark.parametrize(
    "payload",
    [
        {"kind": "k", "data": {"text": "x" * 100_000, "short": "kept"}},
        {"kind": "k", "data": {"text": "é🐝" * 50_000, "short": "kept"}},
        {"kind": "k", "data": {"texts": ["y" * 1000] * 100, "short": "kept"}},
        {"kind": "k", "data": {"numbers": list(range(1_000_000)), "short": "kept"}},
        {"kind": "k", "data": {"short": "kept", **{f"field {n}": n for n in range(50_000)}}},
        {"kind": "k", "data": {"text": "\x00" * 100_000, "short": "kept"}},
    ],
    ids=["text", "unicode", "texts", "numbers", "fields", "escapes"],
)
def test_too_large_payloads_are_cut_and_kept(server: Server, agent: hiveloop.Agent, payload: dict[str, Any]) -> None:
    agent.event("custom", payload)
    hiveloop.flush()
    [event] = server.events()
    cut = event["payload"]
    assert len(json.dumps(cut, ensure_ascii=False, separators=(",", ":")).encode()) <= 32 * 1024
    assert (cut["kind"], cut["_truncated"]) == ("k", True)
    # A wide object keeps some of its fields, no matter which; otherwise the short ones stay.
    assert len(cut["data"]) > 15 or cut["data"]["short"] == "kept"


def test_previews_too_large_are_cut(server: Server, agent: hiveloop.Agent) -> None:
    with agent.task("t") as task:
        task.llm_call("n", "m", tokens_in=1, cost=0.5, prompt_preview="p" * 10**7, response_preview="short")
    hiveloop.flush()
    data = server.events()[1]["payload"]["data"]
    assert (data["tokens_in"], data["cost"], data["response_preview"]) == (1, 0.5, "short")
    assert data["prompt_preview"].startswith("ppp")


def test_later_changes_are_not_seen(server: Server, agent: hiveloop.Agent) -> None:
    data = {"number": 1}
    agent.event("custom", {"data": data})
    data["number"] = 2
    hiveloop.flush()
    assert server.events()[0]["payload"]["data"] == {"number": 1}


def test_a_dict_that_changes_while_it_is_written(server: Server, agent: hiveloop.Agent) -> None:
    data: dict[str, Any] = {}

    class Meddler:
        def __repr__(self) -> str:
            data[f"more {len(data)}"] = Meddler() if len(data) < 50 else 1
            data.pop("gone", None)
            return "meddler"

    data.update({"a": Meddler(), "gone": 1, "b": 2})
    agent.event("custom", {"data": data, "after": 1})
    agent.event("custom", {"fine": 1})
    hiveloop.flush()
    first, second = server.events()
    assert (first["payload"]["after"], second["payload"]) == (1, {"fine": 1})


@pytest.mark.parametrize("payload", ["text", 7, [1], None, object()])
def test_payloads_that_are_no_dicts(server: Server, agent: hiveloop.Agent, payload: Any) -> None:
    agent.event("custom", payload)
    with agent.task("t") as task:
        task.event("my_type", payload)
        task.set_payload(payload)
    hiveloop.flush()
    assert all(isinstance(event["payload"], dict) for event in server.events())
    assert server.events()[2]["payload"]["original_type"] == "my_type"


def test_wrong_arguments_never_raise(server: Server, agent: hiveloop.Agent, log: Any) -> None:
    log.may_swallow = True
    with agent.task(4801, project=7, type=Colour.RED) as task:  # type: ignore[arg-type]
        task.llm_call()  # type: ignore[call-arg]
        task.llm_call(1, None, tokens_in="many", cost=object(), colour="red")  # type: ignore[arg-type, call-arg]
        task.plan(None, 7)  # type: ignore[arg-type]
        task.plan("goal", "one step")
        task.plan_step("first", 3, [1])  # type: ignore[arg-type, list-item]
        task.escalate()  # type: ignore[call-arg]
        task.request_approval(7)  # type: ignore[arg-type]
        task.approval_received()
        task.retry({"why": 1}, attempt="x")  # type: ignore[arg-type]
        task.event()
        task.set_payload(None)
        task.fail(exception="text")
    agent.scheduled(7)  # type: ignore[arg-type]
    agent.scheduled()
    agent.todo()
    agent.report_issue()
    agent.resolve_issue(None)
    agent.queue_snapshot()
    hiveloop.flush()
    events = server.events()
    assert {event["task_id"] for event in events if "task_id" in event} == {"4801"}
    assert events[0]["project_id"] == "7"
    assert log.having("llm_call() does not know colour")
    assert len(events) == 18


def test_an_interruption_is_the_hosts(agent: hiveloop.Agent) -> None:
    class Interrupted:
        def __repr__(self) -> str:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        agent.event("custom", {"a": Interrupted()})


def test_half_characters_cost_no_value(server: Server, agent: hiveloop.Agent) -> None:
    class File:
        def __repr__(self) -> str:
            return "File('caf\udce9')"

    agent.event("custom", {"value": [File(), OSError("caf\udce9")]})
    hiveloop.flush()
    [event] = server.events("custom")
    assert event["payload"]["value"] == ["<File: File('caf\ufffd')>", "OSError: caf\ufffd"]
