"""The events that the server and the board are tested with are the ones that this client sends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Server

import hiveloop

GOLDEN = Path(__file__).resolve().parents[2] / "crates" / "wire" / "tests" / "golden"


def golden(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())["events"][0]
    return event


Call = Callable[[hiveloop.Agent, hiveloop.Task, str, dict[str, Any]], None]

# How each is said in Python: the agent, the task, the summary and the data of the golden event are given.
CALLS: dict[str, Call] = {
    "llm_call": lambda agent, task, summary, data: task.llm_call(**data),
    "llm_call_minimal": lambda agent, task, summary, data: agent.llm_call(**data),
    "plan_created": lambda agent, task, summary, data: task.plan(data["goal"], data["steps"]),
    "plan_step": lambda agent, task, summary, data: task.plan_step(summary=summary, **data),
    "plan_step_failed": lambda agent, task, summary, data: task.plan_step(summary=summary, **data),
    "queue_snapshot": lambda agent, task, summary, data: agent.queue_snapshot(**data),
    "todo": lambda agent, task, summary, data: agent.todo(summary=summary, **data),
    "todo_failed": lambda agent, task, summary, data: agent.todo(summary=summary, **data),
    "scheduled": lambda agent, task, summary, data: agent.scheduled(**data),
    "issue": lambda agent, task, summary, data: agent.report_issue(summary, **without(data, "action")),
    "issue_resolved": lambda agent, task, summary, data: agent.resolve_issue(summary, **without(data, "action")),
    "escalated": lambda agent, task, summary, data: task.escalate(summary=summary, **data),
    "approval_requested": lambda agent, task, summary, data: task.request_approval(summary, **data),
    "approval_received": lambda agent, task, summary, data: task.approval_received(summary, **data),
    "retry_started": lambda agent, task, summary, data: task.retry(summary, **data),
    "custom": lambda agent, task, summary, data: task.event("custom", golden("custom")["payload"]),
}


def without(data: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_what_is_said_travels_as_the_golden_event(server: Server, agent: hiveloop.Agent, name: str) -> None:
    expected = golden(name)
    payload = expected["payload"]
    with agent.task("lead-4801", project="sales", type="lead_processing") as task:
        CALLS[name](agent, task, payload["summary"], payload["data"])
    assert hiveloop.flush()
    [event] = [e for e in server.events() if e["event_type"] not in ("task_started", "task_completed")]
    assert event["event_type"] == expected["event_type"]
    assert event["payload"]["data"] == payload["data"]
    assert set(event["payload"]) == set(payload)
    assert event["payload"].get("kind") == payload.get("kind")


def test_tasks_actions_and_registrations_travel_as_golden_events(server: Server, hb: hiveloop.HiveBoard) -> None:
    registered = golden("agent_registered")["payload"]["data"]
    agent = hb.agent("lead-qualifier", **registered)

    @agent.track("enrich_lead")
    def enrich() -> None:
        raise ConnectionError("connection reset by peer: “crm.example”")

    with (
        pytest.raises(ConnectionError),
        agent.task("lead-4801", project="sales", type="lead_processing", correlation_id="order-1"),
    ):
        with agent.track_context("process_lead"), agent.track_context("score_lead") as action:
            action.set_payload({"score": 87})
        enrich()
    with agent.task("lead-4802", project="sales", type="lead_processing", correlation_id="order-1") as task:
        task.set_payload({"result": {"score": 87}})
    assert hb.flush()
    assert server.events("agent_registered")[0]["payload"] == golden("agent_registered")["payload"]
    for name in (
        "task_started",
        "task_completed",
        "task_failed",
        "action_started",
        "action_completed",
        "action_failed",
    ):
        expected = golden(name)
        event = server.events(name)[0]
        # An outermost action has no parent; the golden ones are all inside of another.
        optional = {"_envelope", "correlation_id", "parent_action_id"}
        assert set(event) - optional == set(expected) - optional | {"payload"}, name
        assert event.get("status") == expected.get("status")
        given = expected.get("payload", {})
        own = set(event["payload"]) - {"summary"}
        assert own <= set(given) | {"score"}, name
