"""Every call of the manual, as it travels."""

from __future__ import annotations

import asyncio
import logging
import uuid
from datetime import datetime
from typing import Any

import pytest
from conftest import KEY, Server

import hiveloop


def payloads(server: Server) -> list[dict[str, Any]]:
    assert hiveloop.flush()
    return [event["payload"] for event in server.events()]


def test_quick_start(server: Server) -> None:
    hb = hiveloop.init(api_key=KEY, endpoint=server.url + "/")
    agent = hb.agent("my-agent", type="general")
    with agent.task("task-123", project="my-project", type="processing") as task:
        task.llm_call("reasoning", model="claude-sonnet-4-20250514", tokens_in=1500, tokens_out=200, cost=0.003)
    hiveloop.shutdown(timeout=10)

    [request] = server.requests()
    assert request["path"] == "/v1/ingest"
    assert request["headers"]["authorization"] == f"Bearer {KEY}"
    assert request["headers"]["content-type"] == "application/json"
    envelope = request["envelope"]
    assert uuid.UUID(envelope.pop("instance_id")).version == 4
    assert envelope.pop("runtime").startswith("python-3.")
    assert envelope.pop("sdk_version") == f"hiveloop-{hiveloop.__version__}"
    assert envelope == {
        "agent_id": "my-agent",
        "agent_type": "general",
        "framework": "custom",
        "environment": "production",
        "group": "default",
    }
    [registered] = server.events("agent_registered")
    assert registered["payload"] == {
        "summary": "Agent my-agent registered",
        "data": {"type": "general", "framework": "custom", "stuck_threshold": 300, "heartbeat_interval": 30},
    }
    started, call, completed = server.events()
    for event in (started, call, completed):
        assert uuid.UUID(event["event_id"])
        assert datetime.strptime(event["timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ")
        assert (event["task_id"], event["project_id"], event["task_type"]) == ("task-123", "my-project", "processing")
        assert event["task_run_id"] == started["task_run_id"]
    assert started["event_type"] == "task_started"
    assert call["event_type"] == "custom"
    assert call["payload"] == {
        "kind": "llm_call",
        "summary": "reasoning → claude-sonnet-4-20250514 (1500 in / 200 out, $0.003)",
        "data": {
            "name": "reasoning",
            "model": "claude-sonnet-4-20250514",
            "tokens_in": 1500,
            "tokens_out": 200,
            "cost": 0.003,
        },
        "tags": ["llm"],
    }
    assert (completed["event_type"], completed["status"]) == ("task_completed", "success")
    assert completed["duration_ms"] >= 0


def test_an_agent_carries_what_it_was_registered_with(server: Server) -> None:
    hb = hiveloop.init(api_key=KEY, endpoint=server.url, environment="staging", group="my-team")
    hb.agent("my-agent", type="sales", version="1.2.0", framework="crewai", heartbeat_interval=0.5, stuck_threshold=60)
    assert hb.flush()
    [registered] = server.events("agent_registered")
    assert registered["payload"]["data"] == {
        "type": "sales",
        "version": "1.2.0",
        "framework": "crewai",
        "stuck_threshold": 60,
        "heartbeat_interval": 0.5,
    }
    envelope = registered["_envelope"]
    assert (envelope["agent_version"], envelope["environment"], envelope["group"]) == ("1.2.0", "staging", "my-team")


def test_the_same_id_is_the_same_agent_registered_once(server: Server, hb: hiveloop.HiveBoard) -> None:
    agent = hb.agent("one")
    assert hb.agent("one") is agent
    assert hb.get_agent("one") is agent
    assert hb.get_agent("two") is None
    hb.agent("two")
    assert hb.flush()
    assert [event["_envelope"]["agent_id"] for event in server.events("agent_registered")] == ["one", "two"]


def test_rich_events_of_a_task(server: Server, agent: hiveloop.Agent) -> None:
    with agent.task("t") as task:
        task.llm_call(
            "lead_scoring",
            "claude-sonnet-4-20250514",
            tokens_in=1500,
            tokens_out=200,
            cost=0.003,
            duration_ms=1200,
            prompt_preview="You are analyzing...",
            response_preview='{"score": 42}',
            metadata={"temperature": 0.2},
        )
        task.plan("Process lead #4801", ["Score lead", "Enrich data", "Route to rep"])
        task.plan_step(0, "started", "Scoring lead")
        task.plan_step(0, "completed", "Lead scored 87", turns=1, tokens=2500)
        task.escalate("Complex billing issue", assigned_to="senior-support")
        task.request_approval("Approval needed", approver="support-lead")
        task.approval_received("Credit approved", approved_by="support-lead", decision="approved")
        task.retry("Retrying after API timeout", attempt=2, backoff_seconds=4.0)
        task.event("custom_event_type", {"kind": "my_custom_kind", "summary": "Something", "data": {"key": "value"}})
        task.set_payload({"score": 42})
    hiveloop.flush()
    events = server.events()[1:]
    assert [event["event_type"] for event in events] == [
        "custom",
        "custom",
        "custom",
        "custom",
        "escalated",
        "approval_requested",
        "approval_received",
        "retry_started",
        "custom",
        "task_completed",
    ]
    assert [event["payload"] for event in events] == [
        {
            "kind": "llm_call",
            "summary": "lead_scoring → claude-sonnet-4-20250514 (1500 in / 200 out, $0.003)",
            "data": {
                "name": "lead_scoring",
                "model": "claude-sonnet-4-20250514",
                "tokens_in": 1500,
                "tokens_out": 200,
                "cost": 0.003,
                "duration_ms": 1200,
                "prompt_preview": "You are analyzing...",
                "response_preview": '{"score": 42}',
                "metadata": {"temperature": 0.2},
            },
            "tags": ["llm"],
        },
        {
            "kind": "plan_created",
            "summary": "Process lead #4801",
            "data": {
                "goal": "Process lead #4801",
                "steps": [
                    {"index": 0, "description": "Score lead"},
                    {"index": 1, "description": "Enrich data"},
                    {"index": 2, "description": "Route to rep"},
                ],
                "revision": 0,
            },
            "tags": ["plan", "created"],
        },
        {
            "kind": "plan_step",
            "summary": "Step 0 started: Scoring lead",
            "data": {"step_index": 0, "total_steps": 3, "action": "started", "plan_revision": 0},
            "tags": ["plan", "step_started"],
        },
        {
            "kind": "plan_step",
            "summary": "Step 0 completed: Lead scored 87",
            "data": {
                "step_index": 0,
                "total_steps": 3,
                "action": "completed",
                "turns": 1,
                "tokens": 2500,
                "plan_revision": 0,
            },
            "tags": ["plan", "step_completed"],
        },
        {"summary": "Complex billing issue", "data": {"assigned_to": "senior-support"}},
        {"summary": "Approval needed", "data": {"approver": "support-lead"}},
        {"summary": "Credit approved", "data": {"decision": "approved", "approved_by": "support-lead"}},
        {"summary": "Retrying after API timeout", "data": {"attempt": 2, "backoff_seconds": 4.0}},
        {
            "kind": "my_custom_kind",
            "summary": "Something",
            "data": {"key": "value"},
            "original_type": "custom_event_type",
        },
        {"summary": "Task t completed", "score": 42},
    ]


def test_rich_events_of_an_agent(server: Server, agent: hiveloop.Agent) -> None:
    agent.llm_call("summarize_context", "claude-haiku-4-5-20251001", tokens_in=3000, tokens_out=500, cost=0.001)
    agent.report_issue(
        summary="CRM API consistently timing out",
        severity="high",
        issue_id="crm-timeout",
        category="connectivity",
        context={"api": "salesforce", "timeout_ms": 5000},
    )
    agent.resolve_issue("CRM API recovered", issue_id="crm-timeout")
    agent.todo("todo-kb-update", "created", "Update knowledge base", priority="normal", source="agent_decision")
    items = [
        {"id": "a", "name": "A", "next_run": "2026-02-12T15:00:00Z", "interval": "1h", "enabled": True},
        {"id": "b", "name": "B", "next_run": None, "interval": "daily", "enabled": False, "last_status": None},
    ]
    agent.scheduled(items=items)
    agent.queue_snapshot(depth=3, oldest_age_seconds=120, items=[{"id": "x"}], processing={"id": "y"})
    agent.event("custom", {"kind": "k", "summary": "s", "data": {}})
    assert payloads(server) == [
        {
            "kind": "llm_call",
            "summary": "summarize_context → claude-haiku-4-5-20251001 (3000 in / 500 out, $0.001)",
            "data": {
                "name": "summarize_context",
                "model": "claude-haiku-4-5-20251001",
                "tokens_in": 3000,
                "tokens_out": 500,
                "cost": 0.001,
            },
            "tags": ["llm"],
        },
        {
            "kind": "issue",
            "summary": "CRM API consistently timing out",
            "data": {
                "issue_id": "crm-timeout",
                "severity": "high",
                "action": "reported",
                "category": "connectivity",
                "context": {"api": "salesforce", "timeout_ms": 5000},
            },
            "tags": ["issue", "connectivity"],
        },
        {
            "kind": "issue",
            "summary": "CRM API recovered",
            "data": {"issue_id": "crm-timeout", "action": "resolved"},
            "tags": ["issue", "resolved"],
        },
        {
            "kind": "todo",
            "summary": "Update knowledge base",
            "data": {
                "todo_id": "todo-kb-update",
                "action": "created",
                "priority": "normal",
                "source": "agent_decision",
            },
            "tags": ["todo", "created"],
        },
        {"kind": "scheduled", "summary": "2 scheduled items", "data": {"items": items}, "tags": ["scheduled"]},
        {
            "kind": "queue_snapshot",
            "summary": "Queue: 3 items, oldest 120s",
            "data": {
                "depth": 3,
                "oldest_age_seconds": 120,
                "items": [{"id": "x"}],
                "processing": {"id": "y"},
            },
            "tags": ["queue"],
        },
        {"kind": "k", "summary": "s", "data": {}},
    ]
    assert not any("task_id" in event for event in server.events())


def test_keywords_of_the_published_client(server: Server, agent: hiveloop.Agent) -> None:
    with agent.task("t") as task:
        task.plan_step(step_index=1, action="completed", summary="done", total_steps=4, plan_revision=2)
        task.escalate(summary="Too hard", reason="no data", assigned_to="lead")
        task.request_approval(summary="May I?", approver="lead")
        task.retry(summary="Again", attempt=1)
        task.approval_received(summary="Yes", approved_by="lead")
    step, escalated, requested, retried, received = payloads(server)[1:-1]
    assert step["data"] == {"step_index": 1, "total_steps": 4, "action": "completed", "plan_revision": 2}
    assert escalated == {"summary": "Too hard", "data": {"assigned_to": "lead", "reason": "no data"}}
    assert requested == {"summary": "May I?", "data": {"approver": "lead"}}
    assert retried == {"summary": "Again", "data": {"attempt": 1}}
    assert received == {"summary": "Yes", "data": {"decision": "approved", "approved_by": "lead"}}


def test_a_further_plan_is_a_further_revision(server: Server, agent: hiveloop.Agent) -> None:
    with agent.task("t") as task:
        task.plan("first", ["a"])
        task.plan("second", [{"index": 0, "description": "a"}, {"index": 1, "description": "b"}])
        task.plan_step(1, "skipped")
    first, second, step = payloads(server)[1:-1]
    assert (first["data"]["revision"], second["data"]["revision"]) == (0, 1)
    assert second["data"]["steps"][1] == {"index": 1, "description": "b"}
    assert step["data"] == {"step_index": 1, "total_steps": 2, "action": "skipped", "plan_revision": 1}


def test_tasks_without_a_context_manager(server: Server, agent: hiveloop.Agent) -> None:
    task = agent.start_task("good", project="my-project", type="processing")
    assert hiveloop.current_task() is task
    task.complete(payload={"result": 7})
    assert hiveloop.current_task() is None
    task = agent.start_task("bad")
    task.fail(exception=ValueError("broken"))
    task.complete()  # too late: it has failed
    _, completed, _, failed = server.wait_for(lambda: hiveloop.flush() and server.events())
    assert completed["payload"] == {"summary": "Task good completed", "result": 7}
    assert (failed["event_type"], failed["status"]) == ("task_failed", "failure")
    assert failed["payload"] == {
        "summary": "Task bad failed",
        "exception_type": "ValueError",
        "exception_message": "broken",
    }


def test_nested_actions(server: Server, agent: hiveloop.Agent) -> None:
    @agent.track("score_lead")
    def score(lead: str) -> int:
        task = hiveloop.current_task()
        assert task is not None
        task.llm_call("score", "m")
        return len(lead)

    @agent.track("process_lead")
    def process(lead: str) -> int:
        return score(lead) + score(lead)

    with agent.task("t"):
        assert process("Ada") == 6
    hiveloop.flush()
    events = server.events()
    outer, *inner = [event for event in events if event["event_type"] == "action_started"]
    assert outer["payload"] == {"action_name": "process_lead", "function": f"{__name__}.{process.__qualname__}"}
    assert "parent_action_id" not in outer
    assert [event["parent_action_id"] for event in inner] == [outer["action_id"]] * 2
    calls = [event for event in events if event["event_type"] == "custom"]
    assert [call["action_id"] for call in calls] == [event["action_id"] for event in inner]
    ends = [event for event in events if event["event_type"] == "action_completed"]
    assert len({end["action_id"] for end in ends}) == 3
    assert all(end["status"] == "success" and end["duration_ms"] >= 0 for end in ends)


def test_context_variables_of_the_manual(server: Server, agent: hiveloop.Agent) -> None:
    import contextvars

    current: contextvars.ContextVar[hiveloop.Task | None] = contextvars.ContextVar("hiveloop_task", default=None)

    def deep() -> None:
        task = current.get()
        if task:
            task.llm_call("reasoning", model="m", tokens_in=1, tokens_out=1)

    with agent.task("t", project="my-project") as task:
        current.set(task)
        try:
            deep()
        finally:
            current.set(None)
    deep()
    assert [payload.get("kind") for payload in payloads(server)] == [None, "llm_call", None]


def test_init_twice_gives_the_same_and_warns(server: Server, hb: hiveloop.HiveBoard, log: Any) -> None:
    assert hiveloop.init(api_key=KEY) is hb
    assert log.having("init() was called again")


def test_api_driven_and_queue_driven_agents(server: Server, agent: hiveloop.Agent) -> None:
    async def process(number: int) -> int:
        with agent.task(f"request-{number}", project="api-service", type="request"):
            await asyncio.sleep(0)
            return number

    async def serve() -> list[int]:
        return await asyncio.gather(*(process(number) for number in range(10)))

    assert asyncio.run(serve()) == list(range(10))
    hiveloop.flush()
    assert len(server.events("task_completed")) == 10


@pytest.mark.parametrize("level", ["debug", "quiet"])
def test_debug_tells_on_standard_error(run_script: Any, level: str) -> None:
    result = run_script(f"""
        import hiveloop
        hb = hiveloop.init(debug={level == "debug"})
        hb.agent("a").event("custom", {{}})
        hiveloop.shutdown()
    """)
    assert result.returncode == 0
    assert ("accepted" in result.stderr) == (level == "debug")


def test_the_logger_is_silent_unless_listened_to() -> None:
    hiveloop.init(api_key=KEY)
    assert any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger("hiveloop").handlers)
