"""Every form in which the published client 0.2.0 can be called works here, and means the same.

`published_signatures.json` holds its public signatures as `inspect.signature` tells them: the name of each parameter,
whether it may be given by position, and its default.
"""

from __future__ import annotations

import collections
import dataclasses
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import KEY, Server

import hiveloop
from hiveloop.contrib.log_handler import HiveBoardLogHandler

TABLE: dict[str, list[list[str]]] = json.loads((Path(__file__).parent / "published_signatures.json").read_text())
# Called otherwise here, under which the published name is taken as well.
RENAMED = {("Task.plan_step", "step_index"): "index", ("Task.plan_step", "action"): "status"}


def ours(name: str) -> Any:
    if name == "HiveBoardLogHandler":
        return HiveBoardLogHandler
    owner, _, attribute = name.rpartition(".")
    return getattr({"hiveloop": hiveloop, "": hiveloop}.get(owner) or getattr(hiveloop, owner), attribute)


@pytest.mark.parametrize("name", TABLE)
def test_each_parameter_is_taken_at_its_place_and_by_its_name(name: str) -> None:
    parameters = [p for p in inspect.signature(ours(name)).parameters.values() if p.name != "self"]
    by_place = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    names = {p.name for p in parameters}
    for place, (parameter, kind, _) in enumerate(TABLE[name]):
        here = RENAMED.get((name, parameter), parameter)
        assert parameter in names, f"{name}({parameter}=)"
        if kind == "position":
            assert by_place[place] == here, f"{name}, place {place}"


def test_every_public_name_and_attribute_is_there(hb: hiveloop.HiveBoard) -> None:
    agent = hb.agent("w", "etl", "1.2", "langchain", 0, 60)
    assert (agent.agent_id, agent.agent_type, agent.version, agent.framework) == ("w", "etl", "1.2", "langchain")
    task = agent.task("t", "p", "x", "run", "corr")
    fields = (task.task_id, task.project_id, task.task_type, task.task_run_id, task.correlation_id)
    assert fields == ("t", "p", "x", "run", "corr")
    assert hiveloop.SDK_VERSION.startswith("hiveloop-")
    assert issubclass(hiveloop.HiveLoopError, Exception)
    assert hb.get_agent("w") is agent
    assert hb.shutdown(1) is True


def test_reasons_beside_summaries(server: Server, agent: hiveloop.Agent) -> None:
    with agent.task("t") as task:
        task.escalate("Enrichment down", reason="service_outage", assigned_to="ops")
        task.request_approval("Send it?", approver="lead", reason="over $500", parent_event_id="e1")
        task.approval_received("Yes", approved_by="lead", decision="rejected", parent_event_id="e2")
        task.retry("Again", attempt=2, backoff_seconds=1.5, reason="timeout")
        task.escalate(reason="only this")
    hiveloop.flush()
    told = [(e["event_type"], e["payload"], e.get("parent_event_id")) for e in server.events()[1:-1]]
    assert told == [
        ("escalated", {"summary": "Enrichment down", "data": {"assigned_to": "ops", "reason": "service_outage"}}, None),
        ("approval_requested", {"summary": "Send it?", "data": {"approver": "lead", "reason": "over $500"}}, "e1"),
        ("approval_received", {"summary": "Yes", "data": {"decision": "rejected", "approved_by": "lead"}}, "e2"),
        (
            "retry_started",
            {"summary": "Again", "data": {"attempt": 2, "backoff_seconds": 1.5, "reason": "timeout"}},
            None,
        ),
        ("escalated", {"summary": "only this", "data": {}}, None),
    ]


def test_ends_by_place(server: Server, agent: hiveloop.Agent) -> None:
    agent.start_task("success").complete("success", {"x": 1})
    agent.start_task("failure").complete("failure", {"x": 1})
    agent.start_task("own word").complete("partial", {"x": 1})
    agent.start_task("cancelled").complete("cancelled")
    agent.start_task("payload").complete({"x": 1})
    agent.start_task("by name").complete(payload={"x": 1})
    agent.start_task("failed").fail(ValueError("why"), {"x": 1})
    agent.start_task("by a class").fail(ValueError, {"x": 1})  # type: ignore[arg-type]
    agent.start_task("in capitals").complete("FAILED", {"x": 1})
    agent.start_task("not well").complete(False, {"x": 1})  # type: ignore[arg-type]
    agent.start_task("well").complete(True, {"x": 1})  # type: ignore[arg-type]
    hiveloop.flush()
    found = {e["task_id"]: e for e in server.events() if e["event_type"] in ("task_completed", "task_failed")}
    assert {name: (e["event_type"], e["status"], e["payload"].get("x")) for name, e in found.items()} == {
        "success": ("task_completed", "success", 1),
        "failure": ("task_failed", "failure", 1),
        "own word": ("task_completed", "partial", 1),
        "cancelled": ("task_completed", "cancelled", None),
        "payload": ("task_completed", "success", 1),
        "by name": ("task_completed", "success", 1),
        "failed": ("task_failed", "failure", 1),
        "by a class": ("task_failed", "failure", 1),
        "in capitals": ("task_failed", "failure", 1),
        "not well": ("task_failed", "failure", 1),
        "well": ("task_completed", "success", 1),
    }
    assert found["by a class"]["payload"]["exception_type"] == "ValueError"


def test_events_by_place(server: Server, agent: hiveloop.Agent) -> None:
    agent.event("custom", {"a": 1}, "warn", "parent")
    with agent.task("t") as task:
        task.event("custom", {"a": 2}, "error", "parent")
    hiveloop.flush()
    told = [(e["payload"]["a"], e["severity"], e["parent_event_id"]) for e in server.events("custom")]
    assert told == [(1, "warn", "parent"), (2, "error", "parent")]


def test_init_by_place(server: Server) -> None:
    hb = hiveloop.init(KEY, "staging", "blue", server.url, 0.2, 50, 1000, False)
    hb.agent("a", heartbeat_interval=0)
    hiveloop.flush()
    envelope = server.received()["requests"][0]["envelope"]
    assert (envelope["environment"], envelope["group"]) == ("staging", "blue")
    hiveloop.reset()
    hb = hiveloop.HiveBoard(KEY, server.url, "testing", "green")
    hb.agent("b", heartbeat_interval=0)
    assert hb.flush()
    envelope = server.received()["requests"][-1]["envelope"]
    assert (envelope["environment"], envelope["group"]) == ("testing", "green")
    hb.shutdown()


def test_whatever_is_given_nothing_but_init_raises(server: Server, log: Any) -> None:
    log.may_swallow = True

    class Rude:
        def __str__(self) -> str:
            raise RuntimeError("no")

        __repr__ = __str__

    class Endless:
        def __repr__(self) -> str:
            return repr(self)

    class Undecided:
        """As arrays of several values are."""

        def __eq__(self, other: object) -> bool:
            raise ValueError("ambiguous")

        __ne__ = __eq__

        def __bool__(self) -> bool:
            raise ValueError("ambiguous")

        def __float__(self) -> float:
            raise ZeroDivisionError

        __hash__ = object.__hash__

    hiveloop.reset()
    for name in ("environment", "flush_interval", "batch_size", "debug", "capture_previews", "compression"):
        hiveloop.init(KEY, endpoint=server.url, **{name: Undecided()})  # type: ignore[arg-type]
        hiveloop.init(KEY, endpoint=server.url, **{name: Undecided()})  # type: ignore[arg-type]
        hiveloop.reset()
    for name in ("api_key", "endpoint", "ca_file", "before_send"):
        with pytest.raises(hiveloop.HiveLoopConfigError):
            hiveloop.init(**{"api_key": KEY, "endpoint": server.url, name: Undecided()})  # type: ignore[arg-type]
    hb = hiveloop.init(KEY, "e" * 65, "g" * 200, server.url, "soon", 1000, 0, compression="brotli", nonsense=1)  # type: ignore[arg-type]

    half = "\ud800"  # half a character, as names of files may hold
    for given in (None, 7, "x" * 1000, half, b"x", [], {}, object(), Rude(), Endless(), Undecided()):
        hb.agent("kept", given, given, given, given, given)  # type: ignore[arg-type]
        agent = hb.agent(given, given, given, given, given, given, given, given)  # type: ignore[arg-type]
        task = agent.start_task(given, given, given, given, given)  # type: ignore[arg-type]
        for call in (task.event, task.llm_call, task.plan, task.plan_step, task.escalate, task.request_approval):
            call(given, given, given, given, given, given, given, given, given, given, given, nonsense=given)  # type: ignore[operator]
        for call in (task.approval_received, task.retry, task.set_payload):
            call(given)  # type: ignore[operator]
        for call in (agent.event, agent.llm_call, agent.queue_snapshot, agent.todo, agent.scheduled):
            call(given, given, given, given, given, given, given, given, given, given, nonsense=given)  # type: ignore[operator]
        agent.report_issue(given, given, given, given, given, given)  # type: ignore[arg-type]
        agent.resolve_issue(given, given, given)  # type: ignore[arg-type]
        agent.event("custom", {}, None, given)  # type: ignore[arg-type]
        agent.start_task("another").complete(f"{given!s:.1000}" if isinstance(given, str) else given)  # type: ignore[arg-type]
        agent.track(given)(hiveloop.propagate(lambda: None))  # type: ignore[arg-type,call-overload]
        with agent.track_context(given) as action:  # type: ignore[arg-type]
            action.set_payload(given)  # type: ignore[arg-type]
        task.fail(given, given, given)  # type: ignore[arg-type]
        agent.start_task("other").complete(given, given)  # type: ignore[arg-type]
        hb.get_agent(given)  # type: ignore[arg-type]
        hb.remove_agent(given)  # type: ignore[arg-type]
        hiveloop.tool_payload(given, given, given, given, given, given, given, given, given, given)
        hiveloop.flush(given)  # type: ignore[arg-type]
    agent = hb.agent()
    agent.task()
    agent.event()
    assert hiveloop.flush("soon")  # type: ignore[arg-type]
    assert hb.stats()["rejected"] == 0
    assert log.having("batch_size must be from 1 to 500: 500 instead of 1000")
    assert log.having("environment may have 64 characters")


def test_more_than_a_call_takes_is_said_and_ignored(server: Server, hb: hiveloop.HiveBoard, log: Any) -> None:
    log.may_swallow = True
    agent = hb.agent("a", heartbeat_interval=0)
    calls: list[Any] = [hiveloop.flush, hb.flush, hb.shutdown, hiveloop.shutdown]
    assert all(call(5, "more", wait=True) for call in calls)
    assert hiveloop.stats(1)["rejected"] == hb.stats(verbose=True)["rejected"] == 0
    agent.close(5, wait=True)
    hb.get_agent("a", "more")
    hb.remove_agent("a", wait=True)
    assert hiveloop.propagate(len, "more", wait=True)([1]) == 1
    assert hiveloop.tool_payload(*[None] * 12) == {"success": None}
    hiveloop.reset(5, wait=True)  # type: ignore[call-arg]
    assert log.having("flush() does not know wait, 1 more arguments: ignored")
    assert len(log.having("does not know")) == 12


def test_classes_of_classes_that_fail_raise_nothing(hb: hiveloop.HiveBoard) -> None:
    class Unequal(type):
        def __eq__(cls, other: object) -> bool:
            raise RuntimeError("no")

        def __hash__(cls) -> int:
            raise RuntimeError("no")

    class Silent(type):
        def __getattribute__(cls, name: str) -> Any:
            raise RuntimeError("no")

    class Rude(metaclass=Unequal):
        pass

    class Ruder(metaclass=Silent):
        pass

    for thing in (Rude(), Rude, Ruder(), Ruder):
        for _ in range(2):
            agent = hb.agent("a", thing, thing, thing, thing, thing)  # type: ignore[arg-type]
        agent.event("custom", {"value": thing})
        agent.task(thing)  # type: ignore[arg-type]
        hiveloop.propagate(thing)
        agent.track(thing)  # type: ignore[call-overload]


@dataclasses.dataclass
class Answer:
    text: str


@pytest.mark.parametrize(
    "value",
    [Answer("x" * 5000), [Answer("x" * 5000)], collections.deque(["x" * 5000]), 10**100],
    ids=lambda value: type(value).__name__,
)
def test_tool_payloads_of_any_kind_are_cut(value: Any) -> None:
    payload = hiveloop.tool_payload(args={"a": value}, result=value, args_max_len=40, result_max_len=60)
    assert (len(payload["args"]["a"]), len(payload["result"])) == (40, 60)
    assert hiveloop.tool_payload(result=Answer("short"))["result"] == Answer("short")


def test_tool_payloads_are_cut_as_they_were(server: Server) -> None:
    payload = hiveloop.tool_payload(
        args={"q": "x" * 600, "n": 1, "l": [1] * 400}, result="r" * 2000, tool_category="search", http_status=200
    )
    assert payload["args"] == {"q": "x" * 500, "n": 1, "l": str([1] * 400)[:500]}
    assert payload["result"] == "r" * 1000
    assert (payload["tool_category"], payload["http_status"]) == ("search", 200)
    short = hiveloop.tool_payload(args={"q": "abcdef"}, result={"k": "rrrr"}, args_max_len=3, result_max_len=5)
    assert (short["args"], short["result"]) == ({"q": "abc"}, "{'k':")
